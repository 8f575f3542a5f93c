//! `api.md`: the API's operations, a line each, put together from what says it: the contract, the wrappers in `src/`,
//! and the pages and examples that show them.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::str::FromStr;

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use serde_json::Value;

use crate::doctest::{Block, blocks};
use crate::generator::{names, operations, walk};

const TEXT: &str = "api.md";
const CONTRACT: &str = "spec/sign-v1.json";
const GUIDE: &str = "src/guide";
/// Where the names of the guide's pages stand in their sequence.
const INDEX: &str = "src/guide/index.md";
const EXAMPLES: &str = "examples";
/// Where each way to a wrapper begins.
const CLIENT: &str = "Client";

#[derive(Args)]
pub struct Operations {
    /// Write nothing, and fail if the text is not up to date.
    #[arg(long)]
    check: bool,
}

pub fn run(root: &Path, arguments: &Operations) -> Result<()> {
    if arguments.check { check(root) } else { write(root) }
}

fn write(root: &Path) -> Result<()> {
    let text = Sources::read(root)?.text()?;
    fs::write(root.join(TEXT), &text).with_context(|| format!("can't write {TEXT}"))?;
    println!("{TEXT}: written");
    Ok(())
}

/// Whether the text is what contract, wrappers, pages and examples give.
pub fn check(root: &Path) -> Result<()> {
    let text = Sources::read(root)?.text()?;
    let checked_in = fs::read_to_string(root.join(TEXT))
        .with_context(|| format!("can't read {TEXT}, which `cargo xtask operations` writes"))?;
    up_to_date(&checked_in, &text)?;
    println!("{TEXT} is up to date");
    Ok(())
}

fn up_to_date(checked_in: &str, text: &str) -> Result<()> {
    if checked_in == text {
        return Ok(());
    }
    let same = checked_in.lines().zip(text.lines()).take_while(|(old, new)| old == new).count();
    let line = same + 1;
    bail!("{TEXT} is not up to date at line {line}: run `cargo xtask operations` and commit it")
}

/// What the text is made of. Each file with its path in the repository.
struct Sources {
    contract: String,
    /// The library's files.
    library: Vec<(String, String)>,
    /// The guide's pages in their sequence.
    pages: Vec<(String, String)>,
    examples: Vec<(String, String)>,
}

impl Sources {
    fn read(root: &Path) -> Result<Self> {
        let mut pages = files(root, GUIDE, "md")?;
        pages.retain(|(path, _)| path != INDEX);
        let pages = in_sequence(pages, &read(root, INDEX)?)?;
        Ok(Self {
            contract: read(root, CONTRACT)?,
            library: files(root, "src", "rs")?,
            pages,
            examples: files(root, EXAMPLES, "rs")?,
        })
    }

    fn text(&self) -> Result<String> {
        let contract: Value =
            serde_json::from_str(&self.contract).with_context(|| format!("can't understand {CONTRACT}"))?;
        let methods = methods(&self.library)?;
        let pages = shown_by(&self.pages, page_code)?;
        let examples = shown_by(&self.examples, |text| Ok(vec![Code::read(text, text)?]))?;
        let mut text = HEAD.to_owned();
        let mut not_shown = Vec::new();
        for (_, template, method, operation) in walk::operations(&contract) {
            let id = operation["operationId"].as_str().with_context(|| {
                format!(
                    "{CONTRACT}: {method} {template} has no `operationId`; add one, it names the function"
                )
            })?;
            let wrappers = wrappers(&methods, &names::snake(id))?;
            let shown = [&pages, &examples].map(|shown| {
                shown.iter().find(|shown| wrappers.iter().any(|wrapper| shown.shows(&wrapper.chain)))
            });
            if !wrappers.is_empty() && shown.iter().all(Option::is_none) {
                not_shown.push(format!("{id} (`{}`)", wrappers[0].call));
            }
            let name = format!("{} {template}", method.to_uppercase());
            let link = match line_of(&self.contract, id) {
                Some(line) => format!("[`{name}`]({CONTRACT}#L{line})"),
                None => format!("`{name}`"),
            };
            let calls = match &wrappers[..] {
                [] => format!("`raw().{}(..)` only", names::snake(id)),
                calls => calls.iter().map(|call| format!("`{}`", call.call)).collect::<Vec<_>>().join(", "),
            };
            let idempotent = if operations::is_idempotent(method, operation) { "yes" } else { "no" };
            let shown: Vec<_> = shown.into_iter().flatten().map(|shown| shown.link()).collect();
            let summary = operation["summary"].as_str().unwrap_or(id).trim_end_matches('.');
            // Writing to a String can't fail.
            _ = writeln!(text, "| {summary} | {link} | {calls} | {idempotent} | {} |", shown.join(", "));
        }
        if !not_shown.is_empty() {
            bail!(
                "no page of the guide and no example shows {}: call it in {GUIDE}/*.md or {EXAMPLES}/*.rs",
                not_shown.join(", ")
            );
        }
        Ok(text)
    }
}

const HEAD: &str = "\
# The API's operations

All that the contract has, with the call of the client `sign` that makes it. One that is not idempotent is never sent
again where it may have been done ([retries](src/guide/retries.md)). The last column leads to a page of the guide and to
an example that make the call.

`cargo xtask operations` writes this file from `spec/sign-v1.json`, `src/`, `src/guide/` and `examples/`.

| what it does | operation | call of `sign` | idempotent | shown in |
|---|---|---|---|---|
";

fn read(root: &Path, path: &str) -> Result<String> {
    fs::read_to_string(root.join(path)).with_context(|| format!("can't read {path}"))
}

/// The files right in a folder, by their names.
fn files(root: &Path, folder: &str, extension: &str) -> Result<Vec<(String, String)>> {
    let entries = fs::read_dir(root.join(folder)).with_context(|| format!("can't read {folder}"))?;
    let mut found = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        if name.ends_with(&format!(".{extension}")) {
            let path = format!("{folder}/{name}");
            let text = read(root, &path)?;
            found.push((path, text));
        }
    }
    found.sort();
    Ok(found)
}

/// The pages in the sequence of the index, which lists each of them.
fn in_sequence(pages: Vec<(String, String)>, index: &str) -> Result<Vec<(String, String)>> {
    let placed = pages.into_iter().map(|(path, text)| {
        let name = path.rsplit('/').next().unwrap_or_default().trim_end_matches(".md");
        let place =
            index.find(&format!("({name})")).with_context(|| format!("{INDEX} does not list {path}"))?;
        Ok((place, (path, text)))
    });
    let mut placed = placed.collect::<Result<Vec<_>>>()?;
    placed.sort_by_key(|(place, _)| *place);
    Ok(placed.into_iter().map(|(_, page)| page).collect())
}

/// The line, from 1, at which the contract names the operation.
fn line_of(contract: &str, operation_id: &str) -> Option<usize> {
    let name = format!("\"operationId\": \"{operation_id}\"");
    contract.lines().position(|line| line.contains(&name)).map(|index| index + 1)
}

// ---- Wrappers ----

/// A public method of the library.
struct Method {
    /// The type that has it.
    of: String,
    name: String,
    /// As they are given: `&order`.
    arguments: Vec<String>,
    /// The name of the type that it gives, if it is a plain one.
    gives: Option<String>,
    body: TokenStream,
}

fn methods(library: &[(String, String)]) -> Result<Vec<Method>> {
    let mut methods = Vec::new();
    for (path, text) in library {
        let file = syn::parse_file(text).map_err(|error| anyhow!("{path} can't be parsed: {error}"))?;
        for item in file.items {
            let syn::Item::Impl(item) = item else { continue };
            let (None, Some(of)) = (&item.trait_, plain(&item.self_ty)) else { continue };
            let functions = item.items.into_iter().filter_map(|item| match item {
                syn::ImplItem::Fn(function) if matches!(function.vis, syn::Visibility::Public(_)) => {
                    Some(function)
                }
                _ => None,
            });
            methods.extend(functions.map(|function| Method {
                of: of.clone(),
                name: function.sig.ident.to_string(),
                arguments: function.sig.inputs.iter().filter_map(argument).collect(),
                gives: match &function.sig.output {
                    syn::ReturnType::Type(_, given) => plain(given),
                    syn::ReturnType::Default => None,
                },
                body: function.block.to_token_stream(),
            }));
        }
    }
    Ok(methods)
}

/// The name of a type without arguments.
fn plain(of: &syn::Type) -> Option<String> {
    let syn::Type::Path(path) = of else { return None };
    path.path.get_ident().map(ToString::to_string)
}

fn argument(argument: &syn::FnArg) -> Option<String> {
    let syn::FnArg::Typed(argument) = argument else { return None };
    let syn::Pat::Ident(name) = &*argument.pat else { return Some("..".to_owned()) };
    let by = if matches!(&*argument.ty, syn::Type::Reference(_)) { "&" } else { "" };
    Some(format!("{by}{}", name.ident))
}

/// How an operation is called.
#[derive(Clone, Default)]
struct Wrapper {
    /// `tasks(&order).status(&task)`
    call: String,
    /// `tasks`, `status`
    chain: Vec<String>,
}

impl Wrapper {
    fn then(&self, method: &Method) -> Self {
        let dot = if self.call.is_empty() { "" } else { "." };
        let call = format!("{}{dot}{}({})", self.call, method.name, method.arguments.join(", "));
        Self { call, chain: self.chain.iter().chain([&method.name]).cloned().collect() }
    }
}

/// All public methods that call the operation's generated one.
fn wrappers(methods: &[Method], operation: &str) -> Result<Vec<Wrapper>> {
    let calling = methods.iter().filter(|method| calls_raw(method.body.clone(), operation));
    calling
        .map(|method| {
            let way = way_to(methods, &method.of, &mut Vec::new()).with_context(|| {
                format!(
                    "{}::{} calls {operation}, and no method of {CLIENT} leads there",
                    method.of, method.name
                )
            })?;
            Ok(way.then(method))
        })
        .collect()
}

/// The calls that lead from the client to a type.
fn way_to<'m>(methods: &'m [Method], of: &'m str, met: &mut Vec<&'m str>) -> Option<Wrapper> {
    if of == CLIENT {
        return Some(Wrapper::default());
    }
    met.push(of);
    let giving = methods.iter().filter(|method| method.gives.as_deref() == Some(of));
    for method in giving {
        if !met.contains(&method.of.as_str())
            && let Some(way) = way_to(methods, &method.of, met)
        {
            return Some(way.then(method));
        }
    }
    None
}

/// Whether there is `raw.operation(..)`, or a macro that is given the operation's name.
fn calls_raw(body: TokenStream, operation: &str) -> bool {
    let tokens: Vec<_> = body.into_iter().collect();
    tokens.iter().enumerate().any(|(at, token)| match token {
        TokenTree::Group(group) => {
            let of_macro = at >= 1 && is(&tokens[at - 1], "!");
            let names_it = || group.stream().into_iter().any(|token| is(&token, operation));
            (of_macro && names_it()) || calls_raw(group.stream(), operation)
        }
        token => at >= 2 && is(token, operation) && is(&tokens[at - 1], ".") && is(&tokens[at - 2], "raw"),
    })
}

fn is(token: &TokenTree, text: &str) -> bool {
    match token {
        TokenTree::Ident(ident) => ident == text,
        TokenTree::Punct(punct) => text.len() == 1 && text.starts_with(punct.as_char()),
        TokenTree::Group(_) | TokenTree::Literal(_) => false,
    }
}

// ---- What shows them ----

/// A page or an example, with its code.
struct Shown {
    path: String,
    code: Vec<Code>,
}

impl Shown {
    fn shows(&self, chain: &[String]) -> bool {
        self.code.iter().any(|code| code.shows(chain))
    }

    fn link(&self) -> String {
        let name = self.path.trim_start_matches("src/guide/").trim_end_matches(".md");
        format!("[{name}]({})", self.path)
    }
}

fn shown_by(files: &[(String, String)], code: impl Fn(&str) -> Result<Vec<Code>>) -> Result<Vec<Shown>> {
    let shown = |(path, text): &(String, String)| {
        Ok(Shown { path: path.clone(), code: code(text).with_context(|| format!("can't read {path}"))? })
    };
    files.iter().map(shown).collect()
}

struct Code {
    tokens: TokenStream,
    /// What of it a reader sees.
    visible: String,
}

impl Code {
    fn read(whole: &str, visible: &str) -> Result<Self> {
        let tokens = TokenStream::from_str(whole).map_err(|error| anyhow!("this is no Rust: {error}"))?;
        Ok(Self { tokens, visible: visible.to_owned() })
    }

    /// Whether it calls these methods, each on what the one before gave, and a reader sees the last of them.
    fn shows(&self, chain: &[String]) -> bool {
        // What is seen need not be Rust by itself, but a comment is no call.
        let seen = chain.last().is_some_and(|last| {
            let call = format!(".{last}(");
            self.visible.lines().any(|line| line.split("//").next().is_some_and(|code| code.contains(&call)))
        });
        seen && calls(self.tokens.clone(), chain)
    }
}

/// Whether there is `.first(..).second(..)`.
fn calls(code: TokenStream, chain: &[String]) -> bool {
    let tokens: Vec<_> = code.into_iter().collect();
    let is_call = |call: &[TokenTree], name: &String| {
        let arguments = |token: &TokenTree| match token {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Parenthesis,
            _ => false,
        };
        is(&call[0], ".") && is(&call[1], name) && arguments(&call[2])
    };
    let here = tokens
        .windows(chain.len() * 3)
        .any(|calls| calls.chunks_exact(3).zip(chain).all(|(call, name)| is_call(call, name)));
    here || tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => calls(group.stream(), chain),
        _ => false,
    })
}

/// The blocks of a page that are compiled.
fn page_code(page: &str) -> Result<Vec<Code>> {
    let examples = blocks(page).into_iter().filter(Block::is_example);
    examples
        .map(|block| {
            let code = Code::read(&block.whole, &block.seen);
            code.with_context(|| format!("the code at line {}", block.line))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Sources, in_sequence, line_of, up_to_date};

    const CONTRACT: &str = r#"{ "paths": {
        "/things": { "post": {
            "operationId": "makeThing", "summary": "Make a thing." } },
        "/things/{id}/parts/{part}/status": { "get": {
            "operationId": "getPartStatus", "summary": "Get the status of a part" } },
        "/things/{id}/status": { "get": {
            "operationId": "getThingStatus", "summary": "Get the status of a thing" } }
    } }"#;

    const LIBRARY: &str = r#"
        impl Client {
            pub fn things(&self) -> Things { Things(self) }
            pub fn parts(&self, thing: &ThingId) -> Parts { Parts(self) }
        }
        impl Things {
            pub async fn make(&self, thing: Thing) -> Result<Id> { call.read("make_thing", call.raw.make_thing(thing).await) }
            pub async fn status(&self, id: &ThingId) -> Result<Status> { call.raw.get_thing_status(id).await }
        }
        impl Parts {
            pub fn part(&self, part: &PartId) -> Part { Part(self) }
        }
        impl Part {
            pub fn status(&self) -> Download { download!(self, get_part_status) }
        }
    "#;

    const PAGE: &str = "
A page.

```rust
# fn hidden() {
let id = sign.things().make(thing)?;
assert!(sign.things()
    // In a line of its own.
    .status(&id).is_good());
sign.parts(&id).part(&part).status();
# }
```
";

    fn sources(library: &str, page: &str, example: &str) -> Sources {
        let file = |path: &str, text: &str| vec![(path.to_owned(), text.to_owned())];
        Sources {
            contract: CONTRACT.to_owned(),
            library: file("src/things.rs", library),
            pages: file("src/guide/making.md", page),
            examples: file("examples/make.rs", example),
        }
    }

    fn lines(sources: &Sources) -> Vec<String> {
        let text = sources.text().unwrap();
        text.lines().filter(|line| line.starts_with("| ")).skip(1).map(str::to_owned).collect()
    }

    fn failure(sources: &Sources) -> String {
        format!("{:#}", sources.text().unwrap_err())
    }

    #[test]
    fn an_operation_is_told_with_its_calls_and_who_shows_them() {
        let example = "fn main() { Client::new().things().make(thing); }";
        let shown = "[making](src/guide/making.md)";
        assert_eq!(
            lines(&sources(LIBRARY, PAGE, example)),
            [
                format!(
                    "| Make a thing | [`POST /things`](spec/sign-v1.json#L3) | `things().make(thing)` | no | {shown}, \
                     [examples/make.rs](examples/make.rs) |"
                ),
                format!(
                    "| Get the status of a part | [`GET /things/{{id}}/parts/{{part}}/status`](spec/sign-v1.json#L5) | \
                     `parts(&thing).part(&part).status()` | yes | {shown} |"
                ),
                format!(
                    "| Get the status of a thing | [`GET /things/{{id}}/status`](spec/sign-v1.json#L7) | \
                     `things().status(&id)` | yes | {shown} |"
                ),
            ]
        );
    }

    #[test]
    fn all_calls_of_an_operation_are_told() {
        let twice = LIBRARY.replace(
            "impl Parts",
            "impl Things { pub fn make_all(&self) { call.raw.make_thing(one) } }\nimpl Parts",
        );
        let [make, ..] = &lines(&sources(&twice, PAGE, ""))[..] else { panic!("three lines") };
        assert!(make.contains("| `things().make(thing)`, `things().make_all()` |"), "{make}");
    }

    #[test]
    fn one_without_a_wrapper_is_for_raw_alone_and_needs_no_page() {
        let without = LIBRARY.replace("call.raw.make_thing(thing).await", "nothing(thing)");
        let page = PAGE.replace("sign.things().make(thing)?", "1");
        let [make, ..] = &lines(&sources(&without, &page, ""))[..] else { panic!("three lines") };
        assert!(make.contains("| `raw().make_thing(..)` only | no |  |"), "{make}");
    }

    #[test]
    fn those_that_nobody_shows_are_named() {
        let other =
            PAGE.replace(".make(thing)", ".unmake(thing)").replace(".part(&part).status()", ".part(&part)");
        let told = failure(&sources(LIBRARY, &other, ""));
        assert!(told.contains("makeThing (`things().make(thing)`), getPartStatus"), "{told}");
        assert!(!told.contains("getThingStatus"), "{told}");
    }

    #[test]
    fn a_call_in_a_comment_a_text_or_a_hidden_line_is_not_shown() {
        let call = "let id = sign.things().make(thing)?;";
        for (line, what) in [
            ("// sign.things().make(thing)?;", "a comment"),
            ("let id = \"sign.things().make(thing)?\";", "a string"),
            ("# let id = sign.things().make(thing)?;", "a hidden line"),
            ("let id = sign.others().make(thing)?;", "another handle's"),
        ] {
            let told = failure(&sources(LIBRARY, &PAGE.replace(call, line), ""));
            assert!(told.contains("shows makeThing"), "{what}: {told}");
        }
        for info in ["```text", "```rust,ignore", "```rust,compile_fail"] {
            let told = failure(&sources(LIBRARY, &PAGE.replace("```rust", info), ""));
            assert!(told.contains("makeThing"), "{info}: {told}");
        }
    }

    #[test]
    fn what_is_no_rust_is_told_with_its_place() {
        let told = failure(&sources(LIBRARY, &PAGE.replace("# }", "# )"), ""));
        assert!(told.contains("src/guide/making.md") && told.contains("line 4"), "{told}");
        let told = failure(&sources("impl {", PAGE, ""));
        assert!(told.contains("src/things.rs"), "{told}");
        let told = failure(&sources(LIBRARY, PAGE, "fn main() {"));
        assert!(told.contains("examples/make.rs"), "{told}");
    }

    #[test]
    fn a_wrapper_that_the_client_does_not_lead_to_is_named() {
        let told = failure(&sources(&LIBRARY.replace("-> Things {", "-> Others {"), PAGE, ""));
        assert!(told.contains("Things::make calls make_thing"), "{told}");
    }

    #[test]
    fn a_line_that_differs_is_told() {
        assert!(up_to_date("a\nb\n", "a\nb\n").is_ok());
        for (checked_in, line) in [("a\nc\n", 2), ("a\n", 2), ("a\nb\nc\n", 3)] {
            let told = up_to_date(checked_in, "a\nb\n").unwrap_err().to_string();
            assert!(told.contains(&format!("at line {line}:")), "{told}");
        }
    }

    #[test]
    fn the_index_says_the_sequence_of_the_pages_and_lists_each() {
        let pages = ["src/guide/a.md", "src/guide/b.md"].map(|path| (path.to_owned(), String::new()));
        let [first, second] = &in_sequence(pages.to_vec(), "[b](b), [a](a)").unwrap()[..] else {
            panic!("two")
        };
        assert_eq!([&first.0, &second.0], ["src/guide/b.md", "src/guide/a.md"]);
        let told = in_sequence(pages.to_vec(), "[b](b)").unwrap_err().to_string();
        assert!(told.contains("src/guide/a.md"), "{told}");
    }

    #[test]
    fn an_operation_is_found_by_its_whole_name() {
        assert_eq!(line_of(CONTRACT, "getThingStatus"), Some(7));
        assert_eq!(line_of(CONTRACT, "getThing"), None);
    }
}
