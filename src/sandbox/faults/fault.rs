//! What goes wrong.

use std::time::{Duration, SystemTime};

use bytes::Bytes;

use super::rule::FaultRule;

/// What goes wrong with a call. [`on`](Fault::on) or [`on_every_operation`](Fault::on_every_operation) makes a
/// [`FaultRule`] of it, which is injected by [`Sandbox::inject`](crate::sandbox::Sandbox::inject).
///
/// # Faults
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use signicat_sign::sandbox::{Fault, Sandbox};
/// use signicat_sign::{Outcome, Upload};
///
/// let sandbox = Sandbox::start().await?;
/// sandbox.inject(Fault::cut_after_processing().on("uploadDocument").nth(1));
/// sandbox.inject(Fault::status(429).retry_after(0).on("uploadDocument").nth(2));
///
/// let sign = sandbox.client();
/// let pdf = || Upload::from_bytes(&b"%PDF-1.7"[..]);
/// let lost = sign.documents().upload(pdf()?).await.unwrap_err();
/// assert_eq!(lost.outcome(), Outcome::Unknown);
/// sign.documents().upload(pdf()?).await?; // refused with 429, and sent again
///
/// let met: Vec<_> = sandbox.requests().into_iter().filter_map(|request| request.fault).collect();
/// assert_eq!(met, ["cut_after_processing", "status"]);
/// # Ok(())
/// # }
/// ```
///
/// | fault | was it done? | what the client sees |
/// |---|---|---|
/// | [`status`](Fault::status), [`html`](Fault::html), [`redirect`](Fault::redirect) | no | that answer |
/// | [`expired_token`](Fault::expired_token) | no | 401, until it has a new token |
/// | [`truncated`](Fault::truncated) | yes | an answer whose JSON ends half way |
/// | [`slow`](Fault::slow) | yes | an answer that comes a few bytes at a time |
/// | [`cut_before_processing`](Fault::cut_before_processing) | no | a connection that breaks without an answer |
/// | [`cut_after_processing`](Fault::cut_after_processing) | yes | the same |
/// | [`cut_in_answer`](Fault::cut_in_answer) | yes | a connection that breaks within the answer |
/// | [`stall_before_processing`](Fault::stall_before_processing) | no | nothing, until it hangs up |
/// | [`stall_after_processing`](Fault::stall_after_processing) | yes | the same |
/// | [`duplicate`](Fault::duplicate), [`lost`](Fault::lost) | | a notification that comes twice, or never |
///
/// A request is met by its fault when it has arrived whole, whether it is good or bad. "Done" means that the sandbox
/// did with it what it does without a fault, a refusal included. Its answers are held against the contract before a
/// fault changes them, and what the fault makes of them is not.
///
/// Each of [`requests`](crate::sandbox::Sandbox::requests) says by its function's name here which fault it met.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use signicat_sign::sandbox::Fault;
///
/// let answers = [
///     Fault::status(418).header("x-why", "tea").body("text/plain", "no coffee"),
///     Fault::status(503).retry_after(2),
///     Fault::status(429).retry_after_date(SystemTime::now() + Duration::from_secs(2)),
///     Fault::redirect(307, "https://elsewhere.example/"),
///     Fault::expired_token(),
///     Fault::truncated(),
/// ];
/// let connections = [Fault::cut_in_answer(), Fault::stall_after_processing()];
/// let notifications = [Fault::duplicate().on("notification").nth(1), Fault::lost().on("notification").nth(2)];
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a fault does nothing until it is injected"]
pub struct Fault {
    pub(super) what: What,
    /// What the answer, if there is one, has besides.
    pub(super) headers: Vec<(String, String)>,
    /// What the answer has in its body's place.
    pub(super) page: Option<Page>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// An answer in the service's place.
    Status(u16),
    Html(u16),
    Redirect(u16),
    ExpiredToken,
    Truncated,
    Slow {
        /// How many come at a time.
        bytes: usize,
        pause: Duration,
    },
    CutBefore,
    CutAfter,
    CutInAnswer,
    StallBefore,
    StallAfter,
    Duplicate,
    Lost,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) media_type: String,
    pub(super) body: Bytes,
}

/// What a gateway shows to people when the service behind it does not answer.
const HTML: &[u8] = b"<!DOCTYPE html>\n<html><head><title>Sandbox</title></head>\
    <body><h1>This page is not the service's</h1></body></html>\n";

impl Fault {
    fn new(what: What) -> Fault {
        Fault { what, headers: Vec::new(), page: None }
    }

    // ---- Answers in the service's place ----

    /// An answer in the service's place, with a gateway's problem as its body where the status is that of an error
    /// and no [`body`](Fault::body) is given.
    pub fn status(status: u16) -> Fault {
        Fault::new(What::Status(status))
    }

    /// A web page in the service's place, as gateways answer: with an error's status, or with 200.
    pub fn html(status: u16) -> Fault {
        Fault::new(What::Html(status)).body("text/html; charset=utf-8", HTML)
    }

    /// A redirect in the service's place, with a status from 300 to 399.
    pub fn redirect(status: u16, location: impl Into<String>) -> Fault {
        Fault::new(What::Redirect(status)).header("location", location)
    }

    /// The call's token runs out before the call arrives: it is answered with 401, and so is each later one that
    /// bears the same token.
    pub fn expired_token() -> Fault {
        Fault::new(What::ExpiredToken)
    }

    // ---- Answers of the service that go wrong on their way ----

    /// The answer's body ends half way. As a message of HTTP it is whole: its length is that of the half.
    pub fn truncated() -> Fault {
        Fault::new(What::Truncated)
    }

    /// The answer's body comes so many bytes at a time, with a pause in between. Time is that of
    /// [`SandboxBuilder::runtime`](crate::sandbox::SandboxBuilder::runtime).
    pub fn slow(bytes: usize, pause: Duration) -> Fault {
        Fault::new(What::Slow { bytes, pause })
    }

    // ---- Connections that break or fall silent ----

    /// The connection breaks, and nothing was done.
    pub fn cut_before_processing() -> Fault {
        Fault::new(What::CutBefore)
    }

    /// The connection breaks before a word of the answer, and all was done.
    pub fn cut_after_processing() -> Fault {
        Fault::new(What::CutAfter)
    }

    /// The connection breaks within the answer: after its head and up to half of its body, whose whole length was
    /// announced. An answer without a body is not sent at all.
    pub fn cut_in_answer() -> Fault {
        Fault::new(What::CutInAnswer)
    }

    /// Nothing is done and nothing is answered, for as long as the client waits and the sandbox runs.
    pub fn stall_before_processing() -> Fault {
        Fault::new(What::StallBefore)
    }

    /// All is done and nothing is answered, for as long as the client waits and the sandbox runs.
    pub fn stall_after_processing() -> Fault {
        Fault::new(What::StallAfter)
    }

    // ---- Notifications ----

    /// A notification is delivered twice: for the operation `notification`.
    pub fn duplicate() -> Fault {
        Fault::new(What::Duplicate)
    }

    /// A notification is not delivered: for the operation `notification`.
    pub fn lost() -> Fault {
        Fault::new(What::Lost)
    }

    // ---- What an answer has ----

    /// Adds `Retry-After`, in seconds.
    pub fn retry_after(self, seconds: u64) -> Fault {
        self.header("retry-after", seconds.to_string())
    }

    /// Adds `Retry-After`, as a date.
    pub fn retry_after_date(self, time: SystemTime) -> Fault {
        self.header("retry-after", httpdate::fmt_http_date(time))
    }

    /// Adds a header to the answer, if the fault leaves one.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Fault {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the body of the answer, if the fault leaves one.
    pub fn body(mut self, media_type: impl Into<String>, body: impl Into<Bytes>) -> Fault {
        self.page = Some(Page { media_type: media_type.into(), body: body.into() });
        self
    }

    // ---- Where it is met ----

    /// On each call of this operation, by its `operationId`; on `token`, the token endpoint; or on `notification`,
    /// the delivery of a notification to a URL. The rule can be narrowed: [`FaultRule::nth`] and its like.
    pub fn on(self, operation: impl Into<String>) -> FaultRule {
        FaultRule::new(self, Some(operation.into()))
    }

    /// On each call of any operation of the API, the token endpoint not included.
    pub fn on_every_operation(self) -> FaultRule {
        FaultRule::new(self, None)
    }

    /// What [`Recorded::fault`](crate::sandbox::Recorded::fault) says.
    pub(in crate::sandbox) fn name(&self) -> &'static str {
        match self.what {
            What::Status(_) => "status",
            What::Html(_) => "html",
            What::Redirect(_) => "redirect",
            What::ExpiredToken => "expired_token",
            What::Truncated => "truncated",
            What::Slow { .. } => "slow",
            What::CutBefore => "cut_before_processing",
            What::CutAfter => "cut_after_processing",
            What::CutInAnswer => "cut_in_answer",
            What::StallBefore => "stall_before_processing",
            What::StallAfter => "stall_after_processing",
            What::Duplicate => "duplicate",
            What::Lost => "lost",
        }
    }
}
