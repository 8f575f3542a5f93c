//! What is allocated for a call, and what a wait holds.

use std::alloc::System;
use std::time::Duration;

use anyhow::{Result, ensure};
use benches::{Exchange, Service, Who, Work, resume_tokens, tell};
use clap::Parser;
use futures_util::{FutureExt, StreamExt};
use serde_json::json;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::time::timeout;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const DAY: Duration = Duration::from_secs(86_400);
const CALLS: usize = 100;

#[derive(Parser)]
enum Task {
    /// Of one exchange: the median count of a hundred.
    Call { who: Who, exchange: Exchange },
    /// Of so many waits, when each has looked and pauses.
    Waits { count: usize },
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let service = Service::start()?;
    let work = Work::at(service.address()).await?;
    match Task::parse() {
        Task::Call { who, exchange } => call(&work, who, exchange).await,
        Task::Waits { count } => waits(&work, count).await,
    }
}

async fn call(work: &Work, who: Who, exchange: Exchange) -> Result<()> {
    let mut counts = Vec::with_capacity(CALLS);
    for _ in 0..CALLS {
        let region = Region::new(ALLOCATOR);
        work.run(who, exchange).await?;
        let change = region.change();
        counts.push((change.allocations + change.reallocations, change.bytes_allocated));
    }
    counts.sort_unstable();
    let (count, bytes) = counts[CALLS / 2];
    tell(&json!({ "count": count, "bytes": bytes }))
}

async fn waits(work: &Work, count: usize) -> Result<()> {
    // So that the connections, which all waits share, are there.
    held(work, 100).await?;
    let (in_line, idle) = held(work, count).await?;
    tell(&json!({ "in_line": in_line / count, "idle": idle / count }))
}

/// The bytes that so many waits hold when all want to look at once, and when each has looked and pauses for a day.
async fn held(work: &Work, count: usize) -> Result<(usize, usize)> {
    let tokens = resume_tokens(count)?;
    let region = Region::new(ALLOCATOR);
    let waits = work.client.orders().resume_all(tokens).poll_every(DAY, DAY);
    let mut ends = waits.ends();
    let held = || {
        let held = region.change();
        held.bytes_allocated.saturating_sub(held.bytes_deallocated)
    };
    ensure!(ends.next().now_or_never().is_none(), "an order has ended");
    let in_line = held();
    // Until nothing has changed for a while that is longer than the service takes to answer.
    let mut quiet = 0;
    let mut allocated = 0;
    while quiet < 10 {
        ensure!(timeout(Duration::from_millis(10), ends.next()).await.is_err(), "an order has ended");
        let so_far = region.change().allocations;
        quiet = if so_far == allocated { quiet + 1 } else { 0 };
        allocated = so_far;
    }
    Ok((in_line, held()))
}
