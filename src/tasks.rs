//! The tasks of an order: what each signer is asked to do, and how far they are.

use crate::client::Client;
use crate::download::Download;
use crate::error::Result;
use crate::ids::{OrderId, TaskDocumentId, TaskId};
use crate::types;

/// The tasks of an order. From [`Client::tasks`].
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
    /// # Errors
    /// [`Error::is_not_found`](crate::Error::is_not_found) if there is no such task.
    pub async fn status(&self, task: &TaskId) -> Result<types::TaskStatusInfo> {
        let call = self.client.call();
        call.read("get_task_status", call.raw.get_task_status(&self.order, task).await)
    }

    /// What has happened to a task so far.
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
    /// # Errors
    /// [`Error::is_not_found`](crate::Error::is_not_found) if there is no such task.
    pub async fn forwards(&self, task: &TaskId) -> Result<Vec<types::TaskForwardDetails>> {
        let call = self.client.call();
        call.read("get_task_forwards", call.raw.get_task_forwards(&self.order, task).await).map(|list| list.0)
    }

    /// Makes a new authentication artifact for a task; the old one is good no longer.
    ///
    /// Not tried again where it may have been made: the last one made is the one that is good.
    ///
    /// # Errors
    /// [`Error::is_not_found`](crate::Error::is_not_found) if there is no such task.
    pub async fn generate_artifact(&self, task: &TaskId) -> Result<types::AuthenticationArtifact> {
        let call = self.client.call();
        call.read("generate_artifact", call.raw.generate_artifact(&self.order, task).await)
    }

    /// A document of a task, by the caller's own id of it.
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
    pub fn original(&self) -> Download {
        download!(self, get_original_document)
    }

    /// The document as the service showed it to the signer.
    pub fn generated(&self) -> Download {
        download!(self, get_generated_document)
    }

    /// The evidence of this signer on this document: an LTV-SDO (XML), not a PDF. The signed PDF comes from a
    /// packaging task.
    pub fn result(&self) -> Download {
        download!(self, get_result_document)
    }
}

impl types::TaskStatus {
    /// Whether the task will stay as it is. A status that nobody knows is not final.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Completed | Self::Rejected | Self::Expired | Self::Deleted)
    }
}
