//! Waiting for the end of an order, in virtual time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt;
use serde_json::{Value, json};
use signicat_sign::{Client, CompletedOrder, Error, ErrorKind, Order, OrderPhase};

use crate::support::virtual_time::VirtualTime;
use crate::support::wire::Wire;
use crate::support::{Answer, Service};

/// A service with one order of kari, ola and the packaging task "sealed", whose statuses are told by a script:
/// by what is asked and how often it was asked before.
struct Scripted {
    service: Service,
    time: VirtualTime,
    asked: Arc<Mutex<HashMap<String, usize>>>,
}

impl Scripted {
    async fn start(script: impl Fn(&str, usize) -> &'static str + Send + Sync + 'static) -> Self {
        Self::start_forwarding(false, script).await
    }

    /// The same, where ola has forwarded the task to per.
    async fn start_forwarding(
        forwarded: bool,
        script: impl Fn(&str, usize) -> &'static str + Send + Sync + 'static,
    ) -> Self {
        let asked = Arc::new(Mutex::new(HashMap::<String, usize>::new()));
        let counts = asked.clone();
        let service = Service::start(move |request| {
            let segments: Vec<_> = request.path.split('/').collect();
            let [_, _, _, list, id, what] = segments[..] else { return Answer::json(200, &order()) };
            if what == "forwards" {
                let recipient = json!({ "orderId": "1", "taskId": "per", "originalTaskId": "ola" });
                let forwards = if id == "ola" && forwarded { json!([recipient]) } else { json!([]) };
                return Answer::json(200, &forwards);
            }
            let mut counts = counts.lock().unwrap();
            let count = counts.entry(id.to_owned()).or_default();
            *count += 1;
            let status = script(id, *count);
            if let Ok(status) = status.parse() {
                return Answer { status, ..Default::default() };
            }
            let (id_member, member) = match list {
                "tasks" => ("taskId", "taskStatus"),
                _ => ("packagingTaskId", "packagingTaskStatus"),
            };
            Answer::json(
                200,
                &json!({ "orderId": "1", id_member: id, member: status, "rejectReason": "wrong amount" }),
            )
        })
        .await;
        Self { service, time: VirtualTime::default(), asked }
    }

    fn client(&self) -> Client {
        self.service.builder().runtime(Arc::new(self.time.clone())).build().unwrap()
    }

    async fn order(&self) -> Order {
        self.client().orders().get(&"1".parse().unwrap()).await.unwrap()
    }

    async fn wait(&self) -> Result<CompletedOrder, Error> {
        self.client().orders().wait(&self.order().await).await
    }

    fn asked(&self, id: &str) -> usize {
        self.asked.lock().unwrap().get(id).copied().unwrap_or_default()
    }
}

fn order() -> Value {
    json!({ "id": "1", "tasks": [{ "id": "kari" }, { "id": "ola" }], "packagingTasks": [{ "id": "sealed" }] })
}

#[tokio::test]
async fn it_ends_when_all_have_signed_and_it_is_sealed() {
    let scripted = Scripted::start(|id, count| match (id, count) {
        ("kari", 1..=3) | ("ola", 1..=6) | ("sealed", 1..=2) => "CREATED",
        _ => "COMPLETED",
    })
    .await;
    let done = scripted.wait().await.unwrap();
    assert_eq!(done.state().phase(), OrderPhase::Completed);
    assert_eq!(done.state().to_string(), "2 of 2 signed; packaging task sealed completed");
    assert!(done.sealed("sealed").is_ok());
    assert!(done.sealed("other").unwrap_err().is_validation());
    // Only what is not final is asked, and packaging not before all have signed.
    assert_eq!((scripted.asked("kari"), scripted.asked("ola"), scripted.asked("sealed")), (4, 7, 3));
}

#[tokio::test]
async fn a_task_that_is_not_signed_ends_it_at_once() {
    for (status, words) in [
        ("REJECTED", "1 of 2 signed; ola rejected: wrong amount"),
        ("EXPIRED", "1 of 2 signed; ola expired"),
        ("DELETED", "1 of 2 signed; ola was deleted"),
    ] {
        let scripted = Scripted::start(move |id, _| match id {
            "kari" => "COMPLETED",
            "ola" => status,
            _ => "CREATED",
        })
        .await;
        let error = scripted.wait().await.unwrap_err();
        assert!(error.is_order_ended());
        assert_eq!(error.order_state().unwrap().to_string(), words);
        assert!(error.to_string().ends_with(words), "{error}");
        assert_eq!(scripted.asked("sealed"), 0);
    }
}

#[tokio::test]
async fn a_forwarded_task_is_decided_by_the_one_that_it_was_forwarded_to() {
    let scripted = Scripted::start_forwarding(true, |id, count| match (id, count) {
        ("ola", _) | ("per", 1..=2) => "CREATED",
        _ => "COMPLETED",
    })
    .await;
    scripted.wait().await.unwrap();
    assert_eq!((scripted.asked("ola"), scripted.asked("per")), (1, 3));

    let rejected = |id: &str, _| match id {
        "ola" => "CREATED",
        "per" => "REJECTED",
        _ => "COMPLETED",
    };
    let scripted = Scripted::start_forwarding(true, rejected).await;
    let error = scripted.wait().await.unwrap_err();
    assert!(error.to_string().contains("1 of 2 signed; ola rejected"), "{error}");
}

#[tokio::test]
async fn packaging_that_fails_ends_it() {
    let scripted = Scripted::start(|id, _| if id == "sealed" { "FAILED" } else { "COMPLETED" }).await;
    let error = scripted.wait().await.unwrap_err();
    assert!(error.is_order_ended());
    assert!(error.to_string().contains("packaging task sealed failed"), "{error}");
}

#[tokio::test]
async fn a_status_that_nobody_knows_is_not_final() {
    let scripted = Scripted::start(|_, count| if count < 4 { "SUSPENDED" } else { "COMPLETED" }).await;
    scripted.wait().await.unwrap();
}

#[tokio::test]
async fn it_ends_at_its_deadline_and_no_later() {
    let scripted = Scripted::start(|_, _| "CREATED").await;
    let wait = scripted.client().orders().wait(&scripted.order().await).deadline(Duration::from_secs(3600));
    let error = wait.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deadline);
    assert_eq!(error.order_state().unwrap().phase(), OrderPhase::Signing);
    assert_eq!(scripted.time.pauses().iter().sum::<Duration>(), Duration::from_secs(3600));
    // It slows down: an hour is not 3600 looks.
    assert!((60..100).contains(&scripted.asked("kari")), "{}", scripted.asked("kari"));
}

#[tokio::test]
async fn what_passes_is_survived_and_what_lasts_is_not() {
    let scripted = Scripted::start(|_, count| if count < 8 { "503" } else { "COMPLETED" }).await;
    scripted.wait().await.unwrap();

    let scripted = Scripted::start(|_, _| "503").await;
    assert_eq!(scripted.wait().await.unwrap_err().kind(), ErrorKind::Server);
    let scripted = Scripted::start(|_, _| "404").await;
    assert!(scripted.wait().await.unwrap_err().is_not_found());
    assert_eq!(scripted.asked("kari"), 1);
}

#[tokio::test]
async fn changes_are_shown_as_they_come() {
    let scripted = Scripted::start(|id, count| match (id, count) {
        ("kari", 1..=2) | ("ola", 1..=5) | ("sealed", 1) => "CREATED",
        _ => "COMPLETED",
    })
    .await;
    let changes = scripted.client().orders().wait(&scripted.order().await).changes();
    let states: Vec<_> = changes.map(|state| state.unwrap()).collect().await;
    let phases: Vec<_> = states.iter().map(|state| state.phase()).collect();
    use OrderPhase::{Completed, Packaging, Signing};
    assert_eq!(phases, [Signing, Signing, Packaging, Completed]);
}

#[tokio::test]
async fn a_deadline_bounds_a_look_too() {
    let scripted = Scripted::start(|_, _| "CREATED").await;
    let order = scripted.order().await;
    let time = VirtualTime::default();
    let silent = Wire::slow(&time, Duration::from_secs(11), "").await;
    let builder = scripted.service.builder().base_url(silent.url("/")).runtime(Arc::new(time));
    let wait = builder.build().unwrap().orders().wait(&order);
    let error = wait.deadline(Duration::from_secs(10)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deadline, "{error}");
}

#[tokio::test]
async fn a_pause_of_nothing_or_of_for_ever_is_none() {
    let scripted = Scripted::start(|_, count| if count < 50 { "CREATED" } else { "COMPLETED" }).await;
    let order = scripted.order().await;
    let wait = || scripted.client().orders().wait(&order);
    wait().poll_every(Duration::ZERO, Duration::ZERO).await.unwrap();
    assert!(scripted.time.pauses().iter().all(|pause| !pause.is_zero()));
    wait().poll_every(Duration::MAX, Duration::MAX).deadline(Duration::MAX).await.unwrap();
}

#[tokio::test]
async fn an_order_whose_answer_names_no_task_has_those_that_were_asked_for() {
    let service = Service::answering(Answer::json(201, &json!({ "id": "1", "tasks": [{}] }))).await;
    let pdf = "0101".parse().unwrap();
    let order = signicat_sign::NewOrder::builder()
        .document("loan", &pdf, "Loan")
        .signer(signicat_sign::Signer::new("kari").handwritten())
        .seal_as_pades("sealed");
    let order = service.client().orders().create(order.build().unwrap()).await.unwrap();
    assert_eq!(order.tasks(), ["kari"]);
    assert_eq!(order.packaging_tasks(), ["sealed"]);
}

#[tokio::test]
async fn an_order_without_tasks_is_nothing_to_wait_for() {
    let service = Service::answering(Answer::json(200, &json!({ "id": "1" }))).await;
    let order = service.client().orders().get(&"1".parse().unwrap()).await.unwrap();
    assert!(service.client().orders().wait(&order).await.unwrap_err().is_validation());
}
