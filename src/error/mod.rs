//! The one error of this crate.

mod builder;
mod carried;
mod kind;
mod network;
mod report;

use std::error::Error as StdError;
use std::fmt::{self, Debug, Display, Formatter};
use std::io;
use std::time::{Duration, SystemTime};

use http::StatusCode;

use crate::contract::{self, Operation};
use crate::problem::{Problem, Violation};
use crate::redact::{one_line, scrub};
use crate::resume::ResumeToken;
use crate::state::OrderState;

pub use builder::ErrorBuilder;
pub use kind::{ErrorKind, Outcome, Retryability};
pub(crate) use network::{network_error, root_of};

/// What every fallible function of this crate gives.
///
/// ```
/// fn reference(order: &signicat_sign::types::SigningOrder) -> signicat_sign::Result<&str> {
///     let missing = || signicat_sign::Error::builder(signicat_sign::ErrorKind::Decode).build();
///     order.client_reference.as_deref().ok_or_else(missing)
/// }
/// assert!(reference(&Default::default()).unwrap_err().is_decode());
/// ```
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed.
///
/// Display is one line that a person can act on; Debug tells the rest. Neither holds a body, a header or a
/// secret. What the server wrote is scrubbed of all that can be recognised (mail addresses, numbers, tokens,
/// addresses): a name can't be, so a server that repeats one has it in the line. [`problem`](Error::problem) and
/// [`violations`](Error::violations) give it as it came. So has the line of a wait that ended because a signer
/// rejected: their words are in it, scrubbed. What each fault ends in is in [`faults`](crate::guide::faults).
///
/// ```
/// # fn handle(error: signicat_sign::Error) {
/// use signicat_sign::Outcome;
///
/// if error.is_validation() {
///     for violation in error.violations() {
///         eprintln!("{violation}");
///     }
/// } else if error.outcome() == Outcome::Unknown {
///     eprintln!("it may have been done: {error}");
/// }
/// # }
/// ```
///
/// ```
/// use signicat_sign::{Error, ErrorKind};
///
/// // Each kind that code asks for has a question of its own:
/// let answered = |status| Error::answer(status, "").build();
/// assert!(answered(400).is_validation() && answered(401).is_auth() && answered(403).is_forbidden());
/// assert!(answered(404).is_not_found() && answered(429).is_rate_limited() && answered(503).is_server());
/// let failed = |kind| Error::builder(kind).build();
/// assert!(failed(ErrorKind::Connect).is_connect() && failed(ErrorKind::Network).is_network());
/// assert!(failed(ErrorKind::Timeout).is_timeout() && failed(ErrorKind::Deadline).is_timeout());
/// assert!(failed(ErrorKind::Decode).is_decode() && failed(ErrorKind::Integrity).is_integrity());
/// assert!(failed(ErrorKind::OrderEnded).is_order_ended());
/// ```
pub struct Error(Box<Repr>);

struct Repr {
    kind: ErrorKind,
    outcome: Outcome,
    message: String,
    hint: Option<String>,
    operation: Option<&'static str>,
    server: Option<String>,
    at: Option<SystemTime>,
    status: Option<StatusCode>,
    problem: Option<Problem>,
    violations: Vec<Violation>,
    retry_after: Option<Duration>,
    attempts: u32,
    elapsed: Duration,
    order_state: Option<Box<OrderState>>,
    resume_token: Option<Box<ResumeToken>>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// The kind of failure.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign =>
    /// sandbox.revoke_tokens();
    /// let error = sign.orders().get(&"0502".parse()?).await.unwrap_err();
    /// match error.kind() {
    ///     ErrorKind::NotFound => println!("it is gone"),
    ///     other => panic!("{other}: {error}"),
    /// }
    /// # );
    /// ```
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What became of the request.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign =>
    /// sandbox.inject(Fault::cut_after_processing().on("uploadDocument").nth(1));
    /// let error = sign.documents().upload(Upload::from_bytes(&b"%PDF-1.7 ..."[..])?).await.unwrap_err();
    /// assert_eq!(error.outcome(), Outcome::Unknown); // a document may be left there, and expires
    /// assert_eq!(error.operation(), Some("upload_document"));
    /// # );
    /// ```
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.0.outcome
    }

    /// What was attempted: the contract's operationId in snake case, where it was a call.
    ///
    /// ```
    /// use signicat_sign::Error;
    ///
    /// assert_eq!(Error::answer(503, "").operation("createOrder").build().operation(), Some("create_order"));
    /// ```
    #[must_use]
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// What is often the cause of such a failure, and what to do about it.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign =>
    /// let wrong = Credentials::new(sandbox.client_id(), "wrong");
    /// let sign = sandbox.client_builder().credentials(wrong).build()?;
    /// let error = sign.orders().get(&"0502".parse()?).await.unwrap_err();
    /// assert!(error.is_auth());
    /// println!("{}", error.hint().unwrap());
    /// # );
    /// ```
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// Whether it is worth, and safe, to make the same call again.
    ///
    /// ```
    /// use signicat_sign::{Error, ErrorKind, Outcome, Retryability};
    ///
    /// let error = Error::builder(ErrorKind::Timeout).operation("create_order").outcome(Outcome::Unknown).build();
    /// assert_eq!(error.retryability(), Retryability::Unsafe);
    /// ```
    #[must_use]
    pub fn retryability(&self) -> Retryability {
        // What is not known is done once.
        let once = self.operation().is_none_or(|operation| !contract::operation(operation).idempotent);
        // Of these no other attempt will hear anything else.
        let unsupported = matches!(self.status().map(|status| status.as_u16()), Some(501 | 505));
        match self.outcome() {
            _ if self.kind() == ErrorKind::Deadline => Retryability::Temporary,
            _ if self.kind() == ErrorKind::OrderEnded => Retryability::Permanent,
            Outcome::Unknown | Outcome::Accepted if once => Retryability::Unsafe,
            _ if !self.kind().passes() || unsupported => Retryability::Permanent,
            _ if self.attempts() > 1 => Retryability::Persistent,
            _ => Retryability::Temporary,
        }
    }

    /// The status of the service's answer, where there was one. A token endpoint's is in the message alone.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf =>
    /// sandbox.inject(Fault::status(503).on("getDocument"));
    /// let error = sign.documents().download(&pdf).bytes(100).await.unwrap_err();
    /// assert_eq!(error.status().unwrap(), 503);
    /// assert_eq!(error.attempts(), 3);
    /// println!("given up after {:?}", error.elapsed());
    /// # );
    /// ```
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// What the server said of it.
    ///
    /// ```
    /// use signicat_sign::Error;
    ///
    /// let body = r#"{"code": "invalid_token", "title": "Unauthorized", "traceId": "8f2c"}"#;
    /// let error = Error::answer(401, body).build();
    /// assert_eq!(error.problem().unwrap().code(), Some("invalid_token"));
    /// assert_eq!(error.trace_id(), Some("8f2c"));
    /// ```
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        self.0.problem.as_ref()
    }

    /// Every rule that was broken, found here or by the service, as it was written.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign =>
    /// let nowhere: DocumentId = "0502".parse()?;
    /// let kari = Signer::new("kari").signed_statement("nbid-sign");
    /// let order = NewOrder::builder().document("loan", &nowhere, "Loan agreement").signer(kari).build()?;
    /// let error = sign.orders().create(order).await.unwrap_err();
    /// assert_eq!(error.violations()[0].property_path(), "tasks[0].documents[0].documentRef");
    /// # );
    /// ```
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        &self.0.violations
    }

    /// What to name when asking the vendor about it.
    #[must_use]
    pub fn trace_id(&self) -> Option<&str> {
        self.problem()?.trace_id()
    }

    /// How long the server asks to wait.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf =>
    /// sandbox.inject(Fault::status(429).retry_after(30).on("deleteDocument"));
    /// let once = sign.with_retry(RetryPolicy::default().attempts(1));
    /// let error = once.documents().delete(&pdf).await.unwrap_err();
    /// assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
    /// # );
    /// ```
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// How often it was tried: 0 where nothing was to be sent.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How long the call took, pauses included, up to where it failed.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// How the order stood when a wait for it ended otherwise than completed.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order =>
    /// sandbox.signer(order.id(), "kari").rejects("wrong amount")?;
    /// let error = sign.orders().wait(&order).await.unwrap_err();
    /// let kari = error.order_state().and_then(|state| state.task("kari"));
    /// assert_eq!(kari.unwrap().reject_reason(), Some("wrong amount"));
    /// # );
    /// ```
    #[must_use]
    pub fn order_state(&self) -> Option<&OrderState> {
        self.0.order_state.as_deref()
    }

    /// What takes up again the wait that ended with this error: after a deadline with a new one, after a failure
    /// where it was. Of an order that has ended it gives the same end once more.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order =>
    /// let error = sign.orders().wait(&order).deadline(Duration::ZERO).await.unwrap_err();
    /// let kept = serde_json::to_string(error.resume_token().unwrap())?;
    /// # );
    /// ```
    #[must_use]
    pub fn resume_token(&self) -> Option<&ResumeToken> {
        self.0.resume_token.as_deref()
    }

    /// There is no such thing, or no longer.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.kind() == ErrorKind::NotFound
    }

    /// The credentials are not taken.
    #[must_use]
    pub fn is_auth(&self) -> bool {
        self.kind() == ErrorKind::Auth
    }

    /// The credentials do not suffice: a permission is missing.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.kind() == ErrorKind::Forbidden
    }

    /// A limit on time was reached.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self.kind(), ErrorKind::Timeout | ErrorKind::Deadline)
    }

    /// The connection broke while the exchange was under way.
    #[must_use]
    pub fn is_network(&self) -> bool {
        self.kind() == ErrorKind::Network
    }

    /// The service failed (5xx).
    #[must_use]
    pub fn is_server(&self) -> bool {
        self.kind() == ErrorKind::Server
    }

    /// What came is not whole, or not what was promised.
    #[must_use]
    pub fn is_integrity(&self) -> bool {
        self.kind() == ErrorKind::Integrity
    }

    /// There was no connection.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        self.kind() == ErrorKind::Connect
    }

    /// Too many calls.
    #[must_use]
    pub fn is_rate_limited(&self) -> bool {
        self.kind() == ErrorKind::RateLimited
    }

    /// What was to be sent is not valid; see [`violations`](Error::violations).
    #[must_use]
    pub fn is_validation(&self) -> bool {
        self.kind() == ErrorKind::Validation
    }

    /// The answer can't be read.
    #[must_use]
    pub fn is_decode(&self) -> bool {
        self.kind() == ErrorKind::Decode
    }

    /// The order ended otherwise than completed.
    #[must_use]
    pub fn is_order_ended(&self) -> bool {
        self.kind() == ErrorKind::OrderEnded
    }
}

/// How errors are made.
impl Error {
    pub(crate) fn new(kind: ErrorKind, outcome: Outcome, message: impl Into<String>) -> Self {
        Self(Box::new(Repr {
            kind,
            outcome,
            message: one_line(&message.into()),
            hint: None,
            operation: None,
            server: None,
            at: None,
            status: None,
            problem: None,
            violations: Vec::new(),
            retry_after: None,
            attempts: 0,
            elapsed: Duration::ZERO,
            order_state: None,
            resume_token: None,
            source: None,
        }))
    }

    pub(crate) fn config(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Config, Outcome::NotSent, message)
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Validation, Outcome::NotSent, message)
    }

    pub(crate) fn violated(message: impl Into<String>, violations: Vec<Violation>) -> Self {
        let mut error = Self::invalid(message);
        error.0.violations = violations;
        error
    }

    pub(crate) fn io(message: impl Into<String>, source: io::Error) -> Self {
        Self::new(ErrorKind::Io, Outcome::NotSent, format!("{}: {}", message.into(), source.kind()))
            .with_source(source)
    }

    /// An answer that says no.
    pub(crate) fn answered(status: StatusCode, problem: Problem) -> Self {
        let kind = match status.as_u16() {
            400 | 422 => ErrorKind::Validation,
            401 => ErrorKind::Auth,
            408 => ErrorKind::Timeout,
            403 => ErrorKind::Forbidden,
            404 | 410 => ErrorKind::NotFound,
            429 => ErrorKind::RateLimited,
            500.. => ErrorKind::Server,
            300..400 => ErrorKind::Redirect,
            _ => ErrorKind::Rejected,
        };
        let words = match (problem.title(), problem.detail()) {
            (Some(title), Some(detail)) if title != detail => format!("{title}: {detail}"),
            (Some(words), _) | (None, Some(words)) => words.to_owned(),
            (None, None) => status.canonical_reason().unwrap_or("no reason given").to_owned(),
        };
        let mut error = Self::new(kind, Outcome::of_refusal(status.as_u16()), scrub(&words));
        error.0.status = Some(status);
        error.0.violations = problem.violations().to_vec();
        error.0.problem = Some(problem);
        error
    }

    /// An answer that can't be read, with the place and what was expected there, but not what stood there.
    pub(crate) fn undecodable(path: &str, error: &serde_json::Error) -> Self {
        let text = error.to_string();
        // The value stands before what was expected, and may hold any word itself.
        let expected = match text.rfind(", expected ").map(|comma| comma + 2) {
            Some(start) => text[start..].split(" at line ").next().unwrap_or_default(),
            None if text.starts_with("missing field") || text.starts_with("this is no ") => {
                text.split(" at line ").next().unwrap_or_default()
            }
            None if error.is_eof() => "it ends too early",
            None if error.is_syntax() => "it is no JSON",
            None => "the value is none that is allowed",
        };
        let place = if path == "." { String::new() } else { format!(" at {path}") };
        Self::new(ErrorKind::Decode, Outcome::Accepted, format!("cannot read the answer{place}: {expected}"))
    }

    /// Says of each violation which builder call it comes from.
    pub(crate) fn explained(mut self, origin: impl Fn(&str) -> Option<String>) -> Self {
        let explain = |violation: Violation| {
            let origin = origin(violation.property_path());
            violation.explained(origin)
        };
        self.0.violations = std::mem::take(&mut self.0.violations).into_iter().map(explain).collect();
        self
    }

    pub(crate) fn with_message(mut self, message: impl Into<String>) -> Self {
        self.0.message = one_line(&message.into());
        self
    }

    pub(crate) fn with_hint(mut self, hint: Option<String>) -> Self {
        self.0.hint = hint.map(|hint| one_line(&hint));
        self
    }

    /// Who failed, as host and port, if that was not said before.
    pub(crate) fn with_server(mut self, server: impl FnOnce() -> String) -> Self {
        self.0.server.get_or_insert_with(server);
        self
    }

    /// When it failed.
    pub(crate) fn with_time(mut self, at: SystemTime) -> Self {
        self.0.at = Some(at);
        self
    }

    /// The status is another's than the service's: the message says it.
    pub(crate) fn without_status(mut self) -> Self {
        self.0.status = None;
        self
    }

    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.0.status = Some(status);
        self
    }

    pub(crate) fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.0.kind = kind;
        self
    }

    pub(crate) fn with_outcome(mut self, outcome: Outcome) -> Self {
        self.0.outcome = outcome;
        self
    }

    pub(crate) fn with_operation(mut self, operation: &'static str) -> Self {
        self.0.operation = Some(operation);
        self
    }

    pub(crate) fn with_retry_after(mut self, retry_after: Option<Duration>) -> Self {
        self.0.retry_after = retry_after;
        self
    }

    pub(crate) fn with_effort(mut self, attempts: u32, elapsed: Duration) -> Self {
        self.0.attempts = attempts;
        self.0.elapsed = elapsed;
        self
    }

    pub(crate) fn with_order_state(mut self, state: OrderState) -> Self {
        self.0.order_state = Some(Box::new(state));
        self
    }

    pub(crate) fn with_resume_token(mut self, token: ResumeToken) -> Self {
        self.0.resume_token = Some(Box::new(token));
        self
    }

    pub(crate) fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same failure, for somebody else who met it: without its source.
    pub(crate) fn echo(&self) -> Self {
        let Repr { kind, outcome, message, hint, server, status, problem, violations, retry_after, .. } =
            &*self.0;
        let mut echo = Self::new(*kind, *outcome, message.clone()).with_hint(hint.clone());
        echo.0.server = server.clone();
        echo.0.status = *status;
        echo.0.problem = problem.clone();
        echo.0.violations = violations.clone();
        echo.with_retry_after(*retry_after)
    }

    /// A trace id is there to be quoted, so it is not scrubbed; but it has to be one.
    pub(crate) fn printable_trace_id(&self) -> Option<&str> {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':' | '|' | '.');
        let trace_id = self.trace_id()?;
        Some(if trace_id.len() <= 64 && trace_id.chars().all(fits) { trace_id } else { "…" })
    }

    /// The sentence, without what stands around it in Display.
    pub(crate) fn message(&self) -> &str {
        &self.0.message
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let state = self.0.order_state.as_ref().map(ToString::to_string);
        Line { error: self, state }.fmt(f)
    }
}

/// An error's one line, with what it says of the order's state.
struct Line<'a> {
    error: &'a Error,
    state: Option<String>,
}

impl Display for Line<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let error = &self.error.0;
        if let Some(operation) = error.operation {
            write!(f, "{}: ", Operation::words(operation))?;
        }
        if let Some(status) = error.status {
            write!(f, "{} ", status.as_u16())?;
        }
        f.write_str(&error.message)?;
        if let Some(state) = &self.state {
            write!(f, ": {state}")?;
        }
        if let Some((first, more)) = error.violations.split_first() {
            write!(f, ": {first}")?;
            if !more.is_empty() {
                write!(f, " (+{} more)", more.len())?;
            }
        }
        if let Some(hint) = &error.hint {
            write!(f, " ({hint})")?;
        }
        if error.attempts > 0 {
            f.write_str(" [")?;
            if let Some(trace_id) = self.error.printable_trace_id() {
                write!(f, "trace {trace_id}, ")?;
            }
            let plural = if error.attempts == 1 { "" } else { "s" };
            write!(f, "{} attempt{plural}, {} ms", error.attempts, error.elapsed.as_millis())?;
            if let Some(pause) = error.retry_after {
                write!(f, ", asked to wait {} s", pause.as_secs())?;
            }
            f.write_str("]")?;
        }
        Ok(())
    }
}

impl Debug for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let error = &self.0;
        f.debug_struct("Error")
            .field("kind", &error.kind)
            .field("outcome", &error.outcome)
            .field("message", &error.message)
            .field("hint", &error.hint)
            .field("operation", &error.operation)
            .field("server", &error.server)
            .field("at", &error.at)
            .field("status", &error.status)
            .field("violations", &error.violations)
            .field("problem", &error.problem)
            .field("retry_after", &error.retry_after)
            .field("attempts", &error.attempts)
            .field("elapsed", &error.elapsed)
            .field("order_state", &error.order_state)
            .field("resume_token", &error.resume_token)
            .field("source", &error.source)
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}
