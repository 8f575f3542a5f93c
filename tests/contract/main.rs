//! Each operation of the contract, through its wrapper and over real HTTP: the request satisfies the contract,
//! and the documented answer is read.

#[path = "../../src/sandbox/judge/mod.rs"]
#[allow(dead_code, unreachable_pub, clippy::all)]
mod judge;
#[path = "../support/mod.rs"]
mod support;

mod forward_compatibility;
mod operations;
#[cfg(feature = "sandbox")]
mod suite;

use std::collections::BTreeSet;

use judge::Judge;
use support::documented::{self, contract, documented_answer};
use support::{Answer, Service};

/// Lets the wrapper of an operation make its call to a service that answers as documented, and judges what
/// arrived.
async fn judged(operation_id: &str, call: impl AsyncFnOnce(signicat_sign::Client, Answer)) {
    let contract = contract();
    let answer = documented_answer(&contract, operation_id);
    let service = Service::answering(answer.clone()).await;
    call(service.client(), answer).await;

    let received = service.received();
    assert_eq!(received.len(), 1, "{operation_id} is one request");
    let request = &received[0];
    let judge = Judge::new(&contract).unwrap();
    let matched = judge.operation(&request.method, &request.path);
    assert_eq!(
        matched.map(|matched| matched.operation_id.to_owned()).as_deref(),
        Some(operation_id),
        "{} {}",
        request.method,
        request.path
    );
    let violations = judge.request(operation_id, &request.query, &request.headers, &request.body);
    assert!(violations.is_empty(), "{operation_id}: {violations:?}");
    assert_eq!(request.header("authorization"), Some(format!("Bearer {}", support::TOKEN).as_str()));
    assert_eq!(request.header("user-agent"), Some(concat!("signicat-sign/", env!("CARGO_PKG_VERSION"))));
}

/// An operation that the contract gains fails here, by its name, until it has a wrapper and a test.
#[test]
fn every_operation_has_a_wrapper_and_a_contract_test() {
    let contract = contract();
    let judge = Judge::new(&contract).unwrap();
    let of_contract: BTreeSet<&str> = judge.operation_ids().collect();
    let tested: BTreeSet<&str> = operations::TESTED.iter().copied().collect();
    let untested: Vec<_> = of_contract.difference(&tested).collect();
    assert!(untested.is_empty(), "operations without a wrapper or a contract test: {untested:?}");
    let gone: Vec<_> = tested.difference(&of_contract).collect();
    assert!(gone.is_empty(), "contract tests of operations that the contract does not have: {gone:?}");
}

/// The contract is that of the 17 operations that the API is known to have.
#[test]
fn the_contract_has_the_17_operations() {
    let contract = contract();
    let operations = documented::operations(&contract);
    let mut operations: Vec<String> =
        operations.map(|(path, method, _)| format!("{} {path}", method.to_uppercase())).collect();
    operations.sort();
    assert_eq!(
        operations,
        [
            "DELETE /archive-documents/{archiveId}",
            "DELETE /documents/{documentId}",
            "DELETE /orders/{orderId}",
            "GET /archive-documents/{archiveId}",
            "GET /documents/{documentId}",
            "GET /orders/{orderId}",
            "GET /orders/{orderId}/packaging-tasks/{packagingTaskId}/result",
            "GET /orders/{orderId}/packaging-tasks/{packagingTaskId}/status",
            "GET /orders/{orderId}/tasks/{taskId}/documents/{documentId}/generated",
            "GET /orders/{orderId}/tasks/{taskId}/documents/{documentId}/original",
            "GET /orders/{orderId}/tasks/{taskId}/documents/{documentId}/result",
            "GET /orders/{orderId}/tasks/{taskId}/events",
            "GET /orders/{orderId}/tasks/{taskId}/forwards",
            "GET /orders/{orderId}/tasks/{taskId}/status",
            "POST /documents",
            "POST /orders",
            "POST /orders/{orderId}/tasks/{taskId}/artifact",
        ]
    );
}
