//! The whole service behind its door: the gateway, the judge, the clock and the lock.

use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::StreamExt;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use super::CONTRACT;
use super::answer::Answer;
use super::clock::Clock;
use super::faults::{self, Fault, Faults, Told};
use super::journal::Recorded;
use super::judge::{Judge, Matched, Violation};
use super::operations::{self, Call};
use super::outbox::Delivery;
use super::pages::{self, Page, Shown};
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

/// The statuses with which a gateway refuses what never reaches the service, a token that is not good among them: the
/// contract need not know them.
const OF_THE_GATEWAY: [StatusCode; 4] = [
    StatusCode::BAD_REQUEST,
    StatusCode::UNAUTHORIZED,
    StatusCode::PAYLOAD_TOO_LARGE,
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
];

pub(super) struct Service {
    pub(super) urls: Urls,
    pub(super) credentials: Credentials,
    pub(super) clock: Clock,
    pub(super) limits: Limits,
    world: Mutex<World>,
}

/// How long a token is valid, and how large a document may be.
pub(super) struct Limits {
    pub(super) token_lifetime: TimeDelta,
    /// In bytes.
    pub(super) upload: usize,
}

/// Everything that changes.
pub(super) struct World {
    pub(super) state: State,
    pub(super) tokens: Tokens,
    pub(super) faults: Faults,
}

/// A body that was not read to its end.
struct TooLarge;

/// A body up to its operation's limit.
type Sent = Result<Bytes, TooLarge>;

/// The scope that a token is asked for.
pub(super) fn scope() -> &'static str {
    // A contract with more or fewer than one does not get past the crate's build.
    JUDGE.scopes().first().map(String::as_str).unwrap_or_default()
}

/// The operations of the API.
pub(super) fn operation_ids() -> impl Iterator<Item = &'static str> {
    JUDGE.operation_ids()
}

impl Service {
    pub(super) fn new(
        credentials: Credentials,
        clock: Clock,
        limits: Limits,
        state: State,
        faults: Faults,
    ) -> Service {
        let urls = state.urls.clone();
        let world = World { state, tokens: Tokens::default(), faults };
        Service { urls, credentials, clock, limits, world: Mutex::new(world) }
    }

    pub(super) fn router(self: Arc<Self>) -> Router {
        Router::new().fallback(move |request| handle(Arc::clone(&self), request))
    }

    /// What there is now, with everything done that time has brought.
    pub(super) fn world(&self) -> (MutexGuard<'_, World>, DateTime<Utc>) {
        // A panic while it was held is a failed test's; the next assertion still wants to look.
        let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.now();
        world.state.catch_up(now);
        (world, now)
    }

    pub(super) fn delivered(&self, number: usize, delivery: Delivery) {
        let (mut world, now) = self.world();
        let what = match &delivery {
            Delivery::Answered(status) => format!("a URL was called, and has answered {status}"),
            Delivery::Failed(why) => format!("a URL has not answered: {why}"),
            Delivery::Lost => "a URL was not called: a fault has lost it".to_owned(),
            Delivery::Pending => return,
        };
        world.state.journal.note(now, what);
        world.state.outbox.delivered(number, delivery);
    }

    /// The largest body that is taken, in bytes.
    fn limit(&self, called: Option<&Matched<'_>>) -> usize {
        match called {
            Some(called) if called.operation_id == "uploadDocument" => self.limits.upload,
            _ => BODY_LIMIT,
        }
    }

    fn answer(&self, parts: &Parts, called: Option<Matched<'_>>, body: Sent) -> Told {
        let (mut world, now) = self.world();
        let world = &mut *world;
        let path = parts.uri.path();
        let operation = match &called {
            _ if path == TOKEN_PATH => Some(faults::TOKEN),
            called => called.as_ref().map(|called| called.operation_id),
        };
        let fault = operation.and_then(|operation| world.faults.next(operation));
        world.state.journal.received(
            now,
            Recorded {
                method: parts.method.clone(),
                // Behind this prefix is what nobody but the signer may know.
                path: if path.starts_with(SIGNING_PATH) { SIGNING_PATH } else { path }.to_owned(),
                operation_id: called.as_ref().map(|called| called.operation_id.to_owned()),
                status: 0,
                fault: fault.as_ref().map(Fault::name),
            },
        );
        let process = |world: &mut World| self.process(parts, called.as_ref(), body, world, now);
        let told = faults::meet(fault.as_ref(), parts, world, process);
        world.state.journal.answered(told.status());
        told
    }

    fn process(
        &self,
        parts: &Parts,
        called: Option<&Matched<'_>>,
        body: Sent,
        world: &mut World,
        now: DateTime<Utc>,
    ) -> Answer {
        let path = parts.uri.path();
        match (called, pages::at(path)) {
            _ if path == TOKEN_PATH => self.issue_token(parts, body, world, now),
            (Some(called), _) => {
                on_contract(called.operation_id, self.call(called, parts, body, world, now), world)
            }
            (None, Some(page)) => self.show(&page, parts, body, world, now),
            (None, None) => not_an_operation(path, world),
        }
    }

    fn show(
        &self,
        page: &Page<'_>,
        parts: &Parts,
        body: Sent,
        world: &mut World,
        now: DateTime<Utc>,
    ) -> Answer {
        let Ok(body) = body else { return too_large(world) };
        let query = parts.uri.query().unwrap_or_default();
        match pages::answer(page, &parts.method, query, &body, &mut world.state, now) {
            Shown::Answer(answer) => answer,
            Shown::Advance(by, then) => {
                self.clock.advance(by);
                world.state.catch_up(self.clock.now());
                then
            }
            Shown::MethodNotAllowed(methods) => method_not_allowed(methods, world),
        }
    }

    fn issue_token(&self, parts: &Parts, body: Sent, world: &mut World, now: DateTime<Utc>) -> Answer {
        if parts.method != Method::POST {
            return method_not_allowed("POST", world);
        }
        let Ok(body) = body else { return too_large(world) };
        token::refusal(&parts.headers, &body, &self.credentials, scope())
            .unwrap_or_else(|| world.tokens.issue(world.state.ids.secret(), self.limits.token_lifetime, now))
    }

    fn call(
        &self,
        called: &Matched<'_>,
        parts: &Parts,
        body: Sent,
        world: &mut World,
        now: DateTime<Utc>,
    ) -> Answer {
        if !world.tokens.admit(&parts.headers, now) {
            let detail = "The access token is missing, malformed or no longer valid.";
            return gateway(world, StatusCode::UNAUTHORIZED, "invalid_token", detail);
        }
        let Ok(body) = body else { return too_large(world) };
        let id = called.operation_id;
        let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !body.is_empty() && !JUDGE.takes(id, content_type) {
            let detail = format!("{id} does not take this media type");
            return gateway(world, StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", &detail);
        }
        let query = parts.uri.query().unwrap_or_default();
        let violations = JUDGE.request(id, query, &declared(id, &parts.headers), &body);
        if !violations.is_empty() {
            return refuse(id, &violations, world);
        }
        let call = Call { operation_id: id, params: &called.params, content_type, body };
        let mut answer = operations::perform(&call, &mut world.state, &self.urls, now);
        if answer.status.is_success() {
            answer.status = JUDGE.success(id, answer.status);
        }
        answer
    }
}

async fn handle(service: Arc<Service>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().strip_prefix(API_PATH);
    let called = path.and_then(|path| JUDGE.operation(parts.method.as_str(), path));
    match read(body, service.limit(called.as_ref())).await {
        Ok(body) => dated(service.answer(&parts, called, body).response().await, service.clock.now()),
        // Nobody is there to be answered.
        Err(_hung_up) => faults::cut(),
    }
}

/// Says in an answer what time it is here, unless a fault says otherwise. The HTTP server would say this
/// machine's.
fn dated(mut response: Response, now: DateTime<Utc>) -> Response {
    // What is before it has no date in HTTP; the clock itself stops before the calendar's end.
    let date = httpdate::fmt_http_date(now.max(DateTime::UNIX_EPOCH).into());
    if let Ok(date) = HeaderValue::from_str(&date) {
        response.headers_mut().entry(header::DATE).or_insert(date);
    }
    response
}

/// Reads a body to its end or its limit. An error: the client has hung up.
async fn read(body: Body, limit: usize) -> Result<Sent, axum::Error> {
    let mut whole = Vec::new();
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        if chunk.len() > limit - whole.len() {
            return Ok(Err(TooLarge));
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(Ok(whole.into()))
}

/// The headers that the contract has a say in. Past all others a service looks: proxies and tracers add some, and
/// so does the vendor's SDK.
fn declared(operation_id: &str, headers: &HeaderMap) -> HeaderMap {
    let own = |name: &HeaderName| {
        *name == header::CONTENT_TYPE || JUDGE.declares_header(operation_id, name.as_str())
    };
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

/// The sandbox is held against the contract too. An answer off it is the sandbox's mistake: it must be found in a
/// test, and never be taken for the service's.
fn on_contract(operation_id: &str, answer: Answer, world: &mut World) -> Answer {
    let is_the_gateways = || answer.is_the_gateways && OF_THE_GATEWAY.contains(&answer.status);
    let violations = JUDGE.answer(operation_id, answer.status.as_u16(), answer.content_type, &answer.body);
    if violations.is_empty() || is_the_gateways() {
        return answer;
    }
    let violations: Vec<_> = violations.iter().map(Violation::to_string).collect();
    let detail =
        format!("the sandbox's answer to {operation_id} is off the contract: {}", violations.join("; "));
    if cfg!(debug_assertions) {
        panic!("{detail}");
    }
    gateway(world, StatusCode::INTERNAL_SERVER_ERROR, "sandbox_off_contract", &detail)
}

fn not_an_operation(path: &str, world: &mut World) -> Answer {
    let methods = path.strip_prefix(API_PATH).map(|path| JUDGE.methods(path)).unwrap_or_default();
    if !methods.is_empty() {
        return method_not_allowed(&methods.join(", ").to_ascii_uppercase(), world);
    }
    gateway(world, StatusCode::NOT_FOUND, "not_found", "There is no such address.")
}

fn method_not_allowed(methods: &str, world: &mut World) -> Answer {
    let detail = format!("This address takes {methods}.");
    let mut answer = gateway(world, StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", &detail);
    // The names of methods: a header can hold them.
    answer.headers.extend(HeaderValue::from_str(methods).ok().map(|methods| (header::ALLOW, methods)));
    answer
}

fn too_large(world: &mut World) -> Answer {
    gateway(world, StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", "The body is too large.")
}

fn gateway(world: &mut World, status: StatusCode, code: &str, detail: &str) -> Answer {
    Answer::gateway(status, code, detail, &world.state.ids.trace_id())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;
    use crate::sandbox::Sandbox;
    use crate::sandbox::journal::REMEMBERED;

    /// A connection to a sandbox on which the head of a request has been written.
    async fn begin(sandbox: &Sandbox, target: &str, headers: &[(&str, &str)], length: usize) -> TcpStream {
        let mut head = format!("POST {target} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n");
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += &format!("content-length: {length}\r\n\r\n");
        let address = sandbox.service.urls.origin.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).await.expect("the sandbox listens");
        stream.write_all(head.as_bytes()).await.expect("the sandbox reads");
        stream
    }

    async fn rest(mut stream: TcpStream) -> String {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("the sandbox answers in text");
        answer
    }

    /// The status and the body.
    async fn post(sandbox: &Sandbox, target: &str, headers: &[(&str, &str)], body: &[u8]) -> (u16, Value) {
        let mut stream = begin(sandbox, target, headers, body.len()).await;
        stream.write_all(body).await.expect("the sandbox reads on");
        let answer = rest(stream).await;
        let (head, body) = answer.split_once("\r\n\r\n").expect("the answer has a head");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("it has a status");
        (status, serde_json::from_str(body).unwrap_or_default())
    }

    async fn bearer(sandbox: &Sandbox) -> String {
        let (id, secret) = (sandbox.client_id(), sandbox.client_secret());
        let form =
            format!("grant_type=client_credentials&scope={}&client_id={id}&client_secret={secret}", scope());
        let (status, answer) = post(sandbox, TOKEN_PATH, &[FORM], form.as_bytes()).await;
        assert_eq!(status, 200, "{answer}");
        format!("Bearer {}", answer["access_token"].as_str().expect("there is a token"))
    }

    const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
    const JSON: (&str, &str) = ("content-type", "application/json");
    const PDF: (&str, &str) = ("content-type", "application/pdf");
    const DOCUMENTS: &str = "/enterprise/sign/documents";
    const ORDERS: &str = "/enterprise/sign/orders";

    fn created(operation_id: &str) -> u16 {
        JUDGE.success(operation_id, StatusCode::CREATED).as_u16()
    }

    #[tokio::test]
    async fn each_operation_has_a_limit_of_its_own() {
        let small = Sandbox::builder().upload_limit(10).start().await.expect("a port is free");
        let large = Sandbox::start().await.expect("a port is free");
        let (one_less, one_more) = (vec![b' '; BODY_LIMIT], vec![b' '; BODY_LIMIT + 1]);
        let stored = created("uploadDocument");
        for (sandbox, target, media_type, body, expected) in [
            (&small, DOCUMENTS, PDF, &b"0123456789"[..], stored),
            (&small, DOCUMENTS, PDF, b"0123456789a", 413),
            (&small, ORDERS, JSON, b"0123456789a", 400),
            (&large, DOCUMENTS, PDF, &one_more, stored),
            (&large, ORDERS, JSON, &one_less, 400),
            (&large, ORDERS, JSON, &one_more, 413),
            (&large, TOKEN_PATH, FORM, &one_more, 413),
            (&large, "/nowhere", JSON, &one_more, 404),
        ] {
            let token = bearer(sandbox).await;
            let (status, answer) =
                post(sandbox, target, &[media_type, ("authorization", &token)], body).await;
            assert_eq!(status, expected, "{target} {}: {answer}", body.len());
        }
        // Who has no token learns nothing else.
        assert_eq!(post(&small, DOCUMENTS, &[PDF], b"0123456789a").await.0, 401);
    }

    #[tokio::test]
    async fn a_client_that_hangs_up_is_neither_answered_nor_recorded() {
        let sandbox = Sandbox::start().await.expect("a port is free");
        let token = bearer(&sandbox).await;
        let mut stream = begin(&sandbox, DOCUMENTS, &[PDF, ("authorization", &token)], 100).await;
        stream.write_all(b"%PDF-1.7").await.expect("the sandbox reads on");
        stream.shutdown().await.expect("the connection is there");
        assert_eq!(rest(stream).await, "");
        assert_eq!(sandbox.requests().len(), 1, "the token's");
    }

    #[tokio::test]
    async fn what_the_vendors_own_client_sends_passes() {
        let sandbox = Sandbox::start().await.expect("a port is free");
        let token = bearer(&sandbox).await;
        let headers = |media_type| [media_type, ("authorization", &*token), ("signicat-sdk", "dotnet 6.0")];
        let (status, stored) = post(&sandbox, DOCUMENTS, &headers(PDF), b"%PDF-1.7").await;
        assert_eq!(status, created("uploadDocument"), "{stored}");
        let document = json!({
            "id": "loan", "action": "SIGN", "source": "SESSION", "documentRef": stored["documentId"],
        });
        let order = json!({ "tasks": [{ "id": "kari", "documents": [document], "signingUrl": null }] });
        let (status, answer) = post(&sandbox, ORDERS, &headers(JSON), order.to_string().as_bytes()).await;
        assert_eq!(status, created("createOrder"), "{answer}");
        assert!(answer["tasks"][0]["signingUrl"].is_string());
    }

    #[test]
    fn a_header_that_the_contract_declares_is_held_against_it() {
        let mut headers = HeaderMap::new();
        for name in ["content-type", "signicat-organizationid", "signicat-sdk", "x-request-id"] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_static("x"));
        }
        let mut names: Vec<_> = declared("createOrder", &headers).keys().map(ToString::to_string).collect();
        names.sort_unstable();
        assert_eq!(names, ["content-type", "signicat-organizationid"]);
    }

    #[tokio::test]
    async fn the_sandbox_remembers_the_latest_requests() {
        let sandbox = Sandbox::start().await.expect("a port is free");
        for number in 0..=REMEMBERED {
            let path = number.to_string();
            let request =
                Recorded { method: Method::GET, path, operation_id: None, status: 404, fault: None };
            sandbox.service.world().0.state.journal.received(DateTime::UNIX_EPOCH, request);
        }
        let requests = sandbox.requests();
        assert_eq!((requests.len(), &*requests[0].path), (REMEMBERED, "1"));
        assert_eq!(requests.last().map(|last| &*last.path), Some("10000"));
    }

    #[tokio::test]
    async fn the_environment_names_the_scope_of_the_contract() {
        let sandbox = Sandbox::start().await.expect("a port is free");
        assert!(sandbox.env().any(|variable| variable == ("SIGNICAT_SCOPE", "signicat-api")));
    }

    /// A mistake of the sandbox must fail the test that meets it.
    #[cfg(debug_assertions)]
    #[tokio::test]
    #[should_panic(expected = "the sandbox's answer to getTaskStatus is off the contract: taskStatus")]
    async fn an_answer_off_the_contract_panics() {
        let sandbox = Sandbox::start().await.expect("a port is free");
        let (mut world, _) = sandbox.service.world();
        let body = json!({ "orderId": "o", "taskId": "kari", "taskStatus": 1 });
        on_contract("getTaskStatus", Answer::json(StatusCode::OK, &body), &mut world);
    }

    #[tokio::test]
    async fn only_the_gateway_may_answer_what_the_contract_does_not_have() {
        let sandbox = Sandbox::start().await.expect("a port is free");
        let (mut world, _) = sandbox.service.world();
        for status in OF_THE_GATEWAY {
            let answer = gateway(&mut world, status, "code", "detail");
            assert_eq!(on_contract("getTaskStatus", answer, &mut world).status, status);
        }
    }
}
