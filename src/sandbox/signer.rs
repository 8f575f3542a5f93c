//! The people who sign, played by a test.

use std::fmt;
use std::sync::Arc;

use super::error::SandboxError;
use super::service::Service;

/// The signer of one task: does what a person does who opens the task's signing URL. Made by
/// [`Sandbox::signer`](super::Sandbox::signer).
///
/// A verb is refused while the task depends on another one that is not completed, and once the task is final.
#[derive(Clone)]
pub struct Signer {
    service: Arc<Service>,
    order_id: String,
    task_id: String,
}

impl Signer {
    pub(super) fn new(service: Arc<Service>, order_id: &str, task_id: &str) -> Signer {
        Signer { service, order_id: order_id.to_owned(), task_id: task_id.to_owned() }
    }

    /// The order.
    #[must_use]
    pub fn order_id(&self) -> &str {
        &self.order_id
    }

    /// The signer's task.
    #[must_use]
    pub fn task_id(&self) -> &str {
        &self.task_id
    }

    /// Opens the task and looks at its documents. The other verbs do it too, if it has not been done.
    ///
    /// # Errors
    ///
    /// [`SandboxError`] says why it is not this signer's turn.
    pub fn opens(&self) -> Result<(), SandboxError> {
        let now = self.service.now();
        self.service.world().state.order_mut(&self.order_id)?.0.open(&self.task_id, now)
    }

    /// Signs, reads or uploads what the task asks for. The task is completed then.
    ///
    /// # Errors
    ///
    /// [`SandboxError`] says why it is not this signer's turn.
    pub fn signs(&self) -> Result<(), SandboxError> {
        let now = self.service.now();
        self.service.world().state.sign(&self.order_id, &self.task_id, now)
    }

    /// Refuses to sign, in these words. The task is rejected then, and the order's packaging never starts.
    ///
    /// # Errors
    ///
    /// [`SandboxError`] says why it is not this signer's turn.
    pub fn rejects(&self, reason: &str) -> Result<(), SandboxError> {
        let now = self.service.now();
        self.service.world().state.order_mut(&self.order_id)?.0.reject(&self.task_id, reason, now)
    }

    /// Hands the task over to someone else, who gets a task with an id of its own, and returns that signer.
    ///
    /// # Errors
    ///
    /// [`SandboxError`] says why it is not this signer's turn.
    pub fn forwards_to(&self, name: &str, email: &str) -> Result<Signer, SandboxError> {
        let now = self.service.now();
        let mut world = self.service.world();
        let (order, ids) = world.state.order_mut(&self.order_id)?;
        let task_id = order.forward(&self.task_id, name, email, ids, now)?;
        Ok(Signer { task_id, ..self.clone() })
    }

    /// Lets the task's days pass without doing anything. The task is expired then, whether or not it was its turn.
    ///
    /// # Errors
    ///
    /// [`SandboxError`] says that there is no such task, or that it is final.
    pub fn expires(&self) -> Result<(), SandboxError> {
        self.service.world().state.order_mut(&self.order_id)?.0.expire(&self.task_id)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("order_id", &self.order_id).field("task_id", &self.task_id).finish()
    }
}
