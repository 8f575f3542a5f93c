//! Compares two contracts, as the client crate sees them.

mod advice;
mod change;
mod compare;
mod kind;
mod limits;
#[cfg(test)]
mod mutations;
mod pairs;
mod report;
#[cfg(test)]
mod tests;
mod version;
mod view;

use std::path::Path;

use anyhow::{Result, bail};
use serde_json::Value;

pub use change::{Change, Class};
pub use kind::is_unseen;
pub use report::Report;

use super::document;
use crate::generator;

#[derive(Clone, Copy, clap::ValueEnum)]
pub enum Format {
    Text,
    Markdown,
    Json,
}

/// What differs between two contracts, the worst first. `Report` says what to do about it, too.
pub fn compare(old: &Value, new: &Value) -> Vec<Change> {
    compare::compare(&view::read(old), &view::read(new))
}

/// Prints what differs between two files. Fails if there is a change of the class, or a worse one.
pub fn run(root: &Path, old: &Path, new: &Path, format: Format, fail_on: Option<Class>) -> Result<()> {
    let report = Report::new(&document::read(old)?, &document::read(new)?, root)?;
    match format {
        Format::Text => print!("{}", report.text()),
        Format::Markdown => print!("{}", report.markdown()),
        Format::Json => print!("{}", report.json()?),
    }
    if let Err(e) = generator::generate(&document::read(new)?.to_string()) {
        eprintln!("no code can be generated from {}: {e}", new.display());
    }
    match fail_on {
        Some(class) if report.has(class) => bail!("there are changes that --fail-on names"),
        _ => Ok(()),
    }
}
