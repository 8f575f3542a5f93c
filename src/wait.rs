//! Waiting for the end of an order, which has no status of its own.

use std::future::{IntoFuture, poll_fn};
use std::time::{Duration, SystemTime};

use crate::changes::Changes;
use crate::client::Client;
use crate::completed::CompletedOrder;
use crate::error::Result;
use crate::ids::OrderId;
use crate::orders::Order;
use crate::resume::ResumeToken;
use crate::runtime::BoxFuture;
use crate::state::OrderState;
use crate::types::PackagingTaskStatus;

/// Longer than any order is known to be open; a wait must end.
const DEADLINE: Duration = Duration::from_secs(31 * 86_400);
const DAY: Duration = Duration::from_secs(86_400);
const SHORTEST_PAUSE: Duration = Duration::from_millis(1);
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// A wait for the end of an order: await it, or watch its [`changes`](Wait::changes). From
/// [`Orders::wait`](crate::Orders::wait), [`Orders::resume`](crate::Orders::resume) and, for many orders at once,
/// [`Orders::wait_all`](crate::Orders::wait_all).
///
/// It looks at the order from time to time: soon at first and after each change, then ever less often. A look asks
/// for each task that is not final, for what it was forwarded to, and for packaging when all have signed. All waits
/// of a client and its clones share a limit on
/// [requests under way](crate::ClientBuilder::requests_of_waits). Failures that pass are survived, for up to an hour
/// in a row; where the service says how long to stay away, it is asked no earlier.
///
/// Nothing happens while it is not polled, and no task is spawned. A look that is left unpolled for minutes loses its
/// turn to others and is made again.
///
/// ```
/// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # on_sandbox!(folder; sandbox, sign, pdf, order =>
/// # sandbox.signer(order.id(), "kari").signs()?;
/// let done = sign.orders().wait(&order).deadline(Duration::from_secs(2 * 86_400)).await?;
/// done.sealed("sealed")?.save_to(folder.join("signed.pdf")).await?;
/// # );
/// ```
///
/// # Errors
/// [`Error::is_order_ended`](crate::Error::is_order_ended) if a task was rejected, expired or deleted, or packaging
/// failed. [`ErrorKind::Deadline`](crate::ErrorKind::Deadline) if there was not enough time. Any other error of a
/// request that does not pass. Each of them has the [`order_state`](crate::Error::order_state), if one was seen, and
/// the [`resume_token`](crate::Error::resume_token).
#[derive(Clone, Debug)]
#[must_use = "a wait does nothing before it is awaited or watched"]
pub struct Wait {
    pub(crate) client: Client,
    pub(crate) order: OrderId,
    /// Whether the order has a task that can't be asked for.
    pub(crate) has_unnamed_task: bool,
    /// What was seen, and what of it was handed out last.
    pub(crate) state: OrderState,
    pub(crate) told: Option<OrderState>,
    pub(crate) deadline: Deadline,
    pub(crate) first_pause: Duration,
    pub(crate) longest_pause: Duration,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Deadline {
    /// From when the wait begins.
    In(Duration),
    At(SystemTime),
}

impl Wait {
    pub(crate) fn new(client: Client, order: &Order) -> Self {
        Self {
            client,
            order: order.id().clone(),
            has_unnamed_task: order.has_unnamed_task(),
            state: OrderState::not_seen(order.tasks(), order.packaging_tasks()),
            told: None,
            deadline: Deadline::In(DEADLINE),
            first_pause: FIRST_PAUSE,
            longest_pause: LONGEST_PAUSE,
        }
    }

    pub(crate) fn resumed(client: Client, token: ResumeToken) -> Self {
        let ResumeToken { order, mut state, told, deadline } = token;
        let told = told.then(|| state.clone());
        // What ended badly is to be seen again, with the reason: a token holds nobody's words.
        for task in state.tasks.iter_mut().filter(|task| task.is_final() && !task.is_completed()) {
            task.status = None;
        }
        for (_, status) in &mut state.packaging_tasks {
            status.take_if(|status| !matches!(status, PackagingTaskStatus::Completed));
        }
        Self {
            client,
            order,
            has_unnamed_task: false,
            state,
            told,
            deadline: deadline.map_or(Deadline::In(DEADLINE), Deadline::At),
            first_pause: FIRST_PAUSE,
            longest_pause: LONGEST_PAUSE,
        }
    }

    /// The longest to wait, from when the wait begins; 31 days by default. Failures that pass are survived on
    /// the way, for up to an hour in a row. At the deadline a last look is made, which may take up to 30 s.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order =>
    /// let error = sign.orders().wait(&order).deadline(Duration::ZERO).await.unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::Deadline);
    /// // Another day of it:
    /// # sandbox.signer(order.id(), "kari").signs()?;
    /// let token = error.resume_token().cloned().unwrap();
    /// let done = sign.orders().resume(token).deadline(Duration::from_secs(86_400)).await?;
    /// # );
    /// ```
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Deadline::In(deadline);
        self
    }

    /// The first pause between two looks, which is also the one after a change, and the longest, that it grows to;
    /// 1 s and 60 s by default. Pauses are 1 ms to a day long, and up to a quarter shorter by chance.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order =>
    /// # sandbox.signer(order.id(), "kari").signs()?;
    /// let wait = sign.orders().wait(&order).poll_every(Duration::from_secs(30), Duration::from_secs(3600));
    /// let done = wait.await?;
    /// # );
    /// ```
    pub fn poll_every(mut self, first: Duration, longest: Duration) -> Self {
        self.first_pause = first.clamp(SHORTEST_PAUSE, DAY);
        self.longest_pause = longest.clamp(self.first_pause, DAY);
        self
    }

    /// The order's states as they change, the first one and the final one among them. A state that ends the
    /// order otherwise than completed is the last item, not an error; a deadline that passes is an error.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order =>
    /// use futures_util::StreamExt;
    ///
    /// sandbox.signer(order.id(), "kari").rejects("wrong amount")?;
    /// let states: Vec<_> = sign.orders().wait(&order).changes().collect().await;
    /// assert_eq!(states[0].as_ref().unwrap().to_string(), "0 of 1 signed; kari rejected: wrong amount");
    /// # );
    /// ```
    pub fn changes(self) -> Changes {
        Changes::new(self)
    }

    /// What takes this wait up again, after a restart or in another process. Its deadline is that of a wait that
    /// begins now.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(folder; sandbox, sign, pdf, order =>
    /// let wait = sign.orders().wait(&order);
    /// std::fs::write(folder.join("wait.json"), serde_json::to_string(&wait.resume_token())?)?;
    /// # sandbox.signer(order.id(), "kari").signs()?;
    /// let done = wait.await?;
    /// # );
    /// ```
    #[must_use]
    pub fn resume_token(&self) -> ResumeToken {
        self.token(match self.deadline {
            Deadline::In(time) => Some(in_the_calendar(self.client.shared().runtime.wall_clock(), time)),
            Deadline::At(time) => Some(time),
        })
    }

    /// Where the wait was when it handed something out last; before that, with what it has seen.
    pub(crate) fn token(&self, deadline: Option<SystemTime>) -> ResumeToken {
        let state = self.told.as_ref().unwrap_or(&self.state).clone();
        ResumeToken { order: self.order.clone(), state, told: self.told.is_some(), deadline }
    }

    /// Why this wait would have no end, if it would not.
    pub(crate) fn nothing_to_wait_for(&self) -> Option<&'static str> {
        if self.state.tasks.is_empty() {
            return Some("there is nothing to wait for: the service names no task of this order");
        }
        self.has_unnamed_task
            .then_some("the order can't be waited for: the service tells of a task without its id")
    }

    /// Whether the service has answered once.
    pub(crate) fn is_seen(&self) -> bool {
        self.told.is_some() || self.state.tasks.iter().any(|task| task.status.is_some())
    }
}

/// That long after: no later than a calendar of four digits goes, for those who wait for ever.
pub(crate) fn in_the_calendar(time: SystemTime, after: Duration) -> SystemTime {
    const LAST: Duration = Duration::from_secs(253_402_300_799);
    let last = SystemTime::UNIX_EPOCH.checked_add(LAST).unwrap_or(time);
    time.checked_add(after).map_or(last, |end| end.min(last))
}

impl IntoFuture for Wait {
    type Output = Result<CompletedOrder>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let mut changes = self.changes();
        Box::pin(poll_fn(move |context| changes.poll_end(context)))
    }
}
