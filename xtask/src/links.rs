//! Links within the repository: what the documents lead to is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::process::git;
use crate::root;

/// What is at the root, or is written as if it were. Words in code spans that begin so are paths.
const BEGINNINGS: [&str; 11] = [
    ".ci/",
    ".github/",
    "benches/",
    "build/",
    "examples/",
    "spec/",
    "src/",
    "tests/",
    "xtask/",
    "public-api",
    "target/",
];

/// What is there only after something was done, as the documents say.
const MADE: [&str; 9] = [
    "examples/contract.sealed.pdf",
    "names.toml",
    "spec/names.toml",
    "spec/overlay.yaml",
    "spec/upstream.json",
    "spec/upstream.lock.toml",
    "src/lending.rs",
    "tests/lending.rs",
    "upstream.lock.toml",
];

#[test]
fn every_link_and_path_in_the_documents_leads_somewhere() {
    let documents = documents();
    let (mut broken, mut followed) = (Vec::new(), 0);
    for document in &documents {
        let text = fs::read_to_string(document).unwrap();
        let name = document.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
        let targets = targets(&text).into_iter();
        // A page of the guide leads to another by the name of its module: rustdoc sees to that.
        let is_module = |target: &Target| matches!(target, Target::Link(link) if name.starts_with("src/") && !link.contains(['.', '#']));
        for target in targets.filter(|target| !is_module(target)) {
            followed += 1;
            if !leads(document, &text, &target) {
                broken.push(format!("{name}: {target:?}"));
            }
        }
    }
    println!("{followed} links and paths in {} documents", documents.len());
    assert!(documents.len() > 6 && followed > 80, "{} documents, {followed} links", documents.len());
    assert_eq!(broken, [""; 0]);
}

/// All that people read as a page: at the root, in the guide and beside what they explain.
fn documents() -> Vec<PathBuf> {
    let known = git(root(), &["ls-files", "*.md"]).unwrap();
    known.lines().map(|name| root().join(name)).filter(|document| document.exists()).collect()
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    /// A file, and a heading in it, as a link names them: beside the document.
    Link(String),
    /// A path in a code span, from the root.
    Path(String),
}

/// What a document leads to within the repository. What is elsewhere, and what rustdoc resolves, is not ours to follow.
fn targets(text: &str) -> BTreeSet<Target> {
    Parser::new_ext(text, Options::ENABLE_TABLES)
        .filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                let elsewhere = dest_url.contains("://") || dest_url.starts_with("mailto:");
                (!elsewhere && !dest_url.contains("::")).then(|| Target::Link(dest_url.into_string()))
            }
            Event::Code(code) => path_in(&code).map(|path| Target::Path(path.to_owned())),
            _ => None,
        })
        .collect()
}

/// The path that a code span is, if it is one and stands for one file or folder.
fn path_in(code: &str) -> Option<&str> {
    let is_document = code.ends_with(".md") || code.ends_with(".toml");
    let is_path = BEGINNINGS.iter().any(|start| code.starts_with(start)) || is_document;
    let is_one = !code.contains([' ', '*', '<', '{', '…', '(', '$']);
    (is_path && is_one && !code.starts_with("target/") && !MADE.contains(&code)).then_some(code)
}

fn leads(document: &Path, text: &str, target: &Target) -> bool {
    match target {
        // Where it is said of which folder it is spoken, a path may begin there.
        Target::Path(path) => {
            let beside = document.parent().unwrap_or(root());
            let files = [root().join(path), beside.join(path), root().join("spec").join(path)];
            files.iter().any(|file| file.exists())
        }
        Target::Link(link) => {
            let (file, heading) =
                link.split_once('#').map_or((&**link, None), |(file, heading)| (file, Some(heading)));
            let path =
                if file.is_empty() { document.to_owned() } else { document.parent().unwrap().join(file) };
            match heading {
                None => path.exists(),
                Some(place) if file.is_empty() => has(text, place),
                Some(place) => fs::read_to_string(path).is_ok_and(|text| has(&text, place)),
            }
        }
    }
}

/// Whether a text has this heading, or, as `L12`, this line.
fn has(text: &str, place: &str) -> bool {
    match place.strip_prefix('L').and_then(|line| line.parse::<usize>().ok()) {
        Some(line) => (1..=text.lines().count()).contains(&line),
        None => headings(text).contains(place),
    }
}

/// The names by which headings are linked to: in small letters, words joined by hyphens.
fn headings(text: &str) -> BTreeSet<String> {
    let (mut found, mut heading) = (BTreeSet::new(), None::<String>);
    for event in Parser::new(text) {
        match (event, &mut heading) {
            (Event::Start(Tag::Heading { .. }), _) => heading = Some(String::new()),
            (Event::Text(words) | Event::Code(words), Some(heading)) => heading.push_str(&words),
            (Event::End(TagEnd::Heading(_)), Some(words)) => {
                let kept = words.to_lowercase().replace(' ', "-");
                found.insert(kept.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect());
                heading = None;
            }
            _ => {}
        }
    }
    found
}

#[test]
fn what_leads_nowhere_is_found() {
    let text = "# A title, with `code`\n\n[there](#a-title-with-code) [not](#a-title) [gone](gone.md) \
        [web](https://example.com) [rustdoc](crate::Client) \
        [line](LICENSE-MIT#L1) [no line](LICENSE-MIT#L9999)\n`src/lib.rs` `src/gone.rs` `tests/*.rs` `README.md`";
    let document = root().join("README.md");
    let broken: Vec<_> = targets(text).into_iter().filter(|target| !leads(&document, text, target)).collect();
    let link = |to: &str| Target::Link(to.to_owned());
    let expected = [
        link("#a-title"),
        link("LICENSE-MIT#L9999"),
        link("gone.md"),
        Target::Path("src/gone.rs".to_owned()),
    ];
    assert_eq!(broken, expected);
}
