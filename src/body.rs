//! A request's body that knows what became of it: the error of a failed request can't tell.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::runtime::{Runtime, millis};

/// What became of a body.
#[derive(Debug)]
pub(crate) struct Sent {
    state: AtomicU8,
    /// Whether a chunk was handed over.
    begun: AtomicBool,
    moved_at: AtomicU64,
}

/// The last chunk has not been handed over.
const OPEN: u8 = 0;
/// The last chunk was handed over, or is about to be.
const WHOLE: u8 = 1;
/// It was called not sent: the rest must not go out any more.
const ABANDONED: u8 = 2;

impl Sent {
    fn new(now: Duration, state: u8) -> Arc<Self> {
        Arc::new(Self {
            state: AtomicU8::new(state),
            begun: AtomicBool::new(false),
            moved_at: AtomicU64::new(millis(now)),
        })
    }

    /// A request without a body: it is whole from its first byte on, for all that can be known.
    pub(crate) fn without_body(now: Duration) -> Arc<Self> {
        Self::new(now, WHOLE)
    }

    /// Whether the server can't have had a whole request, and never will: from here on nothing goes out.
    pub(crate) fn abandon(&self) -> bool {
        self.leave_open(ABANDONED) == ABANDONED
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

    /// Whether it is on its way: begun, and not whole.
    pub(crate) fn is_moving(&self) -> bool {
        self.begun.load(Ordering::Acquire) && self.state.load(Ordering::Acquire) == OPEN
    }

    /// When a chunk was last handed over, or the attempt began.
    pub(crate) fn moved_at(&self) -> Duration {
        Duration::from_millis(self.moved_at.load(Ordering::Acquire))
    }
}

/// Told how many bytes have moved so far, and of how many, where that is known.
pub(crate) type OnProgress = Arc<dyn Fn(u64, Option<u64>) + Send + Sync>;

/// A body with its length, watched.
pub(crate) struct WatchedBody {
    inner: reqwest::Body,
    length: Option<u64>,
    handed_over: u64,
    sent: Arc<Sent>,
    runtime: Arc<dyn Runtime>,
    on_progress: Option<OnProgress>,
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
        // An empty body is never asked for.
        let state = if length == Some(0) { WHOLE } else { OPEN };
        let sent = Sent::new(runtime.now(), state);
        let runtime = runtime.clone();
        let body = Self { inner, length, handed_over: 0, sent: sent.clone(), runtime, on_progress };
        (reqwest::Body::wrap(body), sent)
    }
}

impl Body for WatchedBody {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = std::task::ready!(Pin::new(&mut self.inner).poll_frame(context)).transpose()?;
        let Some(frame) = frame else {
            return match self.length {
                Some(length) if self.handed_over < length => Poll::Ready(Some(Err(changed()))),
                _ if !self.sent.complete() => Poll::Ready(Some(Err(abandoned()))),
                _ => Poll::Ready(None),
            };
        };
        self.handed_over += frame.data_ref().map_or(0, |data| data.len() as u64);
        if self.length.is_some_and(|length| self.handed_over > length) {
            return Poll::Ready(Some(Err(changed())));
        }
        // With a length announced, the server knows the end when it has it, before we say so.
        let is_last = self.inner.is_end_stream() || self.length == Some(self.handed_over);
        if is_last && !self.sent.complete() {
            return Poll::Ready(Some(Err(abandoned())));
        }
        self.sent.moved_at.store(millis(self.runtime.now()), Ordering::Release);
        self.sent.begun.store(true, Ordering::Release);
        // Last, because it is the caller's code and may take its time.
        if let Some(on_progress) = &self.on_progress {
            on_progress(self.handed_over, self.length);
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        match self.length {
            Some(length) => SizeHint::with_exact(length.saturating_sub(self.handed_over)),
            None => self.inner.size_hint(),
        }
    }
}

/// A document that is another than the one that was looked at must not go out.
fn changed() -> Box<dyn std::error::Error + Send + Sync> {
    crate::Error::new(
        crate::ErrorKind::Io,
        crate::Outcome::NotSent,
        "the document has another length than was announced: was it changed while it was sent?",
    )
    .carried()
}

/// Nobody waits for this attempt any more, and it was called not sent.
fn abandoned() -> Box<dyn std::error::Error + Send + Sync> {
    "the attempt was given up".into()
}
