//! What a refresh did, or would do: for a terminal, for a pull request, or for a program.

use anyhow::Result;
use serde::Serialize;

use super::diff::{self, Format};
use super::lock::Lock;
use super::names::Proposed;

#[derive(Serialize)]
pub struct Report {
    pub upstream: Lock,
    /// How many actions of the overlay corrected it.
    pub corrections: usize,
    pub proposed_names: Proposed,
    /// What the rows of `spec/PROVENANCE.md` are about that are new.
    pub rows: Vec<String>,
    /// Until now the contract was written by hand.
    pub is_first: bool,
    /// The files under `spec/` that change, in alphabetical order.
    pub files: Vec<String>,
    pub contract: diff::Report,
}

impl Report {
    pub fn show(&self, format: Format) -> Result<String> {
        Ok(match format {
            Format::Text => self.prose("", "  ", &self.contract.text()),
            Format::Markdown => self.prose("## ", "- ", &self.contract.markdown()),
            Format::Json => serde_json::to_string_pretty(self)? + "\n",
        })
    }

    /// The paragraphs, with what begins a heading and what begins an item.
    fn prose(&self, heading: &str, item: &str, contract: &str) -> String {
        let Lock { file, source, fetched_at, sha256, .. } = &self.upstream;
        let mut parts = vec![format!("spec/{file} is {source} of {fetched_at}, sha256 {}", &sha256[..16])];
        if self.files.is_empty() {
            return format!("{}\n\nnothing changed\n", parts[0]);
        }
        if self.corrections > 0 {
            parts.push(format!("actions of spec/overlay.yaml that correct it: {}", self.corrections));
        }
        let names = self.proposed_names.operations.iter().chain(&self.proposed_names.schemas);
        let names: Vec<_> =
            names.map(|(theirs, ours)| format!("{item}{}", code(&format!("{theirs} = {ours}")))).collect();
        if !names.is_empty() {
            parts.push(format!(
                "{heading}Names proposed in spec/names.toml: look at them, then run `cargo xtask spec confirm`\n\n{}",
                names.join("\n")
            ));
        }
        parts.push(format!("{heading}Changes of the contract\n\n{}", contract.trim_end()));
        if !self.rows.is_empty() {
            parts.push(format!("new rows in spec/PROVENANCE.md: {}", self.rows.join(", ")));
        }
        if self.is_first {
            parts.push(
                "to do by hand: the contract is the publisher's from now on, so spec/PROVENANCE.md is to say so, and \
                 its marks of confidence (x-confidence) are gone"
                    .to_owned(),
            );
        }
        parts.push(format!("changed under spec/: {}", self.files.join(", ")));
        parts.join("\n\n") + "\n"
    }
}

/// The publisher's words, with nothing in them that Markdown would heed.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'").replace(diff::is_unseen, " "))
}
