//! Reads a published document, and says whether it is what it should be. The errors begin with a verb: who calls
//! puts the document's name before them.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde_json::Value;
use serde_saphyr::UserMessageFormatter;

use super::names::{blanked, key};
use super::unique_keys::UniqueKeys;
use crate::generator::walk::{members, operations};

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Format {
    Json,
    Yaml,
}

impl Format {
    pub fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Yaml => "yaml",
        }
    }
}

/// The document in a file, for a comparison.
pub fn read(path: &Path) -> Result<Value> {
    let bytes = fs::read(path).with_context(|| format!("can't read {}", path.display()))?;
    let (_, document) = parse(&bytes).map_err(|error| anyhow!("{} {error}", path.display()))?;
    Ok(document)
}

/// The members are in the order of the text.
pub fn parse(bytes: &[u8]) -> Result<(Format, Value)> {
    let text = str::from_utf8(bytes).map_err(|error| anyhow!("is not UTF-8 text: {error}"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match text.trim_start().chars().next() {
        None => bail!("is empty"),
        Some('<') => bail!("is a web page (HTML), not an OpenAPI document"),
        Some('{') => Ok((Format::Json, json(text)?)),
        Some(_) => Ok((Format::Yaml, yaml(text)?)),
    }
}

fn json(text: &str) -> Result<Value> {
    let UniqueKeys(value) = serde_json::from_str(text).map_err(|error| match error.is_data() {
        true => anyhow!("is ambiguous JSON: {error}"),
        false => anyhow!("is cut off or broken JSON: {error}"),
    })?;
    Ok(value)
}

fn yaml(text: &str) -> Result<Value> {
    // The budgets, which stop an alias bomb, are on by default, and so is the refusal of a key that is there twice.
    // `no` is Norwegian, as in YAML 1.2.
    let options = serde_saphyr::options! { strict_booleans: true, with_snippet: false };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let why = error.render_with_formatter(&UserMessageFormatter);
        anyhow!("is cut off or broken YAML: {}", why.replace('\n', " "))
    })
}

/// Is it an OpenAPI 3.0 description of some API?
pub fn check(document: &Value) -> Result<()> {
    if let Some(version) = document.get("swagger") {
        bail!("is Swagger {}; OpenAPI 3.0 is needed", plain(version));
    }
    let Some(version) = document.get("openapi") else {
        bail!("is no OpenAPI document: it has no `openapi`, the version");
    };
    let version = plain(version);
    ensure!(
        version == "3.0" || version.starts_with("3.0."),
        "is OpenAPI {version}; 3.0 is needed: progenitor reads no other"
    );
    ensure!(
        document["openapi"].is_string(),
        "has a number as `openapi`; it must be a string, like \"3.0.1\""
    );
    ensure!(document["info"]["title"].is_string(), "has no `info.title`");
    ensure!(members(document, "/paths").next().is_some(), "has no paths");
    for (place, part) in objects(document) {
        ensure!(part.is_object(), "has something at {place} that is no object");
    }
    Ok(())
}

/// What has to be objects for anything to be found in them.
fn objects(document: &Value) -> Vec<(String, &Value)> {
    let components = document.get("components").map(|components| ("components".to_owned(), components));
    let sections =
        members(document, "/components").map(|(name, section)| (format!("components.{name}"), section));
    let items = members(document, "/paths").map(|(path, item)| (format!("paths.{path}"), item));
    let operations = operations(document).map(|(place, _, _, operation)| (place, operation));
    components.into_iter().chain(sections).chain(items).chain(operations).collect()
}

/// Has it at least half of the contract's operations? A parameter's name in a path may be another.
pub fn is_same_api(document: &Value, contract: &Value) -> Result<()> {
    let wanted = blanked_operations(contract);
    let there = blanked_operations(document).intersection(&wanted).count();
    ensure!(
        there * 2 >= wanted.len(),
        "describes another API (`{}`): it has {there} of the contract's {} operations",
        plain(&document["info"]["title"]),
        wanted.len()
    );
    Ok(())
}

fn blanked_operations(document: &Value) -> HashSet<String> {
    operations(document).map(|(_, path, method, _)| key(method, &blanked(path))).collect()
}

/// A value of the document for an error's line: a string without its quotes, and without line breaks.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), |text| text.escape_debug().to_string())
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::fs;

    use anyhow::Result;
    use serde_json::{Value, json};

    use super::{Format, check, is_same_api, parse, read};
    use crate::spec::fixture::contract;

    fn refusal<T>(result: Result<T>) -> String {
        let lines = format!("{:#}", result.err().expect("it was taken"));
        assert!(!lines.contains('\n'), "{lines}");
        lines
    }

    fn parsed(text: &str) -> Value {
        parse(text.as_bytes()).unwrap().1
    }

    #[test]
    fn what_is_no_document_is_refused_in_one_line() {
        let refused = |bytes: &[u8]| refusal(parse(bytes));
        let page = "is a web page (HTML), not an OpenAPI document";
        assert_eq!(refused(b" \n"), "is empty");
        assert_eq!(refused(b"\n <!DOCTYPE html>"), page);
        assert_eq!(refused("\u{feff}<html>".as_bytes()), page);
        assert_eq!(
            refused(b"{}\n\x1f\x8b"),
            "is not UTF-8 text: invalid utf-8 sequence of 1 bytes from index 4"
        );
        assert_eq!(
            refused(b"{\n  \"paths\": {\n    \"/a\": "),
            "is cut off or broken JSON: EOF while parsing a value at line 3 column 10"
        );
        assert_eq!(refused(b"{} {}"), "is cut off or broken JSON: trailing characters at line 1 column 4");
        assert_eq!(
            refused(br#"{"paths": {"/a": 1, "/a": 2}}"#),
            "is ambiguous JSON: the key `/a` is there twice at line 1 column 24"
        );
    }

    #[test]
    fn broken_yaml_is_refused_in_one_line() {
        let refused = |text: &str| refusal(parse(text.as_bytes()));
        assert_eq!(
            refused("paths:\n  /a: 'x"),
            "is cut off or broken YAML: unclosed quote at line 2, column 7"
        );
        assert_eq!(
            refused("a: 1\n---\nb: 2\n"),
            "is cut off or broken YAML: only single YAML document expected but multiple found at line 3, column 1"
        );
        assert_eq!(
            refused("200: a\n\"200\": b\n"),
            "is cut off or broken YAML: duplicate mapping key: 200 not allowed here at line 2, column 1"
        );
        assert_eq!(
            refused("\"a\\nb\": 1\n\"a\\nb\": 2\n"),
            "is cut off or broken YAML: duplicate mapping key: a b not allowed here at line 2, column 1"
        );
    }

    #[test]
    fn an_alias_bomb_is_refused() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
            writeln!(bomb, "a{level}: &a{level} [{aliases}]").unwrap();
        }
        assert!(refusal(parse(bomb.as_bytes())).contains("budget breached: Nodes"));

        let mut long = format!("a: &a {}\n", "x".repeat(1024 * 1024));
        (0..80).for_each(|index| writeln!(long, "b{index}: *a").unwrap());
        assert!(refusal(parse(long.as_bytes())).contains("limits breached: ScalarBytes"));
    }

    #[test]
    fn scalars_are_those_of_yaml_1_2() {
        let text = "
# A comment may come first.
language: no
languages: [on, yes, n, Norwegian]
on: 2024-01-31
at: 2024-01-31T10:00:00Z
responses: { 200: &ok { description: OK }, '201': *ok, default: ~ }
limits: [1, -1, 1.5, 1e3, 0x1F, true, False, '1', null]
text: |
  two
  lines
";
        let expected = json!({
            "language": "no",
            "languages": ["on", "yes", "n", "Norwegian"],
            "on": "2024-01-31",
            "at": "2024-01-31T10:00:00Z",
            "responses": { "200": { "description": "OK" }, "201": { "description": "OK" }, "default": null },
            "limits": [1, -1, 1.5, 1000.0, 31, true, false, "1", null],
            "text": "two\nlines\n"
        });
        let (format, document) = parse(text.as_bytes()).unwrap();
        assert_eq!(format, Format::Yaml);
        assert_eq!(document.to_string(), expected.to_string());
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_document() {
        assert_eq!(parse("\u{feff}{\"a\": 1}".as_bytes()).unwrap(), (Format::Json, json!({ "a": 1 })));
        assert_eq!(parse("\u{feff}a: 1".as_bytes()).unwrap(), (Format::Yaml, json!({ "a": 1 })));
    }

    #[test]
    fn the_contract_is_the_same_as_json_and_as_yaml() {
        let mut text = String::new();
        write_yaml(contract(), 0, &mut text);
        let (format, document) = parse(text.as_bytes()).unwrap();
        assert_eq!(format, Format::Yaml);
        // As text, because the order of the members counts.
        assert_eq!(document.to_string(), contract().to_string());
    }

    /// As block collections, with keys of letters and digits unquoted. A scalar of JSON is one of YAML.
    fn write_yaml(value: &Value, indent: usize, text: &mut String) {
        let mut entry = |name: &str, value: &Value| {
            write!(text, "\n{:indent$}{name} ", "").unwrap();
            write_yaml(value, indent + 2, text);
        };
        match value {
            Value::Object(members) if !members.is_empty() => {
                for (key, value) in members {
                    let is_plain = key.chars().all(char::is_alphanumeric);
                    let key = if is_plain { key.clone() } else { Value::from(key.as_str()).to_string() };
                    entry(&format!("{key}:"), value);
                }
            }
            Value::Array(items) if !items.is_empty() => items.iter().for_each(|item| entry("-", item)),
            scalar => write!(text, "{scalar}").unwrap(),
        }
    }

    #[test]
    fn a_file_is_named_where_it_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("page.json");
        let absent = refusal(read(&file));
        assert!(absent.starts_with(&format!("can't read {}: ", file.display())), "{absent}");
        fs::write(&file, "<html>").unwrap();
        assert_eq!(
            refusal(read(&file)),
            format!("{} is a web page (HTML), not an OpenAPI document", file.display())
        );
    }

    #[test]
    fn only_openapi_3_0_with_a_title_and_paths_is_taken() {
        let refused = |text: &str| refusal(check(&parsed(text)));
        let none = "is no OpenAPI document: it has no `openapi`, the version";
        assert_eq!(refused("Not found"), none);
        assert_eq!(refused("[{}]"), none);
        assert_eq!(refused("{}"), none);
        assert_eq!(refused("swagger: \"2.0\""), "is Swagger 2.0; OpenAPI 3.0 is needed");
        assert_eq!(refused("swagger: 2.0"), "is Swagger 2.0; OpenAPI 3.0 is needed");
        assert_eq!(refused("openapi: 3.1.0"), "is OpenAPI 3.1.0; 3.0 is needed: progenitor reads no other");
        assert_eq!(
            refused("openapi: \"3.1\\n\""),
            "is OpenAPI 3.1\\n; 3.0 is needed: progenitor reads no other"
        );
        assert_eq!(refused("openapi: 3.0"), "has a number as `openapi`; it must be a string, like \"3.0.1\"");
        assert_eq!(refused("openapi: 3.0.1\npaths: { /a: {} }"), "has no `info.title`");
        assert_eq!(refused("openapi: 3.0.1\ninfo: { title: T }"), "has no paths");
        assert_eq!(refused("openapi: 3.0.1\ninfo: { title: T }\npaths: {}"), "has no paths");
        check(&parsed("openapi: 3.0.1\ninfo: { title: T }\npaths: { /a: {} }")).unwrap();
        check(contract()).unwrap();
    }

    #[test]
    fn what_holds_others_is_an_object() {
        for (place, pointer) in [
            ("paths./orders", "/paths/~1orders"),
            ("paths./orders.post", "/paths/~1orders/post"),
            ("components", "/components"),
            ("components.parameters", "/components/parameters"),
        ] {
            let mut odd = contract().clone();
            *odd.pointer_mut(pointer).unwrap() = json!([]);
            assert_eq!(refusal(check(&odd)), format!("has something at {place} that is no object"));
        }
    }

    #[test]
    fn another_api_is_known_by_its_operations() {
        let mut document = contract().clone();
        is_same_api(&document, contract()).unwrap();
        is_same_api(&parsed(&document.to_string().replace("{orderId}", "{id}")), contract()).unwrap();

        document["info"]["title"] = "Billing\n".into();
        document["paths"] = json!({ "/bills/{id}": { "get": {}, "parameters": [] } });
        assert_eq!(
            refusal(is_same_api(&document, contract())),
            "describes another API (`Billing\\n`): it has 0 of the contract's 17 operations"
        );
    }

    #[test]
    fn half_of_the_operations_is_enough() {
        let contract =
            json!({ "paths": { "/a/{b}": { "get": {}, "put": {} }, "/c/{d}.pdf": { "get": {} } } });
        let two = json!({ "paths": { "/a/{x}": { "get": {} }, "/c/{x}.pdf": { "get": {} } } });
        is_same_api(&two, &contract).unwrap();
        let one = json!({ "info": { "title": "T" }, "paths": { "/a/{x}": { "get": {} }, "/c/{x}": { "get": {} } } });
        assert_eq!(
            refusal(is_same_api(&one, &contract)),
            "describes another API (`T`): it has 1 of the contract's 3 operations"
        );
    }
}
