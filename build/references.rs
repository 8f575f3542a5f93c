//! First step: every operation holds its own parameters, body and answers, so that no later step has to look
//! elsewhere. What is a setting of the client is not among them.

use serde_json::Value;

use super::error::{Error, Result};
use super::walk::{members_mut, methods_mut, operations_mut};

/// How many references may follow one another. More is a circle.
const LONGEST_CHAIN: usize = 8;

/// Puts a copy in place of each reference to a shared parameter, body or answer, and a path's parameters into
/// its operations.
pub fn inline(document: &mut Value) -> Result<()> {
    let shared = document.clone();
    for (path, path_item) in members_mut(document, "/paths") {
        resolve_all(&format!("paths.{path}"), path_item.get_mut("parameters"), &shared)?;
    }
    for (place, operation) in operations_mut(document) {
        for part in ["parameters", "responses"] {
            resolve_all(&place, operation.get_mut(part), &shared)?;
        }
        if let Some(body) = operation.get_mut("requestBody") {
            resolve(&place, body, &shared)?;
        }
    }
    for (_, path_item) in members_mut(document, "/paths") {
        hand_down_parameters(path_item);
    }
    Ok(())
}

fn resolve_all(place: &str, parts: Option<&mut Value>, shared: &Value) -> Result<()> {
    match parts {
        Some(Value::Array(parts)) => parts.iter_mut().try_for_each(|part| resolve(place, part, shared)),
        Some(Value::Object(parts)) => parts.values_mut().try_for_each(|part| resolve(place, part, shared)),
        _ => Ok(()),
    }
}

fn resolve(place: &str, part: &mut Value, shared: &Value) -> Result<()> {
    for _ in 0..LONGEST_CHAIN {
        let Some(target) = part.get("$ref").and_then(Value::as_str) else { return Ok(()) };
        let pointer = target.trim_start_matches('#');
        *part = shared.pointer(pointer).cloned().unwrap_or_default();
    }
    Err(Error::new(place, "its references go round in a circle"))
}

/// Gives every operation of the path the parameters that all of them share, save those that it redefines.
/// A header or a query parameter that is shared says on whose behalf any call is made: it is a setting of the
/// client and no argument of its operations.
fn hand_down_parameters(path_item: &mut Value) {
    let shared = path_item.as_object_mut().and_then(|item| item.remove("parameters"));
    let Some(Value::Array(mut shared)) = shared else { return };
    shared.retain(|parameter| parameter["in"] != "header" && parameter["in"] != "query");
    for (_, operation) in methods_mut(path_item) {
        let Some(operation) = operation.as_object_mut() else { continue };
        let own = operation.entry("parameters").or_insert_with(|| Value::Array(Vec::new()));
        let Some(own) = own.as_array_mut() else { continue };
        let inherited = shared.iter().filter(|shared| !own.iter().any(|own| same_parameter(own, shared)));
        let inherited: Vec<_> = inherited.cloned().collect();
        own.extend(inherited);
    }
}

fn same_parameter(a: &Value, b: &Value) -> bool {
    a.get("name") == b.get("name") && a.get("in") == b.get("in")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::samples::{assert_has, contract, generate, message, ok};
    use super::inline;

    #[test]
    fn shared_parts_are_copied_into_operations() {
        let mut document = contract(
            json!({ "/things": {
                "parameters": [
                    { "$ref": "#/components/parameters/Id" },
                    { "name": "x", "in": "path", "from": "path" }
                ],
                "get": {
                    "parameters": [{ "name": "x", "in": "path", "from": "operation" }],
                    "requestBody": { "$ref": "#/components/requestBodies/Body" },
                    "responses": { "404": { "$ref": "#/components/responses/Alias" } }
                }
            } }),
            json!({}),
        );
        document["components"]["parameters"]["Id"] = json!({ "name": "id", "in": "path" });
        document["components"]["requestBodies"] = json!({ "Body": { "content": "the body" } });
        document["components"]["responses"] = json!({
            "Alias": { "$ref": "#/components/responses/Missing" }, "Missing": { "description": "gone" }
        });

        inline(&mut document).unwrap();

        let expected = json!({ "get": {
            "parameters": [
                { "name": "x", "in": "path", "from": "operation" },
                { "name": "id", "in": "path" }
            ],
            "requestBody": { "content": "the body" },
            "responses": { "404": { "description": "gone" } }
        } });
        assert_eq!(document["paths"]["/things"], expected);
    }

    #[test]
    fn shared_headers_and_queries_are_settings_and_those_of_an_operation_arguments() {
        let parameter = |name: &str, location: &str| {
            let required = location == "path";
            json!({ "name": name, "in": location, "required": required, "schema": { "type": "string" } })
        };
        let get = json!({
            "operationId": "get",
            "parameters": [parameter("page", "query"), parameter("X-Mode", "header"), parameter("own", "query")],
            "responses": ok(json!({ "type": "string" }))
        });
        let shared = [
            json!({ "$ref": "#/components/parameters/OrganizationId" }),
            parameter("account", "query"),
            parameter("own", "query"),
            parameter("id", "path"),
        ];
        let document = contract(json!({ "/{id}": { "parameters": shared, "get": get } }), json!({}));
        assert_has(
            &generate(&document),
            "get<'a>(&'a self, id: &'a crate::AnyId, own: Option<&'a str>, page: Option<&'a str>,
             x_mode: Option<&'a str>)",
        );
    }

    #[test]
    fn a_circle_of_references_is_an_error() {
        let circle = json!({ "$ref": "#/components/responses/A" });
        let mut document =
            contract(json!({ "/a": { "get": { "responses": { "200": circle } } } }), json!({}));
        document["components"]["responses"] = json!({ "A": circle });
        assert_eq!(message(inline(&mut document)), "paths./a.get: its references go round in a circle");
    }
}
