//! What is likely to be wrong with an order, though nothing proves it.

use std::collections::HashSet;
use std::fmt;

use reqwest::Url;

use crate::address::is_loopback;
use crate::problem::Violation;
use crate::types::{DocumentAction, NotificationType, SigningOrder, Task};

use super::messages::{self, About, Message};
use super::vocabulary;

/// Something in an order that is worth another look: where, and why. From
/// [`NewOrder::advice`](crate::NewOrder::advice).
///
/// It is never an error: the order is sent as it is.
///
/// ```
/// # use signicat_sign::{DocumentId, NewOrder, Signer};
/// # let pdf: DocumentId = "0502…".parse()?;
/// let kari = Signer::new("kari").signed_statement("nbid-sign").language("no");
/// let order = NewOrder::builder().document("loan", &pdf, "Loan agreement").signer(kari).seal_as_pades("sealed").build()?;
/// let advice = &order.advice()[0];
/// assert_eq!(advice.property_path(), "tasks[0].language");
/// assert_eq!(advice.origin(), Some("signer \"kari\": language"));
/// println!("{}", advice.message());
/// # Ok::<(), signicat_sign::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Advice(Violation);

impl Advice {
    /// Where, in the service's spelling: `tasks[0].language`.
    #[must_use]
    pub fn property_path(&self) -> &str {
        self.0.property_path()
    }

    /// What is odd there, and what may be meant.
    #[must_use]
    pub fn message(&self) -> &str {
        self.0.message()
    }

    /// Which call of a builder made it: `signer "kari": language`.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.0.origin()
    }
}

/// Scrubbed, as a [`Violation`] is.
impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// All that is odd in an order.
pub(super) fn of(order: &SigningOrder, origin: impl Fn(&str) -> Option<String>) -> Vec<Advice> {
    let mut look = Look::default();
    for (t, task) in order.tasks.iter().enumerate() {
        look.task(&format!("tasks[{t}]"), task);
    }
    look.unsigned_documents(&order.tasks);
    look.seals(order);
    let mut ids = HashSet::new();
    for message in messages::of(order) {
        look.message(&message);
        if message.id.is_some_and(|id| !ids.insert(id)) {
            look.advise(format!("{}.id", message.path), "another notification has this id");
        }
    }
    let explain = |found: Violation| {
        let origin = origin(found.property_path());
        Advice(found.explained(origin))
    };
    look.found.into_iter().map(explain).collect()
}

#[derive(Default)]
struct Look {
    found: Vec<Violation>,
}

impl Look {
    fn advise(&mut self, path: String, message: impl Into<String>) {
        self.found.push(Violation::new(path, message));
    }

    fn task(&mut self, path: &str, task: &Task) {
        if let Some(Err(meant)) = task.language.as_deref().map(vocabulary::language) {
            let languages = vocabulary::languages();
            let meant = meant.map_or(String::new(), |meant| format!("; is {meant} meant?"));
            self.advise(
                format!("{path}.language"),
                format!("is not among those seen in use: {languages}{meant}"),
            );
        }
        if task.days_to_live.is_some_and(|days| days < 1) {
            self.advise(format!("{path}.daysToLive"), "would have the task expire as soon as it is there");
        }
        if task.signature_methods.is_empty() && task.documents.iter().any(is_signed) {
            let message = "no signature method is named for what is to be signed";
            self.advise(format!("{path}.signatureMethods"), message);
        }
        for (i, attribute) in task.subject.iter().flat_map(|subject| &subject.attributes).enumerate() {
            if attribute.value.as_deref() == Some("") {
                self.advise(format!("{path}.subject.attributes[{i}].value"), "is empty");
            }
        }
        let redirects = [
            ("onTaskComplete", &task.on_task_complete),
            ("onTaskReject", &task.on_task_reject),
            ("onTaskPostpone", &task.on_task_postpone),
        ];
        for (member, address) in redirects {
            for unknown in vocabulary::unknown_in_redirect(address.as_deref().unwrap_or_default()) {
                self.advise(format!("{path}.{member}"), unknown_placeholder(unknown));
            }
        }
    }

    /// A document may be viewed by one and signed by another; one that all view is signed by nobody.
    fn unsigned_documents(&mut self, tasks: &[Task]) {
        let documents = || tasks.iter().flat_map(|task| &task.documents);
        let signed: HashSet<_> = documents()
            .filter(|known| is_signed(known))
            .filter_map(|known| known.document_ref.as_ref())
            .collect();
        let mut told = HashSet::new();
        for (t, task) in tasks.iter().enumerate() {
            for (d, document) in task.documents.iter().enumerate() {
                let Some(stored) = &document.document_ref else { continue };
                if !signed.contains(stored) && told.insert(stored) {
                    let message = "nobody signs this document: right, if it is there to be read only";
                    self.advise(format!("tasks[{t}].documents[{d}].action"), message);
                }
            }
        }
    }

    fn seals(&mut self, order: &SigningOrder) {
        if order.packaging_tasks.is_empty() {
            if order.tasks.iter().flat_map(|task| &task.documents).any(is_signed) {
                let message =
                    "nothing seals what is signed into one file: each signer's evidence will be all there is";
                self.advise("packagingTasks".to_owned(), message);
            }
            return;
        }
        let listed = order.packaging_tasks.iter().flat_map(|packaging| &packaging.documents);
        let sealed: HashSet<_> = listed
            .flat_map(|listed| listed.document_ids.iter().map(|id| (listed.task_id.as_ref(), Some(id))))
            .collect();
        for (t, task) in order.tasks.iter().enumerate() {
            for (d, document) in task.documents.iter().enumerate() {
                if is_signed(document) && !sealed.contains(&(task.id.as_ref(), document.id.as_ref())) {
                    self.advise(
                        format!("tasks[{t}].documents[{d}]"),
                        "is signed, and no packaging task seals it",
                    );
                }
            }
        }
    }

    fn message(&mut self, message: &Message<'_>) {
        let recipient = message.recipient.map(String::as_str).unwrap_or_default();
        let odd = match message.kind {
            Some(NotificationType::Url) if !is_safe_address(recipient) => {
                Some("is no https address: everybody on the way can read it and use it")
            }
            Some(NotificationType::Email) if !recipient.contains('@') => Some("is no e-mail address"),
            Some(NotificationType::Sms) if !is_like_a_phone_number(recipient) => Some("is no phone number"),
            _ => None,
        };
        if let Some(odd) = odd {
            self.advise(format!("{}.recipient", message.path), odd);
        }
        if message.template.is_some() && message.kind != Some(&NotificationType::Email) {
            let path = format!("{}.notificationTemplateParamsId", message.path);
            self.advise(path, "a template is for e-mails only");
        }
        let text = message.text.map_or("", String::as_str);
        let unknown: Vec<_> = match message.about {
            About::Task(_) => vocabulary::unknown_in_task_message(text).collect(),
            About::Order | About::Packaging(_) => vocabulary::unknown_in_message(text).collect(),
        };
        for unknown in unknown {
            self.advise(format!("{}.message", message.path), unknown_placeholder(unknown));
        }
        for (i, (_, delay)) in message.schedule.iter().enumerate() {
            let parts = delay.map(|delay| [delay.days, delay.hours, delay.minutes]).unwrap_or_default();
            if parts.into_iter().flatten().any(|part| part < 0) {
                self.advise(format!("{}.schedule[{i}].delay", message.path), "is negative");
            }
        }
    }
}

fn is_signed(document: &crate::types::TaskDocument) -> bool {
    document.action == Some(DocumentAction::Sign)
}

/// Repeats the placeholder if it looks like one: a text may hold anything between `${` and `}`.
fn unknown_placeholder(placeholder: &str) -> String {
    let name = placeholder.trim_start_matches("${").trim_end_matches('}');
    match name.len() <= 32 && name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        true => format!("{placeholder} is not known to be filled in there"),
        false => "holds a placeholder that is not known to be filled in there".to_owned(),
    }
}

/// What stays on this machine is seen by nobody.
fn is_safe_address(address: &str) -> bool {
    match Url::parse(address) {
        Ok(url) => url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url)),
        Err(_) => false,
    }
}

fn is_like_a_phone_number(recipient: &str) -> bool {
    let is_of_one = |c: char| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '.' | '(' | ')');
    recipient.contains(|c: char| c.is_ascii_digit()) && recipient.chars().all(is_of_one)
}
