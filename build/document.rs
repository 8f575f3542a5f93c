//! The contract as a whole: read and checked, and handed over to the generator.

use std::collections::BTreeSet;

use openapiv3::{OpenAPI, Operation, ReferenceOr, Schema};
use serde_json::Value;

use super::error::{Error, Result};
use super::walk::{SCHEMAS, items, join, operations, schema_pointer, schemas, visit_schemas};

/// Reads the contract. Members are sorted, also where another crate makes serde_json keep their order, every
/// reference leads somewhere, and no schema consists of itself.
pub fn parse(contract: &str) -> Result<Value> {
    let mut document: Value = serde_json::from_str(contract).map_err(|e| Error::new("the contract", e))?;
    document.sort_all_objects();
    check_references("", &document, &document)?;
    let mut done = BTreeSet::new();
    schemas(&document).try_for_each(|(name, _)| check_circle(name, &mut vec![name], &mut done, &document))?;
    Ok(document)
}

fn check_references(place: &str, value: &Value, document: &Value) -> Result<()> {
    match value {
        Value::Object(members) => {
            if let Some(Value::String(target)) = members.get("$ref")
                && target.strip_prefix('#').and_then(|pointer| document.pointer(pointer)).is_none()
            {
                return Err(Error::new(
                    place,
                    format_args!("`$ref` to {target:?}, which is not in the contract"),
                ));
            }
            members.iter().try_for_each(|(name, value)| check_references(&join(place, name), value, document))
        }
        Value::Array(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(n, item)| check_references(&join(place, n), item, document)),
        _ => Ok(()),
    }
}

/// A schema must not consist of itself: there is no end to what it is, and the generator looks for it.
/// What is done has none and is not looked at by another way.
fn check_circle<'a>(
    name: &'a str,
    way: &mut Vec<&'a str>,
    done: &mut BTreeSet<&'a str>,
    document: &'a Value,
) -> Result<()> {
    if done.contains(name) {
        return Ok(());
    }
    let mut parts = Vec::new();
    document.pointer(&schema_pointer(name)).into_iter().for_each(|schema| consists_of(schema, &mut parts));
    for part in parts {
        if way.contains(&part) {
            let problem = format!("consists of itself, by way of {}", way.join(", "));
            return Err(Error::new(format_args!("components.schemas.{part}"), problem));
        }
        way.push(part);
        check_circle(part, way, done, document)?;
        way.pop();
    }
    done.insert(name);
    Ok(())
}

/// The named schemas that a schema is, or is made of; not those of its members.
fn consists_of<'a>(schema: &'a Value, found: &mut Vec<&'a str>) {
    found.extend(schema.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix(SCHEMAS)));
    let parts = ["/allOf", "/anyOf", "/oneOf"].into_iter().flat_map(|key| items(schema, key));
    parts.chain(schema.get("items")).for_each(|part| consists_of(part, found));
}

/// The document as the generator takes it. If it is not OpenAPI 3.0, the error names the innermost part that
/// is not.
pub fn typed(mut document: Value) -> Result<OpenAPI> {
    let whole = match read("the contract", &document, serde_json::from_value::<OpenAPI>) {
        Ok(api) => return Ok(api),
        Err(e) => e,
    };
    visit_schemas(&mut document, |place, schema| {
        let schema = Value::Object(schema.clone());
        read(place, &schema, serde_json::from_value::<ReferenceOr<Schema>>).map(drop)
    })?;
    for (place, _, _, operation) in operations(&document) {
        read(&place, operation, serde_json::from_value::<Operation>)?;
    }
    Err(whole)
}

fn read<T>(place: &str, value: &Value, read: fn(Value) -> serde_json::Result<T>) -> Result<T> {
    read(value.clone()).map_err(|e| Error::new(place, format_args!("is not OpenAPI 3.0: {e}")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::samples::{contract, generate, reference, request};
    use super::{parse, typed};

    #[test]
    fn a_reference_must_lead_somewhere() {
        for target in ["#/components/schemas/Thing", "other.json#/Thing"] {
            let holder = json!({ "properties": { "thing": { "$ref": target } } });
            let error = parse(&contract(json!({}), json!({ "Holder": holder })).to_string()).unwrap_err();
            let problem = format!("`$ref` to {target:?}, which is not in the contract");
            assert_eq!(error.to_string(), format!("components.schemas.Holder.properties.thing: {problem}"));
        }
    }

    #[test]
    fn what_is_not_openapi_is_named() {
        let list = json!({ "type": "array", "items": { "description": 1 } });
        let schemas = json!({ "Thing": { "properties": { "list": list } } });
        let operation = json!({ "tags": 1, "responses": {} });
        let documents = [
            (
                contract(json!({}), schemas),
                "components.schemas.Thing.properties.list.items: is not OpenAPI 3.0: ",
            ),
            (contract(json!({ "/": { "get": operation } }), json!({})), "paths./.get: is not OpenAPI 3.0: "),
            (json!({ "openapi": "3.0.1" }), "the contract: is not OpenAPI 3.0: missing field `info`"),
        ];
        for (document, message) in documents {
            let error = typed(document).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }

    #[test]
    fn a_schema_that_consists_of_itself_is_an_error() {
        let schemas = json!({
            "A": { "allOf": [{ "oneOf": [reference("B")] }] },
            "B": reference("C"),
            "C": { "items": { "anyOf": [reference("B")] } }
        });
        let error = parse(&contract(json!({}), schemas).to_string()).unwrap_err();
        assert_eq!(error.to_string(), "components.schemas.B: consists of itself, by way of A, B, C");

        let tree = json!({ "Tree": { "properties": { "branches": { "items": reference("Tree") } } } });
        parse(&contract(json!({}), tree).to_string()).unwrap();
    }

    /// Each is made of the next one twice, so there are 2^30 ways to the last.
    #[test]
    fn what_is_reached_by_many_ways_is_looked_at_once() {
        let all = (0..30).map(|n| (format!("S{n:02}"), json!({ "allOf": [reference(&format!("S{:02}", n + 1)), reference(&format!("S{:02}", n + 1))] })));
        let mut schemas: serde_json::Map<_, _> = all.collect();
        schemas.insert(
            "S30".into(),
            json!({ "properties": { "id": { "type": "string" } }, "required": ["id"] }),
        );
        schemas.insert("Thing".into(), json!({ "properties": { "it": reference("S00") } }));
        let mut document = request(json!({}));
        document["components"]["schemas"] = schemas.into();
        generate(&document);
    }
}
