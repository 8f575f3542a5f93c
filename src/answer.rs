//! The body of an answer: whether it is what was asked for, and reading it within limits.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use futures_util::stream;
use http::header;
use progenitor_client::ResponseValue;
use reqwest::Response;
use serde::de::DeserializeOwned;

use crate::address::host;
use crate::contract::Body;
use crate::error::{Error, ErrorKind, Outcome, network_error};
use crate::pdf::is_of_type;
use crate::redact::scrub;
use crate::runtime::{Runtime, within};

/// A gateway's page says nothing of what was asked for.
pub(crate) fn no_page(response: &Response) -> Result<(), Error> {
    let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    match content_type.is_some_and(|said| is_of_type(said, "text/html")) {
        true => {
            Err(Error::new(ErrorKind::Decode, Outcome::Accepted, "a web page came in place of an answer"))
        }
        false => Ok(()),
    }
}

/// No encoding was asked for: what comes encoded would be taken for the document itself.
pub(crate) fn not_encoded(response: &Response, body: Body) -> Result<(), Error> {
    let said = response.headers().get_all(header::CONTENT_ENCODING).iter();
    let said = said.map(|value| String::from_utf8_lossy(value.as_bytes()).to_lowercase()).collect::<Vec<_>>();
    let mut encodings = said.iter().flat_map(|value| value.split(',')).map(str::trim);
    let Some(encoding) = encodings.find(|encoding| !matches!(*encoding, "" | "identity")) else {
        return Ok(());
    };
    let kind = if body == Body::Json { ErrorKind::Decode } else { ErrorKind::Integrity };
    let message = format!("the answer is encoded as {}, which was not asked for", scrub(encoding));
    Err(Error::new(kind, Outcome::Accepted, message))
}

/// What comes next of an answer's body; an error when nothing comes for too long.
async fn next(
    response: &mut Response,
    stall: Option<Duration>,
    runtime: &dyn Runtime,
) -> Result<Option<Bytes>, Error> {
    match within(runtime, stall, response.chunk()).await {
        None => Err(Error::new(ErrorKind::Timeout, Outcome::Accepted, "the answer stalled")),
        Some(Ok(chunk)) => Ok(chunk),
        Some(Err(error)) => Err(network_error(error, &host(response.url()))),
    }
}

/// An answer's body, chunk by chunk, which ends in an error when nothing comes for too long.
pub(crate) fn chunks(
    response: Response,
    stall: Option<Duration>,
    runtime: Arc<dyn Runtime>,
) -> impl Stream<Item = Result<Bytes, Error>> {
    stream::try_unfold(response, move |mut response| {
        let runtime = runtime.clone();
        async move { Ok(next(&mut response, stall, &*runtime).await?.map(|chunk| (chunk, response))) }
    })
}

/// A JSON answer's body, which was read whole: it goes with the response to where it is decoded.
#[derive(Clone)]
pub(crate) struct Whole(pub(crate) Bytes);

/// The value of a JSON answer. The generated client calls this in place of progenitor's own, which would collect the
/// body once more and copy the headers.
#[allow(clippy::result_large_err, reason = "it is progenitor's error, that of the generated methods")]
pub(crate) fn value<T: DeserializeOwned, E>(
    mut response: Response,
) -> Result<ResponseValue<T>, progenitor_client::Error<E>> {
    let Some(Whole(bytes)) = response.extensions_mut().remove() else {
        return Err(progenitor_client::Error::UnexpectedResponse(response));
    };
    match serde_json::from_slice(&bytes) {
        Ok(value) => {
            let headers = std::mem::take(response.headers_mut());
            Ok(ResponseValue::new(value, response.status(), headers))
        }
        Err(error) => Err(progenitor_client::Error::InvalidResponsePayload(bytes, error)),
    }
}

/// Reads a body that must not be longer than that.
pub(crate) async fn read_up_to(
    response: &mut Response,
    limit: usize,
    stall: Option<Duration>,
    runtime: &dyn Runtime,
) -> Result<Bytes, Error> {
    // Most come in one piece, which is not copied.
    let Some(first) = next(response, stall, runtime).await? else { return Ok(Bytes::new()) };
    if first.len() > limit {
        return Err(too_long(limit));
    }
    let Some(second) = next(response, stall, runtime).await? else { return Ok(first) };
    let mut body = BytesMut::from(first);
    append(&mut body, &second, limit)?;
    read_into(response, limit, stall, runtime, &mut body).await?;
    Ok(body.freeze())
}

/// Reads a body as far as it comes, and no further than the limit.
pub(crate) async fn read_into(
    response: &mut Response,
    limit: usize,
    stall: Option<Duration>,
    runtime: &dyn Runtime,
    body: &mut BytesMut,
) -> Result<(), Error> {
    while let Some(chunk) = next(response, stall, runtime).await? {
        append(body, &chunk, limit)?;
    }
    Ok(())
}

fn append(body: &mut BytesMut, chunk: &[u8], limit: usize) -> Result<(), Error> {
    let room = limit - body.len();
    body.extend_from_slice(&chunk[..chunk.len().min(room)]);
    if chunk.len() > room { Err(too_long(limit)) } else { Ok(()) }
}

fn too_long(limit: usize) -> Error {
    let message = format!("the answer is longer than the limit of {limit} bytes");
    Error::new(ErrorKind::Decode, Outcome::Accepted, message)
}
