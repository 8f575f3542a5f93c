//! Calls: repeated by one of the two, for a count of their instructions, or by both in turn, for their times.

use std::time::{Duration, Instant};

use anyhow::Result;
use benches::{Exchange, Service, Who, Work, tell};
use clap::Parser;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::json;

#[derive(Parser)]
enum Task {
    /// Make one exchange a number of times.
    Repeat { who: Who, exchange: Exchange, times: usize },
    /// Make it by both in turn, and compare the medians: in so many rounds, of so many calls each.
    Compare { exchange: Exchange, rounds: usize, calls: usize },
    /// Make 1 000 of it, so many at a time, in so many rounds.
    Throughput { exchange: Exchange, concurrency: usize, rounds: usize },
}

const CALLS: usize = 1_000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let service = Service::start()?;
    let work = Work::at(service.address()).await?;
    match Task::parse() {
        Task::Repeat { who, exchange, times } => {
            for _ in 0..times {
                work.run(who, exchange).await?;
            }
            Ok(())
        }
        Task::Compare { exchange, rounds, calls } => {
            let measure = async |who| median_of_calls(&work, who, exchange, calls).await;
            in_turn(rounds, measure).await
        }
        Task::Throughput { exchange, concurrency, rounds } => {
            let measure = async |who| time_of_all(&work, who, exchange, concurrency).await;
            in_turn(rounds, measure).await
        }
    }
}

/// Measures both in turn, so that what else the machine does meets both. Told: the median time of each in
/// microseconds, and the quartiles of the ratio of neighbours.
async fn in_turn(rounds: usize, measure: impl AsyncFn(Who) -> Result<Duration>) -> Result<()> {
    let (mut client, mut by_hand, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..rounds {
        // Who comes first has the colder caches.
        let order = if round % 2 == 0 { [Who::Client, Who::ByHand] } else { [Who::ByHand, Who::Client] };
        let (mut of_client, mut of_hand) = (0.0, 0.0);
        for who in order {
            let micros = measure(who).await?.as_secs_f64() * 1e6;
            *(if who == Who::Client { &mut of_client } else { &mut of_hand }) = micros;
        }
        client.push(of_client);
        by_hand.push(of_hand);
        ratios.push(of_client / of_hand);
    }
    let [low, ratio, high] = [0.25, 0.5, 0.75].map(|part| quantile(&mut ratios, part));
    let (client, by_hand) = (quantile(&mut client, 0.5), quantile(&mut by_hand, 0.5));
    tell(&json!({ "client": client, "by_hand": by_hand, "ratio": ratio, "low": low, "high": high }))
}

async fn median_of_calls(work: &Work, who: Who, exchange: Exchange, calls: usize) -> Result<Duration> {
    let mut times = Vec::with_capacity(calls);
    for _ in 0..calls {
        let began = Instant::now();
        work.run(who, exchange).await?;
        times.push(began.elapsed().as_secs_f64());
    }
    Ok(Duration::from_secs_f64(quantile(&mut times, 0.5)))
}

async fn time_of_all(work: &Work, who: Who, exchange: Exchange, concurrency: usize) -> Result<Duration> {
    let began = Instant::now();
    let calls = stream::iter(0..CALLS).map(|_| work.run(who, exchange)).buffer_unordered(concurrency);
    calls.try_collect::<()>().await?;
    Ok(began.elapsed())
}

fn quantile(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * part).round() as usize]
}
