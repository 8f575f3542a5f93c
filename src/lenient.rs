//! How answers are read: what a service may leave out, null or empty, it may. The generated models name these.
#![allow(dead_code, reason = "which of them are used is the contract's affair")]

use serde::{Deserialize, Deserializer, de};

/// A list: null is empty, and nulls in it are passed over.
pub(crate) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let list = Option::<Vec<Option<T>>>::deserialize(deserializer)?;
    Ok(list.unwrap_or_default().into_iter().flatten().collect())
}

/// A map: null is empty.
pub(crate) fn map<'de, D: Deserializer<'de>, M: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<M, D::Error> {
    Option::<M>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// An id that need not be there: null and the empty string are absent.
pub(crate) fn optional_id<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<String, Error = crate::Error>,
{
    match Option::<String>::deserialize(deserializer)? {
        None => Ok(None),
        Some(id) if id.is_empty() => Ok(None),
        Some(id) => T::try_from(id).map(Some).map_err(|error| de::Error::custom(error.message())),
    }
}
