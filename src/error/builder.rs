//! Errors made by hand: for tests of what handles them, and for token providers.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;

use super::{Error, ErrorKind, Outcome};
use crate::contract::{DOWNLOAD_URI, OPERATIONS};
use crate::problem::{Problem, Violation};
use crate::resume::ResumeToken;
use crate::state::OrderState;

/// An error in the making: see [`Error::builder`].
///
/// ```
/// use std::time::Duration;
/// use signicat_sign::{Error, ErrorKind, Outcome, Violation};
///
/// let error = Error::builder(ErrorKind::RateLimited)
///     .operation("create_order")
///     .status(429)
///     .message("too many requests")
///     .hint("one process too many?")
///     .outcome(Outcome::Rejected)
///     .retry_after(Duration::from_secs(5))
///     .effort(3, Duration::from_millis(900))
///     .violations([Violation::new("tasks", "are many")])
///     .source("the cause")
///     .build();
/// assert_eq!(
///     error.to_string(),
///     "create order: 429 too many requests: tasks: are many (one process too many?) [3 attempts, 900 ms, asked to wait 5 s]"
/// );
/// ```
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

    /// Makes the error that a refusal of the service with this status and body gives.
    ///
    /// ```
    /// use signicat_sign::{Error, Outcome};
    ///
    /// let refused = Error::answer(403, r#"{"title": "Forbidden"}"#).build();
    /// assert!(refused.is_forbidden() && refused.outcome() == Outcome::Rejected);
    /// let gateway = Error::answer(502, "<html>").operation("create_order").build();
    /// assert_eq!(gateway.outcome(), Outcome::Unknown);
    /// ```
    ///
    /// # Panics
    /// If the status is none, or a 2xx: that is no refusal.
    pub fn answer(status: u16, body: impl Into<Bytes>) -> ErrorBuilder {
        let status = status_of(status);
        assert!(!status.is_success(), "{status} is no refusal");
        ErrorBuilder(Self::answered(status, Problem::read(body.into())))
    }
}

impl ErrorBuilder {
    /// What became of the request; what is usual for the kind, if not said.
    pub fn outcome(self, outcome: Outcome) -> Self {
        Self(self.0.with_outcome(outcome))
    }

    /// The sentence: one line, whatever it holds.
    pub fn message(self, message: impl Into<String>) -> Self {
        Self(self.0.with_message(message))
    }

    /// What is often the cause, and what helps.
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self(self.0.with_hint(Some(hint.into())))
    }

    /// What was attempted: the contract's operationId, in snake case or as the contract writes it.
    ///
    /// # Panics
    /// If the contract has no such operation.
    pub fn operation(self, operation: &str) -> Self {
        let name = |id: &str| id.replace('_', "").to_lowercase();
        let known = OPERATIONS.iter().chain([&DOWNLOAD_URI]).find(|known| name(known.id) == name(operation));
        let Some(known) = known else { panic!("the contract has no operation {operation}") };
        Self(self.0.with_operation(known.id))
    }

    /// The HTTP status.
    ///
    /// # Panics
    /// If it is none.
    pub fn status(self, status: u16) -> Self {
        Self(self.0.with_status(status_of(status)))
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

    /// How the order stood when a wait for it ended: [`OrderState::derive`] makes one.
    ///
    /// ```
    /// use signicat_sign::{Error, ErrorKind, OrderState};
    ///
    /// let late = OrderState::derive(&["kari".parse()?], &[], &[], &[], &[]);
    /// let late = Error::builder(ErrorKind::Deadline).order_state(late).build();
    /// assert_eq!(late.to_string(), "deadline: 0 of 1 signed; kari not seen yet");
    /// # Ok::<(), Error>(())
    /// ```
    pub fn order_state(self, state: OrderState) -> Self {
        Self(self.0.with_order_state(state))
    }

    /// What takes the wait up again.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order =>
    /// let token = sign.orders().wait(&order).resume_token();
    /// let late = Error::builder(ErrorKind::Deadline).resume_token(token).build();
    /// assert_eq!(late.resume_token().unwrap().order_id(), order.id());
    /// # );
    /// ```
    pub fn resume_token(self, token: ResumeToken) -> Self {
        Self(self.0.with_resume_token(token))
    }

    /// The cause. Its Debug is in the error's own.
    pub fn source(self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(self.0.with_source(source))
    }

    /// The error.
    #[must_use]
    pub fn build(self) -> Error {
        self.0
    }
}

fn status_of(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or_else(|_| panic!("{status} is no HTTP status"))
}
