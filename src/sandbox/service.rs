//! The whole service behind its door: the gateway, the judge, the clock and the lock.

use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use super::CONTRACT;
use super::answer::Answer;
use super::judge::{Judge, Matched, Violation};
use super::operations::{self, Call};
use super::state::State;
use super::token::{self, Credentials, Tokens};
use super::views::{API_PATH, SIGNING_PATH, TOKEN_PATH, Urls};

/// One for all sandboxes: the contract doesn't change, and reading it takes a while.
static JUDGE: LazyLock<Judge> = LazyLock::new(|| {
    let contract = serde_json::from_str(CONTRACT).map_err(|error| error.to_string());
    // The contract is part of the crate, so this is a mistake of the build, and its own tests find it.
    contract.and_then(|contract| Judge::new(&contract)).unwrap_or_else(|why| panic!("the contract: {why}"))
});

/// Of everything but uploads, in bytes.
const BODY_LIMIT: usize = 1 << 20;

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

pub(super) struct Service {
    pub(super) urls: Urls,
    pub(super) credentials: Credentials,
    token_lifetime: TimeDelta,
    /// In bytes.
    upload_limit: usize,
    world: Mutex<World>,
}

/// Everything that changes.
pub(super) struct World {
    pub(super) state: State,
    pub(super) tokens: Tokens,
    pub(super) recorded: Vec<Recorded>,
}

impl Service {
    pub(super) fn new(
        urls: Urls,
        credentials: Credentials,
        token_lifetime: TimeDelta,
        upload_limit: usize,
        state: State,
    ) -> Service {
        let world = World { state, tokens: Tokens::default(), recorded: Vec::new() };
        Service { urls, credentials, token_lifetime, upload_limit, world: Mutex::new(world) }
    }

    pub(super) fn router(self: Arc<Self>) -> Router {
        Router::new().fallback(move |request| handle(Arc::clone(&self), request))
    }

    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        // A panic while it was held is a failed test's; the next assertion still wants to look.
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> DateTime<Utc> {
        SystemTime::now().into()
    }

    fn answer(&self, parts: &Parts, body: Option<Bytes>) -> Answer {
        let world = &mut *self.world();
        let now = self.now();
        let path = parts.uri.path();
        let called =
            path.strip_prefix(API_PATH).and_then(|path| JUDGE.operation(parts.method.as_str(), path));
        let answer = match (&called, body) {
            (_, None) => too_large(world),
            (_, Some(body)) if path == TOKEN_PATH => self.issue_token(parts, &body, world, now),
            (Some(called), Some(body)) => self.call(called, parts, body, world, now),
            (None, _) => not_an_operation(path, world),
        };
        world.recorded.push(Recorded {
            method: parts.method.clone(),
            // Behind this prefix is what nobody but the signer may know.
            path: if path.starts_with(SIGNING_PATH) { SIGNING_PATH } else { path }.to_owned(),
            operation_id: called.map(|called| called.operation_id.to_owned()),
            status: answer.status.as_u16(),
        });
        answer
    }

    fn issue_token(&self, parts: &Parts, body: &[u8], world: &mut World, now: DateTime<Utc>) -> Answer {
        if parts.method != Method::POST {
            return method_not_allowed("POST", world);
        }
        token::refusal(&parts.headers, body, &self.credentials)
            .unwrap_or_else(|| world.tokens.issue(world.state.ids.secret(), self.token_lifetime, now))
    }

    fn call(
        &self,
        called: &Matched<'_>,
        parts: &Parts,
        body: Bytes,
        world: &mut World,
        now: DateTime<Utc>,
    ) -> Answer {
        if !world.tokens.admit(&parts.headers, now) {
            let detail = "The access token is missing, malformed or no longer valid.";
            return gateway(world, StatusCode::UNAUTHORIZED, "invalid_token", detail);
        }
        let id = called.operation_id;
        let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !body.is_empty() && !JUDGE.takes(id, content_type) {
            let detail = format!("{id} does not take this media type");
            return gateway(world, StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", &detail);
        }
        if id == "uploadDocument" && body.len() > self.upload_limit {
            return too_large(world);
        }
        let query = parts.uri.query().unwrap_or_default();
        let violations = JUDGE.request(id, query, &of_the_api(&parts.headers), &body);
        if !violations.is_empty() {
            return refuse(id, &violations, world);
        }
        let call = Call { operation_id: id, params: &called.params, content_type, body };
        on_contract(id, operations::perform(&call, &mut world.state, &self.urls, now), world)
    }
}

async fn handle(service: Arc<Service>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let limit = service.upload_limit.max(BODY_LIMIT);
    // An error: the body is too large, or the client has hung up and won't read the answer.
    let body = to_bytes(body, limit).await.ok();
    service.answer(&parts, body).into_response()
}

/// The headers that the contract can have a say in. Past all others a service looks, and proxies and tracers add
/// some.
fn of_the_api(headers: &HeaderMap) -> HeaderMap {
    let own = |name: &HeaderName| *name == header::CONTENT_TYPE || name.as_str().starts_with("signicat-");
    let headers = headers.iter().filter(|(name, _)| own(name));
    headers.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Refuses what the contract does not allow. The Sign service has a say where it documents one, else the gateway.
fn refuse(operation_id: &str, violations: &[Violation], world: &mut World) -> Answer {
    let answer = Answer::invalid(violations);
    if JUDGE.answer(operation_id, answer.status.as_u16(), answer.content_type, &answer.body).is_empty() {
        return answer;
    }
    Answer::invalid_parameters(violations, &world.state.ids.trace_id())
}

/// The sandbox is held against the contract too. An answer off it is the sandbox's mistake, and must not look
/// like the service's.
fn on_contract(operation_id: &str, answer: Answer, world: &mut World) -> Answer {
    let violations = JUDGE.answer(operation_id, answer.status.as_u16(), answer.content_type, &answer.body);
    if violations.is_empty() || answer.status.is_server_error() {
        return answer;
    }
    let violations: Vec<_> = violations.iter().map(Violation::to_string).collect();
    let detail =
        format!("the sandbox's answer to {operation_id} is off the contract: {}", violations.join("; "));
    gateway(world, StatusCode::INTERNAL_SERVER_ERROR, "sandbox_off_contract", &detail)
}

fn not_an_operation(path: &str, world: &mut World) -> Answer {
    let methods = path.strip_prefix(API_PATH).map(|path| JUDGE.methods(path)).unwrap_or_default();
    if !methods.is_empty() {
        return method_not_allowed(&methods.join(", ").to_ascii_uppercase(), world);
    }
    let detail = if path.starts_with(SIGNING_PATH) {
        "The sandbox has no page for signers. In a test, `Sandbox::signer` acts for them."
    } else {
        "There is no such address."
    };
    gateway(world, StatusCode::NOT_FOUND, "not_found", detail)
}

fn method_not_allowed(methods: &str, world: &mut World) -> Answer {
    let detail = format!("This address takes {methods}.");
    let mut answer = gateway(world, StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", &detail);
    answer.allow = HeaderValue::from_str(methods).ok();
    answer
}

fn too_large(world: &mut World) -> Answer {
    gateway(world, StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", "The body is too large.")
}

fn gateway(world: &mut World, status: StatusCode, code: &str, detail: &str) -> Answer {
    Answer::gateway(status, code, detail, &world.state.ids.trace_id())
}
