//! A request's body that knows what became of it: the error of a failed request can't tell.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use http_body::{Body, Frame, SizeHint};

use crate::runtime::{Runtime, millis};

/// What became of a body.
#[derive(Debug)]
pub(crate) struct Sent {
    state: AtomicU8,
    /// Whether a chunk was handed over.
    begun: AtomicBool,
    moved_at: AtomicU64,
    /// An empty body is never asked for, and so can't tell that it was sent.
    is_empty: bool,
    /// Whether the document's source has to give the next chunk, or to say that there is none.
    wants_source: AtomicBool,
    /// Of whoever waits for the source.
    waker: AtomicWaker,
}

/// The last chunk has not been handed over.
const OPEN: u8 = 0;
/// The last chunk was handed over, or is about to be.
const WHOLE: u8 = 1;
/// Nobody waits for it any more: the rest must not go out.
const ABANDONED: u8 = 2;

/// How far a body is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nothing of it was handed over.
    Before,
    Moving,
    /// There is no more of it.
    After,
}

impl Sent {
    fn new(now: Duration, is_empty: bool) -> Arc<Self> {
        Arc::new(Self {
            state: AtomicU8::new(OPEN),
            begun: AtomicBool::new(false),
            moved_at: AtomicU64::new(millis(now)),
            is_empty,
            wants_source: AtomicBool::new(false),
            waker: AtomicWaker::new(),
        })
    }

    /// A request without a body.
    pub(crate) fn without_body(now: Duration) -> Arc<Self> {
        Self::new(now, true)
    }

    /// The request is handed over now: one with an empty body is whole from its first byte on, for all that can be
    /// known.
    pub(crate) fn begin(&self) {
        if self.is_empty {
            self.complete();
        }
    }

    /// Whether the server can't have had a whole request, and never will: from here on nothing goes out.
    pub(crate) fn abandon(&self) -> bool {
        let abandoned = self.leave_open(ABANDONED) == ABANDONED;
        if abandoned {
            self.waker.wake();
        }
        abandoned
    }

    /// Whether it is the document's source that is waited for, and not the server.
    pub(crate) fn wants_source(&self) -> bool {
        self.wants_source.load(Ordering::Acquire)
    }

    /// Whether the last chunk may go out.
    fn complete(&self) -> bool {
        self.leave_open(WHOLE) == WHOLE
    }

    fn leave_open(&self, to: u8) -> u8 {
        match self.state.compare_exchange(OPEN, to, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => to,
            Err(found) => found,
        }
    }

    pub(crate) fn phase(&self) -> Phase {
        match self.state.load(Ordering::Acquire) {
            OPEN if self.begun.load(Ordering::Acquire) => Phase::Moving,
            OPEN => Phase::Before,
            _ => Phase::After,
        }
    }

    /// When a chunk was last handed over, or the attempt began. To be asked after the phase.
    pub(crate) fn moved_at(&self) -> Duration {
        Duration::from_millis(self.moved_at.load(Ordering::Acquire))
    }
}

/// An attempt's hold on its body. Dropped, the body ends where it is, though the connection may live on.
pub(crate) struct Hold(pub(crate) Arc<Sent>);

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

/// Told how many bytes have moved so far, and of how many, where that is known.
pub(crate) type OnProgress = Arc<dyn Fn(u64, Option<u64>) + Send + Sync>;

/// A body with its length, watched.
pub(crate) struct WatchedBody {
    inner: reqwest::Body,
    length: Option<u64>,
    /// From the inner body.
    received: u64,
    handed_over: u64,
    /// The last chunk by the announced length, until it is known that there is no more.
    held: Option<Frame<Bytes>>,
    ended: bool,
    sent: Arc<Sent>,
    runtime: Arc<dyn Runtime>,
    on_progress: Option<OnProgress>,
}

/// What goes out next. An end without a last chunk is nothing.
struct Next {
    frame: Option<Frame<Bytes>>,
    is_last: bool,
}

impl WatchedBody {
    /// The body as reqwest takes it, and what will be known of it. Its length is what is announced.
    pub(crate) fn watch(
        inner: reqwest::Body,
        length: Option<u64>,
        on_progress: Option<OnProgress>,
        runtime: &Arc<dyn Runtime>,
    ) -> (reqwest::Body, Arc<Sent>) {
        let length = length.or_else(|| inner.size_hint().exact());
        let sent = Sent::new(runtime.now(), length == Some(0) || inner.is_end_stream());
        let body = Self {
            inner,
            length,
            received: 0,
            handed_over: 0,
            held: None,
            ended: false,
            sent: sent.clone(),
            runtime: runtime.clone(),
            on_progress,
        };
        (reqwest::Body::wrap(body), sent)
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Result<Next, BoxError>> {
        loop {
            self.sent.waker.register(context.waker());
            self.sent.wants_source.store(true, Ordering::Release);
            let frame = ready!(Pin::new(&mut self.inner).poll_frame(context)).transpose()?;
            self.sent.wants_source.store(false, Ordering::Release);
            let Some(frame) = frame else {
                return Poll::Ready(match self.length {
                    Some(length) if self.received < length => Err(changed()),
                    None if self.received == 0 => {
                        Err(crate::Error::invalid("the document is empty").carried())
                    }
                    _ => Ok(Next { frame: self.held.take(), is_last: true }),
                });
            };
            let length = frame.data_ref().map_or(0, |data| data.len() as u64);
            self.received += length;
            let is_last = self.inner.is_end_stream();
            let announced = self.length.unwrap_or(u64::MAX);
            if self.received > announced || (is_last && self.length.is_some() && self.received < announced) {
                return Poll::Ready(Err(changed()));
            }
            if self.received < announced {
                return Poll::Ready(Ok(Next { frame: Some(frame), is_last }));
            }
            // With a length announced, the server has the whole with this: there must be no more. What is empty
            // after it says nothing.
            if length > 0 {
                self.held = Some(frame);
            }
            if is_last {
                return Poll::Ready(Ok(Next { frame: self.held.take(), is_last }));
            }
        }
    }
}

impl Body for WatchedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        if self.sent.phase() == Phase::After && !self.sent.is_empty {
            return Poll::Ready(Some(Err(abandoned())));
        }
        let Next { frame, is_last } = ready!(self.poll_next(context))?;
        self.ended = is_last;
        // Before it is said that it is whole: from then on this is what an answer is waited for from.
        self.sent.moved_at.store(millis(self.runtime.now()), Ordering::Release);
        self.sent.begun.store(true, Ordering::Release);
        if is_last && !self.sent.complete() {
            return Poll::Ready(Some(Err(abandoned())));
        }
        let Some(frame) = frame else { return Poll::Ready(None) };
        self.handed_over += frame.data_ref().map_or(0, |data| data.len() as u64);
        // Last, because it is the caller's code and may take its time.
        if let Some(on_progress) = &self.on_progress {
            on_progress(self.handed_over, self.length);
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.ended || (self.held.is_none() && self.inner.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        match self.length {
            Some(length) => SizeHint::with_exact(length.saturating_sub(self.handed_over)),
            None => self.inner.size_hint(),
        }
    }
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A document that is another than the one that was looked at must not go out.
fn changed() -> BoxError {
    crate::Error::new(
        crate::ErrorKind::Io,
        crate::Outcome::NotSent,
        "the document has another length than was announced: was it changed while it was sent?",
    )
    .carried()
}

/// Nobody waits for this attempt any more: it was called not sent, or was answered before its end.
fn abandoned() -> BoxError {
    "the attempt was given up".into()
}
