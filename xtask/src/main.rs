//! What the maintainers of the crate run: `cargo xtask --help`.

#[path = "../../build/mod.rs"]
mod generator;
mod spec;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The maintainers' tasks.
#[derive(Parser)]
enum Task {
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
