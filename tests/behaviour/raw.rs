//! The generated client itself takes the same way: token, retry, redirects, limits and deadline.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use signicat_sign::{Error, OrderId, Outcome, types};

use crate::support::virtual_time::VirtualTime;
use crate::support::wire::Wire;
use crate::support::{Answer, Service};

fn order() -> OrderId {
    "1".parse().unwrap()
}

#[tokio::test]
async fn it_has_tokens_retries_and_redirects() {
    let turn = AtomicUsize::new(0);
    let service = Service::start(move |request| match turn.fetch_add(1, Ordering::Relaxed) {
        0 => Answer { status: 503, ..Default::default() },
        1 => Answer { status: 401, ..Default::default() },
        2 => Answer { status: 302, ..Default::default() }.with_header("location", "/enterprise/sign/moved"),
        _ => Answer::json(200, &json!({ "id": request.path.trim_start_matches('/') })),
    })
    .await;
    let time = VirtualTime::default();
    let client = service.builder().runtime(Arc::new(time.clone())).build().unwrap();
    let answer = client.raw().get_order(&order()).await.unwrap().into_inner();
    assert_eq!(answer.id, Some("moved".parse().unwrap()));
    assert_eq!((service.received().len(), service.token_requests().len(), time.pauses().len()), (4, 2, 1));
}

#[tokio::test]
async fn it_creates_nothing_twice() {
    let service = Service::answering(Answer { status: 503, ..Default::default() }).await;
    let error: Error =
        service.client().raw().create_order(&types::SigningOrder::default()).await.unwrap_err().into();
    assert_eq!((error.outcome(), service.received().len()), (Outcome::Unknown, 1));
}

#[tokio::test]
async fn it_has_limits_and_a_deadline() {
    let large = json!({ "id": "1", "clientReference": "x".repeat(2000) });
    let service = Service::answering(Answer::json(200, &large)).await;
    let client = service.builder().answer_limit(1000).build().unwrap();
    let error: Error = client.raw().get_order(&order()).await.unwrap_err().into();
    assert!(error.is_decode() && error.to_string().contains("the limit of 1000 bytes"), "{error}");

    let time = VirtualTime::default();
    let silent = Wire::slow(&time, Duration::from_secs(11), "").await;
    let tokens = Wire::tokens().await;
    let client = silent.builder(&tokens).runtime(Arc::new(time)).build().unwrap();
    let hasty = client.with_timeout(Duration::from_secs(10));
    let error: Error = hasty.raw().get_order(&order()).await.unwrap_err().into();
    assert!(error.is_timeout(), "{error}");
    assert_eq!((error.operation(), silent.count()), (Some("get_order"), 1));
}
