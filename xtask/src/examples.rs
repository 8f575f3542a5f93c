//! Whether every public item has an example, and what else the documentation of each has to hold.
//!
//! An example is a code block that is compiled, and of it what a reader sees. An item that is written by hand (a
//! module, a type, a trait, a function, a method) has one if
//!
//! * it is in the item's own documentation; or
//! * another one names it: `Type::method`, `.method(`, or the name of the type. Where several types have something of
//!   that name, `.method(` counts in the documentation of its own type and of its methods alone. A type is also
//!   shown by an example of one of its methods, and a method that a trait asks for by an `fn` of its name; or
//! * there is a reason why not, in [`REASONS`].
//!
//! What goes over the network (an `async fn`, and whatever gives a download) has an example of its own that is run.
//! What gives a `Result` says when it fails. Every type can be sent to and shared with another thread, and every
//! stream and future is `Unpin`.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::api;
use crate::doctest::{Block, Made, blocks};

/// Public items without an example, and what a type is not (`Type: Trait`), and why.
const REASONS: [(&str, &str); 4] = [
    ("guide", "leads to its pages, which have them"),
    ("guide::faults", "a table that tests/faults/ is made of, and no code"),
    ("Changes: Sync", "a stream: whoever polls it has it alone"),
    ("Ends: Sync", "a stream: whoever polls it has it alone"),
];

/// Says what is missing, or how many examples there are. With a rustc that can't tell, it says that nothing was looked at.
pub fn check() -> Result<()> {
    let json = match api::describe() {
        Err(e) if e.is::<api::OtherFormat>() => {
            println!("skipped, examples are not looked for: {e}");
            return Ok(());
        }
        json => json?,
    };
    let text = fs::read_to_string(&json).with_context(|| format!("can't read {}", json.display()))?;
    let described =
        serde_json::from_str(&text).with_context(|| format!("can't understand {}", json.display()))?;
    let report = Report::of(&Described(&described), &REASONS);
    print!("{}", report.counts);
    if report.missing.is_empty() {
        return Ok(());
    }
    bail!("{} things are missing:\n  {}", report.missing.len(), report.missing.join("\n  "))
}

/// What rustdoc tells of the crate.
struct Described<'j>(&'j Value);

impl<'j> Described<'j> {
    fn item(&self, id: &Value) -> Option<&'j Value> {
        self.0["index"].get(id.to_string())
    }

    fn items(&self, ids: &'j Value) -> impl Iterator<Item = &'j Value> {
        ids.as_array().into_iter().flatten().filter_map(|id| self.item(id))
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Module,
    /// Also a constant and an alias: what is known by its name.
    Type,
    Function,
    /// One that a trait asks for.
    Required,
}

/// A public item.
struct Item {
    path: String,
    name: String,
    /// The path of the type that a function is of.
    owner: Option<String>,
    kind: Kind,
    blocks: Vec<Block>,
    by_hand: bool,
    /// Whether it goes over the network.
    fetches: bool,
    /// Whether it may fail, and whether it says when.
    fails: bool,
    says_when: bool,
    /// What a type is not and has to be.
    lacks: Vec<&'static str>,
}

/// All public items, by their public paths.
fn items(described: &Described<'_>) -> Vec<Item> {
    let mut found = Vec::new();
    if let Some(root) = described.item(&described.0["root"]) {
        found.push(item(root, "crate", None, Kind::Module));
        module(described, root, "", &mut found);
    }
    found
}

fn module<'j>(described: &Described<'j>, of: &'j Value, path: &str, found: &mut Vec<Item>) {
    for child in described.items(&of["inner"]["module"]["items"]) {
        match child["inner"].get("use") {
            Some(import) => match described.item(&import["id"]) {
                Some(target) if import["is_glob"] == true => module(described, target, path, found),
                Some(target) => named(described, target, &joined(path, text(&import["name"])), found),
                // Another crate's.
                None => {}
            },
            None => named(described, child, &joined(path, text(&child["name"])), found),
        }
    }
}

/// An item and what belongs to it.
fn named<'j>(described: &Described<'j>, of: &'j Value, path: &str, found: &mut Vec<Item>) {
    let Some((kind, inner)) = of["inner"].as_object().and_then(|inner| inner.iter().next()) else { return };
    match kind.as_str() {
        "module" => {
            found.push(item(of, path, None, Kind::Module));
            module(described, of, path, found);
        }
        "struct" | "enum" => {
            let lacks = lacks(described, inner);
            found.push(Item { lacks, ..item(of, path, None, Kind::Type) });
            for block in described.items(&inner["impls"]).map(|block| &block["inner"]["impl"]) {
                if block["trait"].is_null() {
                    methods(described, &block["items"], path, Kind::Function, found);
                }
            }
        }
        "trait" => {
            found.push(item(of, path, None, Kind::Type));
            methods(described, &inner["items"], path, Kind::Required, found);
        }
        "function" => found.push(item(of, path, None, Kind::Function)),
        "constant" | "type_alias" => found.push(item(of, path, None, Kind::Type)),
        _ => {}
    }
}

fn methods<'j>(described: &Described<'j>, ids: &'j Value, owner: &str, kind: Kind, found: &mut Vec<Item>) {
    let is_public = |method: &&Value| kind == Kind::Required || method["visibility"] == "public";
    let methods = described.items(ids).filter(|method| method["inner"].get("function").is_some());
    found.extend(methods.filter(is_public).map(|method| {
        let path = joined(owner, text(&method["name"]));
        item(method, &path, Some(owner.to_owned()), kind)
    }));
}

fn item(of: &Value, path: &str, owner: Option<String>, kind: Kind) -> Item {
    let docs = text(&of["docs"]);
    let function = &of["inner"]["function"];
    let output = last_segment(&function["sig"]["output"]);
    Item {
        path: path.to_owned(),
        // An alias of the import's, if it has one.
        name: path.rsplit("::").next().unwrap_or_default().to_owned(),
        owner,
        kind,
        blocks: blocks(docs),
        by_hand: text(&of["span"]["filename"]).starts_with("src/"),
        fetches: function["header"]["is_async"] == true || output == Some("Download"),
        fails: output == Some("Result"),
        says_when: docs.lines().any(|line| line == "# Errors"),
        lacks: Vec::new(),
    }
}

/// What a type is not and has to be, as the compiler found it.
fn lacks(described: &Described<'_>, of: &Value) -> Vec<&'static str> {
    let blocks: Vec<_> = described.items(&of["impls"]).map(|block| &block["inner"]["impl"]).collect();
    let is = |name: &str| {
        let mut of_it = blocks.iter().filter(|block| last_segment_of(text(&block["trait"]["path"])) == name);
        of_it.any(|block| block["is_negative"] == false)
    };
    let mut needed = vec!["Send", "Sync"];
    if ["Stream", "Future", "IntoFuture"].into_iter().any(is) {
        needed.push("Unpin");
    }
    needed.retain(|name| !is(name));
    needed
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}::{name}") }
}

/// The name of a type, without its path.
fn last_segment(of: &Value) -> Option<&str> {
    of["resolved_path"]["path"].as_str().map(last_segment_of)
}

fn last_segment_of(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or_default()
}

/// Whether the code has that name as a whole word, with this before and one of these behind it.
fn names(code: &str, before: &str, name: &str, behind: &[&str]) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let wanted = format!("{before}{name}");
    code.match_indices(&wanted).any(|(at, _)| {
        let (head, tail) = (&code[..at], &code[at + wanted.len()..]);
        let begins = before == "." || !head.ends_with(is_part);
        begins
            && !tail.starts_with(is_part)
            && (behind.is_empty() || behind.iter().any(|b| tail.starts_with(b)))
    })
}

/// What was found.
struct Report {
    counts: String,
    missing: Vec<String>,
}

impl Report {
    fn of(described: &Described<'_>, reasons: &[(&str, &str)]) -> Self {
        let items = items(described);
        let mut unused: BTreeMap<_, _> = reasons.iter().copied().collect();
        let mut missing = Vec::new();
        let (mut own, mut elsewhere, mut excused) = (0, 0, 0);
        for item in items.iter().filter(|item| item.by_hand) {
            let has_own = item.blocks.iter().any(Block::is_example);
            let wants_its_own = item.fetches && item.kind == Kind::Function;
            let is_good = match wants_its_own {
                true => item.blocks.iter().any(|block| block.made == Made::Run),
                false => has_own || is_shown(item, &items),
            };
            match () {
                () if is_good && has_own => own += 1,
                () if is_good => elsewhere += 1,
                () if unused.remove(item.path.as_str()).is_some() => excused += 1,
                () if wants_its_own => {
                    missing.push(format!("{} has no example of its own that is run", item.path))
                }
                () => missing.push(format!("{} is in no example", item.path)),
            }
            if item.fails && !item.says_when {
                missing.push(format!("{} does not say when it fails (# Errors)", item.path));
            }
        }
        for (item, lacked) in
            items.iter().flat_map(|item| item.lacks.iter().map(move |lacked| (item, lacked)))
        {
            if unused.remove(format!("{}: {lacked}", item.path).as_str()).is_none() {
                missing.push(format!("{} is not {lacked}", item.path));
            }
        }
        missing.extend(unused.keys().map(|path| format!("the reason for {path} is not needed")));
        let by_hand = items.iter().filter(|item| item.by_hand).count();
        let blocks = || items.iter().flat_map(|item| &item.blocks);
        let count = |made| blocks().filter(|block| block.made == made).count();
        let counts = format!(
            "{by_hand} public items: {own} with an example of their own, {elsewhere} in another's, {excused} with a reason; \
             {} more are generated\n{} examples are run, {} compiled only, {} must not compile, {} left out\n",
            items.len() - by_hand,
            count(Made::Run),
            count(Made::Compiled),
            count(Made::Refused),
            count(Made::Ignored),
        );
        Self { counts, missing }
    }
}

/// Whether an example of another item names this one.
fn is_shown(item: &Item, items: &[Item]) -> bool {
    let of_its_type = |other: &&Item| {
        let owner = item.owner.as_ref().unwrap_or(&item.path);
        other.path == *owner || other.owner.as_ref() == Some(owner)
    };
    let is_alone =
        items.iter().filter(|other| other.name == item.name && other.kind == item.kind).count() == 1;
    let examples = |of: &mut dyn Iterator<Item = &Item>, shows: &dyn Fn(&str) -> bool| {
        of.flat_map(|item| &item.blocks).any(|block| block.is_example() && shows(&block.seen))
    };
    let calls = ["(", "::<"];
    let owner = item.owner.as_deref().map(last_segment_of);
    match item.kind {
        Kind::Module => false,
        Kind::Type if examples(&mut items.iter().filter(of_its_type), &|_| true) => true,
        Kind::Type => is_alone && examples(&mut items.iter(), &|code| names(code, "", &item.name, &[])),
        Kind::Function | Kind::Required => {
            let method = |code: &str| {
                let is_written = item.kind == Kind::Required && names(code, "fn ", &item.name, &["("]);
                is_written || names(code, ".", &item.name, &calls)
            };
            let function = match owner {
                Some(owner) => format!("{owner}::{}", item.name),
                None => item.name.clone(),
            };
            examples(&mut items.iter(), &|code| names(code, "", &function, &[]))
                || examples(&mut items.iter().filter(of_its_type), &method)
                || (is_alone && examples(&mut items.iter(), &method))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Described, Report, names};

    #[test]
    fn a_name_is_a_whole_word() {
        assert!(names("a.wait(&b)", ".", "wait", &["("]));
        assert!(!names("a.wait_all(&b)", ".", "wait", &["("]));
        assert!(!names("a.wait;", ".", "wait", &["("]));
        assert!(names("let a = Wait::new();", "", "Wait::new", &[]));
        assert!(!names("let a = MyWait::new();", "", "Wait::new", &[]));
    }

    /// A crate with a type `A`, whose methods are `new`, and `get` over the network, and a type `B` with `new`.
    fn crate_with(docs_of_a: &str, docs_of_get: &str) -> Value {
        let auto = |name: &str| json!({ "trait": { "path": name }, "is_negative": false, "items": [] });
        let item = |name: &str, docs: &str, inner: Value| json!({ "name": name, "docs": docs, "visibility": "public", "span": { "filename": "src/a.rs" }, "inner": inner });
        let inherent = |items: Value| json!({ "trait": null, "items": items });
        let function = |is_async: bool, output: &str| {
            let output = json!({ "resolved_path": { "path": output } });
            json!({ "function": { "sig": { "output": output }, "header": { "is_async": is_async } } })
        };
        json!({ "root": 0, "index": {
            "0": item("c", "```\n```", json!({ "module": { "items": [1, 2] } })),
            "1": item("A", docs_of_a, json!({ "struct": { "impls": [3, 4, 5] } })),
            "2": item("B", "```\nlet b = B::new();\n```", json!({ "struct": { "impls": [4, 5, 6] } })),
            "3": item("", "", json!({ "impl": inherent(json!([7, 8])) })),
            "4": item("", "", json!({ "impl": auto("Send") })),
            "5": item("", "", json!({ "impl": auto("core::marker::Sync") })),
            "6": item("", "", json!({ "impl": inherent(json!([9])) })),
            "7": item("new", "", function(false, "A")),
            "8": item("get", docs_of_get, function(true, "Result")),
            "9": item("new", "", function(false, "B")),
        }})
    }

    const SHOWN: &str = "```\nlet a = A::new();\n```";
    const GOT: &str = "```\na.get().await?;\n```\n# Errors\nAt night.";

    fn missing(described: &Value, reasons: &[(&str, &str)]) -> Vec<String> {
        Report::of(&Described(described), reasons).missing
    }

    #[test]
    fn a_crate_that_shows_all_is_counted() {
        let report = Report::of(&Described(&crate_with(SHOWN, GOT)), &[]);
        assert_eq!(report.missing, [""; 0]);
        let said = "6 public items: 4 with an example of their own, 2 in another's, 0 with a reason; 0 more are generated\n\
                    4 examples are run, 0 compiled only, 0 must not compile, 0 left out\n";
        assert_eq!(report.counts, said);
    }

    #[test]
    fn what_is_missing_is_named() {
        let shown_by_another = crate_with("```text\nA::new()\n```", "```no_run\nlet a = a.new();\n```");
        assert_eq!(
            missing(&shown_by_another, &[]),
            ["A::get has no example of its own that is run", "A::get does not say when it fails (# Errors)"]
        );
        assert_eq!(missing(&crate_with("", GOT), &[]), ["A::new is in no example"]);
    }

    #[test]
    fn a_reason_holds_where_it_is_needed_and_nowhere_else() {
        assert_eq!(missing(&crate_with("", GOT), &[("A::new", "it is new")]), [""; 0]);
        assert_eq!(
            missing(&crate_with(SHOWN, GOT), &[("A::new", "it is new")]),
            ["the reason for A::new is not needed"]
        );
    }

    #[test]
    fn a_type_that_stays_in_its_thread_is_named() {
        let mut described = crate_with(SHOWN, GOT);
        described["index"]["2"]["inner"]["struct"]["impls"] = json!([4, 6]);
        assert_eq!(missing(&described, &[]), ["B is not Sync"]);
        assert_eq!(missing(&described, &[("B: Sync", "it is a stream")]), [""; 0]);
    }
}
