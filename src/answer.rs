//! The body of an answer: whether it is what was asked for, and reading it within limits.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use futures_util::{StreamExt, stream};
use http::header;
use reqwest::Response;

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

/// An answer's body, chunk by chunk, which ends in an error when nothing comes for too long.
pub(crate) fn chunks(
    response: Response,
    stall: Option<Duration>,
    runtime: Arc<dyn Runtime>,
) -> impl Stream<Item = Result<Bytes, Error>> {
    let whom = host(response.url());
    stream::unfold(Some(Box::pin(response.bytes_stream())), move |chunks| {
        let (runtime, whom) = (runtime.clone(), whom.clone());
        async move {
            let mut chunks = chunks?;
            match within(&*runtime, stall, chunks.next()).await {
                None => {
                    let error = Error::new(ErrorKind::Timeout, Outcome::Accepted, "the answer stalled");
                    Some((Err(error), None))
                }
                Some(None) => None,
                Some(Some(Ok(chunk))) => Some((Ok(chunk), Some(chunks))),
                Some(Some(Err(error))) => Some((Err(network_error(error, &whom)), None)),
            }
        }
    })
}

/// Reads a body that must not be longer than that.
pub(crate) async fn read_up_to(
    chunks: impl Stream<Item = Result<Bytes, Error>>,
    limit: usize,
) -> Result<Bytes, Error> {
    let mut body = BytesMut::new();
    read_into(chunks, limit, &mut body).await?;
    Ok(body.freeze())
}

/// Reads a body as far as it comes, and no further than the limit.
pub(crate) async fn read_into(
    chunks: impl Stream<Item = Result<Bytes, Error>>,
    limit: usize,
    body: &mut BytesMut,
) -> Result<(), Error> {
    let mut chunks = std::pin::pin!(chunks);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        let room = limit - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() > room {
            let message = format!("the answer is longer than the limit of {limit} bytes");
            return Err(Error::new(ErrorKind::Decode, Outcome::Accepted, message));
        }
    }
    Ok(())
}
