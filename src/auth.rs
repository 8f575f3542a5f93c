//! The token: OAuth 2 client credentials, kept as long as it lives, fetched once for all who ask.

use std::fmt::{self, Debug, Formatter};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use http::{HeaderValue, header};
use serde_json::Value;

use crate::error::{Error, ErrorKind, Outcome};
use crate::problem::Problem;
use crate::runtime::{Runtime, millis, within};
use crate::secret::Secret;
use crate::transport;

/// A token answer is small; more is no token answer.
const TOKEN_ANSWER_LIMIT: usize = 64 * 1024;

/// A token's life where the answer does not say it: short, so that an error is short.
const LIFE_IF_UNSAID: Duration = Duration::from_secs(60);

/// The earliest that a token is renewed before its end.
const EARLIEST_RENEWAL: Duration = Duration::from_secs(60);

/// The longest that a call which has a good token waits for a newer one.
const EARLY_PATIENCE: Duration = Duration::from_secs(2);

/// The id and the secret of an API client, from the Signicat Dashboard.
///
/// They go to the token endpoint alone, as HTTP Basic, or in the form where [`Credentials::in_form`] asks for it.
///
/// ```
/// let credentials = signicat_sign::Credentials::new("sandbox-jolly-fox-42", "hunter2");
/// assert!(!format!("{credentials:?}").contains("hunter2"));
/// ```
#[derive(Clone)]
pub struct Credentials {
    client_id: String,
    client_secret: Secret,
    in_form: bool,
}

impl Credentials {
    /// The id and the secret of an API client.
    pub fn new(client_id: impl Into<String>, client_secret: impl Into<Secret>) -> Self {
        Self { client_id: client_id.into(), client_secret: client_secret.into(), in_form: false }
    }

    /// Sends them as `client_id` and `client_secret` in the form, for token endpoints that do not take Basic.
    #[must_use]
    pub fn in_form(mut self) -> Self {
        self.in_form = true;
        self
    }
}

impl Debug for Credentials {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("client_id", &self.client_id)
            .field("client_secret", &self.client_secret)
            .field("in_form", &self.in_form)
            .finish()
    }
}

/// A token and how long it is good.
pub(crate) struct Token {
    /// `Bearer …`, marked as sensitive.
    pub(crate) authorization: HeaderValue,
    /// In milliseconds of the runtime's time; later after a renewal that failed.
    renew_at: AtomicU64,
    ends_at: Duration,
}

impl Token {
    fn is_near_its_end(&self, runtime: &dyn Runtime) -> bool {
        runtime.now().as_millis() >= u128::from(self.renew_at.load(Ordering::Relaxed))
    }

    fn renew_in(&self, runtime: &dyn Runtime, pause: Duration) {
        self.renew_at.store(millis(runtime.now() + pause), Ordering::Relaxed);
    }
}

/// The tokens of one client and its clones.
pub(crate) struct Tokens {
    http: reqwest::Client,
    url: reqwest::Url,
    scope: String,
    credentials: Credentials,
    limit: Option<Duration>,
    kept: Mutex<Option<Arc<Token>>>,
    /// Held by the one who fetches. Who drops it, finished or not, lets the next one look.
    flight: tokio::sync::Mutex<()>,
}

impl Tokens {
    pub(crate) fn new(
        http: reqwest::Client,
        url: reqwest::Url,
        scope: String,
        credentials: Credentials,
        limit: Option<Duration>,
    ) -> Self {
        Self {
            http,
            url,
            scope,
            credentials,
            limit,
            kept: Mutex::new(None),
            flight: tokio::sync::Mutex::new(()),
        }
    }

    /// A token that is good now: the kept one, or a new one. However many ask, one fetches.
    pub(crate) async fn token(
        &self,
        runtime: &dyn Runtime,
        remaining: Option<Duration>,
    ) -> Result<Arc<Token>, Error> {
        if let Some(token) = self.good(runtime) {
            return Ok(self.renewed_early(runtime, remaining, token).await);
        }
        // Whoever is ahead may be waiting for an endpoint that is silent; nobody waits for that twice.
        let _flight = within(runtime, self.limit, self.flight.lock()).await.ok_or_else(silent)?;
        match self.good(runtime) {
            Some(token) => Ok(token),
            None => self.fetch(runtime, self.limit).await,
        }
    }

    /// A good token, renewed if it is near its end: by one caller, while the others go on with what they have.
    async fn renewed_early(
        &self,
        runtime: &dyn Runtime,
        remaining: Option<Duration>,
        token: Arc<Token>,
    ) -> Arc<Token> {
        if !token.is_near_its_end(runtime) {
            return token;
        }
        let Ok(_flight) = self.flight.try_lock() else { return token };
        // Somebody may have renewed it in between.
        if let Some(newer) = self.good(runtime).filter(|newer| !newer.is_near_its_end(runtime)) {
            return newer;
        }
        let patience = EARLY_PATIENCE.min(remaining.map_or(EARLY_PATIENCE, |remaining| remaining / 2));
        self.fetch(runtime, Some(patience)).await.unwrap_or_else(|error| {
            tracing::warn!(
                kind = ?error.kind(),
                "the token could not be renewed early; the old one is used on, and the next try is later"
            );
            token.renew_in(runtime, (token.ends_at.saturating_sub(runtime.now())) / 4);
            token
        })
    }

    /// Forgets a token that the service did not take, unless a newer one is kept by now.
    pub(crate) fn invalidate(&self, token: &Arc<Token>) {
        let mut kept = self.kept();
        if kept.as_ref().is_some_and(|kept| Arc::ptr_eq(kept, token)) {
            *kept = None;
        }
    }

    fn good(&self, runtime: &dyn Runtime) -> Option<Arc<Token>> {
        self.kept().clone().filter(|token| runtime.now() < token.ends_at)
    }

    fn kept(&self) -> MutexGuard<'_, Option<Arc<Token>>> {
        self.kept.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    async fn fetch(&self, runtime: &dyn Runtime, limit: Option<Duration>) -> Result<Arc<Token>, Error> {
        let asked_at = runtime.now();
        let answer = within(runtime, limit, self.ask()).await.ok_or_else(silent)??;
        let (authorization, life) = read(&answer)?;
        let token = Arc::new(Token {
            authorization,
            // A share of the life, because tokens may live as little as a second.
            renew_at: AtomicU64::new(millis(asked_at + life - EARLIEST_RENEWAL.min(life / 4))),
            ends_at: asked_at + life,
        });
        *self.kept() = Some(token.clone());
        Ok(token)
    }

    async fn ask(&self) -> Result<bytes::Bytes, Error> {
        let response = self.request().send().await.map_err(|error| {
            transport::network_error(error, "the token endpoint").with_outcome(Outcome::NotSent)
        })?;
        let status = response.status();
        let body = transport::read_up_to(response, TOKEN_ANSWER_LIMIT).await.map_err(|error| {
            // A broken connection passes; an endless answer does not.
            if error.is_decode() { unreadable(error.message()) } else { error.with_outcome(Outcome::NotSent) }
        })?;
        if status.is_success() { Ok(body) } else { Err(refused(status, body)) }
    }

    /// RFC 6749 section 4.4.2.
    fn request(&self) -> reqwest::RequestBuilder {
        let Credentials { client_id, client_secret, in_form } = &self.credentials;
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials").append_pair("scope", &self.scope);
        let mut request = self.http.post(self.url.clone());
        request = request
            .header(header::USER_AGENT, transport::USER_AGENT)
            .header(header::ACCEPT, "application/json");
        if *in_form {
            form.append_pair("client_id", client_id).append_pair("client_secret", client_secret.expose());
        } else {
            // RFC 6749 section 2.3.1: each of the two is form-encoded first.
            let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            request = request.basic_auth(encoded(client_id), Some(encoded(client_secret.expose())));
        }
        request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(form.finish())
    }
}

fn unreadable(why: &str) -> Error {
    let message = format!("the token endpoint's answer can't be read: {why}");
    Error::new(ErrorKind::Auth, Outcome::NotSent, message)
}

fn silent() -> Error {
    Error::new(ErrorKind::Timeout, Outcome::NotSent, "the token endpoint does not answer in time")
}

/// What the token endpoint says when it gives no token.
fn refused(status: http::StatusCode, body: bytes::Bytes) -> Error {
    let problem = Problem::read(body);
    let hint = match problem.code() {
        Some("invalid_client") => {
            " (is the client id right, and the secret? do both belong to this environment?)"
        }
        Some("invalid_scope") => " (the scope is another on older hosts and at resellers: SIGNICAT_SCOPE)",
        _ => "",
    };
    let error = Error::answered(status, problem);
    let message = format!("the token endpoint gives no token: {}{hint}", error.message());
    // A refusal that another attempt would meet again is one of the credentials, whatever its status.
    let kind = if status.is_client_error() && status.as_u16() != 429 && status.as_u16() != 408 {
        ErrorKind::Auth
    } else {
        error.kind()
    };
    error.with_kind(kind).with_message(message).with_outcome(Outcome::NotSent)
}

fn read(answer: &[u8]) -> Result<(HeaderValue, Duration), Error> {
    let answer: Value = serde_json::from_slice(answer).map_err(|_| unreadable("it is no JSON"))?;
    let token = answer["access_token"].as_str().filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| unreadable("it holds no access_token"))?;
    let mut authorization = HeaderValue::try_from(format!("Bearer {token}"))
        .map_err(|_| unreadable("its access_token fits in no header"))?;
    authorization.set_sensitive(true);
    let seconds = match &answer["expires_in"] {
        Value::String(seconds) => seconds.trim().parse().ok(),
        other => other.as_f64(),
    };
    let life =
        seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).unwrap_or(LIFE_IF_UNSAID);
    // A day: nothing longer is known, and an absurd number must not overflow a clock.
    Ok((authorization, life.min(Duration::from_secs(86_400))))
}
