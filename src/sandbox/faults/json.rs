//! Rules as data.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::time::Duration;

use serde::Deserialize;

use super::fault::Fault;
use super::rule::{Calls, FaultRule};

/// A rule as it is written. The names are those of the functions that do the same.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    fault: WrittenFault,
    on: Option<String>,
    nth: Option<u64>,
    first: Option<u64>,
    from_nth: Option<u64>,
    probability: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum WrittenFault {
    Status {
        status: u16,
        #[serde(default)]
        headers: BTreeMap<String, String>,
        retry_after: Option<u64>,
        media_type: Option<String>,
        body: Option<String>,
    },
    Html {
        status: u16,
    },
    Redirect {
        status: u16,
        location: String,
    },
    ExpiredToken,
    Truncated,
    Slow {
        bytes: usize,
        pause_ms: u64,
    },
    CutBeforeProcessing,
    CutAfterProcessing,
    CutInAnswer,
    StallBeforeProcessing,
    StallAfterProcessing,
    Duplicate,
    Lost,
}

impl FaultRule {
    /// Reads a list of rules.
    ///
    /// A rule is an object of a `fault`; of `on`, the operation, without which it is every operation of the API; of
    /// one of `nth`, `first` and `from_nth`; and of `probability`. A fault that needs to know no more is written as its
    /// name.
    ///
    /// ```
    /// use signicat_sign::sandbox::{Fault, FaultRule};
    ///
    /// let rules = FaultRule::list_from_json(
    ///     r#"[
    ///         { "on": "createOrder", "nth": 1, "fault": "cut_after_processing" },
    ///         { "on": "getOrder", "first": 2, "fault": { "status": { "status": 503, "retry_after": 2 } } },
    ///         { "on": "uploadDocument", "fault": { "status": {
    ///             "status": 418, "headers": { "x-why": "tea" }, "media_type": "text/plain", "body": "no coffee"
    ///         } } },
    ///         { "on": "token", "fault": { "html": { "status": 502 } } },
    ///         { "on": "getDocument", "fault": { "slow": { "bytes": 1000, "pause_ms": 50 } } },
    ///         { "on": "deleteOrder", "from_nth": 2, "fault": { "redirect": {
    ///             "status": 307, "location": "https://sign.example/"
    ///         } } },
    ///         { "probability": 0.05, "fault": "stall_before_processing" }
    ///     ]"#,
    /// )?;
    /// assert_eq!(rules[0], Fault::cut_after_processing().on("createOrder").nth(1));
    /// assert_eq!(rules[6], Fault::stall_before_processing().on_every_operation().with_probability(0.05));
    ///
    /// let error = FaultRule::list_from_json(r#"[{ "on": "makeCoffee", "fault": "lost" }]"#).unwrap_err();
    /// assert!(error.to_string().starts_with("the faults are not valid: [0]: on: "));
    /// # Ok::<(), signicat_sign::sandbox::InvalidFaults>(())
    /// ```
    ///
    /// # Errors
    ///
    /// It is no such list, or holds something that is not known or out of range. The first such place is told.
    pub fn list_from_json(json: &str) -> Result<Vec<FaultRule>, InvalidFaults> {
        let mut reader = serde_json::Deserializer::from_str(json);
        let written: Vec<Written> = serde_path_to_error::deserialize(&mut reader)
            .map_err(|error| InvalidFaults::at(error.path().to_string(), error.into_inner()))?;
        reader.end().map_err(|error| InvalidFaults::at(".".to_owned(), error))?;
        let rules = written.into_iter().enumerate();
        rules
            .map(|(index, written)| {
                let rule = written.rule().and_then(|rule| rule.check().map(|()| rule));
                rule.map_err(|why| InvalidFaults::at(format!("[{index}]"), why))
            })
            .collect()
    }
}

impl Written {
    fn rule(self) -> Result<FaultRule, String> {
        let calls = match (self.nth, self.first, self.from_nth) {
            (None, None, None) => Calls::All,
            (Some(number), None, None) => Calls::Nth(number),
            (None, Some(calls), None) => Calls::First(calls),
            (None, None, Some(number)) => Calls::FromNth(number),
            _ => return Err("nth, first, from_nth: there can be one of them".to_owned()),
        };
        let rule = FaultRule::new(self.fault.fault()?, self.on).on_calls(calls);
        Ok(match self.probability {
            Some(probability) => rule.with_probability(probability),
            None => rule,
        })
    }
}

impl WrittenFault {
    fn fault(self) -> Result<Fault, String> {
        Ok(match self {
            WrittenFault::Status { status, headers, retry_after, media_type, body } => {
                let mut fault = Fault::status(status);
                for (name, value) in headers {
                    fault = fault.header(name, value);
                }
                if let Some(seconds) = retry_after {
                    fault = fault.retry_after(seconds);
                }
                match (media_type, body) {
                    (Some(media_type), Some(body)) => fault.body(media_type, body),
                    (None, None) => fault,
                    _ => return Err("media_type, body: the one needs the other".to_owned()),
                }
            }
            WrittenFault::Html { status } => Fault::html(status),
            WrittenFault::Redirect { status, location } => Fault::redirect(status, location),
            WrittenFault::ExpiredToken => Fault::expired_token(),
            WrittenFault::Truncated => Fault::truncated(),
            WrittenFault::Slow { bytes, pause_ms } => Fault::slow(bytes, Duration::from_millis(pause_ms)),
            WrittenFault::CutBeforeProcessing => Fault::cut_before_processing(),
            WrittenFault::CutAfterProcessing => Fault::cut_after_processing(),
            WrittenFault::CutInAnswer => Fault::cut_in_answer(),
            WrittenFault::StallBeforeProcessing => Fault::stall_before_processing(),
            WrittenFault::StallAfterProcessing => Fault::stall_after_processing(),
            WrittenFault::Duplicate => Fault::duplicate(),
            WrittenFault::Lost => Fault::lost(),
        })
    }
}

/// Why a list of rules can't be read.
///
/// ```
/// use signicat_sign::sandbox::{FaultRule, InvalidFaults};
///
/// let error: InvalidFaults = FaultRule::list_from_json("[{}]").unwrap_err();
/// println!("{error}");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidFaults {
    place: String,
    why: String,
}

impl InvalidFaults {
    fn at(place: String, why: impl fmt::Display) -> InvalidFaults {
        InvalidFaults { place, why: why.to_string() }
    }
}

impl fmt::Display for InvalidFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the faults are not valid: ")?;
        // The whole has no name.
        if self.place != "." {
            write!(f, "{}: ", self.place)?;
        }
        f.write_str(&self.why)
    }
}

impl Error for InvalidFaults {}
