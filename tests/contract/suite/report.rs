//! What came of a run, for people, as comments of a YAML document that is the overlay proposed. No value is in it.

use std::fmt::Write;

use serde_json::Value;
use signicat_sign::sandbox::judge::Judge;

use super::corrections::propose;
use super::differences::{Kind as Unlike, count};
use super::relay::{Exchange, JUDGE};
use super::{CASES, Ended, Kind, Ran, Run};

pub struct Report {
    pub text: String,
    /// A case did not hold, or a request of ours is off the contract.
    pub is_failed: bool,
    pub has_differences: bool,
}

/// `service` is what it was run on, `seen` when.
pub fn of(run: &Run, contract: &Value, service: &str, seen: &str) -> Report {
    let differences = count(&run.exchanges, contract, &JUDGE);
    let proposal = propose(&run.exchanges, contract, &JUDGE, seen);
    let requests = requests_off_contract(&run.exchanges);
    let failed: Vec<_> = run.ran.iter().filter(|ran| ran.is_failed()).map(told).collect();
    let not_run: Vec<_> = run.ran.iter().filter(|ran| is_not_run(ran)).map(told).collect();
    let differ: Vec<_> = differences
        .iter()
        .map(|(difference, count)| {
            let is_other = matches!(difference.kind, Unlike::Other(_));
            let is_unmended = is_other || proposal.unmended.contains(difference);
            let no_action = if is_unmended { "; no action can say so" } else { "" };
            format!("{difference} [{count}x{no_action}]")
        })
        .collect();

    let mut lines = vec![format!("The contract suite on {service}, {seen}"), String::new()];
    lines.push(format!("{:<26}{:<12}bad input", "", "flow"));
    lines.extend(operations().map(|operation| row(operation, &run.ran)));
    lines.push(String::new());
    lines.push(exercised(&run.ran));
    let judged = run.exchanges.iter().filter(|exchange| exchange.handed_on.is_some()).count();
    let unanswered = run.exchanges.len() - judged;
    lines.push(format!("{judged} exchanges were judged, {unanswered} had no answer."));
    for (title, list) in [
        ("failed", &failed),
        ("not run", &not_run),
        ("requests of ours that are off the contract", &requests),
        ("differences from the contract", &differ),
        ("besides", &run.notes),
        ("left behind", &run.left),
    ] {
        lines.push(String::new());
        match list.is_empty() {
            true => lines.push(format!("{title}: none")),
            false => lines.push(format!("{title}: {}", list.len())),
        }
        lines.extend(list.iter().map(|line| format!("  {line}")));
    }
    if proposal.overlay.is_some() {
        lines.push(String::new());
        lines.push(
            "Proposed for spec/overlay.yaml. Read each: a schema may be one of requests too.".to_owned(),
        );
    }
    let mut text = String::new();
    for line in lines {
        // Writing to a String can't fail.
        let _ = writeln!(text, "{}", format!("# {line}").trim_end());
    }
    text += &proposal.overlay.unwrap_or_default();
    Report {
        text,
        is_failed: !failed.is_empty() || !requests.is_empty() || !run.left.is_empty(),
        has_differences: !differ.is_empty(),
    }
}

fn operations() -> impl Iterator<Item = &'static str> {
    CASES.iter().filter(|case| case.kind == Kind::Flow).map(|case| case.operation)
}

fn row(operation: &str, ran: &[Ran]) -> String {
    let of = |kind| {
        let ran = ran.iter().find(|ran| ran.case.operation == operation && ran.case.kind == kind);
        match ran.map(|ran| &ran.result) {
            Some(Ok(())) => "held",
            Some(Err(Ended::Failed { .. })) => "FAILED",
            Some(Err(Ended::NotRun { .. })) | None => "not run",
        }
    };
    format!("{operation:<26}{:<12}{}", of(Kind::Flow), of(Kind::BadInput))
}

fn exercised(ran: &[Ran]) -> String {
    let was_run = |ran: &&Ran| !is_not_run(ran);
    let count = |kind| ran.iter().filter(was_run).filter(|ran| ran.case.kind == kind).count();
    let reached = operations()
        .filter(|operation| ran.iter().filter(was_run).any(|ran| ran.case.operation == *operation));
    let (reached, all) = (reached.count(), operations().count());
    let (flows, bad_inputs) = (count(Kind::Flow), count(Kind::BadInput));
    format!("{reached} of {all} operations were exercised: {flows} flows, {bad_inputs} bad inputs.")
}

fn is_not_run(ran: &Ran) -> bool {
    matches!(ran.result, Err(Ended::NotRun { .. }))
}

fn told(ran: &Ran) -> String {
    let kind = match ran.case.kind {
        Kind::Flow => "flow",
        Kind::BadInput => "bad input",
    };
    let why = match &ran.result {
        Ok(()) => String::new(),
        Err(Ended::Failed { operation: Some(operation), why }) if operation != ran.case.operation => {
            format!("{operation}: {why}")
        }
        Err(Ended::Failed { why, .. } | Ended::NotRun { why }) => why.clone(),
    };
    format!("{}, {kind}: {why}", ran.case.operation)
}

/// What is wrong with the requests that were to be right.
pub fn requests_off_contract(exchanges: &[Exchange]) -> Vec<String> {
    let judge: &Judge = &JUDGE;
    let meant = exchanges.iter().filter(|exchange| !exchange.is_bad_input);
    let of = |exchange: &Exchange| {
        let Some(operation) = exchange.operation.clone() else {
            return vec!["a request that is none of the contract's operations".to_owned()];
        };
        let violations = judge.request(&operation, &exchange.query, &exchange.headers, &exchange.body);
        violations.iter().map(|violation| format!("{operation}: {violation}")).collect()
    };
    let mut off: Vec<String> = meant.flat_map(of).collect();
    off.sort();
    off.dedup();
    off
}
