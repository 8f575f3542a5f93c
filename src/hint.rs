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
            "the scope is another on older hosts and at resellers: set it by ClientBuilder::scope or SIGNICAT_SCOPE"
        }
        Some(_) => return None,
        None => return of_older_host(url.host_str()?),
    };
    Some(hint.to_owned())
}

/// Of a service that says no to a call with a token that is not known to have expired.
pub(crate) fn of_refusal(error: &Error, base: &Url, headers: &HeaderMap, now: SystemTime) -> Option<String> {
    match error.kind() {
        ErrorKind::Auth => {
            let hint = "is the token meant for this host? token URL and scope belong to it";
            let clock = of_clock(headers, now).map(|clock| format!("; besides, {clock}"));
            Some(format!("{hint}{}", clock.unwrap_or_default()))
        }
        ErrorKind::Forbidden => Some(
            "does the API client have the permission \"Signature API\", in the account of this environment?"
                .to_owned(),
        ),
        ErrorKind::Redirect => of_older_host(base.host_str()?),
        // The service itself says of what it does not find that it is a problem.
        ErrorKind::NotFound if error.problem().is_none_or(|problem| problem.title().is_none()) => {
            of_older_host(base.host_str()?)
        }
        _ => None,
    }
}

/// Of a connection that was not made, by what its root says.
pub(crate) fn of_no_connection(host: &str, root: &str) -> Option<String> {
    if root.contains("certificate") && (root.contains("expired") || root.contains("not valid yet")) {
        return Some("is this machine's clock right?".to_owned());
    }
    if root.contains("InvalidContentType") || root.contains("wrong version number") {
        return Some(
            "what answers there does not speak TLS: is it a plain http port, or a proxy?".to_owned(),
        );
    }
    of_older_host(host)
}

/// The API has moved: hosts beside the contract's own may be older ones.
fn of_older_host(host: &str) -> Option<String> {
    let now = Url::parse(contract::SERVER_URL).ok()?;
    let (_, domain) = now.host_str()?.split_once('.')?;
    let is_beside = now.host_str() != Some(host) && host.ends_with(&format!(".{domain}"));
    is_beside.then(|| {
        let (at, tokens, scope) = (contract::SERVER_URL, contract::TOKEN_URL, contract::SCOPE);
        format!("{host} may be an older host: the API is at {at} now, its tokens at {tokens}, scope {scope}")
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
