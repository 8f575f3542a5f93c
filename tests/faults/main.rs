//! The fault matrix: every operation of the contract meets every fault of one table, over real connections.
//! What is sent, how it ends and what the error says are the table's; so is what the documentation says of it.

#[path = "../support/mod.rs"]
mod support;

mod operations;
mod script;
mod table;

use std::collections::BTreeSet;
use std::time::Duration;

use operations::Operation;
use script::Stage;
use table::{Cell, Failure, Pause, ROWS, Row};

/// Longer than any call here; nothing waits for it but a call that hangs.
const HANGS: Duration = Duration::from_secs(60);

#[tokio::test]
async fn every_operation_ends_as_the_table_says_of_every_fault() {
    let operations = operations::all();
    let mut wrong = Vec::new();
    let mut uncalled = BTreeSet::new();
    let mut cells = 0;
    for row in ROWS.iter().filter(|row| row.fault.can_be_played()) {
        let stage = Stage::set(&row.fault, &operations[0]).await;
        for operation in &operations {
            cells += 1;
            let name = format!("{}, {}", operation.id, row.name);
            match tokio::time::timeout(HANGS, meet(&stage, row, operation)).await {
                Ok(None) => _ = uncalled.insert(&operation.id),
                Ok(Some(found)) if found.is_empty() => {}
                Ok(Some(found)) => wrong.push(format!("{name}: {}", found.join("; "))),
                Err(_) => {
                    wrong.push(format!("{name}: it hung, and the operations after it were not tried"));
                    break;
                }
            }
        }
    }
    assert!(uncalled.is_empty(), "operations that tests/faults/operations.rs does not call: {uncalled:?}");
    assert!(wrong.is_empty(), "{} of {cells} cells are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// One cell: what is wrong with it. Nothing: it is not known how the operation is called.
async fn meet(stage: &Stage, row: &Row, operation: &Operation) -> Option<Vec<String>> {
    let expected = row.expected(operation.class);
    let (sent_before, pauses_before) = (stage.sent(), stage.time.pauses().len());
    stage.begin(operation);
    let result = operations::call(&stage.client, &operation.id, stage.document.path()).await?;
    stage.quiet().await;

    let error = result.err();
    let failure = error.as_ref().map(|error| Failure {
        kind: error.kind(),
        outcome: error.outcome(),
        tries: error.attempts(),
    });
    let found = Cell { failure, sent: stage.sent() - sent_before };
    let mut wrong = Vec::new();
    if found != expected {
        let tries =
            |cell: Cell| cell.failure.map_or(String::new(), |failure| format!(" (tries: {})", failure.tries));
        let said = error.as_ref().map_or(String::new(), |error| format!(": {error}"));
        wrong.push(format!("expected {expected}{}, got {found}{}{said}", tries(expected), tries(found)));
    }
    if let Some(error) = &error {
        let named = error.operation().unwrap_or_default().replace('_', "");
        if named != operation.id.to_lowercase() {
            wrong.push(format!("the error is said to be of {:?}", error.operation()));
        }
    }
    let tries = found.failure.map_or(1, |failure| failure.tries);
    let expected_pauses: Vec<_> = (1..tries).filter_map(|pause| length(row.pause, pause)).collect();
    let pauses = &stage.time.pauses()[pauses_before..];
    if pauses != expected_pauses {
        wrong.push(format!("expected the pauses {expected_pauses:?}, got {pauses:?}"));
    }
    Some(wrong)
}

/// How long the pause of that number is, where chance is always one half.
fn length(pause: Pause, number: u32) -> Option<Duration> {
    match pause {
        Pause::Backoff => Some(Duration::from_millis(125) * 2_u32.pow(number - 1)),
        Pause::None => None,
        Pause::Seconds(seconds) => Some(Duration::from_secs(seconds)),
    }
}

/// `BLESS=1` writes the file.
#[test]
fn the_documentation_shows_the_table() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/faults.md");
    let text = table::markdown();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let present = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        present == text,
        "src/guide/faults.md is not up to date: BLESS=1 cargo test --test faults writes it"
    );
}
