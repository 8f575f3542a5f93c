//! A request's body that knows what became of it: the error of a failed request can't tell.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::runtime::Runtime;

/// What became of a body.
#[derive(Debug)]
pub(crate) struct Sent {
    whole: AtomicBool,
    moved_at: AtomicU64,
}

impl Sent {
    fn new(now: Duration) -> Self {
        Self { whole: AtomicBool::new(false), moved_at: AtomicU64::new(millis(now)) }
    }

    /// A request without a body: it is whole from its first byte on, for all that can be known.
    pub(crate) fn without_body(now: Duration) -> Self {
        Self { whole: AtomicBool::new(true), ..Self::new(now) }
    }

    /// Whether the last chunk was handed over. Before that, no server can have had a whole request.
    pub(crate) fn may_be_whole(&self) -> bool {
        self.whole.load(Ordering::Acquire)
    }

    /// When a chunk was last handed over, or the attempt began.
    pub(crate) fn moved_at(&self) -> Duration {
        Duration::from_millis(self.moved_at.load(Ordering::Acquire))
    }
}

fn millis(duration: Duration) -> u64 {
    duration.as_millis().try_into().unwrap_or(u64::MAX)
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
        let sent = Arc::new(Sent::new(runtime.now()));
        let length = length.or_else(|| inner.size_hint().exact());
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
        let frame = match Pin::new(&mut self.inner).poll_frame(context) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(None) => {
                if let Some(length) = self.length.filter(|length| self.handed_over < *length) {
                    return Poll::Ready(Some(Err(changed(self.handed_over, length))));
                }
                self.sent.whole.store(true, Ordering::Release);
                return Poll::Ready(None);
            }
            Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(Some(Ok(frame))) => frame,
        };
        self.sent.moved_at.store(millis(self.runtime.now()), Ordering::Release);
        if let Some(data) = frame.data_ref() {
            self.handed_over += data.len() as u64;
            if let Some(on_progress) = &self.on_progress {
                on_progress(self.handed_over, self.length);
            }
        }
        // With a length announced, the server knows the end when it has it, before we say so.
        if self.is_end_stream() || self.length.is_some_and(|length| self.handed_over >= length) {
            self.sent.whole.store(true, Ordering::Release);
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

/// A file that is another than the one that was looked at must not go out.
fn changed(found: u64, expected: u64) -> Box<dyn std::error::Error + Send + Sync> {
    crate::Error::new(
        crate::ErrorKind::Io,
        crate::Outcome::NotSent,
        format!("the document ended after {found} of {expected} bytes: it was changed while it was sent"),
    )
    .carried()
}
