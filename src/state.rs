//! How far an order is, which has no status of its own: derived from its tasks and packaging tasks.

use std::fmt::{self, Debug, Display, Formatter};

use crate::ids::{PackagingTaskId, TaskId};
use crate::redact::scrub;
use crate::types::{PackagingTaskStatus, TaskStatus};

/// What an order's tasks and packaging tasks say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderState {
    pub(crate) tasks: Vec<(TaskId, Option<TaskStatus>)>,
    pub(crate) packaging_tasks: Vec<(PackagingTaskId, Option<PackagingTaskStatus>)>,
    pub(crate) reject_reason: Option<RejectReason>,
}

/// A signer's own words: kept out of Debug.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RejectReason(pub(crate) String);

impl Debug for RejectReason {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "(len:{})", self.0.len())
    }
}

/// How far an order is.
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
    /// How far the order is: derived from the tasks and packaging tasks, and from nothing else.
    ///
    /// One task that ended otherwise than completed ends the order, though packaging still says CREATED: it
    /// will not move. A status that nobody knows is not final.
    #[must_use]
    pub fn phase(&self) -> OrderPhase {
        let ended = |(_, status): &(TaskId, Option<TaskStatus>)| {
            matches!(status, Some(TaskStatus::Rejected | TaskStatus::Expired | TaskStatus::Deleted))
        };
        let failed = |(_, status): &(PackagingTaskId, _)| matches!(status, Some(PackagingTaskStatus::Failed));
        if self.tasks.iter().any(ended) || self.packaging_tasks.iter().any(failed) {
            OrderPhase::Ended
        } else if !self.tasks.iter().all(|(_, status)| matches!(status, Some(TaskStatus::Completed))) {
            OrderPhase::Signing
        } else if !self
            .packaging_tasks
            .iter()
            .all(|(_, status)| matches!(status, Some(PackagingTaskStatus::Completed)))
        {
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

    /// Each task and its status, or nothing where it has not been seen yet.
    pub fn tasks(&self) -> impl Iterator<Item = (&TaskId, Option<&TaskStatus>)> {
        self.tasks.iter().map(|(id, status)| (id, status.as_ref()))
    }

    /// Each packaging task and its status, or nothing where it has not been seen yet.
    pub fn packaging_tasks(&self) -> impl Iterator<Item = (&PackagingTaskId, Option<&PackagingTaskStatus>)> {
        self.packaging_tasks.iter().map(|(id, status)| (id, status.as_ref()))
    }

    /// Why a signer rejected, in their own words.
    #[must_use]
    pub fn reject_reason(&self) -> Option<&str> {
        self.reject_reason.as_ref().map(|reason| reason.0.as_str())
    }
}

/// In words: `1 of 2 signed; ola rejected: wrong amount`.
impl Display for OrderState {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let signed = self.tasks.iter().filter(|(_, status)| matches!(status, Some(TaskStatus::Completed)));
        write!(f, "{} of {} signed", signed.count(), self.tasks.len())?;
        for (id, status) in &self.tasks {
            match status {
                Some(TaskStatus::Rejected) => {
                    write!(f, "; {id} rejected")?;
                    if let Some(RejectReason(reason)) = &self.reject_reason {
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
