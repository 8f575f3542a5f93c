//! Many orders at once, and a process that may be killed while it waits for them: none is lost, and none is
//! made twice.
//!
//! ```text
//! cargo run --example wait_for_many --features sandbox
//! ```
//!
//! So it runs on a sandbox in this process, no account is needed, and it interrupts itself. With `SIGNICAT_*`
//! in the environment (the lines that `cargo run --example sandbox --features sandbox` prints, or an
//! account's) it runs on that service: kill it, and start it again. What it knows is in `waits.json`, or in
//! the file that `-- --file FILE` names.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Display;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use futures_util::stream::{StreamExt, select};
use serde::{Deserialize, Serialize};
use signicat_sign::sandbox::Sandbox;
use signicat_sign::{Client, ErrorKind, NewOrder, Outcome, ResumeToken, Signer, Upload, WaitAll};

type Failure = Box<dyn Error>;

const CASES: [&str; 5] = ["case-1", "case-2", "case-3", "case-4", "case-5"];

/// Orders a signature for each of five cases, and waits for all of them.
#[derive(Parser)]
struct Arguments {
    /// What is known of the cases: made if it is not there, gone on with if it is. For one process at a time.
    #[arg(long)]
    file: Option<PathBuf>,
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

async fn run(arguments: Arguments) -> Result<(), Failure> {
    if std::env::var_os("SIGNICAT_BASE_URL").is_some_and(|url| !url.is_empty()) {
        let file = arguments.file.unwrap_or_else(|| "waits.json".into());
        work(&Client::from_env()?, &file, usize::MAX).await?;
        return Book::open(&file)?.conclude();
    }
    let sandbox = Sandbox::builder().signs_by_themselves().start().await?;
    let folder = tempfile::tempdir()?;
    let file = arguments.file.unwrap_or_else(|| folder.path().join("waits.json"));
    work(&sandbox.client(), &file, 2).await?;
    println!("- interrupted: the waits are dropped, and the file is all that is left -");
    work(&sandbox.client(), &file, usize::MAX).await?;
    Book::open(&file)?.conclude()
}

/// What is known of a case.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Case {
    /// Its order is being created: if that is all that is known, it may be there or not.
    Creating,
    Waiting(ResumeToken),
    Ended(String),
}

/// Orders what was not ordered, and waits for what has not ended: for so many ends.
async fn work(sign: &Client, file: &Path, ends_at_most: usize) -> Result<(), Failure> {
    let mut book = Book::open(file)?;
    let waiting: Vec<_> = book.waiting().map(|(_, token)| token.clone()).collect();
    let mut ordered = Vec::new();
    for case in CASES {
        if book.cases.contains_key(case) {
            continue;
        }
        let pdf = sign.documents().upload(Upload::from_bytes(&include_bytes!("contract.pdf")[..])?).await?;
        let order = NewOrder::builder()
            .client_reference(case)
            .document("loan", &pdf, "Loan agreement")
            .signer(Signer::new("kari").signed_statement("nbid-sign").days_to_live(7))
            .days_until_deletion(14)
            .build()?;
        // Noted before: an order whose answer is lost can't be looked up, and must not be created again.
        book.cases.insert(case.to_owned(), Case::Creating);
        book.write()?;
        let order = match sign.orders().create(order).await {
            Ok(order) => order,
            Err(error) => {
                if matches!(error.outcome(), Outcome::NotSent | Outcome::Rejected) {
                    book.cases.remove(case);
                    book.write()?;
                }
                return Err(error.into());
            }
        };
        book.cases.insert(case.to_owned(), Case::Waiting(sign.orders().wait(&order).resume_token()));
        book.write()?;
        // On purpose: whoever has the address can sign as kari, and later it may not be had again.
        println!("{case}: ordered, kari signs at {}", order.signing_url("kari")?.expose());
        ordered.push(order);
    }

    println!("waiting for {} orders, {} of them from before", waiting.len() + ordered.len(), waiting.len());
    let paced = |waits: WaitAll| waits.poll_every(Duration::from_millis(200), Duration::from_secs(60)).ends();
    let resumed = paced(sign.orders().resume_all(waiting));
    let begun = paced(sign.orders().wait_all(&ordered));
    let mut ends = select(resumed, begun).take(ends_at_most);
    while let Some((order, end)) = ends.next().await {
        let found = book.waiting().find(|(_, token)| *token.order_id() == order);
        let Some(case) = found.map(|(case, _)| case.clone()) else { continue };
        let (now, said) = match end {
            // What was signed is kept here: before the end is noted, so that a kill in between repeats it.
            Ok(done) => (Case::Ended("signed".to_owned()), done.state().to_string()),
            Err(error) if error.is_order_ended() => (Case::Ended("not signed".to_owned()), error.to_string()),
            Err(error) if error.kind() == ErrorKind::Deadline => {
                (Case::Ended("not signed in time".to_owned()), error.to_string())
            }
            // The wait has failed, and the order has not: the next start waits on. Also where the order is not found,
            // which may be another account's error.
            Err(error) => match error.resume_token() {
                Some(token) => (Case::Waiting(token.clone()), error.to_string()),
                None => return Err(error.into()),
            },
        };
        book.cases.insert(case.clone(), now);
        book.write()?;
        println!("{case}: {said}");
    }
    Ok(())
}

/// What is known of all cases.
struct Book {
    path: PathBuf,
    cases: BTreeMap<String, Case>,
}

impl Book {
    fn open(path: &Path) -> Result<Self, Failure> {
        let told = |error: &dyn Display| format!("{} can't be read: {error}", path.display());
        let cases = match fs::read(path) {
            Ok(text) => serde_json::from_slice(&text).map_err(|error| told(&error))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(told(&error).into()),
        };
        Ok(Self { path: path.to_owned(), cases })
    }

    fn waiting(&self) -> impl Iterator<Item = (&String, &ResumeToken)> {
        self.cases.iter().filter_map(|(case, known)| match known {
            Case::Waiting(token) => Some((case, token)),
            _ => None,
        })
    }

    /// A new file takes the place of the old one in one step: whenever a kill comes, one of them is there.
    fn write(&self) -> Result<(), Failure> {
        let new = self.path.with_extension("new");
        let written = File::create(&new).and_then(|mut file| {
            file.write_all(&serde_json::to_vec_pretty(&self.cases)?)?;
            file.sync_all()?;
            fs::rename(&new, &self.path)
        });
        Ok(written.map_err(|error| format!("{} can't be written: {error}", self.path.display()))?)
    }

    /// Says how each case stands, and fails unless all have ended.
    fn conclude(&self) -> Result<(), Failure> {
        let mut open = Vec::new();
        for (case, known) in &self.cases {
            match known {
                Case::Ended(how) => println!("{case}: {how}"),
                Case::Waiting(_) => open.push(format!("{case} has not ended: start again")),
                Case::Creating => open.push(format!(
                    "{case} may have its order or not, and is not ordered again till it is taken out of {}",
                    self.path.display()
                )),
            }
        }
        if open.is_empty() { Ok(()) } else { Err(open.join("; ").into()) }
    }
}
