//! An order that everybody has signed, and what comes after.

use std::path::Path;

use crate::client::Client;
use crate::collect::{Collected, collect};
use crate::download::Download;
use crate::error::{Error, Result};
use crate::ids::{OrderId, TaskId};
use crate::state::{OrderState, TaskState};
use crate::tasks::TaskDocument;
use crate::types;

/// An order that everybody has signed, with its sealed files: made by [`Wait`](crate::Wait) alone.
///
/// ```
/// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # on_sandbox!(sandbox, sign, pdf, order, done =>
/// assert_eq!(done.id(), order.id());
/// assert_eq!(done.state().phase(), OrderPhase::Completed);
/// # );
/// ```
#[derive(Clone, Debug)]
pub struct CompletedOrder {
    client: Client,
    id: OrderId,
    state: OrderState,
}

impl CompletedOrder {
    pub(crate) fn new(client: Client, id: OrderId, state: OrderState) -> Self {
        Self { client, id, state }
    }

    /// The order's id.
    #[must_use]
    pub fn id(&self) -> &OrderId {
        &self.id
    }

    /// How it ended, task by task.
    #[must_use]
    pub fn state(&self) -> &OrderState {
        &self.state
    }

    /// The sealed file that a packaging task made.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(folder; sandbox, sign, pdf, order, done =>
    /// done.sealed("sealed")?.save_to(folder.join("signed.pdf")).await?;
    /// # );
    /// ```
    ///
    /// # Errors
    /// [`Error::is_validation`] if the order has no packaging task of that id.
    pub fn sealed(&self, packaging_task: impl AsRef<str>) -> Result<Download> {
        let id = packaging_task.as_ref();
        let known = self.state.packaging_tasks.iter().find(|(known, _)| known == id);
        let (id, _) = known.ok_or_else(|| Error::invalid(format!("the order has no packaging task {id}")))?;
        Ok(self.client.packaging(&self.id).result(id))
    }

    /// Every document that was signed, with its signer's evidence: [`TaskDocument::result`].
    ///
    /// The documents are those that the tasks' statuses give a result for. Of a task that was forwarded they are
    /// those of the task that it was forwarded to.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(folder; sandbox, sign, pdf, order, done =>
    /// for (number, document) in done.evidence().await?.iter().enumerate() {
    ///     println!("{number}: {} of {}", document.id(), document.task());
    ///     document.result().save_to(folder.join(format!("evidence-{number}.xml"))).await?;
    /// }
    /// # );
    /// ```
    ///
    /// # Errors
    /// Those of [`Tasks::status`](crate::Tasks::status).
    pub async fn evidence(&self) -> Result<Vec<TaskDocument>> {
        let tasks = self.client.tasks(&self.id);
        let mut evidence = Vec::new();
        for task in self.state.tasks().iter().map(TaskState::decided_by) {
            let status = tasks.status(task).await?;
            let signed = status.documents.into_iter().filter(|document| document.result_uri.is_some());
            evidence.extend(signed.filter_map(|document| Some(tasks.document(task, &document.id?))));
        }
        Ok(evidence)
    }

    /// What has happened to a task of the order.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order, done =>
    /// for task in done.state().tasks() {
    ///     println!("{}: {} events", task.id(), done.events(task.id()).await?.len());
    /// }
    /// # );
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is no such task.
    pub async fn events(&self, task: &TaskId) -> Result<Vec<types::Event>> {
        self.client.tasks(&self.id).events(task).await
    }

    /// To whom a task of the order was forwarded.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order, done =>
    /// assert!(done.forwards(&"kari".parse()?).await?.is_empty()); // she has signed herself
    /// # );
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is no such task.
    pub async fn forwards(&self, task: &TaskId) -> Result<Vec<types::TaskForwardDetails>> {
        self.client.tasks(&self.id).forwards(task).await
    }

    /// Writes all that there is of the order into a folder, with a manifest:
    /// [`Orders::collect_to`](crate::Orders::collect_to) says how.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(folder; sandbox, sign, pdf, order, done =>
    /// let collected = done.collect_to(folder).await?;
    /// assert!(collected.is_whole() && folder.join("packaging/sealed/result.pdf").exists());
    /// # );
    /// ```
    ///
    /// # Errors
    /// Those of [`Orders::collect_to`](crate::Orders::collect_to).
    pub async fn collect_to(&self, folder: impl AsRef<Path>) -> Result<Collected> {
        let mut tasks = Vec::new();
        for task in &self.state.tasks {
            tasks.push(task.id.clone());
            tasks.extend(task.forwarded_to.iter().cloned());
        }
        let packaging_tasks = self.state.packaging_tasks.iter().map(|(id, _)| id.clone());
        collect(self.client.clone(), &self.id, tasks.into_iter(), packaging_tasks, folder.as_ref()).await
    }

    /// Deletes the order, with all of its documents that are not in the archive, and looks whether it is gone:
    /// [`Orders::delete_confirmed`](crate::Orders::delete_confirmed).
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order, done =>
    /// done.delete().await?;
    /// assert!(sign.orders().get(order.id()).await.unwrap_err().is_not_found());
    /// # );
    /// ```
    ///
    /// # Errors
    /// Those of [`Orders::delete_confirmed`](crate::Orders::delete_confirmed).
    pub async fn delete(&self) -> Result<()> {
        self.client.orders().delete_confirmed(&self.id).await
    }
}
