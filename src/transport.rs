//! One call through the wire: a token for each attempt, send, retry, redirects, and the answer read up to its
//! limit. All operations take this way, those of `raw` too.

use std::fmt::{self, Debug, Formatter};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{TryStreamExt, stream};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use progenitor_client::{ClientHooks, OperationInfo};
use reqwest::{Request, Response, ResponseBuilderExt, Url};
use tracing::Instrument;

use crate::address::{host, redirect, same_origin};
use crate::answer::{Whole, chunks, no_page, not_encoded, read_into, read_up_to};
use crate::body::{Hold, Phase, Sent, WatchedBody};
use crate::config::Timeouts;
use crate::contract::{self, Body, Operation};
use crate::error::{Error, ErrorKind, Outcome, network_error};
use crate::generated;
use crate::hint;
use crate::problem::Problem;
use crate::retry::{Attempt, Budget, Decision, Failure, RetryPolicy, decide, retry_after};
use crate::runtime::{Runtime, within};
use crate::telemetry;
use crate::tokens::{Token, Tokens, Wanted};
use crate::turns::Turns;
use crate::upload::{Upload, pieces_of};

/// Said on each request of ours, and not to a host that a redirect leads to.
pub(crate) const USER_AGENT: HeaderValue =
    HeaderValue::from_static(concat!("signicat-sign/", env!("CARGO_PKG_VERSION")));

/// How much is read of an answer that says no, in bytes, and how long it is waited for.
const PROBLEM_LIMIT: usize = 1024 * 1024;
const PROBLEM_PATIENCE: Duration = Duration::from_secs(5);

/// What the calls of a client and its clones share.
pub(crate) struct Shared {
    pub(crate) http: reqwest::Client,
    pub(crate) base: Url,
    pub(crate) tokens: Tokens,
    pub(crate) organization_id: Option<HeaderValue>,
    pub(crate) budget: Budget,
    /// The longest answer that is read as JSON, in bytes.
    pub(crate) answer_limit: usize,
    pub(crate) runtime: Arc<dyn Runtime>,
    /// Of waits: so many of their requests may be under way.
    pub(crate) turns: Turns,
}

/// What may be asked of one call alone.
#[derive(Clone)]
pub(crate) struct CallOptions {
    pub(crate) timeouts: Timeouts,
    pub(crate) retry: RetryPolicy,
    pub(crate) headers: HeaderMap,
    pub(crate) upload: Option<Arc<Upload>>,
}

impl CallOptions {
    pub(crate) fn new(timeouts: Timeouts, retry: RetryPolicy) -> Self {
        Self { timeouts, retry, headers: HeaderMap::new(), upload: None }
    }
}

/// What a call took, for the errors that are found after it.
#[derive(Default)]
pub(crate) struct Report {
    pub(crate) attempts: AtomicU32,
    pub(crate) status: AtomicU16,
    /// Whether an attempt that failed may have done it all the same.
    pub(crate) maybe_done: AtomicBool,
}

/// The inner value of the generated client: cheap to clone, with the options of a call.
#[derive(Clone)]
pub(crate) struct Transport {
    pub(crate) shared: Arc<Shared>,
    pub(crate) options: CallOptions,
    pub(crate) report: Arc<Report>,
}

impl Debug for Transport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").field("base", &self.shared.base.as_str()).finish_non_exhaustive()
    }
}

impl ClientHooks<Transport> for generated::Client {
    async fn exec(&self, request: Request, info: &OperationInfo) -> reqwest::Result<Response> {
        let operation = contract::operation(info.operation_id);
        let span = telemetry::call_span(operation);
        let mut exchange = Exchange::new(&self.inner, operation, request);
        // Pinned where it is: it is large, and would be moved with each wrapping.
        let exchange = std::pin::pin!(exchange.run(&span));
        match exchange.instrument(span.clone()).await {
            Ok(response) => Ok(response),
            Err(error) => Err(carry(error).await),
        }
    }
}

/// Packs an error of ours into the only one that a hook can give.
#[allow(clippy::expect_used, reason = "a body that is an error can't fail to fail")]
async fn carry(error: Error) -> reqwest::Error {
    let failing = stream::once(async { Err::<Bytes, _>(error.carried()) });
    let response = Response::from(http::Response::new(reqwest::Body::wrap_stream(failing)));
    response.bytes().await.expect_err("a body that is an error")
}

/// One call, over all its attempts.
struct Exchange<'a> {
    transport: &'a Transport,
    operation: &'static Operation,
    /// Without its body and without a token: each attempt has its own.
    request: Request,
    payload: Payload,
    started: Duration,
    /// What was answered last; 0 before. This call's own: the transport's report is written after each attempt, and
    /// `raw` may share that between calls.
    status: AtomicU16,
    /// Whether an attempt that failed may have done it all the same.
    maybe_done: bool,
}

enum Payload {
    None,
    Bytes(Bytes),
    Upload(Arc<Upload>),
    /// A stream that was given to `raw`: it can be read once.
    Once(Option<reqwest::Body>),
}

/// An attempt that failed: what it means for the next one, and what to say of it.
struct Failed {
    failure: Failure,
    error: Error,
}

impl<'a> Exchange<'a> {
    fn new(transport: &'a Transport, operation: &'static Operation, mut request: Request) -> Self {
        let body = request.body_mut().take();
        let headers = request.headers_mut();
        let payload = match (&transport.options.upload, body) {
            (Some(upload), _) => {
                headers.insert(header::CONTENT_TYPE, upload.media_type().clone());
                Payload::Upload(upload.clone())
            }
            (None, None) => Payload::None,
            (None, Some(body)) => {
                // The generator knows octet-stream alone; the contract knows better.
                if let (Body::Binary, Some(usual)) = (operation.request, operation.usual_type()) {
                    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(usual));
                }
                match body.as_bytes() {
                    Some(bytes) => Payload::Bytes(Bytes::copy_from_slice(bytes)),
                    None => Payload::Once(Some(body)),
                }
            }
        };
        headers.insert(header::USER_AGENT, USER_AGENT);
        if let Some(organization_id) = &transport.shared.organization_id {
            headers.insert(contract::ORGANIZATION_ID_HEADER, organization_id.clone());
        }
        if !transport.options.headers.is_empty() {
            headers.extend(transport.options.headers.clone());
        }
        Self {
            transport,
            operation,
            request,
            payload,
            started: transport.shared.runtime.now(),
            status: AtomicU16::new(0),
            maybe_done: false,
        }
    }

    async fn run(&mut self, span: &tracing::Span) -> Result<Response, Error> {
        let shared = &self.transport.shared;
        let policy = &self.transport.options.retry;
        let mut number = 0;
        let mut tries = 0;
        let mut renewed_token = false;
        loop {
            number += 1;
            tries += 1;
            let attempt_span = telemetry::attempt_span(self.operation, self.request.url(), tries);
            let result = {
                let attempt = std::pin::pin!(self.attempt(&attempt_span));
                attempt.instrument(attempt_span.clone()).await
            };
            self.tell(tries);
            let Failed { failure, error } = match result {
                Ok(response) => {
                    shared.budget.give_back(number > 1);
                    telemetry::call_answered(span, tries);
                    return Ok(response);
                }
                Err(failed) => failed,
            };
            telemetry::attempt_failed(&attempt_span, &error);
            let attempt = Attempt {
                idempotent: self.operation.idempotent,
                repeatable: self.is_repeatable(),
                number,
                renewed_token,
                chance: shared.runtime.random(),
            };
            let mut decision = decide(policy, attempt, failure);
            let mut error = error;
            if let Decision::Again { after, with_new_token } = decision
                && let Err(why) = self.afford(after, with_new_token)
            {
                decision = Decision::Stop(failure.outcome());
                if let Some(why) = why {
                    let message = format!("{}; not tried again: {why}", error.message());
                    error = error.with_message(message);
                }
            }
            match decision {
                Decision::Stop(outcome) => {
                    if failure.is_sound() {
                        shared.budget.give_back(number > 1);
                    }
                    let error = error
                        .with_outcome(self.over_all(outcome))
                        .with_operation(self.operation.id)
                        .with_server(|| host(self.request.url()))
                        .with_time(shared.runtime.wall_clock())
                        .with_effort(tries, shared.runtime.now().saturating_sub(self.started));
                    telemetry::call_failed(span, tries, &error);
                    return Err(error);
                }
                Decision::Again { after, with_new_token } => {
                    tracing::debug!(?failure, ?after, "trying again");
                    if failure.may_have_done_it() {
                        self.maybe_done = true;
                    }
                    if with_new_token {
                        renewed_token = true;
                        // Beside the policy's attempts.
                        number -= 1;
                    }
                    if !after.is_zero() {
                        shared.runtime.sleep(after).await;
                    }
                }
            }
        }
    }

    /// Pays for another attempt, if it fits into the call's deadline and the client's budget. A pause beyond the
    /// deadline would only delay the news, and an expired token is nobody's failure.
    fn afford(&self, after: Duration, with_new_token: bool) -> Result<(), Option<&'static str>> {
        match self.remaining() {
            // That it is over is what the error says.
            Some(Duration::ZERO) => return Err(None),
            Some(remaining) if after >= remaining => {
                return Err(Some("the pause before it is longer than what is left of the call's deadline"));
            }
            _ => {}
        }
        match with_new_token || self.transport.shared.budget.take() {
            true => Ok(()),
            false => Err(Some("too many calls of this client fail (its retry budget is spent)")),
        }
    }

    /// What became of the request over all attempts: an earlier one may have done what the last one did not.
    fn over_all(&self, last: Outcome) -> Outcome {
        match last {
            Outcome::NotSent | Outcome::Rejected
                if self.maybe_done && *self.request.method() != Method::GET =>
            {
                Outcome::Unknown
            }
            last => last,
        }
    }

    fn tell(&self, attempts: u32) {
        let report = &self.transport.report;
        report.attempts.store(attempts, Ordering::Relaxed);
        report.status.store(self.status.load(Ordering::Relaxed), Ordering::Relaxed);
        report.maybe_done.store(self.maybe_done, Ordering::Relaxed);
    }

    fn is_repeatable(&self) -> bool {
        match &self.payload {
            Payload::None | Payload::Bytes(_) => true,
            Payload::Upload(upload) => upload.is_repeatable(),
            Payload::Once(body) => body.is_some(),
        }
    }

    fn timeouts(&self) -> Timeouts {
        self.transport.options.timeouts
    }

    /// What is left of the call's deadline.
    fn remaining(&self) -> Option<Duration> {
        let deadline = self.timeouts().deadline?;
        let elapsed = self.transport.shared.runtime.now().saturating_sub(self.started);
        Some(deadline.saturating_sub(elapsed))
    }

    async fn attempt(&mut self, span: &tracing::Span) -> Result<Response, Failed> {
        self.status.store(0, Ordering::Relaxed);
        let shared = &self.transport.shared;
        let remaining = self.remaining();
        // A document that is half sent when its token ends was sent for nothing.
        let needed = match self.operation.request {
            Body::Binary => self.timeouts().attempt.unwrap_or(Duration::MAX),
            _ => Duration::ZERO,
        };
        let wanted = Wanted { needed, limit: self.timeouts().attempt, remaining };
        let token = within(&*shared.runtime, remaining, shared.tokens.token(wanted)).await;
        let token = token.unwrap_or_else(|| {
            Err(Error::new(ErrorKind::Timeout, Outcome::NotSent, "there was no token within the deadline"))
        });
        let token = token.map_err(|error| {
            let failure = match error.kind().passes() {
                true => Failure::NotSent { retry_after: error.retry_after() },
                false => Failure::Final(Outcome::NotSent),
            };
            Failed { failure, error: error.with_server(|| "the source of tokens".to_owned()) }
        })?;
        let limit = self.timeouts().attempt.into_iter().chain(self.remaining()).min();
        let opened = within(&*shared.runtime.clone(), limit, self.open()).await;
        let opened = opened.unwrap_or_else(|| {
            Err(Error::new(ErrorKind::Timeout, Outcome::NotSent, "the document could not be opened in time"))
        });
        let (body, sent) =
            opened.map_err(|error| Failed { failure: Failure::Final(Outcome::NotSent), error })?;
        let _hold = Hold(sent.clone());
        let exchange = std::pin::pin!(self.exchange(&token, body, &sent, span));
        let result = match self.guard(exchange, &sent).await {
            Some(result) => result,
            None => Err(self.late(&sent)),
        };
        if let Err(Failed { failure: Failure::Answered { status: 401, .. }, .. }) = &result {
            shared.tokens.invalidate(&token);
        }
        result
    }

    /// The body of one attempt, watched.
    async fn open(&mut self) -> Result<(Option<reqwest::Body>, Arc<Sent>), Error> {
        let runtime = &self.transport.shared.runtime;
        let (body, length, on_progress) = match &mut self.payload {
            Payload::None => return Ok((None, Sent::without_body(runtime.now()))),
            Payload::Bytes(bytes) => (pieces_of(bytes.clone()), Some(bytes.len() as u64), None),
            Payload::Upload(upload) => (upload.open().await?, upload.length(), upload.progress()),
            Payload::Once(body) => match body.take() {
                Some(body) => (body, None, None),
                None => return Err(Error::invalid("the body's stream was read before")),
            },
        };
        let (body, sent) = WatchedBody::watch(body, length, on_progress, runtime);
        Ok((Some(body), sent))
    }

    /// Waits for an attempt: while the body moves, as long as it may stand still; before and after, as long as an
    /// attempt may take. Nothing: it took longer.
    async fn guard<F: Future + Unpin>(&self, mut exchange: F, sent: &Sent) -> Option<F::Output> {
        let shared = &self.transport.shared;
        let Timeouts { attempt, stall, .. } = self.timeouts();
        let mut is_new = true;
        loop {
            // What holds now, and what may hold before that is over: looked at again by then.
            let (limit, other) = match sent.phase() {
                Phase::Before => (attempt, stall),
                Phase::Moving => (stall, attempt),
                Phase::After => (attempt, None),
            };
            // Nothing has passed since it was opened, at first.
            let since_moved = match std::mem::take(&mut is_new) {
                true => Duration::ZERO,
                false => shared.runtime.now().saturating_sub(sent.moved_at()),
            };
            let left = limit.map(|limit| limit.saturating_sub(since_moved));
            let left = left.into_iter().chain(self.remaining()).min();
            if left.is_some_and(|left| left.is_zero()) {
                return None;
            }
            let look = left.into_iter().chain(other.filter(|other| !other.is_zero())).min();
            if let Some(result) = within(&*shared.runtime, look, &mut exchange).await {
                return Some(result);
            }
        }
    }

    /// An attempt that took too long: what is known of it depends on how far it came.
    fn late(&self, sent: &Sent) -> Failed {
        let Timeouts { attempt, stall, .. } = self.timeouts();
        let limit =
            |limit: Option<Duration>| limit.map_or(String::new(), |limit| format!(" within {limit:?}"));
        let (whom, is_moving) = (host(self.request.url()), sent.phase() == Phase::Moving);
        let message = match self.remaining() {
            Some(Duration::ZERO) => format!("no answer from {whom} before the call's deadline"),
            _ if sent.wants_source() && sent.phase() != Phase::After => {
                let limit = limit(if is_moving { stall } else { attempt });
                format!("the document's reader gave nothing or did not end{limit}")
            }
            _ if is_moving => format!("{whom} took nothing of the upload{}", limit(stall)),
            _ => format!("no answer from {whom}{}", limit(attempt)),
        };
        let error = Error::new(ErrorKind::Timeout, Outcome::Unknown, message);
        match status_of(&self.status) {
            None => Failed { failure: lost(sent), error },
            Some(status) if status.is_success() => {
                Failed { failure: Failure::Unreadable, error: error.with_status(status) }
            }
            Some(status) => Failed {
                failure: Failure::Answered { status: status.as_u16(), retry_after: None },
                error: Error::answered(status, Problem::default()),
            },
        }
    }

    /// Sends the request, follows redirects, and reads what has to be read here.
    async fn exchange(
        &self,
        token: &Arc<Token>,
        mut body: Option<reqwest::Body>,
        sent: &Sent,
        span: &tracing::Span,
    ) -> Result<Response, Failed> {
        let shared = &self.transport.shared;
        let mut redirected_to = None;
        let mut redirects = 0;
        loop {
            let url = redirected_to.as_ref().unwrap_or(self.request.url());
            let mut request = Request::new(self.request.method().clone(), url.clone());
            if same_origin(url, &shared.base) {
                *request.headers_mut() = self.request.headers().clone();
                request.headers_mut().insert(header::AUTHORIZATION, token.authorization.clone());
            }
            *request.body_mut() = body.take();
            self.status.store(0, Ordering::Relaxed);
            sent.begin();
            let response = shared.http.execute(request).await.map_err(|error| {
                if error.is_builder() {
                    let error = Error::invalid("the request can't be built").with_source(error.without_url());
                    return Failed { failure: Failure::Final(Outcome::NotSent), error };
                }
                let failure = match error.is_connect() {
                    true => Failure::NotSent { retry_after: None },
                    false => lost(sent),
                };
                Failed { failure, error: network_error(error, &host(url)) }
            })?;
            let status = response.status();
            telemetry::answered(span, &response);
            self.status.store(status.as_u16(), Ordering::Relaxed);
            if status.is_success() && sent.abandon() {
                let message = "the service answered before it could have had the whole document";
                let error = Error::new(ErrorKind::Integrity, Outcome::Accepted, message).with_status(status);
                return Err(Failed { failure: Failure::Final(Outcome::Accepted), error });
            }
            if status.is_success() {
                return self.read(response).await;
            }
            if !(status.is_redirection()
                && *self.request.method() == Method::GET
                && response.headers().contains_key(header::LOCATION))
            {
                let Failed { failure, error } = Box::pin(self.refused(response, sent)).await;
                let error = error.with_server(|| host(url));
                let failure = match failure {
                    // Before it could have had the whole: it can't have done it.
                    Failure::Answered { status: 408 | 500.., retry_after } if sent.abandon() => {
                        Failure::NotSent { retry_after }
                    }
                    failure => failure,
                };
                if !same_origin(url, &shared.base) {
                    let hint = format!("so says {}, which is not the configured service", host(url));
                    // Another host's 401 says nothing of our token.
                    let failure = match status {
                        StatusCode::UNAUTHORIZED => Failure::Final(Outcome::Rejected),
                        _ => failure,
                    };
                    return Err(Failed { failure, error: error.with_hint(Some(hint)) });
                }
                return Err(Failed { failure, error });
            }
            redirects += 1;
            redirected_to =
                Some(redirect(url, &shared.base, &response, redirects).map_err(|why| Failed {
                    failure: Failure::Final(Outcome::Rejected),
                    error: Error::new(ErrorKind::Redirect, Outcome::Rejected, why).with_status(status),
                })?);
        }
    }

    /// A good answer: JSON is read whole, so that limit, deadline and retry hold for it; bytes are guarded
    /// against stalling.
    async fn read(&self, mut response: Response) -> Result<Response, Failed> {
        let shared = &self.transport.shared;
        let status = response.status();
        let stall = self.timeouts().stall;
        let fits = match self.operation.answer {
            Body::None => no_page(&response),
            body => not_encoded(&response, body),
        };
        fits.map_err(|error| Failed {
            failure: Failure::Final(Outcome::Accepted),
            error: error.with_status(status),
        })?;
        match self.operation.answer {
            Body::None => Ok(response),
            Body::Json => match read_up_to(&mut response, shared.answer_limit, stall, &*shared.runtime).await
            {
                Ok(bytes) => {
                    response.extensions_mut().insert(Whole(bytes));
                    Ok(response)
                }
                Err(error) => {
                    let failure = match error.is_decode() {
                        true => Failure::Final(Outcome::Accepted),
                        false => Failure::Unreadable,
                    };
                    Err(Failed { failure, error: error.with_status(status) })
                }
            },
            Body::Binary => {
                let headers = std::mem::take(response.headers_mut());
                let mut answer = http::Response::builder().status(status).url(response.url().clone());
                if let Some(answer_headers) = answer.headers_mut() {
                    *answer_headers = headers;
                }
                let chunks = chunks(response, stall, shared.runtime.clone()).map_err(Error::carried);
                answer.body(reqwest::Body::wrap_stream(chunks)).map(Response::from).map_err(|_| Failed {
                    failure: Failure::Final(Outcome::Accepted),
                    error: Error::new(
                        ErrorKind::Decode,
                        Outcome::Accepted,
                        "the answer can't be put together again",
                    ),
                })
            }
        }
    }

    /// An answer that says no.
    async fn refused(&self, mut response: Response, sent: &Sent) -> Failed {
        let runtime = &self.transport.shared.runtime;
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        let retry_after = retry_after(&headers, runtime.wall_clock());
        // What can't be read of it is left out; the status says enough, and must not be lost to a limit.
        let since_moved = runtime.now().saturating_sub(sent.moved_at());
        let left = self.timeouts().attempt.map(|limit| limit.saturating_sub(since_moved));
        let limits = [left, self.remaining()].into_iter().flatten();
        let patience = limits.map(|limit| limit / 2).chain([PROBLEM_PATIENCE]).min();
        let mut problem = BytesMut::new();
        let read = read_into(&mut response, PROBLEM_LIMIT, None, &**runtime, &mut problem);
        _ = within(&**runtime, patience, read).await;
        let error = Error::answered(status, Problem::read(problem.freeze())).with_retry_after(retry_after);
        let hint = hint::of_refusal(&error, &self.transport.shared.base, &headers, runtime.wall_clock());
        let error = match status.is_redirection() && *self.request.method() != Method::GET {
            true => error.with_message("redirected, which is followed for reads alone"),
            false => error,
        };
        Failed {
            failure: Failure::Answered { status: status.as_u16(), retry_after },
            error: error.with_hint(hint),
        }
    }
}

/// What a request that broke off is: the body knows, the error does not.
fn lost(sent: &Sent) -> Failure {
    if sent.abandon() { Failure::NotSent { retry_after: None } } else { Failure::Lost }
}

/// The status of the answer that came last, if one came.
pub(crate) fn status_of(status: &AtomicU16) -> Option<StatusCode> {
    StatusCode::from_u16(status.load(Ordering::Relaxed)).ok()
}
