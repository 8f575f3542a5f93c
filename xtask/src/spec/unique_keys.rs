//! A JSON value in the order of its text, in which no object has a key twice: serde_json alone keeps the last of
//! them and says nothing, and an operation would be lost.

use std::fmt::{self, Formatter};

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

pub struct UniqueKeys(pub Value);

impl<'de> Deserialize<'de> for UniqueKeys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor).map(Self)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(UniqueKeys(value)) = items.next_element()? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            if object.contains_key(&key) {
                return Err(A::Error::custom(format_args!(
                    "the key `{}` is there twice",
                    key.escape_debug()
                )));
            }
            let UniqueKeys(value) = members.next_value()?;
            object.insert(key, value);
        }
        Ok(object.into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::UniqueKeys;

    #[test]
    fn all_else_is_read_as_serde_json_reads_it() {
        let text = r#"{"b": [null, true, -1, 18446744073709551615, 1.5, 1e3, "æ\n\u0001"], "a": {"": {}}}"#;
        let UniqueKeys(value) = serde_json::from_str(text).unwrap();
        assert_eq!(value.to_string(), serde_json::from_str::<Value>(text).unwrap().to_string());
    }

    #[test]
    fn a_key_that_is_there_twice_is_refused_at_any_depth() {
        let refusal = |text| serde_json::from_str::<UniqueKeys>(text).err().unwrap().to_string();
        let twice = "[{\"a\": {\"get\": 1,\n \"get\": 2}}]";
        assert_eq!(refusal(twice), "the key `get` is there twice at line 2 column 6");
        let twice = r#"{"\n": 1, "\u000a": 2}"#;
        assert_eq!(refusal(twice), r"the key `\n` is there twice at line 1 column 18");
    }
}
