//! Gives a name to every string enum and every object that stands inside another schema: an enum needs one to
//! be made open, an object to print its shape, and the generator would name them by rules of its own.

use serde_json::{Value, json};

use super::error::{Error, Result};
use super::names::pascal;
use super::walk::{Object, items, members_mut, operation_schemas_mut, operations_mut, reference_to};

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

    /// Takes the schema away if it is an enum or an object, else looks for one among what it lists.
    fn take(&mut self, place: &str, name: &str, schema: &mut Value) -> Result<()> {
        if !is_string_enum(schema) && schema.get("properties").is_none() {
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
            let schemas = &mut document["components"]["schemas"];
            match schemas.get(&name) {
                Some(other) if !is_same(other, &schema) => {
                    let problem = format!(
                        "would be named {name}, but another schema has that name; name it in `components`"
                    );
                    return Err(Error::new(place, problem));
                }
                Some(_) => {}
                None => schemas[name] = schema,
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

    use super::super::samples::{answer, assert_has, contract, failure, generate, ok};

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
    fn parameters_bodies_and_answers_get_the_name_of_their_operation() {
        let body = json!({ "content": { "application/json": { "schema": { "properties": {} } } } });
        let parameter = json!({ "name": "sort", "in": "query", "schema": { "enum": ["UP"] } });
        let list = json!({
            "operationId": "listAll",
            "parameters": [parameter],
            "requestBody": body,
            "responses": ok(json!({ "type": "array", "items": { "properties": {} } }))
        });
        let text = generate(&contract(json!({ "/": { "put": list } }), json!({})));
        assert_has(
            &text,
            "list_all<'a>(&'a self, sort: Option<&'a crate::types::ListAllSort>, body: &'a types::ListAllBody)",
        );
        assert_has(&text, "Result<ResponseValue<crate::lenient::List<types::ListAllResponse>>, Error<()>>");
    }

    #[test]
    fn a_name_is_shared_only_by_what_is_the_same() {
        let mut document = answer(json!({ "state": { "enum": ["ON", null], "nullable": true } }));
        document["components"]["schemas"]["ThingState"] = json!({ "description": "Known.", "enum": ["ON"] });
        assert_has(&generate(&document), "/// Known. pub enum ThingState { /// `ON` On = \"ON\", }");

        document["components"]["schemas"]["ThingState"] = json!({ "enum": ["OFF"] });
        let expected = "components.schemas.Thing.properties.state: would be named ThingState, \
                        but another schema has that name; name it in `components`";
        assert_eq!(failure(&document), expected);
    }
}
