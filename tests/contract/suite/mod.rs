//! One flow and one bad input of each operation, through the public API: on the sandbox in `cargo test`, and on the
//! real service by `cargo xtask contract --live`. All of it passes a relay, and what passes is held against the
//! contract.

mod broken;
mod cases;
mod corrections;
mod differences;
mod engine;
mod interference;
mod live;
mod made;
mod on_sandbox;

mod played;
mod relay;
mod report;
mod stage;
mod yaml;

use std::future::{Future, pending};
use std::panic::AssertUnwindSafe;
use std::pin::pin;

use futures_util::FutureExt;
use futures_util::future::{Either, LocalBoxFuture, select};
use signicat_sign::Error;

pub use cases::CASES;
use relay::Exchange;
use stage::Stage;

/// What is tried with an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It does what it is for.
    Flow,
    /// It is asked for what it has to refuse.
    BadInput,
}

pub struct Case {
    pub operation: &'static str,
    pub kind: Kind,
    run: for<'s> fn(&'s Stage) -> LocalBoxFuture<'s, Result<(), Ended>>,
}

/// Why a case did not hold. It holds nothing that anybody has sent.
#[derive(Clone, Debug, PartialEq)]
pub enum Ended {
    Failed {
        /// The operation that did otherwise than it should, where that is not the case's own.
        operation: Option<String>,
        why: String,
    },
    NotRun {
        why: String,
    },
}

impl Ended {
    fn failed(why: impl Into<String>) -> Ended {
        Ended::Failed { operation: None, why: why.into() }
    }

    fn not_run(why: impl Into<String>) -> Ended {
        Ended::NotRun { why: why.into() }
    }
}

/// A call that should have gone well did not. The whole of it goes to stderr: a server's words are not for the report.
impl From<Error> for Ended {
    fn from(error: Error) -> Ended {
        eprintln!("  {error}");
        let status = error.status().map_or("no answer".to_owned(), |status| status.as_str().to_owned());
        let why = format!("{status}, {}, outcome {}", error.kind(), error.outcome());
        Ended::Failed { operation: error.operation().map(camel), why }
    }
}

/// Fails the case with these words, unless it holds.
fn hold(holds: bool, or: &str) -> Result<(), Ended> {
    if holds { Ok(()) } else { Err(Ended::failed(or)) }
}

/// An operation as the contract spells it, from how the client does.
fn camel(operation: &str) -> String {
    let mut words = operation.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let (initial, rest) = word.split_at(word.len().min(1));
        name + &initial.to_uppercase() + rest
    })
}

/// How a case ended.
pub struct Ran {
    pub case: &'static Case,
    pub result: Result<(), Ended>,
}

impl Ran {
    pub fn is_failed(&self) -> bool {
        matches!(self.result, Err(Ended::Failed { .. }))
    }

    /// The operation that did otherwise than it should.
    pub fn culprit(&self) -> Option<&str> {
        match &self.result {
            Err(Ended::Failed { operation, .. }) => Some(operation.as_deref().unwrap_or(self.case.operation)),
            _ => None,
        }
    }
}

/// What came of a run.
pub struct Run {
    pub ran: Vec<Ran>,
    pub exchanges: Vec<Exchange>,
    pub notes: Vec<String>,
    /// What was made and could not be deleted.
    pub left: Vec<String>,
}

/// Runs cases one after the other, and cleans up behind them, however they end. `stopped` waits until somebody has
/// said stop that often: at the first time no other case is run, at the second the cleaning ends.
async fn run<S: Future<Output = ()>>(
    stage: &Stage,
    cases: impl IntoIterator<Item = &'static Case>,
    stopped: impl Fn(usize) -> S,
) -> Run {
    let mut ran = Vec::new();
    let mut is_stopped = false;
    for case in cases {
        if is_stopped {
            ran.push(Ran { case, result: Err(Ended::not_run("stopped")) });
            continue;
        }
        stage.begins(case);
        let tried = AssertUnwindSafe((case.run)(stage)).catch_unwind();
        let result = match select(pin!(tried), pin!(stopped(1))).await {
            Either::Left((Ok(result), _)) => result,
            // The words of a panic go to stderr, as any: they may hold values.
            Either::Left((Err(_), _)) => Err(Ended::failed("it panicked")),
            Either::Right(_) => {
                is_stopped = true;
                Err(Ended::not_run("stopped"))
            }
        };
        ran.push(Ran { case, result });
    }
    let cleaned = stage.clean_up();
    let left = match select(pin!(cleaned), pin!(stopped(2))).await {
        Either::Left((left, _)) => left,
        Either::Right(_) => stage.left().await,
    };
    Run { ran, exchanges: stage.exchanges().await, notes: stage.notes(), left }
}

/// Nothing stops it.
async fn never(_: usize) {
    pending().await
}
