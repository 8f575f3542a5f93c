//! The contract, what is generated from it, and where it comes from.

mod check;
mod checked_in;
pub mod diff;
mod document;
mod fetch;
#[cfg(test)]
mod fixture;
mod lock;
mod merge;
mod names;
mod overlay;
mod place;
mod propose;
mod provenance;
mod refresh;
mod rename;
mod report;
mod sources;
mod swap;
mod unique_keys;

use std::path::Path;

use anyhow::{Result, anyhow};

pub use check::check;
use checked_in::CheckedIn;
use names::Names;
pub use refresh::refresh;

const FOLDER: &str = "spec";
const CONTRACT: &str = "spec/sign-v1.json";
const GENERATED: &str = "spec/generated.rs";
const LOCK: &str = "spec/upstream.lock.toml";
const NAMES: &str = "spec/names.toml";
const OVERLAY: &str = "spec/overlay.yaml";
const PROVENANCE: &str = "spec/PROVENANCE.md";

/// Writes what is made of other files: the contract, if the publisher's description is there, and the generated
/// code.
pub fn generate(root: &Path) -> Result<()> {
    let _held = checked_in::hold(root)?;
    let files = CheckedIn::read(root)?;
    let contract = match &files.upstream {
        Some(upstream) => {
            let (_, published) = document::parse(&upstream.bytes)?;
            checked_in::contract(&published, &files.names()?, files.corrections()?.as_ref())?
        }
        None => files.contract.clone(),
    };
    let generated = checked_in::generated(&contract)?;
    let made = [(CONTRACT, contract, &files.contract), (GENERATED, generated, &files.generated)];
    let changed = made.into_iter().filter(|(_, new, old)| new != *old);
    files.write(changed.map(|(name, new, _)| (base(name), Some(new.into_bytes()))).collect())
}

/// Confirms what a refresh has proposed.
pub fn confirm(root: &Path) -> Result<()> {
    let _held = checked_in::hold(root)?;
    let files = CheckedIn::read(root)?;
    let names =
        files.names.as_deref().ok_or_else(|| anyhow!("there is no {NAMES}, hence nothing to confirm"))?;
    let confirmed = Names::confirm(names)?;
    files.write(vec![(base(NAMES), Some(confirmed.into_bytes()))])
}

/// The name of one of the files above within its folder.
fn base(name: &str) -> String {
    name.trim_start_matches(FOLDER).trim_start_matches('/').to_owned()
}
