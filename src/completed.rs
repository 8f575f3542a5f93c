//! An order that everybody has signed, and what comes after.

use crate::client::Client;
use crate::download::Download;
use crate::error::{Error, Result};
use crate::ids::OrderId;
use crate::state::OrderState;

/// An order that everybody has signed, with its sealed files: made by [`Wait`](crate::Wait) alone.
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
    /// # Errors
    /// [`Error::is_validation`] if the order has no packaging task of that id.
    pub fn sealed(&self, packaging_task: impl AsRef<str>) -> Result<Download> {
        let id = packaging_task.as_ref();
        let known = self.state.packaging_tasks.iter().find(|(known, _)| known == id);
        let (id, _) = known.ok_or_else(|| Error::invalid(format!("the order has no packaging task {id}")))?;
        Ok(self.client.packaging(&self.id).result(id))
    }
}
