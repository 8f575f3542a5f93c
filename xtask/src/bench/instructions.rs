//! Instructions, counted by valgrind: the same today and tomorrow, whatever else the machine does.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use anyhow::{Context, Result, anyhow};

use super::programs::Programs;
use crate::process::output;

/// Calls before and within what is counted.
const WARM: usize = 200;
const COUNTED: usize = 500;

pub(crate) fn are_counted() -> bool {
    Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Of one exchange by one of the two.
pub(crate) fn of_call(programs: &Programs, who: &str, exchange: &str) -> Result<f64> {
    a_call(|calls| total(&counted(programs, &format!("repeat {who} {exchange} {calls}"))?))
}

/// Of one status call, what is spent in the lines of one file.
pub(crate) fn of_file(programs: &Programs, file: &str) -> Result<f64> {
    let place = format!("{file}:");
    a_call(|calls| {
        let told = counted(programs, &format!("repeat client status {calls}"))?;
        let functions = annotated(&told, "100")?;
        let of_file = functions.lines().filter(|line| line.contains(&place));
        let counts =
            of_file.filter_map(|line| line.split_whitespace().next()?.replace(',', "").parse::<f64>().ok());
        Ok(counts.sum())
    })
}

/// Which functions a status call spends its instructions in, the dearest first.
pub(crate) fn profile(programs: &Programs) -> Result<String> {
    annotated(&counted(programs, "repeat client status 2000")?, "80")
}

/// What some more calls cost, a call.
fn a_call(count: impl Fn(usize) -> Result<f64> + Sync) -> Result<f64> {
    // Side by side: what is counted is the same for that.
    let (warm, all) = thread::scope(|scope| {
        let warm = scope.spawn(|| count(WARM));
        let all = count(WARM + COUNTED);
        (warm.join(), all)
    });
    let warm = warm.map_err(|_| anyhow!("counting has panicked"))??;
    Ok((all? - warm) / COUNTED as f64)
}

/// The functions that make up so many percent of all, a line each.
fn annotated(told: &Path, percent: &str) -> Result<String> {
    let mut annotate = Command::new("callgrind_annotate");
    annotate.args(["--auto=no", "--show-percs=no"]).arg(format!("--threshold={percent}"));
    output(annotate.arg(told))
}

fn total(told: &Path) -> Result<f64> {
    let told = fs::read_to_string(told)?;
    let total = told.lines().find_map(|line| line.strip_prefix("totals: "));
    total.and_then(|total| total.trim().parse().ok()).context("callgrind tells no total")
}

/// Runs the program `calls`, and says where its instructions are told.
fn counted(programs: &Programs, arguments: &str) -> Result<PathBuf> {
    let file = programs.path(&format!("{}.callgrind", arguments.replace(' ', "-")));
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--quiet"]).arg(format!("--callgrind-out-file={}", file.display()));
    output(valgrind.arg(programs.path("calls")).args(arguments.split(' ')))?;
    Ok(file)
}
