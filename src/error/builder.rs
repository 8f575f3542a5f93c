//! Errors made by hand: for tests of what handles them, and for token providers.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;

use super::{Error, ErrorKind, Outcome};
use crate::contract::OPERATIONS;
use crate::problem::{Problem, Violation};

/// An error in the making: see [`Error::builder`].
#[derive(Debug)]
#[must_use]
pub struct ErrorBuilder(Error);

impl Error {
    /// Makes an error by hand, so that what handles errors can be tested without a service that fails; and the
    /// errors of a [`TokenProvider`](crate::TokenProvider).
    ///
    /// ```
    /// use signicat_sign::{Error, ErrorKind, Outcome};
    ///
    /// let lost = Error::builder(ErrorKind::Server).operation("create_order").status(502).outcome(Outcome::Unknown).build();
    /// assert_eq!(lost.outcome(), Outcome::Unknown);
    ///
    /// let refused = Error::answer(400, r#"{"title": "The order is not valid", "violations": [
    ///     {"propertyPath": "tasks[0].id", "message": "is required"}]}"#).operation("create_order").build();
    /// assert!(refused.is_validation());
    /// assert_eq!(refused.to_string(), "create order: 400 The order is not valid: tasks[0].id: is required");
    /// ```
    pub fn builder(kind: ErrorKind) -> ErrorBuilder {
        let outcome = match kind {
            ErrorKind::Config | ErrorKind::Connect | ErrorKind::Io | ErrorKind::Validation => {
                Outcome::NotSent
            }
            ErrorKind::Network | ErrorKind::Timeout | ErrorKind::Server => Outcome::Unknown,
            ErrorKind::Decode | ErrorKind::Integrity | ErrorKind::OrderEnded | ErrorKind::Deadline => {
                Outcome::Accepted
            }
            _ => Outcome::Rejected,
        };
        ErrorBuilder(Self::new(kind, outcome, kind.as_str().replace('_', " ")))
    }

    /// Makes the error that an answer of the service with this status and body gives. A status that none can
    /// have counts as 500.
    pub fn answer(status: u16, body: impl Into<Bytes>) -> ErrorBuilder {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        ErrorBuilder(Self::answered(status, Problem::read(body.into())))
    }
}

impl ErrorBuilder {
    /// What became of the request; what is usual for the kind, if not said.
    pub fn outcome(self, outcome: Outcome) -> Self {
        Self(self.0.with_outcome(outcome))
    }

    /// The sentence.
    pub fn message(self, message: impl Into<String>) -> Self {
        Self(self.0.with_message(message))
    }

    /// What was attempted: the contract's operationId in snake case. A name that the contract has not is left out.
    pub fn operation(self, operation: &str) -> Self {
        match OPERATIONS.iter().find(|known| known.id == operation) {
            Some(known) => Self(self.0.with_operation(known.id)),
            None => self,
        }
    }

    /// The HTTP status. One that none can have is left out.
    pub fn status(self, status: u16) -> Self {
        match StatusCode::from_u16(status) {
            Ok(status) => Self(self.0.with_status(status)),
            Err(_) => self,
        }
    }

    /// The rules that were broken.
    pub fn violations(mut self, violations: impl IntoIterator<Item = Violation>) -> Self {
        self.0.0.violations = violations.into_iter().collect();
        self
    }

    /// How long the server asks to wait.
    pub fn retry_after(self, pause: Duration) -> Self {
        Self(self.0.with_retry_after(Some(pause)))
    }

    /// How often it was tried, and how long that took.
    pub fn effort(self, attempts: u32, elapsed: Duration) -> Self {
        Self(self.0.with_effort(attempts, elapsed))
    }

    /// What it came of.
    pub fn source(self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(self.0.with_source(source))
    }

    /// The error.
    #[must_use]
    pub fn build(self) -> Error {
        self.0
    }
}
