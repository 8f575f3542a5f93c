//! An order that is read again: nothing of it may be lost on the way, for what is left is what people sign.

use serde::de::{Deserialize, Deserializer, Error as _};
use serde_json::Value;

use crate::contract::{self, Kind};
use crate::error::Error;
use crate::problem::Violation;
use crate::types;

use super::builder::NewOrder;

/// Strict, where answers are read leniently: what this release does not know is refused, not left out.
impl<'de> Deserialize<'de> for NewOrder {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Value::deserialize(deserializer)?;
        // The parser's own words may repeat the value.
        let order: types::SigningOrder = serde_path_to_error::deserialize(&stored)
            .map_err(|error| D::Error::custom(format_args!("the order can't be read at {}", error.path())))?;
        let kept = serde_json::to_value(&order).map_err(D::Error::custom)?;
        let mut violations = Vec::new();
        lost(&stored, &kept, &Kind::Object("SigningOrder"), "", &mut violations);
        if !violations.is_empty() {
            return Err(D::Error::custom(Error::violated("the order can't be read whole", violations)));
        }
        NewOrder::try_from(order).map_err(D::Error::custom)
    }
}

/// What was stored and is not kept.
fn lost(stored: &Value, kept: &Value, kind: &Kind, path: &str, violations: &mut Vec<Violation>) {
    match (stored, kept, kind) {
        (Value::Object(stored), Value::Object(kept), Kind::Object(name)) => {
            let members = contract::schema(name).map(|schema| schema.members).unwrap_or_default();
            for (name, value) in stored {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                let member = members.iter().find(|member| member.name == name);
                match (member, kept.get(name)) {
                    (Some(member), Some(kept)) => lost(value, kept, &member.kind, &path, violations),
                    // What the service has said of an order is not sent again.
                    (Some(member), None) if member.read_only => {}
                    (Some(_), None) if is_nothing(value) => {}
                    (Some(_), None) => {
                        violations.push(Violation::new(path, "is empty, and would be left out"))
                    }
                    (None, _) => violations.push(Violation::new(path, "is not known to this release")),
                }
            }
        }
        (Value::Array(stored), Value::Array(kept), Kind::List { items, .. }) => {
            if stored.len() != kept.len() {
                violations.push(Violation::new(path, "holds an item that is empty, and would be left out"));
                return;
            }
            for (i, (stored, kept)) in stored.iter().zip(kept).enumerate() {
                lost(stored, kept, items, &format!("{path}[{i}]"), violations);
            }
        }
        _ => {}
    }
}

/// Null and an empty list say as much as nothing.
fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}
