//! A JSON value for a schema of the contract, by its examples or else by its types and limits; and what a client
//! that has read it writes.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// A value as the contract documents it: its example, its default, or one that fits.
pub fn sample(contract: &Value, schema: &Value) -> Value {
    let documented = |_: Place<'_>, schema: &Value| {
        let values = ["example", "default"].map(|key| schema[key].clone());
        values.into_iter().find(|value| !value.is_null())
    };
    sample_with(contract, schema, &documented)
}

/// An order with every member, whose parts refer to each other as they have to, whatever the contract's examples are.
pub fn sample_order(contract: &Value) -> Value {
    let mut order = sample(contract, &json!({ "$ref": "#/components/schemas/SigningOrder" }));
    let template = order["notificationTemplateParams"][0]["id"].clone();
    let ids: Vec<Value> = items(&order["tasks"]).map(|task| task["id"].clone()).collect();
    let first_document = order["tasks"][0]["documents"][0]["id"].clone();
    for (number, task) in order["tasks"].as_array_mut().into_iter().flatten().enumerate() {
        for notification in task["notifications"].as_array_mut().into_iter().flatten() {
            if let Some(refers) = notification.get_mut("notificationTemplateParamsId") {
                *refers = template.clone();
            }
        }
        if let Some(after) = task["dependsOnTasks"].as_array_mut() {
            after.retain(|first| ids[..number].contains(first));
        }
    }
    for packaging in order["packagingTasks"].as_array_mut().into_iter().flatten() {
        for listed in packaging["documents"].as_array_mut().into_iter().flatten() {
            if !ids.contains(&listed["taskId"]) {
                (listed["taskId"], listed["documentIds"]) = (ids[0].clone(), json!([first_document]));
            }
        }
    }
    order
}

/// A value whose parts are chosen by the function, or else by their types and limits.
pub fn sample_with(contract: &Value, schema: &Value, choose: &Choose<'_>) -> Value {
    let place = Place { model: "", member: "" };
    Sampler { contract, choose }.value(schema, place, &[]).expect("the whole is no part of itself")
}

pub type Choose<'a> = dyn Fn(Place<'_>, &Value) -> Option<Value> + 'a;

/// Where a schema stands: the named schema that it is in or is, and the nearest member's name.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub model: &'a str,
    pub member: &'a str,
}

struct Sampler<'a> {
    contract: &'a Value,
    choose: &'a Choose<'a>,
}

impl Sampler<'_> {
    /// Nothing: it leads back to a schema that it is within.
    fn value(&self, schema: &Value, place: Place<'_>, within: &[&str]) -> Option<Value> {
        if let Some(name) = referred(schema) {
            let target = &self.contract["components"]["schemas"][name];
            let place = Place { model: name, ..place };
            return match within.contains(&name) {
                true => None,
                false => self.value(target, place, &[within, &[name]].concat()),
            };
        }
        if let Some(chosen) = (self.choose)(place, schema) {
            return Some(chosen);
        }
        if let Some(values) = schema["enum"].as_array() {
            return values.iter().find(|value| !value.is_null()).cloned();
        }
        if let Some(first) = ["oneOf", "anyOf"].iter().find_map(|key| schema[key].get(0)) {
            return self.value(first, place, within);
        }
        Some(match schema["type"].as_str() {
            Some("array") => {
                self.value(&schema["items"], place, within).map_or(json!([]), |item| json!([item]))
            }
            Some("integer") => integer(schema).into(),
            // Written with a point, as floats are.
            Some("number") => (integer(schema) as f64).into(),
            Some("boolean") => true.into(),
            Some("string") => text(schema, place.member).into(),
            _ => self.object(schema, place, within)?,
        })
    }

    /// All members, and those of all parts of an `allOf`; or what the one part is. An object that may have any
    /// members has one.
    fn object(&self, schema: &Value, place: Place<'_>, within: &[&str]) -> Option<Value> {
        if schema["allOf"].is_null() && schema["properties"].is_null() {
            let of = &schema["additionalProperties"];
            let any = if of.is_object() { self.value(of, place, within)? } else { json!("any") };
            return Some(json!({ "any": any }));
        }
        let mut members = Map::new();
        for part in items(&schema["allOf"]) {
            match self.value(part, place, within)? {
                Value::Object(more) => members.extend(more),
                other => return Some(other),
            }
        }
        for (name, member) in properties(schema).filter(|(_, member)| member["writeOnly"] != true) {
            let place = Place { member: name, ..place };
            members.extend(self.value(member, place, within).map(|value| (name.clone(), value)));
        }
        Some(members.into())
    }
}

fn integer(schema: &Value) -> i64 {
    let limit = |name: &str| schema[name].as_f64().map(|limit| limit as i64);
    limit("minimum").unwrap_or(1).max(1).min(limit("maximum").unwrap_or(i64::MAX))
}

/// The member's name, so that no two members are mistaken for each other, in the format and of the length that is
/// asked for.
fn text(schema: &Value, member: &str) -> String {
    let text = match schema["format"].as_str() {
        Some("date-time") => "2030-01-02T03:04:05Z".to_owned(),
        Some("date") => "2030-01-02".to_owned(),
        Some("uri" | "url") => format!("https://example.com/{member}"),
        Some("email") => format!("{member}@example.com"),
        Some("uuid") => "6f1a1f0e-0d0c-4b0a-9e08-070605040302".to_owned(),
        _ => member.to_owned(),
    };
    let limit = |name: &str| schema[name].as_u64().and_then(|limit| usize::try_from(limit).ok());
    let text: String = text.chars().take(limit("maxLength").unwrap_or(usize::MAX)).collect();
    format!("{text:x<0$}", limit("minLength").unwrap_or(1))
}

/// What a client that has read the value writes: what the contract lists, but for what is empty and what only the
/// service says.
pub fn written(contract: &Value, schema: &Value, value: &Value) -> Option<Value> {
    let schema = resolved(contract, schema);
    match value {
        Value::Null => None,
        Value::Array(values) => {
            let values: Vec<_> =
                values.iter().filter_map(|value| written(contract, &schema["items"], value)).collect();
            (!values.is_empty()).then(|| values.into())
        }
        Value::Object(members) => {
            let listed = all_properties(contract, schema);
            if listed.is_empty() {
                return Some(value.clone());
            }
            let write = |(name, value): (&String, &Value)| {
                let member = *listed.get(name)?;
                let is_the_services = resolved(contract, member)["readOnly"] == true;
                Some((name.clone(), written(contract, member, value).filter(|_| !is_the_services)?))
            };
            Some(members.iter().filter_map(write).collect::<Map<_, _>>().into())
        }
        leaf => Some(leaf.clone()),
    }
}

/// The members of an object and of all its parts.
pub fn all_properties<'a>(contract: &'a Value, schema: &'a Value) -> BTreeMap<&'a String, &'a Value> {
    parts(contract, schema).into_iter().flat_map(properties).collect()
}

/// The members that an object or one of its parts requires.
pub fn all_required<'a>(contract: &'a Value, schema: &'a Value) -> impl Iterator<Item = &'a str> {
    let required = parts(contract, schema).into_iter().flat_map(|part| items(&part["required"]));
    required.filter_map(Value::as_str)
}

/// What an `allOf` is made of, at any depth, and the schema itself.
fn parts<'a>(contract: &'a Value, schema: &'a Value) -> Vec<&'a Value> {
    let schema = resolved(contract, schema);
    let of_parts = items(&schema["allOf"]).flat_map(|part| parts(contract, part));
    of_parts.chain([schema]).collect()
}

/// What a reference stands for.
pub fn resolved<'a>(contract: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(target) => {
            let pointer = target.trim_start_matches('#');
            resolved(contract, contract.pointer(pointer).expect("references lead somewhere"))
        }
        None => value,
    }
}

fn referred(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.rsplit('/').next()
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema["properties"].as_object().into_iter().flatten()
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}
