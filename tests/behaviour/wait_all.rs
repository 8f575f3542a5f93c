//! Waiting for many orders at once, in virtual time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt;
use serde_json::json;
use signicat_sign::{Client, ErrorKind, Order};

use crate::support::event_time::EventTime;
use crate::support::{Answer, Service};

/// A service with orders whose ids say after how many questions they are completed; `0` is none, and `x` is rejected.
async fn service() -> Service {
    let asked = Mutex::new(std::collections::HashMap::<String, usize>::new());
    Service::start(move |request| {
        let segments: Vec<_> = request.path.split('/').collect();
        let id = segments[2];
        match segments.last() {
            Some(&"forwards") => return Answer::json(200, &json!([])),
            Some(&"status") => {}
            _ => return Answer::json(200, &json!({ "id": id, "tasks": [{ "id": "kari" }] })),
        }
        let mut asked = asked.lock().unwrap();
        let count = asked.entry(id.to_owned()).or_default();
        *count += 1;
        let status = match id.parse::<usize>() {
            Ok(0) => return Answer { status: 404, ..Default::default() },
            Ok(questions) if *count >= questions => "COMPLETED",
            Ok(_) => "CREATED",
            Err(_) => "REJECTED",
        };
        Answer::json(200, &json!({ "orderId": id, "taskId": "kari", "taskStatus": status }))
    })
    .await
}

async fn orders(service: &Service, ids: &[&str]) -> Vec<Order> {
    let orders = service.client().orders();
    let get = ids.iter().map(|id| async { orders.get(&id.parse().unwrap()).await.unwrap() });
    futures_util::future::join_all(get).await
}

fn client(service: &Service, time: &EventTime) -> Client {
    service.builder().runtime(Arc::new(time.clone())).build().unwrap()
}

#[tokio::test]
async fn all_ends_are_given_in_the_order_of_the_orders() {
    let service = service().await;
    let orders = orders(&service, &["5", "x", "1", "0", "3"]).await;
    // Time that does not wait for anybody: the order is what counts.
    let client = client(&service, &EventTime::of(1));
    let ends = client.orders().wait_all(&orders).await;
    let ends: Vec<_> =
        ends.iter().map(|(id, end)| (id.as_str(), end.as_ref().err().map(|error| error.kind()))).collect();
    let (ended, gone) = (Some(ErrorKind::OrderEnded), Some(ErrorKind::NotFound));
    assert_eq!(ends, [("5", None), ("x", ended), ("1", None), ("0", gone), ("3", None)]);
    assert!(client.orders().wait_all(&[]).await.is_empty());
}

#[tokio::test]
async fn ends_are_given_as_they_come() {
    let service = service().await;
    let orders = orders(&service, &["9", "2", "x", "5"]).await;
    let time = EventTime::of(orders.len());
    let mut ends = client(&service, &time).orders().wait_all(&orders).ends();
    let mut order = Vec::new();
    let mut tokens = Vec::new();
    while let Some((id, end)) = ends.next().await {
        time.one_has_ended();
        assert_eq!(end.is_ok(), id != *"x");
        if let Ok(done) = end {
            assert_eq!(done.id(), &id);
        }
        order.push(id.to_string());
        if order.len() == 2 {
            tokens = ends.resume_tokens();
        }
    }
    assert_eq!(order, ["x", "2", "5", "9"]);

    // What had not ended then can be taken up.
    let mut open: Vec<_> = tokens.iter().map(|token| token.order_id().as_str()).collect();
    open.sort_unstable();
    assert_eq!(open, ["5", "9"]);
    let tokens = tokens.iter().map(|token| serde_json::to_string(token).unwrap());
    let tokens: Vec<_> = tokens.map(|token| serde_json::from_str(&token).unwrap()).collect();
    let ends = client(&service, &EventTime::of(1)).orders().resume_all(tokens).await;
    assert!(ends.len() == 2 && ends.iter().all(|(_, end)| end.is_ok()), "{ends:?}");
}

#[tokio::test]
async fn a_deadline_and_pauses_are_set_for_each() {
    let service = service().await;
    let orders = orders(&service, &["999", "2"]).await;
    let time = EventTime::of(orders.len());
    let wait = client(&service, &time).orders().wait_all(&orders);
    assert_eq!(wait.resume_tokens().len(), 2);
    let wait =
        wait.deadline(Duration::from_secs(60)).poll_every(Duration::from_secs(8), Duration::from_secs(8));
    let mut ends = wait.ends();
    let (first, end) = ends.next().await.unwrap();
    assert!(first == *"2" && end.is_ok());
    time.one_has_ended();
    let (_, end) = ends.next().await.unwrap();
    assert_eq!(end.unwrap_err().kind(), ErrorKind::Deadline);
    assert!((7..=11).contains(&(time.slept() - 1)), "{} pauses", time.slept());
    assert_eq!(signicat_sign::Runtime::now(&time), Duration::from_secs(60));
}
