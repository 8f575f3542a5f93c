//! Waits that are put away and taken up again.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use serde_json::{Value, json};
use signicat_sign::{Error, ErrorKind, OrderPhase, ResumeToken, Wait};

use crate::scripted::Scripted;
use crate::support::virtual_time::VirtualTime;

/// By way of what is stored.
fn stored(token: &ResumeToken) -> ResumeToken {
    serde_json::from_str(&serde_json::to_string(token).unwrap()).unwrap()
}

fn token(json: Value) -> ResumeToken {
    serde_json::from_value(json).unwrap()
}

/// A token of the scripted order, with statuses as they were handed out.
fn told(kari: &str, ola: &str) -> Value {
    json!({ "version": 1, "order": "1", "told": true, "packaging_tasks": [{ "id": "sealed" }],
        "tasks": [{ "id": "kari", "status": kari }, { "id": "ola", "status": ola }] })
}

async fn words(wait: Wait) -> Vec<String> {
    wait.changes().map(|state| state.unwrap().to_string()).collect().await
}

fn a_life(id: &str, count: usize) -> &'static str {
    match (id, count) {
        ("kari", 1..=2) | ("ola", 1..=5) | ("sealed", 1..=2) => "CREATED",
        _ => "COMPLETED",
    }
}

const LIFE: [&str; 4] =
    ["0 of 2 signed", "1 of 2 signed", "2 of 2 signed", "2 of 2 signed; packaging task sealed completed"];

#[tokio::test]
async fn what_is_taken_up_goes_on_after_the_last_change_that_was_given() {
    let scripted = Scripted::start(a_life).await;
    let orders = scripted.client().orders();
    let mut token = orders.wait(&scripted.order().await).resume_token();
    // Put away after each change.
    for words in LIFE {
        let mut changes = orders.resume(stored(&token)).changes();
        assert_eq!(changes.next().await.unwrap().unwrap().to_string(), words);
        token = changes.resume_token();
    }
    // The end once more, and nothing is asked for it.
    let asked = scripted.service.received().len();
    let wait = orders.resume(stored(&token));
    assert_eq!(words(wait.clone()).await, LIFE[3..]);
    assert_eq!(wait.await.unwrap().state().phase(), OrderPhase::Completed);
    assert_eq!(scripted.service.received().len(), asked);
}

#[tokio::test]
async fn nothing_is_given_until_something_has_changed() {
    let scripted = Scripted::start(a_life).await;
    let resumed = scripted.client().orders().resume(token(told("CREATED", "CREATED")));
    assert_eq!(words(resumed).await, LIFE[1..]);
    // What changed while nobody waited is the first.
    let scripted = Scripted::start(|_, _| "COMPLETED").await;
    let resumed = scripted.client().orders().resume(token(told("CREATED", "CREATED")));
    assert_eq!(words(resumed).await, LIFE[3..]);
    assert_eq!((scripted.asked("kari"), scripted.asked("ola")), (1, 1));
    // And what was not given yet is given, though nothing has changed since.
    let scripted = Scripted::start(a_life).await;
    let wait = scripted.client().orders().wait(&scripted.order().await);
    assert_eq!(words(scripted.client().orders().resume(stored(&wait.resume_token()))).await, LIFE);
}

/// kari's change was seen in looks that failed over ola's task, and so was not given yet.
#[tokio::test]
async fn what_was_seen_and_not_given_is_given_by_the_next() {
    let scripted = Scripted::start(|id, count| match (id, count) {
        ("ola", 2..=20) => "503",
        ("kari", 1) | ("ola", 1..=25) => "CREATED",
        _ => "COMPLETED",
    })
    .await;
    let mut changes = scripted.client().orders().wait(&scripted.order().await).changes();
    changes.next().await.unwrap().unwrap();
    while scripted.asked("ola") < 5 {
        assert!(changes.next().now_or_never().is_none());
        tokio::task::yield_now().await;
    }
    let resumed = scripted.client().orders().resume(stored(&changes.resume_token()));
    drop(changes);
    assert_eq!(words(resumed).await, [LIFE[1], LIFE[3]]);
}

#[tokio::test]
async fn only_what_is_not_completed_is_asked_again() {
    let scripted = Scripted::start(|_, _| "COMPLETED").await;
    scripted.client().orders().resume(token(told("COMPLETED", "CREATED"))).await.unwrap();
    assert_eq!((scripted.asked("kari"), scripted.asked("ola"), scripted.asked("sealed")), (0, 1, 1));
}

#[tokio::test]
async fn an_order_that_had_ended_comes_to_the_same_end() {
    let scripted = Scripted::start(|id, _| if id == "ola" { "REJECTED" } else { "COMPLETED" }).await;
    let ended = scripted.wait().await.unwrap_err();
    let token = stored(ended.resume_token().unwrap());
    let again = scripted.client().orders().resume(token.clone()).await.unwrap_err();
    assert_eq!(again.to_string(), ended.to_string(), "with the reason, which no token holds");
    assert_eq!(again.order_state(), ended.order_state());
    assert_eq!(
        words(scripted.client().orders().resume(token)).await,
        ["1 of 2 signed; ola rejected: wrong amount"]
    );
    assert_eq!((scripted.asked("kari"), scripted.asked("sealed")), (1, 0));

    let scripted = Scripted::start(|id, _| if id == "sealed" { "FAILED" } else { "COMPLETED" }).await;
    let ended = scripted.wait().await.unwrap_err();
    let again = scripted.client().orders().resume(stored(ended.resume_token().unwrap())).await.unwrap_err();
    assert_eq!(again.to_string(), ended.to_string());
}

#[tokio::test]
async fn a_forwarded_task_stays_forwarded() {
    let scripted = Scripted::start_forwarding(
        |id| if id == "ola" { "per" } else { "" },
        |id, count| if id == "ola" || count == 1 { "CREATED" } else { "COMPLETED" },
    )
    .await;
    let mut changes = scripted.client().orders().wait(&scripted.order().await).changes();
    changes.next().await.unwrap().unwrap();
    scripted.client().orders().resume(stored(&changes.resume_token())).await.unwrap();
    assert_eq!((scripted.asked("ola"), scripted.asked("per")), (1, 2));
}

#[tokio::test]
async fn the_deadline_is_a_time_of_day() {
    let scripted = Scripted::start(|_, _| "CREATED").await;
    let hour = Duration::from_secs(3600);
    let wait = scripted.client().orders().wait(&scripted.order().await).deadline(hour);
    let token = stored(&wait.resume_token());
    // Forty minutes pass while nobody waits; the last twenty are waited.
    scripted.time.advance(hour * 2 / 3);
    let error = scripted.client().orders().resume(token.clone()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deadline);
    assert_eq!(scripted.time.pauses().iter().sum::<Duration>(), hour / 3);
    // Watched and dropped, it is the same time of day.
    let mut changes = scripted.client().orders().wait(&scripted.order().await).deadline(hour).changes();
    changes.next().await.unwrap().unwrap();
    scripted.time.advance(hour / 2);
    assert!(changes.next().await.unwrap().is_err());
    // Another one may be set.
    let resumed = scripted.client().orders().resume(token).deadline(hour * 2);
    let error = resumed.await.unwrap_err();
    assert_eq!(error.elapsed(), hour * 2);
}

#[tokio::test]
async fn a_deadline_that_passed_while_nobody_waited_leaves_one_look() {
    for (status, kind) in [("CREATED", Some(ErrorKind::Deadline)), ("COMPLETED", None)] {
        let scripted = Scripted::start(move |_, _| status).await;
        let wait = scripted.client().orders().wait(&scripted.order().await).deadline(Duration::from_secs(60));
        let token = stored(&wait.resume_token());
        scripted.time.advance(Duration::from_secs(3600));
        let end = scripted.client().orders().resume(token).await;
        assert_eq!(end.as_ref().err().map(Error::kind), kind);
        assert_eq!(scripted.asked("kari"), 1);
        if let Err(error) = end {
            assert_eq!(error.order_state().unwrap().to_string(), "0 of 2 signed", "it has looked");
            // The next one has time again.
            let token = stored(error.resume_token().unwrap());
            let again = scripted.client().orders().resume(token).deadline(Duration::from_secs(60)).await;
            assert_eq!(again.unwrap_err().elapsed(), Duration::from_secs(60));
        }
    }
}

/// The look has limits of its own.
#[tokio::test]
async fn that_one_look_does_not_hang() {
    use crate::support::wire::Wire;
    let scripted = Scripted::start(|_, _| "CREATED").await;
    let time = VirtualTime::default();
    let silent = Wire::slow(&time, Duration::from_secs(121), "").await;
    let builder =
        scripted.service.builder().base_url(silent.url("/")).attempt_timeout(None).stall_timeout(None);
    let client = builder.runtime(Arc::new(time)).build().unwrap();
    let mut late = told("CREATED", "CREATED");
    late["deadline"] = json!(1);
    let error = client.orders().resume(token(late)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deadline, "{error}");
    assert_eq!(silent.count(), 1);
}

#[test]
fn a_token_is_small_and_says_nothing_of_people() {
    let given = token(json!({
        "version": 1, "order": "0502", "told": true, "deadline": 1_900_000_000_000_u64,
        "tasks": [
            { "id": "kari", "forwarded_to": ["0503"], "status": "COMPLETED" },
            { "id": "ola", "status": "SUSPENDED" },
            { "id": "per", "status": "Per Hansen, 10109001290" },
        ],
        "packaging_tasks": [{ "id": "sealed", "status": "CREATED" }],
        "of a later release": [{}],
    }));
    // A status that can be none is not kept.
    assert_eq!(
        serde_json::to_string(&given).unwrap(),
        r#"{"version":1,"order":"0502","tasks":[{"id":"kari","forwarded_to":["0503"],"status":"COMPLETED"},{"id":"ola","status":"SUSPENDED"},{"id":"per"}],"packaging_tasks":[{"id":"sealed","status":"CREATED"}],"told":true,"deadline":1900000000000}"#
    );
    assert_eq!(
        format!("{given:?}"),
        "ResumeToken { order: OrderId(\"0502\"), tasks: [TaskId(\"kari\"), TaskId(\"ola\"), TaskId(\"per\")], \
         packaging_tasks: [PackagingTaskId(\"sealed\")], .. }"
    );
}

#[test]
fn a_token_that_can_t_be_read_says_what_to_do() {
    let read = |json: &str| serde_json::from_str::<ResumeToken>(json).unwrap_err().to_string();
    let newer = read(r#"{ "version": 2, "order": {} }"#);
    assert!(newer.contains("has the version 2") && newer.contains("wait for it anew"), "{newer}");
    for broken in [
        "",
        r#"{"version":1,"order":"05"#,
        "[]",
        r#""secret words""#,
        r#"{ "version": "secret words" }"#,
        r#"{ "order": "1", "tasks": [] }"#,
        r#"{ "version": 1, "order": "..", "tasks": [] }"#,
        r#"{ "version": 1, "order": "1", "tasks": "secret words" }"#,
    ] {
        let error = read(broken);
        assert!(error.contains("no whole resume token") && error.contains("wait for it anew"), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
}

/// Two processes are killed while they wait, and a third one sees the end.
#[cfg(feature = "sandbox")]
mod processes {
    use std::io::{BufRead, BufReader};
    use std::process::{Child, Command, Stdio};

    use signicat_sign::sandbox::Sandbox;
    use signicat_sign::{NewOrder, Signer, Upload};

    use super::*;

    const TOKEN: &str = "SIGNICAT_TEST_RESUME_TOKEN";

    /// A process that takes up a wait, until it is killed.
    struct Waiting {
        child: Child,
        lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
    }

    impl Waiting {
        fn start(sandbox: &Sandbox, token: &str) -> Self {
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["--ignored", "--exact", "--nocapture", "resume::processes::a_process_that_waits"])
                .envs(sandbox.env())
                .env(TOKEN, token)
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let lines = BufReader::new(child.stdout.take().unwrap()).lines();
            Self { child, lines }
        }

        /// The next change, in words, and the token that was written after it.
        fn change(&mut self) -> (String, String) {
            let mut next = |what: &str| {
                let said =
                    |line: std::io::Result<String>| line.unwrap().strip_prefix(what).map(str::to_owned);
                self.lines.by_ref().find_map(said).unwrap_or_else(|| panic!("no {what} any more"))
            };
            (next("CHANGE "), next("TOKEN "))
        }

        /// SIGKILL: it has no time to write anything.
        fn kill(mut self) {
            self.child.kill().unwrap();
            assert!(!self.child.wait().unwrap().success());
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn a_wait_survives_the_processes_that_wait() {
        let sandbox = Sandbox::start().await.unwrap();
        let client = sandbox.client();
        let pdf = client.documents().upload(Upload::from_bytes(&b"%PDF-1.7"[..]).unwrap()).await.unwrap();
        let order = NewOrder::builder()
            .document("loan", &pdf, "Loan")
            .signer(Signer::new("kari").handwritten())
            .signer(Signer::new("ola").handwritten())
            .seal_as_pades("sealed");
        let order = client.orders().create(order.build().unwrap()).await.unwrap();
        let token = serde_json::to_string(&client.orders().wait(&order).resume_token()).unwrap();
        let signs = |task| sandbox.signer(order.id(), task).signs().unwrap();

        let mut waiting = Waiting::start(&sandbox, &token);
        let (first, token) = waiting.change();
        waiting.kill();
        // Nobody waits now.
        signs("kari");
        let mut waiting = Waiting::start(&sandbox, &token);
        let (second, token) = waiting.change();
        waiting.kill();
        signs("ola");
        let mut waiting = Waiting::start(&sandbox, &token);
        let (third, _) = waiting.change();
        let (fourth, _) = waiting.change();
        assert!(waiting.child.wait().unwrap().success(), "it has seen the end");
        assert_eq!([first, second, third, fourth], LIFE);
    }

    #[tokio::test]
    #[ignore = "it is a part of `a_wait_survives_the_processes_that_wait`, which runs it as a process of its own"]
    async fn a_process_that_waits() {
        let token = serde_json::from_str(&std::env::var(TOKEN).unwrap()).unwrap();
        let builder = signicat_sign::ClientBuilder::from_env().unwrap();
        let client = builder.runtime(Arc::new(VirtualTime::default())).build().unwrap();
        let mut changes = client.orders().resume(token).deadline(Duration::MAX).changes();
        while let Some(state) = changes.next().await {
            println!("\nCHANGE {}", state.unwrap());
            println!("TOKEN {}", serde_json::to_string(&changes.resume_token()).unwrap());
        }
    }
}

/// The order was deleted since: its end was seen, and stays what it was.
#[tokio::test]
async fn an_end_that_was_given_outlives_the_order() {
    let scripted = Scripted::start(|id, count| match (id, count) {
        ("kari", _) => "COMPLETED",
        (_, 1) => "REJECTED",
        _ => "404",
    })
    .await;
    let error = scripted.wait().await.unwrap_err();
    let again = scripted.client().orders().resume(stored(error.resume_token().unwrap())).await.unwrap_err();
    assert!(again.is_order_ended(), "{again}");
    assert_eq!(again.order_state().unwrap().to_string(), "1 of 2 signed; ola rejected");
    let third = scripted.client().orders().resume(stored(again.resume_token().unwrap())).await.unwrap_err();
    assert!(third.is_order_ended(), "{third}");
}

#[tokio::test]
async fn who_waits_for_ever_goes_on_for_ever() {
    let scripted = Scripted::start(|_, _| "CREATED").await;
    let wait = scripted.client().orders().wait(&scripted.order().await).deadline(Duration::MAX);
    let written = serde_json::to_value(wait.resume_token()).unwrap();
    assert_eq!(written["deadline"], json!(253_402_300_799_000_u64));
}
