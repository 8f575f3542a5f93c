//! One signer's task: what happens to it, and what it remembers of that.

use std::mem;

use bytes::Bytes;
use chrono::{DateTime, Utc};

use super::placeholders::fill;
use super::sent::{Action, SentDocument, SentTask, Source};
use super::views::segment;
use super::{evidence, pdf};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TaskStatus {
    Created,
    Completed,
    Rejected,
    Expired,
}

impl TaskStatus {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            TaskStatus::Created => "CREATED",
            TaskStatus::Completed => "COMPLETED",
            TaskStatus::Rejected => "REJECTED",
            TaskStatus::Expired => "EXPIRED",
        }
    }
}

pub(super) struct Event {
    pub(super) event_type: &'static str,
    pub(super) time: DateTime<Utc>,
    pub(super) data: Option<String>,
}

/// A document's bytes and what they are.
#[derive(Clone)]
pub(super) struct Document {
    pub(super) bytes: Bytes,
    pub(super) media_type: String,
}

#[derive(Clone)]
pub(super) struct TaskDocument {
    pub(super) sent: SentDocument,
    /// None until the signer has uploaded it, where that is what is asked.
    pub(super) original: Option<Document>,
    /// The evidence of the signature, once there is one.
    pub(super) result: Option<Document>,
}

/// To whom a task was handed over.
pub(super) struct Forward {
    pub(super) task_id: String,
    pub(super) recipient_name: String,
    pub(super) recipient_email: String,
}

pub(super) struct Task {
    pub(super) sent: SentTask,
    /// What makes its signing URL one that nobody can guess.
    pub(super) signing_secret: String,
    pub(super) status: TaskStatus,
    pub(super) documents: Vec<TaskDocument>,
    pub(super) events: Vec<Event>,
    pub(super) reject_reason: Option<String>,
    pub(super) forward: Option<Forward>,
    /// Whether its signer has been told of it.
    pub(super) is_announced: bool,
    /// What the signer did last, once they have left.
    left: Option<Leave>,
    /// What has happened since someone asked, as the API spells its triggers.
    news: Vec<&'static str>,
}

/// How a signer leaves a task.
#[derive(Clone, Copy)]
enum Leave {
    Complete,
    Reject,
    Postpone,
}

impl Task {
    pub(super) fn new(
        sent: SentTask,
        documents: Vec<TaskDocument>,
        signing_secret: String,
        now: DateTime<Utc>,
    ) -> Task {
        let mut task = Task {
            sent,
            signing_secret,
            status: TaskStatus::Created,
            documents,
            events: Vec::new(),
            reject_reason: None,
            forward: None,
            is_announced: false,
            left: None,
            news: Vec::new(),
        };
        task.note("TASK_CREATED", None, now);
        task
    }

    pub(super) fn id(&self) -> &str {
        &self.sent.id
    }

    pub(super) fn document(&self, id: &str) -> Option<&TaskDocument> {
        self.documents.iter().find(|document| document.sent.id == id)
    }

    /// When the task was completed, if it was.
    pub(super) fn completed_at(&self) -> Option<DateTime<Utc>> {
        self.events.iter().find(|event| event.event_type == "TASK_COMPLETED").map(|event| event.time)
    }

    pub(super) fn open(&mut self, now: DateTime<Utc>) {
        self.start(now);
        self.left = None;
    }

    fn start(&mut self, now: DateTime<Utc>) {
        if self.events.iter().any(|event| event.event_type == "TASK_STARTED") {
            return;
        }
        self.note("TASK_STARTED", None, now);
        self.news.push("STARTED");
        if !self.sent.authentication.methods.is_empty() {
            self.note("USER_AUTHENTICATED", None, now);
        }
    }

    /// Does with every document what the order asks for, and completes the task.
    pub(super) fn complete(&mut self, order_id: &str, now: DateTime<Utc>) {
        self.start(now);
        let mut documents = mem::take(&mut self.documents);
        for document in &mut documents {
            let about = Some(format!("Document {}", document.sent.id));
            let SentDocument { id, action, source, .. } = &document.sent;
            // Where the source is UPLOAD the signer brings the document, whatever else is to be done with it.
            if *action == Action::Upload || (*source == Source::Upload && *action != Action::Other) {
                document.original = pdf::uploaded_by_signer(self.id(), id).ok();
                self.note("DOCUMENT_UPLOADED", about.clone(), now);
            }
            match action {
                Action::Sign => {
                    document.result = Some(evidence::of_signature(order_id, self, document, now));
                    self.note("DOCUMENT_SIGNED", about, now);
                }
                Action::View => self.note("DOCUMENT_VIEWED", about, now),
                Action::Upload | Action::Other => {}
            }
        }
        self.documents = documents;
        self.status = TaskStatus::Completed;
        self.left = Some(Leave::Complete);
        self.note("TASK_COMPLETED", None, now);
        self.news.push("COMPLETED");
    }

    pub(super) fn reject(&mut self, reason: &str, now: DateTime<Utc>) {
        self.start(now);
        self.status = TaskStatus::Rejected;
        self.reject_reason = Some(reason.to_owned());
        self.left = Some(Leave::Reject);
        self.note("TASK_REJECTED", None, now);
        self.news.push("REJECTED");
    }

    /// No event type is known for this.
    pub(super) fn postpone(&mut self, now: DateTime<Utc>) {
        self.start(now);
        self.left = Some(Leave::Postpone);
    }

    /// No event type is known for this.
    pub(super) fn expire(&mut self) {
        self.status = TaskStatus::Expired;
        self.news.push("EXPIRED");
    }

    pub(super) fn hand_over(&mut self, forward: Forward, now: DateTime<Utc>) {
        self.start(now);
        self.forward = Some(forward);
        self.news.push("FORWARDED");
    }

    /// Events are those of tasks: what is sent of packaging and of the whole order leaves none.
    pub(super) fn notified(&mut self, notification_type: &str, recipient: &str, now: DateTime<Utc>) {
        let data = format!("Notification by {notification_type} was sent to {recipient}");
        self.note("NOTIFICATION_SENT", Some(data), now);
    }

    pub(super) fn take_news(&mut self) -> Vec<&'static str> {
        mem::take(&mut self.news)
    }

    /// Where the signer's browser is sent after what they did last, if the order says.
    pub(super) fn redirect(&self, order_id: &str) -> Option<String> {
        let address = match self.left? {
            Leave::Complete => &self.sent.on_task_complete,
            Leave::Reject => &self.sent.on_task_reject,
            Leave::Postpone => &self.sent.on_task_postpone,
        };
        let (order_id, task_id) = (segment(order_id), segment(self.id()));
        address.as_deref().map(|address| fill(address, &[("requestId", &order_id), ("taskId", &task_id)]))
    }

    fn note(&mut self, event_type: &'static str, data: Option<String>, time: DateTime<Utc>) {
        self.events.push(Event { event_type, time, data });
    }
}
