//! Writes YAML as `spec/overlay.yaml` has it: in blocks, and quoted only where it must be.

use serde_json::Value;

/// A value that stands behind a `name:` or a `-`, with what divides them.
pub fn block(value: &Value, indent: usize) -> String {
    let margin = format!("\n{}", " ".repeat(indent));
    match value {
        Value::Object(members) if !members.is_empty() => {
            let lines = members
                .iter()
                .map(|(name, value)| format!("{margin}{}:{}", scalar(name), block(value, indent + 2)));
            lines.collect()
        }
        Value::Array(items) if !items.is_empty() => {
            items.iter().map(|item| format!("{margin}-{}", block(item, indent + 2))).collect()
        }
        Value::String(text) => format!(" {}", scalar(text)),
        // Empty lists and objects too are the same as in JSON.
        plain => format!(" {plain}"),
    }
}

/// A text, as it is where that can't be read as anything else.
fn scalar(text: &str) -> String {
    const WORDS: [&str; 11] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"];
    let plain = |c: char| c.is_ascii_alphanumeric() || " $_./(),'[]-".contains(c);
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '$')
        && text.chars().all(plain)
        && text.trim_end() == text
        && !WORDS.contains(&text.to_ascii_lowercase().as_str());
    // A JSON string is one of YAML's.
    if is_plain { text.to_owned() } else { Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let value = json!({
            "target": "$.paths['/orders/{orderId}'].get",
            "update": { "409": { "nullable": true, "list": ["NO", "no", {}, [], [{ "a": 1 }]] } },
            "no": "a: b # c",
            "empty": {},
            "text": "with \"quotes\", and\nlines",
            "1": null,
        });
        let text = block(&value, 0);
        assert_eq!(serde_saphyr::from_str::<Value>(&text).unwrap(), value, "{text}");
    }
}
