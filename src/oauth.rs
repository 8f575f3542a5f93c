//! A token for an API client: OAuth 2, client credentials (RFC 6749 section 4.4).

use std::fmt::{self, Debug, Formatter};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{StatusCode, header};
use reqwest::Url;
use serde_json::Value;

use crate::address::host;
use crate::answer;
use crate::auth::{AccessToken, TokenProvider};
use crate::error::{Error, ErrorKind, Outcome, Result, network_error};
use crate::hint;
use crate::problem::Problem;
use crate::retry::retry_after;
use crate::runtime::{BoxFuture, Runtime};
use crate::secret::Secret;
use crate::transport;

/// A token answer is small; more is no token answer.
const ANSWER_LIMIT: usize = 64 * 1024;

/// A token's life where the answer does not say it: short, so that an error is short.
const LIFE_IF_UNSAID: Duration = Duration::from_secs(60);

/// The token endpoint, and what it is asked with.
pub(crate) struct ClientCredentials {
    pub(crate) http: reqwest::Client,
    pub(crate) url: Url,
    pub(crate) scope: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: Secret,
    pub(crate) in_form: bool,
    pub(crate) runtime: Arc<dyn Runtime>,
}

impl TokenProvider for ClientCredentials {
    fn token(&self) -> BoxFuture<'_, Result<AccessToken>> {
        Box::pin(async move { self.fetch().await.map_err(|error| error.with_server(|| host(&self.url))) })
    }
}

impl ClientCredentials {
    async fn fetch(&self) -> Result<AccessToken> {
        let response = self.request().send().await;
        let mut response = response.map_err(|error| network_error(error, "the token endpoint"))?;
        let status = response.status();
        let pause = retry_after(response.headers(), self.runtime.wall_clock());
        let body =
            answer::read_up_to(&mut response, ANSWER_LIMIT, None, &*self.runtime).await.map_err(|error| {
                // A broken connection passes; an endless answer does not.
                if error.is_decode() { unreadable(error.message()) } else { error }
            })?;
        match status.is_success() {
            true => read(&body),
            false => Err(self.refused(status, body).with_retry_after(pause)),
        }
    }

    /// RFC 6749 section 4.4.2.
    fn request(&self) -> reqwest::RequestBuilder {
        let Self { client_id, client_secret, in_form, .. } = self;
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

    /// What the token endpoint says when it gives no token.
    fn refused(&self, status: StatusCode, body: Bytes) -> Error {
        let problem = Problem::read(body);
        let hint = match status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS {
            true => hint::of_token_refusal(status, problem.code(), &self.url),
            // It passes.
            false => None,
        };
        let error = Error::answered(status, problem).with_hint(hint).without_status();
        let message = format!("the token endpoint gives no token ({}): {}", status.as_u16(), error.message());
        // A refusal that another attempt would meet again is one of the credentials, whatever its status.
        let kind = match error.kind() {
            kind if kind.passes() => kind,
            _ => ErrorKind::Auth,
        };
        error.with_kind(kind).with_message(message)
    }
}

impl Debug for ClientCredentials {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCredentials").field("url", &self.url.as_str()).finish_non_exhaustive()
    }
}

fn unreadable(why: &str) -> Error {
    let message = format!("the token endpoint's answer can't be read: {why}");
    Error::new(ErrorKind::Auth, Outcome::NotSent, message)
}

fn read(answer: &[u8]) -> Result<AccessToken> {
    let answer: Value = serde_json::from_slice(answer).map_err(|_| unreadable("it is no JSON"))?;
    let token = answer["access_token"].as_str().filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| unreadable("it holds no access_token"))?;
    let seconds = match &answer["expires_in"] {
        Value::String(seconds) => seconds.trim().parse().ok(),
        other => other.as_f64(),
    };
    let life = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    Ok(AccessToken::new(token, life.unwrap_or(LIFE_IF_UNSAID)))
}
