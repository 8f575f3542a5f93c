//! First step: every operation holds its own parameters, body and answers, so that no later step has to look
//! elsewhere. What is a setting of the client is not among them.

use serde_json::Value;

use super::error::{Error, Result};
use super::walk::{components_mut, items, members, members_mut, methods_mut, operations, operations_mut};

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
    take_out_settings(document)
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
fn hand_down_parameters(path_item: &mut Value) {
    let shared = path_item.as_object_mut().and_then(|item| item.remove("parameters"));
    let Some(Value::Array(shared)) = shared else { return };
    for (_, operation) in methods_mut(path_item) {
        let Some(operation) = operation.as_object_mut() else { continue };
        let own = operation.entry("parameters").or_insert_with(|| Value::Array(Vec::new()));
        let Some(own) = own.as_array_mut() else { continue };
        let inherited = shared.iter().filter(|shared| !own.iter().any(|own| same_parameter(own, shared)));
        let inherited: Vec<_> = inherited.cloned().collect();
        own.extend(inherited);
    }
}

/// A header or a query parameter that most operations take, and need not, says on whose behalf any call is made: it
/// is a setting of the client and no argument of its operations. It is left among the shared parameters.
fn take_out_settings(document: &mut Value) -> Result<()> {
    let whole = document.clone();
    let is_setting = |parameter: &Value| {
        let is_optional = |own: &Value| own["in"] != "path" && own["required"] != true;
        let takes_it = |operation| {
            items(operation, "/parameters").any(|own| is_optional(own) && same_parameter(own, parameter))
        };
        let takers = operations(&whole).filter(|(_, _, _, operation)| takes_it(operation)).count();
        is_optional(parameter) && takers * 2 > operations(&whole).count()
    };
    let mut settings = Vec::new();
    for (_, operation) in operations_mut(document) {
        if let Some(Value::Array(parameters)) = operation.get_mut("parameters") {
            settings.extend(parameters.extract_if(.., |parameter| is_setting(parameter)));
        }
    }
    for setting in settings {
        let name = setting["name"].as_str().unwrap_or_default().to_owned();
        let is_shared =
            members(&whole, "/components/parameters").any(|(_, shared)| same_parameter(shared, &setting));
        if !is_shared {
            components_mut(document, "parameters")?.insert(name, setting);
        }
    }
    Ok(())
}

fn same_parameter(a: &Value, b: &Value) -> bool {
    a.get("name") == b.get("name") && a.get("in") == b.get("in")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::samples::{assert_has, contract, generate, message};
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

    fn parameter(name: &str, location: &str) -> Value {
        let required = location == "path";
        json!({ "name": name, "in": location, "required": required, "schema": { "type": "string" } })
    }

    fn operation(id: &str, parameters: &[Value]) -> Value {
        json!({ "operationId": id, "parameters": parameters, "responses": { "204": { "description": "" } } })
    }

    /// However it is declared: at the path, at the operation, or among the components.
    #[test]
    fn what_most_operations_take_and_need_not_is_a_setting() {
        let shared = json!([
            { "$ref": "#/components/parameters/OrganizationId" }, parameter("account", "query"), parameter("id", "path")
        ]);
        let own = [parameter("X-Org", "header"), { json!({ "$ref": "#/components/parameters/Account" }) }];
        let mut document = contract(
            json!({
                "/{id}": { "parameters": shared, "get": operation("get", &[]), "put": operation("put", &[]) },
                "/": { "get": operation("list", &own) },
                "/new": { "get": operation("new", &[]) }
            }),
            json!({}),
        );
        document["components"]["parameters"]["Account"] = parameter("account", "query");
        let text = generate(&document);
        assert_has(&text, "fn get<'a>(&'a self, id: &'a crate::AnyId)");
        assert_has(&text, "fn put<'a>(&'a self, id: &'a crate::AnyId)");
        assert_has(&text, "fn list<'a>(&'a self)");
    }

    #[test]
    fn what_one_operation_needs_or_does_not_take_is_an_argument() {
        let mut needed = parameter("needed", "query");
        needed["required"] = true.into();
        let shared = [
            needed.clone(),
            parameter("sometimes", "query"),
            parameter("some", "query"),
            parameter("X", "query"),
        ];
        let own = [
            needed,
            json!({ "name": "sometimes", "in": "query", "required": true, "schema": { "type": "string" } }),
            parameter("X", "header"),
        ];
        let document = contract(
            json!({
                "/a": { "parameters": shared, "get": operation("get", &[]) },
                "/b": { "get": operation("list", &own) }
            }),
            json!({}),
        );
        let text = generate(&document);
        assert_has(
            &text,
            "fn get<'a>(&'a self, x: Option<&'a str>, needed: &'a str, some: Option<&'a str>, sometimes: Option<&'a str>)",
        );
        assert_has(&text, "fn list<'a>(&'a self, needed: &'a str, sometimes: &'a str, x: Option<&'a str>)");
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
