//! Everything that the sandbox remembers, and what becomes of it. No HTTP, no clock and no lock: those are the
//! service's.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::clock::later;
use super::error::SandboxError;
use super::ids::Ids;
use super::journal::Journal;
use super::judge::Violation;
use super::notification::{About, News, message, still_holds, triggered};
use super::order::{Order, Verb};
use super::outbox::{Message, Outbox};
use super::rules;
use super::sent::{SentNotification, SentOrder};
use super::task::Document;
use super::views::Urls;

/// How long packaging takes at most, however seldom somebody asks.
const PACKAGING_TAKES: TimeDelta = TimeDelta::minutes(1);

/// What happens when nobody tells the sandbox.
#[derive(Default)]
pub(super) struct Script {
    pub(super) signs_by_themselves: bool,
    /// By the id of the task: with which words its signer rejects it.
    pub(super) rejects: BTreeMap<String, String>,
    /// In questions for its status.
    pub(super) packaging_delay: u32,
    /// The packaging tasks that end badly.
    pub(super) failing_packaging: BTreeSet<String>,
}

pub(super) struct State {
    pub(super) ids: Ids,
    pub(super) urls: Urls,
    pub(super) journal: Journal,
    pub(super) outbox: Outbox,
    script: Script,
    documents: BTreeMap<String, Document>,
    /// In the order in which they were archived.
    archive: Vec<(String, Document)>,
    /// By their numbers, which are in the order in which they were created.
    orders: BTreeMap<u64, Order>,
    /// The numbers by the ids.
    numbers: HashMap<String, u64>,
    /// The orders' numbers and the tasks' ids, by what makes the signing URLs secret.
    signing: HashMap<String, (u64, String)>,
    /// The client references and the ids of all orders that were ever created.
    created: Vec<(Option<String>, String)>,
    /// What is to come, by when. What is due at the same time comes in the order in which it was planned.
    agenda: BTreeMap<(DateTime<Utc>, u64), Due>,
    planned: u64,
}

/// Something that time brings, unless the order is gone by then.
struct Due {
    /// The order's number.
    order: u64,
    what: What,
}

enum What {
    Expiry {
        task_id: String,
    },
    Notification(Box<(News, SentNotification)>),
    /// Packaging is done by then, whether or not anybody has asked.
    Packaging,
    Deletion,
}

impl State {
    pub(super) fn new(ids: Ids, script: Script, urls: Urls, journal: Journal, outbox: Outbox) -> State {
        State {
            ids,
            urls,
            journal,
            outbox,
            script,
            documents: BTreeMap::new(),
            archive: Vec::new(),
            orders: BTreeMap::new(),
            numbers: HashMap::new(),
            signing: HashMap::new(),
            created: Vec::new(),
            agenda: BTreeMap::new(),
            planned: 0,
        }
    }

    // ---- Documents ----

    pub(super) fn upload(&mut self, document: Document, now: DateTime<Utc>) -> String {
        let id = self.ids.id(now);
        self.documents.insert(id.clone(), document);
        id
    }

    pub(super) fn document(&self, document_id: &str) -> Option<&Document> {
        self.documents.get(document_id)
    }

    pub(super) fn delete_document(&mut self, document_id: &str) -> Option<Document> {
        self.documents.remove(document_id)
    }

    pub(super) fn archived(&self, archive_id: &str) -> Option<&Document> {
        self.archive.iter().find(|(id, _)| id == archive_id).map(|(_, document)| document)
    }

    pub(super) fn archive_ids(&self) -> impl Iterator<Item = &String> {
        self.archive.iter().map(|(id, _)| id)
    }

    pub(super) fn delete_archived(&mut self, archive_id: &str) -> Option<Document> {
        let position = self.archive.iter().position(|(id, _)| id == archive_id)?;
        Some(self.archive.remove(position).1)
    }

    // ---- Orders ----

    /// Creates an order from a body that the judge has passed.
    pub(super) fn create_order(&mut self, body: Value, now: DateTime<Utc>) -> Result<&Order, Vec<Violation>> {
        let sent: SentOrder = serde_json::from_value(body.clone()).map_err(|error| {
            vec![Violation::new("", format!("the sandbox can't read the order: {error}"))]
        })?;
        let violations = rules::violations(&sent, |id| self.documents.contains_key(id));
        if !violations.is_empty() {
            return Err(violations);
        }
        let stored = |id: &str| self.documents.get(id).cloned();
        let order = Order::new(body, sent, stored, &self.script, &mut self.ids, now);
        let number = self.orders.last_key_value().map_or(0, |(last, _)| last + 1);
        self.numbers.insert(order.id.clone(), number);
        self.created.push((order.client_reference.clone(), order.id.clone()));
        self.orders.insert(number, order);
        for task in 0..self.orders[&number].tasks.len() {
            self.enrol(number, task);
        }
        if let Some(time) = self.orders[&number].deletion() {
            self.plan(time, Due { order: number, what: What::Deletion });
        }
        self.settle(number, now);
        Ok(&self.orders[&number])
    }

    pub(super) fn orders(&self) -> impl Iterator<Item = &Order> {
        self.orders.values()
    }

    /// The ids of all orders with this client reference that were ever created, be they deleted since.
    pub(super) fn created_with(&self, client_reference: &str) -> impl Iterator<Item = &str> {
        let created = self.created.iter();
        created
            .filter(move |(reference, _)| reference.as_deref() == Some(client_reference))
            .map(|(_, order_id)| order_id.as_str())
    }

    pub(super) fn order(&self, order_id: &str) -> Result<&Order, SandboxError> {
        self.orders.get(&self.number(order_id)?).ok_or_else(|| no_such_order(order_id))
    }

    pub(super) fn delete_order(&mut self, order_id: &str) -> Result<(), SandboxError> {
        self.remove(self.number(order_id)?);
        Ok(())
    }

    /// A new artifact, in the place of the old one if there is one.
    pub(super) fn generate_artifact(
        &mut self,
        order_id: &str,
        task_id: &str,
    ) -> Result<String, SandboxError> {
        self.order(order_id)?.task(task_id)?;
        let (_, order, ids) = self.order_mut(order_id)?;
        let artifact = ids.artifact();
        order.artifact = Some(artifact.clone());
        Ok(artifact)
    }

    pub(super) fn poll_packaging(
        &mut self,
        order_id: &str,
        packaging_task_id: &str,
        now: DateTime<Utc>,
    ) -> Result<(), SandboxError> {
        let (number, order, _) = self.order_mut(order_id)?;
        order.poll_packaging(packaging_task_id, now);
        self.settle(number, now);
        Ok(())
    }

    // ---- What signers do ----

    pub(super) fn perform(
        &mut self,
        order_id: &str,
        task_id: &str,
        verb: &Verb<'_>,
        now: DateTime<Utc>,
    ) -> Result<(), SandboxError> {
        let (number, order, _) = self.order_mut(order_id)?;
        order.perform(task_id, verb, now)?;
        self.journal.note(now, format!("{task_id} {verb} (order {order_id})"));
        self.settle(number, now);
        Ok(())
    }

    /// Hands a task over to someone else, and returns the id of theirs.
    pub(super) fn forward(
        &mut self,
        order_id: &str,
        task_id: &str,
        (name, email): (&str, &str),
        now: DateTime<Utc>,
    ) -> Result<String, SandboxError> {
        let (number, order, ids) = self.order_mut(order_id)?;
        let new_id = order.forward(task_id, name, email, ids, now)?;
        // It was added at the end.
        let new = order.tasks.len() - 1;
        self.enrol(number, new);
        self.journal
            .note(now, format!("{task_id} forwards the task, which becomes {new_id} (order {order_id})"));
        self.settle(number, now);
        Ok(new_id)
    }

    /// The order and the task that a signing URL leads to.
    pub(super) fn signed_at(&self, secret: &str) -> Option<(&Order, &str)> {
        let (number, task_id) = self.signing.get(secret)?;
        Some((self.orders.get(number)?, task_id))
    }

    /// Someone looks at a task: the moment for signers who need no telling. Those whose turn it is not wait.
    pub(super) fn let_signer_act(
        &mut self,
        order_id: &str,
        task_id: &str,
        now: DateTime<Utc>,
    ) -> Result<(), SandboxError> {
        let reason = self.script.rejects.get(task_id).cloned();
        let verb = match &reason {
            Some(reason) => Verb::Reject(reason),
            None if self.script.signs_by_themselves => Verb::Sign,
            None => return Ok(()),
        };
        if self.order(order_id)?.check_turn(task_id).is_err() {
            return Ok(());
        }
        self.perform(order_id, task_id, &verb, now)
    }

    fn order_mut(&mut self, order_id: &str) -> Result<(u64, &mut Order, &mut Ids), SandboxError> {
        let number = self.number(order_id)?;
        let order = self.orders.get_mut(&number).ok_or_else(|| no_such_order(order_id))?;
        Ok((number, order, &mut self.ids))
    }

    fn number(&self, order_id: &str) -> Result<u64, SandboxError> {
        self.numbers.get(order_id).copied().ok_or_else(|| no_such_order(order_id))
    }

    fn remove(&mut self, number: u64) {
        let Some(order) = self.orders.remove(&number) else { return };
        self.numbers.remove(&order.id);
        for task in &order.tasks {
            self.signing.remove(&task.signing_secret);
        }
    }

    // ---- What follows from it ----

    /// Lets everything happen that was to happen by now.
    pub(super) fn catch_up(&mut self, now: DateTime<Utc>) {
        while let Some(next) = self.agenda.first_entry()
            && next.key().0 <= now
        {
            let ((time, _), Due { order: number, what }) = next.remove_entry();
            let Some(order) = self.orders.get(&number) else { continue };
            match what {
                What::Expiry { task_id } => {
                    let order_id = order.id.clone();
                    // One that is done, or is someone else's by now, does not expire.
                    let _ = self.perform(&order_id, &task_id, &Verb::Expire, time);
                }
                What::Notification(planned) => {
                    let (news, notification) = *planned;
                    if still_holds(order, &news) {
                        self.send(number, &news.about, &notification, time);
                    }
                }
                What::Packaging => {
                    if let Some(order) = self.orders.get_mut(&number) {
                        order.finish_packaging(time);
                        self.settle(number, time);
                    }
                }
                What::Deletion => {
                    self.journal.note(time, format!("order {} is deleted: its days are over", order.id));
                    self.remove(number);
                }
            }
        }
    }

    fn plan(&mut self, time: DateTime<Utc>, due: Due) {
        self.planned += 1;
        self.agenda.insert((time, self.planned), due);
    }

    /// A task is there: it can be found by its signing URL, and its days are counted.
    fn enrol(&mut self, number: u64, task: usize) {
        let order = &self.orders[&number];
        let task = &order.tasks[task];
        let task_id = task.id().to_owned();
        let expiry = order.expiry(task);
        self.signing.insert(task.signing_secret.clone(), (number, task_id.clone()));
        if let Some(time) = expiry {
            self.plan(time, Due { order: number, what: What::Expiry { task_id } });
        }
    }

    /// Something has happened to an order: archives what is to be archived, and tells those who are to be told.
    fn settle(&mut self, number: u64, now: DateTime<Utc>) {
        let Some(order) = self.orders.get_mut(&number) else { return };
        for document in order.take_archived() {
            self.archive.push((self.ids.id(now), document));
        }
        for news in order.take_news() {
            if let News { about: About::Packaging(_), trigger: "CREATED" } = &news {
                self.plan(later(now, PACKAGING_TAKES), Due { order: number, what: What::Packaging });
            }
            let triggered = triggered(&self.orders[&number], &news);
            let triggered: Vec<_> =
                triggered.map(|(notification, delay)| (notification.clone(), delay)).collect();
            for (notification, delay) in triggered {
                if delay.is_zero() {
                    self.send(number, &news.about, &notification, now);
                } else {
                    let what = What::Notification(Box::new((news.clone(), notification)));
                    self.plan(later(now, delay), Due { order: number, what });
                }
            }
        }
    }

    fn send(&mut self, number: u64, about: &About, notification: &SentNotification, now: DateTime<Utc>) {
        let Some(order) = self.orders.get_mut(&number) else { return };
        let mut signing_url = None;
        if let About::Task(id) = about
            && let Ok(task) = order.task_mut(id)
        {
            signing_url = Some(self.urls.signing(task));
            task.notified(
                notification.notification_type.as_deref().unwrap_or_default(),
                notification.recipient.as_deref().unwrap_or_default(),
                now,
            );
        }
        let message = message(order, about, notification, signing_url.as_deref(), now);
        let about = match about {
            About::Order => "the order".to_owned(),
            About::Task(id) | About::Packaging(id) => id.clone(),
        };
        let Message { notification_type, order_id, .. } = &message;
        self.journal.note(now, format!("{notification_type} sent about {about} (order {order_id})"));
        self.outbox.send(message);
    }
}

fn no_such_order(order_id: &str) -> SandboxError {
    SandboxError::NoSuchOrder { order_id: order_id.to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use sha2::{Digest, Sha256};
    use tokio::sync::mpsc;

    use super::*;
    use crate::sandbox::hex::hex;
    use crate::sandbox::order::PackagingState;
    use crate::sandbox::task::TaskStatus;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn new(script: Script) -> State {
        let (post, _) = mpsc::unbounded_channel();
        State::new(Ids::new(0), script, Urls { origin: String::new() }, Journal::default(), Outbox::new(post))
    }

    /// A state with one order: kari signs, and ola after her.
    fn two_signers(script: Script) -> (State, String) {
        let mut state = new(script);
        let stored =
            state.upload(Document { bytes: "text".into(), media_type: "text/plain".to_owned() }, NOW);
        let document = json!({
            "id": "loan", "action": "SIGN", "source": "SESSION", "documentRef": stored, "sendResultToArchive": true,
        });
        let body = json!({
            "tasks": [
                { "id": "kari", "documents": [document] },
                { "id": "ola", "documents": [document], "dependsOnTasks": ["kari"] },
            ],
            "packagingTasks": [{
                "id": "sealed",
                "method": "pades",
                "sendToArchive": true,
                "documents": [{ "taskId": "kari", "documentIds": ["loan"] }, { "taskId": "ola", "documentIds": ["loan"] }],
            }],
        });
        let Ok(order) = state.create_order(body, NOW) else { panic!("the order is good") };
        let id = order.id.clone();
        (state, id)
    }

    fn status(state: &State, order_id: &str, task_id: &str) -> TaskStatus {
        state.order(order_id).and_then(|order| order.task(task_id)).expect("the task is there").status
    }

    fn packaging(state: &State, order_id: &str) -> &'static str {
        let order = state.order(order_id).expect("the order is there");
        order.packaging("sealed").expect("the packaging task is there").state.as_str()
    }

    #[test]
    fn packaging_waits_for_the_last_task_and_then_a_while() {
        let (mut state, id) = two_signers(Script { packaging_delay: 1, ..Script::default() });
        state.perform(&id, "kari", &Verb::Sign, NOW).expect("it is her turn");
        state.poll_packaging(&id, "sealed", NOW).expect("the order is there");
        state.perform(&id, "ola", &Verb::Sign, NOW).expect("it is his turn");
        assert_eq!((packaging(&state, &id), state.archive_ids().count()), ("CREATED", 2));
        state.poll_packaging(&id, "sealed", NOW).expect("the order is there");
        assert_eq!(packaging(&state, &id), "CREATED");
        state.poll_packaging(&id, "sealed", NOW).expect("the order is there");
        assert_eq!((packaging(&state, &id), state.archive_ids().count()), ("COMPLETED", 3));
    }

    #[test]
    fn without_a_delay_nobody_needs_to_ask() {
        let (mut state, id) = two_signers(Script::default());
        state.perform(&id, "kari", &Verb::Sign, NOW).expect("it is her turn");
        state.perform(&id, "ola", &Verb::Sign, NOW).expect("it is his turn");
        let order = state.order(&id).expect("the order is there");
        let PackagingState::Completed(sealed) = &order.packaging[0].state else {
            panic!("it is not completed")
        };
        assert!(sealed.bytes.starts_with(b"%PDF-"));
    }

    #[test]
    fn a_task_waits_for_its_turn_and_keeps_its_end() {
        let (mut state, id) = two_signers(Script::default());
        let waits = SandboxError::Waits { task_id: "ola".to_owned(), waits_for: "kari".to_owned() };
        assert_eq!(state.perform(&id, "ola", &Verb::Sign, NOW), Err(waits));
        state.perform(&id, "ola", &Verb::Expire, NOW).expect("time passes for him too");
        let ended = SandboxError::Final { task_id: "ola".to_owned(), status: "EXPIRED" };
        assert_eq!(state.perform(&id, "ola", &Verb::Sign, NOW), Err(ended));
        state.perform(&id, "kari", &Verb::Sign, NOW).expect("it is her turn");
        state.poll_packaging(&id, "sealed", NOW).expect("the order is there");
        assert_eq!(packaging(&state, &id), "CREATED");
    }

    #[test]
    fn the_recipient_of_a_forwarded_task_decides_it() {
        let (mut state, id) = two_signers(Script::default());
        let per = state.forward(&id, "kari", ("Per", "per@example.com"), NOW).expect("it is her turn");
        assert!(matches!(state.perform(&id, "kari", &Verb::Sign, NOW), Err(SandboxError::Forwarded { .. })));
        assert!(matches!(state.perform(&id, "ola", &Verb::Sign, NOW), Err(SandboxError::Waits { .. })));
        state.perform(&id, &per, &Verb::Sign, NOW).expect("the task is his now");
        state.perform(&id, "ola", &Verb::Sign, NOW).expect("it is his turn");
        assert_eq!((status(&state, &id, "kari"), packaging(&state, &id)), (TaskStatus::Created, "COMPLETED"));
    }

    #[test]
    fn signers_act_on_their_own_when_it_is_their_turn() {
        let rejects = BTreeMap::from([("ola".to_owned(), "wrong amount".to_owned())]);
        let (mut state, id) = two_signers(Script { signs_by_themselves: true, rejects, ..Script::default() });
        for (task_id, expected) in
            [("ola", TaskStatus::Created), ("kari", TaskStatus::Completed), ("ola", TaskStatus::Rejected)]
        {
            state.let_signer_act(&id, task_id, NOW).expect("the order is there");
            assert_eq!(status(&state, &id, task_id), expected);
        }
        let order = state.order(&id).expect("the order is there");
        let events = |task_id| {
            order.task(task_id).map(|task| task.events.iter().map(|event| event.event_type).collect())
        };
        assert_eq!(
            events("kari"),
            Ok(vec!["TASK_CREATED", "TASK_STARTED", "DOCUMENT_SIGNED", "TASK_COMPLETED"])
        );
        assert_eq!(events("ola"), Ok(vec!["TASK_CREATED", "TASK_STARTED", "TASK_REJECTED"]));
    }

    #[test]
    fn a_document_that_its_signer_brings_is_there_to_be_signed() {
        let mut state = new(Script::default());
        let document = |id| json!({ "id": id, "action": "SIGN", "source": "UPLOAD" });
        let body = json!({
            "tasks": [{ "id": "kari", "documents": [document("id-card"), document("payslip")] }],
            "packagingTasks": [{
                "id": "sealed",
                "method": "pades",
                "documents": [{ "taskId": "kari", "documentIds": ["id-card", "payslip"] }],
            }],
        });
        let Ok(order) = state.create_order(body, NOW) else { panic!("the order is good") };
        let id = order.id.clone();
        state.perform(&id, "kari", &Verb::Sign, NOW).expect("it is her turn");

        let order = state.order(&id).expect("the order is there");
        let task = order.task("kari").expect("the task is there");
        let happened: Vec<_> = task.events.iter().map(|event| event.event_type).collect();
        let both = ["DOCUMENT_UPLOADED", "DOCUMENT_SIGNED", "DOCUMENT_UPLOADED", "DOCUMENT_SIGNED"];
        assert_eq!(happened[2..6], both);
        let payslip = task.document("payslip").expect("the document is there");
        let original = payslip.original.as_ref().expect("she has brought it");
        let evidence = payslip.result.as_ref().expect("it is signed");
        let digest = hex(&Sha256::digest(&original.bytes));
        assert!(String::from_utf8_lossy(&evidence.bytes).contains(&digest));
        let PackagingState::Completed(sealed) = &order.packaging[0].state else {
            panic!("it is not completed")
        };
        let sealed = lopdf::Document::load_mem(&sealed.bytes).expect("the file can be read");
        let text = sealed.extract_text(&[1, 2]).expect("the pages have text");
        assert!(text.contains("Document: id-card") && text.contains("Document: payslip"), "{text}");
    }
}
