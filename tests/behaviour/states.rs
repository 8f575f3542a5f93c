//! What an order's parts say of it: the table of rules.

use serde_json::{Value, json};
use signicat_sign::OrderPhase::{self, Completed, Ended, Packaging, Signing};
use signicat_sign::{Error, ErrorKind, OrderState, PackagingTaskId, TaskId};

/// The state of an order by the statuses of its tasks, who forwarded to whom, and its packaging tasks: `id STATUS`, or
/// an id alone for what was not seen.
fn derive(tasks: &[&str], forwards: &[(&str, &str)], packaging_tasks: &[&str], seen: &[&str]) -> OrderState {
    let split = |told: &&str| -> (String, Option<String>) {
        match told.split_once(' ') {
            Some((id, status)) => (id.to_owned(), Some(status.to_owned())),
            None => ((*told).to_owned(), None),
        }
    };
    let status = |(id, status): &(String, Option<String>)| -> Option<Value> {
        Some(
            json!({ "orderId": "1", "taskId": id, "packagingTaskId": id, "rejectReason": format!("{id}'s reason"),
            "taskStatus": status.as_ref()?, "packagingTaskStatus": status.as_ref()? }),
        )
    };
    let (tasks, seen): (Vec<_>, Vec<_>) =
        (tasks.iter().map(split).collect(), seen.iter().map(split).collect());
    let packaging_tasks: Vec<_> = packaging_tasks.iter().map(split).collect();
    let read = |value| serde_json::from_value(value).unwrap();
    let forwards =
        forwards.iter().map(|(from, to)| json!({ "orderId": "1", "taskId": to, "originalTaskId": from }));
    let ids: Vec<TaskId> = tasks.iter().map(|(id, _)| id.parse().unwrap()).collect();
    let packaging_ids: Vec<PackagingTaskId> =
        packaging_tasks.iter().map(|(id, _)| id.parse().unwrap()).collect();
    OrderState::derive(
        &ids,
        &packaging_ids,
        &tasks.iter().chain(&seen).filter_map(status).map(read).collect::<Vec<_>>(),
        &forwards.map(|forward| serde_json::from_value(forward).unwrap()).collect::<Vec<_>>(),
        &packaging_tasks
            .iter()
            .filter_map(status)
            .map(|value| serde_json::from_value(value).unwrap())
            .collect::<Vec<_>>(),
    )
}

#[test]
fn the_table() {
    type Row = (&'static [&'static str], &'static [&'static str], OrderPhase, &'static str);
    let table: &[Row] = &[
        (&[], &[], Signing, "0 of 0 signed"),
        (&["a CREATED"], &[], Signing, "0 of 1 signed"),
        (&["a"], &[], Signing, "0 of 1 signed; a not seen yet"),
        (&["a COMPLETED", "b"], &[], Signing, "1 of 2 signed; b not seen yet"),
        (&["a COMPLETED", "b SUSPENDED"], &["p CREATED"], Signing, "1 of 2 signed"),
        (&["a completed"], &[], Completed, "1 of 1 signed"),
        (&["a COMPLETED"], &["p"], Packaging, "1 of 1 signed"),
        (
            &["a COMPLETED"],
            &["p CREATED", "q COMPLETED"],
            Packaging,
            "1 of 1 signed; packaging task q completed",
        ),
        (&["a COMPLETED"], &["p PAUSED"], Packaging, "1 of 1 signed"),
        (&["a COMPLETED"], &["p COMPLETED"], Completed, "1 of 1 signed; packaging task p completed"),
        (&["a COMPLETED"], &["p FAILED", "q CREATED"], Ended, "1 of 1 signed; packaging task p failed"),
        // One is enough, whatever the others and packaging say.
        (
            &["a COMPLETED", "b EXPIRED", "c"],
            &["p CREATED"],
            Ended,
            "1 of 3 signed; b expired; c not seen yet",
        ),
        (
            &["a DELETED", "b CREATED"],
            &["p COMPLETED"],
            Ended,
            "0 of 2 signed; a was deleted; packaging task p completed",
        ),
        // Each for their own reason.
        (
            &["a REJECTED", "b REJECTED"],
            &["p"],
            Ended,
            "0 of 2 signed; a rejected: a's reason; b rejected: b's reason",
        ),
    ];
    for (tasks, packaging_tasks, phase, words) in table {
        let state = derive(tasks, &[], packaging_tasks, &[]);
        assert_eq!((state.phase(), &*state.to_string()), (*phase, *words), "{tasks:?} {packaging_tasks:?}");
        assert_eq!(state.is_final(), matches!(phase, Completed | Ended), "{tasks:?} {packaging_tasks:?}");
    }
}

#[test]
fn the_task_that_it_was_forwarded_to_decides() {
    // Where a task was forwarded, what is said of those that it was forwarded to, and who decides how.
    type Row = (&'static [(&'static str, &'static str)], &'static [&'static str], &'static str, &'static str);
    let table: &[Row] = &[
        (&[("a", "b")], &[], "b", "0 of 1 signed; a not seen yet"),
        (&[("a", "b")], &["b CREATED"], "b", "0 of 1 signed"),
        (&[("a", "b")], &["b COMPLETED"], "b", "1 of 1 signed"),
        (&[("a", "b")], &["b REJECTED"], "b", "0 of 1 signed; a rejected: b's reason"),
        // A chain, told in any order.
        (&[("c", "d"), ("a", "b"), ("b", "c")], &["b EXPIRED", "d COMPLETED"], "d", "1 of 1 signed"),
        // The last of two recipients.
        (&[("a", "b"), ("a", "c")], &["b EXPIRED", "c COMPLETED"], "c", "1 of 1 signed"),
        // Circles, and what is nobody's.
        (&[("a", "a")], &["a COMPLETED"], "a", "1 of 1 signed"),
        (&[("a", "b"), ("b", "a")], &["b COMPLETED"], "b", "1 of 1 signed"),
        (&[("a", "b"), ("b", "c"), ("c", "b")], &["c EXPIRED"], "c", "0 of 1 signed; a expired"),
        (&[("x", "y")], &["y EXPIRED"], "a", "0 of 1 signed"),
        // Of several statuses of one task the last one counts.
        (&[], &["a EXPIRED", "a COMPLETED"], "a", "1 of 1 signed"),
    ];
    for (forwards, seen, decided_by, words) in table {
        let state = derive(&["a CREATED"], forwards, &[], seen);
        assert_eq!(state.to_string(), *words, "{forwards:?} {seen:?}");
        assert_eq!(state.task("a").unwrap().decided_by(), decided_by, "{forwards:?} {seen:?}");
    }
}

#[test]
fn the_parts_can_be_looked_at() {
    let state = derive(&["a REJECTED", "b COMPLETED", "c"], &[], &["p CREATED", "q"], &[]);
    let tasks: Vec<_> = state
        .tasks()
        .iter()
        .map(|task| (task.id().as_str(), task.status().map(|s| s.as_str()), task.reject_reason()))
        .collect();
    assert_eq!(
        tasks,
        [("a", Some("REJECTED"), Some("a's reason")), ("b", Some("COMPLETED"), None), ("c", None, None)]
    );
    let packaging: Vec<_> =
        state.packaging_tasks().map(|(id, status)| (id.as_str(), status.map(|s| s.as_str()))).collect();
    assert_eq!(packaging, [("p", Some("CREATED")), ("q", None)]);
    assert!(state.task("p").is_none());
}

#[test]
fn a_signers_words_are_scrubbed_and_not_in_debug() {
    let told = r#"{ "orderId": "1", "taskId": "a", "taskStatus": "REJECTED",
        "rejectReason": "call me:\n+47 91 12 23 33, kari@example.com" }"#;
    let state =
        OrderState::derive(&["a".parse().unwrap()], &[], &[serde_json::from_str(told).unwrap()], &[], &[]);
    assert_eq!(state.to_string(), "0 of 1 signed; a rejected: call me: +…, …");
    assert!(!format!("{state:?}").contains("call"), "{state:?}");
}

#[test]
fn an_error_made_by_hand_can_hold_a_state() {
    let state = derive(&["a EXPIRED"], &[], &[], &[]);
    let error = Error::builder(ErrorKind::OrderEnded).order_state(state.clone()).build();
    assert_eq!(error.order_state(), Some(&state));
    assert_eq!(error.to_string(), "order ended: 0 of 1 signed; a expired");
}

/// Who has signed or rejected has handed nothing on, whatever the forwards say.
#[test]
fn a_task_that_its_signer_has_decided_is_decided() {
    for (status, phase) in [("COMPLETED", Completed), ("REJECTED", Ended), ("EXPIRED", Signing)] {
        let state = derive(&[&format!("a {status}")], &[("a", "b")], &[], &["b CREATED"]);
        assert_eq!(state.phase(), phase, "{status}");
    }
}
