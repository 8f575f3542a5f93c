//! `cargo xtask spec refresh`: takes the publisher's description as it is today, and says what that changes.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use chrono::{SecondsFormat, Utc};

use super::checked_in::{self, CheckedIn, Upstream};
use super::diff::{self, Format};
use super::fetch::{Fetched, Limits, PUBLISHED_AT, fetch};
use super::lock::{Lock, sha256};
use super::names::{Names, Proposed};
use super::provenance::{self, Missing};
use super::report::Report;
use super::swap::NewFile;
use super::{CONTRACT, GENERATED, LOCK, NAMES, PROVENANCE, base, document, propose};

/// Fetches, checks, compares, and writes all files or none. `from` is a URL or a file; none for the URL of the
/// last time, or else the one where the description is published. The report is printed before anything is
/// written, and also if nothing can be.
pub fn refresh(
    root: &Path,
    from: Option<&str>,
    timeout: Duration,
    dry_run: bool,
    format: Format,
) -> Result<()> {
    let _held = checked_in::hold(root)?;
    let before = CheckedIn::read(root)?;
    let upstream = get(&before, from, timeout)?;
    let after = After::of(&before, &upstream, root)?;
    let mut files = after.files(&before, &upstream)?;
    let generated = checked_in::generated(&after.contract);
    if let Ok(generated) = &generated
        && *generated != before.generated
    {
        files.push((base(GENERATED), Some(generated.clone().into_bytes())));
    }
    let mut names: Vec<_> = files.iter().map(|(name, _)| name.clone()).collect();
    names.sort();
    let is_first = before.upstream.is_none();
    print!("{}", after.report(upstream.lock, is_first, names).show(format)?);
    generated.context("no code can be generated from the new contract, so nothing is written")?;
    if dry_run { Ok(()) } else { before.write(files) }
}

/// The publisher's description, as it is now.
fn get(before: &CheckedIn, from: Option<&str>, timeout: Duration) -> Result<Upstream> {
    let known = before.upstream.as_ref();
    let last = known.map(|known| known.lock.source.as_str()).filter(|source| is_url(source));
    let from = from.or(last).unwrap_or(PUBLISHED_AT);
    let source = source(from);
    // The ETag is that of what was fetched, and not of what somebody edited since.
    let same = known.filter(|known| known.lock.source == source && known.lock.sha256 == sha256(&known.bytes));
    let etag = same.and_then(|same| same.lock.etag.as_deref());
    let limits = Limits { total: timeout, ..Limits::default() };
    let Some(Fetched { bytes, etag }) = fetch(from, etag, &limits)? else {
        let same =
            same.ok_or_else(|| anyhow!("{source} answers that nothing changed, though it was not asked"))?;
        return Ok(same.clone());
    };
    let (format, published) = document::parse(&bytes).with_context(|| source.clone())?;
    document::check(&published).with_context(|| source.clone())?;
    let sha256 = sha256(&bytes);
    let file = format!("upstream.{}", format.extension());
    if let Some(same) = same
        && (&same.lock.sha256, &same.lock.file) == (&sha256, &file)
    {
        return Ok(same.clone());
    }
    let fetched_at = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
    Ok(Upstream { lock: Lock { file, source, fetched_at, etag, sha256 }, bytes })
}

fn is_url(from: &str) -> bool {
    from.contains("://")
}

/// What the lock calls the source: no query, which may hold a secret, and no folder of this machine's.
fn source(from: &str) -> String {
    match is_url(from) {
        true => from.split(['?', '#']).next().unwrap_or_default().to_owned(),
        false => {
            let name = Path::new(from).file_name().unwrap_or_default();
            format!("file:{}", name.to_string_lossy())
        }
    }
}

/// What is checked in after the refresh.
struct After {
    proposed: Proposed,
    corrections: usize,
    contract: String,
    changes: diff::Report,
    without_row: Vec<Missing>,
}

impl After {
    fn of(before: &CheckedIn, upstream: &Upstream, root: &Path) -> Result<Self> {
        let (_, published) = document::parse(&upstream.bytes)?;
        let old = checked_in::parse(&before.contract)?;
        let mut names = before.names()?;
        document::is_same_api(&published, &old).with_context(|| upstream.lock.source.clone())?;
        let proposed = propose::propose(&published, &old, &names);
        names.proposed.extend(proposed.clone());
        let corrections = before.corrections()?;
        let contract = checked_in::contract(&published, &names, corrections.as_ref())?;
        let new = checked_in::parse(&contract)?;
        let changes = diff::Report::new(&old, &new, root)?;
        let without_row = provenance::missing(&new, &before.provenance);
        let corrections = corrections.map_or(0, |corrections| corrections.len());
        Ok(Self { proposed, corrections, contract, changes, without_row })
    }

    /// The files that change, without the generated code.
    fn files(&self, before: &CheckedIn, upstream: &Upstream) -> Result<Vec<NewFile>> {
        let mut files = Vec::new();
        let known = before.upstream.as_ref();
        if known.is_none_or(|known| known.bytes != upstream.bytes || known.lock.file != upstream.lock.file) {
            files.push((upstream.lock.file.clone(), Some(upstream.bytes.clone())));
        }
        if let Some(known) = known.filter(|known| known.lock.file != upstream.lock.file) {
            files.push((known.lock.file.clone(), None));
        }
        if known.is_none_or(|known| known.lock != upstream.lock) {
            files.push((base(LOCK), Some(upstream.lock.text()?.into_bytes())));
        }
        if self.proposed.len() > 0 {
            let names = Names::propose(before.names.as_deref(), &self.proposed)?;
            files.push((base(NAMES), Some(names.into_bytes())));
        }
        if self.contract != before.contract {
            files.push((base(CONTRACT), Some(self.contract.clone().into_bytes())));
        }
        if !self.without_row.is_empty() {
            let provenance = provenance::with_rows(&before.provenance, &self.without_row);
            files.push((base(PROVENANCE), Some(provenance.into_bytes())));
        }
        Ok(files)
    }

    fn report(self, upstream: Lock, is_first: bool, files: Vec<String>) -> Report {
        Report {
            upstream,
            corrections: self.corrections,
            proposed_names: self.proposed,
            rows: self.without_row.into_iter().map(|missing| missing.name).collect(),
            is_first,
            files,
            contract: self.changes,
        }
    }
}
