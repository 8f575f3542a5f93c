//! Open enums: those string enums of the contract that the library's macro makes able to hold a value that is
//! not in the contract yet.

use std::fmt::Write as _;

use serde_json::Value;

use super::hoist::is_string_enum;
use super::names::pascal;
use super::walk::{items, schemas};

/// The variant that the macro adds.
const UNKNOWN: &str = "Unknown";

#[derive(Debug)]
pub struct OpenEnum {
    /// The schema's name in the contract.
    pub schema: String,
    description: String,
    variants: Vec<Variant>,
}

#[derive(Debug)]
struct Variant {
    name: String,
    value: String,
    /// Other spellings that are read as the same value.
    also: Vec<String>,
}

impl OpenEnum {
    /// The name of the Rust type.
    pub fn name(&self) -> String {
        pascal(&self.schema)
    }
}

/// Reads every string enum among the named schemas.
pub fn read(document: &Value) -> Vec<OpenEnum> {
    schemas(document)
        .filter(|(_, schema)| is_string_enum(schema))
        .map(|(name, schema)| open_enum(name, schema))
        .collect()
}

fn open_enum(name: &str, schema: &Value) -> OpenEnum {
    let mut variants: Vec<Variant> = Vec::new();
    for value in items(schema, "/enum").filter_map(Value::as_str) {
        match variants.iter_mut().find(|known| same_value(&known.value, value)) {
            Some(known) => known.also.push(value.to_owned()),
            None => {
                let name = free_name(pascal(value), &variants);
                variants.push(Variant { name, value: value.to_owned(), also: Vec::new() });
            }
        }
    }
    let description = schema["description"].as_str().unwrap_or(name).to_owned();
    OpenEnum { schema: name.to_owned(), description, variants }
}

/// The name, or one like it where another variant has it.
fn free_name(mut name: String, taken: &[Variant]) -> String {
    while name == UNKNOWN || taken.iter().any(|variant| variant.name == name) {
        name.push('_');
    }
    name
}

/// Whether the library reads them as the same value.
fn same_value(a: &str, b: &str) -> bool {
    folded(a) == folded(b)
}

/// What the library compares values by: the rule of `src/enums.rs`.
pub fn folded(value: &str) -> String {
    value.to_ascii_uppercase().replace('-', "_")
}

/// The macro calls that make the enums, as items of the module of types.
pub fn print(enums: &[OpenEnum]) -> String {
    let mut text = String::new();
    for open_enum in enums {
        text.push_str("    crate::enums::open_enum! {\n");
        for line in open_enum.description.lines() {
            // Writing to a String can't fail.
            let _ = writeln!(text, "{}", format!("        /// {}", comment(line)).trim_end());
        }
        let _ = writeln!(text, "        pub enum {} {{", open_enum.name());
        for Variant { name, value, also } in &open_enum.variants {
            let also: String = also.iter().map(|other| format!(", also written {}", code(other))).collect();
            let _ = writeln!(text, "            /// {}{also}\n            {name} = {value:?},", code(value));
        }
        text.push_str("        }\n    }\n");
    }
    text
}

/// The value in a comment, which a line end in it would leave.
fn code(value: &str) -> String {
    format!("`{}`", value.replace('`', "'").escape_debug())
}

/// One line of a comment: Rust refuses a lone `\r` in it.
pub fn comment(line: &str) -> String {
    line.trim_end().replace('\r', " ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::samples::{NO_CHOICE, contract, generate_with, ok, reference};
    use super::{print, read};

    #[test]
    fn an_enum_is_a_call_of_the_macro() {
        let values = json!(["TASK_CREATED", "notification-sent", "UNKNOWN", "3D", null]);
        let schema = json!({ "description": "What happened.\n\nTo it.", "enum": values });
        let printed = print(&read(&contract(json!({}), json!({ "event-type": schema }))));
        let expected = r#"    crate::enums::open_enum! {
        /// What happened.
        ///
        /// To it.
        pub enum EventType {
            /// `TASK_CREATED`
            TaskCreated = "TASK_CREATED",
            /// `notification-sent`
            NotificationSent = "notification-sent",
            /// `UNKNOWN`
            Unknown_ = "UNKNOWN",
            /// `3D`
            X3d = "3D",
        }
    }
"#;
        assert_eq!(printed, expected);
    }

    fn variants(values: &[&str]) -> Vec<String> {
        let document = contract(json!({}), json!({ "State": { "enum": values } }));
        read(&document)[0]
            .variants
            .iter()
            .map(|variant| format!("{}={}", variant.name, variant.value))
            .collect()
    }

    /// All that a contract can say, on its way to the code that is compiled.
    #[test]
    fn no_text_of_the_contract_becomes_code() {
        let items = |text: &str| {
            let value = format!("A{text}");
            // In a path and in a reference these mean something.
            let name = text.replace(['/', '{', '}'], "");
            let thing = json!({ "description": text, "properties": {
                (format!("kind{text}")): { "enum": [value, value.to_lowercase()], "description": text },
                "part": { "type": "string", "description": text },
            } });
            let get = json!({
                "operationId": format!("get{text}"), "description": text, "summary": text,
                "parameters": [{ "name": format!("X-H{text}"), "in": "header", "schema": { "type": "string" } }],
                "responses": ok(reference(&format!("Thing{name}"))),
            });
            let names =
                json!({ (format!("Thing{name}")): thing, (format!("State{name}")): { "enum": [value] } });
            let mut document = contract(json!({ (format!("/x{name}")): { "get": get } }), names);
            document["info"] = json!({ "title": text, "version": text });
            let code = generate_with(&document, &NO_CHOICE).unwrap();
            assert!(!code.contains('\r'), "{code}");
            syn::parse_file(&code).unwrap().items.iter().map(count).sum::<usize>()
        };
        let harmless = items("");
        for text in
            ["\n}} fn evil() {}", "\rx", "`", "*/ fn", "\"", "\\", "\u{2028}x", "\n    open_enums!();\n", "²"]
        {
            assert_eq!(items(text), harmless, "{text:?}");
            assert_eq!(items(&format!("\n```\n{text}\n    open_enums!();\n")), harmless, "{text:?}");
        }
    }

    /// The item and those in it.
    fn count(item: &syn::Item) -> usize {
        match item {
            syn::Item::Mod(module) => module.content.iter().flat_map(|(_, items)| items).map(count).sum(),
            _ => 1,
        }
    }

    #[test]
    fn values_that_are_read_alike_are_one_variant() {
        for (a, b) in [("SENT", "Sent"), ("A-B", "A_B"), ("A-b", "a_B"), ("aB", "AB"), ("A", "A")] {
            assert_eq!(variants(&[a, b]).len(), 1, "{a} {b}");
        }
    }

    #[test]
    fn values_that_differ_are_variants_of_different_names() {
        assert_eq!(variants(&["a b", "a.b", "a_b"]), ["AB=a b", "AB_=a.b", "AB__=a_b"]);
        assert_eq!(variants(&[">=", "<"]), ["X=>=", "X_=<"]);
        assert_eq!(variants(&["unknown", "Unknown "]), ["Unknown_=unknown", "Unknown__=Unknown "]);
    }
}
