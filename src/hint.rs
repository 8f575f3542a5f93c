//! What is often the cause of a failure, and what to do about it.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode, header};
use reqwest::Url;

use crate::contract;
use crate::error::{Error, ErrorKind};
use crate::problem::Problem;

/// A clock that is further off than this is worth a word.
const SKEW: Duration = Duration::from_secs(60);

/// Of a token endpoint that gives no token.
pub(crate) fn of_token_refusal(status: StatusCode, code: Option<&str>, url: &Url) -> Option<String> {
    let (now, scope) = (contract::TOKEN_URL, contract::SCOPE);
    let hint = match (status, code) {
        (StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED, _) | (_, None) => {
            let older = of_older_host(url.host_str()?);
            return older.or_else(|| Some(format!("is the token URL right? Signicat's own is {now}")));
        }
        (_, Some("invalid_client" | "unauthorized_client")) => {
            "is the client id right, and the secret? do both belong to this environment? a sandbox account's API \
             clients are not known in production"
        }
        (_, Some("invalid_scope")) => {
            return Some(format!(
                "at {now} the scope is {scope}, on older hosts and at resellers another: set it by ClientBuilder::scope \
                 or SIGNICAT_SCOPE"
            ));
        }
        (_, Some(_)) => return None,
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
        ErrorKind::Forbidden if is_page(error.problem()) => {
            Some("a web page says so, and not the API: a proxy's or a firewall's?".to_owned())
        }
        ErrorKind::Forbidden => Some(
            "does the API client have the permission \"Signature API\", in the account of this environment?"
                .to_owned(),
        ),
        ErrorKind::Redirect => of_older_host(base.host_str()?),
        ErrorKind::NotFound => of_nothing_there(error.problem(), base.host_str()?),
        _ => None,
    }
}

/// The service itself says of what it does not find that it is a problem, and gives that no code: codes are the
/// gateway's, which knows addresses and no orders. That is inferred from the shapes of the two (no 404 of an order is
/// known), hence a question.
fn of_nothing_there(problem: Option<&Problem>, host: &str) -> Option<String> {
    let is_the_gateways = problem.is_some_and(|problem| problem.code().is_some());
    if !is_the_gateways && problem.is_some_and(|problem| problem.title().is_some()) {
        return None;
    }
    let hint = || format!("is the base URL right? Signicat's own is {}", contract::SERVER_URL);
    of_older_host(host).or_else(|| (is_the_gateways || is_page(problem)).then(hint))
}

/// Whether what came is not in the words of an API, and not empty.
fn is_page(problem: Option<&Problem>) -> bool {
    problem.is_some_and(|problem| problem.title().is_none() && !problem.raw().is_empty())
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
    let is_said = |words: &[&str]| words.iter().any(|words| root.contains(words));
    let hint = if is_said(&["UnknownIssuer", "self-signed", "self signed", "local issuer"]) {
        "this machine does not trust who has issued the certificate: does a proxy look into what goes through it? then \
         its root certificate has to be installed here, or given by ClientBuilder::http"
    } else if is_said(&["not valid for name", "ostname mismatch"]) {
        "the certificate is another host's: is the host right?"
    } else if is_said(&["refused"]) {
        "nobody listens there: are host and port right, and those of the proxy if there is one?"
    } else {
        return of_older_host(host);
    };
    of_older_host(host).or_else(|| Some(hint.to_owned()))
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
