//! Schemas, told to the generator so that its types read every answer that can come: no limits, no closed
//! objects, no defaults, and nothing required but an answer's own ids. What is sent is held to the contract
//! by the library's local validation, which reads the rules from the tables.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::error::{Error, Result};
use super::names::{pascal, snake};
use super::rust_types;
use super::walk::{
    Object, items, members, referred, schema_pointer, schemas, schemas_in_requests, schemas_in_use,
    visit_schemas,
};

/// What the generator is to see of a schema. All else makes a type stricter than the service is, or does
/// nothing.
const KEPT: [&str; 12] = [
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "description",
    "enum",
    "format",
    "items",
    "oneOf",
    "properties",
    "required",
    "type",
];

const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];

/// The formats that choose a type of Rust's own; others would choose one from a crate that we don't have.
const FORMATS: [&str; 4] = ["binary", "double", "int32", "int64"];

/// What a schema can say without a word of the type.
const SAID: [&str; 6] = ["default", "deprecated", "description", "example", "externalDocs", "title"];

/// The like, but true where any part of a composition says so.
const MARKS: [&str; 3] = ["nullable", "readOnly", "writeOnly"];

/// Two schemas, or two members of one, must not become one name in Rust.
pub fn check_names(document: &Value) -> Result<()> {
    let names = schemas(document).map(|(name, _)| name);
    check_unique("components.schemas", names, pascal)?;
    for (name, schema) in schemas(document) {
        let names = members(schema, "/properties").map(|(name, _)| name);
        check_unique(&format!("components.schemas.{name}"), names, snake)?;
    }
    Ok(())
}

fn check_unique<'a>(
    place: &str,
    names: impl Iterator<Item = &'a String>,
    in_rust: fn(&str) -> String,
) -> Result<()> {
    let mut taken = BTreeMap::new();
    for name in names {
        if let Some(other) = taken.insert(in_rust(name), name) {
            let problem = format!("{other} and {name} are both {} in Rust; rename one", in_rust(name));
            return Err(Error::new(place, problem));
        }
    }
    Ok(())
}

/// Brings a composition that is one schema with something said about it into one form: an `allOf` of a reference,
/// with what is said beside it, or that schema itself. What looks at schemas later knows no other form.
pub fn simplify(document: &mut Value) -> Result<()> {
    visit_schemas(document, |_, schema| {
        simplify_one(schema);
        Ok(())
    })
}

fn simplify_one(schema: &mut Object) {
    let mut parts = Vec::new();
    for (key, most) in [("allOf", usize::MAX), ("anyOf", 1), ("oneOf", 1)] {
        if let Some(Value::Array(branches)) = schema.get_mut(key)
            && branches.len() <= most
        {
            parts.append(branches);
            schema.remove(key);
        }
    }
    // An object of nothing known adds nothing to another part.
    let is_typed = parts.iter().any(|part| !only_says(part, Some("type")));
    let said = parts.extract_if(.., |part| {
        only_says(part, None) || is_typed && part["type"] == "object" && only_says(part, Some("type"))
    });
    for mut part in said.filter_map(|part| part.as_object().cloned()) {
        part.remove("type");
        add(schema, part);
    }
    match parts.as_slice() {
        [] => {}
        [Value::Object(only)] if fits_into(only, schema) => add(schema, only.clone()),
        _ => {
            if schema.get("type").is_some_and(|of_all| of_all == "object")
                && !schema.contains_key("additionalProperties")
            {
                schema.remove("type");
            }
            schema.insert("allOf".into(), parts.into());
        }
    }
}

/// Whether the part tells nothing of the type, but for that key.
fn only_says(part: &Value, but_for: Option<&str>) -> bool {
    part.as_object().is_some_and(|part| part.keys().all(|key| is_said(key) || Some(key.as_str()) == but_for))
}

fn is_said(key: &str) -> bool {
    MARKS.contains(&key) || SAID.contains(&key) || key.starts_with("x-")
}

fn fits_into(part: &Object, schema: &Object) -> bool {
    let mut members = part.iter();
    !part.contains_key("$ref")
        && members.all(|(key, value)| is_said(key) || schema.get(key).is_none_or(|own| own == value))
}

fn add(schema: &mut Object, part: Object) {
    for (key, value) in part {
        if MARKS.contains(&key.as_str()) && value == true {
            schema.insert(key, value);
        } else {
            schema.entry(key).or_insert(value);
        }
    }
}

/// Writes an `allOf` that adds members to another object as one object with all of them. A named schema that is
/// composed of a single other one is a type of its own, elsewhere that is a reference with a text beside it.
pub fn flatten_compositions(document: &mut Value) -> Result<()> {
    let whole = document.clone();
    let mut known = BTreeMap::new();
    visit_schemas(document, |place, schema| {
        let name = place.strip_prefix("components.schemas.").unwrap_or_default();
        let is_named = whole.pointer(&schema_pointer(name)).is_some();
        let composed = schema.contains_key("allOf") && (is_named || referred(schema).is_none());
        if let Some((properties, required)) =
            composed.then(|| composition(schema, &whole, &mut known)).flatten()
        {
            schema.remove("allOf");
            schema.insert("type".into(), "object".into());
            schema.insert("properties".into(), properties.into());
            schema.insert("required".into(), required.into());
        }
        Ok(())
    })
}

/// Members and required list.
type Composed = (Object, Vec<Value>);

/// Those of an object with all its parts, if all of them are objects. `known` has those of the schemas referred to
/// so far: there can be many ways to one.
fn composition(
    schema: &Object,
    whole: &Value,
    known: &mut BTreeMap<String, Option<Composed>>,
) -> Option<Composed> {
    let (mut properties, mut required) = (Object::new(), Vec::new());
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        if let Some(composed) = known.get(target) {
            return composed.clone();
        }
        let referred = whole.pointer(target.trim_start_matches('#'))?;
        let composed = composition(referred.as_object()?, whole, known);
        known.insert(target.to_owned(), composed.clone());
        return composed;
    }
    if !schema.contains_key("allOf") && !schema.contains_key("properties") {
        return None;
    }
    for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        let (inherited, demanded) = composition(part.as_object()?, whole, known)?;
        properties.extend(inherited);
        required.extend(demanded.into_iter().filter(|name| !required.contains(name)).collect::<Vec<_>>());
    }
    properties.extend(schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default());
    required.extend(schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default());
    Some((properties, required))
}

/// Leaves out the schemas that no operation sends or answers with: nobody could come by such a value. What is
/// answered on failure is among them, because one lenient parser reads that.
pub fn drop_unused(document: &mut Value) {
    let used = schemas_in_use(document);
    if let Some(Value::Object(schemas)) = document.pointer_mut("/components/schemas") {
        schemas.retain(|name, _| used.contains(name));
    }
}

/// Requires nothing but the ids of what is answered and never sent. A member that may be null is not required
/// either.
pub fn relax_required(document: &mut Value) -> Result<()> {
    let sent = schemas_in_requests(document);
    visit_schemas(document, |place, schema| {
        let required = schema.remove("required").unwrap_or_default();
        let name = place.strip_prefix("components.schemas.");
        if name.is_some_and(|name| !sent.contains(name)) {
            let own_ids =
                items(&required, "").filter(|name| is_plain_id(schema, name)).cloned().collect::<Vec<_>>();
            schema.insert("required".into(), own_ids.into());
        }
        Ok(())
    })
}

fn is_plain_id(schema: &Object, name: &Value) -> bool {
    let member = name.as_str().and_then(|name| schema.get("properties")?.get(name));
    let format = member.and_then(|member| member.get("format")?.as_str());
    format.is_some_and(rust_types::is_id) && member.is_some_and(|member| member["nullable"] != true)
}

/// Keeps of every schema what the generator needs, in one spelling.
pub fn strip(document: &mut Value) -> Result<()> {
    visit_schemas(document, |place, schema| {
        if let Some(odd) =
            schema.get("type").filter(|of_schema| !TYPES.iter().any(|known| of_schema == known))
        {
            return Err(Error::new(
                place,
                format_args!("has the type {odd}; OpenAPI 3.0 knows {}", TYPES.join(", ")),
            ));
        }
        schema.retain(|key, _| KEPT.contains(&key.as_str()));
        if schema.get("additionalProperties").is_some_and(Value::is_boolean) {
            schema.remove("additionalProperties");
        }
        if schema.get("format").is_some_and(|format| !is_known_format(format)) {
            schema.remove("format");
        }
        keep_string_enum(schema);
        if schema.contains_key("properties") {
            schema.insert("type".into(), "object".into());
        }
        wrap_reference(schema);
        Ok(())
    })
}

fn is_known_format(format: &Value) -> bool {
    format.as_str().is_some_and(|format| FORMATS.contains(&format) || rust_types::is_ours(format))
}

/// A list of strings makes an open enum; a list of numbers would make a closed type.
fn keep_string_enum(schema: &mut Object) {
    let Some(Value::Array(mut values)) = schema.remove("enum") else { return };
    values.retain(Value::is_string);
    if !values.is_empty() {
        schema.insert("type".into(), "string".into());
        schema.insert("enum".into(), values.into());
    }
}

/// OpenAPI 3.0 ignores what stands beside a `$ref`, so a description there needs an `allOf` around the
/// reference.
fn wrap_reference(schema: &mut Object) {
    if let Some(target) = schema.remove("$ref") {
        let description = schema.remove("description");
        schema.clear();
        match description {
            None => schema.insert("$ref".into(), target),
            Some(text) => {
                schema.insert("description".into(), text);
                schema.insert("allOf".into(), json!([{ "$ref": target }]))
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::rust_types::Choice;
    use super::super::samples::{
        answer, assert_has, assert_has_not, failure, generate, generate_with, reference, request, squeeze,
    };

    fn with_thing(key: &str, value: Value, mut document: Value) -> Value {
        document["components"]["schemas"]["Thing"][key] = value;
        document
    }

    #[test]
    fn nothing_makes_a_type_stricter_than_the_service() {
        let document = answer(json!({
            "text": { "type": "string", "minLength": 1, "maxLength": 5, "pattern": "^a", "format": "uuid" },
            "count": { "type": "integer", "minimum": 1, "default": 3, "format": "int32" },
            "any_size": { "type": "integer", "format": "uint8" },
            "level": { "type": "integer", "enum": [1, 2] },
            "ratio": { "type": "number", "format": "float", "x-note": 1 },
            "names": {
                "type": "array", "uniqueItems": true, "minItems": 1, "items": { "type": "string" }, "default": ["a"]
            },
            "title": { "type": "string", "title": "Heading", "example": 1, "nullable": true },
        }));
        let text = generate(&with_thing("additionalProperties", json!(false), document));
        assert_has_not(&text, "deny_unknown_fields");
        for (member, ty) in [
            ("text", "Option<::std::string::String>"),
            ("count", "Option<i32>"),
            ("any_size", "Option<i64>"),
            ("level", "Option<i64>"),
            ("ratio", "Option<f64>"),
            ("title", "Option<::std::string::String>"),
        ] {
            assert_has(&text, &format!("pub {member}: ::std::option::{ty}"));
        }
        assert_has(&text, "pub names: ::std::vec::Vec<::std::string::String>");
    }

    #[test]
    fn a_reference_with_siblings_is_an_optional_member_with_documentation() {
        let mut beside = reference("Part");
        beside["description"] = "Beside.".into();
        beside["nullable"] = true.into();
        let around = json!({ "allOf": [reference("Part")], "nullable": true, "description": "Around." });
        let maybe = reference("MaybePart");
        let mut document =
            answer(json!({ "beside": beside, "around": around, "bare": reference("Part"), "maybe": maybe }));
        document["components"]["schemas"]["Part"] = json!({ "properties": {} });
        document["components"]["schemas"]["MaybePart"] = json!({ "properties": {}, "nullable": true });
        let required = json!(["beside", "around", "bare", "maybe"]);
        let text = generate(&with_thing("required", required, document));
        let serde = "#[serde(default, skip_serializing_if = \"Option::is_none\")]";
        assert_has(&text, &format!("/// Beside. {serde} pub beside: ::std::option::Option<Part>"));
        assert_has(&text, &format!("/// Around. {serde} pub around: ::std::option::Option<Part>"));
        assert_has(&text, "pub bare: ::std::option::Option<Part>");
        assert_has(&text, "pub maybe: ::std::option::Option<MaybePart>");
    }

    #[test]
    fn only_an_answers_own_ids_are_required() {
        const IDS: Choice = Choice {
            parameters: &[],
            members: &[("Thing.id", "OrderId"), ("Thing.other", "TaskId"), ("Thing.artifact", "Secret")],
        };
        let string = json!({ "type": "string" });
        let members = json!({
            "id": string, "other": { "type": "string", "nullable": true }, "artifact": string, "name": string,
        });
        let required = json!(["id", "other", "artifact", "name"]);

        let answered = with_thing("required", required.clone(), answer(members.clone()));
        let text = squeeze(&generate_with(&answered, &IDS).unwrap());
        assert_has(&text, "pub id: crate::OrderId");
        assert_has(&text, "pub other: ::std::option::Option<crate::TaskId>");
        assert_has(&text, "pub artifact: ::std::option::Option<crate::Secret>");
        assert_has(&text, "pub name: ::std::option::Option<::std::string::String>");

        let sent = with_thing("required", required, request(members));
        assert_has(
            &squeeze(&generate_with(&sent, &IDS).unwrap()),
            "pub id: ::std::option::Option<crate::OrderId>",
        );
    }

    #[test]
    fn a_composition_is_one_object() {
        let mut document = request(json!({}));
        document["components"]["schemas"]["Base"] =
            json!({ "properties": { "id": { "type": "string" }, "kind": { "type": "integer" } } });
        let own = json!({ "name": { "enum": ["A"] } });
        for whole in [
            json!({ "allOf": [reference("Base"), { "properties": own }] }),
            json!({ "allOf": [reference("Base")], "properties": own }),
        ] {
            document["components"]["schemas"]["Thing"] = whole;
            let text = generate(&document);
            assert_has(
                &text,
                "crate::contract::Schema { name: \"Thing\", members: &[crate::contract::Member { name: \"id\"",
            );
            assert_has(&text, "pub name: ::std::option::Option<crate::types::ThingName>");
        }
    }

    /// All but the line that tells the contract's hash.
    fn code(text: &str) -> String {
        text.split_once("donotedit.").unwrap().1.to_owned()
    }

    /// The type as well as the entry of the table: what is generated is the same as a whole.
    #[test]
    fn a_composition_of_one_schema_is_that_schema() {
        let with = |member: &Value, target: &Value| {
            let mut document = request(json!({ "it": member }));
            document["components"]["schemas"]["Target"] = target.clone();
            code(&generate(&document))
        };
        let it = reference("Target");
        let said = json!({ "$ref": it["$ref"], "description": "It.", "nullable": true, "readOnly": true });
        let forms = [
            json!({ "allOf": [it, { "description": "It.", "nullable": true, "readOnly": true }] }),
            json!({ "allOf": [{ "title": "T", "x-a": 1, "description": "No." }, it, { "nullable": true }],
                    "description": "It.", "nullable": false, "readOnly": true }),
            json!({ "oneOf": [it], "description": "It.", "nullable": true, "readOnly": true }),
            json!({ "anyOf": [{ "allOf": [it], "nullable": true, "description": "It." }], "readOnly": true }),
            json!({ "allOf": [{ "type": "object", "readOnly": true }, it], "type": "object",
                    "description": "It.", "nullable": true }),
            json!({ "allOf": [{ "oneOf": [it], "example": 1 }], "anyOf": [{ "deprecated": true }],
                    "description": "It.", "nullable": true, "readOnly": true }),
        ];
        let targets = [
            json!({ "properties": { "id": { "type": "string" } } }),
            json!({ "enum": ["ON"] }),
            json!({ "type": "string", "maxLength": 3 }),
        ];
        for target in &targets {
            let expected = with(&said, target);
            for form in &forms {
                assert_eq!(with(form, target), expected, "{form}");
            }
        }
    }

    #[test]
    fn a_composition_of_one_inline_schema_is_that_schema() {
        let string = json!({ "type": "string", "maxLength": 3, "nullable": true, "description": "It." });
        let object =
            json!({ "type": "object", "properties": { "id": { "type": "string" } }, "description": "It." });
        for plain in
            [string, object, json!({ "enum": ["ON"], "description": "It." }), json!({ "description": "It." })]
        {
            let expected = code(&generate(&request(json!({ "it": plain }))));
            for key in ["allOf", "anyOf", "oneOf"] {
                let forms = [
                    json!({ key: [plain] }),
                    json!({ key: [{ "allOf": [plain] }], "type": plain["type"] }),
                    json!({ "allOf": [{ "title": "T" }], key: [{ "anyOf": [plain], "default": 1 }] }),
                ];
                for mut form in forms {
                    form.as_object_mut().unwrap().retain(|_, value| !value.is_null());
                    assert_eq!(code(&generate(&request(json!({ "it": form })))), expected, "{form}");
                }
            }
        }
    }

    #[test]
    fn a_type_that_openapi_does_not_know_is_refused() {
        for odd in [json!("text"), json!(["string", "null"]), Value::Null] {
            let expected = format!(
                "components.schemas.Thing.properties.id: has the type {odd}; \
                 OpenAPI 3.0 knows array, boolean, integer, number, object, string"
            );
            assert_eq!(failure(&answer(json!({ "id": { "type": odd } }))), expected);
        }
    }

    #[test]
    fn names_that_become_one_in_rust_are_refused() {
        let string = json!({ "type": "string" });
        let members = answer(json!({ "taskId": string, "task_id": string }));
        assert_eq!(
            failure(&members),
            "components.schemas.Thing: taskId and task_id are both task_id in Rust; rename one"
        );

        let mut types = answer(json!({ "other": reference("thing") }));
        types["components"]["schemas"]["thing"] = json!({ "type": "object" });
        assert_eq!(failure(&types), "components.schemas: Thing and thing are both Thing in Rust; rename one");
    }
}
