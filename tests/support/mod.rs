//! What the test binaries share: the contract, and a service that answers as it is told, over real HTTP.
#![allow(dead_code, reason = "each binary uses its part")]

pub mod documented;
pub mod event_time;
pub mod mutate;
pub mod sample;
#[cfg(feature = "rustls")]
pub mod tls;
pub mod turnstile;
pub mod virtual_time;
pub mod wire;

use std::path::Path;
use std::sync::{Arc, Mutex};

use httpmock::{HttpMockRequest, HttpMockResponse, MockServer};
use serde_json::{Value, json};
use signicat_sign::{Client, ClientBuilder, Credentials};

pub const CLIENT_SECRET: &str = "planted-client-secret";
pub const TOKEN: &str = "planted-access-token";
const BASE: &str = "/enterprise/sign";

/// An answer of the service.
#[derive(Clone, Default)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(status: u16, body: &Value) -> Self {
        Self::bytes(status, "application/json", body.to_string().as_bytes())
    }

    pub fn bytes(status: u16, media_type: &str, body: &[u8]) -> Self {
        let headers = vec![("content-type".to_owned(), media_type.to_owned())];
        Self { status, headers, body: body.to_vec() }
    }

    /// The body, which is JSON.
    pub fn value(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Received {
    pub method: String,
    /// Below the base URL, still percent-encoded.
    pub path: String,
    pub query: String,
    pub headers: http::HeaderMap,
    pub body: Vec<u8>,
}

impl Received {
    fn new(request: &HttpMockRequest) -> Self {
        let uri = request.uri();
        Self {
            method: request.method_str().to_owned(),
            path: uri.path().strip_prefix(BASE).unwrap_or(uri.path()).to_owned(),
            query: uri.query().unwrap_or_default().to_owned(),
            headers: request.headers(),
            body: request.body_ref().to_vec(),
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// A service on loopback, with a token endpoint, that keeps what it receives.
pub struct Service {
    server: MockServer,
    received: Arc<Mutex<Vec<Received>>>,
    token_requests: Arc<Mutex<Vec<Received>>>,
}

impl Service {
    /// Answers every request so.
    pub async fn answering(answer: Answer) -> Self {
        Self::start(move |_| answer.clone()).await
    }

    /// Answers each request by what the function says of it.
    pub async fn start(answer: impl Fn(&Received) -> Answer + Send + Sync + 'static) -> Self {
        let token =
            Answer::json(200, &json!({ "access_token": TOKEN, "expires_in": 600, "token_type": "Bearer" }));
        Self::with_token_endpoint(move |_| token.clone(), answer).await
    }

    pub async fn with_token_endpoint(
        token: impl Fn(&Received) -> Answer + Send + Sync + 'static,
        answer: impl Fn(&Received) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let server = MockServer::start_async().await;
        let received = Arc::new(Mutex::new(Vec::new()));
        let token_requests = Arc::new(Mutex::new(Vec::new()));
        let (keep, keep_token) = (received.clone(), token_requests.clone());
        server
            .mock_async(move |when, then| {
                when.any_request();
                then.respond_with(move |request| {
                    let request = Received::new(request);
                    let (answer, kept) = if request.path == "/token" {
                        (token(&request), &keep_token)
                    } else {
                        (answer(&request), &keep)
                    };
                    kept.lock().unwrap().push(request);
                    respond(answer)
                });
            })
            .await;
        Self { server, received, token_requests }
    }

    pub fn base_url(&self) -> String {
        self.server.url(BASE)
    }

    pub fn builder(&self) -> ClientBuilder {
        Client::builder()
            .credentials(Credentials::new("planted-client-id", CLIENT_SECRET))
            .base_url(self.base_url())
            .token_url(self.server.url("/token"))
    }

    /// The same as environment variables.
    pub fn env(&self) -> [(&'static str, String); 4] {
        [
            ("SIGNICAT_BASE_URL", self.base_url()),
            ("SIGNICAT_TOKEN_URL", self.server.url("/token")),
            ("SIGNICAT_CLIENT_ID", "planted-client-id".to_owned()),
            ("SIGNICAT_CLIENT_SECRET", CLIENT_SECRET.to_owned()),
        ]
    }

    pub fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    /// What was received, but for requests of tokens.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    pub fn token_requests(&self) -> Vec<Received> {
        self.token_requests.lock().unwrap().clone()
    }
}

fn respond(answer: Answer) -> HttpMockResponse {
    HttpMockResponse::builder().status(answer.status).headers(answer.headers).body(answer.body).build()
}

/// The names in a folder, in their order.
pub fn files_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
