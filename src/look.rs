//! One look at an order: asks for what is not final yet, one request at a time.

use crate::client::Client;
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::ids::{OrderId, TaskId};
use crate::retry::RetryPolicy;
use crate::runtime::within;
use crate::state::{OrderPhase, OrderState, TaskState, was_decided};
use crate::tasks::Tasks;
use crate::turns::LONGEST_TURN;
use crate::types::TaskForwardDetails;

/// Looks at an order; what was learnt before a failure stays in the state.
///
/// Packaging is asked for only when all have signed. Each request is made once: the next look is the retry. A task
/// that the service fails for hides no other: one that was rejected ends the order.
pub(crate) async fn look(client: &Client, order: &OrderId, state: &mut OrderState) -> Result<()> {
    let client = client.with_retry(RetryPolicy::default().attempts(1));
    let tasks = client.tasks(order);
    let mut failed = None;
    for task in state.tasks.iter_mut().filter(|task| !task.is_final()) {
        match see(&client, &tasks, task).await {
            Ok(()) => {}
            // An answer, though none to use: the service is there.
            Err(error) if error.kind() == ErrorKind::Server && error.retry_after().is_none() => {
                failed.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    if let Some(error) = failed {
        return Err(error);
    }
    if state.phase() != OrderPhase::Packaging {
        return Ok(());
    }
    let packaging = client.packaging(order);
    for (id, status) in &mut state.packaging_tasks {
        if !status.as_ref().is_some_and(|status| status.is_final()) {
            *status = in_turn(&client, || packaging.status(id)).await?.packaging_task_status;
        }
    }
    Ok(())
}

/// Asks how far a task is, or the one that it was forwarded to.
async fn see(client: &Client, tasks: &Tasks, task: &mut TaskState) -> Result<()> {
    loop {
        let asked = task.decided_by().clone();
        let info = in_turn(client, || tasks.status(&asked)).await?;
        if !was_decided(&info) {
            let mut forwards = forwards(in_turn(client, || tasks.forwards(&asked)).await)?;
            for forward in &mut forwards {
                // What was asked of one task is about that one: the service may name the first of a chain.
                let met = |original: &TaskId| task.was_met(original);
                if forward.original_task_id.as_ref().is_none_or(met) {
                    forward.original_task_id = Some(asked.clone());
                }
            }
            if task.follow(&forwards) {
                continue;
            }
        }
        task.see(&info);
        return Ok(());
    }
}

/// Who may not see the forwards, or is at a host that does not have them, can still wait for the task itself.
fn forwards(answer: Result<Vec<TaskForwardDetails>>) -> Result<Vec<TaskForwardDetails>> {
    match answer {
        Err(error)
            if matches!(error.kind(), ErrorKind::Forbidden | ErrorKind::NotFound | ErrorKind::Rejected) =>
        {
            Ok(Vec::new())
        }
        answer => answer,
    }
}

/// Makes a request when it has its turn, and gives it up when that is over.
async fn in_turn<T, R>(client: &Client, request: impl FnOnce() -> R) -> Result<T>
where
    R: Future<Output = Result<T>>,
{
    let shared = client.shared();
    let _turn = shared.turns.take(&*shared.runtime).await;
    // Large, and so not made before: a crowd stands in the line.
    let request = Box::pin(request());
    let answer = within(&*shared.runtime, Some(LONGEST_TURN), request).await;
    answer.unwrap_or_else(|| {
        let message = format!("no answer within {LONGEST_TURN:?}");
        Err(Error::new(ErrorKind::Timeout, Outcome::Unknown, message))
    })
}
