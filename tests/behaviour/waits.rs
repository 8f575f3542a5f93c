//! Waiting for the end of an order, in virtual time.

use std::future::IntoFuture;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::stream::FusedStream;
use futures_util::{FutureExt, StreamExt};
use serde_json::json;
use signicat_sign::{ErrorKind, OrderPhase, OrderState};

use crate::scripted::Scripted;
use crate::support::event_time::EventTime;
use crate::support::virtual_time::VirtualTime;
use crate::support::wire::{Wire, settle};
use crate::support::{Answer, Service};

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
    let scripted = Scripted::start_forwarding(
        |id| if id == "ola" { "per" } else { "" },
        |id, count| match (id, count) {
            ("ola", _) | ("per", 1..=2) => "CREATED",
            _ => "COMPLETED",
        },
    )
    .await;
    scripted.wait().await.unwrap();
    assert_eq!((scripted.asked("ola"), scripted.asked("per")), (1, 3));

    let rejected = |id: &str, _| match id {
        "ola" => "CREATED",
        "per" => "REJECTED",
        _ => "COMPLETED",
    };
    let scripted = Scripted::start_forwarding(|id| if id == "ola" { "per" } else { "" }, rejected).await;
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

#[tokio::test]
async fn chains_and_circles_of_forwards_come_to_an_end() {
    let chain = |id: &str| match id {
        "ola" => "per",
        "per" => "pia",
        _ => "",
    };
    let scripted = Scripted::start_forwarding(chain, |id, _| match id {
        // What became of a task that was handed on does not matter.
        "per" => "EXPIRED",
        "ola" => "DELETED",
        _ => "COMPLETED",
    })
    .await;
    let done = scripted.wait().await.unwrap();
    assert_eq!(done.state().task("ola").unwrap().decided_by(), "pia");

    let circle = |id: &str| match id {
        "ola" => "per",
        "per" => "ola",
        _ => "",
    };
    let scripted = Scripted::start_forwarding(circle, |id, count| match (id, count) {
        ("ola", _) | ("per", 1..=3) => "CREATED",
        _ => "COMPLETED",
    })
    .await;
    scripted.wait().await.unwrap();
    assert_eq!((scripted.asked("ola"), scripted.asked("per")), (1, 4));

    // A new recipient each time.
    let next = std::sync::atomic::AtomicUsize::new(0);
    let endless = move |_: &str| -> &'static str {
        format!("task-{}", next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)).leak()
    };
    let scripted = Scripted::start_forwarding(endless, |_, _| "CREATED").await;
    let wait = scripted.client().orders().wait(&scripted.order().await).deadline(Duration::from_secs(60));
    assert_eq!(wait.await.unwrap_err().kind(), ErrorKind::Deadline);
}

#[tokio::test]
async fn it_slows_down_and_gets_quick_again_when_something_has_changed() {
    let scripted = Scripted::start(|id, count| match (id, count) {
        ("kari", 1..=20) | ("ola", 1..=40) | ("sealed", 1..=3) => "CREATED",
        _ => "COMPLETED",
    })
    .await;
    scripted.wait().await.unwrap();
    let pauses = scripted.time.pauses();
    let starts: Vec<_> =
        (0..pauses.len()).filter(|place| pauses[*place] == Duration::from_millis(875)).collect();
    // At first, when kari has signed, and when ola has.
    assert_eq!(starts, [0, 20, 40]);
    let slow = Duration::from_millis(52_500);
    assert!(pauses.windows(2).all(|pair| pair[0] < pair[1] || pair[0] == slow), "{pauses:?}");
    assert_eq!(pauses.len(), 43);
}

#[tokio::test]
async fn it_stays_away_as_long_as_the_service_says_and_no_longer_than_its_deadline() {
    let script = |id: &str, count| match (id, count) {
        ("kari", 3) => "429 after 300",
        ("kari", 4) => "503 after 7200",
        (_, 1..=2) => "CREATED",
        _ => "COMPLETED",
    };
    let scripted = Scripted::start(script).await;
    scripted.wait().await.unwrap();
    let asked_for = [Duration::from_secs(300), Duration::from_secs(7200)];
    for (pause, asked_for) in scripted.time.pauses()[2..4].iter().zip(asked_for) {
        assert!(*pause >= asked_for && *pause < asked_for.mul_f64(1.25), "{pause:?} for {asked_for:?}");
    }
    // A request of a look is made once: the next look is the retry.
    assert_eq!(scripted.asked("kari"), 5);

    let scripted = Scripted::start(script).await;
    let wait = scripted.client().orders().wait(&scripted.order().await).deadline(Duration::from_secs(1000));
    assert_eq!(wait.await.unwrap_err().kind(), ErrorKind::Deadline);
    assert_eq!(scripted.time.pauses().iter().sum::<Duration>(), Duration::from_secs(1000));
}

#[tokio::test]
async fn the_error_that_ends_it_says_how_the_order_stood_and_how_to_go_on() {
    // What is final, what was not in time, what does not pass, what lasts too long.
    let refused = |id: &str, count| if id == "kari" || count == 1 { "CREATED" } else { "403" };
    let failing = |id: &str, count| if id == "kari" || count == 1 { "CREATED" } else { "500" };
    let (rejected, open) = (|_: &str, _| "REJECTED", |_: &str, _| "CREATED");
    type Script = Box<dyn Fn(&str, usize) -> &'static str + Send + Sync>;
    let ends: [(ErrorKind, Script); 4] = [
        (ErrorKind::OrderEnded, Box::new(rejected)),
        (ErrorKind::Deadline, Box::new(open)),
        (ErrorKind::Forbidden, Box::new(refused)),
        (ErrorKind::Server, Box::new(failing)),
    ];
    for (kind, script) in ends {
        let scripted = Scripted::start(script).await;
        let wait = scripted.client().orders().wait(&scripted.order().await);
        let error = wait.deadline(Duration::from_secs(7200)).await.unwrap_err();
        assert_eq!(error.kind(), kind);
        let (state, token) = (error.order_state().unwrap(), error.resume_token().unwrap());
        assert_eq!(state.is_final(), kind == ErrorKind::OrderEnded);
        assert_eq!(token.order_id(), "1");
        let written = serde_json::to_value(token).unwrap();
        assert_eq!(written["told"], json!(true), "{written}");
        assert_eq!(written.get("deadline").is_none(), kind == ErrorKind::Deadline, "{written}");
        if kind == ErrorKind::Server {
            assert!(error.attempts() > 50 && error.elapsed() >= Duration::from_secs(3600), "{error}");
            assert_eq!(error.retryability(), signicat_sign::Retryability::Persistent);
        }
    }
    let scripted = Scripted::start(|_, _| "404").await;
    let error = scripted.wait().await.unwrap_err();
    assert!(error.order_state().is_none(), "nothing was seen: {error}");
    assert_eq!(serde_json::to_value(error.resume_token()).unwrap()["told"], json!(false));
}

/// A script in which an order goes through all that it can.
fn a_whole_life(id: &str, count: usize) -> &'static str {
    match (id, count) {
        ("ola", 4) => "503",
        ("kari", 1..=2) | ("ola", 1..=5) | ("sealed", 1..=2) => "CREATED",
        _ => "COMPLETED",
    }
}

#[tokio::test]
async fn dropping_a_next_loses_nothing_whenever_it_happens() {
    let scripted = Scripted::start(a_whole_life).await;
    let changes = scripted.client().orders().wait(&scripted.order().await).changes();
    let expected: Vec<_> = changes.map(|state| state.unwrap()).collect().await;

    let scripted = Scripted::start(a_whole_life).await;
    let mut changes = scripted.client().orders().wait(&scripted.order().await).changes();
    let (mut states, mut drops) = (Vec::new(), 0);
    while !changes.is_terminated() {
        // A new one for each poll.
        match changes.next().now_or_never() {
            Some(state) => states.push(state.unwrap().unwrap()),
            None => {
                drops += 1;
                let token = serde_json::to_value(changes.resume_token()).unwrap();
                let told =
                    states.last().map(|state: &OrderState| state.task("ola").unwrap().status().cloned());
                assert_eq!(token["tasks"][1]["status"], json!(told.flatten()));
                tokio::task::yield_now().await;
            }
        }
    }
    assert_eq!(states, expected);
    assert!(drops > 20, "it was dropped {drops} times");
    assert!(changes.next().await.is_none());
}

#[tokio::test]
async fn a_wait_that_is_dropped_within_a_look_leaves_its_turn_to_others() {
    let scripted = Scripted::start(|_, _| "COMPLETED").await;
    let client = scripted.service.builder().requests_of_waits(1).build().unwrap();
    let order = scripted.order().await;
    let mut first = client.orders().wait(&order).into_future();
    let mut second = client.orders().wait(&order).into_future();
    assert!((&mut first).now_or_never().is_none() && (&mut second).now_or_never().is_none());
    let third = client.orders().wait(&order);
    drop((first, second));
    third.await.unwrap();
}

/// Waits that hold a turn, or are called and do not come, because nobody polls them.
#[tokio::test]
async fn a_wait_that_is_not_polled_any_more_does_not_hold_up_others_for_ever() {
    let scripted = Scripted::start(|_, _| "COMPLETED").await;
    let time = EventTime::of(usize::MAX);
    let builder = scripted.service.builder().runtime(Arc::new(time.clone())).attempt_timeout(None);
    let client = builder.requests_of_waits(1).build().unwrap();
    let order = scripted.order().await;
    // So that the token is there.
    client.orders().get(order.id()).await.unwrap();

    let mut holding = client.orders().wait(&order).into_future();
    let mut called = client.orders().wait(&order).into_future();
    assert!((&mut holding).now_or_never().is_none() && (&mut called).now_or_never().is_none());
    let mut polled = client.orders().wait(&order).into_future();
    // Who asks has two minutes, and who is called has to come within seconds.
    for seconds in [120, 10] {
        assert!((&mut polled).now_or_never().is_none());
        time.advance(Duration::from_secs(seconds - 1));
        for _ in 0..200 {
            assert!((&mut polled).now_or_never().is_none());
            tokio::task::yield_now().await;
        }
        time.advance(Duration::from_secs(1));
    }
    // Both turns have passed.
    tokio::time::timeout(Duration::from_secs(60), polled).await.expect("it has its turn").unwrap();
    // Who lost a turn goes on with another.
    let both = async { (holding.await.unwrap(), called.await.unwrap()) };
    let passing = async {
        loop {
            settle().await;
            time.advance(Duration::from_secs(1));
        }
    };
    tokio::select! {
        _ = both => {}
        () = passing => unreachable!("time does not end"),
    }
}

/// The last pause may be long, and much may happen in it.
#[tokio::test]
async fn a_last_look_is_made_at_the_deadline() {
    for (last, expected) in [("COMPLETED", None), ("CREATED", Some(ErrorKind::Deadline))] {
        let scripted = Scripted::start(move |id, count| match (id, count) {
            ("kari" | "ola", 1) => "CREATED",
            _ => last,
        })
        .await;
        let wait = scripted.client().orders().wait(&scripted.order().await).deadline(Duration::from_secs(10));
        let end = wait.poll_every(Duration::from_secs(60), Duration::from_secs(60)).await;
        assert_eq!(end.err().map(|error| error.kind()), expected);
        assert_eq!((scripted.asked("kari"), scripted.time.pauses()), (2, vec![Duration::from_secs(10)]));
    }
}

/// A task that the service always fails for must not hide one that was rejected.
#[tokio::test]
async fn a_rejection_is_seen_beside_a_task_that_can_not_be_asked_for() {
    let scripted = Scripted::start(|id, _| if id == "kari" { "500" } else { "REJECTED" }).await;
    let error = scripted.wait().await.unwrap_err();
    assert!(error.is_order_ended(), "{error}");
    assert_eq!((scripted.asked("kari"), scripted.time.pauses().len()), (1, 0));
}

/// The status of a task that was handed on says nothing: where it was handed on to has to be known.
#[tokio::test]
async fn a_page_in_place_of_the_forwards_does_not_end_an_order() {
    let asked = Arc::new(AtomicUsize::new(0));
    let service = Service::start(move |request| match request.path.rsplit('/').next().unwrap() {
        "1" => Answer::json(200, &json!({ "id": "1", "tasks": [{ "id": "ola" }] })),
        "forwards" if request.path.contains("ola") && asked.fetch_add(1, Ordering::Relaxed) < 3 => {
            Answer::bytes(200, "text/html", b"<html>down for maintenance</html>")
        }
        "forwards" if request.path.contains("ola") => {
            Answer::json(200, &json!([{ "orderId": "1", "taskId": "per", "originalTaskId": "ola" }]))
        }
        "forwards" => Answer::json(200, &json!([])),
        _ if request.path.contains("ola") => {
            Answer::json(200, &json!({ "orderId": "1", "taskId": "ola", "taskStatus": "DELETED" }))
        }
        _ => Answer::json(200, &json!({ "orderId": "1", "taskId": "per", "taskStatus": "COMPLETED" })),
    })
    .await;
    let time = VirtualTime::default();
    let client = service.builder().runtime(Arc::new(time)).build().unwrap();
    let order = client.orders().get(&"1".parse().unwrap()).await.unwrap();
    // The first answers are none to go on with, and nothing was seen before: that is an error, and no end.
    let error = client.orders().wait(&order).await.unwrap_err();
    assert!(error.is_decode(), "{error}");
    client.orders().wait(&order).await.unwrap_err();
    client.orders().wait(&order).await.unwrap_err();
    client.orders().wait(&order).await.unwrap();
}

#[tokio::test]
async fn a_task_without_an_id_is_not_left_out() {
    let answer = json!({ "id": "1", "tasks": [{ "id": "kari" }, {}] });
    let service = Service::answering(Answer::json(200, &answer)).await;
    let order = service.client().orders().get(&"1".parse().unwrap()).await.unwrap();
    let error = service.client().orders().wait(&order).await.unwrap_err();
    assert!(error.is_validation() && error.to_string().contains("without its id"), "{error}");

    // Where it was asked for, it is known.
    let pdf = "0101".parse().unwrap();
    let signer = |id: &str| signicat_sign::Signer::new(id).handwritten();
    let order = signicat_sign::NewOrder::builder().document("loan", &pdf, "Loan");
    let order = order.signer(signer("kari")).signer(signer("ola")).build().unwrap();
    let order = service.client().orders().create(order).await.unwrap();
    assert_eq!(order.tasks(), ["kari", "ola"]);
}
