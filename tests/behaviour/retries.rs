//! What is tried again, and what is never sent twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use signicat_sign::{Client, DocumentId, Error, ErrorKind, NewOrder, OrderId, Outcome, Signer, Upload};

use crate::support::virtual_time::VirtualTime;
use crate::support::wire::{Wire, settle};
use crate::support::{Answer, Service};

/// A service that gives these answers one after the other, and the last one for ever.
async fn answering_in_turn(answers: Vec<Answer>) -> Service {
    let turn = AtomicUsize::new(0);
    Service::start(move |_| {
        let turn = turn.fetch_add(1, Ordering::Relaxed);
        answers[turn.min(answers.len() - 1)].clone()
    })
    .await
}

fn status(status: u16) -> Answer {
    Answer { status, ..Default::default() }
}

fn new_order() -> NewOrder {
    let pdf: DocumentId = "0101".parse().unwrap();
    NewOrder::builder()
        .document("loan", &pdf, "Loan")
        .signer(Signer::new("kari").handwritten())
        .build()
        .unwrap()
}

fn order_answer() -> Answer {
    Answer::json(201, &json!({ "id": "0102", "tasks": [{ "id": "kari" }] }))
}

#[tokio::test]
async fn a_read_is_tried_again() {
    let time = VirtualTime::default();
    for failure in [408, 500, 502, 503, 504, 429] {
        let service = answering_in_turn(vec![status(failure), status(failure), order_answer()]).await;
        let client = service.builder().runtime(Arc::new(time.clone())).build().unwrap();
        client.orders().get(&"0102".parse().unwrap()).await.unwrap();
        assert_eq!(service.received().len(), 3, "{failure}");
    }
}

#[tokio::test]
async fn a_read_is_not_tried_for_ever() {
    let service = answering_in_turn(vec![status(503)]).await;
    let client = service.builder().runtime(Arc::new(VirtualTime::default())).build().unwrap();
    let error = client.orders().get(&"0102".parse().unwrap()).await.unwrap_err();
    assert_eq!((service.received().len(), error.attempts()), (3, 3));
}

/// A service in trouble is not met by a storm of retries.
#[tokio::test]
async fn the_calls_of_a_client_share_a_budget_for_retries() {
    let service =
        Service::start(|request| status(if request.path == "/orders/good" { 204 } else { 503 })).await;
    let builder = service.builder().runtime(Arc::new(VirtualTime::default()));
    let client = builder.retry_budget(3).build().unwrap();
    let delete = async |id: &str| client.clone().orders().delete(&id.parse().unwrap()).await;
    let attempts = async || delete("bad").await.unwrap_err().attempts();
    assert_eq!((attempts().await, attempts().await, attempts().await), (3, 2, 1));
    for _ in 0..5 {
        delete("good").await.unwrap();
    }
    assert_eq!((attempts().await, attempts().await), (2, 1));

    let endless =
        service.builder().runtime(Arc::new(VirtualTime::default())).retry_budget(None).build().unwrap();
    for _ in 0..200 {
        let error = endless.orders().delete(&"bad".parse().unwrap()).await.unwrap_err();
        assert_eq!(error.attempts(), 3);
    }
}

#[tokio::test]
async fn a_create_is_sent_once_where_it_may_have_been_done() {
    for failure in [302, 303, 307, 408, 500, 501, 502, 503, 504] {
        let service =
            answering_in_turn(vec![status(failure).with_header("location", "/"), order_answer()]).await;
        let client = service.builder().runtime(Arc::new(VirtualTime::default())).build().unwrap();
        let error = client.orders().create(new_order()).await.unwrap_err();
        assert_eq!(error.outcome(), Outcome::Unknown, "{failure}");
        assert_eq!(service.received().len(), 1, "{failure}");
    }
    for refusal in [400, 403, 404, 409, 422] {
        let service = answering_in_turn(vec![status(refusal), order_answer()]).await;
        let error = service.client().orders().create(new_order()).await.unwrap_err();
        assert_eq!(error.outcome(), Outcome::Rejected, "{refusal}");
        assert_eq!(service.received().len(), 1, "{refusal}");
    }
}

#[tokio::test]
async fn a_create_is_sent_again_where_it_was_surely_not_done() {
    let time = VirtualTime::default();
    let too_many = status(429).with_header("retry-after", "7");
    let service = answering_in_turn(vec![too_many, order_answer()]).await;
    let client = service.builder().runtime(Arc::new(time.clone())).build().unwrap();
    client.orders().create(new_order()).await.unwrap();
    assert_eq!(service.received().len(), 2);
    assert_eq!(time.pauses(), [Duration::from_secs(7)]);
}

#[tokio::test]
async fn an_absurd_wish_to_wait_is_capped() {
    let time = VirtualTime::default();
    let service =
        answering_in_turn(vec![status(429).with_header("retry-after", "99999999"), order_answer()]).await;
    let client = service.builder().runtime(Arc::new(time.clone())).build().unwrap();
    client.orders().create(new_order()).await.unwrap();
    assert_eq!(time.pauses(), [Duration::from_secs(60)]);
}

#[tokio::test]
async fn a_pause_beyond_the_deadline_is_not_made() {
    let time = VirtualTime::default();
    let service = answering_in_turn(vec![status(503).with_header("retry-after", "30")]).await;
    let client =
        service.builder().runtime(Arc::new(time.clone())).timeout(Duration::from_secs(10)).build().unwrap();
    let error = client.orders().get(&"0102".parse().unwrap()).await.unwrap_err();
    assert_eq!(error.status().unwrap(), 503);
    assert!(time.pauses().is_empty());
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_was_accepted() {
    for body in [&b"<html>"[..], b"", b"{\"id\": ", b"{}", b"{\"id\": \"..\"}"] {
        let service = Service::answering(Answer::bytes(201, "application/json", body)).await;
        let error = service.client().orders().create(new_order()).await.unwrap_err();
        assert!(error.is_decode(), "{error:?}");
        assert_eq!(error.outcome(), Outcome::Accepted);
        assert_eq!(service.received().len(), 1);
    }
}

#[tokio::test]
async fn a_delete_that_meets_404_after_a_failure_has_succeeded() {
    let client = async |answers| {
        let service = answering_in_turn(answers).await;
        let client = service.builder().runtime(Arc::new(VirtualTime::default())).build().unwrap();
        client.orders().delete(&"0102".parse().unwrap()).await
    };
    client(vec![status(502), status(404)]).await.unwrap();
    let not_found = |result: Result<(), Error>| result.unwrap_err().is_not_found();
    assert!(not_found(client(vec![status(404)]).await));
    // Neither of these can have deleted it.
    assert!(not_found(client(vec![status(401), status(404)]).await));
    assert!(not_found(client(vec![status(429), status(404)]).await));
}

#[tokio::test]
async fn a_document_is_sent_again_whole() {
    let too_many = status(429).with_header("retry-after", "0");
    let service =
        answering_in_turn(vec![too_many, Answer::json(201, &json!({ "documentId": "0101" }))]).await;
    let upload = Upload::from_bytes(&b"%PDF-1.7 twice"[..]).unwrap();
    let client = service.builder().runtime(Arc::new(VirtualTime::default())).build().unwrap();
    client.documents().upload(upload).await.unwrap();
    let received = service.received();
    assert_eq!(received.len(), 2);
    assert!(received.iter().all(|request| request.body == b"%PDF-1.7 twice"));
}

#[tokio::test]
async fn a_delete_that_may_have_been_done_is_never_called_not_done() {
    for answers in [vec![status(504)], vec![status(504), status(429)], vec![status(502), status(403)]] {
        let service = answering_in_turn(answers).await;
        let client = service.builder().runtime(Arc::new(VirtualTime::default())).build().unwrap();
        let error = client.orders().delete(&"0102".parse().unwrap()).await.unwrap_err();
        assert_eq!(error.outcome(), Outcome::Unknown, "{error}");
    }
}

/// A service that reads each request whole, says so much, and then hangs up, or lets time pass and says no more.
async fn saying(answer: &'static str, hang_up: bool, time: &VirtualTime) -> Wire {
    let time = time.clone();
    Wire::start(move |mut connection| {
        let time = time.clone();
        async move {
            if connection.request().await.is_none() {
                return;
            }
            connection.say(answer).await;
            if !hang_up {
                connection.stall(&time, Duration::from_secs(31)).await;
            }
        }
    })
    .await
}

async fn client_of(service: &Wire, time: &VirtualTime) -> (Client, Wire) {
    let tokens = Wire::tokens().await;
    (service.builder(&tokens).runtime(Arc::new(time.clone())).build().unwrap(), tokens)
}

#[tokio::test]
async fn a_create_whose_answer_breaks_off_is_sent_once_and_says_how_far_it_came() {
    let cases = [
        ("", true, Outcome::Unknown),
        ("", false, Outcome::Unknown),
        ("HTTP/1.1 20", true, Outcome::Unknown),
        (
            "HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{",
            true,
            Outcome::Accepted,
        ),
        (
            "HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{",
            false,
            Outcome::Accepted,
        ),
        ("HTTP/1.1 400 Bad Request\r\ncontent-length: 99\r\n\r\n{", true, Outcome::Rejected),
        ("HTTP/1.1 400 Bad Request\r\ncontent-length: 99\r\n\r\n{", false, Outcome::Rejected),
    ];
    for (answer, hang_up, outcome) in cases {
        let time = VirtualTime::default();
        let service = saying(answer, hang_up, &time).await;
        let (client, _tokens) = client_of(&service, &time).await;
        let error = client.orders().create(new_order()).await.unwrap_err();
        assert_eq!((error.outcome(), service.count()), (outcome, 1), "{answer:?} {hang_up}: {error}");
    }
}

/// An empty body is never asked for, and so can't tell that it was sent.
#[tokio::test]
async fn an_empty_create_is_sent_once() {
    let time = VirtualTime::default();
    let service = saying("", true, &time).await;
    let (client, _tokens) = client_of(&service, &time).await;
    let error: Error = client.raw().upload_document("").await.unwrap_err().into();
    assert_eq!((error.outcome(), service.count()), (Outcome::Unknown, 1));
}

/// The caller's own code may take its time when the last bytes have gone: longer than the attempt may take.
#[tokio::test]
async fn a_slow_progress_callback_sends_nothing_twice() {
    let time = VirtualTime::default();
    let service = Wire::start(|mut connection| async move {
        connection.request().await;
        connection.hold().await;
    })
    .await;
    let (client, _tokens) = client_of(&service, &time).await;
    let passing = time.clone();
    let upload = Upload::from_bytes(&b"%PDF-1.7 slow"[..]).unwrap();
    let upload = upload.on_progress(move |_, _| passing.advance(Duration::from_secs(31)));
    let error = client.documents().upload(upload).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert!(service.count() <= 1);
}

#[tokio::test]
async fn a_document_from_a_reader_is_sent_once() {
    let service = answering_in_turn(vec![status(429)]).await;
    let upload = Upload::from_reader(&b"%PDF-1.7 once"[..], Some(13));
    let error = service.client().documents().upload(upload).await.unwrap_err();
    assert!(error.is_rate_limited());
    assert_eq!(service.received().len(), 1);
}

/// As long as nothing of it was read, it can be.
#[tokio::test]
async fn a_document_from_a_reader_outlives_a_token_endpoint_s_hiccup() {
    let turn = AtomicUsize::new(0);
    let service = Service::with_token_endpoint(
        move |_| match turn.fetch_add(1, Ordering::Relaxed) {
            0 => status(503),
            _ => Answer::json(200, &json!({ "access_token": "t", "expires_in": 600 })),
        },
        |_| Answer::json(201, &json!({ "documentId": "0101" })),
    )
    .await;
    let client = service.builder().runtime(Arc::new(VirtualTime::default())).build().unwrap();
    let upload = Upload::from_reader(&b"%PDF-1.7 once"[..], Some(13));
    client.documents().upload(upload).await.unwrap();
    assert_eq!(service.received().len(), 1);
}

/// A service that says that after 28 s, and lets a second pass in the middle of it.
async fn slow_and_stopping(time: &VirtualTime, says: &'static str) -> Wire {
    let time = time.clone();
    Wire::start(move |mut connection| {
        let time = time.clone();
        async move {
            connection.request().await;
            settle().await;
            time.advance(Duration::from_secs(28));
            settle().await;
            connection.say(says).await;
            connection.stall(&time, Duration::from_secs(1)).await;
        }
    })
    .await
}

/// What a refusal says is not lost to a limit.
#[tokio::test]
async fn a_wish_to_wait_that_comes_late_is_heard() {
    let time = VirtualTime::default();
    let refusal = "HTTP/1.1 429 Too Many Requests\r\nretry-after: 50\r\ncontent-length: 99\r\n\r\n{";
    let service = slow_and_stopping(&time, refusal).await;
    let (client, _tokens) = client_of(&service, &time).await;
    let error = client.orders().get(&"1".parse().unwrap()).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(50)));
    assert_eq!(time.pauses(), [Duration::from_secs(50); 2]);
    assert_eq!(service.count(), 3);
}

#[tokio::test]
async fn what_cannot_be_sent_at_all_is_not_sent() {
    let service = Service::answering(status(204)).await;
    let client = service.client();
    let long: OrderId = "x".repeat(70_000).parse().unwrap();
    let errors = [
        client.orders().delete(&long).await.unwrap_err(),
        client.tasks(&long).generate_artifact(&"t".parse().unwrap()).await.unwrap_err(),
    ];
    for error in errors {
        assert_eq!((error.outcome(), error.attempts()), (Outcome::NotSent, 1), "{:?}", error.kind());
        assert!(error.is_validation());
    }
}

/// No time at all is not enough to send anything.
#[tokio::test]
async fn a_call_whose_time_is_over_before_it_begins_is_not_sent() {
    let service = answering_in_turn(vec![status(204)]).await;
    let client = service.builder().runtime(Arc::new(VirtualTime::default())).build().unwrap();
    // So that there is a token.
    client.orders().delete(&"1".parse().unwrap()).await.unwrap();
    for client in [client.with_timeout(Duration::ZERO), client.with_attempt_timeout(Duration::ZERO)] {
        let tasks = client.tasks(&"1".parse().unwrap());
        let error = tasks.generate_artifact(&"t".parse().unwrap()).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::NotSent), "{error}");
        let error = client.orders().delete(&"1".parse().unwrap()).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::NotSent), "{error}");
    }
    assert_eq!(service.received().len(), 1);
}

#[tokio::test]
async fn an_encoding_that_is_none_costs_no_order() {
    for none in ["", "identity", "identity, Identity", " , "] {
        let service = Service::answering(order_answer().with_header("content-encoding", none)).await;
        service.client().orders().create(new_order()).await.unwrap();
    }
}
