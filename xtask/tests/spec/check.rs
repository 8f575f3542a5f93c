//! `spec check` finds each thing that does not fit, when it is the only one, and says so in one line.

use serde_json::{Value, json};

use crate::repository::{Repository, fixture};

const OVERLAY: &str = "\
overlay: 1.0.0
info:
  title: Corrections
  version: '1'
actions:
  - target: $.info
    update:
      contact: { name: Somebody }
    x-reason: Nobody is named
    x-evidence: The page names them
    x-remove-when: The description does
";

/// Refreshed from a publisher's document, with names and a correction. All fits together.
fn refreshed() -> Repository {
    let repository = Repository::new();
    repository.write("spec/overlay.yaml", OVERLAY);
    repository.refresh(&fixture("springdoc.json"));
    assert_eq!(check(&repository), "");
    repository
}

fn check(repository: &Repository) -> String {
    let ran = repository.spec(&["check"]);
    assert_eq!(ran.report, "");
    assert_eq!(ran.success, ran.errors.is_empty(), "{}", ran.errors);
    ran.errors
}

#[track_caller]
fn assert_found(repository: &Repository, lines: &[&str]) {
    let last = format!("error: what is checked in does not fit together ({} of the above)", lines.len());
    let expected: Vec<_> = lines.iter().copied().chain([last.as_str()]).collect();
    assert_eq!(check(repository).lines().collect::<Vec<_>>(), expected);
}

#[test]
fn all_fits_together_today() {
    assert_eq!(check(&Repository::new()), "");
}

#[test]
fn an_upstream_that_was_edited() {
    let repository = refreshed();
    repository.edit("spec/upstream.json", "\n", "\n\n");
    assert_found(
        &repository,
        &[
            "spec/upstream.json is not what was fetched (its sha256 is not that of spec/upstream.lock.toml): take the \
           edit back, and correct the description in spec/overlay.yaml",
        ],
    );
}

#[test]
fn an_upstream_without_its_lock_or_the_other_way_round() {
    let repository = refreshed();
    std::fs::remove_file(repository.path("spec/upstream.json")).unwrap();
    let error = "error: spec/upstream.json is missing, but spec/upstream.lock.toml speaks of it\n";
    assert_eq!(check(&repository), error);
    let repository = refreshed();
    std::fs::remove_file(repository.path("spec/upstream.lock.toml")).unwrap();
    let error = "error: spec/upstream.json is there, but no spec/upstream.lock.toml says where it is from\n";
    assert_eq!(check(&repository), error);
    let repository = refreshed();
    repository.write("spec/upstream.yaml", "openapi: 3.0.1");
    assert_eq!(check(&repository), error.replace("json is", "yaml is"));
    let repository = refreshed();
    repository.edit("spec/upstream.lock.toml", "upstream.json", "../upstream.json");
    let error = "error: spec/upstream.lock.toml: `file` is none of upstream.json, upstream.yaml\n";
    assert_eq!(check(&repository), error);
}

#[test]
fn a_contract_that_is_not_upstream_and_overlay() {
    let repository = refreshed();
    repository.edit("spec/overlay.yaml", "Somebody", "Somebody else");
    let made = "spec/sign-v1.json is not spec/upstream.json with the names and corrections: run `cargo xtask spec generate`";
    assert_found(&repository, &[made]);
    assert_eq!(repository.spec(&["generate"]).errors, "");
    assert_eq!(check(&repository), "");
    assert!(repository.read("spec/sign-v1.json").contains("Somebody else"));
}

#[test]
fn generated_code_that_is_stale() {
    let repository = Repository::new();
    repository.edit("spec/generated.rs", "\n", "\n\n");
    let stale =
        "spec/generated.rs is not what build/ makes of spec/sign-v1.json: run `cargo xtask spec generate`";
    assert_found(&repository, &[stale]);
    assert_eq!(repository.spec(&["generate"]).errors, "");
    assert_eq!(repository.status(), "");
}

#[test]
fn a_correction_without_its_reasons() {
    let absent = |key: &str| format!("spec/overlay.yaml: action 1 ($.info): has no {key}; add it");
    let repository = refreshed();
    for key in ["x-reason", "x-evidence", "x-remove-when"] {
        repository.write("spec/overlay.yaml", OVERLAY.replace(key, "x-other"));
        assert_found(&repository, &[&absent(key)]);
    }
}

#[test]
fn a_correction_that_does_nothing() {
    let repository = refreshed();
    let again = OVERLAY.split_once("actions:\n").unwrap().1;
    repository.write("spec/overlay.yaml", format!("{OVERLAY}{again}"));
    assert_found(&repository, &["spec/overlay.yaml: action 2 ($.info): changes nothing; delete the action"]);
    repository.write("spec/overlay.yaml", format!("{OVERLAY}{}", again.replace("$.info", "$.absent")));
    assert_found(
        &repository,
        &["spec/overlay.yaml: action 2 ($.absent): matches nothing; delete the action"],
    );
}

/// Without an upstream the contract is written by hand, and is corrected itself.
#[test]
fn corrections_of_nothing() {
    let repository = Repository::new();
    repository.write("spec/overlay.yaml", OVERLAY);
    assert_found(
        &repository,
        &["spec/overlay.yaml corrects what was published, and nothing was fetched yet: refresh, or correct \
           spec/sign-v1.json itself"],
    );
}

#[test]
fn names_that_match_nothing_or_nobody_looked_at() {
    let repository = refreshed();
    repository.edit("spec/names.toml", "\n[schemas]", "\n[schemas]\nGone = \"Task\"");
    let stale = "spec/names.toml: \"Gone\" matches nothing in the published description; delete the line";
    assert_found(&repository, &[stale]);
    let repository = refreshed();
    repository.edit("spec/names.toml", "\n[schemas]", "\n[proposed.schemas]");
    let proposed = "spec/names.toml has 36 proposed names: look at them, then run `cargo xtask spec confirm`";
    assert_found(&repository, &[proposed]);
}

#[test]
fn an_operation_without_wrapper_or_contract_test() {
    let repository = Repository::new();
    repository.edit("src/tasks.rs", ".get_task_events(", ".get_other_events(");
    let absent = "operation getTaskEvents has no wrapper: nothing under src/ calls get_task_events";
    assert_found(&repository, &[absent]);
    let repository = Repository::new();
    repository.edit("tests/contract/operations.rs", "\"getTaskEvents\" ", "\"getOtherEvents\" ");
    let absent = "operation getTaskEvents has no contract test: add it to tests/contract/operations.rs";
    assert_found(&repository, &[absent]);
}

#[test]
fn a_provenance_line_that_is_missing() {
    let repository = Repository::new();
    repository.edit("spec/PROVENANCE.md", "| getTaskEvents |", "| getOtherEvents |");
    repository.edit("spec/PROVENANCE.md", "| Dialog |", "| Dialogue |");
    assert_found(
        &repository,
        &[
            "spec/PROVENANCE.md has no row for the operation getTaskEvents: add its source, as in `| getTaskEvents | \
             `GET /orders/{orderId}/tasks/{taskId}/events` | P | high | nothing |`",
            "spec/PROVENANCE.md has no row for the schema Dialog: add its source, as in `| Dialog | P | high | nothing |`",
        ],
    );
}

#[test]
fn two_names_that_become_one_in_rust() {
    let repository = Repository::new();
    let mut contract: Value = serde_json::from_str(&repository.read("spec/sign-v1.json")).unwrap();
    contract["components"]["schemas"]["NotificationDelay"]["properties"]["Days"] =
        json!({ "type": "string" });
    repository.write("spec/sign-v1.json", contract.to_string());
    let clash = "spec/sign-v1.json: components.schemas.NotificationDelay: Days and days are both days in Rust; rename one";
    assert_found(&repository, &[clash]);
}
