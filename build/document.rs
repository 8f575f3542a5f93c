//! The contract as JSON: reading it and walking through it.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value};

pub type Object = Map<String, Value>;
pub type Result<T> = std::result::Result<T, Error>;

/// What is wrong, and where in the contract, in one line.
#[derive(Debug, PartialEq)]
pub struct Error(String);

impl Error {
    pub fn new(place: impl fmt::Display, problem: impl fmt::Display) -> Self {
        let text = format!("{place}: {problem}");
        Self(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

/// The operations that a path item can hold.
const METHODS: [&str; 8] = ["delete", "get", "head", "options", "patch", "post", "put", "trace"];

const SCHEMAS: &str = "#/components/schemas/";

/// Reads the contract. Members are sorted, also where another crate makes serde_json keep their order, every reference
/// leads somewhere, and no schema consists of itself.
pub fn parse(contract: &str) -> Result<Value> {
    let mut document: Value = serde_json::from_str(contract).map_err(|e| Error::new("the contract", e))?;
    document.sort_all_objects();
    check_references("", &document, &document)?;
    schemas(&document).try_for_each(|(name, _)| check_circle(name, &mut vec![name], &document))?;
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
fn check_circle<'a>(name: &str, way: &mut Vec<&'a str>, document: &'a Value) -> Result<()> {
    let mut parts = Vec::new();
    document.pointer(&schema_pointer(name)).into_iter().for_each(|schema| consists_of(schema, &mut parts));
    for part in parts {
        if way.contains(&part) {
            let problem = format!("consists of itself, by way of {}", way.join(", "));
            return Err(Error::new(format_args!("components.schemas.{part}"), problem));
        }
        way.push(part);
        check_circle(part, way, document)?;
        way.pop();
    }
    Ok(())
}

/// The named schemas that a schema is, or is made of; not those of its members.
fn consists_of<'a>(schema: &'a Value, found: &mut Vec<&'a str>) {
    found.extend(schema.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix(SCHEMAS)));
    let parts = ["/allOf", "/anyOf", "/oneOf"].into_iter().flat_map(|key| items(schema, key));
    parts.chain(schema.get("items")).for_each(|part| consists_of(part, found));
}

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

/// The name of the schema that this one stands for: through `$ref`, or through an `allOf` of one `$ref`, which is
/// how OpenAPI 3.0 puts `nullable` or a description beside a reference.
pub fn referred(schema: &Object) -> Option<&str> {
    let reference = match schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([single]) => single.get("$ref"),
        Some(_) => None,
        None => schema.get("$ref"),
    };
    reference?.as_str()?.strip_prefix(SCHEMAS)
}

/// The named schemas that any request body holds, at whatever depth.
pub fn schemas_in_requests(document: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (_, _, _, operation) in operations(document) {
        operation.get("requestBody").into_iter().for_each(|body| collect(body, document, &mut found));
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
    use super::{Error, parse, schemas_in_requests, visit_schemas};

    #[test]
    fn an_error_is_one_line() {
        assert_eq!(Error::new("a", "b\n    c").to_string(), "a: b c");
    }

    #[test]
    fn a_reference_must_lead_somewhere() {
        for target in ["#/components/schemas/Thing", "other.json#/Thing"] {
            let holder = json!({ "properties": { "thing": { "$ref": target } } });
            let error = parse(&contract(json!({}), json!({ "Holder": holder })).to_string()).unwrap_err();
            let expected = format!(
                "components.schemas.Holder.properties.thing: `$ref` to {target:?}, which is not in the contract"
            );
            assert_eq!(error.to_string(), expected);
        }
    }

    #[test]
    fn a_schema_that_consists_of_itself_is_an_error() {
        let schemas = json!({
            "A": { "allOf": [{ "oneOf": [reference("B")] }] }, "B": reference("C"), "C": { "items": { "anyOf": [reference("B")] } }
        });
        let error = parse(&contract(json!({}), schemas).to_string()).unwrap_err();
        assert_eq!(error.to_string(), "components.schemas.B: consists of itself, by way of A, B, C");

        let tree = json!({ "Tree": { "properties": { "branches": { "items": reference("Tree") } } } });
        parse(&contract(json!({}), tree).to_string()).unwrap();
    }

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
