//! Time and chance, injected, so that a test has both in its hand.

use std::fmt::Debug;
use std::future::Future;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll};
use std::time::{Duration, Instant, SystemTime};

use pin_project_lite::pin_project;

/// A future without a name.
///
/// ```
/// use signicat_sign::BoxFuture;
///
/// let ready: BoxFuture<'static, u32> = Box::pin(async { 42 });
/// ```
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Where the client has its time and its chance from: [`ClientBuilder::runtime`](crate::ClientBuilder::runtime).
///
/// The default is tokio's timers and the system's clock. A test gives its own, in which days pass at once.
/// Pauses and alarms are told apart for that: virtual time passes when somebody pauses, but an alarm that
/// guards a socket must not go off because the other side is still at work.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use std::time::{Duration, SystemTime};
/// use signicat_sign::{BoxFuture, Client, Credentials, Runtime};
///
/// /// Pauses pass at once, and time with them.
/// #[derive(Debug, Default)]
/// struct Hasty(Arc<Mutex<Duration>>);
///
/// impl Runtime for Hasty {
///     fn now(&self) -> Duration {
///         *self.0.lock().unwrap()
///     }
///
///     fn wall_clock(&self) -> SystemTime {
///         SystemTime::UNIX_EPOCH + self.now()
///     }
///
///     fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
///         let now = self.0.clone();
///         Box::pin(async move { *now.lock().unwrap() += duration })
///     }
///
///     fn alarm(&self, _: Duration) -> BoxFuture<'static, ()> {
///         Box::pin(std::future::pending())
///     }
///
///     fn random(&self) -> f64 {
///         0.5
///     }
/// }
///
/// let builder = Client::builder().credentials(Credentials::new("id", "secret"));
/// let sign = builder.runtime(Arc::new(Hasty::default())).build()?;
/// # Ok::<(), signicat_sign::Error>(())
/// ```
pub trait Runtime: Send + Sync + Debug + 'static {
    /// Monotonic time since an instant that does not change.
    fn now(&self) -> Duration;

    /// The time of day, for dates in answers.
    fn wall_clock(&self) -> SystemTime;

    /// A pause: before a retry, between two looks at an order.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;

    /// A limit on something that is under way: it ends that long from now.
    fn alarm(&self, duration: Duration) -> BoxFuture<'static, ()>;

    /// A number from 0 to below 1, by chance.
    fn random(&self) -> f64;
}

/// tokio's timers, the system's clock, and chance enough for jitter.
#[derive(Debug)]
struct TokioRuntime {
    start: Instant,
}

/// The default: one for the whole process, so that clients which share tokens have the same time.
pub(crate) fn tokio_runtime() -> Arc<dyn Runtime> {
    static RUNTIME: LazyLock<Arc<dyn Runtime>> =
        LazyLock::new(|| Arc::new(TokioRuntime { start: Instant::now() }));
    RUNTIME.clone()
}

impl Runtime for TokioRuntime {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn wall_clock(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        // In an async block, because a tokio timer needs its runtime when it is made.
        Box::pin(async move { tokio::time::sleep(duration).await })
    }

    fn alarm(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.sleep(duration)
    }

    fn random(&self) -> f64 {
        // The keys of a RandomState are the system's own random bits: a dependency less.
        let bits = RandomState::new().build_hasher().finish() >> 11;
        bits as f64 / (1_u64 << 53) as f64
    }
}

/// A duration as an atomic can hold it.
pub(crate) fn millis(duration: Duration) -> u64 {
    duration.as_millis().try_into().unwrap_or(u64::MAX)
}

/// Waits for a future, but no longer than the limit.
pub(crate) fn within<F: Future>(runtime: &dyn Runtime, limit: Option<Duration>, future: F) -> Within<'_, F> {
    Within { future, runtime, limit, alarm: None }
}

pin_project! {
    /// A type of its own, because an `async fn` keeps what it is given twice, and these futures are large.
    pub(crate) struct Within<'r, F> {
        #[pin]
        future: F,
        runtime: &'r dyn Runtime,
        limit: Option<Duration>,
        alarm: Option<BoxFuture<'static, ()>>,
    }
}

impl<F: Future> Future for Within<'_, F> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Poll::Ready(output) = this.future.poll(context) {
            return Poll::Ready(Some(output));
        }
        let Some(limit) = *this.limit else { return Poll::Pending };
        // Much is there at once, and no alarm is set for it.
        let alarm = this.alarm.get_or_insert_with(|| this.runtime.alarm(limit));
        alarm.as_mut().poll(context).map(|()| None)
    }
}
