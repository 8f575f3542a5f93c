//! Gives a name to every string enum and every object that stands inside another schema, be it as a member or in
//! a composition: an enum needs one to be made open, an object to print its shape, and the generator would name
//! them by rules of its own.

use serde_json::{Value, json};

use super::error::{Error, Result};
use super::names::pascal;
use super::walk::{
    Object, components_mut, items, members_mut, operation_schemas_mut, operations_mut, reference_to,
};

/// What is said of a member itself, not of the type that it has.
const OF_THE_MEMBER: [&str; 3] = ["nullable", "readOnly", "writeOnly"];

/// Moves inline enums and objects to `components.schemas`, named after the schema and the member that hold
/// them.
pub fn hoist(document: &mut Value) -> Result<()> {
    let mut hoisted = Hoisted::default();
    for (name, schema) in members_mut(document, "/components/schemas") {
        hoisted.take_from_members(&format!("components.schemas.{name}"), name, schema)?;
    }
    for (place, operation) in operations_mut(document) {
        let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
        for part in operation_schemas_mut(&place, operation) {
            let name = pascal(&format!("{id}-{}", part.role));
            hoisted.take(&part.place, &name, part.schema)?;
        }
    }
    hoisted.add_to(document)
}

/// The schemas that were moved, with their names and the places that they came from.
#[derive(Default)]
struct Hoisted(Vec<(String, String, Value)>);

impl Hoisted {
    fn take_from_members(&mut self, place: &str, name: &str, schema: &mut Value) -> Result<()> {
        self.take_from_compositions(place, name, schema)?;
        for (member, part) in members_mut(schema, "/properties") {
            self.take(&format!("{place}.properties.{member}"), &format!("{name}{}", pascal(member)), part)?;
        }
        for key in ["items", "additionalProperties"] {
            if let Some(part) = schema.get_mut(key) {
                self.take(&format!("{place}.{key}"), &format!("{name}{}", pascal(key)), part)?;
            }
        }
        Ok(())
    }

    /// Looks in the parts and branches of a composition, named by their number.
    fn take_from_compositions(&mut self, place: &str, name: &str, schema: &mut Value) -> Result<()> {
        for key in ["allOf", "anyOf", "oneOf"] {
            for (n, part) in
                schema.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten().enumerate()
            {
                self.take(&format!("{place}.{key}.{n}"), &format!("{name}{n}"), part)?;
            }
        }
        Ok(())
    }

    /// Takes the schema away if it is an enum or an object, else looks for one among what it lists.
    fn take(&mut self, place: &str, name: &str, schema: &mut Value) -> Result<()> {
        if !is_string_enum(schema) && schema.get("properties").is_none() {
            self.take_from_compositions(place, name, schema)?;
            return ["items", "additionalProperties"].into_iter().try_for_each(|key| {
                schema.get_mut(key).map_or(Ok(()), |part| self.take(&format!("{place}.{key}"), name, part))
            });
        }
        self.take_from_members(place, name, schema)?;
        let mut moved = schema.take();
        *schema = leave_reference(&mut moved, name);
        self.0.push((name.to_owned(), place.to_owned(), moved));
        Ok(())
    }

    fn add_to(self, document: &mut Value) -> Result<()> {
        for (name, place, schema) in self.0 {
            let schemas = components_mut(document, "schemas")?;
            match schemas.get(&name) {
                Some(other) if !is_same(other, &schema) => {
                    let problem = format!(
                        "would be named {name}, but another schema has that name; name it in `components`"
                    );
                    return Err(Error::new(place, problem));
                }
                Some(_) => {}
                None => drop(schemas.insert(name, schema)),
            }
        }
        Ok(())
    }
}

/// What remains in the place of a moved schema.
fn leave_reference(moved: &mut Value, name: &str) -> Value {
    let mut left = Object::from_iter([("allOf".to_owned(), json!([reference_to(name)]))]);
    if let Some(moved) = moved.as_object_mut() {
        left.extend(OF_THE_MEMBER.iter().filter_map(|key| moved.remove_entry(*key)));
        left.extend(moved.get("description").map(|text| ("description".to_owned(), text.clone())));
    }
    left.into()
}

pub fn is_string_enum(schema: &Value) -> bool {
    let values = schema.get("enum").and_then(Value::as_array);
    values.is_some_and(|values| values.iter().any(Value::is_string))
}

/// The same but for what is said about it. That null is in a list of values says that it is allowed.
fn is_same(a: &Value, b: &Value) -> bool {
    let values = |schema| items(schema, "/enum").filter(|value| !value.is_null());
    values(a).eq(values(b)) && a.get("properties") == b.get("properties")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::samples::{
        answer, assert_has, assert_has_not, contract, failure, generate, ok, reference,
    };

    #[test]
    fn inline_enums_and_objects_get_the_name_of_their_member() {
        let state =
            json!({ "type": "string", "enum": ["ON"], "nullable": true, "description": "On or off." });
        let text = generate(&answer(json!({
            "state": state,
            "all_states": { "type": "array", "items": { "enum": ["OFF"] } },
            "served": { "enum": ["YES"], "readOnly": true },
            "part": { "properties": { "kind": { "enum": ["BIG"] } } },
        })));
        assert_has(&text, "pub state: ::std::option::Option<crate::types::ThingState>");
        assert_has(
            &text,
            "/// On or off. #[serde(default, skip_serializing_if = \"Option::is_none\")] pub state",
        );
        assert_has(&text, "pub enum ThingState { /// `ON` On = \"ON\", }");
        assert_has(&text, "pub all_states: ::std::vec::Vec<crate::types::ThingAllStates>");
        assert_has(
            &text,
            "#[serde(default, skip_serializing)] pub served: ::std::option::Option<crate::types::ThingServed>",
        );
        assert_has(&text, "pub part: ::std::option::Option<ThingPart>");
        assert_has(
            &text,
            "pub struct ThingPart { #[serde(default, skip_serializing_if = \"Option::is_none\")]
            pub kind: ::std::option::Option<crate::types::ThingPartKind>",
        );
        assert_has(&text, "pub enum ThingPartKind {");
    }

    #[test]
    fn enums_in_compositions_are_open_too() {
        let object = json!({ "type": "object", "properties": { "kind": { "enum": ["B"] } } });
        let list = json!({ "type": "array", "items": { "enum": ["C"] } });
        let mut document = answer(json!({
            "either": { "oneOf": [{ "enum": ["A"] }, object] },
            "any": { "type": "array", "items": { "anyOf": [{ "type": "integer" }, list] } },
            "all": { "allOf": [{ "type": "string", "maxLength": 3 }, { "enum": ["D"] }] },
            "named": reference("Named"),
        }));
        document["components"]["schemas"]["Named"] =
            json!({ "oneOf": [{ "type": "integer" }, { "enum": ["E"] }] });
        let text = generate(&document);
        let enums = [
            ("ThingEither0", "A"),
            ("ThingEither1Kind", "B"),
            ("ThingAny1", "C"),
            ("ThingAll1", "D"),
            ("Named1", "E"),
        ];
        for (name, value) in enums {
            assert_has(&text, &format!("pub enum {name} {{ /// `{value}` {value} = \"{value}\", }}"));
        }
        assert_has(&text, "pub kind: ::std::option::Option<crate::types::ThingEither1Kind>");
        // As typify's own enums are.
        assert_has_not(&text, "PartialOrd");
        // Open enums have none that it could call.
        assert_has_not(&text, "impl ::std::str::FromStr for Named");
    }

    #[test]
    fn parameters_bodies_and_answers_get_the_name_of_their_operation() {
        let body = json!({ "content": { "application/json": { "schema": { "properties": {} } } } });
        let parameter =
            json!({ "name": "sort", "in": "query", "required": true, "schema": { "enum": ["UP"] } });
        let list = json!({
            "operationId": "listAll",
            "parameters": [parameter],
            "requestBody": body,
            "responses": ok(json!({ "type": "array", "items": { "properties": {} } }))
        });
        let text = generate(&contract(json!({ "/": { "put": list } }), json!({})));
        assert_has(
            &text,
            "list_all<'a>(&'a self, sort: &'a crate::types::ListAllSort, body: &'a types::ListAllBody)",
        );
        assert_has(&text, "Result<ResponseValue<crate::lenient::List<types::ListAllResponse>>, Error<()>>");
    }

    #[test]
    fn a_name_is_shared_only_by_what_is_the_same() {
        let state = json!({ "enum": ["ON", null], "nullable": true });
        let mut document = answer(json!({ "state": state, "other": reference("ThingState") }));
        document["components"]["schemas"]["ThingState"] = json!({ "description": "Known.", "enum": ["ON"] });
        assert_has(&generate(&document), "/// Known. pub enum ThingState { /// `ON` On = \"ON\", }");

        document["components"]["schemas"]["ThingState"] = json!({ "enum": ["OFF"] });
        let expected = "components.schemas.Thing.properties.state: would be named ThingState, \
                        but another schema has that name; name it in `components`";
        assert_eq!(failure(&document), expected);
    }
}
