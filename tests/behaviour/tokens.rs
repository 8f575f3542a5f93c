//! The token: one for all, as long as it lives.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use signicat_sign::{
    AccessToken, BoxFuture, Client, Credentials, Error, ErrorKind, OrderId, Outcome, RetryPolicy,
    TokenProvider, Upload,
};

use crate::support::virtual_time::VirtualTime;
use crate::support::wire::{self, Wire, settle};
use crate::support::{Answer, CLIENT_SECRET, Service};

fn order() -> OrderId {
    "1".parse().unwrap()
}

fn token(name: &str, life: u64) -> Answer {
    Answer::json(200, &json!({ "access_token": name, "expires_in": life, "token_type": "Bearer" }))
}

/// A service whose tokens are called 1, 2, 3 and live so long.
async fn with_tokens_of(life: u64) -> Service {
    let number = AtomicUsize::new(0);
    Service::with_token_endpoint(
        move |_| token(&format!("{}", number.fetch_add(1, Ordering::Relaxed) + 1), life),
        |_| Answer { status: 204, ..Default::default() },
    )
    .await
}

#[tokio::test]
async fn many_calls_at_once_make_one_token_request() {
    let service = with_tokens_of(600).await;
    let client = service.client();
    let calls = (0..200).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.orders().delete(&order()).await })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap().unwrap();
    }
    assert_eq!(service.received().len(), 200);
    assert_eq!(service.token_requests().len(), 1);
}

#[tokio::test]
async fn a_token_is_renewed_before_its_end_whatever_its_life() {
    for (life, kept_for, renewed_after) in [(1, 0, 1), (30, 22, 23), (600, 542, 544), (3600, 3542, 3544)] {
        let time = VirtualTime::default();
        let service = with_tokens_of(life).await;
        let client = service.builder().runtime(Arc::new(time.clone())).build().unwrap();
        client.orders().delete(&order()).await.unwrap();
        time.advance(Duration::from_secs(kept_for));
        client.orders().delete(&order()).await.unwrap();
        assert_eq!(service.token_requests().len(), 1, "a life of {life} s");
        time.advance(Duration::from_secs(renewed_after - kept_for));
        client.orders().delete(&order()).await.unwrap();
        assert_eq!(service.token_requests().len(), 2, "a life of {life} s");
        assert_eq!(service.received()[2].header("authorization"), Some("Bearer 2"));
    }
}

#[tokio::test]
async fn a_token_that_is_not_taken_is_replaced_once() {
    let number = AtomicUsize::new(0);
    let service = Service::with_token_endpoint(
        move |_| token(&format!("{}", number.fetch_add(1, Ordering::Relaxed) + 1), 600),
        |request| {
            let good = request.header("authorization") == Some("Bearer 2");
            Answer { status: if good { 204 } else { 401 }, ..Default::default() }
        },
    )
    .await;
    let client = service.client();
    client.orders().delete(&order()).await.unwrap();
    client.orders().delete(&order()).await.unwrap();
    assert_eq!(service.token_requests().len(), 2);
    assert_eq!(service.received().len(), 3);
}

#[tokio::test]
async fn a_401_for_ever_ends() {
    let service = Service::answering(Answer { status: 401, ..Default::default() }).await;
    let error = service.client().orders().delete(&order()).await.unwrap_err();
    assert!(error.is_auth());
    assert_eq!(error.outcome(), Outcome::Rejected);
    assert_eq!(service.received().len(), 2);
    assert_eq!(service.token_requests().len(), 2);
}

#[tokio::test]
async fn a_failed_early_renewal_is_not_raised_while_the_old_token_lives() {
    let time = VirtualTime::default();
    let number = AtomicUsize::new(0);
    let service = Service::with_token_endpoint(
        move |_| match number.fetch_add(1, Ordering::Relaxed) {
            0 => token("1", 600),
            _ => Answer { status: 503, ..Default::default() },
        },
        |_| Answer { status: 204, ..Default::default() },
    )
    .await;
    let client = service.builder().runtime(Arc::new(time.clone())).build().unwrap();
    client.orders().delete(&order()).await.unwrap();
    time.advance(Duration::from_secs(550));
    client.orders().delete(&order()).await.unwrap();
    assert_eq!(service.token_requests().len(), 2);
    assert_eq!(service.received()[1].header("authorization"), Some("Bearer 1"));

    time.advance(Duration::from_secs(60));
    let error = client.orders().delete(&order()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Server, Outcome::NotSent));
    assert!(error.to_string().contains("the token endpoint gives no token"), "{error}");
}

#[tokio::test]
async fn a_token_answer_that_breaks_off_is_asked_for_again() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let token_url = format!("http://{}/token", listener.local_addr().unwrap());
    tokio::spawn(async move {
        for attempt in 0.. {
            let (mut socket, _) = listener.accept().await.unwrap();
            _ = socket.read(&mut [0; 4096]).await;
            let body = r#"{"access_token":"t","expires_in":600}"#;
            let sent = if attempt == 0 { &body[..9] } else { body };
            let answer = format!(
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{sent}",
                body.len()
            );
            _ = socket.write_all(answer.as_bytes()).await;
        }
    });
    let service = Service::answering(Answer { status: 204, ..Default::default() }).await;
    let builder = service.builder().token_url(token_url).runtime(Arc::new(VirtualTime::default()));
    builder.build().unwrap().orders().delete(&order()).await.unwrap();
}

/// The one who fetches may be dropped; those who wait must not wait for ever.
#[tokio::test]
async fn a_dropped_leader_strands_nobody() {
    let service = with_tokens_of(600).await;
    let client = service.client();
    let orders = client.orders();
    let id = order();
    {
        let mut leader = std::pin::pin!(orders.delete(&id));
        // Polled until it has sent its token request, and then dropped.
        let waker = futures_util::task::noop_waker();
        assert!(leader.as_mut().poll(&mut std::task::Context::from_waker(&waker)).is_pending());
    }
    client.orders().delete(&order()).await.unwrap();
}

#[tokio::test]
async fn credentials_go_by_basic_and_form_encoded_or_in_the_form() {
    let service = with_tokens_of(600).await;
    let with =
        |credentials: Credentials| service.builder().credentials(credentials).scope("a b").build().unwrap();
    with(Credentials::new("id:1", "s%c+r t")).orders().delete(&order()).await.unwrap();
    with(Credentials::new("id:1", "s%c+r t").in_form()).orders().delete(&order()).await.unwrap();

    let requests = service.token_requests();
    assert_eq!(requests[0].header("authorization"), Some("Basic aWQlM0ExOnMlMjVjJTJCcit0"));
    assert_eq!(requests[0].body, b"grant_type=client_credentials&scope=a+b");
    assert_eq!(requests[1].header("authorization"), None);
    assert_eq!(
        requests[1].body,
        b"grant_type=client_credentials&scope=a+b&client_id=id%3A1&client_secret=s%25c%2Br+t"
    );
    assert!(requests.iter().all(|r| r.header("content-type") == Some("application/x-www-form-urlencoded")));
}

async fn error_of(answer: Answer) -> Error {
    let service = Service::with_token_endpoint(move |_| answer.clone(), |_| Answer::default()).await;
    let client: Client = service.builder().runtime(Arc::new(VirtualTime::default())).build().unwrap();
    let error = client.orders().delete(&order()).await.unwrap_err();
    assert!(service.received().is_empty());
    assert_eq!(error.outcome(), Outcome::NotSent);
    error
}

#[tokio::test]
async fn a_refusal_says_what_to_look_at() {
    let refusal = json!({ "error": "invalid_client", "error_description": format!("no client with {CLIENT_SECRET}1234567") });
    let error = error_of(Answer::json(400, &refusal)).await;
    assert!(error.is_auth());
    assert!(error.to_string().contains("is the client id right"), "{error}");

    let error = error_of(Answer::json(400, &json!({ "error": "invalid_scope" }))).await;
    assert!(error.to_string().contains("SIGNICAT_SCOPE"), "{error}");

    let in_two_lines = Answer::json(200, &json!({ "access_token": "a\nb" }));
    assert!(error_of(in_two_lines).await.to_string().contains("the token fits in no header"));
    for nonsense in [&b"<html>"[..], b"", b"{}", b"{\"access_token\": \"\"}"] {
        let error = error_of(Answer::bytes(200, "application/json", nonsense)).await;
        assert!(error.is_auth(), "{error:?}");
        assert!(error.to_string().contains("the token endpoint's answer can't be read"), "{error}");
    }
}

#[tokio::test]
async fn those_who_waited_for_a_fetch_that_failed_do_not_all_make_it_again() {
    let refusal = Answer::json(400, &json!({ "error": "invalid_client" }));
    let service = Service::with_token_endpoint(move |_| refusal.clone(), |_| Answer::default()).await;
    let client = service.client();
    let calls = (0..100).map(|_| {
        let orders = client.orders();
        tokio::spawn(async move { orders.delete(&order()).await.unwrap_err() })
    });
    for call in calls.collect::<Vec<_>>() {
        let error = call.await.unwrap();
        assert!(error.is_auth() && error.hint().is_some(), "{error}");
        assert_eq!((error.outcome(), error.operation()), (Outcome::NotSent, Some("delete_order")));
    }
    assert_eq!(service.token_requests().len(), 1);
    // The next one does look again.
    assert!(client.orders().delete(&order()).await.unwrap_err().is_auth());
    assert_eq!(service.token_requests().len(), 2);
}

#[tokio::test]
async fn clients_share_the_tokens_of_their_credentials_where_they_are_the_same() {
    let service = with_tokens_of(600).await;
    let credentials = Credentials::new("id", "secret");
    let builder = || service.builder().credentials(credentials.clone());
    for _ in 0..3 {
        builder().build().unwrap().orders().delete(&order()).await.unwrap();
    }
    assert_eq!(service.token_requests().len(), 1);

    // None of these may be given a token that was meant for another.
    let others = [
        builder().scope("another"),
        builder().credentials(credentials.clone().in_form()),
        builder().credentials(Credentials::new("id", "secret")),
        builder().runtime(Arc::new(VirtualTime::default())),
    ];
    for (number, other) in others.into_iter().enumerate() {
        other.build().unwrap().orders().delete(&order()).await.unwrap();
        assert_eq!(service.token_requests().len(), number + 2);
    }
}

/// A document that is half sent when its token ends was sent for nothing.
#[tokio::test]
async fn an_upload_is_begun_with_a_token_that_outlives_an_attempt() {
    let time = VirtualTime::default();
    let service = with_tokens_of(600).await;
    let builder = service.builder().runtime(Arc::new(time.clone()));
    let client = builder.attempt_timeout(Duration::from_secs(100)).build().unwrap();
    client.orders().delete(&order()).await.unwrap();
    time.advance(Duration::from_secs(510));
    client.orders().delete(&order()).await.unwrap();
    assert_eq!(service.token_requests().len(), 1);
    let upload = Upload::from_bytes(&b"%PDF-1.7"[..]).unwrap();
    // The answer of this service is none to an upload: what counts is what was sent.
    assert!(client.documents().upload(upload).await.unwrap_err().is_decode());
    assert_eq!(service.received()[2].header("authorization"), Some("Bearer 2"));
}

/// Tokens called 1, 2, 3; or a failure of that kind.
#[derive(Clone, Debug, Default)]
struct Vault {
    asked: Arc<AtomicUsize>,
    fails: Option<ErrorKind>,
}

impl TokenProvider for Vault {
    fn token(&self) -> BoxFuture<'_, Result<AccessToken, Error>> {
        Box::pin(async {
            let number = self.asked.fetch_add(1, Ordering::Relaxed) + 1;
            match self.fails {
                Some(kind) => Err(Error::builder(kind).message("the vault is shut").build()),
                None => Ok(AccessToken::new(number.to_string(), Duration::from_secs(600))),
            }
        })
    }
}

#[tokio::test]
async fn tokens_may_come_from_elsewhere() {
    let (vault, time) = (Vault::default(), VirtualTime::default());
    let service = Service::start(|request| {
        let revoked = request.header("authorization") == Some("Bearer 2");
        Answer { status: if revoked { 401 } else { 204 }, ..Default::default() }
    })
    .await;
    let builder = service.builder().credentials(Credentials::from_provider(vault.clone()));
    let client = builder.runtime(Arc::new(time.clone())).build().unwrap();
    client.orders().delete(&order()).await.unwrap();
    client.orders().delete(&order()).await.unwrap();
    assert_eq!(vault.asked.load(Ordering::Relaxed), 1);
    time.advance(Duration::from_secs(590));
    client.orders().delete(&order()).await.unwrap();
    let tokens: Vec<_> =
        service.received().iter().map(|r| r.header("authorization").unwrap().to_owned()).collect();
    assert_eq!(tokens, ["Bearer 1", "Bearer 1", "Bearer 2", "Bearer 3"]);
    assert!(service.token_requests().is_empty());
}

#[tokio::test]
async fn a_source_of_tokens_that_fails_is_tried_again_where_that_may_help() {
    use ErrorKind::{Auth, Config, Connect, NotFound, Server};
    let service = Service::answering(Answer { status: 204, ..Default::default() }).await;
    // What it did not find is no order.
    for (fails, asked, kind) in [
        (Connect, 3, Connect),
        (Server, 3, Server),
        (Auth, 1, Auth),
        (Config, 1, Config),
        (NotFound, 1, Auth),
    ] {
        let vault = Vault { fails: Some(fails), ..Default::default() };
        let builder = service.builder().credentials(Credentials::from_provider(vault.clone()));
        let client = builder.runtime(Arc::new(VirtualTime::default())).build().unwrap();
        let error = client.orders().delete(&order()).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (kind, Outcome::NotSent));
        assert!(error.to_string().contains("the vault is shut"), "{error}");
        assert_eq!(vault.asked.load(Ordering::Relaxed), asked, "{fails:?}");
    }
    assert!(service.received().is_empty());
}

/// A token endpoint that takes 20 s.
async fn slow_tokens(time: &VirtualTime) -> Wire {
    Wire::slow(time, Duration::from_secs(20), wire::token("t", 600)).await
}

async fn done() -> Wire {
    Wire::answering(|_| wire::answer("204 No Content", &[], "")).await
}

#[tokio::test]
async fn a_call_s_own_limit_holds_for_its_token() {
    let time = VirtualTime::default();
    let (service, tokens) = (done().await, slow_tokens(&time).await);
    let builder = service.builder(&tokens).retry(RetryPolicy::default().attempts(1));
    let client = builder.runtime(Arc::new(time)).build().unwrap();
    let hasty = client.with_attempt_timeout(Duration::from_secs(5));
    let error = hasty.orders().delete(&order()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Timeout, Outcome::NotSent));
    assert!(error.to_string().contains("no token came within 5s"), "{error}");
    client.orders().delete(&order()).await.unwrap();
}

/// One who had less patience says nothing of the endpoint.
#[tokio::test]
async fn the_impatience_of_one_call_is_no_failure_of_another() {
    let time = VirtualTime::default();
    let (service, tokens) = (done().await, slow_tokens(&time).await);
    let builder = service.builder(&tokens).retry(RetryPolicy::default().attempts(1));
    let client = builder.runtime(Arc::new(time)).build().unwrap();
    let hasty = client.with_attempt_timeout(Duration::from_secs(5)).orders();
    let patient = client.with_attempt_timeout(Duration::from_secs(60)).orders();
    let id = order();
    let (hasty, patient) = tokio::join!(hasty.delete(&id), patient.delete(&id));
    assert!(hasty.unwrap_err().is_timeout());
    patient.unwrap();
}

/// A call that nobody drives any more, though it was not dropped, holds up the others no longer than a limit.
#[tokio::test]
async fn a_leader_that_is_not_polled_strands_nobody() {
    for limit in [Some(Duration::from_secs(30)), None] {
        let time = VirtualTime::default();
        let service = done().await;
        let tokens = Wire::tokens().await;
        let builder = service.builder(&tokens).runtime(Arc::new(time.clone())).attempt_timeout(limit);
        let client = builder.build().unwrap();
        let (orders, id) = (client.orders(), order());
        let mut leader = std::pin::pin!(orders.delete(&id));
        let waker = futures_util::task::noop_waker();
        assert!(leader.as_mut().poll(&mut std::task::Context::from_waker(&waker)).is_pending());

        let others = (0..10).map(|_| {
            let orders = client.orders();
            tokio::spawn(async move { orders.delete(&order()).await })
        });
        let others: Vec<_> = others.collect();
        settle().await;
        time.advance(Duration::from_secs(31));
        for other in others {
            // The guard is for a client that does hang.
            tokio::time::timeout(Duration::from_secs(60), other).await.expect("it ends").unwrap().unwrap();
        }
        assert_eq!(tokens.count(), 1, "by one of those who waited");
        leader.await.unwrap();
    }
}

#[tokio::test]
async fn an_upload_without_a_limit_wants_half_a_token_s_life() {
    let time = VirtualTime::default();
    let service = with_tokens_of(600).await;
    let client = service.builder().runtime(Arc::new(time.clone())).attempt_timeout(None).build().unwrap();
    let upload = async || {
        let upload = Upload::from_bytes(&b"%PDF-1.7"[..]).unwrap();
        client.documents().upload(upload).await.unwrap_err();
        service.token_requests().len()
    };
    assert_eq!(upload().await, 1);
    time.advance(Duration::from_secs(299));
    assert_eq!(upload().await, 1);
    time.advance(Duration::from_secs(2));
    assert_eq!(upload().await, 2);
}

/// What was given up may still come, and must not take the place of what is newer.
#[tokio::test]
async fn a_leader_that_wakes_up_late_uses_the_newer_token() {
    let time = VirtualTime::default();
    let number = AtomicUsize::new(0);
    let service = done().await;
    let tokens =
        Wire::answering(move |_| wire::token(&format!("t{}", number.fetch_add(1, Ordering::Relaxed)), 90))
            .await;
    let client = service.builder(&tokens).runtime(Arc::new(time.clone())).build().unwrap();
    let (orders, id) = (client.orders(), order());
    let mut leader = std::pin::pin!(orders.delete(&id));
    // Until its request for a token is answered, and no further.
    while tokens.count() == 0 {
        let polled =
            std::future::poll_fn(|context| std::task::Poll::Ready(leader.as_mut().poll(context))).await;
        assert!(polled.is_pending());
        settle().await;
    }
    let other = client.orders();
    let other = tokio::spawn(async move { other.delete(&order()).await });
    settle().await;
    time.advance(Duration::from_secs(30));
    other.await.unwrap().unwrap();
    time.advance(Duration::from_secs(61));
    leader.await.unwrap();
    client.orders().delete(&order()).await.unwrap();
    let used: Vec<_> =
        service.received().iter().map(|r| r.header("authorization").unwrap().to_owned()).collect();
    assert_eq!(used, ["Bearer t1"; 3]);
    assert_eq!(tokens.count(), 2);
}

/// A token that lives shorter than what is left of the one before takes its place all the same: else each call would
/// ask for another.
#[tokio::test]
async fn a_shorter_life_is_taken_as_it_comes() {
    let time = VirtualTime::default();
    let number = AtomicUsize::new(0);
    let service = Service::with_token_endpoint(
        move |_| match number.fetch_add(1, Ordering::Relaxed) {
            0 => token("1", 600),
            _ => token("2", 20),
        },
        |_| Answer { status: 204, ..Default::default() },
    )
    .await;
    let client = service.builder().runtime(Arc::new(time.clone())).build().unwrap();
    client.orders().delete(&order()).await.unwrap();
    time.advance(Duration::from_secs(545));
    for _ in 0..5 {
        client.orders().delete(&order()).await.unwrap();
    }
    assert_eq!(service.token_requests().len(), 2);
    assert_eq!(service.received()[5].header("authorization"), Some("Bearer 2"));
}

/// The attempt before was answered; the last one was not even sent.
#[tokio::test]
async fn a_token_that_comes_too_late_is_a_time_out() {
    let time = VirtualTime::default();
    let service = Wire::answering(|_| wire::answer("401 Unauthorized", &[], "")).await;
    let tokens = slow_tokens(&time).await;
    let builder = service.builder(&tokens).runtime(Arc::new(time)).timeout(Duration::from_secs(30));
    let error = builder.build().unwrap().orders().delete(&order()).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::Timeout, None), "{error}");
    assert_eq!(service.count(), 1);
}
