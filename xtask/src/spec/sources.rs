//! Our own sources, searched for what a change of the contract touches.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// What follows the contract by itself, or is written after it: the sandbox is the service.
const LEFT_OUT: [&str; 2] = ["src/generated.rs", "src/sandbox/"];

pub const CONTRACT_TESTS: &str = "tests/contract/operations.rs";

/// The files of `src/` and `tests/`, with their names from the root.
pub struct Sources(Vec<(String, String)>);

impl Sources {
    pub fn read(root: &Path) -> Result<Self> {
        let mut files = Vec::new();
        for folder in ["src", "tests"].into_iter().filter(|folder| root.join(folder).is_dir()) {
            collect(root, folder, &mut files)?;
        }
        files.retain(|(name, _)| !LEFT_OUT.iter().any(|left_out| name.starts_with(left_out)));
        files.sort();
        Ok(Self(files))
    }

    /// The wrapper that calls the generated function, and the file that it is in.
    pub fn wrapper(&self, function: &str) -> Option<(&str, &str)> {
        // A call, or what is handed to a macro that makes one.
        let calls = [format!("raw.{function}("), format!(", {function})")];
        self.0.iter().filter(|(name, _)| name.starts_with("src/")).find_map(|(name, text)| {
            let at =
                calls.iter().find_map(|call| text.match_indices(call).find(|(at, _)| is_code(text, *at)))?.0;
            let (_, from_name) = text[..at].rsplit_once(" fn ")?;
            let end = from_name.find(|c: char| !is_of_word(c))?;
            Some((name.as_str(), &from_name[..end]))
        })
    }

    /// The operationIds with a contract test: each test begins with its own in quotes.
    pub fn contract_tests(&self) -> BTreeSet<&str> {
        let text = self.0.iter().find(|(name, _)| name == CONTRACT_TESTS).map_or("", |(_, text)| text);
        let tests = text.lines().filter(|line| line.contains("|client"));
        tests.filter_map(|line| Some(line.trim().strip_prefix('"')?.split_once('"')?.0)).collect()
    }

    /// The files of `src/` that have this text.
    pub fn having(&self, text: &str) -> Vec<&str> {
        let files =
            self.0.iter().filter(|(name, content)| name.starts_with("src/") && content.contains(text));
        files.map(|(name, _)| name.as_str()).collect()
    }

    /// The files below a folder that have the word, by how often, and then by name.
    pub fn using(&self, folder: &str, word: &str) -> Vec<&str> {
        let counted = self.0.iter().filter(|(name, _)| name.starts_with(folder));
        let counted = counted.map(|(name, text)| (occurrences(text, word), name.as_str()));
        let mut counted: Vec<_> = counted.filter(|(count, _)| *count > 0).collect();
        counted.sort_by_key(|(count, name)| (std::cmp::Reverse(*count), *name));
        counted.into_iter().map(|(_, name)| name).collect()
    }
}

/// How often the text has this as a whole word.
fn occurrences(text: &str, word: &str) -> usize {
    let is_whole = |at: usize| {
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        !before.ends_with(is_of_word) && !after.starts_with(is_of_word)
    };
    text.match_indices(word).filter(|(at, _)| !word.is_empty() && is_whole(*at)).count()
}

/// Whether it is no comment.
fn is_code(text: &str, at: usize) -> bool {
    text[..at].lines().next_back().is_none_or(|line| !line.trim_start().starts_with("//"))
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn collect(root: &Path, folder: &str, files: &mut Vec<(String, String)>) -> Result<()> {
    let entries = fs::read_dir(root.join(folder)).with_context(|| format!("can't look into {folder}/"))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("can't look into {folder}/"))?;
        let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            if !name.ends_with("/node_modules") {
                collect(root, &name, files)?;
            }
        } else if name.ends_with(".rs") {
            let text = fs::read_to_string(entry.path()).with_context(|| format!("can't read {name}"))?;
            files.push((name, text));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Sources, occurrences};
    use crate::spec::fixture::root;

    #[test]
    fn wrappers_are_found_by_what_they_call() {
        let sources = Sources::read(root()).unwrap();
        assert_eq!(sources.wrapper("get_task_forwards"), Some(("src/tasks.rs", "forwards")));
        assert_eq!(sources.wrapper("get_order"), Some(("src/orders.rs", "get")), "src/client.rs tells of it");
        assert_eq!(sources.wrapper("get_document"), Some(("src/documents.rs", "download")));
        assert_eq!(sources.wrapper("get_original_document"), Some(("src/tasks.rs", "original")));
        assert_eq!(sources.wrapper("get_nothing"), None);
    }

    #[test]
    fn a_word_is_a_whole_one() {
        assert_eq!(occurrences("id id_ id2 (id) idid x.id", "id"), 3);
        assert_eq!(occurrences("id", ""), 0);
        assert_eq!(occurrences("Task::Signed, Task::SignedOff", "Task::Signed"), 1);
    }

    #[test]
    fn the_file_that_has_a_word_most_is_first() {
        let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let sources = Sources(vec![
            file("src/a.rs", "x"),
            file("src/b.rs", "x x"),
            file("src/c.rs", "x"),
            file("src/d.rs", "xx"),
            file("tests/e.rs", "x x x"),
        ]);
        assert_eq!(sources.using("src/", "x"), ["src/b.rs", "src/a.rs", "src/c.rs"]);
    }

    #[test]
    fn neither_the_sandbox_nor_generated_code_is_a_source() {
        let sources = Sources::read(root()).unwrap();
        let names: Vec<_> = sources.0.iter().map(|(name, _)| name.as_str()).collect();
        assert!(names.contains(&"src/order/task.rs") && names.contains(&"tests/contract/operations.rs"));
        for left_out in ["src/sandbox/service.rs", "src/generated.rs"] {
            assert!(root().join(left_out).exists() && !names.contains(&left_out), "{left_out}");
        }
    }
}
