//! Open enums: what the contract lists, and whatever the service says beside it.

/// A value that the contract does not list.
///
/// It is opaque: ask the enum that holds it by `as_str()`, so that the code goes on working on the day that
/// the value becomes a variant.
///
/// ```
/// use signicat_sign::types::TaskStatus;
///
/// let status = TaskStatus::from("PAUSED"); // by a service that is newer than this crate
/// assert!(!status.is_known());
/// assert_eq!(status.as_str(), "PAUSED");
/// assert_eq!(format!("{status:?}"), "Unknown((len:6))");
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UnknownValue(pub(crate) String);

impl std::fmt::Debug for UnknownValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "(len:{})", self.0.len())
    }
}

/// Whether two spellings are of one value: without regard to case, and `-` is `_`. The vendor's own samples
/// write both `notification-sent` and `NOTIFICATION_SENT`.
pub(crate) fn same_value(a: &str, b: &str) -> bool {
    let fold = |byte: u8| if byte == b'-' { b'_' } else { byte.to_ascii_uppercase() };
    a.len() == b.len() && a.bytes().zip(b.bytes()).all(|(a, b)| fold(a) == fold(b))
}

/// Defines an enum that reads every string: the generated code lists the contract's values.
macro_rules! open_enum {
    ($(#[$meta:meta])* pub enum $name:ident {
        $($(#[$variant_meta:meta])* $variant:ident = $value:literal),+ $(,)?
    }) => {
        $(#[$meta])*
        ///
        /// Open: a value that the contract does not list is kept as it came (see `as_str`), and is written
        /// again as it was. Values are read without regard to case, and with `-` equal to `_`.
        #[derive(Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)+
            /// A value that the contract does not list.
            #[deprecated(note = "match `other => other.as_str()`, which goes on working when the value gets a variant")]
            Unknown($crate::enums::UnknownValue),
        }

        #[allow(deprecated)]
        impl $name {
            /// The values that the contract lists.
            pub const KNOWN: &'static [&'static str] = &[$($value),+];

            /// The value as the contract writes it, or an unknown one as it came.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $value,)+
                    Self::Unknown(value) => &value.0,
                }
            }

            /// Whether the contract lists the value.
            #[must_use]
            pub fn is_known(&self) -> bool {
                !matches!(self, Self::Unknown(_))
            }
        }

        #[allow(deprecated)]
        impl From<&str> for $name {
            fn from(value: &str) -> Self {
                $(if $crate::enums::same_value(value, $value) {
                    return Self::$variant;
                })+
                Self::Unknown($crate::enums::UnknownValue(value.to_owned()))
            }
        }

        impl From<String> for $name {
            fn from(value: String) -> Self {
                Self::from(value.as_str())
            }
        }

        #[allow(deprecated)]
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    $(Self::$variant => f.write_str(stringify!($variant)),)+
                    Self::Unknown(value) => f.debug_tuple("Unknown").field(value).finish(),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str($crate::lenient::Text(std::marker::PhantomData))
            }
        }

        impl $crate::redact::Redact for $name {
            fn shape(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(self, f)
            }
        }

        #[cfg(feature = "schemars")]
        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "anyOf": [{ "enum": Self::KNOWN }, { "type": "string" }] })
            }
        }
    };
}
pub(crate) use open_enum;
