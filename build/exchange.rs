//! Requests and answers, told to the generator in the only forms that it can take: one body, one 2xx answer,
//! one media type each, and nothing about failures. What failed is read by one lenient parser in the library,
//! so the other answers stay as documentation only.

use serde_json::{Value, json};

use super::error::{Error, Result};
use super::operations::{is_json, success_contents};
use super::walk::{items, members, operations, operations_mut};

/// Merges all 2xx answers of an operation into one and lists the others in its description.
pub fn merge_answers(document: &mut Value) -> Result<()> {
    for (_, operation) in operations_mut(document) {
        let merged = one_content(success_contents(operation).collect()).unwrap_or_else(|| json!({}));
        let mut described = operation["description"].as_str().unwrap_or_default().to_owned();
        described.push_str(&other_answers(operation));
        operation["description"] = described.trim().into();
        operation["responses"] = json!({ "2XX": { "description": "", "content": merged } });
    }
    Ok(())
}

fn other_answers(operation: &Value) -> String {
    let failures = members(operation, "/responses").filter(|(status, _)| !status.starts_with('2'));
    let lines: String = failures
        .filter_map(|(status, answer)| Some((status, answer.get("description")?.as_str()?)))
        .map(|(status, description)| format!("\n* {status}: {}", description.replace('\n', " ")))
        .collect();
    if lines.is_empty() { lines } else { format!("\n\nOther answers:\n{lines}") }
}

/// Gives every request one media type: JSON, or bytes.
pub fn merge_bodies(document: &mut Value) -> Result<()> {
    for (_, operation) in operations_mut(document) {
        if let Some(merged) = one_content(members(operation, "/requestBody/content").collect()) {
            operation["requestBody"]["content"] = merged;
        }
    }
    Ok(())
}

/// The client keeps no cookies.
pub fn refuse_cookies(document: &Value) -> Result<()> {
    let has_cookie = |operation| items(operation, "/parameters").any(|parameter| parameter["in"] == "cookie");
    match operations(document).find(|(_, _, _, operation)| has_cookie(operation)) {
        Some((place, ..)) => Err(Error::new(place, "has a cookie parameter, which the client can't send")),
        None => Ok(()),
    }
}

/// Leaves of the components the schemas only: all else is in the operations by now, or no business of the
/// generator.
pub fn drop_shared_parts(document: &mut Value) -> Result<()> {
    if let Some(Value::Object(components)) = document.get_mut("components") {
        components.retain(|name, _| name == "schemas");
    }
    Ok(())
}

/// One media type in place of several: JSON, or bytes; nothing in place of none.
fn one_content(contents: Vec<(&String, &Value)>) -> Option<Value> {
    let json = contents.iter().find(|(media_type, _)| is_json(media_type));
    let bytes = json!({ "application/octet-stream": { "schema": { "type": "string", "format": "binary" } } });
    match json {
        Some((_, content)) => Some(json!({ "application/json": { "schema": content["schema"] } })),
        None => (!contents.is_empty()).then_some(bytes),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::samples::{
        assert_has, assert_has_not, contract, failure, generate, ok, operation, reference,
    };

    #[test]
    fn an_upload_of_several_media_types_takes_bytes() {
        let binary = json!({ "schema": { "type": "string", "format": "binary" } });
        let text = json!({ "schema": { "type": "string" } });
        let upload = json!({
            "operationId": "upload",
            "requestBody": { "content": { "application/pdf": binary, "text/plain": text } },
            "responses": { "201": { "description": "" } }
        });
        let text = generate(&contract(json!({ "/files": { "post": upload } }), json!({})));
        assert_has(&text, "pub async fn upload<'a, B: Into<reqwest::Body>>(&'a self, body: B)");
        assert_has(&text, "body: B) -> Result<ResponseValue<()>, Error<()>>");
    }

    #[test]
    fn an_answer_of_any_other_media_type_is_a_stream() {
        let content =
            json!({ "application/pdf": {}, "application/octet-stream": {}, "application/problem+json": {} });
        let answers = json!({ "200": { "description": "", "content": content } });
        let get = json!({ "operationId": "get", "responses": answers });
        assert_has(&generate(&operation(get)), "Result<ResponseValue<ByteStream>, Error<()>>");
    }

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
        assert_has(&text, "200..=299 => ResponseValue::from_response(response).await,");
        assert_has(&text, ".await, _ => Err(Error::UnexpectedResponse(response))");
        assert_has(
            &text,
            "/// Gets it. /// /// Other answers: /// /// * 404: Not there. /// * default: Not there.",
        );
    }

    #[test]
    fn cookies_are_refused() {
        let cookie = json!([{ "name": "id", "in": "cookie", "schema": { "type": "string" } }]);
        let get = json!({ "operationId": "get", "responses": ok(reference("Thing")) });
        for holder in ["/paths/~1things/get", "/paths/~1things"] {
            let mut document = operation(get.clone());
            document.pointer_mut(holder).unwrap()["parameters"] = cookie.clone();
            assert_eq!(
                failure(&document),
                "paths./things.get: has a cookie parameter, which the client can't send"
            );
        }
    }

    #[test]
    fn shared_parts_do_not_reach_the_generator() {
        let get = json!({ "operationId": "get", "responses": ok(reference("Thing")) });
        let mut document = operation(get);
        document["components"]["responses"] = json!({ "Odd": "not OpenAPI" });
        assert_has_not(&generate(&document), "Odd");
    }
}
