//! Everything that CI checks, in one place, so that it can be run before a push.

use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::{api, bench, cargo, examples, root, spec};

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

/// What must not be built for those who switch the feature `codegen` off.
const GENERATOR: [&str; 4] = ["openapiv3", "progenitor", "progenitor-impl", "typify"];

/// Runs all steps, up to the first one that fails.
pub fn run() -> Result<()> {
    for (name, variables, arguments) in STEPS {
        step(name, || run_cargo(variables, arguments))?;
    }
    step("public API", api::check)?;
    step("examples", examples::check)?;
    step("what is held of the benchmarks", || bench::run(bench::Part::Guards))?;
    step("spec", || spec::check(root()))?;
    step("no generator without `codegen`", generator_is_absent)?;
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

fn generator_is_absent() -> Result<()> {
    let arguments = "tree -p signicat-sign --no-default-features --features rustls \
                     -e normal,build --prefix none --format {p}";
    match generator_in(&cargo::output(arguments)?) {
        Some(package) => bail!("{package} is a dependency without the feature `codegen`"),
        None => Ok(()),
    }
}

/// The first package of the generator in a list of packages, one a line, as `name version`.
fn generator_in(packages: &str) -> Option<&str> {
    packages.lines().filter_map(|line| line.split(' ').next()).find(|name| GENERATOR.contains(name))
}

#[cfg(test)]
mod tests {
    use super::generator_in;

    #[test]
    fn the_generator_is_known_by_its_whole_name() {
        let runtime = "signicat-sign v0.1.0 (/x)\nprogenitor-client v0.15.1\nserde v1.0.0\n";
        assert_eq!(generator_in(runtime), None);
        assert_eq!(generator_in(&format!("{runtime}typify v0.8.0 (*)\n")), Some("typify"));
    }
}
