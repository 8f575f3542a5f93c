//! The token endpoint, and the tokens that it has issued.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, StatusCode, header};
use serde_json::json;
use zeroize::Zeroizing;

use super::answer::Answer;
use super::judge::percent_decode;

pub(super) struct Credentials {
    pub(super) id: String,
    pub(super) secret: Zeroizing<String>,
}

/// The tokens that are valid, and until when.
#[derive(Default)]
pub(super) struct Tokens {
    valid: BTreeMap<String, DateTime<Utc>>,
}

impl Tokens {
    /// Whether a request with these headers may pass.
    pub(super) fn admit(&self, headers: &HeaderMap, now: DateTime<Utc>) -> bool {
        let expiry = authorization(headers, "Bearer").and_then(|token| self.valid.get(token));
        expiry.is_some_and(|expiry| now < *expiry)
    }

    /// Makes the token of a request with these headers invalid.
    pub(super) fn revoke(&mut self, headers: &HeaderMap) {
        if let Some(token) = authorization(headers, "Bearer") {
            self.valid.remove(token);
        }
    }

    pub(super) fn revoke_all(&mut self) {
        self.valid.clear();
    }

    /// Answers a request for a token. `new_token` is issued if all is well.
    pub(super) fn issue(&mut self, new_token: String, lifetime: TimeDelta, now: DateTime<Utc>) -> Answer {
        self.valid.retain(|_, expiry| now < *expiry);
        let answer = json!({
            "access_token": new_token,
            "expires_in": lifetime.num_seconds(),
            "token_type": "Bearer",
        });
        // Out of range: a lifetime beyond the calendar's end is as good as none.
        self.valid.insert(new_token, now.checked_add_signed(lifetime).unwrap_or(DateTime::<Utc>::MAX_UTC));
        Answer::json(StatusCode::OK, &answer)
    }
}

/// Why a request for a token is refused, if it is: the `client_credentials` grant of RFC 6749, with the
/// credentials in an `Authorization: Basic` header or in the form.
pub(super) fn refusal(
    headers: &HeaderMap,
    body: &[u8],
    credentials: &Credentials,
    scope: &str,
) -> Option<Answer> {
    let media_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !media_type.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") {
        return Some(refused("invalid_request", "the body must be a form"));
    }
    let form: BTreeMap<_, _> = form_urlencoded::parse(body).into_owned().collect();
    let field = |name: &str| form.get(name).map(String::as_str);

    let sent = match authorization(headers, "Basic") {
        Some(basic) => decode_basic(basic),
        None => field("client_id")
            .zip(field("client_secret"))
            .map(|(id, secret)| (id.to_owned(), secret.to_owned())),
    };
    match field("grant_type") {
        Some("client_credentials") => {}
        Some(_) => {
            return Some(refused("unsupported_grant_type", "the grant type must be client_credentials"));
        }
        None => return Some(refused("invalid_request", "the grant type is missing")),
    }
    if sent.is_none_or(|(id, secret)| id != credentials.id || secret != *credentials.secret) {
        return Some(refused("invalid_client", "the client id or the client secret is not right"));
    }
    if field("scope") != Some(scope) {
        return Some(refused("invalid_scope", &format!("the scope must be {scope}")));
    }
    None
}

fn refused(error: &str, description: &str) -> Answer {
    // 400 for bad credentials too: the service's token endpoint is known to prefer it to 401.
    Answer::json(StatusCode::BAD_REQUEST, &json!({ "error": error, "error_description": description }))
}

/// What follows the scheme in an `Authorization` header, if it is of this scheme.
fn authorization<'h>(headers: &'h HeaderMap, scheme: &str) -> Option<&'h str> {
    let (sent, rest) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    sent.eq_ignore_ascii_case(scheme).then(|| rest.trim())
}

/// Id and secret are form-encoded before they are joined with a colon (RFC 6749, section 2.3.1): that is how a
/// colon in the id survives.
fn decode_basic(encoded: &str) -> Option<(String, String)> {
    let joined = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    let (id, secret) = joined.split_once(':')?;
    Some((form_decode(id), form_decode(secret)))
}

/// Many clients do not encode them. `=` and `&` mean nothing here, and what can't be decoded was not encoded.
fn form_decode(text: &str) -> String {
    percent_decode(&text.replace('+', " ")).unwrap_or_else(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &str = "application/x-www-form-urlencoded";

    fn headers(content_type: &str, authorization: Option<String>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, content_type.parse().expect("a header value"));
        if let Some(value) = authorization {
            headers.insert(header::AUTHORIZATION, value.parse().expect("a header value"));
        }
        headers
    }

    fn credentials(id: &str, secret: &str) -> Credentials {
        Credentials { id: id.to_owned(), secret: Zeroizing::new(secret.to_owned()) }
    }

    /// The `error` of the answer, empty when there is none.
    fn error(headers: &HeaderMap, body: &str) -> String {
        let answer = refusal(headers, body.as_bytes(), &credentials("a:b", "s +%"), "signicat-api");
        let Some(answer) = answer else { return String::new() };
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        let body: serde_json::Value = serde_json::from_slice(&answer.body).expect("the answer is JSON");
        body["error"].as_str().expect("the error is named").to_owned()
    }

    #[test]
    fn credentials_come_in_the_header_or_in_the_form() {
        let grant = "grant_type=client_credentials&scope=signicat-api";
        let basic = |joined: &str| Some(format!("basic {}", STANDARD.encode(joined)));
        assert_eq!(error(&headers(FORM, basic("a%3Ab:s+%2B%25")), grant), "");
        assert_eq!(
            error(&headers(FORM, None), &format!("{grant}&client_id=a%3Ab&client_secret=s+%2B%25")),
            ""
        );
        assert_eq!(error(&headers(FORM, basic("a:b:s +%")), grant), "invalid_client");
        assert_eq!(error(&headers(FORM, None), grant), "invalid_client");
    }

    #[test]
    fn credentials_that_are_not_encoded_are_taken_as_they_are() {
        let grant = b"grant_type=client_credentials&scope=signicat-api";
        for secret in ["a=b&c", "=", "50%off", "100%", "æ"] {
            let basic = format!("Basic {}", STANDARD.encode(format!("id&=:{secret}")));
            let refused =
                refusal(&headers(FORM, Some(basic)), grant, &credentials("id&=", secret), "signicat-api");
            assert!(refused.is_none(), "{secret}");
        }
    }

    #[test]
    fn the_rest_of_the_form_counts_too() {
        let who = "client_id=a%3Ab&client_secret=s+%2B%25";
        let said = |form: &str| error(&headers(FORM, None), &format!("{who}&{form}"));
        assert_eq!(said("scope=signicat-api"), "invalid_request");
        assert_eq!(said("grant_type=password&scope=signicat-api"), "unsupported_grant_type");
        assert_eq!(said("grant_type=client_credentials&scope=openid"), "invalid_scope");
        assert_eq!(said("grant_type=client_credentials"), "invalid_scope");
        assert_eq!(error(&headers("application/json", None), "{}"), "invalid_request");
    }

    #[test]
    fn a_token_is_valid_until_its_time_is_up_or_it_is_revoked() {
        let now = DateTime::UNIX_EPOCH;
        let mut tokens = Tokens::default();
        tokens.issue("t".to_owned(), TimeDelta::seconds(10), now);
        let bearer = headers(FORM, Some("Bearer t".to_owned()));
        assert!(tokens.admit(&bearer, now + TimeDelta::seconds(9)));
        assert!(!tokens.admit(&bearer, now + TimeDelta::seconds(10)));
        assert!(!tokens.admit(&headers(FORM, Some("Bearer u".to_owned())), now));
        tokens.revoke_all();
        assert!(!tokens.admit(&bearer, now));
    }
}
