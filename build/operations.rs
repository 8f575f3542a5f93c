//! What the contract says about its operations.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::error::{Error, Result};
use super::names::snake;
use super::walk::{items, members, operations};

/// One operation, as the table of the generated client has it.
#[derive(Debug, PartialEq)]
pub struct Operation {
    /// The name of its function.
    pub id: String,
    pub method: String,
    pub template: String,
    pub idempotent: bool,
    pub request: Body,
    pub request_types: Vec<String>,
    pub answer: Body,
    pub answer_types: Vec<String>,
}

/// What a request or an answer holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Body {
    None,
    Json,
    Binary,
}

/// Reads every operation. Each must have an `operationId` that no other one has, also when written as a
/// function's name, and bodies that one Rust type can hold. The text of the contract tells the order of media
/// types, of which the first is the usual one; the document has them sorted.
pub fn read(document: &Value, contract: &str) -> Result<Vec<Operation>> {
    let mut places = BTreeMap::new();
    let mut found = Vec::new();
    for (place, template, method, operation) in operations(document) {
        let operation_id = text(operation, "operationId")
            .ok_or_else(|| Error::new(&place, "has no `operationId`; add one, it names the function"))?;
        let id = snake(operation_id);
        if let Some(other) = places.insert(id.clone(), place.clone()) {
            return Err(Error::new(
                &place,
                format_args!("its `operationId` gives the name {id}, as does {other}'s"),
            ));
        }
        if successes(operation).next().is_none() {
            return Err(Error::new(&place, "has no 2xx answer; add what it answers on success"));
        }
        check_path(&place, template, operation)?;
        let request: Vec<_> = members(operation, "/requestBody/content").collect();
        let answers: Vec<_> = success_contents(operation).collect();
        found.push(Operation {
            id,
            method: method.to_uppercase(),
            template: template.to_owned(),
            idempotent: is_idempotent(method, operation),
            request: kind(&format!("{place}.requestBody"), &request)?,
            request_types: media_types(&request, contract),
            answer: kind(&format!("{place}.responses"), &answers)?,
            answer_types: media_types(&answers, contract),
        });
    }
    Ok(found)
}

/// The names in the path are those of the path parameters.
fn check_path(place: &str, template: &str, operation: &Value) -> Result<()> {
    let named = template.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    let named: BTreeSet<_> = named.collect();
    let in_path = items(operation, "/parameters").filter(|parameter| parameter["in"] == "path");
    let given: BTreeSet<_> = in_path.filter_map(|parameter| parameter["name"].as_str()).collect();
    match named.symmetric_difference(&given).next() {
        Some(odd) => {
            Err(Error::new(place, format_args!("{odd} is not both in the path and a path parameter")))
        }
        None => Ok(()),
    }
}

/// The answers of an operation that say that it succeeded, with their status.
pub fn successes(operation: &Value) -> impl Iterator<Item = (&String, &Value)> {
    members(operation, "/responses").filter(|(status, _)| status.starts_with('2'))
}

/// The media types of all those answers, with their schemas.
pub fn success_contents(operation: &Value) -> impl Iterator<Item = (&String, &Value)> {
    successes(operation).flat_map(|(_, answer)| members(answer, "/content"))
}

pub fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

/// What a body of these media types is: JSON of one schema, bytes that the client does not look into, or
/// nothing.
fn kind(place: &str, contents: &[(&String, &Value)]) -> Result<Body> {
    let (json, binary): (Vec<_>, Vec<_>) = contents.iter().partition(|(media_type, _)| is_json(media_type));
    let Some((media_type, first)) = json.first() else {
        return Ok(if binary.is_empty() { Body::None } else { Body::Binary });
    };
    if let Some((other, _)) = binary.first() {
        let problem = format!("is {media_type} or {other}, but the client has one type for it; keep one");
        return Err(Error::new(place, problem));
    }
    if json.iter().any(|(_, content)| content["schema"].is_null()) {
        return Err(Error::new(place, format_args!("{media_type} has no schema; add one")));
    }
    if json.iter().any(|(_, content)| content["schema"] != first["schema"]) {
        return Err(Error::new(place, "has two schemas, but the client has one type for it; keep one"));
    }
    Ok(Body::Json)
}

/// The media types, each once, in the order in which the contract first mentions them.
fn media_types(contents: &[(&String, &Value)], contract: &str) -> Vec<String> {
    let mut found: Vec<String> = contents.iter().map(|(media_type, _)| (*media_type).clone()).collect();
    found.sort_by_key(|media_type| (contract.find(&format!("{media_type:?}")), media_type.clone()));
    found.dedup();
    found
}

/// HTTP's own rule, unless the contract knows better.
fn is_idempotent(method: &str, operation: &Value) -> bool {
    let by_method = !matches!(method, "post" | "patch");
    operation.get("x-idempotent").and_then(Value::as_bool).unwrap_or(by_method)
}

fn text<'a>(value: &'a Value, member: &str) -> Option<&'a str> {
    value.get(member)?.as_str().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::samples::{contract, operation};
    use super::{Body, Operation, read};

    fn read_one(value: &Value) -> Operation {
        read(value, &value.to_string()).unwrap().remove(0)
    }

    #[track_caller]
    fn assert_refused(document: &Value, message: &str) {
        assert_eq!(read(document, "").unwrap_err().to_string(), message);
    }

    fn answering(answers: Value) -> Value {
        operation(json!({ "operationId": "getThing", "responses": answers }))
    }

    #[test]
    fn every_operation_needs_a_name_of_its_own() {
        let with_ids = |a: Value, b: Value| {
            let responses = json!({ "200": {} });
            contract(
                json!({ "/a": { "get": { "operationId": a, "responses": responses }, },
                        "/b": { "get": { "operationId": b, "responses": responses }, } }),
                json!({}),
            )
        };
        let missing = "paths./b.get: has no `operationId`; add one, it names the function";
        assert_refused(&with_ids(json!("a"), Value::Null), missing);
        assert_refused(&with_ids(json!("a"), json!("")), missing);
        let taken = "paths./b.get: its `operationId` gives the name get_it, as does paths./a.get's";
        assert_refused(&with_ids(json!("getIt"), json!("getIt")), taken);
        assert_refused(&with_ids(json!("getIt"), json!("get_it")), taken);
    }

    #[test]
    fn answers_are_of_one_kind() {
        let json =
            json!({ "content": { "application/json; charset=utf-8": { "schema": { "type": "string" } } } });
        let pdf = json!({ "content": { "application/pdf": {}, "application/json-seq": {} } });
        let kinds = [
            (json!({ "200": {} }), Body::None),
            (json!({ "204": {}, "2XX": json, "404": pdf }), Body::Json),
            (json!({ "200": json, "201": json }), Body::Json),
            (json!({ "200": pdf, "default": json }), Body::Binary),
        ];
        for (answers, kind) in kinds {
            assert_eq!(read_one(&answering(answers.clone())).answer, kind, "{answers}");
        }
    }

    #[test]
    fn answers_of_two_kinds_are_refused() {
        let text = json!({ "content": { "application/json": { "schema": { "type": "string" } } } });
        let list = json!({ "content": { "application/json": { "schema": { "type": "array" } } } });
        let pdf = json!({ "content": { "application/pdf": {} } });
        let bare = json!({ "content": { "application/json": {} } });
        let place = "paths./things.get";
        let refused = [
            (
                json!({ "200": text, "201": list }),
                ".responses: has two schemas, but the client has one type for it; keep one",
            ),
            (
                json!({ "200": text, "201": pdf }),
                ".responses: is application/json or application/pdf, but the client has one type for it; keep one",
            ),
            (json!({ "200": bare }), ".responses: application/json has no schema; add one"),
            (json!({ "404": text }), ": has no 2xx answer; add what it answers on success"),
        ];
        for (answers, message) in refused {
            assert_refused(&answering(answers), &format!("{place}{message}"));
        }
    }

    #[test]
    fn the_table_has_what_the_wire_needs() {
        let schema = json!({ "schema": {} });
        let mut document = contract(
            json!({ "/things/{id}": { "patch": {
                "operationId": "changeThing",
                "parameters": [{ "name": "id", "in": "path" }, { "name": "id2", "in": "query" }],
                "requestBody": { "content": { "b/b": {}, "a/a": {} } },
                "responses": {
                    "200": { "content": { "application/json": schema } },
                    "201": { "content": { "application/json": schema } }
                }
            } } }),
            json!({}),
        );
        let read = read(&document, r#"{ "b/b": {}, "a/a": {} }"#).unwrap();
        let expected = Operation {
            id: "change_thing".into(),
            method: "PATCH".into(),
            template: "/things/{id}".into(),
            idempotent: false,
            request: Body::Binary,
            request_types: vec!["b/b".into(), "a/a".into()],
            answer: Body::Json,
            answer_types: vec!["application/json".into()],
        };
        assert_eq!(read, [expected]);

        document["paths"]["/things/{id}"]["patch"]["x-idempotent"] = true.into();
        assert!(read_one(&document).idempotent);
    }

    #[test]
    fn a_path_and_its_parameters_agree() {
        let with = |template: &str, name: &str| {
            let parameter = json!({ "name": name, "in": "path" });
            let get = json!({ "operationId": "x", "parameters": [parameter], "responses": { "200": {} } });
            contract(json!({ template: { "get": get } }), json!({}))
        };
        read_one(&with("/a/{b}/c", "b"));
        assert_refused(
            &with("/a/{b}", "a"),
            "paths./a/{b}.get: a is not both in the path and a path parameter",
        );
        assert_refused(&with("/a", "b"), "paths./a.get: b is not both in the path and a path parameter");
    }

    #[test]
    fn methods_are_idempotent_as_in_http() {
        for (method, idempotent) in
            [("get", true), ("put", true), ("delete", true), ("post", false), ("patch", false)]
        {
            let operation = json!({ "operationId": "x", "responses": { "200": {} } });
            let read = read_one(&contract(json!({ "/": { method: operation } }), json!({})));
            assert_eq!(read.idempotent, idempotent, "{method}");
        }
    }
}
