//! The run on a real service, played: a sandbox is the service, its credentials are in the environment of a process
//! of its own, and a relay before it lets it differ from the contract.

use std::process::{Command, Stdio};
use std::sync::{Arc, OnceLock};

use serde_json::{Value, json};
use signicat_sign::sandbox::Sandbox;

use super::engine::Corrections;
use super::interference::{Deviates, Interference, Nothing};
use super::relay::{Answer, Relay};
use crate::support::documented::contract;

/// What the run said and how it ended.
struct Played {
    report: String,
    errors: String,
    holds: bool,
}

/// Runs the suite as `cargo xtask contract --live` does. `process` is told the id of its process.
async fn play(
    sandbox: &Sandbox,
    interference: impl Interference + 'static,
    options: &[(&str, &str)],
    process: Arc<OnceLock<u32>>,
) -> Played {
    let relay = Relay::start(sandbox.base_url(), Arc::new(interference)).await;
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["suite::live::live", "--exact", "--ignored", "--nocapture"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // Of the shell that the tests are run in nothing is meant for it.
    for name in ["SIGN_WITHIN", "METHOD", "ARCHIVED_ID", "OUT", "DENY_DIFFERENCES"] {
        command.env_remove(format!("CONTRACT_{name}"));
    }
    command.env_remove("SIGNICAT_ORGANIZATION_ID").env("RUST_BACKTRACE", "0");
    command.envs(sandbox.env()).env("SIGNICAT_BASE_URL", relay.base_url());
    command.envs(options.iter().map(|(name, value)| (format!("CONTRACT_{name}"), value)));
    let child = command.spawn().unwrap();
    process.set(child.id()).unwrap();
    let output = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap()).await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Played { report: text(output.stdout), errors: text(output.stderr), holds: output.status.success() }
}

/// Everything that was uploaded or ordered is deleted again.
fn assert_clean(sandbox: &Sandbox) {
    assert!(sandbox.orders().is_empty(), "an order was left behind");
    let done = |operation: &str| {
        let requests = sandbox.requests().into_iter().filter(|request| request.status < 300);
        requests.filter(|request| request.operation_id.as_deref() == Some(operation)).count()
    };
    assert_eq!(done("uploadDocument"), done("deleteDocument"), "a document was left behind");
    assert!(done("uploadDocument") > 0);
}

/// The lines of a list of the report.
fn listed<'r>(report: &'r str, title: &str) -> Vec<&'r str> {
    let mut lines = report.lines().skip_while(|line| !line.starts_with(&format!("# {title}: "))).skip(1);
    std::iter::from_fn(|| lines.next().and_then(|line| line.strip_prefix("#   "))).collect()
}

#[tokio::test]
async fn a_service_that_keeps_the_contract_holds() {
    let sandbox = Sandbox::start().await.unwrap();
    let played = play(&sandbox, Nothing, &[("DENY_DIFFERENCES", "1")], Arc::default()).await;
    assert!(played.holds, "{}{}", played.report, played.errors);
    for none in ["failed", "requests of ours that are off the contract", "differences from the contract"] {
        assert!(played.report.contains(&format!("# {none}: none\n")), "{}", played.report);
    }
    assert!(played.report.contains("# left behind: none\n") && !played.report.contains("overlay: 1.0.0"));
    assert_eq!(listed(&played.report, "not run").len(), 4, "{}", played.report);
    assert_clean(&sandbox);
}

/// A person who signs as soon as there is an order with one signer.
struct SignsAtOnce(Arc<Sandbox>);

impl Interference for SignsAtOnce {
    fn change(&self, operation: &str, answer: &mut Answer) {
        let order: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        if operation == "createOrder" && order["tasks"].as_array().is_some_and(|tasks| tasks.len() == 1) {
            self.0.signer(order["id"].as_str().unwrap(), "kari").signs().unwrap();
        }
    }
}

#[tokio::test]
async fn a_person_can_sign() {
    let sandbox = Arc::new(Sandbox::builder().packaging_delay(0).start().await.unwrap());
    let options = [("SIGN_WITHIN", "60"), ("METHOD", "nbid-sign")];
    let played = play(&sandbox, SignsAtOnce(sandbox.clone()), &options, Arc::default()).await;
    assert!(played.holds, "{}{}", played.report, played.errors);
    assert!(played.errors.contains("Please sign within 60 s:\nhttp://127.0.0.1:"), "{}", played.errors);
    assert!(!played.report.contains("sign-here"), "a signing address is in the report");
    let not_run = listed(&played.report, "not run");
    assert!(not_run.len() == 2 && not_run.iter().all(|line| line.contains("--archived-id")), "{not_run:?}");
    assert_clean(&sandbox);
}

/// Words that are somebody's, and must not be in the report.
const PERSONAL: [&str; 4] = ["Kari Nordmann", "01010199999", "kari@example.com", "Kari_01010199999"];

/// A service that has its own mind. It changes members by what they are, and not by where the contract has them.
fn deviates(operation: &str, answer: &mut Answer) {
    let mut body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    match operation {
        "getTaskStatus" if answer.status.is_success() => {
            body["priority"] = 7.into();
            body["signedBy"] = json!({ "name": PERSONAL[0], PERSONAL[3]: PERSONAL[2] });
            body["taskStatus"] = "SUSPENDED".into();
            body[PERSONAL[3]] = true.into();
        }
        "getPackagingTaskStatus" if answer.status.is_success() => body["packagingTaskStatus"] = Value::Null,
        "getTaskEvents" if answer.status.is_success() => body[0]["eventType"] = PERSONAL[0].into(),
        "getTaskEvents" if answer.status.as_u16() == 404 => answer.status = http::StatusCode::CONFLICT,
        _ => return,
    }
    answer.body = body.to_string().into();
}

#[tokio::test]
async fn a_service_that_differs_is_told_and_an_overlay_is_proposed() {
    let sandbox = Sandbox::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("report.yaml");
    let options = [("OUT", out.to_str().unwrap())];
    let played = play(&sandbox, Deviates(deviates), &options, Arc::default()).await;
    // A status that is none of the known ones is no CREATED: those two flows do not hold.
    let failed = listed(&played.report, "failed");
    assert!(!played.holds && failed.len() == 2, "{failed:?}");
    assert!(failed.iter().any(|line| line.starts_with("getTaskStatus, flow: ")), "{failed:?}");
    assert_clean(&sandbox);

    let report = std::fs::read_to_string(&out).unwrap();
    assert!(played.report.contains(&report));
    let differences = listed(&report, "differences from the contract");
    for told in [
        "getTaskEvents 409: the status is not documented [",
        "getPackagingTaskStatus 200 body.packagingTaskStatus: null, where it is not documented [",
        "getTaskEvents 200 body[].eventType: a value is not listed (it is no identifier, and not shown) [",
        "getTaskStatus 200 body.taskStatus: the value SUSPENDED is not listed [",
        "getTaskStatus 200 body: the member (a name that is not shown) is not documented (boolean) [",
        "getTaskStatus 200 body: the member priority is not documented (integer) [",
        "getTaskStatus 200 body: the member signedBy is not documented (object) [",
    ] {
        assert!(differences.iter().any(|line| line.starts_with(told)), "{told} {differences:#?}");
    }
    assert_eq!(differences.len(), 7, "{differences:#?}");
    assert_eq!(
        listed(&report, "besides"),
        [
            "getTaskEvents gives as the first event another one than TASK_CREATED",
            "getTaskEvents answers 409 where there is no such thing",
        ]
    );
    for personal in PERSONAL {
        assert!(!played.report.contains(personal), "{personal} is in the report");
    }

    // The report as it is, all of it, is an overlay.
    let mut corrected = contract();
    Corrections::parse(&report).unwrap().apply(&mut corrected).unwrap();
    let schema = &corrected["components"]["schemas"]["TaskStatusInfo"]["properties"];
    assert_eq!(schema["priority"], json!({ "type": "integer" }));
}

/// Where nothing fails, differences alone do so only if they are denied.
#[tokio::test]
async fn differences_fail_where_they_are_denied() {
    let more = |operation: &str, answer: &mut Answer| {
        if operation == "uploadDocument" && answer.status.is_success() {
            let mut body: Value = serde_json::from_slice(&answer.body).unwrap();
            body["pages"] = 2.into();
            answer.body = body.to_string().into();
        }
    };
    for (options, holds) in [(&[][..], true), (&[("DENY_DIFFERENCES", "1")], false)] {
        let sandbox = Sandbox::start().await.unwrap();
        let played = play(&sandbox, Deviates(more), options, Arc::default()).await;
        assert_eq!(played.holds, holds, "{}{}", played.report, played.errors);
        assert_eq!(listed(&played.report, "differences from the contract").len(), 1, "{}", played.report);
        assert_clean(&sandbox);
    }
}

#[tokio::test]
async fn who_is_not_let_in_is_told_once() {
    let sandbox = Sandbox::start().await.unwrap();
    let played = play(&sandbox, Refuses, &[], Arc::default()).await;
    assert!(!played.holds && played.errors.contains("get order: 403"), "{}", played.errors);
    assert!(!played.report.contains("The contract suite on"), "{}", played.report);
    assert_eq!(sandbox.requests().len(), 1, "a token, and nothing more");
}

struct Refuses;

impl Interference for Refuses {
    fn instead_of(&self, _operation: &str) -> Option<Answer> {
        Some(super::interference::json_answer(403, &json!({ "title": "Forbidden" })))
    }
}

/// Presses Ctrl-C while the answer to an operation is on its way.
#[cfg(unix)]
struct Presses(Arc<OnceLock<u32>>);

#[cfg(unix)]
impl Interference for Presses {
    fn change(&self, operation: &str, _answer: &mut Answer) {
        if operation == "createOrder" {
            let process = self.0.get().unwrap().to_string();
            assert!(Command::new("kill").args(["-INT", &process]).status().unwrap().success());
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_ends_it_and_leaves_nothing() {
    let sandbox = Sandbox::start().await.unwrap();
    let process = Arc::<OnceLock<u32>>::default();
    let played = play(&sandbox, Presses(process.clone()), &[], process).await;
    assert!(played.errors.contains("stopping, and deleting what was made"), "{}", played.errors);
    let stopped = listed(&played.report, "not run").into_iter().filter(|line| line.ends_with(": stopped"));
    assert!(stopped.count() > 20, "{}", played.report);
    assert!(played.report.contains("# left behind: none\n"), "{}", played.report);
    assert_clean(&sandbox);
}
