//! Errors of the network and of the generated client, made into this crate's own.

use reqwest::Url;

use super::{Error, ErrorKind, Outcome};
use crate::address::host;
use crate::generated;
use crate::hint;
use crate::problem::Problem;
use crate::redact::scrub;

/// What stands at the root of an error.
pub(crate) fn root_of(error: &dyn std::error::Error) -> String {
    let mut root = error;
    while let Some(source) = root.source() {
        root = source;
    }
    root.to_string()
}

/// An error of the network: what was attempted and the cause at its root, without the URL and its ids.
pub(crate) fn network_error(error: reqwest::Error, whom: &str) -> Error {
    // What failed may be our own: a document that could not be read.
    if let Some(ours) = Error::uncarry(&error) {
        return ours;
    }
    let url = error.url().cloned();
    let error = error.without_url();
    let root = root_of(&error);
    let (kind, what) = if error.is_connect() {
        (ErrorKind::Connect, format!("cannot connect to {whom}"))
    } else if error.is_timeout() {
        (ErrorKind::Timeout, format!("no answer in time from {whom}"))
    } else {
        (ErrorKind::Network, format!("the connection to {whom} broke"))
    };
    let name = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    let hint = (kind == ErrorKind::Connect).then(|| hint::of_no_connection(name, &root)).flatten();
    let message = format!("{what}: {}", scrub(&root));
    let error = Error::new(kind, Outcome::Unknown, message).with_hint(hint).with_source(error);
    match url {
        Some(url) => error.with_server(|| host(&url)),
        None => error,
    }
}

/// Turns what the generated client gives into the error of this crate.
///
/// An answer that can't be read says no more than that here; the wrappers say where.
impl From<generated::Error<()>> for Error {
    fn from(error: generated::Error<()>) -> Self {
        use generated::Error as Raw;
        match error {
            Raw::CommunicationError(error) | Raw::ResponseBodyError(error) | Raw::InvalidUpgrade(error) => {
                if error.is_builder() {
                    Self::invalid("the request can't be built").with_source(error.without_url())
                } else {
                    network_error(error, "the service")
                }
            }
            Raw::InvalidResponsePayload(_, error) => Self::undecodable(".", &error),
            Raw::InvalidRequest(_) | Raw::Custom(_) => Self::invalid("the request can't be built"),
            Raw::ErrorResponse(response) => Self::answered(response.status(), Problem::default()),
            Raw::UnexpectedResponse(response) => Self::answered(response.status(), Problem::default()),
        }
    }
}
