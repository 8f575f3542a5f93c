//! Everything that the sandbox remembers. No HTTP, no clock and no lock: those are the service's.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::error::SandboxError;
use super::ids::Ids;
use super::judge::Violation;
use super::order::Order;
use super::rules;
use super::sent::SentOrder;
use super::task::Document;

/// What the signers do when nobody tells them.
#[derive(Default)]
pub(super) struct Script {
    pub(super) signs_by_themselves: bool,
    /// By the id of the task: with which words its signer rejects it.
    pub(super) rejects: BTreeMap<String, String>,
}

pub(super) struct State {
    pub(super) ids: Ids,
    script: Script,
    packaging_delay: u32,
    documents: BTreeMap<String, Document>,
    /// In the order in which they were archived.
    archive: Vec<(String, Document)>,
    /// By their numbers, which are in the order in which they were created.
    orders: BTreeMap<u64, Order>,
    /// The numbers by the ids.
    numbers: HashMap<String, u64>,
}

impl State {
    pub(super) fn new(ids: Ids, script: Script, packaging_delay: u32) -> State {
        State {
            ids,
            script,
            packaging_delay,
            documents: BTreeMap::new(),
            archive: Vec::new(),
            orders: BTreeMap::new(),
            numbers: HashMap::new(),
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

    fn archive(&mut self, documents: Vec<Document>, now: DateTime<Utc>) {
        for document in documents {
            self.archive.push((self.ids.id(now), document));
        }
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
        let order = Order::new(body, sent, stored, self.packaging_delay, &mut self.ids, now);
        let number = self.orders.last_key_value().map_or(0, |(last, _)| last + 1);
        self.numbers.insert(order.id.clone(), number);
        Ok(self.orders.entry(number).or_insert(order))
    }

    pub(super) fn orders(&self) -> impl Iterator<Item = &Order> {
        self.orders.values()
    }

    pub(super) fn order(&self, order_id: &str) -> Result<&Order, SandboxError> {
        self.orders.get(&self.number(order_id)?).ok_or_else(|| no_such_order(order_id))
    }

    pub(super) fn delete_order(&mut self, order_id: &str) -> Result<(), SandboxError> {
        self.orders.remove(&self.number(order_id)?);
        self.numbers.remove(order_id);
        Ok(())
    }

    /// A new artifact, in the place of the old one if there is one.
    pub(super) fn generate_artifact(
        &mut self,
        order_id: &str,
        task_id: &str,
    ) -> Result<String, SandboxError> {
        self.order(order_id)?.task(task_id)?;
        let artifact = self.ids.artifact();
        self.order_mut(order_id)?.0.artifact = Some(artifact.clone());
        Ok(artifact)
    }

    pub(super) fn poll_packaging(
        &mut self,
        order_id: &str,
        packaging_task_id: &str,
        now: DateTime<Utc>,
    ) -> Result<(), SandboxError> {
        let archived = self.order_mut(order_id)?.0.poll_packaging(packaging_task_id, now);
        self.archive(archived, now);
        Ok(())
    }

    // ---- What signers do ----

    /// An order for its signers to act on, and the ids for what they make.
    pub(super) fn order_mut(&mut self, order_id: &str) -> Result<(&mut Order, &mut Ids), SandboxError> {
        let number = self.number(order_id)?;
        let order = self.orders.get_mut(&number).ok_or_else(|| no_such_order(order_id))?;
        Ok((order, &mut self.ids))
    }

    pub(super) fn sign(
        &mut self,
        order_id: &str,
        task_id: &str,
        now: DateTime<Utc>,
    ) -> Result<(), SandboxError> {
        let archived = self.order_mut(order_id)?.0.sign(task_id, now)?;
        self.archive(archived, now);
        Ok(())
    }

    /// Someone looks at a task: the moment for signers who need no telling. Those whose turn it is not wait.
    pub(super) fn let_signer_act(
        &mut self,
        order_id: &str,
        task_id: &str,
        now: DateTime<Utc>,
    ) -> Result<(), SandboxError> {
        if self.order(order_id)?.check_turn(task_id).is_err() {
            return Ok(());
        }
        match self.script.rejects.get(task_id).cloned() {
            Some(reason) => self.order_mut(order_id)?.0.reject(task_id, &reason, now),
            None if self.script.signs_by_themselves => self.sign(order_id, task_id, now),
            None => Ok(()),
        }
    }

    fn number(&self, order_id: &str) -> Result<u64, SandboxError> {
        self.numbers.get(order_id).copied().ok_or_else(|| no_such_order(order_id))
    }
}

fn no_such_order(order_id: &str) -> SandboxError {
    SandboxError::NoSuchOrder { order_id: order_id.to_owned() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::sandbox::hex::hex;
    use crate::sandbox::order::PackagingState;
    use crate::sandbox::task::TaskStatus;

    const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

    /// A state with one order: kari signs, and ola after her.
    fn two_signers(script: Script, packaging_delay: u32) -> (State, String) {
        let mut state = State::new(Ids::new(0), script, packaging_delay);
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
        let (mut state, id) = two_signers(Script::default(), 1);
        state.sign(&id, "kari", NOW).expect("it is her turn");
        state.poll_packaging(&id, "sealed", NOW).expect("the order is there");
        state.sign(&id, "ola", NOW).expect("it is his turn");
        assert_eq!((packaging(&state, &id), state.archive_ids().count()), ("CREATED", 2));
        state.poll_packaging(&id, "sealed", NOW).expect("the order is there");
        assert_eq!(packaging(&state, &id), "CREATED");
        state.poll_packaging(&id, "sealed", NOW).expect("the order is there");
        assert_eq!((packaging(&state, &id), state.archive_ids().count()), ("COMPLETED", 3));
    }

    #[test]
    fn without_a_delay_nobody_needs_to_ask() {
        let (mut state, id) = two_signers(Script::default(), 0);
        state.sign(&id, "kari", NOW).expect("it is her turn");
        state.sign(&id, "ola", NOW).expect("it is his turn");
        let order = state.order(&id).expect("the order is there");
        let PackagingState::Completed(sealed) = &order.packaging[0].state else {
            panic!("it is not completed")
        };
        assert!(sealed.bytes.starts_with(b"%PDF-"));
    }

    #[test]
    fn a_task_waits_for_its_turn_and_keeps_its_end() {
        let (mut state, id) = two_signers(Script::default(), 0);
        let waits = SandboxError::Waits { task_id: "ola".to_owned(), waits_for: "kari".to_owned() };
        assert_eq!(state.sign(&id, "ola", NOW), Err(waits));
        state.order_mut(&id).expect("the order is there").0.expire("ola").expect("time passes for him too");
        let ended = SandboxError::Final { task_id: "ola".to_owned(), status: "EXPIRED" };
        assert_eq!(state.sign(&id, "ola", NOW), Err(ended));
        state.sign(&id, "kari", NOW).expect("it is her turn");
        state.poll_packaging(&id, "sealed", NOW).expect("the order is there");
        assert_eq!(packaging(&state, &id), "CREATED");
    }

    #[test]
    fn the_recipient_of_a_forwarded_task_decides_it() {
        let (mut state, id) = two_signers(Script::default(), 0);
        let (order, ids) = state.order_mut(&id).expect("the order is there");
        let per = order.forward("kari", "Per", "per@example.com", ids, NOW).expect("it is her turn");
        assert!(matches!(state.sign(&id, "kari", NOW), Err(SandboxError::Forwarded { .. })));
        assert!(matches!(state.sign(&id, "ola", NOW), Err(SandboxError::Waits { .. })));
        state.sign(&id, &per, NOW).expect("the task is his now");
        state.sign(&id, "ola", NOW).expect("it is his turn");
        assert_eq!((status(&state, &id, "kari"), packaging(&state, &id)), (TaskStatus::Created, "COMPLETED"));
    }

    #[test]
    fn signers_act_on_their_own_when_it_is_their_turn() {
        let rejects = BTreeMap::from([("ola".to_owned(), "wrong amount".to_owned())]);
        let (mut state, id) = two_signers(Script { signs_by_themselves: true, rejects }, 0);
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
        let mut state = State::new(Ids::new(0), Script::default(), 0);
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
        state.sign(&id, "kari", NOW).expect("it is her turn");

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
