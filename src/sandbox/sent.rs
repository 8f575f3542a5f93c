//! A signing order as it was sent, as far as the sandbox acts on it.
//!
//! These types share nothing with the client's: what they need of an order is written here once more, so that a
//! mistake in the client's models is not repeated by the service that they are tested against. The judge has
//! read the order before them.

use chrono::TimeDelta;
use serde::{Deserialize, Deserializer};

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SentOrder {
    pub(super) client_reference: Option<String>,
    pub(super) tasks: Vec<SentTask>,
    #[serde(default, deserialize_with = "null_is_absent")]
    pub(super) packaging_tasks: Vec<SentPackagingTask>,
    #[serde(default, deserialize_with = "null_is_absent")]
    pub(super) notification_template_params: Vec<SentTemplate>,
    #[serde(default, deserialize_with = "null_is_absent")]
    pub(super) notifications: Vec<SentNotification>,
    pub(super) days_until_deletion: Option<i32>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SentTask {
    pub(super) id: String,
    pub(super) documents: Vec<SentDocument>,
    #[serde(default, deserialize_with = "null_is_absent")]
    pub(super) signature_methods: Vec<SentMethod>,
    #[serde(default, deserialize_with = "null_is_absent")]
    pub(super) authentication: SentAuthentication,
    #[serde(default, deserialize_with = "null_is_absent")]
    pub(super) depends_on_tasks: Vec<String>,
    #[serde(default, deserialize_with = "null_is_absent")]
    pub(super) notifications: Vec<SentNotification>,
    pub(super) days_to_live: Option<i32>,
    pub(super) on_task_complete: Option<String>,
    pub(super) on_task_reject: Option<String>,
    pub(super) on_task_postpone: Option<String>,
    pub(super) dialog: Option<SentDialog>,
}

/// What the signer reads first.
#[derive(Clone, Deserialize)]
pub(super) struct SentDialog {
    pub(super) title: Option<String>,
    pub(super) message: Option<String>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SentDocument {
    pub(super) id: String,
    pub(super) description: Option<String>,
    pub(super) action: Action,
    pub(super) source: Source,
    pub(super) document_ref: Option<String>,
    #[serde(default, deserialize_with = "null_is_absent")]
    pub(super) send_result_to_archive: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Action {
    Sign,
    View,
    Upload,
    /// One that the contract has gained since: stored and echoed, and nothing is done with it.
    #[serde(other)]
    Other,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Source {
    Session,
    Upload,
    /// One that the contract has gained since: stored and echoed, and nothing is done with it.
    #[serde(other)]
    Other,
}

#[derive(Clone, Deserialize)]
pub(super) struct SentMethod {
    pub(super) name: Option<String>,
    #[serde(default, deserialize_with = "null_is_absent")]
    pub(super) handwritten: bool,
}

#[derive(Clone, Default, Deserialize)]
pub(super) struct SentAuthentication {
    #[serde(default, deserialize_with = "null_is_absent")]
    pub(super) methods: Vec<String>,
    #[serde(default, deserialize_with = "null_is_absent")]
    pub(super) artifact: bool,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SentNotification {
    pub(super) id: Option<String>,
    #[serde(rename = "type")]
    pub(super) notification_type: Option<String>,
    pub(super) recipient: Option<String>,
    pub(super) sender: Option<String>,
    pub(super) header: Option<String>,
    pub(super) message: Option<String>,
    pub(super) notification_template_params_id: Option<String>,
    #[serde(default, deserialize_with = "null_is_absent")]
    pub(super) schedule: Vec<SentMoment>,
}

/// When a notification is sent: on what, and how long after it.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SentMoment {
    trigger_status: Option<String>,
    #[serde(default, deserialize_with = "null_is_absent")]
    pub(super) delay: SentDelay,
}

#[derive(Clone, Default, Deserialize)]
pub(super) struct SentDelay {
    days: Option<i32>,
    hours: Option<i32>,
    minutes: Option<i32>,
}

#[derive(Clone, Deserialize)]
pub(super) struct SentTemplate {
    /// One that has none is one that nothing refers to.
    pub(super) id: Option<String>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SentPackagingTask {
    pub(super) id: String,
    pub(super) method: String,
    #[serde(default, deserialize_with = "null_is_absent")]
    pub(super) send_to_archive: bool,
    #[serde(default, deserialize_with = "null_is_absent")]
    pub(super) notifications: Vec<SentNotification>,
    pub(super) documents: Vec<SentPackagingTaskDocument>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SentPackagingTaskDocument {
    pub(super) task_id: String,
    pub(super) document_ids: Vec<String>,
}

impl SentMoment {
    pub(super) fn is_on(&self, trigger: &str) -> bool {
        self.trigger_status.as_deref() == Some(trigger)
    }
}

impl SentDelay {
    /// A part of it that is negative is none.
    pub(super) fn length(&self) -> TimeDelta {
        let part = |number: Option<i32>| i64::from(number.unwrap_or_default().max(0));
        // Three numbers of 32 bits: no sum of them is too long.
        TimeDelta::days(part(self.days))
            + TimeDelta::hours(part(self.hours))
            + TimeDelta::minutes(part(self.minutes))
    }
}

impl SentMethod {
    /// What the evidence calls it.
    pub(super) fn label(&self) -> &str {
        self.name.as_deref().unwrap_or("handwritten")
    }
}

fn null_is_absent<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(value: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(value)?.unwrap_or_default())
}
