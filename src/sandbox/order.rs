//! A signing order's life: its tasks, their sequence, and what is packaged in the end.

use std::{fmt, mem};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::clock::later;
use super::error::SandboxError;
use super::ids::Ids;
use super::notification::{About, News};
use super::pdf;
use super::sent::{SentMethod, SentNotification, SentOrder, SentPackagingTask};
use super::state::Script;
use super::task::{Document, Forward, Task, TaskDocument, TaskStatus};

pub(super) struct Order {
    pub(super) id: String,
    /// As it was sent; it is echoed.
    pub(super) body: Value,
    pub(super) client_reference: Option<String>,
    pub(super) artifact: Option<String>,
    pub(super) tasks: Vec<Task>,
    pub(super) packaging: Vec<Packaging>,
    pub(super) notifications: Vec<SentNotification>,
    days_until_deletion: Option<i32>,
    created: DateTime<Utc>,
    /// Whether what people wait for when all tasks are completed has been told.
    completion_told: bool,
    /// What is to be archived.
    archived: Vec<Document>,
}

/// What a signer can do with a task. To hand it over to someone else is a matter of its own: [`Order::forward`].
pub(super) enum Verb<'v> {
    Open,
    Sign,
    Reject(&'v str),
    Postpone,
    /// Lets the time pass, whether or not it is the task's turn.
    Expire,
}

impl fmt::Display for Verb<'_> {
    /// In the log. A reason is the signer's own words, and stays out of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Verb::Open => "opens the task",
            Verb::Sign => "signs",
            Verb::Reject(_) => "rejects",
            Verb::Postpone => "postpones",
            Verb::Expire => "has let the days pass",
        })
    }
}

pub(super) struct Packaging {
    pub(super) sent: SentPackagingTask,
    /// Whether it is to end badly.
    fails: bool,
    /// What has been told of it: nothing, that it is at work, or how it ended.
    told: &'static str,
    /// How often its status must still be asked for, once all tasks are completed, until it is done.
    polls_left: u32,
    pub(super) state: PackagingState,
}

pub(super) enum PackagingState {
    Created,
    Completed(Document),
    Failed,
}

impl PackagingState {
    pub(super) fn as_str(&self) -> &'static str {
        match self {
            PackagingState::Created => "CREATED",
            PackagingState::Completed(_) => "COMPLETED",
            PackagingState::Failed => "FAILED",
        }
    }
}

impl Order {
    /// `stored` gives the documents that the order refers to. The order keeps copies of its own, so that they
    /// may be deleted from the storage.
    pub(super) fn new(
        body: Value,
        sent: SentOrder,
        stored: impl Fn(&str) -> Option<Document>,
        script: &Script,
        ids: &mut Ids,
        now: DateTime<Utc>,
    ) -> Order {
        let artifact = sent.tasks.iter().any(|task| task.authentication.artifact).then(|| ids.artifact());
        let tasks = sent.tasks.into_iter().map(|task| {
            let documents = task.documents.iter().map(|document| TaskDocument {
                sent: document.clone(),
                original: document.document_ref.as_deref().and_then(&stored),
                result: None,
            });
            let documents = documents.collect();
            Task::new(task, documents, ids.secret(), now)
        });
        let tasks = tasks.collect();
        let packaging = sent.packaging_tasks.into_iter().map(|sent| Packaging {
            fails: script.failing_packaging.contains(&sent.id),
            told: "",
            sent,
            polls_left: script.packaging_delay,
            state: PackagingState::Created,
        });
        Order {
            id: ids.id(now),
            body,
            client_reference: sent.client_reference,
            artifact,
            tasks,
            packaging: packaging.collect(),
            notifications: sent.notifications,
            days_until_deletion: sent.days_until_deletion,
            created: now,
            completion_told: false,
            archived: Vec::new(),
        }
    }

    pub(super) fn task(&self, task_id: &str) -> Result<&Task, SandboxError> {
        Ok(&self.tasks[self.position(task_id)?])
    }

    pub(super) fn packaging(&self, packaging_task_id: &str) -> Option<&Packaging> {
        self.packaging.iter().find(|packaging| packaging.sent.id == packaging_task_id)
    }

    // ---- What a signer does ----

    pub(super) fn perform(
        &mut self,
        task_id: &str,
        verb: &Verb<'_>,
        now: DateTime<Utc>,
    ) -> Result<(), SandboxError> {
        if let Verb::Expire = verb {
            self.unfinished_task(task_id)?.expire();
            return Ok(());
        }
        let order_id = self.id.clone();
        let task = self.task_in_turn(task_id)?;
        match verb {
            Verb::Open => task.open(now),
            Verb::Sign => {
                task.complete(&order_id, now);
                let results = task.documents.iter().filter(|document| document.sent.send_result_to_archive);
                let results: Vec<_> = results.filter_map(|document| document.result.clone()).collect();
                self.archived.extend(results);
                self.package(now);
            }
            Verb::Reject(reason) => task.reject(reason, now),
            Verb::Postpone => task.postpone(now),
            Verb::Expire => {}
        }
        Ok(())
    }

    /// Makes a task for the recipient and returns its id. The original stays as it is: whether it is done is
    /// for the new one to say.
    pub(super) fn forward(
        &mut self,
        task_id: &str,
        recipient_name: &str,
        recipient_email: &str,
        ids: &mut Ids,
        now: DateTime<Utc>,
    ) -> Result<String, SandboxError> {
        let original = self.task_in_turn(task_id)?;
        let new_id = ids.id(now);
        let mut sent = original.sent.clone();
        sent.id.clone_from(&new_id);
        // What was meant for the first signer alone goes to the new one, or to nobody.
        sent.notifications.retain(|notification| notification.notification_type.as_deref() != Some("SMS"));
        for notification in &mut sent.notifications {
            if notification.notification_type.as_deref() == Some("EMAIL") {
                notification.recipient = Some(recipient_email.to_owned());
            }
        }
        let forward = Forward {
            task_id: new_id.clone(),
            recipient_name: recipient_name.to_owned(),
            recipient_email: recipient_email.to_owned(),
        };
        original.hand_over(forward, now);
        let new = Task::new(sent, original.documents.clone(), ids.secret(), now);
        self.tasks.push(new);
        Ok(new_id)
    }

    // ---- What time does ----

    /// When a task expires, if the order says. Its days are counted from the order's creation.
    pub(super) fn expiry(&self, task: &Task) -> Option<DateTime<Utc>> {
        Some(later(self.created, days(task.sent.days_to_live?)))
    }

    /// When all of it goes, but what is archived: days after the last task's. Without those it stays.
    pub(super) fn deletion(&self) -> Option<DateTime<Utc>> {
        let expiries: Option<Vec<_>> = self.tasks.iter().map(|task| self.expiry(task)).collect();
        Some(later(expiries?.into_iter().max()?, days(self.days_until_deletion?)))
    }

    // ---- What others are told ----

    /// What has happened since this was asked last. A task is news to its signer when it is their turn.
    pub(super) fn take_news(&mut self) -> Vec<News> {
        let mut all = Vec::new();
        for task in &mut self.tasks {
            let about = About::Task(task.id().to_owned());
            all.extend(task.take_news().into_iter().map(|trigger| News { about: about.clone(), trigger }));
        }
        for index in 0..self.tasks.len() {
            if !self.tasks[index].is_announced && self.check_turn(self.tasks[index].id()).is_ok() {
                let task = &mut self.tasks[index];
                task.is_announced = true;
                all.push(News { about: About::Task(task.id().to_owned()), trigger: "CREATED" });
            }
        }
        if self.tasks_are_completed() {
            if !mem::replace(&mut self.completion_told, true) {
                all.push(News { about: About::Order, trigger: "COMPLETED" });
            }
            for packaging in &mut self.packaging {
                // It begins when the last task is completed, and is told of then.
                let since = match packaging.told {
                    "" => &["CREATED", packaging.state.as_str()][..],
                    _ => &[packaging.state.as_str()],
                };
                for trigger in since.iter().copied() {
                    if mem::replace(&mut packaging.told, trigger) != trigger {
                        all.push(News { about: About::Packaging(packaging.sent.id.clone()), trigger });
                    }
                }
            }
        }
        all
    }

    /// What is to be archived and has not been.
    pub(super) fn take_archived(&mut self) -> Vec<Document> {
        mem::take(&mut self.archived)
    }

    pub(super) fn task_mut(&mut self, task_id: &str) -> Result<&mut Task, SandboxError> {
        let position = self.position(task_id)?;
        Ok(&mut self.tasks[position])
    }

    // ---- Packaging ----

    /// Someone asks how far a packaging task is. It starts with the last task's completion and then takes its
    /// time, counted in questions.
    pub(super) fn poll_packaging(&mut self, packaging_task_id: &str, now: DateTime<Utc>) {
        let is_running = self.tasks_are_completed();
        match self.packaging.iter_mut().find(|packaging| packaging.sent.id == packaging_task_id) {
            Some(packaging) if is_running && packaging.polls_left > 0 => {
                packaging.polls_left -= 1;
            }
            _ => self.package(now),
        }
    }

    /// It has had its time.
    pub(super) fn finish_packaging(&mut self, now: DateTime<Utc>) {
        for packaging in &mut self.packaging {
            packaging.polls_left = 0;
        }
        self.package(now);
    }

    /// Does the packaging that is due. A task that was rejected or has expired means that none ever is.
    fn package(&mut self, now: DateTime<Utc>) {
        if !self.tasks_are_completed() {
            return;
        }
        for index in 0..self.packaging.len() {
            let packaging = &self.packaging[index];
            if packaging.polls_left > 0 || !matches!(packaging.state, PackagingState::Created) {
                continue;
            }
            self.packaging[index].state = match self.seal(&packaging.sent, now) {
                Ok(sealed) if !packaging.fails => {
                    self.archived.extend(packaging.sent.send_to_archive.then(|| sealed.clone()));
                    PackagingState::Completed(sealed)
                }
                _ => PackagingState::Failed,
            };
        }
    }

    fn seal(&self, packaging: &SentPackagingTask, now: DateTime<Utc>) -> lopdf::Result<Document> {
        let mut documents: Vec<&[u8]> = Vec::new();
        let mut evidence = vec![format!("Order: {}", self.id), format!("Packaging task: {}", packaging.id)];
        for listed in &packaging.documents {
            // The rules have seen to it that the task exists.
            let Some(task) = self.deciding_task(&listed.task_id) else { continue };
            let listed_documents = || listed.document_ids.iter().filter_map(|id| task.document(id));
            for document in listed_documents().filter_map(|document| document.original.as_ref()) {
                // Two signers' copies of one document are one document.
                if !documents.contains(&&*document.bytes) {
                    documents.push(&document.bytes);
                }
            }
            let methods: Vec<_> = task.sent.signature_methods.iter().map(SentMethod::label).collect();
            let ids: Vec<_> = listed_documents().map(|document| document.sent.id.as_str()).collect();
            evidence.push(String::new());
            evidence.push(format!("Task: {}", task.id()));
            if task.id() != listed.task_id {
                evidence.push(format!("Forwarded from: {}", listed.task_id));
            }
            evidence.push(format!("Documents: {}", ids.join(", ")));
            evidence.push(format!("Methods: {}", methods.join(", ")));
            evidence
                .extend(task.completed_at().map(|time| format!("Completed: {}", time.format("%F %T UTC"))));
        }
        pdf::seal(&documents, &evidence, now)
    }

    // ---- Who may do what, and when ----

    /// A forwarded task is decided by the task that it was forwarded to.
    fn deciding_task(&self, task_id: &str) -> Option<&Task> {
        let mut task = self.task(task_id).ok()?;
        while let Some(forward) = &task.forward {
            task = self.task(&forward.task_id).ok()?;
        }
        Some(task)
    }

    fn is_completed(&self, task_id: &str) -> bool {
        self.deciding_task(task_id).is_some_and(|task| task.status == TaskStatus::Completed)
    }

    fn tasks_are_completed(&self) -> bool {
        self.tasks.iter().all(|task| self.is_completed(task.id()))
    }

    /// Whether the signer of this task could act on it now.
    pub(super) fn check_turn(&self, task_id: &str) -> Result<(), SandboxError> {
        let task = self.task(task_id)?;
        if let Some(forward) = &task.forward {
            return Err(SandboxError::Forwarded {
                task_id: task_id.to_owned(),
                forwarded_to: forward.task_id.clone(),
            });
        }
        if task.status != TaskStatus::Created {
            return Err(SandboxError::Final { task_id: task_id.to_owned(), status: task.status.as_str() });
        }
        match task.sent.depends_on_tasks.iter().find(|first| !self.is_completed(first)) {
            Some(first) => Err(SandboxError::Waits { task_id: task_id.to_owned(), waits_for: first.clone() }),
            None => Ok(()),
        }
    }

    fn task_in_turn(&mut self, task_id: &str) -> Result<&mut Task, SandboxError> {
        self.check_turn(task_id)?;
        self.task_mut(task_id)
    }

    fn unfinished_task(&mut self, task_id: &str) -> Result<&mut Task, SandboxError> {
        match self.check_turn(task_id) {
            Ok(()) | Err(SandboxError::Waits { .. }) => self.task_mut(task_id),
            Err(error) => Err(error),
        }
    }

    fn position(&self, task_id: &str) -> Result<usize, SandboxError> {
        let position = self.tasks.iter().position(|task| task.id() == task_id);
        position.ok_or_else(|| SandboxError::NoSuchTask { task_id: task_id.to_owned() })
    }
}

/// A number of days that is negative is none.
fn days(number: i32) -> TimeDelta {
    TimeDelta::days(number.max(0).into())
}
