//! The changes as a reader wants them: as text, as Markdown for a pull request, or as JSON; and the release that
//! they ask for.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;
use serde_json::Value;

use super::advice::{self, NOTHING};
use super::change::{Change, Class};
use super::compare;
use super::version::{Step, Version};
use crate::spec::sources::Sources;

/// More changes of the documentation than these are counted and not listed.
const LISTED: usize = 20;

/// The columns of a text.
const WIDTH: usize = 110;
const INDENT: usize = 11;

#[derive(Debug, Serialize)]
pub struct Report {
    pub changes: Vec<Change>,
    pub asks_for: Release,
}

/// The step in semver's sense, and the version that cargo takes for it.
#[derive(Debug, PartialEq, Serialize)]
pub struct Release {
    pub step: Step,
    pub from: Version,
    pub to: Version,
}

impl Report {
    /// What differs, and what is to be done about it in the repository at `root`.
    pub fn new(old: &Value, new: &Value, root: &Path) -> Result<Self> {
        let from = Version::of_crate(root).context("can't tell the version of this crate")?;
        let mut changes = compare(old, new);
        advice::give(&mut changes, old, &Sources::read(root)?);
        let step = Step::of(changes.iter().map(|change| change.class).min());
        Ok(Self { asks_for: Release { step, from, to: from.next(step) }, changes })
    }

    /// Whether there is a change of the class, or a worse one.
    pub fn has(&self, class: Class) -> bool {
        self.changes.iter().any(|change| change.class <= class)
    }

    pub fn text(&self) -> String {
        let mut lines = Vec::new();
        for class in [Class::Breaking, Class::Additive] {
            self.of(class).for_each(|change| lines.extend(text_of(change)));
        }
        match self.counted_documentation() {
            Some(counts) => {
                lines.extend(
                    counts.iter().map(|count| format!("{:INDENT$}{count}", word(Class::Documentation))),
                );
            }
            None => self.of(Class::Documentation).for_each(|change| lines.extend(text_of(change))),
        }
        lines.push(self.conclusion());
        lines.join("\n") + "\n"
    }

    pub fn markdown(&self) -> String {
        let mut parts = Vec::new();
        for (class, heading) in [(Class::Breaking, "Breaking"), (Class::Additive, "Additive")] {
            let items: Vec<_> = self.of(class).map(markdown_of).collect();
            if !items.is_empty() {
                parts.push(format!("### {heading} ({})\n\n{}", items.len(), items.join("\n")));
            }
        }
        let items: Vec<_> = self.of(Class::Documentation).map(markdown_of).collect();
        let heading = format!("Documentation ({})", items.len());
        if let Some(counts) = self.counted_documentation() {
            let counts: Vec<_> = counts.iter().map(|count| format!("- {count}")).collect();
            let (counts, items) = (counts.join("\n"), items.join("\n"));
            let details = format!("<details><summary>All of them</summary>\n\n{items}\n\n</details>");
            parts.push(format!("### {heading}\n\n{counts}\n\n{details}"));
        } else if !items.is_empty() {
            parts.push(format!("### {heading}\n\n{}", items.join("\n")));
        }
        parts.push(self.conclusion());
        parts.join("\n\n") + "\n"
    }

    pub fn json(&self) -> Result<String> {
        let json = serde_json::to_string_pretty(self).context("can't write the report as JSON")?;
        Ok(json + "\n")
    }

    fn of(&self, class: Class) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(move |change| change.class == class)
    }

    /// How often there is which change of the documentation, where there are many.
    fn counted_documentation(&self) -> Option<Vec<String>> {
        if self.of(Class::Documentation).count() <= LISTED {
            return None;
        }
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        self.of(Class::Documentation).for_each(|change| *counts.entry(&change.what).or_default() += 1);
        let lines = counts.into_iter().map(|(what, count)| match count {
            1 => format!("once: {what}"),
            _ => format!("{count} times: {what}"),
        });
        Some(lines.collect())
    }

    fn conclusion(&self) -> String {
        let Release { step, from, to } = &self.asks_for;
        let release = match step {
            Step::None => return "no change".to_owned(),
            Step::Major => "a breaking release",
            Step::Minor => "an additive release",
            Step::Patch => "a release of documentation",
        };
        format!("asks for: {release} ({from} -> {to})")
    }
}

fn word(class: Class) -> &'static str {
    match class {
        Class::Breaking => "breaking",
        Class::Additive => "additive",
        Class::Documentation => "docs",
    }
}

fn text_of(change: &Change) -> Vec<String> {
    let first = format!("{:INDENT$}{:7}", word(change.class), change.direction.word());
    let mut lines = wrapped(&first, &format!("{}: {}", change.path, change.what));
    if change.class != Class::Documentation || change.advice != NOTHING {
        lines.extend(wrapped(&" ".repeat(INDENT), &format!("-> {}", change.advice)));
    }
    lines
}

/// The text in lines. What goes on is below the text's begin.
fn wrapped(first: &str, text: &str) -> Vec<String> {
    let mut lines = vec![first.to_owned()];
    for word in text.split(' ') {
        let line = lines.last().map_or(0, |line| line.chars().count());
        let is_begun = line > first.chars().count().max(INDENT);
        match lines.last_mut() {
            Some(last) if !is_begun => last.push_str(word),
            Some(last) if line + 1 + word.chars().count() <= WIDTH => {
                last.push(' ');
                last.push_str(word);
            }
            _ => lines.push(format!("{:width$}{word}", "", width = first.chars().count() + 3)),
        }
    }
    lines
}

fn markdown_of(change: &Change) -> String {
    let Change { path, what, advice, .. } = change;
    let direction = change.direction.word();
    let advice = if advice == NOTHING { String::new() } else { format!("<br>{advice}") };
    format!("- `{}` ({direction}): {what}{advice}", path.replace('`', "'"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::change::Class;
    use super::{Report, WIDTH, wrapped};
    use crate::generator::samples::{answer, request};
    use crate::spec::fixture::root;

    fn report(old: &Value, new: &Value) -> Report {
        Report::new(old, new, root()).unwrap()
    }

    fn two() -> Report {
        let string = |maximum: u64| json!({ "type": "string", "maxLength": maximum });
        let old = request(json!({ "name": string(9), "x`y": string(1) }));
        let mut new = request(json!({ "name": string(5), "x`y": string(2) }));
        new["info"]["title"] = "Other".into();
        report(&old, &new)
    }

    #[test]
    fn as_text_it_is_read_in_a_terminal() {
        let expected = "\
breaking   sent   Thing.name: maxLength narrowed from 9 to 5
           -> what is beyond it is refused locally; tell users in CHANGELOG.md
additive   sent   Thing.x`y: maxLength widened from 1 to 2
           -> nothing to do: the local check follows the contract
docs       -      info: text changed
asks for: a breaking release (0.1.0 -> 0.2.0)
";
        assert_eq!(two().text(), expected);
    }

    #[test]
    fn as_markdown_it_is_read_in_a_pull_request() {
        let expected = "\
### Breaking (1)

- `Thing.name` (sent): maxLength narrowed from 9 to 5<br>what is beyond it is refused locally; tell users in CHANGELOG.md

### Additive (1)

- `Thing.x'y` (sent): maxLength widened from 1 to 2<br>nothing to do: the local check follows the contract

### Documentation (1)

- `info` (-): text changed

asks for: a breaking release (0.1.0 -> 0.2.0)
";
        assert_eq!(two().markdown(), expected);
    }

    #[test]
    fn as_json_it_has_all() {
        let json: Value = serde_json::from_str(&two().json().unwrap()).unwrap();
        let expected = json!({
            "path": "Thing.name",
            "class": "breaking",
            "direction": "sent",
            "what": "maxLength narrowed from 9 to 5",
            "advice": "what is beyond it is refused locally; tell users in CHANGELOG.md"
        });
        assert_eq!(json["changes"][0], expected);
        assert_eq!(json["changes"][2]["direction"], "none");
        assert_eq!(json["asks_for"], json!({ "step": "major", "from": "0.1.0", "to": "0.2.0" }));
        assert_eq!(json["changes"].as_array().unwrap().len(), 3);
    }

    #[test]
    fn nothing_is_no_change() {
        let same = report(&request(json!({})), &request(json!({})));
        assert_eq!((same.text().as_str(), same.markdown().as_str()), ("no change\n", "no change\n"));
        let json: Value = serde_json::from_str(&same.json().unwrap()).unwrap();
        let expected =
            json!({ "changes": [], "asks_for": { "step": "none", "from": "0.1.0", "to": "0.1.0" } });
        assert_eq!(json, expected);
    }

    #[test]
    fn many_changes_of_the_documentation_are_counted() {
        let members = |text: &str| -> Value {
            let member = |n: usize| (format!("m{n}"), json!({ "type": "string", "description": text }));
            (0..21).map(member).collect::<serde_json::Map<_, _>>().into()
        };
        let mut old = members("a");
        let many = report(&answer(old.clone()), &answer(members("b")));
        assert_eq!(
            many.text(),
            "docs       21 times: text changed\nasks for: a release of documentation (0.1.0 -> 0.1.1)\n"
        );
        let markdown = many.markdown();
        let begin = "### Documentation (21)\n\n- 21 times: text changed\n\n<details><summary>All of them</summary>\n\n";
        assert!(markdown.starts_with(begin), "{markdown}");
        assert!(markdown.contains("\n- `Thing.m9` (read): text changed\n\n</details>\n\n"), "{markdown}");
        assert_eq!(many.json().unwrap().matches("text changed").count(), 21);

        old["m0"]["description"] = "b".into();
        let few = report(&answer(old), &answer(members("b")));
        assert_eq!(few.text().lines().count(), 21);
        assert!(!few.markdown().contains("<details>"));
    }

    #[test]
    fn a_class_is_had_with_what_is_worse() {
        let report = |changes: &[Class]| {
            let mut report = two();
            report.changes.retain(|change| changes.contains(&change.class));
            [Class::Breaking, Class::Additive, Class::Documentation].map(|class| report.has(class))
        };
        assert_eq!(report(&[]), [false, false, false]);
        assert_eq!(report(&[Class::Documentation]), [false, false, true]);
        assert_eq!(report(&[Class::Additive]), [false, true, true]);
        assert_eq!(report(&[Class::Breaking]), [true, true, true]);
    }

    #[test]
    fn no_line_is_wider_than_a_terminal() {
        for shift in 1..=WIDTH {
            let text = "x".repeat(shift) + &" word".repeat(60);
            let lines = wrapped("breaking   sent   ", &text);
            assert!(lines[0].starts_with("breaking   sent   x"));
            assert!(lines[1..].iter().all(|line| line.starts_with(&format!("{:21}word", ""))), "{lines:?}");
            assert_eq!(lines.concat().matches("word").count(), 60);
            let fits = |line: &String| line.len() <= WIDTH;
            assert!(lines[1..].iter().all(fits) && (fits(&lines[0]) || shift > WIDTH - 18), "{lines:?}");
            let is_full = |line: &String| line.len() + " word".len() > WIDTH;
            assert!(lines[..lines.len() - 1].iter().all(is_full), "{lines:?}");
        }
        // What has no space is not broken.
        assert_eq!(wrapped("- ", &"x".repeat(200)), ["- ".to_owned() + &"x".repeat(200)]);
    }
}
