//! What the contract says about its operations.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::bodies::{
    Body, Content, answer_body, answer_contents, content_type, request_body, request_contents, successes,
};
use super::error::{Error, Result};
use super::names::snake;
use super::walk::{items, operations};

/// One operation, as the table of the generated client has it.
#[derive(Debug, PartialEq)]
pub struct Operation {
    /// The name of its function.
    pub id: String,
    pub method: String,
    pub template: String,
    pub idempotent: bool,
    pub request: Body,
    /// As the header Content-Type says them.
    pub request_types: Vec<String>,
    pub answer: Body,
    pub answer_types: Vec<String>,
}

/// Reads every operation. Each must have an `operationId` that no other one has, also when written as a
/// function's name. The text of the contract tells the order of media types, of which the first is the usual
/// one; the document has them sorted.
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
        check_names(&place, operation)?;
        let request_types = media_types(&request_contents(operation), contract);
        let answer_types = media_types(&answer_contents(operation), contract);
        if let Some(odd) = request_types.iter().chain(&answer_types).find(|odd| !fits_a_header(odd)) {
            return Err(Error::new(
                &place,
                format_args!("has the media type {odd:?}, which no header can say"),
            ));
        }
        found.push(Operation {
            id,
            method: method.to_uppercase(),
            template: template.to_owned(),
            idempotent: is_idempotent(method, operation),
            request: request_body(operation, document),
            request_types: request_types.iter().filter_map(|media_type| content_type(media_type)).collect(),
            answer: answer_body(operation, document),
            answer_types,
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

/// The arguments of its function: two must not become one name in Rust.
fn check_names(place: &str, operation: &Value) -> Result<()> {
    let body = operation.get("requestBody").map(|_| ("body".to_owned(), "the request body".to_owned()));
    let mut taken: BTreeMap<_, _> = body.into_iter().collect();
    for parameter in items(operation, "/parameters") {
        let text = |member| parameter[member].as_str().unwrap_or_default();
        let in_rust = snake(text("name"));
        let shown = format!("the {} parameter {}", text("in"), text("name"));
        if let Some(other) = taken.get(&in_rust) {
            let problem = format!("{other} and {shown} are both {in_rust} in Rust; rename one");
            return Err(Error::new(place, problem));
        }
        taken.insert(in_rust, shown);
    }
    Ok(())
}

fn fits_a_header(media_type: &str) -> bool {
    media_type.chars().all(|c| c == ' ' || c.is_ascii_graphic())
}

/// The media types, each once, in the order in which the contract first mentions them.
fn media_types(contents: &[Content<'_>], contract: &str) -> Vec<String> {
    let mut found: Vec<String> = contents.iter().map(|(media_type, _)| (*media_type).clone()).collect();
    found.sort_by_key(|media_type| (contract.find(&format!("{media_type:?}")), media_type.clone()));
    found.dedup();
    found
}

/// HTTP's own rule, unless the contract knows better.
pub fn is_idempotent(method: &str, operation: &Value) -> bool {
    let by_method = !matches!(method, "post" | "patch");
    operation.get("x-idempotent").and_then(Value::as_bool).unwrap_or(by_method)
}

fn text<'a>(value: &'a Value, member: &str) -> Option<&'a str> {
    value.get(member)?.as_str().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::samples::{contract, failure, generate, operation, request};
    use super::{Body, Operation, read};

    fn read_one(value: &Value) -> Operation {
        read(value, &value.to_string()).unwrap().remove(0)
    }

    #[track_caller]
    fn assert_refused(document: &Value, message: &str) {
        assert_eq!(read(document, "").unwrap_err().to_string(), message);
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
    fn an_operation_can_succeed() {
        let never = operation(json!({ "operationId": "getThing", "responses": { "404": {} } }));
        assert_refused(&never, "paths./things.get: has no 2xx answer; add what it answers on success");
    }

    #[test]
    fn the_table_has_what_the_wire_needs() {
        let schema = json!({ "schema": { "type": "object" } });
        let mut document = contract(
            json!({ "/things/{id}": { "patch": {
                "operationId": "changeThing",
                "parameters": [{ "name": "id", "in": "path" }, { "name": "id2", "in": "query" }],
                "requestBody": { "content": { "b/b": {}, "a/a": {}, "a/*": {} } },
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
            answer: Body::Json(json!({ "type": "object" })),
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
    fn parameters_and_the_body_have_names_of_their_own() {
        let with = |parameters: [(&str, &str); 2]| {
            let parameters = parameters.map(|(name, location)| {
                let required = location != "cookie";
                json!({ "name": name, "in": location, "required": required, "schema": { "type": "string" } })
            });
            let mut document = request(json!({}));
            document["paths"]["/things"]["post"]["parameters"] = json!(parameters);
            document
        };
        let cases = [
            (
                [("taskId", "query"), ("task-id", "header")],
                "the query parameter taskId and the header parameter task-id are both task_id",
            ),
            (
                [("q", "query"), ("Body", "query")],
                "the request body and the query parameter Body are both body",
            ),
        ];
        for (parameters, problem) in cases {
            assert_eq!(
                failure(&with(parameters)),
                format!("paths./things.post: {problem} in Rust; rename one")
            );
        }
        // What the client does not send takes no name.
        for unsent in [("body", "cookie"), ("Accept", "header")] {
            generate(&with([unsent, ("accept", "query")]));
        }
    }

    #[test]
    fn a_header_can_say_every_media_type() {
        for odd in ["application/pdf\u{e4}", "a/b\n", "\u{0}"] {
            let problem = format!("has the media type {odd:?}, which no header can say");
            let body = json!({ "content": { odd: {} } });
            let responses = json!({ "200": { "content": { odd: {} } } });
            let taking = json!({ "operationId": "x", "requestBody": body, "responses": { "200": {} } });
            let answering = json!({ "operationId": "x", "responses": responses });
            for one in [taking, answering] {
                assert_refused(&operation(one), &format!("paths./things.get: {problem}"));
            }
        }
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
