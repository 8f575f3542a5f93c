//! What is often the cause of a failure, and what to do about it.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, header};
use reqwest::Url;

use crate::contract;
use crate::error::{Error, ErrorKind};

/// A clock that is further off than this is worth a word.
const SKEW: Duration = Duration::from_secs(60);

/// Of a token endpoint that gives no token.
pub(crate) fn of_token_refusal(code: Option<&str>, url: &Url) -> Option<String> {
    let hint = match code {
        Some("invalid_client" | "unauthorized_client") => {
            "is the client id right, and the secret? do both belong to this environment? a sandbox account's API \
             clients are not known in production"
        }
        Some("invalid_scope") => {
            "the scope is another on older hosts and at resellers: SIGNICAT_SCOPE sets it"
        }
        _ => return of_older_host(url.host_str()?),
    };
    Some(hint.to_owned())
}

/// Of a service that says no.
pub(crate) fn of_refusal(error: &Error, base: &Url, headers: &HeaderMap, now: SystemTime) -> Option<String> {
    let hint = match error.kind() {
        ErrorKind::Auth => {
            if let Some(skew) = of_clock(headers, now) {
                return Some(skew);
            }
            "a new token was not taken either: are scope and token URL those of this host?"
        }
        ErrorKind::Forbidden => {
            "does the API client have the permission \"Signature API\", in the account of this environment?"
        }
        ErrorKind::NotFound | ErrorKind::Rejected | ErrorKind::Redirect => {
            return of_older_host(base.host_str()?);
        }
        _ => return None,
    };
    Some(hint.to_owned())
}

/// Of a connection that was not made, by what its root says.
pub(crate) fn of_no_connection(host: &str, root: &str) -> Option<String> {
    if root.contains("certificate") && (root.contains("expired") || root.contains("not valid yet")) {
        return Some("is this machine's clock right?".to_owned());
    }
    of_older_host(host)
}

/// The API has moved: hosts beside the contract's own are older ones.
fn of_older_host(host: &str) -> Option<String> {
    let now = Url::parse(contract::SERVER_URL).ok()?;
    let (_, domain) = now.host_str()?.split_once('.')?;
    let is_older = now.host_str() != Some(host) && host.ends_with(&format!(".{domain}"));
    is_older.then(|| {
        let (at, tokens, scope) = (contract::SERVER_URL, contract::TOKEN_URL, contract::SCOPE);
        format!(
            "{host} is an older host: the API is at {at} now, its tokens at {tokens}, with the scope {scope}"
        )
    })
}

/// The service's clock, by its Date, and this machine's.
fn of_clock(headers: &HeaderMap, now: SystemTime) -> Option<String> {
    let date = httpdate::parse_http_date(headers.get(header::DATE)?.to_str().ok()?).ok()?;
    let (skew, direction) = match now.duration_since(date) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(behind) => (behind.duration(), "behind"),
    };
    (skew > SKEW).then(|| format!("this machine's clock is {} s {direction} the service's", skew.as_secs()))
}
