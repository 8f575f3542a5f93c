//! Requests and answers, told to the generator in the only forms that it can take: one body, one 2xx answer,
//! one media type each, and nothing about failures. What failed is read by one lenient parser in the library,
//! so the other answers stay as documentation only.

use serde_json::{Value, json};

use super::bodies::{self, Body};
use super::error::{Error, Result};
use super::walk::{members, operations_mut};

/// Gives every operation one body to send, JSON or bytes, and one answer, in whose description the others are
/// listed.
pub fn merge_bodies(document: &mut Value) {
    let whole = document.clone();
    for (_, operation) in operations_mut(document) {
        let sent = bodies::request_body(operation, &whole);
        let answered = bodies::answer_body(operation, &whole);
        let mut described = operation["description"].as_str().unwrap_or_default().to_owned();
        described.push_str(&written_by_hand(operation, &whole));
        described.push_str(&other_answers(operation));
        operation["description"] = described.trim().into();
        if sent != Body::None {
            operation["requestBody"]["content"] = content(sent);
        }
        operation["responses"] = json!({ "2XX": { "description": "", "content": content(answered) } });
    }
}

fn written_by_hand(operation: &Value, document: &Value) -> String {
    let media_types = bodies::written_by_hand(operation, document);
    if media_types.is_empty() {
        return String::new();
    }
    format!("\n\nThe body is written by the caller, as `{}`.", media_types.join("` or `"))
}

fn content(body: Body) -> Value {
    match body {
        Body::None => json!({}),
        Body::Json(schema) => json!({ "application/json": { "schema": schema } }),
        Body::Binary => {
            json!({ "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } })
        }
    }
}

fn other_answers(operation: &Value) -> String {
    let failures = members(operation, "/responses").filter(|(status, _)| !status.starts_with('2'));
    let lines: String = failures
        .filter_map(|(status, answer)| Some((status, answer.get("description")?.as_str()?)))
        .map(|(status, description)| format!("\n* {status}: {}", description.replace('\n', " ")))
        .collect();
    if lines.is_empty() { lines } else { format!("\n\nOther answers:\n{lines}") }
}

/// Leaves out what the client does not send: cookies, of which it keeps none, and the headers that are no
/// parameters in OpenAPI, because the client sets them itself.
pub fn drop_unsent(document: &mut Value) -> Result<()> {
    for (place, operation) in operations_mut(document) {
        let Some(Value::Array(parameters)) = operation.get_mut("parameters") else { continue };
        let needed = |parameter: &&Value| parameter["in"] == "cookie" && parameter["required"] == true;
        if let Some(cookie) = parameters.iter().find(needed) {
            let name = cookie["name"].as_str().unwrap_or_default();
            let problem = format!("needs the cookie {name}, and the client sends no cookies; leave it out");
            return Err(Error::new(place, problem));
        }
        parameters.retain(|parameter| parameter["in"] != "cookie" && !is_set_by_the_client(parameter));
    }
    Ok(())
}

/// Whether it is a header that the client sets itself.
pub fn is_set_by_the_client(parameter: &Value) -> bool {
    let name = parameter["name"].as_str().unwrap_or_default();
    let ours = ["Accept", "Authorization", "Content-Type"].iter().any(|ours| ours.eq_ignore_ascii_case(name));
    parameter["in"] == "header" && ours
}

/// The generator makes a header of the version, which `src/transport.rs` takes away again: before that, what no
/// header can hold is a panic.
pub fn plain_version(document: &mut Value) {
    let Some(Value::String(version)) = document.pointer_mut("/info/version") else { return };
    let plain = version.replace(|c: char| !c.is_ascii_graphic(), " ");
    *version = plain.split_whitespace().collect::<Vec<_>>().join(" ");
}

/// Leaves of the components the schemas only: all else is in the operations by now, or no business of the
/// generator.
pub fn drop_shared_parts(document: &mut Value) -> Result<()> {
    if let Some(Value::Object(components)) = document.get_mut("components") {
        components.retain(|name, _| name == "schemas");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::samples::{assert_has, assert_has_not, generate, ok, operation, reference};

    #[test]
    fn all_successes_are_one_and_failures_are_documentation() {
        let thing =
            json!({ "description": "", "content": { "application/json": { "schema": reference("Thing") } } });
        let problem = json!({ "description": "Not\nthere.", "content": { "application/json": {} } });
        let get = json!({
            "operationId": "get",
            "description": "Gets it.",
            "responses": {
                "200": thing, "201": thing, "204": { "description": "" }, "404": problem, "default": problem
            }
        });
        let text = generate(&operation(get));
        assert_has(&text, "pub async fn get<'a>(&'a self) -> Result<ResponseValue<types::Thing>, Error<()>>");
        assert_has(&text, "200..=299 => crate::answer::value(response),");
        assert_has(&text, "_ => Err(Error::UnexpectedResponse(response))");
        assert_has(
            &text,
            "/// Gets it. /// /// Other answers: /// /// * 404: Not there. /// * default: Not there.",
        );
    }

    #[test]
    fn shared_parts_do_not_reach_the_generator() {
        let get = json!({ "operationId": "get", "responses": ok(reference("Thing")) });
        let mut document = operation(get);
        document["components"]["responses"] = json!({ "Odd": "not OpenAPI" });
        assert_has_not(&generate(&document), "Odd");
    }
}
