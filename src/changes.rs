//! A wait under way: looks and pauses, until the order has ended.

use std::fmt::{self, Debug, Formatter};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::{FusedStream, Stream};

use crate::address::host;
use crate::completed::CompletedOrder;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::ids::OrderId;
use crate::look::look;
use crate::resume::ResumeToken;
use crate::runtime::{BoxFuture, within};
use crate::state::{OrderPhase, OrderState};
use crate::transport::Shared;
use crate::wait::{Deadline, Wait, in_the_calendar};

const ENDED: &str = "the order ended without being completed";

/// How long looks may fail, one after the other, for reasons that pass. Signing takes days, and services have
/// bad hours.
const PATIENCE: Duration = Duration::from_secs(3600);

/// How long the look at the deadline may take: the order may have ended since the one before.
const LAST_LOOK: Duration = Duration::from_secs(30);

/// The states of an order as they change, as a stream: from [`Wait::changes`].
///
/// The last item is the state at the order's end, or the error that ended the wait. Nothing happens while it is not
/// polled. Dropping a `next()` before it is ready loses nothing, and nor does dropping the stream: a
/// [`resume_token`](Self::resume_token) takes it up after the last item that it gave.
///
/// ```
/// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # on_sandbox!(folder; sandbox, sign, pdf, order =>
/// use futures_util::StreamExt;
///
/// # sandbox.signer(order.id(), "kari").signs()?;
/// let mut changes = sign.orders().wait(&order).changes();
/// while let Some(state) = changes.next().await {
///     println!("{}: {}", changes.order_id(), state?);
///     std::fs::write(folder.join("wait.json"), serde_json::to_string(&changes.resume_token())?)?;
/// }
/// # );
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct Changes {
    wait: Wait,
    /// When it began and when it has to end, once it has begun.
    began: Duration,
    until: Option<Duration>,
    /// Whether the look at the deadline was made.
    looked_last: bool,
    /// The pause before the next look, when nothing has changed.
    pause: Duration,
    failing: Option<Failing>,
    step: Step,
}

/// Looks that failed, one after the other.
struct Failing {
    since: Duration,
    looks: u32,
}

enum Step {
    Begin,
    /// Boxed, so that a wait that is idle is small.
    Looking(BoxFuture<'static, Looked>),
    Pausing(BoxFuture<'static, ()>),
    Ended,
}

/// What a look has seen, and how it ended; nothing: there was no more time for it.
type Looked = (OrderState, Option<Result<()>>);

impl Changes {
    pub(crate) fn new(wait: Wait) -> Self {
        let pause = wait.first_pause;
        Self {
            wait,
            began: Duration::ZERO,
            until: None,
            looked_last: false,
            pause,
            failing: None,
            step: Step::Begin,
        }
    }

    /// The order that is waited for.
    #[must_use]
    pub fn order_id(&self) -> &OrderId {
        &self.wait.order
    }

    /// What takes this wait up again, after the last item that was given. After a deadline has passed it holds none
    /// any more: the next one is to be set anew.
    #[must_use]
    pub fn resume_token(&self) -> ResumeToken {
        if let Step::Begin = self.step {
            return self.wait.resume_token();
        }
        let deadline = self.until.map(|until| {
            let Shared { runtime, .. } = self.wait.client.shared();
            in_the_calendar(runtime.wall_clock(), until.saturating_sub(runtime.now()))
        });
        self.wait.token(deadline)
    }

    /// Waits on for the end, and says what has come of it.
    pub(crate) fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<Result<CompletedOrder>> {
        loop {
            let state = match ready!(self.poll_change(context)) {
                Some(state) => state?,
                None => return Poll::Ready(Err(Error::invalid("the wait has ended before"))),
            };
            match state.phase() {
                OrderPhase::Completed => {
                    let Wait { client, order, .. } = &self.wait;
                    return Poll::Ready(Ok(CompletedOrder::new(client.clone(), order.clone(), state)));
                }
                OrderPhase::Ended => {
                    let error = self.error(ErrorKind::OrderEnded, ENDED);
                    return Poll::Ready(Err(self.ended(error)));
                }
                OrderPhase::Signing | OrderPhase::Packaging => {}
            }
        }
    }

    /// The next state that differs from the one that was given last.
    fn poll_change(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<OrderState>>> {
        loop {
            match &mut self.step {
                Step::Begin => {
                    if let Some(message) = self.wait.nothing_to_wait_for() {
                        self.step = Step::Ended;
                        return Poll::Ready(Some(Err(Error::invalid(message))));
                    }
                    let was_over = self.begin();
                    if self.wait.state.is_final() {
                        return Poll::Ready(Some(Ok(self.give())));
                    }
                    if let Err(error) = self.look(was_over) {
                        return Poll::Ready(Some(Err(error)));
                    }
                }
                Step::Pausing(pause) => {
                    ready!(pause.as_mut().poll(context));
                    if let Err(error) = self.look(true) {
                        return Poll::Ready(Some(Err(error)));
                    }
                }
                Step::Looking(look) => {
                    let looked = ready!(look.as_mut().poll(context));
                    if let Some(item) = self.looked(looked).transpose() {
                        return Poll::Ready(Some(item));
                    }
                }
                Step::Ended => return Poll::Ready(None),
            }
        }
    }

    /// Sets the deadline. Was it over before, while nobody waited?
    fn begin(&mut self) -> bool {
        let Shared { runtime, .. } = self.wait.client.shared();
        let left = match self.wait.deadline {
            Deadline::In(time) => Ok(time),
            Deadline::At(time) => time.duration_since(runtime.wall_clock()),
        };
        self.began = runtime.now();
        self.until = Some(self.began.saturating_add(left.as_ref().copied().unwrap_or_default()));
        left.is_err()
    }

    /// Begins a look, if there is time. The order may have ended while nobody looked: a deadline that has passed then
    /// leaves one look.
    fn look(&mut self, even_late: bool) -> Result<()> {
        let mut left = self.left();
        if left.is_zero() {
            if !even_late || std::mem::replace(&mut self.looked_last, true) {
                return Err(self.late());
            }
            left = LAST_LOOK;
        }
        let Wait { client, order, state, .. } = &self.wait;
        let (client, order, mut state) = (client.clone(), order.clone(), state.clone());
        self.step = Step::Looking(Box::pin(async move {
            let looking = look(&client, &order, &mut state);
            let result = within(&*client.shared().runtime, Some(left), looking).await;
            (state, result)
        }));
        Ok(())
    }

    /// Takes in what a look has seen: a state to give, or nothing and a pause.
    fn looked(&mut self, (state, result): Looked) -> Result<Option<OrderState>> {
        let changed = state != self.wait.state;
        self.wait.state = state;
        if changed {
            // What changed once may soon change again: packaging takes seconds.
            self.pause = self.wait.first_pause;
            self.failing = None;
        }
        // What is final needs no more answers.
        if self.wait.state.is_final() {
            return Ok(Some(self.give()));
        }
        match result {
            Some(Ok(())) => {
                self.failing = None;
                let is_news = self.wait.told.as_ref() != Some(&self.wait.state);
                if self.looked_last && !is_news {
                    return Err(self.late());
                }
                self.rest(Duration::ZERO);
                Ok(is_news.then(|| self.give()))
            }
            Some(Err(error)) => {
                self.survive(error)?;
                Ok(None)
            }
            None => Err(self.late()),
        }
    }

    /// Goes on after a look that failed, if that may pass and has not lasted too long.
    fn survive(&mut self, error: Error) -> Result<()> {
        let now = self.wait.client.shared().runtime.now();
        let failing = self.failing.get_or_insert(Failing { since: now, looks: 0 });
        failing.looks += 1;
        let Failing { since, looks } = *failing;
        let lasted = now.saturating_sub(since);
        // A gateway's page in place of an answer passes too, where there were answers before.
        let passes = error.kind().passes() || (error.is_decode() && self.wait.is_seen());
        if !passes {
            return Err(self.ended(error));
        }
        if lasted >= PATIENCE {
            return Err(self.ended(error.with_effort(looks, lasted)));
        }
        if self.looked_last {
            return Err(self.late());
        }
        tracing::debug!(kind = ?error.kind(), "the order could not be looked at; it is looked at again");
        self.rest(error.retry_after().unwrap_or_default());
        Ok(())
    }

    /// Pauses until the next look, and at least for so long; each pause is longer than the one before, and blurred so
    /// that many waits do not ask at once.
    fn rest(&mut self, at_least: Duration) {
        let runtime = &self.wait.client.shared().runtime;
        let blur = runtime.random() / 4.0;
        let asked_for = at_least.saturating_add(at_least.min(self.wait.longest_pause).mul_f64(blur));
        let pause = self.pause.mul_f64(1.0 - blur).max(asked_for).min(self.left());
        self.step = Step::Pausing(runtime.sleep(pause));
        self.pause = self.pause.mul_f64(1.5).min(self.wait.longest_pause);
    }

    fn left(&self) -> Duration {
        let now = self.wait.client.shared().runtime.now();
        self.until.map_or(Duration::MAX, |until| until.saturating_sub(now))
    }

    /// Hands the state out.
    fn give(&mut self) -> OrderState {
        let state = &self.wait.state;
        if state.is_final() {
            self.step = Step::Ended;
        }
        self.wait.told.insert(state.clone()).clone()
    }

    fn late(&mut self) -> Error {
        // Who takes it up again sets another one.
        self.until = None;
        let error = self
            .error(ErrorKind::Deadline, "the wait's deadline has passed, and the order is not at its end");
        self.ended(error)
    }

    fn error(&self, kind: ErrorKind, message: &str) -> Error {
        let Shared { base, runtime, .. } = self.wait.client.shared();
        Error::new(kind, Outcome::Accepted, message)
            .with_operation("wait_for_order")
            .with_server(|| host(base))
            .with_time(runtime.wall_clock())
            .with_effort(0, runtime.now().saturating_sub(self.began))
    }

    /// Ends with an error, which says how the order stood, if that is known, and how to go on.
    fn ended(&mut self, mut error: Error) -> Error {
        self.step = Step::Ended;
        // An end that was handed out stays one, though it can't be seen any more.
        if let Some(told) = self.wait.told.clone().filter(OrderState::is_final) {
            let error = self.error(ErrorKind::OrderEnded, ENDED).with_order_state(told);
            return error.with_resume_token(self.resume_token());
        }
        if self.wait.is_seen() || error.kind() == ErrorKind::Deadline {
            error = error.with_order_state(self.give());
        }
        error.with_resume_token(self.resume_token())
    }
}

impl Stream for Changes {
    type Item = Result<OrderState>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_change(context)
    }
}

impl FusedStream for Changes {
    fn is_terminated(&self) -> bool {
        matches!(self.step, Step::Ended)
    }
}

impl Debug for Changes {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes")
            .field("order", &self.wait.order)
            .field("state", &self.wait.state)
            .finish_non_exhaustive()
    }
}
