//! A wait put away: signing takes days, and processes don't live that long.

use std::fmt::{self, Debug, Formatter};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::ids::{OrderId, PackagingTaskId, TaskId};
use crate::runtime::millis;
use crate::state::{OrderState, TaskState};
use crate::types::{PackagingTaskStatus, TaskStatus};

const VERSION: u64 = 1;

/// Longer than any status that was ever seen.
const LONGEST_STATUS: usize = 32;

/// Fewer than anybody's number has.
const MOST_DIGITS: usize = 3;

/// A wait, put away to be taken up by [`Orders::resume`](crate::Orders::resume): after a restart, or by another
/// process.
///
/// It serialises to a small JSON object with a version number, which later releases of this crate read too. It holds
/// the ids of the order and its parts, their statuses as they were last handed out, and the deadline as a time of day:
/// no secret, no name, no word of a signer's. Whoever has it can do nothing without the client's credentials.
///
/// From [`Wait::resume_token`](crate::Wait::resume_token), [`Changes::resume_token`](crate::Changes::resume_token)
/// and, when a wait has ended, [`Error::resume_token`](crate::Error::resume_token).
///
/// ```
/// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # on_sandbox!(sandbox, sign, pdf, order =>
/// let kept = serde_json::to_string(&sign.orders().wait(&order).resume_token())?;
/// // Days later, in another process:
/// # sandbox.signer(order.id(), "kari").signs()?;
/// let token: ResumeToken = serde_json::from_str(&kept)?;
/// assert_eq!(token.order_id(), order.id());
/// let done = sign.orders().resume(token).await?;
/// # );
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ResumeToken {
    pub(crate) order: OrderId,
    pub(crate) state: OrderState,
    /// Whether the state was handed out.
    pub(crate) told: bool,
    pub(crate) deadline: Option<SystemTime>,
}

impl ResumeToken {
    /// The order that was waited for.
    #[must_use]
    pub fn order_id(&self) -> &OrderId {
        &self.order
    }
}

impl Debug for ResumeToken {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let tasks: Vec<_> = self.state.tasks.iter().map(|task| &task.id).collect();
        let packaging_tasks: Vec<_> = self.state.packaging_tasks.iter().map(|(id, _)| id).collect();
        f.debug_struct("ResumeToken")
            .field("order", &self.order)
            .field("tasks", &tasks)
            .field("packaging_tasks", &packaging_tasks)
            .finish_non_exhaustive()
    }
}

/// A token as it is written. What a later release adds is to be optional, or a new version.
#[derive(Serialize, Deserialize)]
struct Written {
    version: u64,
    order: OrderId,
    tasks: Vec<WrittenTask>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    packaging_tasks: Vec<WrittenPackagingTask>,
    #[serde(default)]
    told: bool,
    /// In milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deadline: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct WrittenTask {
    id: TaskId,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    forwarded_to: Vec<TaskId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<TaskStatus>,
}

#[derive(Serialize, Deserialize)]
struct WrittenPackagingTask {
    id: PackagingTaskId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<PackagingTaskStatus>,
}

/// Whether this can be the name of a status. A service that writes something else there may write anything.
fn is_status(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    text.len() <= LONGEST_STATUS && digits <= MOST_DIGITS && text.chars().all(fits)
}

impl Serialize for ResumeToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let since_1970 = |time: SystemTime| millis(time.duration_since(UNIX_EPOCH).unwrap_or_default());
        let tasks = self.state.tasks.iter().map(|task| WrittenTask {
            id: task.id.clone(),
            forwarded_to: task.forwarded_to.clone(),
            status: task.status.clone().filter(|status| is_status(status.as_str())),
        });
        let packaging_tasks = self.state.packaging_tasks.iter().map(|(id, status)| WrittenPackagingTask {
            id: id.clone(),
            status: status.clone().filter(|status| is_status(status.as_str())),
        });
        let written = Written {
            version: VERSION,
            order: self.order.clone(),
            tasks: tasks.collect(),
            packaging_tasks: packaging_tasks.collect(),
            told: self.told,
            deadline: self.deadline.map(since_1970),
        };
        written.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ResumeToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const ANEW: &str = "get the order by its id (Orders::get) and wait for it anew";
        // What went wrong is not repeated: it would say what was read in place of a token.
        let broken = |_| D::Error::custom(format_args!("this is no whole resume token: {ANEW}"));
        let value = serde_json::Value::deserialize(deserializer).map_err(broken)?;
        if let Some(version) = value.get("version").and_then(serde_json::Value::as_u64)
            && version != VERSION
        {
            return Err(D::Error::custom(format_args!(
                "this resume token has the version {version}, and this release of signicat-sign reads version \
                 {VERSION}: resume it with the release that made it, or {ANEW}"
            )));
        }
        let written: Written = serde_json::from_value(value)
            .map_err(|_| D::Error::custom(format_args!("this is no whole resume token: {ANEW}")))?;
        let tasks = written.tasks.into_iter().map(|WrittenTask { id, forwarded_to, status }| TaskState {
            forwarded_to,
            status,
            ..TaskState::not_seen(id)
        });
        let packaging_tasks = written.packaging_tasks.into_iter().map(|task| (task.id, task.status));
        Ok(Self {
            order: written.order,
            state: OrderState { tasks: tasks.collect(), packaging_tasks: packaging_tasks.collect() },
            told: written.told,
            deadline: written.deadline.and_then(|since| UNIX_EPOCH.checked_add(Duration::from_millis(since))),
        })
    }
}
