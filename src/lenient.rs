//! How answers are read: what a service may leave out, null or empty, it may. The generated models name these.
#![allow(dead_code, reason = "which of them are used is the contract's affair")]

use std::fmt::{self, Formatter};
use std::marker::PhantomData;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, de};

/// A list: null is empty, and nulls in it are passed over.
pub(crate) fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    struct Items<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Items<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
            f.write_str("a sequence")
        }

        fn visit_unit<E>(self) -> Result<Vec<T>, E> {
            Ok(Vec::new())
        }

        fn visit_none<E>(self) -> Result<Vec<T>, E> {
            Ok(Vec::new())
        }

        fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<T>, D::Error> {
            deserializer.deserialize_seq(self)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Vec<T>, A::Error> {
            let mut items = Vec::new();
            while let Some(item) = sequence.next_element::<Option<T>>()? {
                items.extend(item);
            }
            Ok(items)
        }
    }

    deserializer.deserialize_option(Items(PhantomData))
}

/// What is made of a text, without a copy of it in between.
pub(crate) struct Text<T>(pub(crate) PhantomData<T>);

impl<T: for<'a> From<&'a str>> Visitor<'_> for Text<T> {
    type Value = T;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(text.into())
    }
}

/// An answer that is a list: null is empty, and nulls in it are passed over.
///
/// ```
/// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # on_sandbox!(sandbox, sign, pdf, order =>
/// let kari: TaskId = "kari".parse()?;
/// let events = sign.raw().get_task_events(order.id(), &kari).await.map_err(Error::from)?.into_inner();
/// let raw::List(events) = events;
/// assert!(!events.is_empty());
/// # );
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct List<T>(pub Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        list(deserializer).map(Self)
    }
}

/// A list of ids: null is empty, and nulls and empty strings in it are passed over.
pub(crate) fn id_list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: TryFrom<String, Error = crate::Error>,
{
    let ids: Vec<String> = list(deserializer)?;
    let ids = ids.into_iter().filter(|id| !id.is_empty());
    ids.map(T::try_from).collect::<Result<_, _>>().map_err(|error| de::Error::custom(error.message()))
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
