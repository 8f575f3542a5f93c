//! What a look at an order costs, with few waits and with many.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Result, bail};
use benches::{Service, process, resume_tokens, tell};
use clap::Parser;
use futures_util::StreamExt;
use serde_json::json;
use signicat_sign::{BoxFuture, Client, Credentials, Ends, Runtime};
use tokio::sync::Notify;

#[derive(Parser)]
struct Arguments {
    /// How many orders are waited for.
    waits: usize,
    /// How many looks are made, after the first of each: status and forwards of each of two tasks.
    looks: usize,
}

/// The shortest pause that there is: the waits are always at it.
const PAUSE: Duration = Duration::from_millis(1);

/// The client's own time, which counts the pauses: there is one after each look.
#[derive(Debug)]
struct Counting {
    start: Instant,
    looks: AtomicUsize,
    wanted: AtomicUsize,
    reached: Notify,
}

impl Runtime for Counting {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn wall_clock(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        if self.looks.fetch_add(1, Ordering::Relaxed) + 1 == self.wanted.load(Ordering::Relaxed) {
            self.reached.notify_one();
        }
        self.alarm(duration)
    }

    fn alarm(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(async move { tokio::time::sleep(duration).await })
    }

    fn random(&self) -> f64 {
        0.5
    }
}

impl Counting {
    async fn reach(&self, looks: usize, ends: &mut Ends) -> Result<()> {
        self.wanted.store(looks, Ordering::Relaxed);
        tokio::select! {
            () = self.reached.notified() => Ok(()),
            end = ends.next() => bail!("an order has ended: {end:?}"),
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let Arguments { waits, looks } = Arguments::parse();
    let service = Service::start()?;
    let time = Arc::new(Counting {
        start: Instant::now(),
        looks: AtomicUsize::new(0),
        wanted: AtomicUsize::new(0),
        reached: Notify::new(),
    });
    let client = Client::builder()
        .credentials(Credentials::new("id", "secret"))
        .base_url(service.address())
        .token_url(format!("{}/token", service.address()))
        .runtime(time.clone())
        .build()?;
    let mut ends = client.orders().resume_all(resume_tokens(waits)?).poll_every(PAUSE, PAUSE).ends();
    time.reach(waits, &mut ends).await?;
    let began = process::on_core()?;
    time.reach(waits + looks, &mut ends).await?;
    tell(&json!({ "nanoseconds": (process::on_core()? - began) as f64 / looks as f64 }))
}
