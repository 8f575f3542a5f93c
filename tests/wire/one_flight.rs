//! One token for all who ask at once, whatever becomes of the one who fetches it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use signicat_sign::{Client, Credentials, Error, OrderId};
use tokio::task::JoinHandle;

use crate::guarded;
use crate::support::CLIENT_SECRET;
use crate::support::virtual_time::VirtualTime;
use crate::support::wire::{Connection, Request, Wire, answer, settle, token};

fn order() -> OrderId {
    "1".parse().unwrap()
}

fn done() -> Vec<u8> {
    answer("204 No Content", &[], "")
}

fn refused() -> Vec<u8> {
    answer("401 Unauthorized", &[], "")
}

/// The number of the token that a request carries.
fn token_of(request: &Request) -> usize {
    request.header("authorization").unwrap().strip_prefix("Bearer ").unwrap().parse().unwrap()
}

/// Gives a new token to each request, numbered from 1, once the gate lets it.
async fn tokens_behind<F, G>(life: u64, gate: F) -> Wire
where
    F: Fn(usize) -> G + Clone + Send + Sync + 'static,
    G: Future<Output = ()> + Send + 'static,
{
    let number = Arc::new(AtomicUsize::new(0));
    Wire::start(move |mut connection| {
        let (number, gate) = (number.clone(), gate.clone());
        async move {
            while connection.request().await.is_some() {
                let number = number.fetch_add(1, Ordering::SeqCst) + 1;
                gate(number).await;
                connection.say(token(&number.to_string(), life)).await;
            }
        }
    })
    .await
}

async fn until(what: impl Fn() -> bool) {
    while !what() {
        tokio::task::yield_now().await;
    }
}

/// Starts so many calls at once, and says when each has begun.
fn calls(client: &Client, count: usize, begun: &Arc<AtomicUsize>) -> Vec<JoinHandle<Result<(), Error>>> {
    let call = |_| {
        let (client, begun) = (client.clone(), begun.clone());
        tokio::spawn(async move {
            begun.fetch_add(1, Ordering::SeqCst);
            client.orders().delete(&order()).await
        })
    };
    (0..count).map(call).collect()
}

async fn all_well(calls: Vec<JoinHandle<Result<(), Error>>>) {
    for call in join_all(calls).await {
        call.unwrap().unwrap();
    }
}

/// Few enough sockets for systems that give a process 1 024 files: those who have waited go on one after the other,
/// and take up each other's connections.
const CALLS: usize = 1000;

/// So many calls by so many clones on a client that has no token yet: all have begun when it comes.
async fn cold(clones: usize) {
    let begun = Arc::new(AtomicUsize::new(0));
    let all_begun = begun.clone();
    let tokens = tokens_behind(600, move |_| {
        let begun = all_begun.clone();
        async move {
            until(|| begun.load(Ordering::SeqCst) == CALLS).await;
            settle().await;
        }
    })
    .await;
    let service = Wire::answering(|_| done()).await;
    let client = service.builder(&tokens).runtime(Arc::new(VirtualTime::default())).build().unwrap();
    let clones: Vec<_> = (0..clones).map(|_| client.clone()).collect();
    let share = CALLS / clones.len();
    all_well(clones.iter().flat_map(|clone| calls(clone, share, &begun)).collect()).await;
    assert_eq!(tokens.count(), 1);
    assert_eq!(service.count(), CALLS);
    eprintln!("{CALLS} calls on {} connections", service.connections());
}

#[tokio::test]
async fn a_thousand_calls_at_once_make_one_token_request() {
    guarded(cold(1)).await;
}

#[tokio::test]
async fn a_thousand_calls_at_once_over_fifty_clones_make_one_token_request() {
    guarded(cold(50)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_calls_at_once_on_two_threads_make_one_token_request() {
    guarded(cold(50)).await;
}

/// Clients that were built each on its own, from clones of the same credentials.
#[tokio::test]
async fn fifty_clients_of_the_same_credentials_make_one_token_request() {
    guarded(async {
        let begun = Arc::new(AtomicUsize::new(0));
        let all_begun = begun.clone();
        let tokens = tokens_behind(600, move |_| {
            let begun = all_begun.clone();
            async move {
                until(|| begun.load(Ordering::SeqCst) == 100).await;
                settle().await;
            }
        })
        .await;
        let service = Wire::answering(|_| done()).await;
        // On the client's own clock, as it is used: a token is shared by those who share a clock.
        let credentials = Credentials::new("planted-client-id", CLIENT_SECRET);
        let build = |_| service.builder(&tokens).credentials(credentials.clone()).build().unwrap();
        let clients: Vec<_> = (0..50).map(build).collect();
        all_well(clients.iter().flat_map(|client| calls(client, 2, &begun)).collect()).await;
        assert_eq!((tokens.count(), service.count()), (1, 100));

        // Other credentials have a token of their own, though they say the same.
        let other = service.builder(&tokens).build().unwrap();
        other.orders().delete(&order()).await.unwrap();
        assert_eq!(tokens.count(), 2);
    })
    .await;
}

/// The service refuses the old token from the moment at which it ends, or is not so strict.
async fn expiry_under_load(is_strict: bool) {
    const WORKERS: usize = 50;
    const EACH: usize = 20;
    let time = VirtualTime::default();
    let tokens = tokens_behind(100, |_| std::future::ready(())).await;
    let clock = time.clone();
    let (answered, ended) = (AtomicUsize::new(0), AtomicBool::new(false));
    let service = Wire::answering(move |request| {
        if answered.fetch_add(1, Ordering::SeqCst) == WORKERS * EACH / 2 {
            ended.store(true, Ordering::SeqCst);
            clock.advance(Duration::from_secs(101));
        }
        if is_strict && ended.load(Ordering::SeqCst) && token_of(request) == 1 { refused() } else { done() }
    })
    .await;
    // What is under way when the time passes is not what is tested here.
    let builder = service.builder(&tokens).runtime(Arc::new(time)).attempt_timeout(None);
    let client = builder.build().unwrap();
    let worker = |_| {
        let client = client.clone();
        tokio::spawn(async move {
            for _ in 0..EACH {
                client.orders().delete(&order()).await?;
            }
            Ok(())
        })
    };
    all_well((0..WORKERS).map(worker).collect()).await;
    assert_eq!(tokens.count(), 2);
    let received = service.received();
    let with = |number| received.iter().filter(|request| token_of(request) == number).count();
    eprintln!("{} calls with the first token, {} with the second", with(1), with(2));
    assert!(with(1) > WORKERS * EACH / 2 && with(2) > 0);
    if !is_strict {
        assert_eq!(received.len(), WORKERS * EACH);
    }
}

#[tokio::test]
async fn a_token_that_ends_under_load_is_replaced_by_one_request() {
    guarded(expiry_under_load(false)).await;
    guarded(expiry_under_load(true)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_ends_under_load_on_two_threads_is_replaced_by_one_request() {
    guarded(expiry_under_load(false)).await;
    guarded(expiry_under_load(true)).await;
}

/// While one renews early, nobody waits for it.
#[tokio::test]
async fn an_early_renewal_holds_up_nobody() {
    guarded(async {
        const CALLS: usize = 100;
        let time = VirtualTime::default();
        let finished = Arc::new(AtomicUsize::new(0));
        let watched = finished.clone();
        let tokens = tokens_behind(100, move |number| {
            let finished = watched.clone();
            async move {
                // All but the one who renews.
                until(|| number == 1 || finished.load(Ordering::SeqCst) == CALLS - 1).await;
            }
        })
        .await;
        let service = Wire::answering(|_| done()).await;
        let client = service.builder(&tokens).runtime(Arc::new(time.clone())).build().unwrap();
        client.orders().delete(&order()).await.unwrap();
        time.advance(Duration::from_secs(80));
        let call = |_| {
            let (client, finished) = (client.clone(), finished.clone());
            tokio::spawn(async move {
                client.orders().delete(&order()).await?;
                finished.fetch_add(1, Ordering::SeqCst);
                Ok(())
            })
        };
        all_well((0..CALLS).map(call).collect()).await;
        assert_eq!(tokens.count(), 2);
        assert_eq!(service.received().iter().filter(|request| token_of(request) == 2).count(), 1);
    })
    .await;
}

/// How far the token request of the one who is dropped has come.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Dropped {
    Connected,
    Asked,
    HalfAnswered,
}

async fn first_token_held(mut connection: Connection, at: Dropped, is_there: Arc<AtomicBool>) {
    if connection.number == 0 {
        if at != Dropped::Connected {
            connection.request().await.unwrap();
        }
        if at == Dropped::HalfAnswered {
            connection.say(&token("1", 600)[..100]).await;
        }
        settle().await;
        is_there.store(true, Ordering::SeqCst);
        connection.hold().await;
        return;
    }
    while connection.request().await.is_some() {
        connection.say(token("2", 600)).await;
    }
}

#[tokio::test]
async fn a_dropped_leader_costs_the_others_one_more_request() {
    for at in [Dropped::Connected, Dropped::Asked, Dropped::HalfAnswered] {
        guarded(async {
            let is_there = Arc::new(AtomicBool::new(false));
            let said = is_there.clone();
            let tokens = Wire::start(move |connection| first_token_held(connection, at, said.clone())).await;
            let service = Wire::answering(|_| done()).await;
            let client = service.builder(&tokens).runtime(Arc::new(VirtualTime::default())).build().unwrap();
            let begun = Arc::new(AtomicUsize::new(0));
            // On one thread the first that is spawned is the first to ask.
            let mut calls = calls(&client, 100, &begun);
            until(|| is_there.load(Ordering::SeqCst)).await;
            assert_eq!((begun.load(Ordering::SeqCst), tokens.connections()), (100, 1));
            let leader = calls.remove(0);
            leader.abort();
            assert!(leader.await.unwrap_err().is_cancelled());
            all_well(calls).await;
            assert_eq!(tokens.connections(), 2, "{at:?}");
            let whole = if at == Dropped::Connected { 1 } else { 2 };
            assert_eq!(tokens.count(), whole, "{at:?}");
            assert_eq!(service.count(), 99);
            assert!(service.received().iter().all(|request| token_of(request) == 2));
        })
        .await;
    }
}

/// A hundred calls meet the 401 of a revoked token, the half of them so late that there is a new token by then.
#[tokio::test]
async fn a_revoked_token_that_many_meet_is_replaced_by_one_request() {
    guarded(async {
        const CALLS: usize = 100;
        let tokens = tokens_behind(600, |_| std::future::ready(())).await;
        let (met, served) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (meeting, serving) = (met.clone(), served.clone());
        let service = Wire::start(move |mut connection| {
            let (met, served) = (meeting.clone(), serving.clone());
            async move {
                while let Some(request) = connection.request().await {
                    if token_of(&request) == 2 {
                        served.fetch_add(1, Ordering::SeqCst);
                        connection.say(done()).await;
                        continue;
                    }
                    let place = met.fetch_add(1, Ordering::SeqCst);
                    until(|| met.load(Ordering::SeqCst) == CALLS).await;
                    if place >= CALLS / 2 {
                        until(|| served.load(Ordering::SeqCst) >= CALLS / 2).await;
                    }
                    connection.say(refused()).await;
                }
            }
        })
        .await;
        let client = service.builder(&tokens).runtime(Arc::new(VirtualTime::default())).build().unwrap();
        all_well(calls(&client, CALLS, &Arc::default())).await;
        assert_eq!(tokens.count(), 2);
        assert_eq!(service.count(), 2 * CALLS);
    })
    .await;
}
