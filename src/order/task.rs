//! What one signer is asked to do: as a signer of all documents, or as a task in the API's own terms.

use crate::ids::{DocumentId, TaskDocumentId, TaskId};
use crate::types;

use super::builder::OrderDocument;

/// Somebody who signs every document of the order: a task, whose documents are filled in.
///
/// The id is the task's: the caller's own, and unique in the order. Each document gets an id of its own in
/// the task, `<document>-<signer>`, unless [`document_id`](Signer::document_id) sets another.
///
/// ```
/// use signicat_sign::Signer;
///
/// let kari = Signer::new("kari")
///     .signed_statement("nbid-sign")
///     .language("nb")
///     .on_complete("https://shop.example/done?task=${taskId}");
/// ```
#[derive(Clone, Debug)]
#[must_use = "give it to NewOrderBuilder::signer"]
pub struct Signer {
    pub(super) draft: Draft,
    document_ids: Vec<(String, String)>,
}

/// A task in the API's own terms, with the documents that it names.
///
/// Everything that the API takes can be set by way of [`types::Task`], which it is made from.
///
/// ```
/// use signicat_sign::{DocumentId, NewTask};
///
/// let pdf: DocumentId = "0502…".parse()?;
/// let task = NewTask::new("kari").sign("loan-kari", &pdf, "Loan agreement").view("terms", &pdf, "Terms").handwritten();
/// # Ok::<(), signicat_sign::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "give it to NewOrderBuilder::task"]
pub struct NewTask {
    pub(super) draft: Draft,
}

/// A task under construction. Ids are taken as they come: what is wrong with them is told with all the rest.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    id: String,
    after: Vec<String>,
    documents: Vec<(String, types::TaskDocument)>,
    task: types::Task,
}

impl Signer {
    /// A signer by the id of their task.
    pub fn new(id: impl Into<String>) -> Self {
        Self { draft: Draft::new(id.into()), document_ids: Vec::new() }
    }

    /// Sets the id that a document of the order has in this signer's task.
    pub fn document_id(mut self, document: impl Into<String>, id: impl Into<String>) -> Self {
        self.document_ids.push((document.into(), id.into()));
        self
    }

    /// Adds the order's documents, each to be signed.
    pub(super) fn with_documents(mut self, documents: &[OrderDocument]) -> Draft {
        for document in documents {
            let set = self.document_ids.iter().rev().find(|(key, _)| *key == document.key);
            let id = match set {
                Some((_, id)) => id.clone(),
                None => format!("{}-{}", document.key, self.draft.id),
            };
            self.draft.add_document(
                id,
                types::DocumentAction::Sign,
                &document.storage_id,
                &document.description,
            );
        }
        self.draft
    }

    /// Documents that the order does not have, though an id was set for them.
    pub(super) fn unknown_documents<'a>(
        &'a self,
        documents: &'a [OrderDocument],
    ) -> impl Iterator<Item = &'a str> {
        let keys = self.document_ids.iter().map(|(key, _)| key.as_str());
        keys.filter(|key| !documents.iter().any(|document| document.key == *key))
    }
}

impl NewTask {
    /// A task by its id: the caller's own, and unique in the order.
    pub fn new(id: impl Into<String>) -> Self {
        Self { draft: Draft::new(id.into()) }
    }

    /// A document to sign, by the caller's own id of it.
    pub fn sign(
        self,
        id: impl Into<String>,
        storage_id: &DocumentId,
        description: impl Into<String>,
    ) -> Self {
        self.with_document(id, types::DocumentAction::Sign, storage_id, description)
    }

    /// A document to read, by the caller's own id of it.
    pub fn view(
        self,
        id: impl Into<String>,
        storage_id: &DocumentId,
        description: impl Into<String>,
    ) -> Self {
        self.with_document(id, types::DocumentAction::View, storage_id, description)
    }

    fn with_document(
        mut self,
        id: impl Into<String>,
        action: types::DocumentAction,
        storage_id: &DocumentId,
        description: impl Into<String>,
    ) -> Self {
        self.draft.add_document(id.into(), action, storage_id, &description.into());
        self
    }
}

/// A task that was put together in the API's own terms, or came from another order.
impl From<types::Task> for NewTask {
    fn from(mut task: types::Task) -> Self {
        let id = task.id.take().map(|id| id.as_str().to_owned()).unwrap_or_default();
        Self { draft: Draft { task, ..Draft::new(id) } }
    }
}

impl Draft {
    fn new(id: String) -> Self {
        Self { id, after: Vec::new(), documents: Vec::new(), task: types::Task::default() }
    }

    fn add_document(
        &mut self,
        id: String,
        action: types::DocumentAction,
        storage_id: &DocumentId,
        description: &str,
    ) {
        let document = types::TaskDocument {
            action: Some(action),
            source: Some(types::DocumentSource::Session),
            document_ref: Some(storage_id.clone()),
            description: Some(description.to_owned()),
            ..Default::default()
        };
        self.documents.push((id, document));
    }

    /// The task, with ids that are still to be verified.
    pub(super) fn finish(mut self) -> types::Task {
        let documents = self.documents.into_iter();
        let mut documents: Vec<_> = documents
            .map(|(id, document)| types::TaskDocument {
                id: Some(TaskDocumentId::unverified(id)),
                ..document
            })
            .collect();
        documents.append(&mut self.task.documents);
        let mut after: Vec<_> = self.after.into_iter().map(TaskId::unverified).collect();
        after.append(&mut self.task.depends_on_tasks);
        types::Task { id: Some(TaskId::unverified(self.id)), documents, depends_on_tasks: after, ..self.task }
    }

    fn method(
        &mut self,
        name: Option<String>,
        kind: Option<types::SignatureMethodType>,
        handwritten: Option<bool>,
    ) {
        let method = types::SignatureMethod { name, type_: kind, handwritten, ..Default::default() };
        self.task.signature_methods.push(method);
    }

    fn subject(&mut self) -> &mut types::Subject {
        self.task.subject.get_or_insert_default()
    }
}

/// What can be said of a signer and of a task alike.
macro_rules! task_settings {
    ($($name:ident),+) => {$(
        impl $name {
            /// Signs by a method of the type SIGNED_STATEMENT, by its name at the service: `nbid-sign`.
            pub fn signed_statement(mut self, method: impl Into<String>) -> Self {
                self.draft.method(Some(method.into()), Some(types::SignatureMethodType::SignedStatement), None);
                self
            }

            /// Signs by a method of the type AUTHENTICATION_BASED, by its name at the service: `nbid`.
            pub fn authentication_based(mut self, method: impl Into<String>) -> Self {
                self.draft.method(Some(method.into()), Some(types::SignatureMethodType::AuthenticationBased), None);
                self
            }

            /// Signs by a method of the type THIRD_PARTY, by its name at the service.
            pub fn third_party(mut self, method: impl Into<String>) -> Self {
                self.draft.method(Some(method.into()), Some(types::SignatureMethodType::ThirdParty), None);
                self
            }

            /// Draws a signature by hand.
            pub fn handwritten(mut self) -> Self {
                self.draft.method(None, None, Some(true));
                self
            }

            /// Signs after that task has completed.
            pub fn after(mut self, task: impl Into<String>) -> Self {
                self.draft.after.push(task.into());
                self
            }

            /// Where the signer is led when they have signed. `${taskId}` and `${requestId}` are filled in by
            /// the service.
            pub fn on_complete(mut self, url: impl Into<String>) -> Self {
                self.draft.task.on_task_complete = Some(url.into());
                self
            }

            /// Where the signer is led when they have rejected.
            pub fn on_reject(mut self, url: impl Into<String>) -> Self {
                self.draft.task.on_task_reject = Some(url.into());
                self
            }

            /// Where the signer is led when they have put it off.
            pub fn on_postpone(mut self, url: impl Into<String>) -> Self {
                self.draft.task.on_task_postpone = Some(url.into());
                self
            }

            /// The language that the signer reads: `nb`, `en`, `sv`, `da`, `fi`.
            pub fn language(mut self, language: impl Into<String>) -> Self {
                self.draft.task.language = Some(language.into());
                self
            }

            /// The days before the task expires.
            pub fn days_to_live(mut self, days: i32) -> Self {
                self.draft.task.days_to_live = Some(days);
                self
            }

            /// Who the signer has to be: `national-id` and its value, for one. What is known of the signer is
            /// compared with it.
            pub fn subject_attribute(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
                self.draft.subject().attributes.push(types::SubjectAttribute {
                    name: Some(name.into()),
                    value: Some(value.into()),
                    ..Default::default()
                });
                self
            }

            /// Has the signer authenticate by one of these methods before they see the documents.
            pub fn authenticate<M: Into<String>>(mut self, methods: impl IntoIterator<Item = M>) -> Self {
                let methods = methods.into_iter().map(Into::into);
                self.draft.task.authentication.get_or_insert_default().methods.extend(methods);
                self
            }

            /// A message to the signer, or to somebody about them.
            pub fn notification(mut self, notification: types::TaskNotification) -> Self {
                self.draft.task.notifications.push(notification);
                self
            }

            /// Sets whatever else the API takes of a task. The id, the documents and the tasks to come after
            /// that were said by the other methods are not in it yet; what is put there is added to them.
            pub fn with(mut self, change: impl FnOnce(&mut types::Task)) -> Self {
                change(&mut self.draft.task);
                self
            }
        }
    )+};
}
task_settings!(Signer, NewTask);
