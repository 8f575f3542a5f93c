//! Where the publisher's description came from: `spec/upstream.lock.toml`.

use anyhow::{Context, Result, anyhow, ensure};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::LOCK;

/// The names that the description may have under `spec/`, as it is JSON or YAML.
pub const UPSTREAM: [&str; 2] = ["upstream.json", "upstream.yaml"];

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// The file under `spec/` that holds it, byte for byte.
    pub file: String,
    /// A URL, or `file:` and the name of a file.
    pub source: String,
    /// In UTC.
    pub fetched_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    pub sha256: String,
}

impl Lock {
    pub fn parse(text: &str) -> Result<Self> {
        let lock: Self =
            toml_edit::de::from_str(text).map_err(|e| anyhow!(e.message().to_owned())).context(LOCK)?;
        ensure!(UPSTREAM.contains(&lock.file.as_str()), "{LOCK}: `file` is none of {}", UPSTREAM.join(", "));
        Ok(lock)
    }

    pub fn text(&self) -> Result<String> {
        let fields = toml_edit::ser::to_string(self).context(LOCK)?;
        Ok(format!("# Written by `cargo xtask spec refresh`.\n{fields}"))
    }
}

pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
