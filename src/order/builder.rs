//! A signing order, put together.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::ids::DocumentId;
use crate::problem::Violation;
use crate::types;

use super::advice::{self, Advice};
use super::document::NewDocument;
use super::messages;
use super::origin::Origins;
use super::packaging::NewPackaging;
use super::plan::Plan;
use super::task::{NewTask, Signer};
use super::validate;

/// A signing order that can be sent: it satisfies the contract.
///
/// ```
/// use signicat_sign::{DocumentId, NewOrder, Signer};
///
/// let pdf: DocumentId = "0502…".parse()?;
/// let order = NewOrder::builder()
///     .client_reference("case-42")
///     .document("loan", &pdf, "Loan agreement")
///     .signer(Signer::new("kari").signed_statement("nbid-sign"))
///     .signer(Signer::new("ola").signed_statement("sbid-sign").after("kari"))
///     .seal_as_pades("sealed")
///     .build()?;
/// assert_eq!(order.model().packaging_tasks[0].documents.len(), 2);
/// # Ok::<(), signicat_sign::Error>(())
/// ```
///
/// It is written as the JSON that is sent, and read again from that: one that is not valid is refused, and so is one
/// with a member that this release does not know.
///
/// ```
/// # use signicat_sign::{DocumentId, NewOrder, Signer};
/// # let pdf: DocumentId = "0502…".parse()?;
/// # let kari = Signer::new("kari").signed_statement("nbid-sign");
/// # let order = NewOrder::builder().document("loan", &pdf, "Loan agreement").signer(kari).build()?;
/// let stored = serde_json::to_string(&order)?;
/// assert_eq!(serde_json::from_str::<NewOrder>(&stored)?, order);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct NewOrder {
    model: types::SigningOrder,
    origins: Origins,
}

impl Serialize for NewOrder {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.model.serialize(serializer)
    }
}

impl fmt::Debug for NewOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("NewOrder").field(&self.model).finish()
    }
}

/// What is sent is the same, however it was put together.
impl PartialEq for NewOrder {
    fn eq(&self, other: &Self) -> bool {
        self.model == other.model
    }
}

impl NewOrder {
    /// Begins an order.
    pub fn builder() -> NewOrderBuilder {
        NewOrderBuilder::default()
    }

    /// What is sent.
    #[must_use]
    pub fn model(&self) -> &types::SigningOrder {
        &self.model
    }

    /// What is likely to be wrong, or worth another look, though it is sent: `no` where the language `nb` is meant, a
    /// document that nobody signs, a seal that leaves one out.
    ///
    /// ```
    /// # use signicat_sign::{DocumentId, NewOrder, Signer};
    /// # let pdf: DocumentId = "0502…".parse()?;
    /// let order = NewOrder::builder()
    ///     .document("loan", &pdf, "Loan agreement")
    ///     .signer(Signer::new("kari").signed_statement("nbid-sign").language("no"))
    ///     .seal_as_pades("sealed")
    ///     .build()?;
    /// let [advice] = &order.advice()[..] else { panic!("one thing is odd") };
    /// assert_eq!(advice.property_path(), "tasks[0].language");
    /// assert!(advice.message().contains("nb"));
    /// # Ok::<(), signicat_sign::Error>(())
    /// ```
    #[must_use]
    pub fn advice(&self) -> Vec<Advice> {
        advice::of(&self.model, self.explained())
    }

    /// What will happen when it is created: who signs what and when, what is sent to whom, and for how long the
    /// results can be fetched.
    ///
    /// ```
    /// # use signicat_sign::{DocumentId, NewOrder, Signer};
    /// # let pdf: DocumentId = "0502…".parse()?;
    /// let order = NewOrder::builder()
    ///     .document("loan", &pdf, "Loan agreement")
    ///     .signer(Signer::new("kari").signed_statement("nbid-sign").days_to_live(7))
    ///     .signer(Signer::new("ola").signed_statement("sbid-sign").days_to_live(7).after("kari"))
    ///     .seal_as_pades("sealed")
    ///     .days_until_deletion(14)
    ///     .build()?;
    /// let plan = order.plan();
    /// assert_eq!(plan.signings()[1].after(), ["kari"]);
    /// assert_eq!(plan.days_until_deleted(), Some(21));
    /// println!("{}", plan.to_text());
    /// # Ok::<(), signicat_sign::Error>(())
    /// ```
    #[must_use]
    pub fn plan(&self) -> Plan {
        Plan::of(&self.model)
    }

    /// Says of each path of this order which builder call made it.
    pub(crate) fn explained(&self) -> impl Fn(&str) -> Option<String> {
        explainer(&self.model, &self.origins)
    }
}

fn explainer(model: &types::SigningOrder, origins: &Origins) -> impl Fn(&str) -> Option<String> {
    // What can't be written as JSON is a violation itself, and has no places.
    let order = serde_json::to_value(model).unwrap_or(Value::Null);
    move |path| origins.explain(&order, path)
}

/// An order in the API's own terms. What the service sets (the ids that it makes, the signing addresses) is
/// left out.
impl TryFrom<types::SigningOrder> for NewOrder {
    type Error = Error;

    fn try_from(model: types::SigningOrder) -> Result<Self> {
        checked(model, Origins::default(), Vec::new())
    }
}

fn checked(
    mut model: types::SigningOrder,
    origins: Origins,
    mut violations: Vec<Violation>,
) -> Result<NewOrder> {
    validate::order(&model, &mut violations);
    if !violations.is_empty() {
        let explain = explainer(&model, &origins);
        return Err(Error::violated("the order is not valid", violations).explained(explain));
    }
    model.id = None;
    model.artifact = None;
    model.tasks.iter_mut().for_each(|task| task.signing_url = None);
    Ok(NewOrder { model, origins })
}

/// Puts an order together; see [`NewOrder`].
///
/// ```
/// use signicat_sign::types::{SigningOrder, TaskTriggerStatus};
/// use signicat_sign::{DocumentId, NewDocument, NewOrder, NewPackaging, NewTask, Notification, NotificationTemplate, Signer};
///
/// let (loan, terms): (DocumentId, DocumentId) = ("0502…1".parse()?, "0502…2".parse()?);
/// let invitation = Notification::email("kari@example.com").on(TaskTriggerStatus::Created).template("friendly");
/// let order = NewOrder::builder()
///     .document("loan", &loan, "Loan agreement")
///     .add_document(NewDocument::view("terms", &terms, "Terms"))
///     .signer(Signer::new("kari").signed_statement("nbid-sign").notification(invitation))
///     .task(NewTask::new("bank").sign("loan-bank", &loan, "Loan agreement").handwritten().after("kari"))
///     .packaging(NewPackaging::pades("sealed").send_to_archive())
///     .notification(Notification::email("desk@example.com").message("All have signed."))
///     .notification_template(NotificationTemplate::new("friendly").button("Read and sign"))
///     .with(|order: &mut SigningOrder| order.client_reference = Some("case-42".to_owned()))
///     .build()?;
/// assert_eq!(order.model().tasks.len(), 2);
/// # Ok::<(), signicat_sign::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "end it by build()"]
pub struct NewOrderBuilder {
    documents: Vec<NewDocument>,
    tasks: Vec<Part>,
    packaging: Vec<NewPackaging>,
    model: types::SigningOrder,
}

#[derive(Clone, Debug)]
enum Part {
    Signer(Signer),
    Task(NewTask),
}

impl NewOrderBuilder {
    /// The caller's own reference: 1 to 255 characters, given back with the order and not used otherwise.
    pub fn client_reference(mut self, reference: impl Into<String>) -> Self {
        self.model.client_reference = Some(reference.into());
        self
    }

    /// A document that every [`signer`](Self::signer) signs: a short key of your own, the id that the upload
    /// gave, and what the signers read of it.
    pub fn document(self, key: impl Into<String>, id: &DocumentId, description: impl Into<String>) -> Self {
        self.add_document(NewDocument::sign(key, id, description))
    }

    /// A document for every [`signer`](Self::signer), with all that can be said of it.
    pub fn add_document(mut self, document: NewDocument) -> Self {
        self.documents.push(document);
        self
    }

    /// Somebody who signs every document of the order.
    pub fn signer(mut self, signer: Signer) -> Self {
        self.tasks.push(Part::Signer(signer));
        self
    }

    /// A task in the API's own terms.
    pub fn task(mut self, task: impl Into<NewTask>) -> Self {
        self.tasks.push(Part::Task(task.into()));
        self
    }

    /// One PDF with everybody's signatures, made when all have signed.
    pub fn seal_as_pades(self, id: impl Into<String>) -> Self {
        self.packaging(NewPackaging::pades(id))
    }

    /// A packaging task.
    pub fn packaging(mut self, packaging: NewPackaging) -> Self {
        self.packaging.push(packaging);
        self
    }

    /// A message that is sent when the whole order is complete: a [`Notification`](crate::Notification), or one in
    /// the API's own terms. One without an id gets one.
    pub fn notification(mut self, notification: impl Into<types::SigningOrderNotification>) -> Self {
        self.model.notifications.push(notification.into());
        self
    }

    /// A template that e-mails to signers refer to: a [`NotificationTemplate`](crate::NotificationTemplate), or one
    /// in the API's own terms.
    pub fn notification_template(mut self, template: impl Into<types::NotificationTemplateParams>) -> Self {
        self.model.notification_template_params.push(template.into());
        self
    }

    /// The days, 1 to 30, that the order is kept after every task's life has passed (S).
    pub fn days_until_deletion(mut self, days: i32) -> Self {
        self.model.days_until_deletion = Some(days);
        self
    }

    /// Sets whatever else the API takes of an order. The tasks and packaging tasks that were said by the other
    /// methods are not in it yet; what is put there comes before them.
    pub fn with(mut self, change: impl FnOnce(&mut types::SigningOrder)) -> Self {
        change(&mut self.model);
        self
    }

    /// Puts the order together.
    ///
    /// ```
    /// use signicat_sign::{DocumentId, NewOrder, Signer};
    ///
    /// let pdf: DocumentId = "0502…".parse()?;
    /// let ola = Signer::new("ola").signed_statement("sbid-sign").after("kari");
    /// let error = NewOrder::builder().document("loan", &pdf, "Loan agreement").signer(ola).build().unwrap_err();
    /// assert_eq!(error.violations()[0].property_path(), "tasks[0].dependsOnTasks[0]");
    /// # Ok::<(), signicat_sign::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::is_validation`] with every violation at once, at the paths that the service would name, each with
    /// the builder call that it comes from.
    pub fn build(self) -> Result<NewOrder> {
        let Self { documents, tasks: parts, packaging, mut model } = self;
        let mut violations = Vec::new();
        if !documents.is_empty() && !parts.iter().any(|part| matches!(part, Part::Signer(_))) {
            let keys = documents.iter().map(|document| document.key.as_str()).collect::<Vec<_>>().join(", ");
            let message = format!("nobody signs {keys}: a document of the order is for its signers");
            violations.push(Violation::new("tasks", message));
        }
        let mut origins = Origins::before(&model.tasks);
        for part in parts {
            let (task, origin) =
                match part {
                    Part::Task(task) => task.finish(),
                    Part::Signer(signer) => {
                        let path = format!("tasks[{}].documents", model.tasks.len());
                        violations.extend(signer.unknown_documents(&documents).map(|key| {
                            Violation::new(path.clone(), format!("the order has no document {key}"))
                        }));
                        signer.finish(&documents)
                    }
                };
            model.tasks.push(task);
            origins.tasks.push(origin);
        }
        let packaging = packaging.into_iter().map(|packaging| packaging.finish(&model.tasks));
        model.packaging_tasks.extend(packaging.collect::<Vec<_>>());
        messages::name(model.notifications.iter_mut().map(|notification| &mut notification.id), "message");
        checked(model, origins, violations)
    }
}
