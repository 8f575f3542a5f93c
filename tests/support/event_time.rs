//! Time for a crowd: it stands still while anybody is awake, and jumps to the next wake-up when all are asleep.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

use signicat_sign::{BoxFuture, Runtime};

/// Who sleeps is woken on the tick, so that a crowd wakes up together.
const TICK: Duration = Duration::from_secs(1);

#[derive(Clone, Debug)]
pub struct EventTime(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    now: Duration,
    /// How many have to sleep before time passes.
    awaited: usize,
    /// By the time when it is over; a number keeps those of one time apart.
    sleepers: BTreeMap<(Duration, u64), Waker>,
    alarms: BTreeMap<(Duration, u64), Waker>,
    number: u64,
    chance: u64,
    slept: usize,
}

impl EventTime {
    /// Time that passes when so many sleep.
    pub fn of(awaited: usize) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            now: Duration::ZERO,
            awaited,
            sleepers: BTreeMap::new(),
            alarms: BTreeMap::new(),
            number: 0,
            chance: 88_172_645_463_325_252,
            slept: 0,
        })))
    }

    /// One less is awaited: it has ended.
    pub fn one_has_ended(&self) {
        self.0.lock().unwrap().awaited -= 1;
        self.pass();
    }

    /// How many sleeps there were.
    pub fn slept(&self) -> usize {
        self.0.lock().unwrap().slept
    }

    /// Lets time pass though nobody sleeps.
    pub fn advance(&self, duration: Duration) {
        let now = self.now() + duration;
        self.jump(now);
    }

    fn pass(&self) {
        let inner = self.0.lock().unwrap();
        if inner.awaited == 0 || inner.sleepers.len() < inner.awaited {
            return;
        }
        let (end, _) = *inner.sleepers.keys().next().unwrap();
        drop(inner);
        self.jump(end);
    }

    fn jump(&self, to: Duration) {
        let mut inner = self.0.lock().unwrap();
        inner.now = to;
        let later = (to, u64::MAX);
        let sleepers = inner.sleepers.split_off(&later);
        let mut over = std::mem::replace(&mut inner.sleepers, sleepers);
        let alarms = inner.alarms.split_off(&later);
        over.append(&mut std::mem::replace(&mut inner.alarms, alarms));
        drop(inner);
        over.into_values().for_each(Waker::wake);
    }
}

struct Timer {
    time: EventTime,
    sleeps: bool,
    key: (Duration, u64),
}

impl Inner {
    fn timers(&mut self, sleeps: bool) -> &mut BTreeMap<(Duration, u64), Waker> {
        if sleeps { &mut self.sleepers } else { &mut self.alarms }
    }
}

impl Future for Timer {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Self { time, sleeps, key } = &*self;
        let mut inner = time.0.lock().unwrap();
        if inner.now >= key.0 {
            return Poll::Ready(());
        }
        let before = inner.timers(*sleeps).insert(*key, context.waker().clone());
        drop(inner);
        if before.is_none() && *sleeps {
            time.pass();
        }
        Poll::Pending
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.time.0.lock().unwrap().timers(self.sleeps).remove(&self.key);
    }
}

impl EventTime {
    fn timer(&self, sleeps: bool, duration: Duration) -> BoxFuture<'static, ()> {
        let mut inner = self.0.lock().unwrap();
        inner.number += 1;
        inner.slept += usize::from(sleeps);
        let mut end = inner.now.saturating_add(duration);
        if sleeps {
            let ticks = end.as_nanos().div_ceil(TICK.as_nanos());
            end = TICK * u32::try_from(ticks).unwrap();
        }
        let key = (end, inner.number);
        Box::pin(Timer { time: self.clone(), sleeps, key })
    }
}

impl Runtime for EventTime {
    fn now(&self) -> Duration {
        self.0.lock().unwrap().now
    }

    fn wall_clock(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_900_000_000) + self.now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.timer(true, duration)
    }

    fn alarm(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.timer(false, duration)
    }

    fn random(&self) -> f64 {
        let mut inner = self.0.lock().unwrap();
        // xorshift: repeatable, and spread enough.
        inner.chance ^= inner.chance << 13;
        inner.chance ^= inner.chance >> 7;
        inner.chance ^= inner.chance << 17;
        (inner.chance >> 11) as f64 / (1_u64 << 53) as f64
    }
}
