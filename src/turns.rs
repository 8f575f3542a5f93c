//! How many may ask at once: a limit that many waits share, first come, first served.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::lock::lock;
use crate::runtime::{Runtime, within};

/// A turn ends after this, whether it was used or not. Longer than a request takes, with its token and with the
/// usual limits.
///
/// Whoever has a turn may not be polled any more: a stream that is put aside, a future that lost a race and is
/// kept. Nobody but its owner could stop it, and no task is spawned that would go on with it; so its turn passes to
/// the next one in the line.
pub(crate) const LONGEST_TURN: Duration = Duration::from_secs(120);

/// Whoever is called has to come within this: a wait that is polled comes at once.
const CALLED_FOR: Duration = Duration::from_secs(10);

/// Gives out turns.
#[derive(Debug)]
pub(crate) struct Turns {
    limit: usize,
    line: Mutex<Line>,
}

/// Who wants a turn has a number, in the order of asking.
#[derive(Debug, Default)]
struct Line {
    next: u64,
    waiting: BTreeMap<u64, Waker>,
    /// Until when they have a turn.
    called: BTreeMap<u64, Duration>,
}

impl Turns {
    /// So many at once, but one at least.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit: limit.max(1), line: Mutex::default() }
    }

    /// Waits for a turn, which ends when it is dropped, or after [`LONGEST_TURN`].
    pub(crate) async fn take<'a>(&'a self, runtime: &'a dyn Runtime) -> Turn<'a> {
        let mut turn = Turn { turns: self, runtime, number: None };
        loop {
            let called = poll_fn(|context| turn.poll_called(context));
            // Others may have been called and never come: looked at again from time to time.
            if within(runtime, Some(CALLED_FOR), called).await.is_some() {
                return turn;
            }
        }
    }

    /// Changes the line, and calls the next ones, as many as there is room for.
    fn change<T>(&self, now: Duration, change: impl FnOnce(&mut Line) -> T) -> T {
        let mut called = Vec::new();
        let mut line = lock(&self.line);
        line.called.retain(|_, until| now < *until);
        let value = change(&mut line);
        while line.called.len() < self.limit
            && let Some((number, waker)) = line.waiting.pop_first()
        {
            line.called.insert(number, now.saturating_add(CALLED_FOR));
            called.push(waker);
        }
        // Who is woken may want the lock.
        drop(line);
        called.into_iter().for_each(Waker::wake);
        value
    }
}

/// A place in the line, and then a turn.
pub(crate) struct Turn<'a> {
    turns: &'a Turns,
    runtime: &'a dyn Runtime,
    number: Option<u64>,
}

impl Turn<'_> {
    fn poll_called(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let now = self.runtime.now();
        let (limit, number) = (self.turns.limit, &mut self.number);
        // A waker is somebody else's code, and runs none of it under the lock.
        let waker = context.waker().clone();
        let (poll, _replaced) = self.turns.change(now, |line| {
            // Who was called and did not come has no place any more, and gets a new one.
            let known = |number: &u64| line.waiting.contains_key(number) || line.called.contains_key(number);
            let number = *number.insert(number.filter(known).unwrap_or_else(|| {
                line.next += 1;
                line.next
            }));
            let has_turn = line.called.contains_key(&number);
            if has_turn || (line.waiting.is_empty() && line.called.len() < limit) {
                line.called.insert(number, now.saturating_add(LONGEST_TURN));
                return (Poll::Ready(()), Some(waker));
            }
            (Poll::Pending, line.waiting.insert(number, waker))
        });
        poll
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let Some(number) = self.number else { return };
        self.turns.change(self.runtime.now(), |line| {
            line.called.remove(&number);
            line.waiting.remove(&number)
        });
    }
}
