//! Everything that CI checks, in one place, so that it can be run before a push.

use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::{api, bench, cargo, dependencies, examples, operations, package, root, spec};

/// Name of the step, variables of its environment, arguments to cargo.
type Step = (&'static str, &'static [(&'static str, &'static str)], &'static str);

const STEPS: [Step; 7] = [
    ("tests", &[], "test --workspace --all-features"),
    ("tests without the generator", &[], "test -p signicat-sign --no-default-features --features rustls"),
    ("format", &[], "fmt --all -- --check"),
    ("lints", &[], "clippy --workspace --all-targets -- -D warnings"),
    (
        "lints without features",
        &[],
        "clippy -p signicat-sign --no-default-features --all-targets -- -D warnings",
    ),
    ("lints with all features", &[], "clippy --workspace --all-features --all-targets -- -D warnings"),
    ("documentation", &[("RUSTDOCFLAGS", "-D warnings")], "doc --workspace --no-deps --all-features"),
];

/// Runs all steps, up to the first one that fails.
pub fn run() -> Result<()> {
    for (name, variables, arguments) in STEPS {
        step(name, || run_cargo(variables, arguments))?;
    }
    step("public API", api::check)?;
    step("operations", || operations::check(root()))?;
    step("examples", examples::check)?;
    step("what is held of the benchmarks", || bench::run(bench::Part::Guards))?;
    step("spec", || spec::check(root()))?;
    step("dependencies", dependencies::check)?;
    step("each feature alone", each_feature_alone)?;
    step("the packed crate", || package::run(&package::Arguments { oldest: false }))?;
    println!("all is well");
    Ok(())
}

fn step(name: &str, run: impl FnOnce() -> Result<()>) -> Result<()> {
    println!("== {name}");
    let started = Instant::now();
    run().with_context(|| format!("step `{name}` failed"))?;
    println!("== {name}: {:.1} s", started.elapsed().as_secs_f32());
    Ok(())
}

fn run_cargo(variables: &[(&str, &str)], arguments: &str) -> Result<()> {
    let status =
        cargo::command(arguments).envs(variables.iter().copied()).status().context("can't run cargo")?;
    if status.success() {
        return Ok(());
    }
    let variables: String = variables.iter().map(|(name, value)| format!("{name}='{value}' ")).collect();
    bail!("{variables}cargo {arguments} ({status})")
}

/// Features are additive: each of them builds without the others.
fn each_feature_alone() -> Result<()> {
    for feature in cargo::features()?.iter().filter(|feature| *feature != "default") {
        println!("-- {feature}");
        run_cargo(
            &[],
            &format!(
                "clippy -p signicat-sign --lib --no-default-features --features {feature} -- -D warnings"
            ),
        )?;
    }
    Ok(())
}
