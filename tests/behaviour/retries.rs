//! What is tried again, and what is never sent twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use signicat_sign::{DocumentId, Error, NewOrder, Outcome, Signer, Upload};

use crate::support::virtual_time::VirtualTime;
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
    service.client().documents().upload(upload).await.unwrap();
    let received = service.received();
    assert_eq!(received.len(), 2);
    assert!(received.iter().all(|request| request.body == b"%PDF-1.7 twice"));
}

#[tokio::test]
async fn a_document_from_a_reader_is_sent_once() {
    let service = answering_in_turn(vec![status(429)]).await;
    let upload = Upload::from_reader(&b"%PDF-1.7 once"[..], Some(13));
    let error = service.client().documents().upload(upload).await.unwrap_err();
    assert!(error.is_rate_limited());
    assert_eq!(service.received().len(), 1);
}

#[tokio::test]
async fn redirects_are_followed_on_the_same_origin_and_never_to_plain_http_elsewhere() {
    let service = Service::start(|request| match request.path.as_str() {
        "/orders/1" => status(302).with_header("location", "/enterprise/sign/orders/2"),
        "/orders/2" => order_answer(),
        "/orders/loop" => status(302).with_header("location", "/enterprise/sign/orders/loop"),
        "/orders/away" => status(302).with_header("location", "http://127.0.0.2:9/orders/1"),
        _ => status(404),
    })
    .await;
    let orders = service.client().orders();
    orders.get(&"1".parse().unwrap()).await.unwrap();
    assert!(service.received().iter().all(|request| request.header("authorization").is_some()));

    let away = orders.get(&"away".parse().unwrap()).await.unwrap_err();
    assert_eq!(away.kind(), signicat_sign::ErrorKind::Redirect);
    let before = service.received().len();
    let round = orders.get(&"loop".parse().unwrap()).await.unwrap_err();
    assert_eq!(round.kind(), signicat_sign::ErrorKind::Redirect);
    assert_eq!(service.received().len() - before, 4);
}
