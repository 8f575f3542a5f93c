//! How far an order is, which has no status of its own: derived from its tasks and packaging tasks.

use std::fmt::{self, Debug, Display, Formatter};

use crate::ids::{PackagingTaskId, TaskId};
use crate::redact::scrub;
use crate::types::{
    PackagingTaskStatus, PackagingTaskStatusInfo, TaskForwardDetails, TaskStatus, TaskStatusInfo,
};

/// More than anybody hands a task on: a service that names ever new recipients is not followed for ever.
pub(crate) const MAX_FORWARDS: usize = 100;

/// What an order's tasks and packaging tasks say of it: seen by a [`Wait`](crate::Wait), or
/// [derived](Self::derive) from what one was told.
///
/// ```
/// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # on_sandbox!(sandbox, sign, pdf, order, done =>
/// let state = done.state();
/// assert!(state.is_final() && state.phase() == OrderPhase::Completed);
/// assert_eq!(state.tasks().len(), 1);
/// assert!(state.task("kari").is_some() && state.task("ola").is_none());
/// for (id, status) in state.packaging_tasks() {
///     println!("{id}: {status:?}");
/// }
/// # );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderState {
    pub(crate) tasks: Vec<TaskState>,
    pub(crate) packaging_tasks: Vec<(PackagingTaskId, Option<PackagingTaskStatus>)>,
}

/// How far one task of an order is.
///
/// ```
/// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # on_sandbox!(sandbox, sign, pdf, order =>
/// sandbox.signer(order.id(), "kari").rejects("wrong amount")?;
/// let error = sign.orders().wait(&order).await.unwrap_err();
/// let kari = &error.order_state().unwrap().tasks()[0];
/// assert_eq!(kari.status(), Some(&types::TaskStatus::Rejected));
/// assert_eq!(kari.reject_reason(), Some("wrong amount"));
/// assert_eq!(kari.decided_by(), kari.id()); // it was not forwarded
/// # );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskState {
    pub(crate) id: TaskId,
    pub(crate) forwarded_to: Vec<TaskId>,
    pub(crate) status: Option<TaskStatus>,
    pub(crate) reject_reason: Option<RejectReason>,
}

/// A signer's own words: kept out of Debug.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RejectReason(String);

impl Debug for RejectReason {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "(len:{})", self.0.len())
    }
}

/// How far an order is.
///
/// ```
/// use signicat_sign::{OrderPhase, OrderState};
///
/// let state = OrderState::derive(&["kari".parse()?], &[], &[], &[], &[]);
/// assert_eq!(state.phase(), OrderPhase::Signing);
/// # Ok::<(), signicat_sign::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OrderPhase {
    /// Somebody has yet to sign.
    Signing,
    /// All have signed; the sealed files are being made.
    Packaging,
    /// All have signed, and every sealed file is made.
    Completed,
    /// It ended otherwise: a task was rejected, expired or deleted, or packaging failed.
    Ended,
}

impl OrderState {
    /// Derives how far an order is from what the service says of its parts: for who asks at their own pace, or
    /// is called back. A [`Wait`](crate::Wait) goes by the same rules.
    ///
    /// The ids are all that the order has; a part that nothing is said of was not seen yet. Of several statuses of
    /// one task the last one counts. A task that was forwarded is decided by the one that it was forwarded to, on
    /// and on, unless its own signer has signed or rejected; where forwards lead back, by the last one before that. A
    /// forward that does not say whose task it was says nothing.
    ///
    /// ```
    /// use signicat_sign::{OrderPhase, OrderState};
    ///
    /// let told = |json| serde_json::from_str(json);
    /// let kari = told(r#"{ "orderId": "1", "taskId": "kari", "taskStatus": "COMPLETED" }"#)?;
    /// let ola = told(r#"{ "orderId": "1", "taskId": "ola", "taskStatus": "REJECTED", "rejectReason": "wrong amount" }"#)?;
    /// let (tasks, packaging_tasks) = (["kari".parse()?, "ola".parse()?], ["sealed".parse()?]);
    ///
    /// let state = OrderState::derive(&tasks, &packaging_tasks, &[kari, ola], &[], &[]);
    /// assert_eq!(state.phase(), OrderPhase::Ended);
    /// assert_eq!(state.to_string(), "1 of 2 signed; ola rejected: wrong amount");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn derive(
        tasks: &[TaskId],
        packaging_tasks: &[PackagingTaskId],
        statuses: &[TaskStatusInfo],
        forwards: &[TaskForwardDetails],
        packaging_statuses: &[PackagingTaskStatusInfo],
    ) -> Self {
        let mut state = Self::not_seen(tasks, packaging_tasks);
        for task in &mut state.tasks {
            loop {
                let info = statuses.iter().rfind(|info| info.task_id == *task.decided_by());
                if !info.is_some_and(was_decided) && task.follow(forwards) {
                    continue;
                }
                if let Some(info) = info {
                    task.see(info);
                }
                break;
            }
        }
        for (id, status) in &mut state.packaging_tasks {
            let info = packaging_statuses.iter().rfind(|info| info.packaging_task_id == *id);
            *status = info.and_then(|info| info.packaging_task_status.clone());
        }
        state
    }

    /// An order of which nothing was seen yet.
    pub(crate) fn not_seen(tasks: &[TaskId], packaging_tasks: &[PackagingTaskId]) -> Self {
        Self {
            tasks: tasks.iter().cloned().map(TaskState::not_seen).collect(),
            packaging_tasks: packaging_tasks.iter().map(|id| (id.clone(), None)).collect(),
        }
    }

    /// How far the order is.
    ///
    /// One task that ended otherwise than completed ends the order, though packaging still says CREATED: it
    /// will not move. A status that nobody knows is not final, and an order of which no task is known has not ended.
    #[must_use]
    pub fn phase(&self) -> OrderPhase {
        let ended = |task: &TaskState| task.is_final() && !task.is_completed();
        let failed = |(_, status): &(_, _)| matches!(status, Some(PackagingTaskStatus::Failed));
        let made = |(_, status): &(_, _)| matches!(status, Some(PackagingTaskStatus::Completed));
        if self.tasks.iter().any(ended) || self.packaging_tasks.iter().any(failed) {
            OrderPhase::Ended
        } else if self.tasks.is_empty() || !self.tasks.iter().all(TaskState::is_completed) {
            OrderPhase::Signing
        } else if !self.packaging_tasks.iter().all(made) {
            OrderPhase::Packaging
        } else {
            OrderPhase::Completed
        }
    }

    /// Whether it stays as it is.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self.phase(), OrderPhase::Completed | OrderPhase::Ended)
    }

    /// Its tasks, in the order's own sequence.
    #[must_use]
    pub fn tasks(&self) -> &[TaskState] {
        &self.tasks
    }

    /// One of its tasks, by the id that the order has for it.
    #[must_use]
    pub fn task(&self, id: impl AsRef<str>) -> Option<&TaskState> {
        self.tasks.iter().find(|task| task.id == id.as_ref())
    }

    /// Each packaging task and its status, or nothing where it has not been seen yet.
    pub fn packaging_tasks(&self) -> impl Iterator<Item = (&PackagingTaskId, Option<&PackagingTaskStatus>)> {
        self.packaging_tasks.iter().map(|(id, status)| (id, status.as_ref()))
    }
}

impl TaskState {
    pub(crate) fn not_seen(id: TaskId) -> Self {
        Self { id, forwarded_to: Vec::new(), status: None, reject_reason: None }
    }

    /// The task's id in the order.
    #[must_use]
    pub fn id(&self) -> &TaskId {
        &self.id
    }

    /// Its status, or nothing where it has not been seen yet: of the task that [decides](Self::decided_by).
    #[must_use]
    pub fn status(&self) -> Option<&TaskStatus> {
        self.status.as_ref()
    }

    /// The task whose status counts: itself, or the last one that it was forwarded to.
    #[must_use]
    pub fn decided_by(&self) -> &TaskId {
        self.forwarded_to.last().unwrap_or(&self.id)
    }

    /// Why the signer rejected it, in their own words, which may say anything: kept out of Debug, and scrubbed in
    /// the order's Display.
    #[must_use]
    pub fn reject_reason(&self) -> Option<&str> {
        self.reject_reason.as_ref().map(|reason| reason.0.as_str())
    }

    pub(crate) fn is_final(&self) -> bool {
        self.status.as_ref().is_some_and(TaskStatus::is_final)
    }

    pub(crate) fn is_completed(&self) -> bool {
        matches!(self.status, Some(TaskStatus::Completed))
    }

    /// Takes over what the service says of the task that decides.
    pub(crate) fn see(&mut self, info: &TaskStatusInfo) {
        let rejected = matches!(info.task_status, Some(TaskStatus::Rejected));
        let reason = info.reject_reason.as_ref().filter(|_| rejected);
        self.reject_reason = reason.map(|reason| RejectReason(reason.clone()));
        self.status.clone_from(&info.task_status);
    }

    /// Goes one forward on, if there is one that leads to a task that was not met before: that one is to be seen.
    pub(crate) fn follow(&mut self, forwards: &[TaskForwardDetails]) -> bool {
        if self.forwarded_to.len() >= MAX_FORWARDS {
            return false;
        }
        let next = forwards.iter().rfind(|forward| {
            forward.original_task_id.as_ref() == Some(self.decided_by()) && !self.was_met(&forward.task_id)
        });
        let Some(next) = next else { return false };
        self.forwarded_to.push(next.task_id.clone());
        (self.status, self.reject_reason) = (None, None);
        true
    }

    /// Whether a task is this one or one that it was forwarded to.
    pub(crate) fn was_met(&self, task: &TaskId) -> bool {
        self.id == *task || self.forwarded_to.contains(task)
    }
}

/// Whether its own signer has decided a task: who has signed or rejected has handed nothing on.
pub(crate) fn was_decided(info: &TaskStatusInfo) -> bool {
    matches!(info.task_status, Some(TaskStatus::Completed | TaskStatus::Rejected))
}

/// In words: `1 of 2 signed; ola rejected: wrong amount`.
impl Display for OrderState {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let signed = self.tasks.iter().filter(|task| task.is_completed()).count();
        write!(f, "{signed} of {} signed", self.tasks.len())?;
        for task in &self.tasks {
            let id = &task.id;
            match &task.status {
                None => write!(f, "; {id} not seen yet")?,
                Some(TaskStatus::Rejected) => {
                    write!(f, "; {id} rejected")?;
                    if let Some(reason) = task.reject_reason() {
                        write!(f, ": {}", scrub(reason))?;
                    }
                }
                Some(TaskStatus::Expired) => write!(f, "; {id} expired")?,
                Some(TaskStatus::Deleted) => write!(f, "; {id} was deleted")?,
                _ => {}
            }
        }
        for (id, status) in &self.packaging_tasks {
            match status {
                Some(PackagingTaskStatus::Completed) => write!(f, "; packaging task {id} completed")?,
                Some(PackagingTaskStatus::Failed) => write!(f, "; packaging task {id} failed")?,
                _ => {}
            }
        }
        Ok(())
    }
}
