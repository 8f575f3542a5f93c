//! Ids as names of files, on every system: an id may hold anything.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use sha2::{Digest, Sha256};

use crate::ids::encode_path;

/// With the folders around it, short enough for systems that allow 260 characters in all.
const LONGEST: usize = 80;
const KEPT_BEFORE_HASH: usize = 40;

/// The names in one folder. On some systems case does not tell them apart.
#[derive(Default)]
pub(super) struct Names {
    /// By the name in lower case: the id that has it.
    taken: BTreeMap<String, String>,
}

impl Names {
    /// The id's name: the id itself where it can be one.
    pub(super) fn of(&mut self, id: &str) -> String {
        let name = encode(id);
        if name.len() > LONGEST {
            return with_hash(&name, id);
        }
        match self.taken.entry(name.to_ascii_lowercase()) {
            Entry::Occupied(taken) if taken.get() != id => with_hash(&name, id),
            entry => {
                entry.or_insert_with(|| id.to_owned());
                name
            }
        }
    }
}

/// Percent-encodes what any system takes amiss, so that the name can be read back. What is left is ASCII.
fn encode(id: &str) -> String {
    // A tilde is the mark of a hash.
    let mut name = encode_path(id).replace('~', "%7E");
    if name.ends_with('.') {
        name.replace_range(name.len() - 1.., "%2E");
    }
    if name.starts_with('.') || is_device(&name) {
        let first = encode_byte(name.as_bytes()[0]);
        name.replace_range(..1, &first);
    }
    name
}

fn encode_byte(byte: u8) -> String {
    format!("%{byte:02X}")
}

/// Windows has devices of these names in every folder, whatever the extension.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().to_ascii_uppercase();
    match stem.as_str() {
        "CON" | "PRN" | "AUX" | "NUL" => true,
        _ => {
            let number = stem.strip_prefix("COM").or(stem.strip_prefix("LPT"));
            number.is_some_and(|number| number.len() == 1 && number.as_bytes()[0].is_ascii_digit())
        }
    }
}

fn with_hash(name: &str, id: &str) -> String {
    let hash: String = Sha256::digest(id).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    // The name is ASCII, so it can be cut anywhere.
    format!("{}~{hash}", &name[..name.len().min(KEPT_BEFORE_HASH)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_can_be_a_name_is_one_and_others_can_be_read_back() {
        for (id, name) in [
            ("kari", "kari"),
            ("signTask1", "signTask1"),
            ("a.b", "a.b"),
            ("a/b\\c:d", "a%2Fb%5Cc%3Ad"),
            ("..", "%2E%2E"),
            (".hidden", "%2Ehidden"),
            ("dot.", "dot%2E"),
            ("blank ", "blank%20"),
            ("kåri*?\"<>|", "k%C3%A5ri%2A%3F%22%3C%3E%7C"),
            ("100%", "100%25"),
            ("a~b", "a%7Eb"),
            ("CON", "%43ON"),
            ("nul.txt", "%6Eul.txt"),
            ("com1", "%63om1"),
            ("COM10", "COM10"),
            ("console", "console"),
        ] {
            assert_eq!(Names::default().of(id), name);
        }
    }

    #[test]
    fn names_that_would_meet_are_kept_apart() {
        let long = "x".repeat(500);
        let ids = ["kari", "Kari", "KARI", "kari~", &long, &format!("{long}1"), "con", "CON", "%63on"];
        let mut names = Names::default();
        let first: Vec<_> = ids.iter().map(|id| names.of(id)).collect();
        let again: Vec<_> = ids.iter().map(|id| names.of(id)).collect();
        assert_eq!(first, again);
        let lower: std::collections::BTreeSet<_> = first.iter().map(|name| name.to_lowercase()).collect();
        assert_eq!(lower.len(), ids.len(), "{first:?}");
        assert!(first.iter().all(|name| name.len() <= LONGEST && name.is_ascii()));
        assert!(first[1].starts_with("Kari~"), "{first:?}");
    }
}
