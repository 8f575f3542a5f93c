//! What the maintainers of the crate run: `cargo xtask --help`.

mod ci;
#[path = "../../build/mod.rs"]
mod generator;
#[cfg(test)]
mod hygiene;
mod spec;

use std::path::Path;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The maintainers' tasks.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
enum Task {
    /// Run everything that CI checks, and stop at the first failure.
    Ci,
    /// Work on the API's contract in `spec/`.
    #[command(subcommand)]
    Spec(Spec),
}

#[derive(Subcommand)]
enum Spec {
    /// Write `spec/generated.rs` from the contract.
    Generate,
    /// Check that what is checked in under `spec/` is up to date.
    Check,
}

fn main() -> ExitCode {
    let done = match Task::parse() {
        Task::Ci => ci::run(),
        Task::Spec(Spec::Generate) => spec::generate(),
        Task::Spec(Spec::Check) => spec::check(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("error: {e:#}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the repository, wherever `cargo xtask` is called.
fn root() -> &'static Path {
    // The manifest's folder is xtask/, which has a parent.
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}
