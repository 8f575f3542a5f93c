//! What an order will do, told before it is sent.

use std::collections::HashMap;
use std::fmt::{self, Debug, Formatter, Write};
use std::time::{Duration, SystemTime};

use crate::ids::{PackagingTaskId, TaskDocumentId, TaskId};
use crate::redact::{Fields, Redact, one_line};
use crate::types;

use super::messages::{self, About};

/// What an order will do: who signs what, by which method and in which order; which messages go out, when and to
/// whom; what is sealed; and for how long its results can be fetched. From [`NewOrder::plan`](crate::NewOrder::plan).
///
/// Days are counted from the order's creation. Whether a task that waits for another one lives from its turn on is
/// not known: then it is later, and so is all that follows.
///
/// ```
/// # mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # let order = on::planned()?;
/// let plan = order.plan();
/// for signing in plan.signings() {
///     println!("turn {}: {} signs by {}", signing.turn(), signing.task(), signing.methods().join(" or "));
/// }
/// assert_eq!((plan.messages().len(), plan.seals().len()), (1, 1));
/// assert_eq!((plan.days_until_expired(), plan.days_until_deleted()), (Some(7), Some(21)));
/// let created = std::time::SystemTime::UNIX_EPOCH;
/// assert_eq!(plan.fetch_until(created), Some(created + std::time::Duration::from_secs(21 * 86_400)));
/// # Ok::<(), signicat_sign::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Plan {
    signings: Vec<PlannedSigning>,
    messages: Vec<PlannedMessage>,
    seals: Vec<PlannedSeal>,
    days_until_expired: Option<i32>,
    days_until_deletion: Option<i32>,
}

/// What one signer does, in its turn.
///
/// ```
/// # mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # let order = on::planned()?;
/// let plan = order.plan();
/// let ola = &plan.signings()[1];
/// assert_eq!((ola.task().as_str(), ola.turn()), ("ola", 2));
/// assert_eq!(ola.after(), ["kari"]);
/// assert_eq!((ola.methods(), ola.authentication()), (&["sbid-sign".to_owned()][..], &["sbid".to_owned()][..]));
/// assert_eq!((ola.documents().len(), ola.days_to_live()), (1, Some(7)));
/// # Ok::<(), signicat_sign::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct PlannedSigning {
    task: TaskId,
    turn: usize,
    documents: Vec<PlannedDocument>,
    methods: Vec<String>,
    authentication: Vec<String>,
    after: Vec<TaskId>,
    days_to_live: Option<i32>,
}

/// A document of a signer, and what is done with it.
///
/// ```
/// # mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # let order = on::planned()?;
/// let plan = order.plan();
/// let loan = &plan.signings()[0].documents()[0];
/// assert_eq!((loan.id().as_str(), loan.description()), ("loan-kari", Some("Loan agreement")));
/// assert_eq!(loan.action(), &signicat_sign::types::DocumentAction::Sign);
/// assert!(!loan.is_archived());
/// # Ok::<(), signicat_sign::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct PlannedDocument {
    id: TaskDocumentId,
    action: types::DocumentAction,
    description: Option<String>,
    archived: bool,
}

/// A message that the service sends.
///
/// ```
/// # mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # let order = on::planned()?;
/// let plan = order.plan();
/// let message = &plan.messages()[0];
/// assert_eq!((message.id(), message.task().unwrap().as_str()), (Some("kari-message-1"), "kari"));
/// assert_eq!(message.kind(), &signicat_sign::types::NotificationType::Email);
/// assert_eq!((message.recipient(), message.header()), ("kari@example.com", Some("Please sign")));
/// assert!(message.packaging_task().is_none());
/// assert_eq!(message.times().len(), 2);
/// # Ok::<(), signicat_sign::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct PlannedMessage {
    id: Option<String>,
    task: Option<TaskId>,
    packaging_task: Option<PackagingTaskId>,
    kind: types::NotificationType,
    recipient: String,
    header: Option<String>,
    times: Vec<PlannedTime>,
}

/// When a message is sent.
///
/// ```
/// # mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # let order = on::planned()?;
/// let plan = order.plan();
/// let reminder = &plan.messages()[0].times()[1];
/// assert_eq!((reminder.event(), reminder.trigger()), ("task kari is CREATED", Some("CREATED")));
/// assert_eq!(reminder.delay(), std::time::Duration::from_secs(2 * 86_400));
/// # Ok::<(), signicat_sign::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedTime {
    event: String,
    trigger: Option<String>,
    delay: Duration,
}

/// A file that is made of what was signed, once all have signed.
///
/// ```
/// # mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # let order = on::planned()?;
/// let plan = order.plan();
/// let seal = &plan.seals()[0];
/// assert_eq!((seal.id().as_str(), seal.method()), ("sealed", "pades"));
/// assert_eq!((seal.documents().len(), seal.is_archived()), (2, false));
/// # Ok::<(), signicat_sign::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedSeal {
    id: PackagingTaskId,
    method: String,
    documents: Vec<(TaskId, Vec<TaskDocumentId>)>,
    archived: bool,
}

const DAY: Duration = Duration::from_secs(86_400);

impl Plan {
    pub(super) fn of(order: &types::SigningOrder) -> Self {
        let turns = turns(&order.tasks);
        let mut signings: Vec<_> =
            order.tasks.iter().zip(turns).filter_map(|(task, turn)| PlannedSigning::of(task, turn)).collect();
        signings.sort_by_key(|signing| signing.turn);
        let lives: Option<Vec<i32>> = order.tasks.iter().map(|task| task.days_to_live).collect();
        Self {
            signings,
            messages: messages::of(order).iter().map(PlannedMessage::of).collect(),
            seals: order.packaging_tasks.iter().filter_map(PlannedSeal::of).collect(),
            days_until_expired: lives.and_then(|lives| lives.into_iter().max()),
            days_until_deletion: order.days_until_deletion,
        }
    }

    /// Who signs, those whose turn comes first before the others.
    #[must_use]
    pub fn signings(&self) -> &[PlannedSigning] {
        &self.signings
    }

    /// What is sent.
    #[must_use]
    pub fn messages(&self) -> &[PlannedMessage] {
        &self.messages
    }

    /// What is sealed.
    #[must_use]
    pub fn seals(&self) -> &[PlannedSeal] {
        &self.seals
    }

    /// The days after which nobody can sign any more, at the earliest. Nothing where a task does not say how long it lives: the
    /// service's default is not known.
    #[must_use]
    pub fn days_until_expired(&self) -> Option<i32> {
        self.days_until_expired
    }

    /// The days after which the order is deleted, with all that is not in the archive: as long as every task may
    /// live, and `daysUntilDeletion` more. Nothing where the order does not say either of them.
    #[must_use]
    pub fn days_until_deleted(&self) -> Option<i32> {
        self.days_until_expired?.checked_add(self.days_until_deletion?)
    }

    /// Until when the results of an order that is created then can be fetched, as far as it says so itself.
    #[must_use]
    pub fn fetch_until(&self, created: SystemTime) -> Option<SystemTime> {
        let days = u32::try_from(self.days_until_deleted()?).ok()?;
        created.checked_add(DAY.checked_mul(days)?)
    }

    /// All of it in words, a line each, for people to read before the order is sent.
    ///
    /// It names recipients and documents. That is why there is no Display: do not log it.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        let mut line = |words: fmt::Arguments<'_>| {
            // What is quoted must not look like another line. Writing to a String can't fail.
            _ = writeln!(text, "{}", one_line(&words.to_string()));
        };
        for signing in &self.signings {
            line(format_args!("{}. {}", signing.turn, signing.words()));
        }
        for seal in &self.seals {
            line(format_args!("when all have signed: {}", seal.words()));
        }
        for message in &self.messages {
            line(format_args!("{}", message.words()));
        }
        match self.days_until_expired {
            Some(days) => {
                let waits = self.signings.iter().any(|signing| !signing.after.is_empty());
                let later = if waits { ", or later if who waits has as long from their turn on" } else { "" };
                line(format_args!("expires: {} after it is created{later}", count(days, "day")));
            }
            None => line(format_args!("expires: by the service's default, where a task does not say")),
        }
        match (self.days_until_deleted(), self.days_until_deletion) {
            (Some(days), _) => line(format_args!(
                "deleted: {} after it is created; till then the results can be fetched",
                count(days, "day")
            )),
            (None, Some(days)) => line(format_args!(
                "deleted: {} after every task's life has passed; till then the results can be fetched",
                count(days, "day")
            )),
            (None, None) => line(format_args!("deleted: by the service's default; fetch the results soon")),
        }
        let archived = self.archived();
        if !archived.is_empty() {
            line(format_args!("kept in the archive: {}", archived.join(", ")));
        }
        text
    }

    fn archived(&self) -> Vec<String> {
        let documents = self.signings.iter().flat_map(|signing| {
            let archived = signing.documents.iter().filter(|document| document.archived);
            archived.map(|document| format!("{} of {}", document.id, signing.task))
        });
        let seals = self.seals.iter().filter(|seal| seal.archived).map(|seal| seal.id.to_string());
        documents.chain(seals).collect()
    }
}

/// For each task the turn in which it can be signed, from 1: behind all that it waits for.
fn turns(tasks: &[types::Task]) -> Vec<usize> {
    let known: HashMap<_, _> =
        tasks.iter().enumerate().filter_map(|(t, task)| Some((task.id.as_ref()?, t))).collect();
    let mut turns = vec![1; tasks.len()];
    // Each round settles one more turn. An order that is valid has no circle, which would never settle.
    for _ in tasks {
        let settled = turns.clone();
        for (t, task) in tasks.iter().enumerate() {
            let before = task.depends_on_tasks.iter().filter_map(|id| known.get(id));
            turns[t] = before.map(|&before| turns[before] + 1).max().unwrap_or(1);
        }
        if turns == settled {
            break;
        }
    }
    turns
}

impl PlannedSigning {
    fn of(task: &types::Task, turn: usize) -> Option<Self> {
        let methods = task.signature_methods.iter().map(|method| match &method.name {
            Some(name) => name.clone(),
            None => "hand".to_owned(),
        });
        Some(Self {
            task: task.id.clone()?,
            turn,
            documents: task.documents.iter().filter_map(PlannedDocument::of).collect(),
            methods: methods.collect(),
            authentication: task.authentication.as_ref().map(|by| by.methods.clone()).unwrap_or_default(),
            after: task.depends_on_tasks.clone(),
            days_to_live: task.days_to_live,
        })
    }

    /// The task.
    #[must_use]
    pub fn task(&self) -> &TaskId {
        &self.task
    }

    /// Its turn, from 1. Those of one turn sign in any order.
    #[must_use]
    pub fn turn(&self) -> usize {
        self.turn
    }

    /// The documents, and what is done with each.
    #[must_use]
    pub fn documents(&self) -> &[PlannedDocument] {
        &self.documents
    }

    /// The signature methods to choose from, by their names at the service; `hand` for a drawn signature.
    #[must_use]
    pub fn methods(&self) -> &[String] {
        &self.methods
    }

    /// The methods of authentication before the documents are shown, to choose from.
    #[must_use]
    pub fn authentication(&self) -> &[String] {
        &self.authentication
    }

    /// The tasks that come before.
    #[must_use]
    pub fn after(&self) -> &[TaskId] {
        &self.after
    }

    /// The days after which the task expires, where the order says so.
    #[must_use]
    pub fn days_to_live(&self) -> Option<i32> {
        self.days_to_live
    }

    fn words(&self) -> String {
        let mut words = format!("{} ", self.task);
        // The documents of one action together, in the order in which they are there.
        let mut parts: Vec<(&str, Vec<String>)> = Vec::new();
        for document in &self.documents {
            let verb = match &document.action {
                types::DocumentAction::Sign => "signs",
                types::DocumentAction::View => "views",
                types::DocumentAction::Upload => "uploads",
                other => other.as_str(),
            };
            match parts.iter_mut().find(|(known, _)| *known == verb) {
                Some((_, documents)) => documents.push(document.words()),
                None => parts.push((verb, vec![document.words()])),
            }
        }
        let parts: Vec<_> =
            parts.into_iter().map(|(verb, documents)| format!("{verb} {}", documents.join(", "))).collect();
        words += &parts.join("; ");
        if !self.methods.is_empty() {
            words += &format!(", by {}", self.methods.join(" or "));
        }
        if !self.authentication.is_empty() {
            words += &format!(", after authentication by {}", self.authentication.join(" or "));
        }
        if !self.after.is_empty() {
            let after: Vec<_> = self.after.iter().map(TaskId::as_str).collect();
            words += &format!(", when {} completed", after.join(" and "));
        }
        if let Some(days) = self.days_to_live {
            words += &format!(", within {}", count(days, "day"));
        }
        words
    }
}

impl PlannedDocument {
    fn of(document: &types::TaskDocument) -> Option<Self> {
        Some(Self {
            id: document.id.clone()?,
            action: document.action.clone()?,
            description: document.description.clone(),
            archived: document.send_result_to_archive == Some(true),
        })
    }

    /// Its id in the task.
    #[must_use]
    pub fn id(&self) -> &TaskDocumentId {
        &self.id
    }

    /// What is done with it.
    #[must_use]
    pub fn action(&self) -> &types::DocumentAction {
        &self.action
    }

    /// What the signer reads of it.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// Whether the signed document is kept in the archive.
    #[must_use]
    pub fn is_archived(&self) -> bool {
        self.archived
    }

    fn words(&self) -> String {
        match &self.description {
            Some(description) => format!("{} ({description})", self.id),
            None => self.id.to_string(),
        }
    }
}

impl PlannedMessage {
    fn of(message: &messages::Message<'_>) -> Self {
        let event = |trigger: Option<&str>| match (message.about, trigger) {
            (About::Order, _) => "the whole order is complete".to_owned(),
            (About::Task(id), Some(trigger)) => format!("task {id} is {trigger}"),
            (About::Packaging(id), Some(trigger)) => format!("packaging task {id} is {trigger}"),
            (_, None) => "the service likes: the order does not say".to_owned(),
        };
        let time = |trigger, delay: Option<&types::NotificationDelay>| PlannedTime {
            event: event(trigger),
            trigger: trigger.map(str::to_owned),
            delay: delay.map(length).unwrap_or_default(),
        };
        let mut times: Vec<_> =
            message.schedule.iter().map(|(trigger, delay)| time(*trigger, *delay)).collect();
        if times.is_empty() {
            times.push(time(None, None));
        }
        let (task, packaging_task) = match message.about {
            About::Order => (None, None),
            About::Task(id) => (Some(id.clone()), None),
            About::Packaging(id) => (None, Some(id.clone())),
        };
        Self {
            id: message.id.cloned(),
            task,
            packaging_task,
            kind: message.kind.cloned().unwrap_or_else(|| "".into()),
            recipient: message.recipient.cloned().unwrap_or_default(),
            header: message.header.cloned(),
            times,
        }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The task that it is about. One about no task and no packaging task is about the whole order.
    #[must_use]
    pub fn task(&self) -> Option<&TaskId> {
        self.task.as_ref()
    }

    /// The packaging task that it is about.
    #[must_use]
    pub fn packaging_task(&self) -> Option<&PackagingTaskId> {
        self.packaging_task.as_ref()
    }

    /// By what it is sent.
    #[must_use]
    pub fn kind(&self) -> &types::NotificationType {
        &self.kind
    }

    /// To whom: an address of e-mail, a phone number, an https address. Personal data.
    #[must_use]
    pub fn recipient(&self) -> &str {
        &self.recipient
    }

    /// Its subject line.
    #[must_use]
    pub fn header(&self) -> Option<&str> {
        self.header.as_deref()
    }

    /// When it is sent.
    #[must_use]
    pub fn times(&self) -> &[PlannedTime] {
        &self.times
    }

    fn words(&self) -> String {
        let times: Vec<_> = self.times.iter().map(PlannedTime::to_string).collect();
        format!("{} to {}: {}", self.kind, self.recipient, times.join(", "))
    }
}

impl PlannedTime {
    /// What has to happen, in words: `task kari is CREATED`.
    #[must_use]
    pub fn event(&self) -> &str {
        &self.event
    }

    /// The same as the API has it: `CREATED`. Nothing for a message about the whole order.
    #[must_use]
    pub fn trigger(&self) -> Option<&str> {
        self.trigger.as_deref()
    }

    /// How long after that.
    #[must_use]
    pub fn delay(&self) -> Duration {
        self.delay
    }
}

/// In words: `2 days after task kari is CREATED`.
impl fmt::Display for PlannedTime {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.delay.is_zero() {
            return write!(f, "when {}", self.event);
        }
        let minutes = self.delay.as_secs() / 60;
        let units = [(minutes / 1440, "day"), (minutes / 60 % 24, "hour"), (minutes % 60, "minute")];
        let units: Vec<_> = units
            .iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, unit)| count(*number, unit))
            .collect();
        write!(f, "{} after {}", units.join(" "), self.event)
    }
}

/// A delay that is negative is none.
fn length(delay: &types::NotificationDelay) -> Duration {
    let minutes = |number: Option<i32>, each: u64| {
        u64::try_from(number.unwrap_or_default()).unwrap_or_default().saturating_mul(each)
    };
    let minutes = minutes(delay.days, 1440) + minutes(delay.hours, 60) + minutes(delay.minutes, 1);
    Duration::from_secs(minutes * 60)
}

impl PlannedSeal {
    fn of(packaging: &types::PackagingTask) -> Option<Self> {
        let documents = packaging.documents.iter();
        Some(Self {
            id: packaging.id.clone()?,
            method: packaging.method.clone().unwrap_or_default(),
            documents: documents
                .filter_map(|listed| Some((listed.task_id.clone()?, listed.document_ids.clone())))
                .collect(),
            archived: packaging.send_to_archive == Some(true),
        })
    }

    /// The packaging task.
    #[must_use]
    pub fn id(&self) -> &PackagingTaskId {
        &self.id
    }

    /// The name of its method at the service.
    #[must_use]
    pub fn method(&self) -> &str {
        &self.method
    }

    /// What goes into it: each task's documents.
    #[must_use]
    pub fn documents(&self) -> &[(TaskId, Vec<TaskDocumentId>)] {
        &self.documents
    }

    /// Whether the file is kept in the archive.
    #[must_use]
    pub fn is_archived(&self) -> bool {
        self.archived
    }

    fn words(&self) -> String {
        let documents = self.documents.iter().map(|(task, documents)| {
            let documents: Vec<_> = documents.iter().map(TaskDocumentId::as_str).collect();
            format!("{} of {task}", documents.join(", "))
        });
        let documents: Vec<_> = documents.collect();
        format!("{} ({}) is made of {}", self.id, self.method, documents.join("; "))
    }
}

/// `1 day`, `2 days`.
fn count(number: impl fmt::Display, unit: &str) -> String {
    let number = number.to_string();
    let plural = if number == "1" { "" } else { "s" };
    format!("{number} {unit}{plural}")
}

/// Debug shows ids and numbers; what people read and who they are is left out.
macro_rules! shaped {
    ($($name:ident { $($member:ident),+ })+) => {$(
        impl Debug for $name {
            fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
                Fields::new(f, stringify!($name))$(.field(stringify!($member), &self.$member))+.finish()
            }
        }

        impl Redact for $name {
            fn shape(&self, f: &mut Formatter<'_>) -> fmt::Result {
                Debug::fmt(self, f)
            }
        }
    )+};
}
shaped! {
    Plan { signings, messages, seals, days_until_expired, days_until_deletion }
    PlannedSigning { task, turn, documents, methods, authentication, after, days_to_live }
    PlannedDocument { id, action, description, archived }
    PlannedMessage { id, task, packaging_task, kind, recipient, header, times }
}
crate::redact::shown_as_they_are!(PlannedSeal, PlannedTime, usize);
