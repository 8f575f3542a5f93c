//! The programs of `benches/`, built and run.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;

use crate::cargo;
use crate::process::output;

/// The programs, built with optimisation.
pub(crate) struct Programs {
    folder: PathBuf,
}

impl Programs {
    pub(crate) fn build() -> Result<Self> {
        let mut build = cargo::command("build --package benches --profile bench");
        if !build.status().context("can't run cargo")?.success() {
            bail!("the programs of benches/ can't be built");
        }
        Ok(Self { folder: cargo::target_folder()?.join("release") })
    }

    pub(crate) fn path(&self, program: &str) -> PathBuf {
        self.folder.join(program)
    }

    /// Runs one and reads what it tells.
    pub(crate) fn run<T: DeserializeOwned>(&self, program: &str, arguments: &str) -> Result<T> {
        let output = output(Command::new(self.path(program)).args(arguments.split(' ')))?;
        serde_json::from_str(&output).with_context(|| format!("{program} {arguments} tells {output:?}"))
    }
}
