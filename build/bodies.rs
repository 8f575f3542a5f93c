//! What a body is, in whatever media types the contract offers it: nothing, JSON, or bytes. The client has one
//! Rust type for it.

use serde_json::{Value, json};

use super::walk::{members, referred, schema_pointer};

/// Between the parts of a body in parts. The contract names none, and a header has to.
const BOUNDARY: &str = "signicat-sign-5d0b7f21c9e84a36";

#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    None,
    /// JSON of this schema.
    Json(Value),
    /// Bytes that the client does not look into.
    Binary,
}

/// A media type of a body, with what stands for it in the contract.
pub type Content<'a> = (&'a String, &'a Value);

/// What a request's body is.
pub fn request_body(operation: &Value, document: &Value) -> Body {
    one_of(&request_contents(operation), document)
}

/// What the body of any 2xx answer is.
pub fn answer_body(operation: &Value, document: &Value) -> Body {
    one_of(&answer_contents(operation), document)
}

pub fn request_contents(operation: &Value) -> Vec<Content<'_>> {
    members(operation, "/requestBody/content").collect()
}

pub fn answer_contents(operation: &Value) -> Vec<Content<'_>> {
    successes(operation).flat_map(|(_, answer)| members(answer, "/content")).collect()
}

/// The answers of an operation that say that it succeeded, with their status.
pub fn successes(operation: &Value) -> impl Iterator<Item = (&String, &Value)> {
    members(operation, "/responses").filter(|(status, _)| status.starts_with('2'))
}

/// Bytes can be whatever it is, so they are chosen where anything offered is bytes. So is any JSON where the
/// schemas differ: no member of either may be lost. A wrapper that stands on another type then fails to compile.
pub fn one_of(contents: &[Content<'_>], document: &Value) -> Body {
    let offered: Vec<_> = contents.iter().map(|content| body(content, document)).collect();
    let mut schemas = offered.iter().filter_map(|body| match body {
        Some(Body::Json(schema)) => Some(schema),
        _ => None,
    });
    match schemas.next() {
        _ if offered.is_empty() => Body::None,
        _ if offered.contains(&Some(Body::Binary)) => Body::Binary,
        None => Body::Binary,
        Some(first) if schemas.all(|other| other == first) => Body::Json(first.clone()),
        Some(_) => Body::Json(json!({})),
    }
}

/// What a body of that media type is. Nothing: something with members in a form other than JSON, which is left
/// alone where it comes as JSON too.
fn body((media_type, content): &Content<'_>, document: &Value) -> Option<Body> {
    let schema = &content["schema"];
    match is_json(media_type) {
        _ if is_string(schema, document, |schema| schema["format"] == "binary") => Some(Body::Binary),
        true if schema.is_null() => Some(Body::Json(json!({}))),
        true => Some(Body::Json(schema.clone())),
        false if schema.is_null() || is_string(schema, document, |_| true) => Some(Body::Binary),
        // What has members and any media type is JSON: so frameworks say that they were told none.
        false if is_range(media_type) => Some(Body::Json(schema.clone())),
        false => None,
    }
}

/// How many references may follow one another. More is a circle.
const LONGEST_CHAIN: usize = 8;

/// Whether the schema is of such a string, itself or by reference.
fn is_string(schema: &Value, document: &Value, such: fn(&Value) -> bool) -> bool {
    let target = |schema: &&Value| document.pointer(&schema_pointer(referred(schema.as_object()?)?));
    let chain = std::iter::successors(Some(schema), target).take(LONGEST_CHAIN);
    chain.last().is_some_and(|schema| schema["type"] == "string" && such(schema))
}

fn is_json(media_type: &str) -> bool {
    essence(media_type).eq_ignore_ascii_case("application/json")
}

/// `*/*` and the like.
fn is_range(media_type: &str) -> bool {
    essence(media_type).ends_with("/*")
}

fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}

/// What the header Content-Type says of a body of that media type, if it can.
pub fn content_type(media_type: &str) -> Option<String> {
    match media_type {
        range if is_range(range) => None,
        parts if parts.starts_with("multipart/") && !parts.contains("boundary=") => {
            Some(format!("{parts}; boundary={BOUNDARY}"))
        }
        other => Some(other.to_owned()),
    }
}

/// The media types in which the caller has to write what has members, because the client can't.
pub fn written_by_hand(operation: &Value, document: &Value) -> Vec<String> {
    let contents = request_contents(operation);
    let by_hand = contents.iter().filter(|content| body(content, document).is_none());
    match one_of(&contents, document) {
        Body::Binary => by_hand.filter_map(|(media_type, _)| content_type(media_type)).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::samples::{contract, reference};
    use super::{Body, answer_body, content_type, written_by_hand};

    fn document() -> Value {
        contract(
            json!({}),
            json!({ "File": { "type": "string", "format": "binary" }, "State": { "type": "string", "enum": ["A"] }, "Thing": {} }),
        )
    }

    #[test]
    fn one_body_is_chosen_of_those_that_are_offered() {
        let json_of = |schema: Value| json!({ "application/json; charset=utf-8": { "schema": schema } });
        let pdf = json!({ "application/pdf": {} });
        let thing = || Body::Json(reference("Thing"));
        let of = |media_type: &str, name: &str| json!({ media_type: { "schema": reference(name) } });
        let cases = [
            (json!({ "200": {} }), Body::None),
            (json!({ "404": { "content": pdf } }), Body::None),
            (json!({ "204": {}, "2XX": { "content": json_of(reference("Thing")) }, "404": pdf }), thing()),
            (json!({ "200": { "content": json_of(Value::Null) } }), Body::Json(json!({}))),
            (
                json!({ "200": { "content": of("application/json", "State") } }),
                Body::Json(reference("State")),
            ),
            (json!({ "200": { "content": of("application/json", "File") } }), Body::Binary),
            (json!({ "200": { "content": of("*/*", "Thing") } }), thing()),
            (json!({ "200": { "content": of("application/*", "Thing") } }), thing()),
            (json!({ "200": { "content": of("*/*", "State") } }), Body::Binary),
            (json!({ "200": { "content": of("application/xml", "Thing") } }), Body::Binary),
            (json!({ "200": { "content": { "application/json-seq": {} } } }), Body::Binary),
            (
                json!({ "200": { "content": pdf }, "201": { "content": json_of(reference("Thing")) } }),
                Body::Binary,
            ),
            (
                json!({ "200": { "content": of("text/json", "Thing") }, "201": { "content": json_of(reference("Thing")) } }),
                thing(),
            ),
            (
                json!({ "200": { "content": json_of(json!({ "type": "array" })) }, "201": { "content": json_of(reference("Thing")) } }),
                Body::Json(json!({})),
            ),
        ];
        for (answers, expected) in cases {
            assert_eq!(answer_body(&json!({ "responses": answers }), &document()), expected, "{answers}");
        }
    }

    #[test]
    fn what_no_header_can_say_is_not_said() {
        assert_eq!(content_type("*/*"), None);
        assert_eq!(content_type("application/pdf").as_deref(), Some("application/pdf"));
        let parts = content_type("multipart/form-data").unwrap();
        assert!(parts.starts_with("multipart/form-data; boundary="), "{parts}");
        assert_eq!(content_type(&parts), Some(parts));
    }

    #[test]
    fn what_the_client_can_t_write_is_the_caller_s() {
        let by_hand = |media_types: &[&str]| {
            let content: serde_json::Map<_, _> = media_types
                .iter()
                .map(|media_type| ((*media_type).to_owned(), json!({ "schema": reference("Thing") })))
                .collect();
            written_by_hand(&json!({ "requestBody": { "content": content } }), &document())
        };
        let form = "application/x-www-form-urlencoded";
        assert_eq!(by_hand(&[form]), [form]);
        assert!(by_hand(&[form, "application/json"]).is_empty());
    }
}
