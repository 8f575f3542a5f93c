//! The limits of a schema, and whether they have become narrower.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::Value;

use super::kind::{Code, Kind};

#[derive(Clone, Copy)]
enum Sense {
    /// It can't be less, it can't be more, it can't be other.
    Least,
    Most,
    Exactly,
}

const LIMITS: [(&str, Sense); 11] = [
    ("minLength", Sense::Least),
    ("maxLength", Sense::Most),
    ("minItems", Sense::Least),
    ("maxItems", Sense::Most),
    ("minProperties", Sense::Least),
    ("maxProperties", Sense::Most),
    ("minimum", Sense::Least),
    ("maximum", Sense::Most),
    ("multipleOf", Sense::Exactly),
    ("pattern", Sense::Exactly),
    ("uniqueItems", Sense::Exactly),
];

/// Java's word for no limit of a length.
const NONE: i64 = i32::MAX as i64;

#[derive(Clone, Default)]
pub struct Limits(BTreeMap<&'static str, Limit>);

#[derive(Clone, PartialEq)]
struct Limit {
    /// Where it is a number.
    number: Option<f64>,
    /// The number itself is outside.
    exclusive: bool,
    text: String,
}

impl Limits {
    pub fn read(schema: &Value) -> Self {
        Self(LIMITS.iter().filter_map(|(name, _)| Some((*name, limit(schema, name)?))).collect())
    }

    /// How these have become the others.
    pub fn changes(&self, new: &Self) -> Vec<Kind> {
        let changed = |(name, sense): &(&'static str, Sense)| {
            let (old, new) = (self.0.get(name), new.0.get(name));
            let narrowed = is_narrowed(*sense, old, new)?;
            let text = |limit: Option<&Limit>| limit.map(|limit| limit.text.clone());
            Some(Kind::Limit { name, from: text(old), to: text(new), narrowed })
        };
        LIMITS.iter().filter_map(changed).collect()
    }
}

/// Nothing where it is the same.
fn is_narrowed(sense: Sense, old: Option<&Limit>, new: Option<&Limit>) -> Option<bool> {
    let (old, new) = match (old, new) {
        (None, None) => return None,
        (None, Some(_)) => return Some(true),
        (Some(_), None) => return Some(false),
        (Some(old), Some(new)) => (old, new),
    };
    let growth = match (old.number, new.number) {
        (Some(before), Some(now)) => now.partial_cmp(&before)?,
        _ if old.text == new.text => Ordering::Equal,
        _ => return Some(true),
    };
    match (growth, sense) {
        (Ordering::Equal, _) => (old.exclusive != new.exclusive).then_some(new.exclusive),
        (_, Sense::Exactly) => Some(true),
        (Ordering::Greater, Sense::Least) | (Ordering::Less, Sense::Most) => Some(true),
        _ => Some(false),
    }
}

fn limit(schema: &Value, name: &str) -> Option<Limit> {
    let exclusive = match name {
        "minimum" => &schema["exclusiveMinimum"],
        "maximum" => &schema["exclusiveMaximum"],
        _ => &Value::Null,
    };
    // OpenAPI 3.1 has the number there.
    let value = if exclusive.is_number() { exclusive } else { schema.get(name)? };
    let exclusive = exclusive.is_number() || *exclusive == true;
    match value {
        // No length is less.
        Value::Number(number)
            if name != "minimum" && name.starts_with("min") && number.as_i64() == Some(0) =>
        {
            None
        }
        Value::Number(number)
            if name.starts_with("max") && name != "maximum" && number.as_i64() >= Some(NONE) =>
        {
            None
        }
        Value::Number(number) => {
            let outside = if exclusive { " (itself outside)" } else { "" };
            Some(Limit { number: number.as_f64(), exclusive, text: format!("{number}{outside}") })
        }
        Value::String(text) => Some(Limit { number: None, exclusive, text: Code(text).to_string() }),
        Value::Bool(true) => Some(Limit { number: None, exclusive, text: "true".to_owned() }),
        _ => None,
    }
}
