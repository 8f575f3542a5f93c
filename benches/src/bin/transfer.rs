//! One large document, up or down, by the client or by hand: how long it takes, and the memory that it needs.

use std::time::Instant;

use anyhow::{Result, ensure};
use benches::{Exchange, Service, Who, Work, process, tell};
use clap::{Parser, ValueEnum};
use serde_json::json;
use signicat_sign::{DocumentId, Upload};

#[derive(Parser)]
struct Arguments {
    direction: Direction,
    who: Who,
    /// From where, or to where.
    file: String,
    /// Bytes that are to be downloaded; the service takes this for the document's id.
    #[arg(default_value = "0")]
    length: u64,
}

#[derive(Clone, Copy, ValueEnum)]
enum Direction {
    Up,
    Down,
}

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let service = Service::start()?;
    let work = Work::at(service.address()).await?;
    for _ in 0..10 {
        work.run(arguments.who, Exchange::Status).await?;
    }
    let (idle, _) = process::resident()?;
    let began = Instant::now();
    transfer(&work, &arguments).await?;
    let seconds = began.elapsed().as_secs_f64();
    let (_, peak) = process::resident()?;
    tell(&json!({ "seconds": seconds, "idle": idle, "peak": peak }))
}

async fn transfer(work: &Work, arguments: &Arguments) -> Result<()> {
    let Arguments { direction, who, file, length } = arguments;
    let document = length.to_string();
    match (direction, who) {
        (Direction::Up, Who::Client) => {
            work.client.documents().upload(Upload::from_path(file).await?).await?;
        }
        (Direction::Up, Who::ByHand) => work.by_hand.upload(file).await?,
        (Direction::Down, Who::Client) => {
            let document: DocumentId = document.parse()?;
            let saved = work.client.documents().download(&document).save_to(file).await?;
            ensure!(saved.length() == *length, "{} bytes came", saved.length());
        }
        (Direction::Down, Who::ByHand) => {
            work.by_hand.download(&document, file).await?;
            let came = std::fs::metadata(file)?.len();
            ensure!(came == *length, "{came} bytes came");
        }
    }
    Ok(())
}
