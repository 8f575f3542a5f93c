//! What a collection says of itself.

use std::fmt::{self, Debug, Formatter};

use serde::{Deserialize, Serialize};

use crate::ids::{OrderId, PackagingTaskId, TaskDocumentId, TaskId};
use crate::redact;
use crate::timestamp::Timestamp;

/// The `manifest.json` of a collection: what is there, and what is not.
///
/// ```
/// use signicat_sign::Manifest;
///
/// let text = r#"{"formatVersion": 1, "crateVersion": "0.1.0", "orderId": "0502", "startedAt": "2026-01-01T00:00:00Z",
///     "finishedAt": "2026-01-01T00:00:01Z", "files": [], "missing": []}"#;
/// let manifest: Manifest = serde_json::from_str(text)?;
/// assert!(manifest.is_whole());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Manifest {
    /// The version of this format: 1.
    pub format_version: u32,
    /// The version of this crate that made it.
    pub crate_version: String,
    /// The order.
    pub order_id: OrderId,
    /// The caller's own reference for the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_reference: Option<String>,
    /// When the collection was begun.
    pub started_at: Timestamp,
    /// When all had been fetched.
    pub finished_at: Timestamp,
    /// What is there.
    pub files: Vec<CollectedFile>,
    /// What could not be fetched.
    pub missing: Vec<MissingFile>,
}

impl Manifest {
    /// Whether all that the service says it has is there.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        !self.missing.iter().any(|missing| missing.is_expected)
    }
}

/// Without the caller's reference, which may be a person's.
impl Debug for Manifest {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Manifest")
            .field("order_id", &self.order_id)
            .field("files", &self.files)
            .field("missing", &self.missing)
            .finish_non_exhaustive()
    }
}

/// A file of a collection.
///
/// ```
/// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # on_sandbox!(folder; sandbox, sign, pdf, order =>
/// let collected = sign.orders().collect_to(order.id(), folder).await?;
/// let file: &CollectedFile = &collected.manifest().files[0];
/// assert_eq!((file.name.as_str(), file.media_type.as_deref()), ("order.json", Some("application/json")));
/// # );
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct CollectedFile {
    /// Its path within the folder, with `/` between the parts.
    pub name: String,
    /// What it is.
    #[serde(flatten)]
    pub source: FileSource,
    /// Its length in bytes.
    pub size: u64,
    /// The SHA-256 of its bytes, in lower-case hex.
    pub sha256: String,
    /// When it was there whole.
    pub fetched_at: Timestamp,
    /// The media type, as the service says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
}

impl Debug for CollectedFile {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("CollectedFile")
            .field("name", &self.name)
            .field("source", &self.source)
            .field("size", &self.size)
            .field("sha256", &self.sha256)
            .field("media_type", &self.media_type.as_deref().map(redact::media_type))
            .finish_non_exhaustive()
    }
}

/// What could not be fetched, and why.
///
/// ```
/// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # on_sandbox!(folder; sandbox, sign, pdf, order =>
/// let collected = sign.orders().collect_to(order.id(), folder).await?;
/// let missing: Vec<&MissingFile> = collected.missing().iter().filter(|file| file.is_expected).collect();
/// assert!(missing.is_empty());
/// # );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct MissingFile {
    /// What it is.
    #[serde(flatten)]
    pub source: FileSource,
    /// The error's line.
    pub error: String,
    /// Whether it should be there. A document that the service does not have, and does not say it has, is not
    /// expected: the evidence of one that nobody has signed, say.
    pub is_expected: bool,
}

/// What was fetched: by which operation, and of what.
///
/// ```
/// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # on_sandbox!(folder; sandbox, sign, pdf, order =>
/// let collected = sign.orders().collect_to(order.id(), folder).await?;
/// let of_kari = |source: &FileSource| source.task_id.as_ref().is_some_and(|task| task == "kari");
/// assert!(collected.manifest().files.iter().any(|file| of_kari(&file.source)));
/// # );
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct FileSource {
    /// The contract's operationId in snake case.
    pub operation: String,
    /// The task that it is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_id: Option<TaskId>,
    /// The document of that task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_id: Option<TaskDocumentId>,
    /// The packaging task that it is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packaging_task_id: Option<PackagingTaskId>,
}
