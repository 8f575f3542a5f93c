//! What one signer is asked to do: as a signer of all documents, or as a task in the API's own terms.

use crate::ids::{DocumentId, TaskId};
use crate::types;

use super::document::NewDocument;
use super::messages;
use super::origin::{Made, TaskOrigin};

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
    documents: Vec<NewDocument>,
    task: types::Task,
}

impl Signer {
    /// A signer by the id of their task.
    pub fn new(id: impl Into<String>) -> Self {
        Self { draft: Draft::new(id.into()), document_ids: Vec::new() }
    }

    /// Sets the id that a document of the order has in this signer's task.
    ///
    /// ```
    /// use signicat_sign::{DocumentId, NewOrder, Signer};
    ///
    /// let pdf: DocumentId = "0502…".parse()?;
    /// let kari = Signer::new("kari").handwritten().document_id("loan", "loan-of-kari");
    /// let order = NewOrder::builder().document("loan", &pdf, "Loan agreement").signer(kari).build()?;
    /// assert_eq!(order.model().tasks[0].documents[0].id, Some("loan-of-kari".parse()?));
    /// # Ok::<(), signicat_sign::Error>(())
    /// ```
    pub fn document_id(mut self, document: impl Into<String>, id: impl Into<String>) -> Self {
        self.document_ids.push((document.into(), id.into()));
        self
    }

    /// The task with the order's documents, and after them the signer's own.
    pub(super) fn finish(mut self, documents: &[NewDocument]) -> (types::Task, TaskOrigin) {
        let id_of = |key: &str| {
            let set = self.document_ids.iter().rev().find(|(known, _)| known == key);
            set.map_or_else(|| format!("{key}-{}", self.draft.id), |(_, id)| id.clone())
        };
        let own = std::mem::take(&mut self.draft.documents);
        let documents = documents.iter().cloned().chain(own);
        let documents = documents.map(|document| (id_of(&document.key), document)).collect();
        self.draft.finish(Made::Signer, documents)
    }

    /// Documents that neither the order nor the signer has, though an id was set for them.
    pub(super) fn unknown_documents<'a>(
        &'a self,
        documents: &'a [NewDocument],
    ) -> impl Iterator<Item = &'a str> {
        let keys = self.document_ids.iter().map(|(key, _)| key.as_str());
        let known = |key: &str| documents.iter().chain(&self.draft.documents).any(|known| known.key == key);
        keys.filter(move |key| !known(key))
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
        self.add_document(NewDocument::sign(id, storage_id, description))
    }

    /// A document to read, by the caller's own id of it.
    pub fn view(
        self,
        id: impl Into<String>,
        storage_id: &DocumentId,
        description: impl Into<String>,
    ) -> Self {
        self.add_document(NewDocument::view(id, storage_id, description))
    }

    pub(super) fn finish(mut self) -> (types::Task, TaskOrigin) {
        let documents = std::mem::take(&mut self.draft.documents);
        let documents = documents.into_iter().map(|document| (document.key.clone(), document)).collect();
        self.draft.finish(Made::Task, documents)
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

    /// The task, with ids that are still to be verified, and what its parts were called when they were given. Each
    /// document comes with the id that it has here.
    fn finish(mut self, made: Made, documents: Vec<(String, NewDocument)>) -> (types::Task, TaskOrigin) {
        let keys = documents.iter().map(|(_, document)| document.key.clone()).collect();
        let mut documents: Vec<_> = documents.into_iter().map(|(id, document)| document.finish(id)).collect();
        documents.append(&mut self.task.documents);
        let mut after: Vec<_> = self.after.into_iter().map(TaskId::unverified).collect();
        after.append(&mut self.task.depends_on_tasks);
        let ids = self.task.notifications.iter_mut().map(|notification| &mut notification.id);
        messages::name(ids, format_args!("{}-message", self.id));
        let id = Some(TaskId::unverified(self.id));
        let task = types::Task { id, documents, depends_on_tasks: after, ..self.task };
        (task, TaskOrigin { made, documents: keys })
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

    fn authentication(&mut self) -> &mut types::Authentication {
        self.task.authentication.get_or_insert_default()
    }
}

/// What can be said of a signer and of a task alike.
macro_rules! task_settings {
    ($($name:ident),+) => {$(
        impl $name {
            /// Signs by a method of the type SIGNED_STATEMENT, by its name at the service: `nbid-sign`.
            ///
            /// ```
            #[doc = concat!("use signicat_sign::", stringify!($name), ";")]
            ///
            #[doc = concat!("let kari = ", stringify!($name), "::new(\"kari\")")]
            ///     .signed_statement("nbid-sign")
            ///     .authentication_based("nbid")
            ///     .third_party("the-other")
            ///     .handwritten(); // to choose from
            /// ```
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
            ///
            /// ```
            #[doc = concat!("use signicat_sign::", stringify!($name), ";")]
            ///
            #[doc = concat!("let ola = ", stringify!($name), "::new(\"ola\").signed_statement(\"sbid-sign\").after(\"kari\");")]
            /// ```
            pub fn after(mut self, task: impl Into<String>) -> Self {
                let task = task.into();
                if !self.draft.after.contains(&task) {
                    self.draft.after.push(task);
                }
                self
            }

            /// A document for this one alone.
            ///
            /// ```
            #[doc = concat!("use signicat_sign::{NewDocument, ", stringify!($name), "};")]
            ///
            /// let payslip = NewDocument::upload("payslip", "Your payslip");
            #[doc = concat!("let kari = ", stringify!($name), "::new(\"kari\").handwritten().add_document(payslip);")]
            /// ```
            pub fn add_document(mut self, document: NewDocument) -> Self {
                self.draft.documents.push(document);
                self
            }

            /// Where the signer is led when they have signed. `${taskId}` and `${requestId}` are filled in by
            /// the service: see [`Placeholder`](crate::Placeholder).
            ///
            /// ```
            #[doc = concat!("use signicat_sign::", stringify!($name), ";")]
            ///
            #[doc = concat!("let kari = ", stringify!($name), "::new(\"kari\")")]
            ///     .on_complete("https://shop.example/done?task=${taskId}")
            ///     .on_reject("https://shop.example/rejected?task=${taskId}")
            ///     .on_postpone("https://shop.example/later?task=${taskId}");
            /// ```
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
            ///
            /// ```
            #[doc = concat!("use signicat_sign::", stringify!($name), ";")]
            ///
            #[doc = concat!("let kari = ", stringify!($name), "::new(\"kari\")")]
            ///     .language("nb")
            ///     .profile("shop")
            ///     .configuration("short")
            ///     .days_to_live(7)
            ///     .dialog("Your loan", "Please read it first.")
            ///     .sign_text("I take the loan.")
            ///     .legacy_document_viewer();
            /// ```
            pub fn language(mut self, language: impl Into<String>) -> Self {
                self.draft.task.language = Some(language.into());
                self
            }

            /// The graphical profile, by its name at the service.
            pub fn profile(mut self, profile: impl Into<String>) -> Self {
                self.draft.task.profile = Some(profile.into());
                self
            }

            /// The configuration of the sign flow, by its name at the service.
            pub fn configuration(mut self, configuration: impl Into<String>) -> Self {
                self.draft.task.configuration = Some(configuration.into());
                self
            }

            /// The days before the task expires (S). Range and default are not known.
            pub fn days_to_live(mut self, days: i32) -> Self {
                self.draft.task.days_to_live = Some(days);
                self
            }

            /// What the signer reads first.
            pub fn dialog(mut self, title: impl Into<String>, message: impl Into<String>) -> Self {
                let dialog = self.draft.task.dialog.get_or_insert_default();
                (dialog.title, dialog.message) = (Some(title.into()), Some(message.into()));
                self
            }

            /// The text that is signed, by methods that take one.
            pub fn sign_text(mut self, text: impl Into<String>) -> Self {
                self.draft.task.sign_text = Some(text.into());
                self
            }

            /// Shows the documents in the older viewer.
            pub fn legacy_document_viewer(mut self) -> Self {
                self.draft.task.use_legacy_document_viewer = Some(true);
                self
            }

            /// The caller's own name of the person.
            ///
            /// ```
            #[doc = concat!("use signicat_sign::", stringify!($name), ";")]
            ///
            #[doc = concat!("let kari = ", stringify!($name), "::new(\"kari\")")]
            ///     .subject_id("customer-17")
            ///     .subject_attribute("national-id", "01010199999")
            ///     .subject_attribute_for(["nbid-sign"], "name", "Kari Nordmann")
            ///     .login_hint("mobile", "99999999")
            ///     .login_hint_for(["nbid-sign"], "birthdate", "010101");
            /// ```
            pub fn subject_id(mut self, id: impl Into<String>) -> Self {
                self.draft.subject().id = Some(id.into());
                self
            }

            /// Who the signer has to be: `national-id` and its value, for one. What is known of the signer is
            /// compared with it.
            pub fn subject_attribute(self, name: impl Into<String>, value: impl Into<String>) -> Self {
                self.subject_attribute_for([""; 0], name, value)
            }

            /// The same, of signers who use one of these methods; without any, of all.
            pub fn subject_attribute_for<M: Into<String>>(
                mut self,
                methods: impl IntoIterator<Item = M>,
                name: impl Into<String>,
                value: impl Into<String>,
            ) -> Self {
                self.draft.subject().attributes.push(types::SubjectAttribute {
                    name: Some(name.into()),
                    value: Some(value.into()),
                    methods: methods.into_iter().map(Into::into).collect(),
                    ..Default::default()
                });
                self
            }

            /// What a method is told of the signer, so that they need not type it.
            pub fn login_hint(self, name: impl Into<String>, value: impl Into<String>) -> Self {
                self.login_hint_for([""; 0], name, value)
            }

            /// The same, for these methods.
            pub fn login_hint_for<M: Into<String>>(
                mut self,
                methods: impl IntoIterator<Item = M>,
                name: impl Into<String>,
                value: impl Into<String>,
            ) -> Self {
                self.draft.subject().login_hints.push(types::LoginHint {
                    name: Some(name.into()),
                    value: Some(value.into()),
                    methods: methods.into_iter().map(Into::into).collect(),
                    ..Default::default()
                });
                self
            }

            /// Has the signer authenticate by one of these methods before they see the documents.
            ///
            /// ```
            #[doc = concat!("use signicat_sign::", stringify!($name), ";")]
            ///
            #[doc = concat!("let kari = ", stringify!($name), "::new(\"kari\").authenticate([\"nbid\", \"nbid-mobile\"]).authentication_artifact();")]
            /// ```
            pub fn authenticate<M: Into<String>>(mut self, methods: impl IntoIterator<Item = M>) -> Self {
                let methods: Vec<_> = methods.into_iter().map(Into::into).collect();
                if !methods.is_empty() {
                    self.draft.authentication().methods.extend(methods);
                }
                self
            }

            /// Asks for an artifact, with which a signer who has signed in with the caller need not do so again.
            pub fn authentication_artifact(mut self) -> Self {
                self.draft.authentication().artifact = Some(true);
                self
            }

            /// A message to the signer, or to somebody about them: a
            /// [`Notification`](crate::Notification) that says [when](crate::Notification::on), or one in the
            /// API's own terms. One without an id gets one.
            ///
            /// ```
            #[doc = concat!("use signicat_sign::{Notification, types::TaskTriggerStatus, ", stringify!($name), "};")]
            ///
            /// let mail = Notification::email("kari@example.com").message("Please sign.");
            #[doc = concat!("let kari = ", stringify!($name), "::new(\"kari\").notification(mail.on(TaskTriggerStatus::Created));")]
            /// ```
            pub fn notification(mut self, notification: impl Into<types::TaskNotification>) -> Self {
                self.draft.task.notifications.push(notification.into());
                self
            }

            /// Sets whatever else the API takes of a task. The documents and the tasks to come after that were
            /// said by the other methods are not in it yet; what is put there is added to them. An id that is put
            /// there is not taken.
            ///
            /// ```
            #[doc = concat!("use signicat_sign::", stringify!($name), ";")]
            ///
            #[doc = concat!("let kari = ", stringify!($name), "::new(\"kari\").with(|task| task.use_legacy_document_viewer = Some(true));")]
            /// ```
            pub fn with(mut self, change: impl FnOnce(&mut types::Task)) -> Self {
                change(&mut self.draft.task);
                self
            }
        }
    )+};
}
task_settings!(Signer, NewTask);
