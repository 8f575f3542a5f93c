//! A signing order, put together.

use std::fmt;

use serde::Serialize;

use crate::error::{Error, Result};
use crate::ids::DocumentId;
use crate::problem::Violation;
use crate::redact::Fields;
use crate::types;

use super::packaging::NewPackaging;
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
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct NewOrder {
    model: types::SigningOrder,
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
}

/// An order in the API's own terms. What the service sets (the ids that it makes, the signing addresses) is
/// left out.
impl TryFrom<types::SigningOrder> for NewOrder {
    type Error = Error;

    fn try_from(model: types::SigningOrder) -> Result<Self> {
        checked(model, Vec::new())
    }
}

fn checked(mut model: types::SigningOrder, mut violations: Vec<Violation>) -> Result<NewOrder> {
    validate::order(&model, &mut violations);
    if !violations.is_empty() {
        return Err(Error::violated("the order is not valid", violations));
    }
    model.id = None;
    model.artifact = None;
    model.tasks.iter_mut().for_each(|task| task.signing_url = None);
    Ok(NewOrder { model })
}

/// Puts an order together; see [`NewOrder`].
#[derive(Clone, Debug, Default)]
#[must_use = "end it by build()"]
pub struct NewOrderBuilder {
    documents: Vec<OrderDocument>,
    tasks: Vec<Part>,
    packaging: Vec<NewPackaging>,
    model: types::SigningOrder,
}

/// A document that every signer signs.
#[derive(Clone)]
pub(super) struct OrderDocument {
    pub(super) key: String,
    pub(super) storage_id: DocumentId,
    pub(super) description: String,
}

impl fmt::Debug for OrderDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Fields::new(f, "OrderDocument")
            .field("key", &self.key)
            .field("storage_id", &self.storage_id)
            .field("description", &self.description)
            .finish()
    }
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
    pub fn document(
        mut self,
        key: impl Into<String>,
        id: &DocumentId,
        description: impl Into<String>,
    ) -> Self {
        let (key, description) = (key.into(), description.into());
        self.documents.push(OrderDocument { key, storage_id: id.clone(), description });
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

    /// A message that is sent when the whole order is complete.
    pub fn notification(mut self, notification: types::SigningOrderNotification) -> Self {
        self.model.notifications.push(notification);
        self
    }

    /// A template that e-mails to signers refer to.
    pub fn notification_template(mut self, template: types::NotificationTemplateParams) -> Self {
        self.model.notification_template_params.push(template);
        self
    }

    /// The days, 1 to 30, that the order is kept after every task's life has passed.
    pub fn days_until_deletion(mut self, days: i32) -> Self {
        self.model.days_until_deletion = Some(days);
        self
    }

    /// Puts the order together.
    ///
    /// # Errors
    /// [`Error::is_validation`] with every violation at once, at the paths that the service would name.
    pub fn build(self) -> Result<NewOrder> {
        let Self { documents, tasks, packaging, mut model } = self;
        let mut violations = Vec::new();
        if !documents.is_empty() && !tasks.iter().any(|part| matches!(part, Part::Signer(_))) {
            let keys = documents.iter().map(|document| document.key.as_str()).collect::<Vec<_>>().join(", ");
            let message = format!("nobody signs {keys}: a document of the order is for its signers");
            violations.push(Violation::new("tasks", message));
        }
        for (i, part) in tasks.into_iter().enumerate() {
            let draft = match part {
                Part::Task(task) => task.draft,
                Part::Signer(signer) => {
                    violations.extend(signer.unknown_documents(&documents).map(|key| {
                        let message = format!("the order has no document {key}");
                        Violation::new(format!("tasks[{i}].documents"), message)
                    }));
                    signer.with_documents(&documents)
                }
            };
            model.tasks.push(draft.finish());
        }
        let packaging = packaging.into_iter().map(|packaging| packaging.finish(&model.tasks));
        model.packaging_tasks = packaging.collect();
        checked(model, violations)
    }
}
