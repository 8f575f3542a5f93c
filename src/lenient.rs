//! How answers are read: what a service may leave out, null or empty, it may.

use serde::{Deserialize, Deserializer, de};

/// A list: null is empty, and nulls in it are passed over.
pub(crate) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let list = Option::<Vec<Option<T>>>::deserialize(deserializer)?;
    Ok(list.unwrap_or_default().into_iter().flatten().collect())
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
