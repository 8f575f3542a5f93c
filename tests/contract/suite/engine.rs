//! The engine that applies `spec/overlay.yaml`, so that nothing is proposed that it does not take.

const OVERLAY: &str = "spec/overlay.yaml";

#[path = "../../../xtask/src/spec/overlay.rs"]
#[allow(dead_code, reason = "the refresh of the contract uses the rest")]
mod overlay;

/// Reads YAML as the maintainers' commands do.
mod document {
    use anyhow::{Result, anyhow};
    use serde_json::Value;
    use serde_saphyr::UserMessageFormatter;

    pub fn parse(bytes: &[u8]) -> Result<((), Value)> {
        let options = serde_saphyr::options! { strict_booleans: true, with_snippet: false };
        let document = serde_saphyr::from_slice_with_options(bytes, options).map_err(|error| {
            anyhow!("is cut off or broken YAML: {}", error.render_with_formatter(&UserMessageFormatter))
        })?;
        Ok(((), document))
    }
}

pub use overlay::Corrections;
