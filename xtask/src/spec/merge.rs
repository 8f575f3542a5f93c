//! One schema of several: those of requests and answers, say, that are one with us.

use serde_json::{Map, Value, json};

use crate::generator::walk::join;

/// Takes another schema in. Limits and texts remain what they are; what only answers hold (`only_read`) is read
/// only. The error says in what they differ, so that nothing is lost by being made one.
pub fn merge(into: &mut Value, other: &Value, only_read: bool) -> Result<(), String> {
    merge_at("", into, other, only_read)
}

fn merge_at(place: &str, into: &mut Value, other: &Value, only_read: bool) -> Result<(), String> {
    let differ = || Err(if place.is_empty() { "what they are".to_owned() } else { place.to_owned() });
    let is_reference = reference(into).is_some();
    if reference(into) != reference(other) {
        return differ();
    }
    let (Some(schema), Some(more)) = (into.as_object_mut(), other.as_object()) else { return differ() };
    if more.get("nullable") == Some(&Value::Bool(true)) {
        schema.insert("nullable".into(), true.into());
    }
    if is_reference {
        return Ok(());
    }
    let is_alike = ["format", "allOf", "oneOf", "anyOf"].iter().all(|key| schema.get(*key) == more.get(*key));
    let has_same_values = values(schema) == values(more);
    if !is_alike || !has_same_values || kind(schema) != kind(more) {
        return differ();
    }
    match (schema.get_mut("enum").and_then(Value::as_array_mut), more.get("enum").and_then(Value::as_array)) {
        (Some(listed), Some(more)) => {
            let new: Vec<_> = more.iter().filter(|value| !listed.contains(value)).cloned().collect();
            listed.extend(new);
        }
        (None, None) => {}
        _ => return differ(),
    }
    match (schema.get_mut("items"), more.get("items")) {
        (Some(items), Some(more)) => merge_at(&format!("{place}[]"), items, more, only_read)?,
        (None, None) => {}
        _ => return differ(),
    }
    merge_members(place, schema, more, only_read)
}

fn merge_members(
    place: &str,
    schema: &mut Map<String, Value>,
    more: &Map<String, Value>,
    only_read: bool,
) -> Result<(), String> {
    let Some(members) = more.get("properties").and_then(Value::as_object) else { return Ok(()) };
    let demanded = |schema: &Map<String, Value>| -> Vec<Value> {
        schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let (mut required, of_more) = (demanded(schema), demanded(more));
    let known = schema.entry("properties").or_insert_with(|| json!({}));
    let Some(known) = known.as_object_mut() else { return Ok(()) };
    if only_read {
        let is_new = |name: &Value| name.as_str().is_some_and(|name| !known.contains_key(name));
        required.extend(of_more.into_iter().filter(is_new));
    } else {
        required.retain(|name| of_more.contains(name));
    }
    for (name, member) in members {
        match known.get_mut(name) {
            Some(known) => merge_at(&join(place, name), known, member, only_read)?,
            None => {
                drop(known.insert(name.clone(), if only_read { read_only(member) } else { member.clone() }))
            }
        }
    }
    if required.is_empty() {
        schema.shift_remove("required");
    } else {
        schema.insert("required".into(), required.into());
    }
    Ok(())
}

/// What a schema refers to, also through the `allOf` that has to be around a `$ref` with something beside it.
fn reference(schema: &Value) -> Option<&Value> {
    let part = match schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([only]) if schema.get("properties").is_none() => only,
        _ => schema,
    };
    part.get("$ref")
}

/// The type, which an object or a list need not say.
fn kind(schema: &Map<String, Value>) -> &str {
    let said = schema.get("type").and_then(Value::as_str);
    let meant = if schema.contains_key("items") { "array" } else { "" };
    said.unwrap_or(if schema.contains_key("properties") { "object" } else { meant })
}

/// The schema of a map's values.
fn values(schema: &Map<String, Value>) -> Option<&Value> {
    schema.get("additionalProperties").filter(|values| values.is_object())
}

fn read_only(member: &Value) -> Value {
    let mut member = match member.get("$ref") {
        Some(target) => json!({ "allOf": [{ "$ref": target }] }),
        None => member.clone(),
    };
    if let Some(member) = member.as_object_mut() {
        member.insert("readOnly".into(), true.into());
    }
    member
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::merge;

    #[track_caller]
    fn merged(mut a: Value, b: Value) -> Result<Value, String> {
        merge(&mut a, &b, true).map(|()| a)
    }

    fn of(member: Value) -> Value {
        json!({ "type": "object", "properties": { "a": member } })
    }

    fn reference(name: &str) -> Value {
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    #[test]
    fn what_is_inside_is_merged_too() {
        let string = json!({ "type": "string" });
        let inner = |members: Value| of(json!({ "type": "object", "properties": members }));
        let one = inner(json!({ "street": string }));
        let other = inner(json!({ "street": { "type": "string", "maxLength": 3 }, "zip": string }));
        let both = inner(json!({ "street": string, "zip": { "type": "string", "readOnly": true } }));
        assert_eq!(merged(one, other), Ok(both));

        let list =
            |values: Value| of(json!({ "type": "array", "items": { "type": "string", "enum": values } }));
        assert_eq!(merged(list(json!(["A"])), list(json!(["B", "A"]))), Ok(list(json!(["A", "B"]))));

        let read = json!({ "allOf": [reference("X")], "readOnly": true });
        assert_eq!(merged(json!({ "type": "object" }), of(reference("X"))), Ok(of(read)));
    }

    #[test]
    fn what_would_be_lost_is_a_difference() {
        let string = json!({ "type": "string" });
        let map = |of: &str| json!({ "type": "object", "additionalProperties": { "type": of } });
        let differing = [
            (of(string.clone()), of(json!({ "type": "integer" })), "a"),
            (of(string.clone()), of(json!({ "type": "string", "format": "date-time" })), "a"),
            (of(string.clone()), of(json!({ "type": "string", "enum": ["X"] })), "a"),
            (of(reference("X")), of(reference("Y")), "a"),
            (of(reference("X")), of(string.clone()), "a"),
            (of(json!({ "items": string })), of(json!({ "items": { "type": "integer" } })), "a[]"),
            (of(json!({ "items": string })), of(json!({ "type": "array" })), "a"),
            (of(of(string.clone())), of(of(json!({}))), "a.a"),
            (map("string"), map("integer"), "what they are"),
            (map("string"), json!({ "type": "object" }), "what they are"),
            (json!({ "type": "object" }), string, "what they are"),
            (of(json!({})), of(json!(true)), "a"),
        ];
        for (a, b, difference) in differing {
            assert_eq!(merged(a.clone(), b.clone()), Err(difference.to_owned()), "{a} {b}");
        }
    }
}
