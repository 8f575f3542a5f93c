//! What has happened in a sandbox, for a test to look at and for people to read.

use std::collections::VecDeque;
use std::fmt;

use chrono::{DateTime, Utc};
use http::{Method, StatusCode};

/// How much is remembered.
pub(super) const REMEMBERED: usize = 10_000;

/// One request that the sandbox has answered. It holds no header and no body.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recorded {
    /// The method.
    pub method: Method,
    /// The path, still percent-encoded, without a query.
    pub path: String,
    /// The `operationId`; none for the token endpoint and for what is not of the API.
    pub operation_id: Option<String>,
    /// The status of the answer.
    pub status: u16,
}

/// The latest of what has happened, in that order.
#[derive(Default)]
pub(super) struct Journal {
    entries: VecDeque<(DateTime<Utc>, Entry)>,
}

enum Entry {
    Request(Recorded),
    Other(String),
}

impl Journal {
    pub(super) fn record(&mut self, time: DateTime<Utc>, request: Recorded) {
        self.push(time, Entry::Request(request));
    }

    /// The status of the answer to the latest request. What came of it has been noted behind it.
    pub(super) fn answered(&mut self, status: StatusCode) {
        let latest = self.entries.iter_mut().rev().find_map(|(_, entry)| match entry {
            Entry::Request(request) => Some(request),
            Entry::Other(_) => None,
        });
        if let Some(request) = latest {
            request.status = status.as_u16();
        }
    }

    /// What happened beside requests, in a few words without what is secret or personal.
    pub(super) fn note(&mut self, time: DateTime<Utc>, what: String) {
        self.push(time, Entry::Other(what));
    }

    pub(super) fn requests(&self) -> impl Iterator<Item = &Recorded> {
        self.entries.iter().filter_map(|(_, entry)| match entry {
            Entry::Request(request) => Some(request),
            Entry::Other(_) => None,
        })
    }

    fn push(&mut self, time: DateTime<Utc>, entry: Entry) {
        if self.entries.len() == REMEMBERED {
            self.entries.pop_front();
        }
        self.entries.push_back((time, entry));
    }
}

/// A line for each thing that has happened.
impl fmt::Display for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (time, entry) in &self.entries {
            write!(f, "{}  ", time.format("%F %T"))?;
            match entry {
                Entry::Request(Recorded { method, path, operation_id, status }) => {
                    let operation_id = operation_id.as_deref().unwrap_or("-");
                    writeln!(f, "{status}  {operation_id}  {method} {path}")?;
                }
                // Ids are the caller's: one with a line break in it must not look like a line.
                Entry::Other(what) => writeln!(f, "{}", what.replace(char::is_control, " "))?,
            }
        }
        Ok(())
    }
}
