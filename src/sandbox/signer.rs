//! The people who sign, played by a test.

use std::fmt;
use std::sync::Arc;

use super::error::SandboxError;
use super::order::Verb;
use super::service::Service;

/// The signer of one task: does what a person does who opens the task's signing URL. Made by
/// [`Sandbox::signer`](super::Sandbox::signer).
///
/// A verb is refused while the task depends on another one that is not completed, and once the task is final.
///
/// ```
/// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # on_sandbox!(sandbox, sign, pdf, order =>
/// let kari = sandbox.signer(order.id(), "kari");
/// println!("task {} of order {}: {}", kari.task_id(), kari.order_id(), kari.signing_url()?);
/// kari.opens()?;
/// kari.signs()?;
/// assert!(matches!(kari.rejects("wrong amount"), Err(SandboxError::Final { .. })));
/// # );
/// ```
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

    /// The address at which this signer finds the task: a page for a browser. Whoever has it can sign.
    ///
    /// # Errors
    ///
    /// [`SandboxError`] says that there is no such order or task.
    pub fn signing_url(&self) -> Result<String, SandboxError> {
        let (world, _) = self.service.world();
        Ok(self.service.urls.signing(world.state.order(&self.order_id)?.task(&self.task_id)?))
    }

    /// Where the signer's browser is sent after what they did last: the order's `onTaskComplete`, `onTaskReject` or
    /// `onTaskPostpone`, its placeholders filled in. None while they are still at it, or where the order says nothing.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order =>
    /// sandbox.signer(order.id(), "kari").signs()?;
    /// assert_eq!(sandbox.signer(order.id(), "kari").redirect()?, None); // the order says nothing of it
    /// # );
    /// ```
    ///
    /// # Errors
    ///
    /// [`SandboxError`] says that there is no such order or task.
    pub fn redirect(&self) -> Result<Option<String>, SandboxError> {
        let (world, _) = self.service.world();
        Ok(world.state.order(&self.order_id)?.task(&self.task_id)?.redirect(&self.order_id))
    }

    /// Opens the task and looks at its documents. The other verbs do it too, if it has not been done.
    ///
    /// # Errors
    ///
    /// [`SandboxError`] says why it is not this signer's turn.
    pub fn opens(&self) -> Result<(), SandboxError> {
        self.perform(&Verb::Open)
    }

    /// Signs, reads or uploads what the task asks for. The task is completed then.
    ///
    /// # Errors
    ///
    /// [`SandboxError`] says why it is not this signer's turn.
    pub fn signs(&self) -> Result<(), SandboxError> {
        self.perform(&Verb::Sign)
    }

    /// Refuses to sign, in these words. The task is rejected then, and the order's packaging never starts.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order =>
    /// sandbox.signer(order.id(), "kari").rejects("wrong amount")?;
    /// let error = sign.orders().wait(&order).await.unwrap_err();
    /// assert!(error.is_order_ended());
    /// # );
    /// ```
    ///
    /// # Errors
    ///
    /// [`SandboxError`] says why it is not this signer's turn.
    pub fn rejects(&self, reason: &str) -> Result<(), SandboxError> {
        self.perform(&Verb::Reject(reason))
    }

    /// Leaves the task for another time. It stays as it is.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order =>
    /// sandbox.signer(order.id(), "kari").postpones()?;
    /// sandbox.signer(order.id(), "kari").signs()?; // later
    /// # );
    /// ```
    ///
    /// # Errors
    ///
    /// [`SandboxError`] says why it is not this signer's turn.
    pub fn postpones(&self) -> Result<(), SandboxError> {
        self.perform(&Verb::Postpone)
    }

    /// Hands the task over to someone else, who gets a task with an id of its own, and returns that signer.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order =>
    /// let ola = sandbox.signer(order.id(), "kari").forwards_to("Ola", "ola@example.com")?;
    /// ola.signs()?;
    /// let done = sign.orders().wait(&order).await?;
    /// assert_eq!(done.state().tasks()[0].decided_by(), ola.task_id());
    /// # );
    /// ```
    ///
    /// # Errors
    ///
    /// [`SandboxError`] says why it is not this signer's turn.
    pub fn forwards_to(&self, name: &str, email: &str) -> Result<Signer, SandboxError> {
        let (mut world, now) = self.service.world();
        let task_id = world.state.forward(&self.order_id, &self.task_id, (name, email), now)?;
        Ok(Signer { task_id, ..self.clone() })
    }

    /// Lets the task's days pass without doing anything. The task is expired then, whether or not it was its turn.
    /// [`Sandbox::advance`](super::Sandbox::advance) lets them pass for all.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order =>
    /// sandbox.signer(order.id(), "kari").expires()?;
    /// let error = sign.orders().wait(&order).await.unwrap_err();
    /// assert_eq!(error.order_state().unwrap().to_string(), "0 of 1 signed; kari expired");
    /// # );
    /// ```
    ///
    /// # Errors
    ///
    /// [`SandboxError`] says that there is no such task, or that it is final.
    pub fn expires(&self) -> Result<(), SandboxError> {
        self.perform(&Verb::Expire)
    }

    fn perform(&self, verb: &Verb<'_>) -> Result<(), SandboxError> {
        let (mut world, now) = self.service.world();
        world.state.perform(&self.order_id, &self.task_id, verb, now)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("order_id", &self.order_id).field("task_id", &self.task_id).finish()
    }
}
