//! What the contract documents: its operations, and how they answer when all is well.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Answer;
use super::sample::{resolved, sample};

/// The contract that the crate is generated from.
pub fn contract() -> Value {
    serde_json::from_str(include_str!("../../spec/sign-v1.json")).unwrap()
}

/// Every operation, with its path and its method.
pub fn operations(contract: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = contract["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, item)| {
        let operations = item.as_object().unwrap().iter();
        let operations = operations.filter(|(_, operation)| operation["responses"].is_object());
        operations.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

/// The operation of that operationId.
pub fn operation<'a>(contract: &'a Value, operation_id: &str) -> &'a Value {
    let mut found = operations(contract).filter(|(.., operation)| operation["operationId"] == operation_id);
    found.next().unwrap_or_else(|| panic!("the contract has no operation {operation_id}")).2
}

/// The schemas that a part of the contract refers to, at any depth.
pub fn reached(contract: &Value, part: &Value) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    reach(contract, part, &mut reached);
    reached
}

fn reach(contract: &Value, part: &Value, reached: &mut BTreeSet<String>) {
    match part {
        Value::Object(members) => {
            if let Some(name) =
                members.get("$ref").and_then(|to| to.as_str()?.strip_prefix("#/components/schemas/"))
                && reached.insert(name.to_owned())
            {
                reach(contract, &contract["components"]["schemas"][name], reached);
            }
            members.values().for_each(|member| reach(contract, member, reached));
        }
        Value::Array(items) => items.iter().for_each(|item| reach(contract, item, reached)),
        _ => {}
    }
}

/// What is sent or answered, as one of the forms in which it may be.
pub struct Content<'a> {
    /// `application/json`, or that of some bytes.
    pub media_type: &'a str,
    /// That of JSON. Nothing: it is bytes.
    pub schema: Option<&'a Value>,
    example: &'a Value,
}

impl Content<'_> {
    pub fn sample(&self, contract: &Value) -> Option<Value> {
        let schema = self.schema?;
        Some(if self.example.is_null() { sample(contract, schema) } else { self.example.clone() })
    }
}

/// What a request or an answer holds: bytes, if it can be that, or JSON.
pub fn content<'a>(contract: &'a Value, holder: &'a Value) -> Option<Content<'a>> {
    let contents = || resolved(contract, holder)["content"].as_object().into_iter().flatten();
    let read = |(media_type, content): (&'a String, &'a Value)| {
        let of = resolved(contract, &content["schema"]);
        let is_any = media_type.ends_with("/*");
        let is_json = media_type.starts_with("application/json");
        let is_bytes = match of["type"] == "string" {
            true => !is_json || of["format"] == "binary",
            false => of.is_null() && !is_json,
        };
        let media_type = match (is_any, is_bytes) {
            (false, _) => media_type,
            (true, true) => "application/pdf",
            (true, false) => "application/json",
        };
        let schema = (!is_bytes && (is_json || is_any)).then_some(&content["schema"]);
        Content { media_type, schema, example: &content["example"] }
    };
    let bytes = contents().map(read).find(|content| content.schema.is_none());
    bytes.or_else(|| contents().map(read).next())
}

/// How an operation answers when all is well: with a body, if it can.
pub fn success<'a>(contract: &'a Value, operation: &'a Value) -> (u16, Option<Content<'a>>) {
    let answers = operation["responses"].as_object().unwrap().iter();
    let good = answers.filter(|(status, _)| status.starts_with('2'));
    let mut good = good.map(|(status, answer)| {
        // A range of statuses says no more than its first.
        let status = status.to_uppercase().replace("XX", "00").parse().unwrap();
        (status, content(contract, answer))
    });
    let first = good.next().unwrap();
    match first.1 {
        Some(_) => first,
        None => good.find(|(_, content)| content.is_some()).unwrap_or(first),
    }
}

/// That answer: some bytes, or JSON as it is documented.
pub fn documented_answer(contract: &Value, operation_id: &str) -> Answer {
    let (status, content) = success(contract, operation(contract, operation_id));
    let Some(content) = content else { return Answer { status, ..Answer::default() } };
    match content.sample(contract) {
        Some(value) => Answer::json(status, &value),
        None => Answer::bytes(status, content.media_type, b"%PDF-1.7 or whatever it is"),
    }
}
