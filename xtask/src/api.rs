//! The crate's public API as a text that is checked in, so that a change of it is a diff that somebody reads.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::OnceLock;
use std::{env, error, fmt, fs};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::Deserialize;

use crate::{cargo, root};

/// The text, at the root.
const TEXT: &str = "public-api.txt";
/// The formats of rustdoc's JSON that the version of public-api in Cargo.toml reads, and a rustc that writes one.
const FORMATS: RangeInclusive<u32> = 57..=59;
const RUSTC: &str = "1.95";
const DESCRIBE: &str =
    "rustdoc -p signicat-sign --lib --all-features -- -Z unstable-options --output-format json";
/// What that writes, in cargo's target folder.
const JSON: &str = "doc/signicat_sign.json";
/// What rustdoc is, for this program when cargo takes it for rustdoc.
const RUSTDOC: &str = "XTASK_RUSTDOC";
/// How many lines of a difference are shown, of those that are gone and of those that are new.
const SHOWN: usize = 3;

/// Where this program is. Asked for at its start: what cargo does meanwhile may put a newer build in its place, and then
/// the system tells of a file that was deleted.
static THIS: OnceLock<PathBuf> = OnceLock::new();

/// To be called before cargo is.
pub fn remember_this_program() {
    if let Ok(this) = env::current_exe() {
        _ = THIS.set(this);
    }
}

#[derive(Args)]
pub struct Api {
    /// Write nothing, and fail if the text is not what the code has.
    #[arg(long)]
    check: bool,
}

pub fn run(arguments: &Api) -> Result<()> {
    if arguments.check { check() } else { write() }
}

fn write() -> Result<()> {
    let text = current()?;
    fs::write(root().join(TEXT), &text).with_context(|| format!("can't write {TEXT}"))?;
    println!("{TEXT}: {} public items", text.lines().count());
    Ok(())
}

/// Whether the text is what the code has. With a rustc that can't tell, it is said that nothing was compared.
pub fn check() -> Result<()> {
    let current = match current() {
        // Contributors have other toolchains, and that is no fault of their change.
        Err(e) if e.is::<OtherFormat>() => {
            println!("skipped, {TEXT} is not compared: {e}");
            return Ok(());
        }
        current => current?,
    };
    let checked_in = fs::read_to_string(root().join(TEXT))
        .with_context(|| format!("can't read {TEXT}, which `cargo xtask api` writes"))?;
    if let Some(difference) = difference(&checked_in, &current) {
        bail!(
            "{TEXT} is not what the code has: {difference}. If that is meant, run `cargo xtask api` and commit the text"
        );
    }
    println!("{TEXT} is up to date: {} public items", current.lines().count());
    Ok(())
}

/// The public API as the code has it, an item a line. What is derived is left out, since it would be 1000 lines more:
/// so a `Clone` that is lost is not seen here.
fn current() -> Result<String> {
    let json = describe()?;
    let api = public_api::Builder::from_rustdoc_json(&json)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .omit_auto_derived_impls(true)
        .build()
        .with_context(|| format!("can't understand {}", json.display()))?;
    Ok(api.to_string())
}

fn format_of(json: &Path) -> Result<u32> {
    let text = fs::read_to_string(json).with_context(|| format!("can't read {}", json.display()))?;
    let Head { format_version } =
        serde_json::from_str(&text).with_context(|| format!("can't understand {}", json.display()))?;
    Ok(format_version)
}

/// Lets rustdoc describe the crate, and says where: in a format that is known here.
pub(crate) fn describe() -> Result<PathBuf> {
    let rustdoc = env::var_os("RUSTDOC").unwrap_or_else(|| "rustdoc".into());
    let this = THIS.get().context("can't tell where this program is")?;
    let status = cargo::command(DESCRIBE)
        .env(RUSTDOC, rustdoc)
        .env("RUSTDOC", this)
        .status()
        .context("can't run cargo")?;
    if !status.success() {
        bail!("cargo {DESCRIBE} ({status})");
    }
    let json = cargo::target_folder()?.join(JSON);
    match format_of(&json)? {
        format if FORMATS.contains(&format) => Ok(json),
        format => Err(OtherFormat(format).into()),
    }
}

/// Is rustdoc, if cargo has called this program in its place: JSON is written by nightly's only, or with this variable.
/// Were it set for all of cargo, build scripts would see it too: most dependencies would be built anew, now and after.
pub fn as_rustdoc() -> Option<ExitCode> {
    let rustdoc = env::var_os(RUSTDOC)?;
    let done = Command::new(&rustdoc).args(env::args_os().skip(1)).env("RUSTC_BOOTSTRAP", "1").status();
    Some(match done {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(e) => {
            eprintln!("error: can't run {}: {e}", rustdoc.display());
            ExitCode::FAILURE
        }
    })
}

/// What is the same in all formats.
#[derive(Deserialize)]
struct Head {
    format_version: u32,
}

/// This rustc's JSON is of a format that is not known here.
#[derive(Debug)]
pub(crate) struct OtherFormat(u32);

impl error::Error for OtherFormat {}

impl fmt::Display for OtherFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, last) = (FORMATS.start(), FORMATS.end());
        let format = self.0;
        write!(
            f,
            "rustdoc writes JSON of format {format}, and {first} to {last} can be read: rustc {RUSTC} writes one of these"
        )
    }
}

/// What is gone and what is new, in one line; nothing if the texts are the same.
fn difference(old: &str, new: &str) -> Option<String> {
    if old == new {
        return None;
    }
    let (gone, added) = (beyond(old, new), beyond(new, old));
    if gone.is_empty() && added.is_empty() {
        return Some("the same lines in another order".to_owned());
    }
    let parts = [listed("gone", '-', &gone), listed("new", '+', &added)];
    Some(parts.into_iter().flatten().collect::<Vec<_>>().join("; "))
}

/// The lines of `these` that `those` has not, or has less often: a type may have several bare `impl`s.
pub(crate) fn beyond<'a>(these: &'a str, those: &str) -> Vec<&'a str> {
    let mut left = HashMap::<&str, usize>::new();
    for line in those.lines() {
        *left.entry(line).or_default() += 1;
    }
    let mut is_left = |line: &str| match left.get_mut(line) {
        Some(count) if *count > 0 => {
            *count -= 1;
            true
        }
        _ => false,
    };
    these.lines().filter(|line| !is_left(line)).collect()
}

/// How many lines, and the first of them.
fn listed(what: &str, sign: char, lines: &[&str]) -> Option<String> {
    if lines.is_empty() {
        return None;
    }
    let mut shown: Vec<_> = lines.iter().take(SHOWN).map(|line| format!("{sign} {line}")).collect();
    if lines.len() > SHOWN {
        shown.push("…".to_owned());
    }
    Some(format!("{} {what} ({})", lines.len(), shown.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::{FORMATS, OtherFormat, difference};

    const TEXT: &str = "pub mod a\nimpl a::B\npub fn a::B::c(&self)\nimpl a::B\n";

    #[test]
    fn the_same_text_has_no_difference() {
        assert_eq!(difference(TEXT, TEXT), None);
    }

    #[test]
    fn what_is_gone_and_what_is_new_is_told_in_one_line() {
        let gone = TEXT.replace("pub fn a::B::c(&self)\n", "");
        assert_eq!(difference(TEXT, &gone).unwrap(), "1 gone (- pub fn a::B::c(&self))");
        assert_eq!(difference(&gone, TEXT).unwrap(), "1 new (+ pub fn a::B::c(&self))");
        let changed = TEXT.replace("(&self)", "(self)");
        assert_eq!(
            difference(TEXT, &changed).unwrap(),
            "1 gone (- pub fn a::B::c(&self)); 1 new (+ pub fn a::B::c(self))"
        );
    }

    #[test]
    fn a_line_that_stands_there_less_often_is_gone() {
        let once = TEXT.replacen("impl a::B\n", "", 1);
        assert_eq!(difference(TEXT, &once).unwrap(), "1 gone (- impl a::B)");
    }

    #[test]
    fn another_order_is_a_difference() {
        assert_eq!(difference("a\nb\n", "b\na\n").unwrap(), "the same lines in another order");
    }

    #[test]
    fn of_many_lines_the_first_are_shown() {
        assert_eq!(difference("", "a\nb\nc\nd\n").unwrap(), "4 new (+ a, + b, + c, …)");
    }

    #[test]
    fn another_format_is_told_with_a_rustc_that_fits() {
        let format = FORMATS.end() + 1;
        let told = OtherFormat(format).to_string();
        assert!(told.contains(&format.to_string()) && told.contains("rustc 1."), "{told}");
    }
}
