//! The ids of the API, a type each: none can be taken for another, and none can change the URL it stands in.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::error::Error;

/// Why an id is none, or nothing.
///
/// `.` and `..` would be resolved by the URL parser and so address something else, an empty id leaves its
/// segment out, and control characters are dropped by the parser. Everything else is percent-encoded.
fn problem(id: &str) -> Option<&'static str> {
    // As most are; all bytes are looked at, because that is many at a time.
    if id.len() > 2 && id.bytes().fold(true, |so_far, byte| so_far & byte.is_ascii_graphic()) {
        return None;
    }
    match id {
        "" => Some("it is empty"),
        "." | ".." => Some("a path segment of dots addresses something else"),
        _ if id.chars().any(char::is_control) => Some("it holds a control character"),
        _ => None,
    }
}

/// Percent-encodes a path segment: all but RFC 3986's unreserved characters, so that nothing is left to a URL
/// parser's own ideas (`\` is a slash to it). The generated client calls this in place of progenitor's own.
pub(crate) fn encode_path(segment: &str) -> Cow<'_, str> {
    const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    // Without a branch, so that many bytes are looked at in one go; the encoder asks of each alone.
    let is_mark = |byte| (byte == b'-') | (byte == b'.') | (byte == b'_') | (byte == b'~');
    let stays = |byte: u8| {
        byte.is_ascii_lowercase() | byte.is_ascii_uppercase() | byte.is_ascii_digit() | is_mark(byte)
    };
    if segment.bytes().fold(true, |so_far, byte| so_far & stays(byte)) {
        return Cow::Borrowed(segment);
    }
    utf8_percent_encode(segment, ENCODED).into()
}

macro_rules! id_type {
    ($($(#[$meta:meta])* $name:ident, $what:literal;)+) => {$(
        $(#[$meta])*
        ///
        /// Any string is one but the empty one, `.`, `..` and those with control characters; what else it
        /// holds arrives at the service as it is.
        ///
        /// ```
        #[doc = concat!("use signicat_sign::", stringify!($name), ";")]
        ///
        #[doc = concat!("let id: ", stringify!($name), " = \"a/b\".parse()?;")]
        /// assert_eq!(id.as_str(), "a/b");
        #[doc = concat!("assert!(\"..\".parse::<", stringify!($name), ">().is_err());")]
        /// # Ok::<(), signicat_sign::Error>(())
        /// ```
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Takes a string as an id.
            ///
            /// ```
            #[doc = concat!("use signicat_sign::", stringify!($name), ";")]
            ///
            #[doc = concat!("let id = ", stringify!($name), "::new(\"a/b\")?;")]
            #[doc = concat!("assert!(", stringify!($name), "::new(\"\").unwrap_err().is_validation());")]
            /// # Ok::<(), signicat_sign::Error>(())
            /// ```
            ///
            /// # Errors
            /// [`Error::is_validation`] if it is empty, `.`, `..` or holds a control character.
            pub fn new(id: impl Into<String>) -> Result<Self, Error> {
                let id = id.into();
                match problem(&id) {
                    None => Ok(Self(id)),
                    Some(why) => Err(Error::invalid(format!(concat!("this is no ", $what, ": {}"), why))),
                }
            }

            /// An id that a builder was given: what is wrong with it is told with all the rest, before it is
            /// anybody else's.
            #[allow(dead_code, reason = "not every id is the caller's own")]
            pub(crate) fn unverified(id: String) -> Self {
                Self(id)
            }

            /// What is wrong with an id that was not verified.
            #[allow(dead_code, reason = "not every id is the caller's own")]
            pub(crate) fn problem(&self) -> Option<&'static str> {
                problem(&self.0)
            }

            /// The id as it is written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.0).finish()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = Error;

            fn from_str(id: &str) -> Result<Self, Error> {
                Self::new(id)
            }
        }

        impl TryFrom<&str> for $name {
            type Error = Error;

            fn try_from(id: &str) -> Result<Self, Error> {
                Self::new(id)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Error;

            fn try_from(id: String) -> Result<Self, Error> {
                Self::new(id)
            }
        }

        impl From<&$name> for $name {
            fn from(id: &$name) -> Self {
                id.clone()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.0 == other
            }
        }

        impl PartialEq<String> for $name {
            fn eq(&self, other: &String) -> bool {
                self.0 == *other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.0 == *other
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let id = String::deserialize(deserializer)?;
                match problem(&id) {
                    None => Ok(Self(id)),
                    Some(why) => Err(serde::de::Error::custom(format_args!(concat!("this is no ", $what, ": {}"), why))),
                }
            }
        }

        crate::redact::shown_as_they_are!($name);

        #[cfg(feature = "schemars")]
        crate::schema::string_schema!($name);
    )+};
}

use crate::redact::Redact;
use std::fmt::{self, Debug, Formatter};

id_type! {
    /// The id of a signing order, made by the service.
    OrderId, "order id";
    /// The id of a task of an order: the caller's own, unique in its order.
    TaskId, "task id";
    /// The id of a packaging task of an order: the caller's own, unique in its order.
    PackagingTaskId, "packaging task id";
    /// The id of a document in session storage, made by the service when it was uploaded.
    DocumentId, "document id";
    /// The id of a document of a task: the caller's own. Not the id that it has in storage.
    TaskDocumentId, "id of a task's document";
    /// The id of a document in the archive, made by the service.
    ArchiveId, "archive id";
    /// An id that has no type of its own yet: of an operation that the contract has gained, called by
    /// [`raw`](crate::Client::raw).
    AnyId, "id";
}
