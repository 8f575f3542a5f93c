//! Time that passes when somebody pauses, and not otherwise: days go by at once, and no alarm goes off while
//! a server is still at work.

use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};
use std::time::{Duration, SystemTime};

use signicat_sign::{BoxFuture, Runtime};

#[derive(Clone, Debug, Default)]
pub struct VirtualTime(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    now: Duration,
    pauses: Vec<Duration>,
    alarms: Vec<Waker>,
}

impl VirtualTime {
    pub fn advance(&self, duration: Duration) {
        let mut inner = self.0.lock().unwrap();
        inner.now += duration;
        inner.alarms.drain(..).for_each(Waker::wake);
    }

    /// The pauses that were made.
    pub fn pauses(&self) -> Vec<Duration> {
        self.0.lock().unwrap().pauses.clone()
    }
}

impl Runtime for VirtualTime {
    fn now(&self) -> Duration {
        self.0.lock().unwrap().now
    }

    fn wall_clock(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_900_000_000) + self.now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let time = self.clone();
        Box::pin(async move {
            time.0.lock().unwrap().pauses.push(duration);
            time.advance(duration);
            tokio::task::yield_now().await;
        })
    }

    fn alarm(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let time = self.clone();
        let end = self.now().saturating_add(duration);
        Box::pin(std::future::poll_fn(move |context| {
            let mut inner = time.0.lock().unwrap();
            if inner.now >= end {
                return Poll::Ready(());
            }
            inner.alarms.push(context.waker().clone());
            Poll::Pending
        }))
    }

    fn random(&self) -> f64 {
        0.5
    }
}
