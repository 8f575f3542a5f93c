//! A signing order as it was sent, as far as the sandbox acts on it.
//!
//! These types share nothing with the client's: what they need of an order is written here once more, so that a
//! mistake in the client's models is not repeated by the service that they are tested against. The judge has
//! read the order before them.

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
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SentDocument {
    pub(super) id: String,
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
    pub(super) notification_template_params_id: Option<String>,
}

#[derive(Clone, Deserialize)]
pub(super) struct SentTemplate {
    pub(super) id: String,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SentPackagingTask {
    pub(super) id: String,
    pub(super) method: String,
    #[serde(default, deserialize_with = "null_is_absent")]
    pub(super) send_to_archive: bool,
    pub(super) documents: Vec<SentPackagingTaskDocument>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SentPackagingTaskDocument {
    pub(super) task_id: String,
    pub(super) document_ids: Vec<String>,
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
