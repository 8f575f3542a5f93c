//! The contract and what is generated from it.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::generator;

pub fn path(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../spec")).join(name)
}

fn read(name: &str) -> Result<String> {
    fs::read_to_string(path(name)).with_context(|| format!("can't read spec/{name}"))
}

/// Writes `spec/generated.rs`.
pub fn generate() -> Result<()> {
    let text = generator::generate(&read("sign-v1.json")?).context("spec/sign-v1.json")?;
    fs::write(path("generated.rs"), text).context("can't write spec/generated.rs")
}

pub fn check() -> Result<()> {
    bail!("todo")
}
