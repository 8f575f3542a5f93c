//! All that there is of an order goes into a folder, signed or rejected; then the order is deleted.
//!
//! ```text
//! cargo run --example collect_evidence --features sandbox
//! ```
//!
//! It runs on a sandbox in this process: no account is needed. Each order has a folder of its own in
//! `evidence`, or in the one that `-- FOLDER` names, with a `manifest.json` of what is there and what is not.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use signicat_sign::sandbox::Sandbox;
use signicat_sign::{Client, NewOrder, Order, Signer, Upload};

/// Collects the evidence of two orders, and deletes them.
#[derive(Parser)]
struct Arguments {
    /// Where the folders of the orders go.
    #[arg(default_value = "evidence")]
    folder: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    // With an account: `let sign = Client::from_env()?;`.
    let sandbox = Sandbox::start().await?;
    let sign = sandbox.client();
    let signed = order(&sign, "case-1").await?;
    let rejected = order(&sign, "case-2").await?;

    // People do this.
    sandbox.signer(signed.id(), "kari").signs()?;
    sandbox.signer(rejected.id(), "kari").rejects("wrong amount")?;

    for order in [&signed, &rejected] {
        archive(&sign, order, &arguments.folder).await?;
    }
    println!("orders left at the service: {}", sandbox.orders().len());
    Ok(())
}

async fn order(sign: &Client, case: &str) -> Result<Order, Box<dyn Error>> {
    // A file of yours is uploaded by `Upload::from_path("loan.pdf").await?`.
    let pdf = sign.documents().upload(Upload::from_bytes(&include_bytes!("contract.pdf")[..])?).await?;
    let order = NewOrder::builder()
        .client_reference(case)
        .document("loan", &pdf, "Loan agreement")
        .signer(Signer::new("kari").signed_statement("nbid-sign"))
        .seal_as_pades("sealed")
        .build()?;
    Ok(sign.orders().create(order).await?)
}

/// Waits for the end, whichever it is, keeps all that there is, and deletes the order if that is whole.
async fn archive(sign: &Client, order: &Order, folder: &Path) -> Result<(), Box<dyn Error>> {
    // For people the pauses are best left as they are: from 1 s up to 60 s.
    let wait = sign.orders().wait(order).poll_every(Duration::from_millis(50), Duration::from_secs(1));
    match wait.await {
        Ok(done) => println!("order {}: {}", order.id(), done.state()),
        // It ended otherwise: there is evidence of that too. Any other error says nothing of its end.
        Err(error) if error.is_order_ended() => println!("order {}: {error}", order.id()),
        Err(error) => return Err(error.into()),
    }

    let collected = sign.orders().collect_to(order.id(), folder.join(order.id().as_str())).await?;
    for file in &collected.manifest().files {
        println!("  {:>6} bytes  {}…  {}", file.size, &file.sha256[..12], file.name);
    }
    for missing in collected.missing() {
        let of = missing.source.document_id.as_ref().map(ToString::to_string).unwrap_or_default();
        let weight = if missing.is_expected { "MISSING" } else { "there is no" };
        println!("  {weight} {} {of}: {}", missing.source.operation, missing.error);
    }

    // What is deleted is gone: not before all that the service has is here.
    if !collected.is_whole() {
        return Err(format!("order {} is kept: {} lacks something", order.id(), folder.display()).into());
    }
    sign.orders().delete_confirmed(order.id()).await?;
    println!("  kept in {}, and deleted at the service", collected.folder().display());
    Ok(())
}
