//! Two signers and two documents: Kari signs both, then Ola reads the terms and signs the loan.
//!
//! ```text
//! cargo run --example two_signers_two_documents --features sandbox
//! ```
//!
//! It runs on a sandbox in this process: no account is needed. The plan is printed before the order is sent,
//! and what comes back is one sealed PDF (PAdES): `loan.sealed.pdf`, unless `-- --out FILE` says otherwise.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use signicat_sign::sandbox::Sandbox;
use signicat_sign::{NewOrder, NewTask, Upload};

// Files of yours are uploaded by `Upload::from_path("loan.pdf").await?`.
const LOAN: &[u8] = include_bytes!("contract.pdf");
const TERMS: &[u8] = include_bytes!("terms.pdf");

/// Has two documents signed by two people.
#[derive(Parser)]
struct Arguments {
    /// Where the sealed PDF goes.
    #[arg(long, default_value = "loan.sealed.pdf")]
    out: PathBuf,
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

    let loan = sign.documents().upload(Upload::from_bytes(LOAN)?).await?;
    let terms = sign.documents().upload(Upload::from_bytes(TERMS)?).await?;

    // A task names its own documents. Where everybody signs everything, `document` and `signer` are shorter.
    let kari = NewTask::new("kari")
        .sign("loan-kari", &loan, "Loan agreement")
        .sign("terms-kari", &terms, "General terms")
        .signed_statement("nbid-sign")
        .days_to_live(7);
    let ola = NewTask::new("ola")
        .view("terms-ola", &terms, "General terms")
        .sign("loan-ola", &loan, "Loan agreement")
        .signed_statement("sbid-sign")
        .days_to_live(7)
        .after("kari");
    let order = NewOrder::builder()
        .client_reference("case-42")
        .task(kari)
        .task(ola)
        // All that is signed goes into it, and what is only read does not.
        .seal_as_pades("sealed")
        .days_until_deletion(14)
        .build()?;
    for advice in order.advice() {
        eprintln!("{advice}");
    }
    println!("{}", order.plan().to_text());

    let order = sign.orders().create(order).await?;
    for signer in ["kari", "ola"] {
        // On purpose: whoever has the link can sign as them.
        println!("{signer} signs at {}", order.signing_url(signer)?.expose());
    }

    // People do this, when they like. Ola is too early.
    if let Err(why) = sandbox.signer(order.id(), "ola").signs() {
        println!("ola can't sign yet: {why}");
    }
    sandbox.signer(order.id(), "kari").signs()?;
    sandbox.signer(order.id(), "ola").signs()?;

    // For people the pauses are best left as they are: from 1 s up to 60 s.
    let wait = sign.orders().wait(&order).poll_every(Duration::from_millis(50), Duration::from_secs(1));
    let done = wait.deadline(Duration::from_secs(7 * 86_400)).await?;
    println!("{}", done.state());

    let saved = done.sealed("sealed")?.save_to(&arguments.out).await?;
    println!("saved {}: {} bytes, SHA-256 {}", saved.path().display(), saved.length(), saved.sha256_hex());
    Ok(())
}
