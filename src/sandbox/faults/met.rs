//! A request meets a fault: what is done of it, and what is told.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::request::Parts;
use http::{HeaderName, HeaderValue, StatusCode, header};

use super::fault::{Fault, What};
use crate::runtime::Runtime;
use crate::sandbox::answer::Answer;
use crate::sandbox::service::World;

/// What becomes of a request.
pub(in crate::sandbox) enum Told {
    Answer(Response),
    /// The connection breaks.
    Cut,
    /// Nothing, for ever.
    Silence,
}

impl Told {
    /// The status that is told. 0: none.
    pub(in crate::sandbox) fn status(&self) -> u16 {
        match self {
            Told::Answer(response) => response.status().as_u16(),
            Told::Cut | Told::Silence => 0,
        }
    }

    /// Ends when there is something to say. Whoever waits for it can stop doing so at any time.
    pub(in crate::sandbox) async fn response(self) -> Response {
        match self {
            Told::Answer(response) => response,
            Told::Cut => cut(),
            Told::Silence => std::future::pending().await,
        }
    }
}

/// Breaks the connection: a body that fails at once does so before a word is written.
pub(in crate::sandbox) fn cut() -> Response {
    Response::new(Body::from_stream(stream::iter([Err::<Bytes, _>(broken())])))
}

/// Seen by nobody but the server, which drops the connection for it.
fn broken() -> io::Error {
    io::ErrorKind::ConnectionAborted.into()
}

/// Does what the fault leaves of a request. `process` is what the service does without one.
pub(in crate::sandbox) fn meet(
    fault: Option<&Fault>,
    parts: &Parts,
    world: &mut World,
    process: impl FnOnce(&mut World) -> Answer,
) -> Told {
    let Some(fault) = fault else { return Told::Answer(process(world).into_response()) };
    let answer = match fault.what {
        What::CutBefore => return Told::Cut,
        What::StallBefore => return Told::Silence,
        What::Status(status) | What::Html(status) | What::Redirect(status) => stand_in(status, world),
        What::ExpiredToken => {
            // The service does the rest: it refuses the token.
            world.tokens.revoke(&parts.headers);
            process(world)
        }
        _ => process(world),
    };
    let whole = fault.page.as_ref().map_or_else(|| answer.body.clone(), |page| page.body.clone());
    let half = whole.slice(..whole.len() / 2);
    let body = match fault.what {
        What::CutAfter => return Told::Cut,
        What::StallAfter => return Told::Silence,
        What::CutInAnswer if whole.is_empty() => return Told::Cut,
        What::CutInAnswer => broken_off(half),
        What::Slow { bytes, pause } => trickle(whole.clone(), bytes, pause, world.faults.runtime()),
        What::Truncated => Body::from(half),
        _ => Body::from(whole.clone()),
    };
    let mut response = answer.into_response();
    *response.body_mut() = body;
    if matches!(fault.what, What::CutInAnswer | What::Slow { .. }) && !whole.is_empty() {
        // A body that comes in pieces does not know its length.
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(whole.len()));
    }
    add_headers(fault, &mut response);
    Told::Answer(response)
}

/// What a gateway says in the service's place.
fn stand_in(status: u16, world: &mut World) -> Answer {
    // A rule with another status was refused.
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if !status.is_client_error() && !status.is_server_error() {
        return Answer { status, ..Answer::no_content() };
    }
    let detail = "The sandbox was told to answer so.";
    Answer::gateway(status, "sandbox_fault", detail, &world.state.ids.trace_id())
}

fn add_headers(fault: &Fault, response: &mut Response) {
    let headers = response.headers_mut();
    // A rule whose headers are none was refused.
    if let Some(page) = &fault.page
        && let Ok(media_type) = HeaderValue::from_str(&page.media_type)
    {
        headers.insert(header::CONTENT_TYPE, media_type);
    }
    let added = fault.headers.iter().filter_map(|(name, value)| {
        Some((HeaderName::try_from(name).ok()?, HeaderValue::from_str(value).ok()?))
    });
    // The fault's take the place of the answer's, and stand beside each other.
    added.clone().for_each(|(name, _)| _ = headers.remove(name));
    for (name, value) in added {
        headers.append(name, value);
    }
}

/// A body that breaks the connection after its beginning. What it has said is on its way by then: between two looks
/// at a body the server sends what it has.
fn broken_off(beginning: Bytes) -> Body {
    let end = stream::once(async {
        tokio::task::yield_now().await;
        Err(broken())
    });
    Body::from_stream(stream::iter([Ok(beginning)]).chain(end))
}

/// A body that comes so many bytes at a time, with a pause in between.
fn trickle(whole: Bytes, bytes: usize, pause: Duration, runtime: Arc<dyn Runtime>) -> Body {
    Body::from_stream(stream::unfold((whole, false), move |(mut rest, has_begun)| {
        let runtime = Arc::clone(&runtime);
        async move {
            if rest.is_empty() {
                return None;
            }
            if has_begun {
                runtime.sleep(pause).await;
            }
            let piece = rest.split_to(bytes.clamp(1, rest.len()));
            Some((Ok::<_, io::Error>(piece), (rest, true)))
        }
    }))
}
