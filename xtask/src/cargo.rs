//! cargo, called from here.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::{process, root};

/// cargo with arguments that have no space in them, in the root of the repository.
pub(crate) fn command(arguments: &str) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).args(arguments.split(' '));
    command
}

/// What it prints, if it ends well.
pub(crate) fn output(arguments: &str) -> Result<String> {
    process::output(&mut command(arguments))
}

/// The features of the library, from its Cargo.toml.
pub(crate) fn features() -> Result<Vec<String>> {
    let metadata: serde_json::Value =
        serde_json::from_str(&output("metadata --format-version 1 --no-deps")?)?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let library = packages.into_iter().find(|package| package["name"] == "signicat-sign");
    let features = library.and_then(|library| library["features"].as_object());
    Ok(features.context("cargo tells of no features")?.keys().cloned().collect())
}

/// Where what is built lies.
pub(crate) fn target_folder() -> Result<PathBuf> {
    let metadata = output("metadata --format-version 1 --no-deps")?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
    metadata["target_directory"].as_str().map(PathBuf::from).context("cargo tells no target folder")
}
