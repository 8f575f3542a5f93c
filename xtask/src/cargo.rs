//! cargo, called from here.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::root;

/// cargo with arguments that have no space in them, in the root of the repository.
pub(crate) fn command(arguments: &str) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).args(arguments.split(' '));
    command
}

/// What it prints, if it ends well.
pub(crate) fn output(arguments: &str) -> Result<String> {
    let output = command(arguments).output().context("can't run cargo")?;
    if !output.status.success() {
        bail!("cargo {arguments}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Where what is built lies.
pub(crate) fn target_folder() -> Result<PathBuf> {
    let metadata = output("metadata --format-version 1 --no-deps")?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
    metadata["target_directory"].as_str().map(PathBuf::from).context("cargo tells no target folder")
}
