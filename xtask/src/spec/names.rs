//! The names in the publisher's description, and ours: the file `spec/names.toml`.

use std::collections::BTreeMap;

use anyhow::{Context, Result, anyhow, bail};
use serde::{Deserialize, Serialize};
use toml_edit::{DocumentMut, Item, Table, value};

use super::NAMES;

/// What a new file begins with.
const PREFACE: &str = "\
# Names in the publisher's description = our names, which src/ is written with.
#
# [operations]  method and path there = our operationId, and our path where its parameters are named otherwise
# [schemas]     a schema's name there, or the place where it stands = our schema. Several of theirs may be one of
#               ours: they are merged. One of theirs may be several of ours: by the places where it is used.
#
# `cargo xtask spec refresh` puts what it finds under [proposed]; who has looked at it moves it up with
# `cargo xtask spec confirm`. A line that matches nothing any more is an error: delete it.

";

const OPERATIONS: &str = "operations";
const SCHEMAS_SECTION: &str = "schemas";
const PROPOSED: &str = "proposed";

/// The names of a file, what is proposed included.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Names {
    pub operations: BTreeMap<String, String>,
    pub schemas: BTreeMap<String, String>,
    pub proposed: Proposed,
}

#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Proposed {
    pub operations: BTreeMap<String, String>,
    pub schemas: BTreeMap<String, String>,
}

impl Proposed {
    pub fn len(&self) -> usize {
        self.operations.len() + self.schemas.len()
    }

    pub fn extend(&mut self, other: Self) {
        self.operations.extend(other.operations);
        self.schemas.extend(other.schemas);
    }
}

impl Names {
    pub fn parse(text: &str) -> Result<Self> {
        let names: Self =
            toml_edit::de::from_str(text).map_err(|e| anyhow!(e.message().to_owned())).context(NAMES)?;
        let confirmed = names.operations.keys().chain(names.schemas.keys());
        let proposed = |name: &&String| {
            names.proposed.operations.contains_key(*name) || names.proposed.schemas.contains_key(*name)
        };
        match confirmed.into_iter().find(proposed) {
            Some(both) => {
                bail!("{NAMES}: {both:?} is both confirmed and proposed; delete one of the two lines")
            }
            None => Ok(names),
        }
    }

    /// The text of the file with these names proposed beside those that it has.
    pub fn propose(text: Option<&str>, more: &Proposed) -> Result<String> {
        let mut file: DocumentMut = text.unwrap_or_default().parse().context(NAMES)?;
        for (section, names) in [(OPERATIONS, &more.operations), (SCHEMAS_SECTION, &more.schemas)] {
            for (theirs, ours) in names {
                let proposed = table(file.as_table_mut(), PROPOSED)?;
                proposed.set_implicit(true);
                table(proposed, section)?.insert(theirs, value(ours));
            }
        }
        let preface = if text.is_none() { PREFACE } else { "" };
        Ok(format!("{preface}{file}"))
    }

    /// The text of the file with all that is proposed confirmed.
    pub fn confirm(text: &str) -> Result<String> {
        Self::parse(text)?;
        let mut file: DocumentMut = text.parse().context(NAMES)?;
        let Some(mut proposed) = file.remove(PROPOSED) else { return Ok(file.to_string()) };
        for section in [OPERATIONS, SCHEMAS_SECTION] {
            let names = proposed.as_table_like_mut().and_then(|proposed| proposed.remove(section));
            let Some(names) = names.and_then(|names| names.into_table().ok()) else { continue };
            let confirmed = table(file.as_table_mut(), section)?;
            names.into_iter().for_each(|(theirs, ours)| {
                confirmed.insert(&theirs, ours);
            });
            confirmed.sort_values();
        }
        // What stands at the top of the file belongs to the table there, which may have been that of the proposals.
        let first = text.find("\n[").map_or("", |end| &text[..=end]);
        let confirmed = file.to_string();
        Ok(if confirmed.starts_with(first) {
            confirmed
        } else {
            format!("{first}{}", confirmed.trim_start())
        })
    }

    /// Confirmed and proposed names of operations.
    pub fn all_operations(&self) -> impl Iterator<Item = (&String, &String)> {
        self.operations.iter().chain(&self.proposed.operations)
    }

    /// Confirmed and proposed names of schemas.
    pub fn all_schemas(&self) -> impl Iterator<Item = (&String, &String)> {
        self.schemas.iter().chain(&self.proposed.schemas)
    }

    pub fn schema(&self, theirs: &str) -> Option<&String> {
        self.schemas.get(theirs).or_else(|| self.proposed.schemas.get(theirs))
    }

    pub fn operation(&self, theirs: &str) -> Option<&String> {
        self.operations.get(theirs).or_else(|| self.proposed.operations.get(theirs))
    }
}

/// How an operation is written in the file of names.
pub fn key(method: &str, path: &str) -> String {
    format!("{} {path}", method.to_uppercase())
}

/// A path without the names of its parameters.
pub fn blanked(path: &str) -> String {
    // Between the braces is every second part.
    let parts = path.split(['{', '}']).enumerate();
    parts.map(|(index, part)| if index % 2 == 0 { part } else { "{}" }).collect()
}

/// The table of that name, which is made if it is not there.
fn table<'a>(parent: &'a mut Table, name: &str) -> Result<&'a mut Table> {
    let item = parent.entry(name).or_insert_with(|| Item::Table(Table::new()));
    item.as_table_mut().with_context(|| format!("{NAMES}: {name} is no table"))
}

#[cfg(test)]
mod tests {
    use super::{Names, PREFACE, Proposed};

    #[test]
    fn what_is_proposed_is_confirmed_and_comments_are_kept() {
        let before = "# ours\n[schemas]\nB = \"C\" # why\n";
        let more = Proposed {
            operations: [("GET /a".to_owned(), "getA".to_owned())].into(),
            schemas: [("A".to_owned(), "X".to_owned())].into(),
        };
        let proposed = Names::propose(Some(before), &more).unwrap();
        assert_eq!(
            proposed,
            format!(
                "{before}\n[proposed.operations]\n\"GET /a\" = \"getA\"\n\n[proposed.schemas]\nA = \"X\"\n"
            )
        );
        let confirmed = Names::confirm(&proposed).unwrap();
        assert_eq!(
            confirmed,
            "# ours\n[schemas]\nA = \"X\"\nB = \"C\" # why\n\n[operations]\n\"GET /a\" = \"getA\"\n"
        );
        assert_eq!(Names::confirm(&confirmed).unwrap(), confirmed);
        let both = "[schemas]\nA = 'B'\n[proposed.schemas]\nA = 'C'\n";
        let refused = Names::confirm(both).unwrap_err().to_string();
        assert_eq!(
            refused,
            "spec/names.toml: \"A\" is both confirmed and proposed; delete one of the two lines"
        );
        assert!(Names::confirm("[proposed.schema]\nA = 'B'\n").is_err());

        let new = Names::propose(None, &more).unwrap();
        let confirmed = Names::confirm(&new).unwrap();
        assert!(confirmed.starts_with(&format!("{PREFACE}[operations]\n")), "{confirmed}");
        assert!(new.starts_with("# Names in") && Names::parse(&new).unwrap().proposed == more, "{new}");
    }

    #[test]
    fn what_is_no_file_of_names_is_refused_in_one_line() {
        for text in ["[schemas", "[schema]\nA = 'B'", "[schemas]\nA = 1"] {
            let error = format!("{:#}", Names::parse(text).err().unwrap());
            assert!(error.starts_with("spec/names.toml: ") && !error.contains('\n'), "{error}");
        }
    }
}
