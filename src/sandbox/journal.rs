//! What has happened in a sandbox, for a test to look at and for people to read.

use std::collections::VecDeque;
use std::fmt;

use chrono::{DateTime, Utc};
use http::Method;

/// How much is remembered.
pub(super) const REMEMBERED: usize = 10_000;

/// One request that the sandbox has answered. It holds no header and no body.
///
/// ```
/// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # on_sandbox!(sandbox, sign, pdf =>
/// let upload = sandbox.requests().pop().unwrap();
/// assert_eq!((upload.method.as_str(), upload.status), ("POST", 201));
/// assert_eq!((upload.operation_id.as_deref(), upload.fault), (Some("uploadDocument"), None));
/// # );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recorded {
    /// The method.
    pub method: Method,
    /// The path, still percent-encoded, without a query.
    pub path: String,
    /// The `operationId`; none for the token endpoint and for what is not of the API.
    pub operation_id: Option<String>,
    /// The status of the answer. 0: there was none, which was a fault's doing.
    pub status: u16,
    /// The [`Fault`](super::Fault) that it met, if it met one, by the name of the function that makes it.
    pub fault: Option<&'static str>,
}

/// Is told each line of the log.
pub(super) type Listener = Box<dyn Fn(&str) + Send + Sync>;

/// The latest of what has happened, in that order.
#[derive(Default)]
pub(super) struct Journal {
    entries: VecDeque<Entry>,
    listener: Option<Listener>,
    /// How many of the entries, counted from the end, the listener has not been told.
    untold: usize,
    /// Whether the latest request has not been answered. What is noted meanwhile comes of it.
    is_open: bool,
}

struct Entry {
    time: DateTime<Utc>,
    what: What,
}

enum What {
    Request(Recorded),
    Other(String),
}

impl Journal {
    pub(super) fn new(listener: Option<Listener>) -> Journal {
        Journal { listener, ..Journal::default() }
    }

    /// A request has come. Its answer's status follows.
    pub(super) fn received(&mut self, time: DateTime<Utc>, request: Recorded) {
        self.push(Entry { time, what: What::Request(request) });
        self.is_open = true;
    }

    /// The latest request is answered, or is not to be (0).
    pub(super) fn answered(&mut self, status: u16) {
        let latest = self.entries.iter_mut().rev().find_map(|entry| match &mut entry.what {
            What::Request(request) => Some(request),
            What::Other(_) => None,
        });
        if let Some(request) = latest {
            request.status = status;
        }
        self.is_open = false;
        self.tell();
    }

    /// What happened beside requests, in a few words without what is secret or personal.
    pub(super) fn note(&mut self, time: DateTime<Utc>, what: String) {
        self.push(Entry { time, what: What::Other(what) });
        if !self.is_open {
            self.tell();
        }
    }

    pub(super) fn requests(&self) -> impl Iterator<Item = &Recorded> {
        self.entries.iter().filter_map(|entry| match &entry.what {
            What::Request(request) => Some(request),
            What::Other(_) => None,
        })
    }

    fn push(&mut self, entry: Entry) {
        if self.entries.len() == REMEMBERED {
            self.entries.pop_front();
        }
        self.entries.push_back(entry);
        self.untold = (self.untold + 1).min(REMEMBERED);
    }

    fn tell(&mut self) {
        if let Some(listener) = &self.listener {
            for entry in self.entries.range(self.entries.len() - self.untold..) {
                listener(&entry.to_string());
            }
        }
        self.untold = 0;
    }
}

/// A line for each thing that has happened.
impl fmt::Display for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.entries.iter().try_for_each(|entry| writeln!(f, "{entry}"))
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  ", self.time.format("%F %T"))?;
        match &self.what {
            What::Request(Recorded { method, path, operation_id, status, fault }) => {
                write!(f, "{status:03}  {method} {path}")?;
                operation_id.iter().try_for_each(|operation_id| write!(f, "  {operation_id}"))?;
                fault.iter().try_for_each(|fault| write!(f, "  (met {fault})"))
            }
            // Ids are the caller's: one with a line break in it must not look like a line.
            What::Other(what) => write!(f, "     {}", what.replace(char::is_control, " ")),
        }
    }
}
