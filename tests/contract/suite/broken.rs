//! What the suite is for: an operation that is broken on purpose fails it, and is named.

use std::sync::Arc;

use signicat_sign::sandbox::Sandbox;

use super::interference::{Breakage, Broken};
use super::on_sandbox::stage;
use super::relay::JUDGE;
use super::{CASES, Kind, never, run};

/// What a breakage can't do to an operation: where the answer has no content, or nothing in it says what it is about
/// (events have no ids, and what evidence looks like is the signature provider's affair).
fn is_nothing(operation: &str, breakage: Breakage) -> bool {
    let is_unnamed = ["getTaskEvents", "getResultDocument"].contains(&operation);
    breakage == Breakage::IsAboutAnother && (operation.starts_with("delete") || is_unnamed)
}

async fn each_operation_is_named(breakage: Breakage) {
    let mut broken = 0;
    for operation in JUDGE.operation_ids() {
        if is_nothing(operation, breakage) {
            continue;
        }
        let sandbox = Arc::new(Sandbox::start().await.unwrap());
        let stage = stage(&sandbox, Broken { operation: operation.to_owned(), breakage }).await;
        let run = run(&stage, CASES, never).await;
        let failed: Vec<_> = run.ran.iter().filter(|ran| ran.is_failed()).collect();
        let flow = failed.iter().find(|ran| ran.case.operation == operation && ran.case.kind == Kind::Flow);
        assert!(flow.is_some(), "{operation} {breakage:?}, and its flow did not fail");
        assert!(
            failed.iter().any(|ran| ran.culprit() == Some(operation)),
            "{operation} {breakage:?}, and it was not named: {:?}",
            failed.iter().map(|ran| ran.culprit()).collect::<Vec<_>>()
        );
        broken += 1;
    }
    println!("{breakage:?}: {broken} operations were broken, and each was named");
    assert!(broken > 0);
}

#[tokio::test]
async fn an_operation_that_fails_is_named() {
    each_operation_is_named(Breakage::Fails).await;
}

#[tokio::test]
async fn an_operation_that_does_nothing_is_named() {
    each_operation_is_named(Breakage::SaysNothing).await;
}

#[tokio::test]
async fn an_operation_that_answers_about_something_else_is_named() {
    each_operation_is_named(Breakage::IsAboutAnother).await;
}
