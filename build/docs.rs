//! The contract's descriptions, made safe for rustdoc: nothing in them becomes a doctest, a broken link or an
//! unknown HTML tag, and addresses and placeholders read as such.

use serde_json::Value;

use super::error::Result;
use super::walk::{operations_mut, visit_schemas};

/// Deeper indentation would make a code block, and thereby a doctest.
const DEEPEST_INDENT: usize = 3;

/// Cleans every text of the document that ends up in documentation.
pub fn clean_all(document: &mut Value) -> Result<()> {
    clean_members(document.get_mut("info"), &["title", "description", "termsOfService"]);
    for (_, operation) in operations_mut(document) {
        clean_members(Some(operation), &["summary", "description"]);
        for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
            clean_members(Some(parameter), &["description"]);
        }
    }
    visit_schemas(document, |_, schema| {
        if let Some(Value::String(text)) = schema.get_mut("description") {
            *text = clean(text);
        }
        Ok(())
    })
}

fn clean_members(holder: Option<&mut Value>, names: &[&str]) {
    let Some(Value::Object(holder)) = holder else { return };
    for (name, text) in holder.iter_mut() {
        if let (true, Value::String(text)) = (names.contains(&name.as_str()), text) {
            *text = clean(text);
        }
    }
}

/// One text, made safe.
pub fn clean(text: &str) -> String {
    let mut cleaned = Vec::new();
    let mut paragraph = Vec::new();
    let mut fence: Option<&str> = None;
    for line in text.lines() {
        let bare = line.trim();
        match (fence, fence_of(bare)) {
            (None, Some(opened)) => {
                cleaned.extend(prose(&mut paragraph));
                cleaned.push(format!("{opened}text"));
                fence = Some(opened);
            }
            (Some(open), Some(closing)) if closing.starts_with(open) && closing == bare => {
                cleaned.push(open.to_owned());
                fence = None;
            }
            (Some(_), _) => cleaned.push(line.trim_end().to_owned()),
            (None, None) if bare.is_empty() => {
                cleaned.extend(prose(&mut paragraph));
                cleaned.push(String::new());
            }
            (None, None) => paragraph.push(plain_indent(line)),
        }
    }
    cleaned.extend(prose(&mut paragraph));
    cleaned.extend(fence.map(str::to_owned));
    cleaned.join("\n").trim().to_owned()
}

/// The lines collected so far as one paragraph, if there are any.
fn prose(lines: &mut Vec<String>) -> Option<String> {
    let lines = std::mem::take(lines);
    (!lines.is_empty()).then(|| inline(&lines.join("\n")))
}

/// The run of backticks or tildes that the line opens or closes a code block with.
fn fence_of(line: &str) -> Option<&str> {
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let (fence, info) = line.split_at(line.len() - line.trim_start_matches(mark).len());
    (fence.len() >= 3 && !info.contains('`')).then_some(fence)
}

/// A line of prose whose spaces can't make a code block, neither alone nor in a list or a quotation.
fn plain_indent(line: &str) -> String {
    let words: Vec<_> = line.split_whitespace().collect();
    let indent =
        line.chars().take_while(|c| c.is_whitespace()).map(|c| if c == '\t' { 4 } else { 1 }).sum::<usize>();
    " ".repeat(indent.min(DEEPEST_INDENT)) + &words.join(" ")
}

/// One paragraph of prose, with everything escaped that rustdoc would take for more than text.
fn inline(mut text: &str) -> String {
    let mut out = String::new();
    while let Some(next) = text.chars().next() {
        let (piece, length) = match next {
            '\\' => verbatim(text, text.chars().take(2).map(char::len_utf8).sum()),
            '`' => code_span(text),
            '$' => placeholder(text),
            'h' if !out.ends_with(char::is_alphanumeric) => address(text),
            '<' => html(text),
            '[' => link(text),
            ']' => ("\\]".to_owned(), 1),
            _ => verbatim(text, next.len_utf8()),
        };
        out.push_str(&piece);
        text = &text[length..];
    }
    out
}

/// The first bytes as they are. All functions below give what to write and how many bytes of the text that is
/// for.
fn verbatim(text: &str, length: usize) -> (String, usize) {
    (text[..length].to_owned(), length)
}

/// A code span, or the backticks escaped that nothing closes.
fn code_span(text: &str) -> (String, usize) {
    let width = text.len() - text.trim_start_matches('`').len();
    let mut end = width;
    while let Some(start) = text[end..].find('`') {
        let rest = &text[end + start..];
        let run = rest.len() - rest.trim_start_matches('`').len();
        end += start + run;
        if run == width {
            return verbatim(text, end);
        }
    }
    ("\\`".repeat(width), width)
}

/// `${name}` as code.
fn placeholder(text: &str) -> (String, usize) {
    match text.find('}') {
        Some(end) if text.starts_with("${") && !text[..end].contains(char::is_whitespace) => {
            (format!("`{}`", &text[..=end]), end + 1)
        }
        _ => verbatim(text, 1),
    }
}

/// A bare address as a link.
fn address(text: &str) -> (String, usize) {
    if !is_address(text) {
        return verbatim(text, 1);
    }
    let end = text.find(|c: char| c.is_whitespace() || "<>()[]\"`".contains(c)).unwrap_or(text.len());
    let address = text[..end].trim_end_matches(['.', ',', ';', ':', '!', '?', '\'']);
    (format!("<{address}>"), address.len())
}

fn is_address(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

/// An address that is a link already, or an escaped `<`.
fn html(text: &str) -> (String, usize) {
    match text.find('>') {
        Some(end) if is_address(&text[1..]) && !text[..end].contains(char::is_whitespace) => {
            verbatim(text, end + 1)
        }
        _ => ("\\<".to_owned(), 1),
    }
}

/// A link to an address, or an escaped `[`: rustdoc would look for an item of that name.
fn link(text: &str) -> (String, usize) {
    let found = text.find("](").and_then(|middle| Some((middle, middle + text[middle..].find(')')?)));
    match found {
        Some((middle, end)) if is_address(&text[middle + 2..]) && !text[1..middle].contains(['[', ']']) => {
            (format!("[{}{}", inline(&text[1..middle]), &text[middle..=end]), end + 1)
        }
        _ => ("\\[".to_owned(), 1),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::samples::{NO_CHOICE, contract, generate_with, ok, reference};
    use super::clean;

    #[test]
    fn every_text_is_cleaned() {
        let parameter = json!({ "name": "q", "in": "query", "required": true, "description": "4<x>", "schema": { "type": "string" } });
        let get = json!({
            "operationId": "get", "summary": "1<x>", "description": "2<x>", "parameters": [parameter],
            "responses": { "200": ok(reference("Thing"))["200"], "404": { "description": "3<x>" } }
        });
        let thing = json!({ "description": "5<x>", "properties": {
            "a": { "type": "string", "description": "6<x>" }, "b": { "enum": ["B"], "description": "7<x>" }
        } });
        let mut document = contract(json!({ "/": { "get": get } }), json!({ "Thing": thing }));
        document["info"] =
            json!({ "title": "8<x>", "version": "1", "description": "9<x>", "termsOfService": "10<x>" });

        let text = generate_with(&document, &NO_CHOICE).unwrap();
        assert_eq!(text.matches("<x>").count(), text.matches("\\<x>").count(), "{text}");
        for n in 1..=10 {
            assert!(text.contains(&format!("{n}\\<x>")), "{n}\n{text}");
        }
    }

    #[test]
    fn text_is_only_text() {
        let cases = [
            // What would become code, and thereby a doctest.
            ("a\n\n    let x;\n\tb", "a\n\n   let x;\n   b"),
            ("-      let x;\n>     let y;", "- let x;\n> let y;"),
            ("```\nlet x;\n```", "```text\nlet x;\n```"),
            ("```rust,should-panic\n  x <y>\n", "```text\n  x <y>\n```"),
            ("~~~~\n```\n~~~\n~~~~\n[x]", "~~~~text\n```\n~~~\n~~~~\n\\[x\\]"),
            ("```one line```", "```one line```"),
            // What would become a link, or HTML.
            ("[Task] or [`x`]", "\\[Task\\] or \\[`x`\\]"),
            ("[the docs](https://a.b/c), [here](Task)", "[the docs](https://a.b/c), \\[here\\](Task)"),
            ("<id> a < b <br/>", "\\<id> a \\< b \\<br/>"),
            ("see https://a.b/c?d=e. (http://f)", "see <https://a.b/c?d=e>. (<http://f>)"),
            ("<https://a.b>", "<https://a.b>"),
            // What reads better as code.
            ("sent to ${taskUrl} for $5", "sent to `${taskUrl}` for $5"),
            // What is well as it is.
            ("`${x}` ``<a` [b]`` \\<c>", "`${x}` ``<a` [b]`` \\<c>"),
            ("an open ` tick\n\nand `another", "an open \\` tick\n\nand \\`another"),
            ("* a\n  * b", "* a\n  * b"),
            ("Umlaute: äöü, ß\\", "Umlaute: äöü, ß\\"),
        ];
        for (text, expected) in cases {
            assert_eq!(clean(text), expected, "{text}");
            assert_eq!(clean(expected), expected, "cleaned twice: {text}");
        }
    }
}
