//! Small contracts for the tests.

use serde_json::{Value, json};

use super::error::{Error, Result};
use super::rust_types::Choice;

/// A contract with these paths and schemas.
pub fn contract(paths: Value, schemas: Value) -> Value {
    json!({
        "openapi": "3.0.1",
        "info": { "title": "Sample", "version": "1" },
        "servers": [{ "url": "https://api.example" }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": {
                "OrganizationId": { "name": "X-Org", "in": "header", "schema": { "type": "string" } }
            },
            "securitySchemes": { "auth": { "type": "oauth2", "flows": { "clientCredentials": {
                "tokenUrl": "https://token.example", "scopes": { "all": "" }
            } } } }
        }
    })
}

/// A contract with one operation, `GET /things`.
pub fn operation(operation: Value) -> Value {
    contract(
        json!({ "/things": { "get": operation } }),
        json!({ "Thing": { "type": "object", "properties": {} } }),
    )
}

/// A contract with one operation that answers with a `Thing` of these members.
pub fn answer(members: Value) -> Value {
    let answer = json!({ "operationId": "getThing", "responses": ok(reference("Thing")) });
    contract(
        json!({ "/things": { "get": answer } }),
        json!({ "Thing": { "type": "object", "properties": members } }),
    )
}

/// A contract with one operation that takes a `Thing` of these members.
pub fn request(members: Value) -> Value {
    let request = json!({
        "operationId": "makeThing",
        "requestBody": { "content": { "application/json": { "schema": reference("Thing") } } },
        "responses": { "204": { "description": "" } }
    });
    contract(
        json!({ "/things": { "post": request } }),
        json!({ "Thing": { "type": "object", "properties": members } }),
    )
}

pub fn ok(schema: Value) -> Value {
    json!({ "200": { "description": "", "content": { "application/json": { "schema": schema } } } })
}

pub fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

pub fn generate_with(contract: &Value, choice: &Choice) -> Result<String> {
    super::generate_with(&contract.to_string(), choice)
}

/// What is generated, squeezed.
#[track_caller]
pub fn generate(contract: &Value) -> String {
    match generate_with(contract, &NO_CHOICE) {
        Ok(text) => squeeze(&text),
        Err(e) => panic!("{e}"),
    }
}

#[track_caller]
pub fn failure(contract: &Value) -> String {
    generate_with(contract, &NO_CHOICE).map(|text| squeeze(&text)).unwrap_err().to_string()
}

/// The text without spaces, line ends and last commas, so that a test can look for code however it is
/// printed.
pub fn squeeze(text: &str) -> String {
    let squeezed: String = text.split_whitespace().collect();
    squeezed.replace(",)", ")").replace(",}", "}").replace(",]", "]").replace(",>", ">")
}

#[track_caller]
pub fn assert_has(text: &str, code: &str) {
    assert!(text.contains(&squeeze(code)), "no `{code}` in\n{text}");
}

#[track_caller]
pub fn assert_has_not(text: &str, code: &str) {
    assert!(!text.contains(&squeeze(code)), "`{code}` in\n{text}");
}

pub const NO_CHOICE: Choice = Choice { parameters: &[], members: &[] };

/// What went wrong, for tests of a single step.
pub fn message(result: Result<()>) -> String {
    result.map_err(|e: Error| e.to_string()).unwrap_err()
}
