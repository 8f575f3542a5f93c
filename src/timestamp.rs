//! The API's times, which are not quite RFC 3339.

use std::fmt::{self, Debug, Display, Formatter};
use std::time::SystemTime;

use chrono::{DateTime, FixedOffset, SecondsFormat};
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::redact::{Redact, shown_as_they_are};

/// A time as the service wrote it.
///
/// The service writes offsets without a colon (`2023-10-01T20:55:57+0200`); both forms are read. A text that
/// is no time is kept all the same, and so is a number, as a text: one odd time must not cost a whole answer.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// let time: signicat_sign::Timestamp = serde_json::from_str("\"2023-10-01T20:55:57+0200\"")?;
/// assert_eq!(time.as_str(), "2023-10-01T20:55:57+0200");
/// assert_eq!(time.to_system_time(), Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_696_186_557)));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Timestamp(String);

impl Timestamp {
    /// An instant of our own, in UTC.
    pub(crate) fn of(time: SystemTime) -> Self {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let seconds = i64::try_from(since.as_secs()).ok();
        let utc = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, since.subsec_nanos()));
        Self(utc.unwrap_or_default().to_rfc3339_opts(SecondsFormat::Millis, true))
    }

    /// The text as it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The instant that it names, or nothing where the text is no time with an offset.
    #[must_use]
    pub fn to_system_time(&self) -> Option<SystemTime> {
        let time: DateTime<FixedOffset> = DateTime::parse_from_rfc3339(&self.0)
            .or_else(|_| DateTime::parse_from_str(&self.0, "%Y-%m-%dT%H:%M:%S%.f%z"))
            .ok()?;
        Some(time.into())
    }
}

impl Debug for Timestamp {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.to_system_time() {
            Some(_) => f.write_str(&self.0),
            // What is no time may be anything.
            None => write!(f, "Timestamp(len:{})", self.0.len()),
        }
    }
}

impl Display for Timestamp {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Written)
    }
}

/// Takes the time as it is written.
struct Written;

impl Visitor<'_> for Written {
    type Value = Timestamp;

    fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, text: &str) -> Result<Timestamp, E> {
        Ok(Timestamp(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Timestamp, E> {
        Ok(Timestamp(text))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Timestamp, E> {
        Ok(Timestamp(number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Timestamp, E> {
        Ok(Timestamp(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Timestamp, E> {
        Ok(Timestamp(number.to_string()))
    }
}

shown_as_they_are!(Timestamp);

#[cfg(feature = "schemars")]
crate::schema::string_schema!(Timestamp);
