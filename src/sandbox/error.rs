//! Why a signer could not do something.

use std::error::Error;
use std::fmt;

/// Why the sandbox did not do what a test asked of it.
///
/// ```
/// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # on_sandbox!(sandbox, sign, pdf, order =>
/// let error = sandbox.signer(order.id(), "ola").signs().unwrap_err();
/// assert_eq!(error, SandboxError::NoSuchTask { task_id: "ola".to_owned() });
/// # );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SandboxError {
    /// The sandbox has no such order, or no longer.
    NoSuchOrder {
        /// The id that was asked for.
        order_id: String,
    },
    /// The order has no such task.
    NoSuchTask {
        /// The id that was asked for.
        task_id: String,
    },
    /// The task depends on another one that is not completed.
    Waits {
        /// The task.
        task_id: String,
        /// The task that comes first.
        waits_for: String,
    },
    /// The task is completed, rejected or expired. It stays so.
    Final {
        /// The task.
        task_id: String,
        /// Its status, as the API spells it.
        status: &'static str,
    },
    /// The task was forwarded. Its new owner has a task of their own.
    Forwarded {
        /// The task.
        task_id: String,
        /// The new owner's task.
        forwarded_to: String,
    },
}

impl fmt::Display for SandboxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SandboxError::NoSuchOrder { order_id } => write!(f, "the sandbox has no order `{order_id}`"),
            SandboxError::NoSuchTask { task_id } => write!(f, "the order has no task `{task_id}`"),
            SandboxError::Waits { task_id, waits_for } => {
                write!(f, "task `{task_id}` depends on task `{waits_for}`, which is not completed")
            }
            SandboxError::Final { task_id, status } => {
                write!(f, "task `{task_id}` is {status} and stays so")
            }
            SandboxError::Forwarded { task_id, forwarded_to } => {
                write!(f, "task `{task_id}` was forwarded: task `{forwarded_to}` has taken its place")
            }
        }
    }
}

impl Error for SandboxError {}
