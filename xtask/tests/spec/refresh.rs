//! A refresh from each of the fixtures: the report has what is planted there and nothing else, the contract has
//! our names, and all fits together.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::repository::{Repository, fixture};

/// Class, direction, place and what changed, for all but the documentation.
fn changes(report: &Value) -> Vec<String> {
    let changes = report["contract"]["changes"].as_array().unwrap().iter();
    let changes = changes.filter(|change| change["class"] != "documentation");
    let line = |change: &Value| {
        let text = |key: &str| change[key].as_str().unwrap().to_owned();
        format!("{} {} {}: {}", text("class"), text("direction"), text("path"), text("what"))
    };
    changes.map(line).collect()
}

/// What changed of the documentation, each once.
fn documentation(report: &Value) -> BTreeSet<&str> {
    let changes = report["contract"]["changes"].as_array().unwrap().iter();
    let texts = changes.filter(|change| change["class"] == "documentation");
    texts.map(|change| change["what"].as_str().unwrap()).collect()
}

fn refreshed(name: &str) -> (Repository, Value) {
    let repository = Repository::new();
    let from = fixture(name);
    let ran = repository.spec(&["refresh", "--format", "json", "--from", from.to_str().unwrap()]);
    assert_eq!(ran.errors, "");
    let report = serde_json::from_str(&ran.report).unwrap();
    (repository, report)
}

/// The names of the contract's operations and of its schemas that are not in the report as new.
fn names(repository: &Repository) -> BTreeSet<String> {
    let contract: Value = serde_json::from_str(&repository.read("spec/sign-v1.json")).unwrap();
    let paths =
        contract["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
    let operations = paths.filter_map(|operation| Some(operation.get("operationId")?.as_str()?.to_owned()));
    let schemas = contract["components"]["schemas"].as_object().unwrap().keys().cloned();
    operations.chain(schemas).collect()
}

#[test]
fn another_form_changes_nothing() {
    let (repository, report) = refreshed("springdoc.json");
    assert_eq!(changes(&report), [""; 0]);
    assert_eq!(report["contract"]["asks_for"]["step"], "patch");
    assert_eq!(repository.spec(&["confirm"]).errors, "");
    assert_eq!(repository.spec(&["check"]).errors, "");
    let before = names(&Repository::new());
    // What only errors hold has no type.
    let lost: Vec<_> = before.difference(&names(&repository)).cloned().collect();
    assert_eq!(lost, ["GatewayProblem", "InvalidParam", "ValidationProblem", "Violation"]);
}

#[test]
fn schemas_of_requests_and_answers_are_one_and_shared_ones_are_several() {
    let (repository, report) = refreshed("split.json");
    assert_eq!(changes(&report), ["additive both SigningOrderNotification.schedule: optional member added"]);
    assert_eq!(report["contract"]["asks_for"]["to"], "0.1.1");
    assert_eq!(repository.spec(&["confirm"]).errors, "");
    assert_eq!(repository.spec(&["check"]).errors, "");
}

#[test]
fn what_is_new_is_told_with_what_to_do_about_it() {
    let (repository, report) = refreshed("changed.yaml");
    assert_eq!(
        changes(&report),
        [
            "breaking both SigningOrder.daysUntilDeletion: maximum narrowed from 30 to 20",
            "additive none GET /orders/{orderId}/tasks/{taskId}/reminders: operation added",
            "additive both NotificationType: value `PUSH` added",
            "additive sent POST /documents body: media type `application/xml` added",
            "additive none Reminder: schema added",
            "additive both SigningOrder.clientReference: maxLength widened from 255 to 300",
            "additive both Task.reminderIntervalDays: optional member added",
            "additive read TaskStatus: value `FAILED` added",
            "additive read TaskStatusInfo.statusChangedAt: optional member added",
        ]
    );
    assert_eq!(documentation(&report), ["example changed", "text changed"].into());
    let texts = report["contract"]["changes"].as_array().unwrap().iter();
    let texts: Vec<_> =
        texts.filter(|change| change["what"] == "text changed").map(|change| &change["path"]).collect();
    assert_eq!(texts, ["Task.language"]);
    assert_eq!(report["contract"]["asks_for"]["to"], "0.2.0");
    assert_eq!(report["rows"], serde_json::json!(["getReminders", "Reminder"]));
    assert_eq!(report["proposed_names"]["schemas"]["ForwardInfo"], "TaskForwardDetails");

    let advice = report["contract"]["changes"].as_array().unwrap().iter();
    let advice = advice.filter(|change| change["what"] == "operation added").map(|change| &change["advice"]);
    let needed = "needs a wrapper in src/tasks.rs, an answer in src/sandbox/operations.rs, a test in ";
    assert!(advice.into_iter().all(|advice| advice.as_str().unwrap().starts_with(needed)));
    assert_eq!(repository.spec(&["confirm"]).errors, "");
    let errors = repository.spec(&["check"]).errors;
    assert_eq!(
        errors.lines().collect::<Vec<_>>(),
        [
            "operation getReminders has no wrapper: nothing under src/ calls get_reminders",
            "operation getReminders has no contract test: add it to tests/contract/operations.rs",
            "error: what is checked in does not fit together (2 of the above)",
        ]
    );
}

/// Nothing is written, because the library's own table of types speaks of what is gone.
#[test]
fn what_is_gone_is_told_with_who_uses_it() {
    let repository = Repository::new();
    let from = fixture("removed.json");
    let ran = repository.spec(&["refresh", "--format", "json", "--from", from.to_str().unwrap()]);
    let report: Value = serde_json::from_str(&ran.report).unwrap();
    assert_eq!(
        changes(&report),
        [
            "breaking none GET /orders/{orderId}/tasks/{taskId}/forwards: operation removed",
            "breaking both NotificationDelay.days: type changed from `integer (int32)` to `string`",
            "breaking both Task.region: required member added",
            "breaking none TaskForwardDetails: schema removed",
            "breaking read TaskStatusInfo.rejectReason: member removed",
            "additive read TaskStatusInfo.rejectionReason: optional member added",
        ]
    );
    let advice = |path: &str| {
        let changes = report["contract"]["changes"].as_array().unwrap().iter();
        let mut of_path = changes.filter(|change| change["path"].as_str().unwrap().ends_with(path));
        of_path.next().unwrap()["advice"].as_str().unwrap().to_owned()
    };
    assert!(advice("/forwards").starts_with(
        "src/tasks.rs calls it: remove the wrapper `forwards` (used in src/wait.rs), its tests in "
    ));
    assert_eq!(
        advice("rejectReason"),
        "renamed to `rejectionReason`? look for `reject_reason` in src/wait.rs"
    );
    assert!(advice("TaskForwardDetails").ends_with("its members in build/rust_types.rs"));
    assert_eq!(
        ran.errors,
        "error: no code can be generated from the new contract, so nothing is written: spec/sign-v1.json: \
         TaskForwardDetails.orderId, TaskForwardDetails.originalTaskId, TaskForwardDetails.taskId: is no string in \
         the contract, but has a type in build/rust_types.rs; correct the entry\n"
    );
    assert_eq!(repository.status(), "");
}

#[test]
fn a_second_refresh_changes_nothing() {
    for name in ["springdoc.json", "split.json", "changed.yaml"] {
        let repository = Repository::new();
        repository.refresh(&fixture(name));
        repository.commit();
        let ran = repository.refresh(&fixture(name));
        assert!(ran.report.ends_with("\n\nnothing changed\n"), "{}", ran.report);
        assert_eq!(repository.status(), "");
    }
}

#[test]
fn a_dry_run_reports_the_same_and_writes_nothing() {
    let repository = Repository::new();
    let from = fixture("changed.yaml");
    let arguments = ["refresh", "--format", "markdown", "--from", from.to_str().unwrap()];
    let ran = repository.spec(&[&arguments[..], &["--dry-run"]].concat());
    assert_eq!((ran.errors.as_str(), repository.status().as_str()), ("", ""));
    let without_time = |report: &str| report.split_once("sha256").unwrap().1.to_owned();
    assert_eq!(without_time(&ran.report), without_time(&repository.spec(&arguments).report));
    assert!(ran.report.contains("\n### Breaking (1)\n"), "{}", ran.report);
    assert!(ran.report.contains("\n## Names proposed in spec/names.toml"), "{}", ran.report);
}

/// The publisher gives a schema another name: the line that named it matches nothing any more.
#[test]
fn a_name_that_matches_nothing_is_told_with_what_stands_there_now() {
    let repository = Repository::new();
    repository.refresh(&fixture("springdoc.json"));
    repository.commit();
    let renamed =
        std::fs::read_to_string(fixture("springdoc.json")).unwrap().replace("ForwardDetailsDto", "Forward");
    repository.write("target.json", &renamed);
    let from = repository.path("target.json");
    let ran = repository.spec(&["refresh", "--from", from.to_str().unwrap()]);
    assert_eq!(
        ran.errors,
        "error: spec/names.toml: \"ForwardDetailsDto\" matches nothing in the published description; delete the line; \
         proposed instead: \"Forward\" = \"TaskForwardDetails\"\n"
    );
    repository.edit("spec/names.toml", "ForwardDetailsDto = \"TaskForwardDetails\"\n", "");
    let ran = repository.refresh(&from);
    assert!(ran.report.contains("\n  `Forward = TaskForwardDetails`\n"), "{}", ran.report);
    assert!(ran.report.contains("asks for") || ran.report.contains("no change"), "{}", ran.report);
    assert_eq!(repository.spec(&["check"]).errors, "");
}

/// The same document in the other notation is stored as it came, and is the same contract.
#[test]
fn yaml_and_json_are_one_contract() {
    let repository = Repository::new();
    let yaml = std::fs::read_to_string(fixture("changed.yaml")).unwrap();
    repository.refresh(&fixture("changed.yaml"));
    assert_eq!(repository.read("spec/upstream.yaml"), yaml);
    let contract = repository.read("spec/sign-v1.json");
    repository.commit();

    let options = serde_saphyr::options! { strict_booleans: true };
    let json: Value = serde_saphyr::from_str_with_options(&yaml, options).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let from = elsewhere.path().join("changed.json");
    std::fs::write(&from, json.to_string()).unwrap();
    repository.refresh(&from);
    assert_eq!(repository.read("spec/upstream.json"), json.to_string());
    assert_eq!(repository.read("spec/sign-v1.json"), contract);
    assert_eq!(
        repository.status(),
        " M spec/upstream.lock.toml\n D spec/upstream.yaml\n?? spec/upstream.json\n"
    );
}
