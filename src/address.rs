//! Addresses: whose they are, and which of those that an answer gives are gone to.

use http::header;
use reqwest::{Response, Url};

/// How many redirects are followed.
const MAX_REDIRECTS: u32 = 3;

pub(crate) fn same_origin(a: &Url, b: &Url) -> bool {
    // Of URLs with a host, as all of ours are: `Url::origin` would make strings of it first.
    a.has_host()
        && a.scheme() == b.scheme()
        && a.host() == b.host()
        && a.port_or_known_default() == b.port_or_known_default()
}

/// Host and port, as far as they are not the usual ones.
pub(crate) fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or("the service");
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// Where a redirect leads to, if it is followed.
pub(crate) fn redirect(
    from: &Url,
    base: &Url,
    response: &Response,
    number: u32,
) -> Result<Url, &'static str> {
    if number > MAX_REDIRECTS {
        return Err("redirected too often");
    }
    let location = response.headers().get(header::LOCATION).and_then(|location| location.to_str().ok());
    let to = location.and_then(|location| from.join(location).ok()).ok_or("redirected to what is no URL")?;
    may_be_fetched(&to, base).map(|()| to)
}

/// Whether an address that came in an answer is one to go to: with https, or where the client is configured for.
pub(crate) fn may_be_fetched(url: &Url, base: &Url) -> Result<(), &'static str> {
    // hyper-util would write them to its log.
    if !url.username().is_empty() || url.password().is_some() {
        return Err("the address holds a user name or a password, which is not followed");
    }
    match url.scheme() == "https" || same_origin(url, base) {
        true => Ok(()),
        false => Err("the address is elsewhere and without https, which is not followed"),
    }
}

/// Whether an address is on this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    match address.parse::<std::net::IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}
