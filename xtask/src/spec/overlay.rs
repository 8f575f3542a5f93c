//! Our corrections of the publisher's description: `spec/overlay.yaml`, an OpenAPI Overlay 1.0 document.

use anyhow::{Context, Result, anyhow, bail};
use roas_overlay::apply::{Apply as _, ApplyOptions};
use roas_overlay::v1_0::{Action, Overlay};
use roas_overlay::validation::{Validate as _, ValidationError};
use serde_json::Value;

use super::{OVERLAY, document};

/// What every action has to say besides: what for, how it is known, and when it can go.
const REASONS: [&str; 3] = ["x-reason", "x-evidence", "x-remove-when"];

/// The corrections, one action each, or none where there is no file.
pub struct Corrections(Vec<Overlay>);

impl Corrections {
    /// Reads the file. All that is wrong with it is told, one a line.
    pub fn parse(text: &str) -> Result<Self> {
        let (_, overlay) = document::parse(text.as_bytes()).context(OVERLAY)?;
        let overlay: Overlay = serde_json::from_value(overlay).context(OVERLAY)?;
        let invalid = overlay.validate(Default::default()).err().map(|e| e.errors).unwrap_or_default();
        let mut problems: Vec<String> =
            invalid.iter().map(|e| format!("{OVERLAY}: {}", one_line(e))).collect();
        for (index, action) in overlay.actions.iter().enumerate() {
            let missing = REASONS.iter().filter(|reason| !says(action, reason));
            problems
                .extend(missing.map(|reason| format!("{}: has no {reason}; add it", name(index, action))));
        }
        if !problems.is_empty() {
            bail!(problems.join("\n"));
        }
        let alone = |action| Overlay { actions: vec![action], ..overlay.clone() };
        Ok(Self(overlay.actions.iter().cloned().map(alone).collect()))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Corrects the document. An action that changes nothing is an error: what it was for is past.
    pub fn apply(&self, document: &mut Value) -> Result<()> {
        let mut useless = Vec::new();
        for (index, correction) in self.0.iter().enumerate() {
            let before = document.clone();
            let action = &correction.actions[0];
            match correction.apply(document, ApplyOptions::ErrorOnZeroMatch.into()) {
                Ok(_) if *document != before => {}
                Ok(_) => useless.push(format!("{}: changes nothing; delete the action", name(index, action))),
                Err(e) if e.kind == roas_overlay::apply::ApplyErrorKind::ZeroMatch => {
                    useless.push(format!("{}: matches nothing; delete the action", name(index, action)));
                }
                Err(e) => return Err(anyhow!(e.kind.to_string())).with_context(|| name(index, action)),
            }
        }
        if useless.is_empty() { Ok(()) } else { bail!(useless.join("\n")) }
    }
}

/// Some errors of JSONPath have several lines.
fn one_line(error: &ValidationError) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn says(action: &Action, reason: &str) -> bool {
    let text = action.extensions.as_ref().and_then(|said| said.get(reason)?.as_str());
    text.is_some_and(|text| !text.trim().is_empty())
}

/// An action for people, counted from 1.
fn name(index: usize, action: &Action) -> String {
    format!("{OVERLAY}: action {} ({})", index + 1, action.target)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Corrections;

    const REASONS: &str = "    x-reason: r\n    x-evidence: e\n    x-remove-when: w\n";

    fn overlay(actions: &[&str]) -> String {
        let actions: String = actions.iter().map(|action| format!("  - {action}\n")).collect();
        let actions = if actions.is_empty() { "  []".to_owned() } else { actions };
        format!("overlay: 1.0.0\ninfo:\n  title: t\n  version: '1'\nactions:\n{actions}")
    }

    fn refusal(actions: &[&str]) -> String {
        let mut document = json!({ "info": { "title": "a" }, "tags": ["x"] });
        let parsed = Corrections::parse(&overlay(actions));
        parsed.and_then(|corrections| corrections.apply(&mut document)).unwrap_err().to_string()
    }

    #[test]
    fn actions_are_applied_in_turn() {
        let set = format!("target: $.info\n    update:\n      title: b\n{REASONS}");
        let remove = format!("target: $.info[?@ == 'b']\n    remove: true\n{REASONS}");
        let add = format!("target: $.tags\n    update: y\n{REASONS}");
        let mut document = json!({ "info": { "title": "a" }, "tags": ["x"] });
        let corrections = Corrections::parse(&overlay(&[&set, &add])).unwrap();
        corrections.apply(&mut document).unwrap();
        assert_eq!(
            (corrections.len(), &document),
            (2, &json!({ "info": { "title": "b" }, "tags": ["x", "y"] }))
        );
        let error = Corrections::parse(&overlay(&[&remove])).unwrap().apply(&mut document).unwrap_err();
        let expected = "spec/overlay.yaml: action 1 ($.info[?@ == 'b']): action `target` must resolve to objects \
                        or arrays, not primitives or null";
        assert!(format!("{error:#}").starts_with(expected), "{error:#}");
    }

    /// As CONTRIBUTING.md says: what is to go from a list goes with it, and the rest comes back.
    #[test]
    fn a_list_is_replaced_in_two_actions() {
        let without = format!("target: $.tags\n    remove: true\n{REASONS}");
        let with = format!("target: $\n    update:\n      tags: [z]\n{REASONS}");
        let mut document = json!({ "tags": ["x", "y", "z"] });
        Corrections::parse(&overlay(&[&without, &with])).unwrap().apply(&mut document).unwrap();
        assert_eq!(document, json!({ "tags": ["z"] }));
    }

    #[test]
    fn an_action_that_does_nothing_can_be_deleted() {
        let same = format!("target: $.info\n    update:\n      title: a\n{REASONS}");
        let nowhere = format!("target: $.paths\n    update:\n      title: a\n{REASONS}");
        assert_eq!(
            refusal(&[&same, &nowhere]),
            "spec/overlay.yaml: action 1 ($.info): changes nothing; delete the action\n\
             spec/overlay.yaml: action 2 ($.paths): matches nothing; delete the action"
        );
    }

    #[test]
    fn an_action_says_why() {
        let only_reason = "target: $.info\n    update: {}\n    x-reason: r\n    x-evidence: ' '\n";
        assert_eq!(
            refusal(&[only_reason]),
            "spec/overlay.yaml: action 1 ($.info): has no x-evidence; add it\n\
             spec/overlay.yaml: action 1 ($.info): has no x-remove-when; add it"
        );
    }

    #[test]
    fn what_is_no_overlay_is_refused_in_one_line() {
        let no_path = format!("target: info\n    update: {{}}\n{REASONS}");
        let nothing = format!("target: $.info\n{REASONS}");
        let of_version_1_1 = "overlay: 1.1.0\ninfo: {title: t, version: v}\nactions: []".to_owned();
        let refused = [
            (
                overlay(&[&no_path]),
                "#.actions[0].target: invalid JSONPath query: at position 0, parser error",
            ),
            (overlay(&[&nothing]), "#.actions[0]: action must specify either `update` or `remove: true`"),
            (overlay(&[]), "#.actions: must contain at least one entry"),
            ("actions: [".to_owned(), "is cut off or broken YAML: unclosed bracket '[' at line 1, column 10"),
            (of_version_1_1, "invalid value: string \"1.1.0\", expected `1.0.<patch>` semver (Overlay v1.0)"),
        ];
        for (text, problem) in refused {
            let error = format!("{:#}", Corrections::parse(&text).err().unwrap());
            assert_eq!(error, format!("spec/overlay.yaml: {problem}"));
        }
    }
}
