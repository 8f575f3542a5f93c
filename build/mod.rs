//! Generates the client and its models from the contract: prepare the document for the generator, generate,
//! finish what it made, add the tables.
//!
//! Used by build.rs, and by xtask, where the tests of these files run.

pub mod bodies;
mod docs;
mod document;
pub mod enums;
mod error;
pub mod exchange;
mod finish;
pub mod hoist;
mod methods;
mod models;
pub mod names;
pub mod operations;
pub mod references;
pub mod rust_types;
#[cfg(test)]
pub mod samples;
pub mod schemas;
mod tables;
#[cfg(test)]
mod traps;
pub mod walk;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::TokenStream;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TagStyle, TypeImpl};
use quote::quote;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use enums::OpenEnum;
pub use error::{Error, Result};
use rust_types::Choice;

/// The text of `generated.rs` for the contract.
pub fn generate(contract: &str) -> Result<String> {
    generate_with(contract, &rust_types::SIGN)
}

fn generate_with(contract: &str, choice: &Choice) -> Result<String> {
    let mut document = document::parse(contract)?;
    references::inline(&mut document)?;
    exchange::drop_unsent(&mut document)?;
    schemas::simplify(&mut document)?;
    let operations = operations::read(&document, contract)?;
    exchange::merge_bodies(&mut document);
    schemas::flatten_compositions(&mut document)?;
    schemas::drop_unused(&mut document);
    hoist::hoist(&mut document)?;
    // For the case that serde_json keeps the order of insertion: what was hoisted stands last.
    document.sort_all_objects();
    schemas::check_names(&document)?;

    let tables = tables::tables(&document, &operations)?;
    let never_sent = finish::read_only_members(&document);

    prepare(&mut document, choice)?;
    let enums = enums::read(&document);
    let generated = run_generator(document, &enums)?;
    let facts = finish::Facts { operations: &operations, enums: &enums, choice, never_sent };
    let finished = finish::finish(generated, tables, &facts)?;
    Ok(header(contract) + &finish::print(&finished, &enums))
}

/// Rewrites the contract into what the generator makes lenient types and one function an operation of.
fn prepare(document: &mut Value, choice: &Choice) -> Result<()> {
    exchange::plain_version(document);
    choice.apply(document)?;
    schemas::relax_required(document)?;
    schemas::strip(document)?;
    docs::clean_all(document)?;
    exchange::drop_shared_parts(document)
}

fn run_generator(document: Value, enums: &[OpenEnum]) -> Result<TokenStream> {
    let api = document::typed(document)?;
    let failed = |problem: String| Error::new("the generator", problem);
    let settings = settings(enums)?;
    // progenitor panics where it meets what it doesn't know.
    let result = catch_unwind(AssertUnwindSafe(|| Generator::new(&settings).generate_tokens(&api)));
    match result {
        Ok(generated) => generated.map_err(|e| failed(e.to_string())),
        Err(panic) => Err(failed(format!("can't do with the contract: {}", message_of(panic.as_ref())))),
    }
}

fn message_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it does not say why")
}

fn settings(enums: &[OpenEnum]) -> Result<GenerationSettings> {
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_tag(TagStyle::Merged)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote!(crate::transport::Transport))
        .with_map_type("::std::collections::BTreeMap")
        .with_derive("PartialEq");
    for open_enum in enums {
        let name = open_enum.name();
        let path = format!("crate::types::{name}");
        settings.with_replacement(name, path, std::iter::once(TypeImpl::Display));
    }
    for format in rust_types::formats() {
        let schema = serde_json::from_value(json!({ "type": "string", "format": format }));
        let schema = schema.map_err(|e| Error::new(&format, e))?;
        settings.with_conversion(schema, &format, [TypeImpl::Display, TypeImpl::FromStr].into_iter());
    }
    Ok(settings)
}

fn header(contract: &str) -> String {
    let hash: String = Sha256::digest(contract).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("// Generated from spec/sign-v1.json (sha256 {hash}) by build.rs; do not edit.\n\n")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::samples::{NO_CHOICE, contract, failure, generate_with, request};
    use super::{Error, generate};

    const CONTRACT: &str = include_str!("../spec/sign-v1.json");

    #[test]
    fn what_is_checked_in_is_what_is_generated() {
        let generated = generate(CONTRACT).unwrap();
        assert!(generated == include_str!("../spec/generated.rs"), "run `cargo xtask spec generate`");
        assert!(generated == generate(CONTRACT).unwrap(), "two runs differ");
    }

    /// OpenAPI 3.0 ignores a `nullable` that stands anywhere else, though build/ and many others do not. A
    /// publisher's document may have one; what is written by hand has none.
    #[test]
    fn nullable_stands_beside_a_type_in_a_contract_written_by_hand() {
        if crate::root().join("spec/upstream.lock.toml").exists() {
            return;
        }
        let mut document = super::document::parse(CONTRACT).unwrap();
        let checked = super::walk::visit_schemas(&mut document, |place, schema| {
            let does_nothing = schema.contains_key("nullable") && !schema.contains_key("type");
            if does_nothing { Err(Error::new(place, "has a `nullable` that does nothing")) } else { Ok(()) }
        });
        assert_eq!(checked, Ok(()));
    }

    #[test]
    fn no_contract_makes_it_panic() {
        let mut contract = request(json!({
            "id": { "type": "string", "description": "`An [id](x)" },
            "parts": { "type": "array", "items": { "allOf": [{ "properties": { "x": { "enum": ["A"] } } }] } },
            "map": { "additionalProperties": { "oneOf": [{ "type": "string" }] } },
        }));
        // A setting that is not among the shared parameters.
        contract["paths"]["/things"]["parameters"] =
            json!([{ "name": "account", "in": "query", "schema": { "enum": ["A"] } }]);
        let mut tried = 0;
        for pointer in pointers(&contract, String::new()) {
            for value in [Value::Null, json!(true), json!(-1), json!("x"), json!([]), json!({}), json!([{}])]
            {
                let mut broken = contract.clone();
                *broken.pointer_mut(&pointer).unwrap() = value;
                if let Err(e) = generate_with(&broken, &NO_CHOICE) {
                    assert!(!e.to_string().contains('\n'), "{e}");
                }
                tried += 1;
            }
        }
        assert!(tried > 300, "{tried}");
    }

    #[test]
    fn a_panic_of_the_generator_is_an_error() {
        let parameter =
            json!({ "name": "id", "in": "path", "required": false, "schema": { "type": "string" } });
        let get = json!({ "operationId": "get", "parameters": [parameter], "responses": { "204": { "description": "" } } });
        let error = failure(&contract(json!({ "/{id}": { "get": get } }), json!({})));
        assert_eq!(
            error,
            "the generator: can't do with the contract: assertion failed: parameter_data.required"
        );
    }

    fn pointers(value: &Value, at: String) -> Vec<String> {
        let steps: Vec<(String, &Value)> = match value {
            Value::Object(members) => {
                members.iter().map(|(name, value)| (name.replace('/', "~1"), value)).collect()
            }
            Value::Array(items) => items.iter().enumerate().map(|(n, item)| (n.to_string(), item)).collect(),
            _ => Vec::new(),
        };
        let deeper = steps.into_iter().flat_map(|(step, value)| pointers(value, format!("{at}/{step}")));
        let deeper: Vec<_> = deeper.collect();
        std::iter::once(at).chain(deeper).collect()
    }
}
