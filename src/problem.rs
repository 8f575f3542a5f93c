//! What a server says of a failure, in whichever of its dialects.

use std::fmt::{self, Debug, Formatter};

use bytes::Bytes;
use serde_json::{Map, Value};

use crate::redact::{Fields, Redact, scrub};

/// One rule that a request broke: where, and what is wrong. The same for what is found before sending and for
/// what the service says.
///
/// ```
/// use signicat_sign::Violation;
///
/// let violation = Violation::new("tasks[0].id", "is required");
/// assert_eq!((violation.property_path(), violation.message()), ("tasks[0].id", "is required"));
/// assert_eq!(violation.origin(), None); // no builder made it
/// assert_eq!(violation.to_string(), "tasks[0].id: is required");
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Violation {
    property_path: String,
    message: String,
    origin: Option<String>,
}

impl Violation {
    /// A violation at a path in the service's own spelling: `tasks[0].subject.attributes[0].value`.
    pub fn new(property_path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { property_path: property_path.into(), message: message.into(), origin: None }
    }

    /// Where, in the service's spelling: `tasks[0].subject.attributes[0].value`.
    #[must_use]
    pub fn property_path(&self) -> &str {
        &self.property_path
    }

    /// What is wrong, as it was written.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Which call of a builder made what is there, for an order that was built here: `signer "kari": attribute
    /// "national-id"`. Said of what is found before sending, and of what the service finds.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    pub(crate) fn explained(self, origin: Option<String>) -> Self {
        Self { origin, ..self }
    }
}

impl Debug for Violation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Scrubbed: a server's message may repeat what was sent.
impl fmt::Display for Violation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", scrub(&self.property_path), scrub(&self.message))?;
        match &self.origin {
            Some(origin) => write!(f, " ({})", scrub(origin)),
            None => Ok(()),
        }
    }
}

/// The description of a failure that came with an answer.
///
/// Read leniently from every dialect that this API is known to speak: the Sign service's `violations`, its
/// ClientProblem, the gateway's problem with `code` and `invalidParams`, OAuth 2's `error`, and from anything
/// else that is a JSON object. All is optional; an HTML page or an empty body gives a problem that says nothing.
/// The texts are as the server wrote them and may repeat personal data; Debug says their lengths alone.
///
/// ```
/// let body = r#"{"type": "about:blank", "title": "The order is not valid", "detail": "see violations", "code": "invalid",
///     "traceId": "8f2c", "violations": [{"propertyPath": "tasks[0].id", "message": "is required"}]}"#;
/// let error = signicat_sign::Error::answer(400, body).build();
/// let problem = error.problem().unwrap();
/// assert_eq!(problem.problem_type(), Some("about:blank"));
/// assert_eq!(problem.title(), Some("The order is not valid"));
/// assert_eq!(problem.detail(), Some("see violations"));
/// assert_eq!((problem.code(), problem.trace_id()), (Some("invalid"), Some("8f2c")));
/// assert_eq!(problem.violations()[0].to_string(), "tasks[0].id: is required");
/// assert_eq!(problem.raw(), body.as_bytes());
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Problem {
    problem_type: Option<String>,
    title: Option<String>,
    detail: Option<String>,
    code: Option<String>,
    trace_id: Option<String>,
    violations: Vec<Violation>,
    raw: Bytes,
}

impl Problem {
    /// Reads whatever came.
    pub(crate) fn read(body: Bytes) -> Self {
        let Ok(Value::Object(members)) = serde_json::from_slice(&body) else {
            return Self { raw: body, ..Self::default() };
        };
        Self {
            problem_type: text(&members, &["type"]),
            title: text(&members, &["title", "message", "error"]),
            detail: text(&members, &["detail", "error_description"]),
            code: text(&members, &["code", "error"]),
            trace_id: text(&members, &["traceId", "trace_id"]),
            violations: [
                violations(&members, "violations", "propertyPath", "message"),
                violations(&members, "invalidParams", "name", "reason"),
            ]
            .concat(),
            raw: body,
        }
    }

    /// The `type` member: a URI or a name of the kind of problem.
    #[must_use]
    pub fn problem_type(&self) -> Option<&str> {
        self.problem_type.as_deref()
    }

    /// A few words on what went wrong.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// More words.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// The gateway's constant (`invalid_token`), or OAuth 2's `error` (`invalid_client`).
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// What to name when asking the vendor about it.
    #[must_use]
    pub fn trace_id(&self) -> Option<&str> {
        self.trace_id.as_deref()
    }

    /// The rules that the request broke, where the server lists them.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// The body as it came, up to 1 MiB. It may hold personal data.
    #[must_use]
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }
}

impl Debug for Problem {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Fields::new(f, "Problem")
            .field("type", &self.problem_type)
            .field("title", &self.title)
            .field("detail", &self.detail)
            .field("code", &self.code)
            .field("trace_id", &self.trace_id)
            .field("violations", &self.violations)
            .field("raw", &Length(self.raw.len()))
            .finish()
    }
}

impl Redact for Violation {
    fn shape(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

struct Length(usize);

impl Redact for Length {
    fn shape(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "(len:{})", self.0)
    }
}

/// The first of these members that has words in it.
fn text(members: &Map<String, Value>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| match members.get(*name)? {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

fn violations(members: &Map<String, Value>, list: &str, path: &str, message: &str) -> Vec<Violation> {
    let items = members.get(list).and_then(Value::as_array);
    items
        .into_iter()
        .flatten()
        .filter_map(Value::as_object)
        .map(|item| Violation {
            property_path: text(item, &[path]).unwrap_or_default(),
            message: text(item, &[message]).unwrap_or_default(),
            origin: None,
        })
        .collect()
}
