//! What the maintainers of the crate run: `cargo xtask --help`.

mod api;
mod bench;
mod cargo;
mod ci;
mod contract;
mod dependencies;
mod doctest;
mod examples;
#[path = "../../build/mod.rs"]
mod generator;
#[cfg(test)]
mod hygiene;
#[cfg(test)]
mod links;
mod operations;
mod package;
mod process;
mod release;
mod spec;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use spec::diff::{Class, Format};

/// The maintainers' tasks.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
    /// Another repository than this one, for tests.
    #[arg(long, global = true, hide = true)]
    root: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Task {
    /// Measure the client beside the same work done by hand, and say which targets are met.
    Bench {
        #[arg(value_enum, default_value = "all")]
        part: bench::Part,
    },
    /// Run everything that CI checks, and stop at the first failure.
    Ci,
    /// Check what those get who depend on the crate, with each of its features.
    Dependencies,
    /// Pack the crate, check what is in it, and build and run a new user's program with it.
    Package(package::Arguments),
    /// Release the version that Cargo.toml names: check everything, date the changelog, tag, publish.
    Release(release::Arguments),
    /// Write the crate's public API to `public-api.txt`.
    Api(api::Api),
    /// Write `api.md`: each operation of the API with its call, and where that is shown.
    Operations(operations::Operations),
    /// Check that every public item has an example, and count them.
    Examples,
    /// Run the contract suite: each operation of the API, once as it is meant and once as it is not.
    Contract(contract::Contract),
    /// Work on the API's contract in `spec/`.
    #[command(subcommand)]
    Spec(Spec),
}

#[derive(Subcommand)]
enum Spec {
    /// Take the publisher's description as it is today, and report what that changes.
    Refresh {
        /// A URL or a file [default: the URL of the last time, or else where it is published].
        #[arg(long)]
        from: Option<String>,
        /// Report only, and write nothing.
        #[arg(long)]
        dry_run: bool,
        /// Seconds after which the description has to be there.
        #[arg(long, default_value_t = 120)]
        timeout: u64,
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
    },
    /// Confirm the names that a refresh has proposed in `spec/names.toml`.
    Confirm,
    /// Write the contract from upstream, names and corrections, and `spec/generated.rs` from the contract.
    Generate,
    /// Check that all that is checked in about the contract fits together.
    Check,
    /// Compare two contracts: what is breaking for users of the client, what is new, and what to do about it.
    Diff {
        old: PathBuf,
        new: PathBuf,
        #[arg(long, value_enum, default_value = "text")]
        format: Format,
        /// Fail if there is a change of this class, or a worse one.
        #[arg(long, value_enum, value_name = "CLASS")]
        fail_on: Option<Class>,
    },
}

fn main() -> ExitCode {
    if let Some(done) = api::as_rustdoc() {
        return done;
    }
    api::remember_this_program();
    let Arguments { task, root: other } = Arguments::parse();
    let root = other.as_deref().unwrap_or(root());
    let done = match task {
        Task::Bench { part } => bench::run(part),
        Task::Ci => ci::run(),
        Task::Dependencies => dependencies::check(),
        Task::Package(arguments) => package::run(&arguments),
        Task::Release(arguments) => release::run(root, &arguments),
        Task::Api(arguments) => api::run(&arguments),
        Task::Operations(arguments) => operations::run(root, &arguments),
        Task::Examples => examples::check(),
        Task::Contract(arguments) => contract::run(&arguments),
        Task::Spec(Spec::Refresh { from, dry_run, timeout, format }) => {
            spec::refresh(root, from.as_deref(), Duration::from_secs(timeout), dry_run, format)
        }
        Task::Spec(Spec::Confirm) => spec::confirm(root),
        Task::Spec(Spec::Generate) => spec::generate(root),
        Task::Spec(Spec::Check) => spec::check(root),
        Task::Spec(Spec::Diff { old, new, format, fail_on }) => {
            spec::diff::run(root, &old, &new, format, fail_on)
        }
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
