//! The suite on the sandbox: every case by itself (`cases`), and all in one run.

use std::collections::BTreeSet;
use std::sync::Arc;

use signicat_sign::sandbox::Sandbox;

use super::interference::{Breakage, Broken, Interference, Nothing};
use super::relay::{JUDGE, Relay};
use super::stage::{Account, Signers, Stage};
use super::{CASES, Case, Ended, Kind, Run, differences, never, report, run};
use crate::support::documented::contract;
use crate::support::virtual_time::VirtualTime;

/// A stage in front of a sandbox, whose client's pauses take no time.
pub async fn stage(sandbox: &Arc<Sandbox>, interference: impl Interference + 'static) -> Stage {
    let relay = Relay::start(sandbox.base_url(), Arc::new(interference)).await;
    let client = sandbox.client_builder().base_url(relay.base_url());
    let client = client.runtime(Arc::new(VirtualTime::default())).build().unwrap();
    Stage::new(client, relay, Signers::Sandbox(Arc::clone(sandbox)), Account::default())
}

/// Runs one case on a sandbox of its own.
pub async fn holds(operation: &str, kind: Kind) {
    let case = CASES.iter().find(|case| case.operation == operation && case.kind == kind).unwrap();
    let sandbox = Arc::new(Sandbox::start().await.unwrap());
    let run = run(&stage(&sandbox, Nothing).await, [case], never).await;
    assert_eq!(run.ran[0].result, Ok(()), "{operation}");
    is_on_contract(&run);
}

/// All that was said is as the contract has it, and nothing is left.
fn is_on_contract(run: &Run) {
    let differences = differences::count(&run.exchanges, &contract(), &JUDGE);
    assert!(differences.is_empty(), "the sandbox's answers differ from the contract: {differences:?}");
    assert_eq!(report::requests_off_contract(&run.exchanges), [""; 0]);
    assert_eq!((&run.left[..], &run.notes[..]), (&[][..], &[][..]));
}

#[tokio::test]
async fn all_cases_hold_in_one_run() {
    let sandbox = Arc::new(Sandbox::start().await.unwrap());
    let run = run(&stage(&sandbox, Nothing).await, CASES, never).await;
    for ran in &run.ran {
        assert_eq!(ran.result, Ok(()), "{} {:?}", ran.case.operation, ran.case.kind);
    }
    is_on_contract(&run);
    assert!(sandbox.orders().is_empty() && sandbox.archive_ids().is_empty());

    let asked: BTreeSet<_> =
        run.exchanges.iter().filter_map(|exchange| exchange.operation.as_deref()).collect();
    assert_eq!(asked, JUDGE.operation_ids().collect(), "the operations that the relay has seen");
    let report = report::of(&run, &contract(), "the sandbox", "today");
    assert!(!report.is_failed && !report.has_differences, "{}", report.text);
}

/// An operation that the contract gains fails here, by its name, until it has its two cases.
#[test]
fn every_operation_has_a_flow_and_a_bad_input() {
    let covered = |kind| {
        let cases = CASES.iter().filter(move |case| case.kind == kind);
        cases.map(|case| case.operation).collect::<BTreeSet<_>>()
    };
    let operations: BTreeSet<_> = JUDGE.operation_ids().collect();
    for kind in [Kind::Flow, Kind::BadInput] {
        let missing: Vec<_> = operations.difference(&covered(kind)).copied().collect();
        assert_eq!(missing, [""; 0], "operations without a case ({kind:?}) in tests/contract/suite/cases");
        let gone: Vec<_> = covered(kind).difference(&operations).copied().collect();
        assert_eq!(gone, [""; 0], "cases ({kind:?}) of operations that the contract does not have");
    }
}

/// What a person has to do is not asked of anybody, and said.
#[tokio::test]
async fn what_needs_a_signer_is_told_as_not_run() {
    let sandbox = Arc::new(Sandbox::start().await.unwrap());
    let relay = Relay::start(sandbox.base_url(), Arc::new(Nothing)).await;
    let client = sandbox.client_builder().base_url(relay.base_url()).build().unwrap();
    let run = run(&Stage::new(client, relay, Signers::Nobody, Account::default()), CASES, never).await;
    let not_run: Vec<_> = run
        .ran
        .iter()
        .filter(|ran| matches!(&ran.result, Err(Ended::NotRun { .. })))
        .map(|ran| (ran.case.operation, ran.case.kind))
        .collect();
    let needs =
        ["getResultDocument", "getPackagingTaskResult", "getArchivedDocument", "deleteArchivedDocument"];
    assert_eq!(not_run, needs.map(|operation| (operation, Kind::Flow)));
    assert!(run.ran.iter().all(|ran| !ran.is_failed()));
    let text = report::of(&run, &contract(), "a service", "today").text;
    assert!(text.contains("17 of 17 operations") || JUDGE.operation_ids().count() != 17, "{text}");
    assert!(text.contains("getResultDocument, flow: needs a signer (--sign)"), "{text}");
    is_on_contract(&run);
}

/// What it has made is known from what the service said, and not from what the case kept.
#[tokio::test]
async fn a_case_that_panics_is_told_and_cleaned_up_behind() {
    static PANICS: [Case; 1] = [Case {
        operation: "createOrder",
        kind: Kind::Flow,
        run: |stage| {
            Box::pin(async {
                stage.order_of_two().await?;
                panic!("on purpose");
            })
        },
    }];
    let sandbox = Arc::new(Sandbox::start().await.unwrap());
    let run = run(&stage(&sandbox, Nothing).await, &PANICS, never).await;
    assert_eq!(run.ran[0].result, Err(Ended::failed("it panicked")));
    assert_eq!(run.left, [""; 0]);
    assert!(sandbox.orders().is_empty());
}

/// What can't be deleted is told, and by which id it is found.
#[tokio::test]
async fn what_can_not_be_deleted_is_told() {
    let sandbox = Arc::new(Sandbox::start().await.unwrap());
    let refuses = Broken { operation: "deleteOrder".to_owned(), breakage: Breakage::Fails };
    let flow = CASES.iter().filter(|case| (case.operation, case.kind) == ("createOrder", Kind::Flow));
    let run = run(&stage(&sandbox, refuses).await, flow, never).await;
    let left = sandbox.orders()[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(run.left, [format!("order {left}")]);
    assert!(
        report::of(&run, &contract(), "the sandbox", "today").text.contains(&format!("#   order {left}\n"))
    );
}
