//! Open enums: those string enums of the contract that the library's macro makes able to hold a value that is
//! not in the contract yet.

use std::fmt::Write as _;

use serde_json::Value;

use super::error::{Error, Result};
use super::hoist::is_string_enum;
use super::names::pascal;
use super::walk::{items, schemas};

/// Names that a variant can't have, because the macro gives them to something else.
const RESERVED: [&str; 1] = ["Unknown"];

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
}

impl OpenEnum {
    /// The name of the Rust type.
    pub fn name(&self) -> String {
        pascal(&self.schema)
    }
}

/// Reads every string enum among the named schemas.
pub fn read(document: &Value) -> Result<Vec<OpenEnum>> {
    schemas(document)
        .filter(|(_, schema)| is_string_enum(schema))
        .map(|(name, schema)| open_enum(name, schema))
        .collect()
}

fn open_enum(name: &str, schema: &Value) -> Result<OpenEnum> {
    let mut variants: Vec<Variant> = Vec::new();
    for value in items(schema, "/enum").filter_map(Value::as_str) {
        let variant = Variant { name: variant_name(value), value: value.to_owned() };
        if let Some(other) =
            variants.iter().find(|other| other.name == variant.name || other.folded() == variant.folded())
        {
            let problem = format!(
                "{:?} and {value:?} are read as the same value, without regard to case and with `-` equal to `_`; keep one",
                other.value
            );
            return Err(Error::new(format_args!("components.schemas.{name}"), problem));
        }
        variants.push(variant);
    }
    let description = schema["description"].as_str().unwrap_or(name).to_owned();
    Ok(OpenEnum { schema: name.to_owned(), description, variants })
}

fn variant_name(value: &str) -> String {
    let name = pascal(value);
    if RESERVED.contains(&name.as_str()) { format!("{name}_") } else { name }
}

impl Variant {
    /// The value as the library's comparison sees it.
    fn folded(&self) -> String {
        self.value.to_lowercase().replace('-', "_")
    }
}

/// The macro calls that make the enums, as items of the module of types.
pub fn print(enums: &[OpenEnum]) -> String {
    let mut text = String::new();
    for open_enum in enums {
        text.push_str("    crate::enums::open_enum! {\n");
        for line in open_enum.description.lines() {
            // Writing to a String can't fail.
            let _ = writeln!(text, "{}", format!("        /// {line}").trim_end());
        }
        let _ = writeln!(text, "        pub enum {} {{", open_enum.name());
        for Variant { name, value } in &open_enum.variants {
            let _ = writeln!(text, "            /// `{value}`\n            {name} = {value:?},");
        }
        text.push_str("        }\n    }\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::samples::contract;
    use super::{print, read};

    #[test]
    fn an_enum_is_a_call_of_the_macro() {
        let values = json!(["TASK_CREATED", "notification-sent", "UNKNOWN", "3D", null]);
        let schema = json!({ "description": "What happened.\n\nTo it.", "enum": values });
        let printed = print(&read(&contract(json!({}), json!({ "event-type": schema }))).unwrap());
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

    #[test]
    fn values_that_read_alike_are_refused() {
        for (a, b) in [("SENT", "Sent"), ("A-B", "A_B"), ("A-b", "a_B"), ("aB", "AB"), ("a b", "a.b")] {
            let error =
                read(&contract(json!({}), json!({ "State": { "enum": [a, b] } }))).unwrap_err().to_string();
            let expected = format!(
                "components.schemas.State: {a:?} and {b:?} are read as the same value, \
                 without regard to case and with `-` equal to `_`; keep one"
            );
            assert_eq!(error, expected);
        }
    }
}
