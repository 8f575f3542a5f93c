//! How a client is set up, and what is refused before it is.

use std::fmt::{self, Debug, Formatter};
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use reqwest::Url;

use crate::address::is_loopback;
use crate::auth::{Credentials, Source, TokenProvider};
use crate::client::Client;
use crate::contract;
use crate::error::{Error, Result, root_of};
use crate::oauth::ClientCredentials;
use crate::redact::scrub;
use crate::retry::{Budget, RetryPolicy};
use crate::runtime::{Runtime, tokio_runtime};
use crate::tokens::Tokens;
use crate::transport::{CallOptions, Shared};
use crate::turns::Turns;

/// Idle connections are kept shorter than servers keep them, so that a create seldom meets one that closes.
const POOL_IDLE: Duration = Duration::from_secs(10);

const ANSWER_LIMIT: usize = 16 * 1024 * 1024;

/// Enough for some hundred answers a second, and no crowd at the service's door.
const REQUESTS_OF_WAITS: usize = 16;

const DAY: Duration = Duration::from_secs(86_400);

/// As many retries as a client of some dozens of calls at once makes in a short outage.
const RETRY_BUDGET: u32 = 100;

/// The limits on time. `None` is no limit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts {
    pub(crate) connect: Option<Duration>,
    pub(crate) attempt: Option<Duration>,
    pub(crate) stall: Option<Duration>,
    pub(crate) deadline: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Some(Duration::from_secs(10)),
            attempt: Some(Duration::from_secs(30)),
            stall: Some(Duration::from_secs(30)),
            deadline: None,
        }
    }
}

/// Sets up a [`Client`]: see [`Client::builder`].
///
/// ```
/// use std::time::Duration;
/// use signicat_sign::{Client, Credentials, RetryPolicy};
///
/// let sign = Client::builder()
///     .credentials(Credentials::new("jolly-fox-42", "hunter2"))
///     .base_url("https://api.reseller.example/sign")
///     .token_url("https://login.reseller.example/token")
///     .scope("client.signature")
///     .organization_id("north")
///     .build()?;
/// assert!(format!("{sign:?}").contains("api.reseller.example"));
///
/// let patient = Client::builder()
///     .credentials(Credentials::new("jolly-fox-42", "hunter2"))
///     .connect_timeout(Duration::from_secs(5))
///     .attempt_timeout(Duration::from_secs(60))
///     .stall_timeout(Duration::from_secs(60))
///     .timeout(Duration::from_secs(600))
///     .retry(RetryPolicy::default().attempts(5))
///     .retry_budget(20)
///     .answer_limit(1 << 20)
///     .requests_of_waits(4)
///     .build()?;
/// # Ok::<(), signicat_sign::Error>(())
/// ```
#[must_use]
pub struct ClientBuilder {
    credentials: Option<Credentials>,
    base_url: String,
    token_url: String,
    scope: String,
    organization_id: Option<String>,
    timeouts: Timeouts,
    retry: RetryPolicy,
    retry_budget: Option<u32>,
    answer_limit: usize,
    requests_of_waits: usize,
    runtime: Option<Arc<dyn Runtime>>,
    http: Vec<HttpSetting>,
}

type HttpSetting = Box<dyn Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync>;

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
            credentials: None,
            base_url: contract::SERVER_URL.to_owned(),
            token_url: contract::TOKEN_URL.to_owned(),
            scope: contract::SCOPE.to_owned(),
            organization_id: None,
            timeouts: Timeouts::default(),
            retry: RetryPolicy::default(),
            retry_budget: Some(RETRY_BUDGET),
            answer_limit: ANSWER_LIMIT,
            requests_of_waits: REQUESTS_OF_WAITS,
            runtime: None,
            http: Vec::new(),
        }
    }
}

impl ClientBuilder {
    /// Reads the environment: `SIGNICAT_CLIENT_ID` and `SIGNICAT_CLIENT_SECRET`, and where they are set
    /// `SIGNICAT_BASE_URL`, `SIGNICAT_TOKEN_URL`, `SIGNICAT_SCOPE` and `SIGNICAT_ORGANIZATION_ID`. A variable
    /// that is empty is not set.
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use signicat_sign::ClientBuilder;
    ///
    /// let sign = ClientBuilder::from_env()?.timeout(Duration::from_secs(60)).build()?;
    /// # Ok::<(), signicat_sign::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config), naming the variable that is missing or unreadable.
    pub fn from_env() -> Result<Self> {
        let mut builder = Self::default();
        let (id, secret) = (variable("SIGNICAT_CLIENT_ID")?, variable("SIGNICAT_CLIENT_SECRET")?);
        let (id, secret) = match (id, secret) {
            (Some(id), Some(secret)) => (id, secret),
            (None, _) => {
                return Err(Error::config("SIGNICAT_CLIENT_ID is not set: it is the id of your API client"));
            }
            (_, None) => {
                return Err(Error::config(
                    "SIGNICAT_CLIENT_SECRET is not set: it is the secret of your API client",
                ));
            }
        };
        builder.credentials = Some(Credentials::new(id, secret));
        builder.organization_id = variable("SIGNICAT_ORGANIZATION_ID")?;
        for (name, setting) in [
            ("SIGNICAT_BASE_URL", &mut builder.base_url),
            ("SIGNICAT_TOKEN_URL", &mut builder.token_url),
            ("SIGNICAT_SCOPE", &mut builder.scope),
        ] {
            if let Some(value) = variable(name)? {
                *setting = value;
            }
        }
        Ok(builder)
    }

    /// Whom the client calls as: an API client, or a source of tokens. Required.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Where the API is, if not at Signicat's own address (MIG, SDK, NT): an older host or a reseller. A trailing slash does
    /// not matter. Plain http is refused, except to loopback.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into();
        self
    }

    /// Where tokens are given out. Plain http is refused, except to loopback.
    pub fn token_url(mut self, url: impl Into<String>) -> Self {
        self.token_url = url.into();
        self
    }

    /// The scope that a token is asked for.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = scope.into();
        self
    }

    /// The organisation that the calls are made for, where the API client serves several: the header
    /// `Signicat-OrganizationId` (SDK).
    pub fn organization_id(mut self, id: impl Into<String>) -> Self {
        self.organization_id = Some(id.into());
        self
    }

    /// The longest that a connection may take to be made; 10 s by default, `None` for no limit.
    pub fn connect_timeout(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.timeouts.connect = limit.into();
        self
    }

    /// The longest that an attempt may take before its request's body moves and after the body has been sent, up
    /// to the end of a JSON answer or to the head of a download; 30 s by default, `None` for no limit. Fetching a
    /// token has the same limit, and so has waiting for another call that fetches one. Bodies on their way are [`stall_timeout`](Self::stall_timeout)'s affair.
    ///
    /// Without it a call can wait for ever: a request that is taken up by a connection just as it ends may be lost
    /// within the client, and nothing else notices. With it such a request was not sent, and is made again.
    ///
    /// A body has been sent when the system has taken it, which keeps up to some megabytes of it for a while: with a
    /// very slow line up, allow for that here.
    pub fn attempt_timeout(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.timeouts.attempt = limit.into();
        self
    }

    /// The longest that a body may stand still, on its way up or down; 30 s by default, `None` for no limit. As
    /// long as it moves, an upload or a download may take whatever time it needs.
    pub fn stall_timeout(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.timeouts.stall = limit.into();
        self
    }

    /// The longest that a call may take in all, with its token, its attempts and the pauses between them, up
    /// to the answer (a download's bytes come after it); none by default.
    pub fn timeout(mut self, limit: impl Into<Option<Duration>>) -> Self {
        self.timeouts.deadline = limit.into();
        self
    }

    /// How often and how fast failed calls are tried again.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// How many retries the client and its clones may make in a row without any success, 100 by default, `None`
    /// for no limit: a service in trouble is not met by a storm of them. A retry that succeeds gives back what it
    /// took, five other successes give back one.
    pub fn retry_budget(mut self, retries: impl Into<Option<u32>>) -> Self {
        self.retry_budget = retries.into();
        self
    }

    /// The longest JSON answer, in bytes; 16 MiB by default. One that is longer ends in an error. Downloads have limits of their own.
    pub fn answer_limit(mut self, bytes: usize) -> Self {
        self.answer_limit = bytes;
        self
    }

    /// How many requests of all waits may be under way at once, 16 by default and 1 at least: however many orders the
    /// client and its clones wait for, they take turns, first come, first served. Other calls are not counted.
    ///
    /// A turn is over after two minutes, so that a wait that is no longer polled does not hold up the others.
    pub fn requests_of_waits(mut self, limit: usize) -> Self {
        self.requests_of_waits = limit;
        self
    }

    /// Another clock and source of chance, for tests. Clients that share tokens share this, too.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf =>
    /// # use on::Hasty;
    /// // `Hasty` is the example of `Runtime`: its pauses pass at once.
    /// let sign = sandbox.client_builder().runtime(Arc::new(Hasty::default())).build()?;
    /// sandbox.inject(Fault::status(503).retry_after(30).on("getDocument").first(2));
    /// sign.documents().download(&pdf).bytes(100).await?; // without waiting for a minute
    /// # );
    /// ```
    pub fn runtime(mut self, runtime: Arc<dyn Runtime>) -> Self {
        self.runtime = Some(runtime);
        self
    }

    /// Sets up the HTTP client: a proxy, a root certificate, a resolver. The program needs reqwest of the same
    /// version, `reqwest = { version = "0.13", default-features = false }`.
    ///
    /// ```
    /// use signicat_sign::{Client, Credentials};
    ///
    /// let builder = Client::builder().credentials(Credentials::new("id", "secret"));
    /// let proxy = reqwest::Proxy::https("http://proxy.example:3128").expect("a URL");
    /// let sign = builder.http(move |http| http.proxy(proxy.clone())).build()?;
    /// # Ok::<(), signicat_sign::Error>(())
    /// ```
    ///
    /// It is applied before our own settings (no redirects, no referer, no retries, HTTP/1 only, no
    /// decompression, no log of what goes over the wire, the TLS backend, a short pool), which can therefore not
    /// be undone. A total timeout or default headers that are set here can't be unset either: a total timeout
    /// cuts off large transfers.
    pub fn http(
        mut self,
        setting: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.http.push(Box::new(setting));
        self
    }

    /// Builds the client. Nothing is sent, and no runtime is needed.
    ///
    /// ```
    /// use signicat_sign::{Client, Credentials, ErrorKind};
    ///
    /// let credentials = Credentials::new("id", "secret");
    /// let error = Client::builder().credentials(credentials).base_url("http://sign.example").build().unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Config); // plain http would show the token
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config), saying which setting it is.
    pub fn build(self) -> Result<Client> {
        let credentials = self.credentials.clone().ok_or_else(|| {
            Error::config("there are no credentials: set them by ClientBuilder::credentials")
        })?;
        if let Source::ClientSecret { client_id, client_secret, .. } = &credentials.source
            && (client_id.is_empty() || client_secret.expose().is_empty())
        {
            return Err(Error::config("the client id or the client secret is empty"));
        }
        let base = url("base URL", &self.base_url)?;
        let token_url = url("token URL", &self.token_url)?;
        let organization_id =
            match &self.organization_id {
                None => None,
                Some(id) => Some(HeaderValue::from_str(id).map_err(|_| {
                    Error::config("the organisation's id holds characters that a header can't")
                })?),
            };
        let http = self.http_client(is_loopback(&base))?;
        // A proxy must not see what goes to loopback, and the two addresses may differ in that.
        let token_http = match is_loopback(&token_url) == is_loopback(&base) {
            true => http.clone(),
            false => self.http_client(is_loopback(&token_url))?,
        };
        let runtime = self.runtime.unwrap_or_else(tokio_runtime);
        let cache = credentials.cache(token_url.as_str(), &self.scope, &runtime);
        let provider: Arc<dyn TokenProvider> = match credentials.source {
            Source::Provider(provider) => provider,
            Source::ClientSecret { client_id, client_secret, in_form } => Arc::new(ClientCredentials {
                http: token_http,
                url: token_url,
                scope: self.scope,
                client_id,
                client_secret,
                in_form,
                runtime: runtime.clone(),
            }),
        };
        let tokens = Tokens { provider, cache, runtime: runtime.clone() };
        let shared = Shared {
            http,
            base,
            tokens,
            organization_id,
            budget: Budget::of(self.retry_budget),
            answer_limit: self.answer_limit,
            runtime,
            turns: Turns::new(self.requests_of_waits),
        };
        Ok(Client::new(shared, CallOptions::new(self.timeouts, self.retry)))
    }

    fn http_client(&self, loopback: bool) -> Result<reqwest::Client> {
        let builder = self.http.iter().fold(reqwest::Client::builder(), |builder, setting| setting(builder));
        let builder = builder
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .http1_only()
            // It would write the token to the log.
            .connection_verbose(false)
            .no_gzip()
            .no_brotli()
            .no_zstd()
            .no_deflate()
            .pool_idle_timeout(POOL_IDLE);
        // For connections that nobody waits for any more. reqwest's own 30 s would also end a call that has the
        // right to wait longer.
        #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
        let builder =
            builder.tcp_user_timeout(self.timeouts.stall.map(|stall| stall.saturating_mul(2).min(DAY)));
        let builder = match self.timeouts.connect {
            Some(limit) => builder.connect_timeout(limit),
            None => builder,
        };
        let builder = if loopback { builder.no_proxy() } else { builder };
        // Chosen here, whatever other crates switch on.
        #[cfg(feature = "rustls")]
        let builder = builder.tls_backend_rustls();
        #[cfg(all(feature = "native-tls", not(feature = "rustls")))]
        let builder = builder.tls_backend_native();
        builder.build().map_err(|error| {
            let message = format!("the HTTP client can't be set up: {}", scrub(&root_of(&error)));
            Error::config(message).with_source(error)
        })
    }
}

/// Says the addresses, not the secret.
impl Debug for ClientBuilder {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("credentials", &self.credentials)
            .field("base_url", &Address(&self.base_url))
            .field("token_url", &Address(&self.token_url))
            .field("scope", &self.scope)
            .field("timeouts", &self.timeouts)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

/// An address that is not checked yet: it may hold a password.
struct Address<'a>(&'a str);

impl Debug for Address<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match url("address", self.0) {
            Ok(url) => f.write_str(url.as_str()),
            Err(_) => f.write_str("(not valid)"),
        }
    }
}

fn variable(name: &str) -> Result<Option<String>> {
    match std::env::var(name) {
        Ok(value) if value.is_empty() => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(Error::config(format!("{name} is not UTF-8"))),
    }
}

/// An address that the token or the secret may go to.
fn url(what: &str, text: &str) -> Result<Url> {
    let refused = |why: &str| Error::config(format!("the {what} {why}"));
    let url = Url::parse(text).map_err(|error| match text.contains("://") {
        true => refused(&format!("is no URL: {error}")),
        false => refused("has no scheme: begin it with https://"),
    })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("holds a user name or a password: give them as credentials"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refused("holds a query or a fragment"));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => {
            Err(refused("is plain http, which would show the token to everybody on the way: use https"))
        }
        _ => Err(refused("is neither https nor, on loopback, http")),
    }
}
