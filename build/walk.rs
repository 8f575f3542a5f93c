//! Ways through the contract: to its operations, its schemas, and from one schema to another.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value};

use super::error::{Error, Result};

pub type Object = Map<String, Value>;

/// The operations that a path item can hold.
const METHODS: [&str; 8] = ["delete", "get", "head", "options", "patch", "post", "put", "trace"];

/// What a reference to a named schema begins with.
pub const SCHEMAS: &str = "#/components/schemas/";

/// Where a named schema is in the document.
pub fn schema_pointer(name: &str) -> String {
    format!("/components/schemas/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// One step further down a place such as `components.schemas.Task`.
pub fn join(place: &str, step: impl fmt::Display) -> String {
    if place.is_empty() { step.to_string() } else { format!("{place}.{step}") }
}

/// The members of the object at `pointer`; none where there is no object.
pub fn members<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    value.pointer(pointer).and_then(Value::as_object).into_iter().flatten()
}

pub fn members_mut<'a>(
    value: &'a mut Value,
    pointer: &str,
) -> impl Iterator<Item = (&'a String, &'a mut Value)> {
    value.pointer_mut(pointer).and_then(Value::as_object_mut).into_iter().flatten()
}

/// The object of the components that has this name, which is made if there is none.
pub fn components_mut<'a>(document: &'a mut Value, name: &str) -> Result<&'a mut Object> {
    let mut found = document;
    let mut place = String::new();
    for step in ["components", name] {
        let holder = found.as_object_mut().ok_or_else(|| Error::new(&place, "is no object"))?;
        found = holder.entry(step).or_insert_with(|| Object::new().into());
        place = join(&place, step);
    }
    found.as_object_mut().ok_or_else(|| Error::new(&place, "is no object"))
}

/// The items of the array at `pointer`; none where there is no array.
pub fn items<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    value.pointer(pointer).and_then(Value::as_array).into_iter().flatten()
}

pub fn schemas(document: &Value) -> impl Iterator<Item = (&String, &Value)> {
    members(document, "/components/schemas")
}

/// Every operation with its place, its path template and its method.
pub fn operations(document: &Value) -> impl Iterator<Item = (String, &str, &str, &Value)> {
    members(document, "/paths").flat_map(|(path, item)| {
        let methods = members(item, "").filter(|(method, _)| METHODS.contains(&method.as_str()));
        methods
            .map(move |(method, operation)| (place(path, method), path.as_str(), method.as_str(), operation))
    })
}

/// Every operation with its place, to be changed.
pub fn operations_mut(document: &mut Value) -> impl Iterator<Item = (String, &mut Value)> {
    members_mut(document, "/paths").flat_map(|(path, item)| {
        methods_mut(item).map(move |(method, operation)| (place(path, method), operation))
    })
}

/// The operations of one path.
pub fn methods_mut(path_item: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    members_mut(path_item, "").filter(|(method, _)| METHODS.contains(&method.as_str()))
}

fn place(path: &str, method: &str) -> String {
    format!("paths.{path}.{method}")
}

/// Calls `visit` with every schema and its place, parts before the schema that holds them.
pub fn visit_schemas(
    document: &mut Value,
    mut visit: impl FnMut(&str, &mut Object) -> Result<()>,
) -> Result<()> {
    for (name, schema) in members_mut(document, "/components/schemas") {
        descend(&format!("components.schemas.{name}"), schema, &mut visit)?;
    }
    for (place, operation) in operations_mut(document) {
        for part in operation_schemas_mut(&place, operation) {
            descend(&part.place, part.schema, &mut visit)?;
        }
    }
    Ok(())
}

/// A schema that stands in an operation itself.
pub struct OperationSchema<'a> {
    pub place: String,
    /// What it is there: the name of a parameter, `body` or `response`.
    pub role: String,
    pub schema: &'a mut Value,
}

/// The schemas of an operation's parameters, its body and its answers.
pub fn operation_schemas_mut<'a>(place: &str, operation: &'a mut Value) -> Vec<OperationSchema<'a>> {
    let mut found = Vec::new();
    for (key, part) in members_mut(operation, "") {
        match (key.as_str(), part) {
            ("parameters", Value::Array(parameters)) => {
                found.extend(parameters.iter_mut().filter_map(|parameter| {
                    let role = parameter.get("name")?.as_str()?.to_owned();
                    let place = format!("{place}.parameters.{role}");
                    Some(OperationSchema { place, role, schema: parameter.get_mut("schema")? })
                }))
            }
            ("requestBody", body) => found.extend(content_schemas_mut(place, "body", body)),
            ("responses", answers) => {
                for (_, answer) in members_mut(answers, "") {
                    found.extend(content_schemas_mut(place, "response", answer));
                }
            }
            _ => {}
        }
    }
    found
}

fn content_schemas_mut<'a>(
    place: &str,
    role: &'static str,
    holder: &'a mut Value,
) -> impl Iterator<Item = OperationSchema<'a>> {
    let place = format!("{place}.{role}");
    members_mut(holder, "/content").filter_map(move |(_, content)| {
        Some(OperationSchema {
            place: place.clone(),
            role: role.to_owned(),
            schema: content.get_mut("schema")?,
        })
    })
}

fn descend(
    place: &str,
    schema: &mut Value,
    visit: &mut impl FnMut(&str, &mut Object) -> Result<()>,
) -> Result<()> {
    let Some(schema) = schema.as_object_mut() else { return Ok(()) };
    for (key, part) in schema.iter_mut() {
        let place = join(place, key);
        match key.as_str() {
            "properties" => {
                for (name, member) in members_mut(part, "") {
                    descend(&join(&place, name), member, visit)?;
                }
            }
            "items" | "additionalProperties" => descend(&place, part, visit)?,
            "allOf" | "anyOf" | "oneOf" => {
                for (n, part) in part.as_array_mut().into_iter().flatten().enumerate() {
                    descend(&join(&place, n), part, visit)?;
                }
            }
            _ => {}
        }
    }
    visit(place, schema)
}

/// A schema that refers to the named one.
pub fn reference_to(name: &str) -> Value {
    serde_json::json!({ "$ref": format!("{SCHEMAS}{name}") })
}

/// The name of the schema that this one stands for: through `$ref`, or through an `allOf` of one `$ref`,
/// which is how OpenAPI 3.0 puts a description beside a reference.
pub fn referred(schema: &Object) -> Option<&str> {
    let reference = match schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([single]) if !schema.contains_key("properties") => single.get("$ref"),
        Some(_) => None,
        None => schema.get("$ref"),
    };
    reference?.as_str()?.strip_prefix(SCHEMAS)
}

/// Whether the schema allows null, itself or as the schema that it stands for.
pub fn is_nullable(schema: &Value, document: &Value) -> bool {
    let target =
        schema.as_object().and_then(referred).and_then(|name| document.pointer(&schema_pointer(name)));
    schema["nullable"] == true || target.is_some_and(|target| is_nullable(target, document))
}

/// The named schemas that any request body holds, at whatever depth.
pub fn schemas_in_requests(document: &Value) -> BTreeSet<String> {
    schemas_in(document, |operation| operation.get("requestBody"))
}

/// The named schemas that any operation has to do with, at whatever depth.
pub fn schemas_in_use(document: &Value) -> BTreeSet<String> {
    schemas_in(document, |operation| Some(operation))
}

fn schemas_in(document: &Value, part: fn(&Value) -> Option<&Value>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (_, _, _, operation) in operations(document) {
        part(operation).into_iter().for_each(|part| collect(part, document, &mut found));
    }
    found
}

fn collect(value: &Value, document: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(name) = referred(members)
                && found.insert(name.to_owned())
                && let Some(schema) = document.pointer(&schema_pointer(name))
            {
                collect(schema, document, found);
            }
            members.values().for_each(|value| collect(value, document, found));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, document, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::samples::{contract, reference};
    use super::{schemas_in_requests, visit_schemas};

    #[test]
    fn every_schema_is_visited_and_no_member_is_taken_for_one() {
        let mut document = contract(
            json!({ "/things": { "get": {
                "parameters": [{ "name": "id", "in": "path", "schema": { "n": 1 } }],
                "requestBody": { "content": { "a/b": { "schema": { "n": 2 } } } },
                "responses": { "200": { "content": { "a/b": { "schema": { "items": { "n": 3 } } } } } }
            } } }),
            json!({ "Thing": {
                "properties": { "items": { "n": 4 }, "allOf": { "oneOf": [{ "n": 5 }] } },
                "additionalProperties": { "n": 6 }
            } }),
        );
        let mut seen = Vec::new();
        visit_schemas(&mut document, |_, schema| {
            seen.extend(schema.get("n").and_then(serde_json::Value::as_u64));
            Ok(())
        })
        .unwrap();
        seen.sort_unstable();
        assert_eq!(seen, [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn what_is_sent_is_found_at_any_depth() {
        let body = json!({ "content": { "application/json": { "schema": reference("A") } } });
        let document = contract(
            json!({ "/a": { "post": {
                "requestBody": body,
                "responses": { "200": { "content": { "application/json": { "schema": reference("Answer") } } } }
            } } }),
            json!({
                "A": { "properties": { "b": { "allOf": [reference("B")] }, "a": reference("A") } },
                "B": { "items": reference("C") }, "C": {}, "Answer": reference("C")
            }),
        );
        assert_eq!(schemas_in_requests(&document).into_iter().collect::<Vec<_>>(), ["A", "B", "C"]);
    }
}
