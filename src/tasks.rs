//! The tasks of an order: what each signer is asked to do, and how far they are.

use crate::client::Client;
use crate::download::Download;
use crate::error::Result;
use crate::ids::{OrderId, TaskDocumentId, TaskId};
use crate::types;

/// The tasks of an order. From [`Client::tasks`].
///
/// ```
/// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # on_sandbox!(sandbox, sign, pdf, order =>
/// let tasks = sign.tasks(order.id());
/// for id in order.tasks() {
///     println!("{id}: {:?}", tasks.status(id).await?.task_status);
/// }
/// # );
/// ```
#[derive(Clone, Debug)]
pub struct Tasks {
    client: Client,
    order: OrderId,
}

impl Tasks {
    pub(crate) fn new(client: Client, order: OrderId) -> Self {
        Self { client, order }
    }

    /// How far a task is.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order =>
    /// sandbox.signer(order.id(), "kari").rejects("wrong amount")?;
    /// let status = sign.tasks(order.id()).status(&"kari".parse()?).await?;
    /// assert_eq!(status.task_status, Some(types::TaskStatus::Rejected));
    /// assert_eq!(status.reject_reason.as_deref(), Some("wrong amount"));
    /// # );
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`](crate::Error::is_not_found) if there is no such task.
    pub async fn status(&self, task: &TaskId) -> Result<types::TaskStatusInfo> {
        let call = self.client.call();
        call.read("get_task_status", call.raw.get_task_status(&self.order, task).await)
    }

    /// What has happened to a task so far.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order =>
    /// sandbox.signer(order.id(), "kari").signs()?;
    /// let events = sign.tasks(order.id()).events(&"kari".parse()?).await?;
    /// assert!(events.iter().any(|event| event.event_type == Some(types::EventType::DocumentSigned)));
    /// # );
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`](crate::Error::is_not_found) if there is no such task.
    pub async fn events(&self, task: &TaskId) -> Result<Vec<types::Event>> {
        let call = self.client.call();
        call.read("get_task_events", call.raw.get_task_events(&self.order, task).await).map(|list| list.0)
    }

    /// To whom a task was forwarded. Forwarding makes a new task: the status of the original one is then not
    /// the whole story.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order =>
    /// sandbox.signer(order.id(), "kari").forwards_to("Ola", "ola@example.com")?;
    /// let forwards = sign.tasks(order.id()).forwards(&"kari".parse()?).await?;
    /// assert_eq!(forwards[0].original_task_id, Some("kari".parse()?));
    /// println!("now it is up to {}", forwards[0].task_id);
    /// # );
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`](crate::Error::is_not_found) if there is no such task.
    pub async fn forwards(&self, task: &TaskId) -> Result<Vec<types::TaskForwardDetails>> {
        let call = self.client.call();
        call.read("get_task_forwards", call.raw.get_task_forwards(&self.order, task).await).map(|list| list.0)
    }

    /// Makes a new authentication artifact for a task; the old one is good no longer.
    ///
    /// Not tried again where it may have been made: the last one made is the one that is good. What it is for is the
    /// reference's (S); method and path are inferred.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order =>
    /// let made = sign.tasks(order.id()).generate_artifact(&"kari".parse()?).await?;
    /// assert!(made.artifact.is_some_and(|artifact| !artifact.expose().is_empty()));
    /// # );
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`](crate::Error::is_not_found) if there is no such task.
    pub async fn generate_artifact(&self, task: &TaskId) -> Result<types::AuthenticationArtifact> {
        let call = self.client.call();
        call.read("generate_artifact", call.raw.generate_artifact(&self.order, task).await)
    }

    /// A document of a task, by the caller's own id of it.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order =>
    /// let document = sign.tasks(order.id()).document(&"kari".parse()?, &"loan-kari".parse()?);
    /// assert_eq!(document.original().bytes(100).await?, "%PDF-1.7 ...");
    /// # );
    /// ```
    #[must_use]
    pub fn document(&self, task: &TaskId, document: &TaskDocumentId) -> TaskDocument {
        TaskDocument {
            client: self.client.clone(),
            order: self.order.clone(),
            task: task.clone(),
            document: document.clone(),
        }
    }
}

/// A document of a task: what the signer was given, and what came of it. From [`Tasks::document`].
///
/// ```
/// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # on_sandbox!(sandbox, sign, pdf, order =>
/// let document = sign.tasks(order.id()).document(&"kari".parse()?, &"loan-kari".parse()?);
/// assert_eq!((document.task().as_str(), document.id().as_str()), ("kari", "loan-kari"));
/// # );
/// ```
#[derive(Clone, Debug)]
pub struct TaskDocument {
    client: Client,
    order: OrderId,
    task: TaskId,
    document: TaskDocumentId,
}

/// The three differ in the generated method alone.
macro_rules! download {
    ($document:ident, $method:ident) => {{
        let Self { client, order, task, document } = $document.clone();
        Download::new(client, stringify!($method), move |raw| {
            Box::pin(async move { raw.$method(&order, &task, &document).await })
        })
    }};
}

impl TaskDocument {
    /// The task that it is of.
    #[must_use]
    pub fn task(&self) -> &TaskId {
        &self.task
    }

    /// Its id in that task.
    #[must_use]
    pub fn id(&self) -> &TaskDocumentId {
        &self.document
    }

    /// The document as the order gave it.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(folder; sandbox, sign, pdf, order =>
    /// let document = sign.tasks(order.id()).document(&"kari".parse()?, &"loan-kari".parse()?);
    /// document.original().save_to(folder.join("original.pdf")).await?;
    /// # );
    /// ```
    pub fn original(&self) -> Download {
        download!(self, get_original_document)
    }

    /// The document as the service showed it to the signer.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(folder; sandbox, sign, pdf, order =>
    /// let document = sign.tasks(order.id()).document(&"kari".parse()?, &"loan-kari".parse()?);
    /// document.generated().save_to(folder.join("shown.pdf")).await?;
    /// # );
    /// ```
    pub fn generated(&self) -> Download {
        download!(self, get_generated_document)
    }

    /// The evidence of this signer on this document: an LTV-SDO (XML), not a PDF (UPG; medium). The signed PDF comes from
    /// a packaging task.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(folder; sandbox, sign, pdf, order, done =>
    /// let document = sign.tasks(order.id()).document(&"kari".parse()?, &"loan-kari".parse()?);
    /// document.result().save_to(folder.join("evidence.xml")).await?;
    /// # );
    /// ```
    pub fn result(&self) -> Download {
        download!(self, get_result_document)
    }
}

impl types::TaskStatus {
    /// Whether the task will stay as it is. A status that nobody knows is not final.
    ///
    /// ```
    /// use signicat_sign::types::TaskStatus;
    ///
    /// assert!(TaskStatus::Expired.is_final());
    /// assert!(!TaskStatus::from("PAUSED").is_final());
    /// ```
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Completed | Self::Rejected | Self::Expired | Self::Deleted)
    }
}
