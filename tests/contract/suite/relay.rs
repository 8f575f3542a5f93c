//! A reverse proxy on loopback that keeps what passes, for the judge to look at afterwards.
//!
//! Bodies are buffered: what comes chunked goes on with a length. What an answer says of the service's address is
//! left as it is, but for a redirect to the service itself, which leads back here.

use std::net::Ipv4Addr;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use reqwest::Url;
use signicat_sign::sandbox::judge::Judge;
use tokio::net::TcpListener;
use tokio::sync::RwLock;
use tokio::task::JoinHandle;

use super::interference::Interference;
use crate::support::documented::contract;

/// Reading the contract takes a while.
pub static JUDGE: LazyLock<Judge> = LazyLock::new(|| Judge::new(&contract()).unwrap());

/// More than any document of the suite, in bytes.
const BODY_LIMIT: usize = 64 << 20;

/// What belongs to one connection, and not to what is sent over it.
const OF_A_CONNECTION: [HeaderName; 7] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::HOST,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

#[derive(Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn content_type(&self) -> Option<&str> {
        self.headers.get(header::CONTENT_TYPE)?.to_str().ok()
    }
}

/// One request and what became of it.
#[derive(Clone)]
pub struct Exchange {
    pub operation: Option<String>,
    /// The path parameter that says of what: the last one.
    pub about: Option<String>,
    pub query: String,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// Whether the request is off the contract on purpose.
    pub is_bad_input: bool,
    /// None: it was not asked, or it could not be reached.
    pub from_service: Option<Answer>,
    /// What the client was given. None: the connection was broken.
    pub handed_on: Option<Answer>,
}

struct Inner {
    /// The service's base URL, without a slash at its end.
    upstream: String,
    /// The path of it: the relay's own base has the same.
    prefix: String,
    http: reqwest::Client,
    interference: Arc<dyn Interference>,
    exchanges: Mutex<Vec<Exchange>>,
    is_bad_input: Mutex<bool>,
    /// Read by every exchange, for as long as it takes.
    under_way: Arc<RwLock<()>>,
}

pub struct Relay {
    base_url: String,
    inner: Arc<Inner>,
    server: JoinHandle<()>,
}

impl Relay {
    pub async fn start(upstream: &str, interference: Arc<dyn Interference>) -> Relay {
        let url = Url::parse(upstream).expect("the base URL is one");
        let is_near = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(Duration::from_secs(10))
            // The client gives up earlier; what the service did meanwhile is still to be known.
            .timeout(Duration::from_secs(60));
        let http = if is_near { http.no_proxy() } else { http };
        let prefix = url.path().trim_end_matches('/').to_owned();
        let inner = Arc::new(Inner {
            upstream: upstream.trim_end_matches('/').to_owned(),
            prefix: prefix.clone(),
            http: http.build().unwrap(),
            interference,
            exchanges: Mutex::default(),
            is_bad_input: Mutex::default(),
            under_way: Arc::default(),
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let base_url = format!("http://{}{prefix}", listener.local_addr().unwrap());
        let shared = Arc::clone(&inner);
        let own_url = base_url.clone();
        let router =
            Router::new().fallback(move |request| relay(Arc::clone(&shared), own_url.clone(), request));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Relay { base_url, inner, server }
    }

    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// What comes from now on is off the contract on purpose, or it is not.
    pub fn expects_bad_input(&self, is_bad_input: bool) {
        *self.inner.is_bad_input.lock().unwrap() = is_bad_input;
    }

    /// All that has passed, in the order in which it ended. Waits for what is under way, also where nobody is there
    /// any more to be answered.
    pub async fn exchanges(&self) -> Vec<Exchange> {
        drop(self.inner.under_way.write().await);
        self.inner.exchanges.lock().unwrap().clone()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn relay(inner: Arc<Inner>, own_url: String, request: Request) -> Response {
    let under_way = Arc::clone(&inner.under_way).read_owned().await;
    // On its own: what the service made is to be known though the client hangs up.
    let exchange = tokio::spawn(async move {
        let answer = inner.pass(request, &own_url).await;
        drop(under_way);
        answer
    });
    match exchange.await.ok().flatten() {
        Some(answer) => {
            let mut response = Response::new(Body::from(answer.body));
            *response.status_mut() = answer.status;
            *response.headers_mut() = answer.headers;
            response
        }
        // A body that fails at once breaks the connection before a word is written.
        None => {
            let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
            Response::new(Body::from_stream(stream::iter([Err::<Bytes, _>(broken)])))
        }
    }
}

impl Inner {
    async fn pass(&self, request: Request, own_url: &str) -> Option<Answer> {
        let is_bad_input = *self.is_bad_input.lock().unwrap();
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, BODY_LIMIT).await.ok()?;
        let path = parts.uri.path().strip_prefix(&self.prefix)?.to_owned();
        let query = parts.uri.query().unwrap_or_default().to_owned();
        let matched = JUDGE.operation(parts.method.as_str(), &path);
        let operation = matched.as_ref().map(|matched| matched.operation_id.to_owned());
        let last = matched.as_ref().and_then(|matched| matched.template.rsplit('/').find_map(parameter));
        let about = last.and_then(|name| matched.as_ref()?.params.get(name).cloned());

        let name = operation.as_deref().unwrap_or_default();
        let (from_service, answer) = match self.interference.instead_of(name) {
            Some(answer) => (None, Some(answer)),
            None => {
                let target =
                    format!("{}{path}{}{query}", self.upstream, if query.is_empty() { "" } else { "?" });
                let answer = self.ask(&parts.method, &target, &parts.headers, body.clone()).await;
                (answer.clone(), answer)
            }
        };
        let handed_on = answer.map(|mut answer| {
            self.interference.change(name, &mut answer);
            let led_back = answer.headers.get(header::LOCATION).and_then(|to| self.led_back(to, own_url));
            if let Some(location) = led_back {
                answer.headers.insert(header::LOCATION, location);
            }
            answer
        });
        self.exchanges.lock().unwrap().push(Exchange {
            operation,
            about,
            query,
            headers: parts.headers,
            body,
            is_bad_input,
            from_service,
            handed_on: handed_on.clone(),
        });
        handed_on
    }

    async fn ask(
        &self,
        method: &http::Method,
        target: &str,
        sent: &HeaderMap,
        body: Bytes,
    ) -> Option<Answer> {
        let url = Url::parse(target).ok()?;
        let headers = without_connection(sent);
        let answer = self.http.request(method.clone(), url).headers(headers).body(body).send().await.ok()?;
        let (status, headers) = (answer.status(), without_connection(answer.headers()));
        let body = answer.bytes().await.ok().filter(|body| body.len() <= BODY_LIMIT)?;
        Some(Answer { status, headers, body })
    }

    /// The place behind the relay that a redirect to the service means. The client's token goes to no other host,
    /// and the relay is the one that it knows.
    fn led_back(&self, location: &HeaderValue, own_url: &str) -> Option<HeaderValue> {
        let rest = location.to_str().ok()?.strip_prefix(&self.upstream)?;
        rest.starts_with('/').then(|| HeaderValue::from_str(&format!("{own_url}{rest}")).ok())?
    }
}

fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

fn without_connection(headers: &HeaderMap) -> HeaderMap {
    let kept = headers.iter().filter(|(name, _)| !OF_A_CONNECTION.contains(name));
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use signicat_sign::sandbox::Sandbox;
    use tokio::sync::Notify;

    use super::super::interference::{Deviates, Nothing};
    use super::super::made::{Made, Thing};
    use super::super::on_sandbox::stage;
    use super::super::stage::nothing;
    use super::*;
    use crate::support;

    /// Says when a request has arrived.
    struct Tells(Arc<Notify>);

    impl Interference for Tells {
        fn instead_of(&self, _operation: &str) -> Option<Answer> {
            self.0.notify_one();
            None
        }
    }

    /// Whoever stops a run leaves no order behind because its answer came too late.
    #[tokio::test]
    async fn what_was_made_for_a_client_that_hung_up_is_known() {
        let sandbox = Arc::new(Sandbox::start().await.unwrap());
        let arrived = Arc::new(Notify::new());
        let stage = stage(&sandbox, Tells(arrived.clone())).await;
        {
            let upload = std::pin::pin!(stage.upload());
            let arrival = std::pin::pin!(arrived.notified());
            let first = futures_util::future::select(upload, arrival).await;
            assert!(matches!(first, futures_util::future::Either::Right(_)), "it was answered too early");
        }
        let made = Made::of(&stage.exchanges().await);
        assert_eq!((made.documents.len(), made.nameless.len()), (1, 0));
        assert_eq!(stage.clean_up().await, [""; 0]);
    }

    /// What may have been made, and under which id nobody knows, is said too.
    #[tokio::test]
    async fn what_may_have_been_made_is_not_passed_over() {
        let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let upstream = format!("http://{}/enterprise/sign", nobody.local_addr().unwrap());
        drop(nobody);
        let relay = Relay::start(&upstream, Arc::new(Nothing)).await;
        let sandbox = Sandbox::start().await.unwrap();
        let client = sandbox.client_builder().base_url(relay.base_url()).build().unwrap();
        let order = client.raw().create_order(&Default::default()).await;
        assert!(order.is_err());
        assert_eq!(Made::of(&relay.exchanges().await).nameless, [Thing::Order]);
    }

    /// A redirect to the service leads through the relay, where the token may go; one to elsewhere stays as it is.
    #[tokio::test]
    async fn a_redirect_to_the_service_leads_back() {
        let service = support::Service::start(|request| match request.path.as_str() {
            "/documents/0101nothing" => support::Answer { status: 307, ..Default::default() }
                .with_header("location", "HERE/documents/2"),
            _ => support::Answer::bytes(200, "application/pdf", b"%PDF-1.7"),
        })
        .await;
        let here = service.base_url();
        let set = move |_: &str, answer: &mut Answer| {
            if let Some(location) = answer.headers.get_mut(header::LOCATION) {
                *location =
                    HeaderValue::from_str(&location.to_str().unwrap().replace("HERE", &here)).unwrap();
            }
        };
        let relay = Relay::start(&service.base_url(), Arc::new(Deviates(set))).await;
        let client = service.builder().base_url(relay.base_url()).build().unwrap();
        let bytes = client.documents().download(&nothing()).bytes(99).await.unwrap();
        assert_eq!(bytes, &b"%PDF-1.7"[..]);
        assert_eq!(relay.exchanges().await.len(), 2, "both exchanges pass the relay");
        assert!(service.received().iter().all(|request| request.header("authorization").is_some()));

        let far = HeaderValue::from_static("https://elsewhere.example/documents/2");
        assert_eq!(relay.inner.led_back(&far, relay.base_url()), None);
    }
}
