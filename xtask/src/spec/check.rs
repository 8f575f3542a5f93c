//! `cargo xtask spec check`: whether all that is checked in about the contract fits together.

use std::path::Path;

use anyhow::{Error, Result, bail};
use serde_json::Value;

use super::checked_in::{self, CheckedIn};
use super::lock::sha256;
use super::overlay::Corrections;
use super::sources::{CONTRACT_TESTS, Sources};
use super::{CONTRACT, GENERATED, LOCK, NAMES, OVERLAY, document, provenance};
use crate::generator::names::snake;
use crate::generator::walk::operations;

/// Says everything that does not fit, a line each.
pub fn check(root: &Path) -> Result<()> {
    let problems = problems(root)?;
    for problem in &problems {
        eprintln!("{problem}");
    }
    match problems.len() {
        0 => Ok(()),
        count => bail!("what is checked in does not fit together ({count} of the above)"),
    }
}

fn problems(root: &Path) -> Result<Vec<String>> {
    let files = CheckedIn::read(root)?;
    let contract = checked_in::parse(&files.contract)?;
    let mut problems = Vec::new();
    match files.corrections() {
        Ok(corrections) => problems.extend(origin_problems(&files, corrections.as_ref())),
        Err(e) => problems.extend(lines(&e)),
    }
    match checked_in::generated(&files.contract) {
        Ok(generated) if generated == files.generated => {}
        Ok(_) => problems.push(format!("{GENERATED} is not what build/ makes of {CONTRACT}: run {GENERATE}")),
        Err(e) => problems.extend(lines(&e)),
    }
    problems
        .extend(provenance::missing(&contract, &files.provenance).iter().map(provenance::Missing::problem));
    problems.extend(code_problems(root, &contract)?);
    Ok(problems)
}

const GENERATE: &str = "`cargo xtask spec generate`";

/// Whether the contract is what upstream, names and corrections make.
fn origin_problems(files: &CheckedIn, corrections: Option<&Corrections>) -> Vec<String> {
    let Some(upstream) = &files.upstream else {
        let problem = || {
            format!(
                "{OVERLAY} corrects what was published, and nothing was fetched yet: refresh, or correct {CONTRACT} \
                 itself"
            )
        };
        return corrections.map(|_| problem()).into_iter().collect();
    };
    let mut problems = Vec::new();
    if upstream.lock.sha256 != sha256(&upstream.bytes) {
        problems.push(format!(
            "spec/{} is not what was fetched (its sha256 is not that of {LOCK}): take the edit back, and correct \
             the description in spec/overlay.yaml",
            upstream.lock.file
        ));
    }
    let made = files.names().and_then(|names| {
        if names.proposed.len() > 0 {
            problems.push(format!(
                "{NAMES} has {} proposed names: look at them, then run `cargo xtask spec confirm`",
                names.proposed.len()
            ));
        }
        let (_, published) = document::parse(&upstream.bytes)?;
        checked_in::contract(&published, &names, corrections)
    });
    match made {
        Ok(made) if made == files.contract => {}
        Ok(_) => problems.push(format!(
            "{CONTRACT} is not spec/{} with the names and corrections: run {GENERATE}",
            upstream.lock.file
        )),
        Err(e) => problems.extend(lines(&e)),
    }
    problems
}

/// The operations that the library has no wrapper or no contract test for.
fn code_problems(root: &Path, contract: &Value) -> Result<Vec<String>> {
    let sources = Sources::read(root)?;
    let tested = sources.contract_tests();
    let mut problems = Vec::new();
    for id in operations(contract).filter_map(|(.., operation)| operation["operationId"].as_str()) {
        if sources.wrapper(&snake(id)).is_none() {
            problems.push(format!("operation {id} has no wrapper: nothing under src/ calls {}", snake(id)));
        }
        if !tested.contains(id) {
            problems.push(format!("operation {id} has no contract test: add it to {CONTRACT_TESTS}"));
        }
    }
    Ok(problems)
}

/// The lines of an error, each with what it is about.
fn lines(error: &Error) -> Vec<String> {
    format!("{error:#}").lines().map(str::to_owned).collect()
}
