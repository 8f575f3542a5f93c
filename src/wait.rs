//! Waiting for the end of an order, which has no status of its own.

use std::future::IntoFuture;
use std::time::Duration;

use futures_core::Stream;
use futures_util::stream;

use crate::address::host;
use crate::client::Client;
use crate::completed::CompletedOrder;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::ids::{OrderId, TaskId};
use crate::orders::Order;
use crate::runtime::{BoxFuture, within};
use crate::state::{OrderPhase, OrderState, RejectReason};
use crate::tasks::Tasks;
use crate::transport::Shared;
use crate::types::{PackagingTaskStatus, TaskStatus};

/// Longer than any order is known to be open; a wait must end.
const DEADLINE: Duration = Duration::from_secs(31 * 86_400);
const DAY: Duration = Duration::from_secs(86_400);
const SHORTEST_PAUSE: Duration = Duration::from_millis(1);
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How long looks may fail, one after the other, for reasons that pass. Signing takes days, and services have
/// bad hours.
const PATIENCE: Duration = Duration::from_secs(3600);

/// A wait for the end of an order: await it, or watch its [`changes`](Wait::changes). From
/// [`Orders::wait`](crate::Orders::wait).
///
/// ```no_run
/// # async fn example(sign: signicat_sign::Client, order: signicat_sign::Order) -> Result<(), signicat_sign::Error> {
/// use std::time::Duration;
///
/// let done = sign.orders().wait(&order).deadline(Duration::from_secs(2 * 86_400)).await?;
/// done.sealed("sealed")?.save_to("signed.pdf").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a wait does nothing before it is awaited or watched"]
pub struct Wait {
    client: Client,
    order: OrderId,
    state: OrderState,
    deadline: Duration,
    pause: Duration,
    longest_pause: Duration,
}

impl Wait {
    pub(crate) fn new(client: Client, order: &Order) -> Self {
        Self {
            client,
            order: order.id().clone(),
            state: OrderState {
                tasks: order.tasks().iter().map(|id| (id.clone(), None)).collect(),
                packaging_tasks: order.packaging_tasks().iter().map(|id| (id.clone(), None)).collect(),
                reject_reason: None,
            },
            deadline: DEADLINE,
            pause: FIRST_PAUSE,
            longest_pause: LONGEST_PAUSE,
        }
    }

    /// The longest to wait, from when the wait begins; 31 days by default. Failures that pass are survived on
    /// the way, for up to an hour in a row.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// The first pause between two looks, and the longest, that it grows to; 1 s and 60 s by default. Pauses
    /// are 1 ms to a day long, and up to a quarter shorter by chance.
    pub fn poll_every(mut self, first: Duration, longest: Duration) -> Self {
        self.pause = first.clamp(SHORTEST_PAUSE, DAY);
        self.longest_pause = longest.clamp(self.pause, DAY);
        self
    }

    /// The order's states as they change, the first one and the final one among them. A state that ends the
    /// order otherwise than completed is the last item, not an error; a deadline that passes is an error.
    pub fn changes(self) -> impl Stream<Item = Result<OrderState>> + Send + Unpin + 'static {
        let watch = Some(Watch::begin(self));
        Box::pin(stream::unfold(watch, async |watch| {
            let mut watch = watch?;
            match watch.next().await {
                Ok(state) => {
                    let more = !state.is_final();
                    Some((Ok(state), more.then_some(watch)))
                }
                Err(error) => Some((Err(error), None)),
            }
        }))
    }
}

impl IntoFuture for Wait {
    type Output = Result<CompletedOrder>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut watch = Watch::begin(self);
            let state = loop {
                let state = watch.next().await?;
                if state.is_final() {
                    break state;
                }
            };
            match state.phase() {
                OrderPhase::Completed => {
                    let Wait { client, order, .. } = watch.wait;
                    Ok(CompletedOrder::new(client, order, state))
                }
                _ => {
                    let message = "the order ended without being completed";
                    Err(watch.ended(ErrorKind::OrderEnded, message).with_order_state(state))
                }
            }
        })
    }
}

/// A wait under way.
struct Watch {
    wait: Wait,
    /// For each task the one whose status decides: itself, or the one that it was forwarded to.
    deciding: Vec<TaskId>,
    started: Duration,
    /// Whether it was looked at before, and whether that went well once.
    looked: bool,
    seen: bool,
    failing_since: Option<Duration>,
}

impl Watch {
    fn begin(wait: Wait) -> Self {
        let deciding = wait.state.tasks.iter().map(|(id, _)| id.clone()).collect();
        Self {
            started: wait.client.shared().runtime.now(),
            wait,
            deciding,
            looked: false,
            seen: false,
            failing_since: None,
        }
    }

    /// The next state that differs from the one before.
    async fn next(&mut self) -> Result<OrderState> {
        if self.wait.state.tasks.is_empty() {
            return Err(Error::invalid(
                "there is nothing to wait for: the service names no task of this order",
            ));
        }
        loop {
            if self.looked {
                self.pause().await;
            }
            self.looked = true;
            let before = self.wait.state.clone();
            let result = self.look_in_time().await;
            let changed = self.wait.state != before;
            match result {
                // What is final needs no more answers.
                _ if self.wait.state.is_final() => return Ok(self.wait.state.clone()),
                Ok(()) => {
                    self.failing_since = None;
                    let is_first = !std::mem::replace(&mut self.seen, true);
                    if changed || is_first {
                        return Ok(self.wait.state.clone());
                    }
                }
                Err(error) => {
                    let now = self.wait.client.shared().runtime.now();
                    if changed {
                        self.failing_since = None;
                    }
                    let since = *self.failing_since.get_or_insert(now);
                    // A gateway's page in place of an answer passes too, where there were answers before.
                    let passes = error.kind().passes() || (error.is_decode() && self.seen);
                    if !passes || now.saturating_sub(since) >= PATIENCE {
                        return Err(error);
                    }
                    tracing::debug!(kind = ?error.kind(), "the order could not be looked at; it is looked at again");
                }
            }
        }
    }

    /// A look, while there is time.
    async fn look_in_time(&mut self) -> Result<()> {
        let runtime = self.wait.client.shared().runtime.clone();
        let left = self.left();
        if !left.is_zero()
            && let Some(result) = within(&*runtime, Some(left), self.look()).await
        {
            return result;
        }
        let message = "the wait's deadline has passed, and the order is not at its end";
        Err(self.ended(ErrorKind::Deadline, message).with_order_state(self.wait.state.clone()))
    }

    fn ended(&self, kind: ErrorKind, message: &str) -> Error {
        let Shared { base, runtime, .. } = self.wait.client.shared();
        Error::new(kind, Outcome::Accepted, message)
            .with_operation("wait_for_order")
            .with_server(|| host(base))
            .with_time(runtime.wall_clock())
            .with_effort(0, runtime.now().saturating_sub(self.started))
    }

    fn left(&self) -> Duration {
        let waited = self.wait.client.shared().runtime.now().saturating_sub(self.started);
        self.wait.deadline.saturating_sub(waited)
    }

    /// Asks for what is not final yet, and for packaging only when all have signed.
    async fn look(&mut self) -> Result<()> {
        let Self { wait: Wait { client, order, state, .. }, deciding, .. } = self;
        let tasks = client.tasks(order);
        let open = state.tasks.iter_mut().zip(deciding).filter(|((_, status), _)| !is_final_task(status));
        for ((_, status), deciding) in open {
            let mut info = tasks.status(deciding).await?;
            if !is_final_task(&info.task_status)
                && let Some(recipient) = recipient(&tasks, deciding).await?
            {
                *deciding = recipient;
                info = tasks.status(deciding).await?;
            }
            if matches!(info.task_status, Some(TaskStatus::Rejected)) {
                state.reject_reason = info.reject_reason.map(RejectReason);
            }
            *status = info.task_status;
        }
        if state.phase() != OrderPhase::Packaging {
            return Ok(());
        }
        let packaging = client.packaging(order);
        for (id, status) in state.packaging_tasks.iter_mut().filter(|(_, status)| !is_final_packaging(status))
        {
            *status = packaging.status(id).await?.packaging_task_status;
        }
        Ok(())
    }

    /// Waits for the next look; each pause is longer than the one before, and blurred so that many waits do
    /// not ask at once.
    async fn pause(&mut self) {
        let left = self.left();
        let Wait { client, pause, longest_pause, .. } = &mut self.wait;
        let runtime = &client.shared().runtime;
        let blurred = pause.mul_f64(1.0 - runtime.random() / 4.0);
        *pause = pause.mul_f64(1.5).min(*longest_pause);
        runtime.sleep(blurred.min(left)).await;
    }
}

/// The task that a task was forwarded to, if it was.
async fn recipient(tasks: &Tasks, task: &TaskId) -> Result<Option<TaskId>> {
    match tasks.forwards(task).await {
        Ok(forwards) => Ok(forwards.into_iter().map(|forward| forward.task_id).rfind(|id| id != task)),
        Err(error) if error.kind().passes() => Err(error),
        // Who may not see the forwards can still wait for the task itself.
        Err(_) => Ok(None),
    }
}

fn is_final_task(status: &Option<TaskStatus>) -> bool {
    status.as_ref().is_some_and(TaskStatus::is_final)
}

fn is_final_packaging(status: &Option<PackagingTaskStatus>) -> bool {
    status.as_ref().is_some_and(PackagingTaskStatus::is_final)
}
