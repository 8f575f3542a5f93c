//! Signing orders: create, get, delete, wait.

use std::fmt::{self, Debug, Display, Formatter};
use std::path::Path;
use std::time::Duration;

use crate::client::Client;
use crate::collect::{Collected, collect};
use crate::error::{Error, ErrorKind, Outcome, Result};
use crate::ids::{OrderId, PackagingTaskId, TaskId};
use crate::order::NewOrder;
use crate::resume::ResumeToken;
use crate::secret::SigningUrl;
use crate::types;
use crate::wait::Wait;
use crate::wait_all::WaitAll;

/// How long to wait between two looks whether a deleted order is gone, in seconds.
const PAUSES: [u64; 5] = [1, 2, 4, 8, 16];

/// The signing orders. The API lists none: an order is found again by its id alone. From [`Client::orders`].
///
/// ```
/// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # on_sandbox!(sandbox, sign, pdf, order =>
/// let order = sign.orders().get(order.id()).await?;
/// println!("{} has the tasks {:?}", order.id(), order.tasks());
/// sign.orders().delete(order.id()).await?;
/// # );
/// ```
#[derive(Clone, Debug)]
pub struct Orders {
    client: Client,
}

impl Orders {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Creates an order, and with it the signing links.
    ///
    /// Each create makes a new order: it is not tried again where the service may have had it whole. No source knows of a
    /// key by which the service would tell a second one from the first.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf =>
    /// let order = NewOrder::builder()
    ///     .client_reference("case-42")
    ///     .document("loan", &pdf, "Loan agreement")
    ///     .signer(Signer::new("kari").signed_statement("nbid-sign"))
    ///     .seal_as_pades("sealed")
    ///     .build()?;
    /// let order = sign.orders().create(order).await?;
    /// assert_eq!(sandbox.assert_created_once("case-42"), order.id().as_str());
    /// # );
    /// ```
    ///
    /// # Errors
    /// [`Error::is_validation`] with the service's [`violations`](Error::violations), each with the builder call that
    /// it comes from. [`Error::outcome`] says whether an order may have been made all the same.
    pub async fn create(&self, order: NewOrder) -> Result<Order> {
        let call = self.client.call();
        let answer = call.read("create_order", call.raw.create_order(order.model()).await);
        let answer = answer.map_err(|error| match error.violations() {
            [] => error,
            _ => error.explained(order.explained()),
        })?;
        let id = answer.id.clone().ok_or_else(|| call.after("create_order", no_id()))?;
        Ok(Order::new(id, answer, order.model()))
    }

    /// An order as the service has it.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order =>
    /// let order = sign.orders().get(order.id()).await?;
    /// assert_eq!(order.details().client_reference.as_deref(), Some("case-42"));
    /// assert!(sign.orders().get(&"0502".parse()?).await.unwrap_err().is_not_found());
    /// # );
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is none of that id, or no longer: orders are deleted some days after
    /// their tasks' lives have passed (S).
    pub async fn get(&self, id: &OrderId) -> Result<Order> {
        let call = self.client.call();
        let answer = call.read("get_order", call.raw.get_order(id).await)?;
        let id = answer.id.clone().unwrap_or_else(|| id.clone());
        Ok(Order::new(id, answer, &types::SigningOrder::default()))
    }

    /// Deletes an order, with all of its documents that are not in the archive.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order =>
    /// sign.orders().delete(order.id()).await?;
    /// assert!(sandbox.orders().is_empty());
    /// # );
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is none of that id, unless an earlier attempt of this call deleted it.
    pub async fn delete(&self, id: &OrderId) -> Result<()> {
        let call = self.client.call();
        call.deleted(call.raw.delete_order(id).await)
    }

    /// Deletes an order as [`delete`](Self::delete) does, and looks whether it is gone: at once, and up to five
    /// times more within half a minute.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order =>
    /// sign.orders().delete_confirmed(order.id()).await?;
    /// // From here on nobody finds it.
    /// assert!(sign.orders().get(order.id()).await.unwrap_err().is_not_found());
    /// # );
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`] as for `delete`. [`Error::is_timeout`] with
    /// [`Outcome::Accepted`] if the service has taken the deletion, and the order is still there. If a look fails for
    /// a reason that does not pass, or the last look fails, its error, which says that the deletion is not confirmed.
    pub async fn delete_confirmed(&self, id: &OrderId) -> Result<()> {
        let call = self.client.call();
        call.deleted(call.raw.delete_order(id).await)?;
        let mut pauses = PAUSES.into_iter();
        loop {
            let (error, passes) = match self.get(id).await {
                Err(error) if error.is_not_found() && !is_page(&error) => return Ok(()),
                Err(error) => {
                    let message = format!("the deletion is not confirmed: {}", error.message());
                    let passes = error.kind().passes();
                    (error.with_message(message).with_outcome(Outcome::Accepted), passes)
                }
                Ok(_) => {
                    let looks = PAUSES.len() + 1;
                    let message =
                        format!("the deletion was taken, and after {looks} looks the order is still there");
                    let error = Error::new(ErrorKind::Timeout, Outcome::Accepted, message);
                    (call.after("delete_order", error), true)
                }
            };
            match pauses.next() {
                Some(pause) if passes => self.client.shared().runtime.sleep(Duration::from_secs(pause)).await,
                _ => return Err(error),
            }
        }
    }

    /// Writes all that there is of an order into a folder, with a manifest: of one that was completed, rejected,
    /// has expired or is still open.
    ///
    /// The folder is made if it is not there, and has then:
    ///
    /// * `manifest.json`: the [`Manifest`](crate::Manifest). It names each file, with what it is, its length, its
    ///   SHA-256, its media type and when it was fetched; and in `missing` what could not be fetched, and why.
    /// * `order.json`: the order, without signing addresses and artifact.
    /// * `tasks/<task>/status.json`, `events.json` and `forwards.json`, of the tasks that others were forwarded to, too.
    /// * `tasks/<task>/documents/<document>/original`, `generated` and `result`, with an extension for their media
    ///   type.
    /// * `packaging/<packaging task>/status.json` and `result`.
    ///
    /// An id that can't be a file's name is percent-encoded, and shortened with a hash where it is long or differs
    /// from another in case alone; the manifest says which file is of what.
    ///
    /// Each file is there whole or not at all. The manifest is written last: a folder that has one holds a
    /// finished collection. Till then the one before is kept as `manifest.previous.json`, and what was interrupted is
    /// taken up by it. Collecting the order again into the same folder replaces its files, and what the
    /// service no longer has goes; what it may have and did not give this time stays from the time before, and is
    /// listed with its time beside what is missing. One collection at a time goes into a folder. Documents are
    /// streamed; no more than one is under way.
    ///
    /// What a person has signed, their name, address and number are in these files: that is their purpose. They are
    /// made with the permissions that new files have, in the folder that you give.
    ///
    #[cfg_attr(feature = "sandbox", doc = "```")]
    #[cfg_attr(not(feature = "sandbox"), doc = "```ignore")]
    /// use signicat_sign::sandbox::Sandbox;
    /// use signicat_sign::{NewOrder, Signer, Upload};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let folder = folder.path();
    /// let sandbox = Sandbox::start().await?;
    /// let sign = sandbox.client();
    /// let pdf = sign.documents().upload(Upload::from_path("examples/contract.pdf").await?).await?;
    /// let order = NewOrder::builder().document("loan", &pdf, "Loan").signer(Signer::new("kari").handwritten());
    /// let order = sign.orders().create(order.build()?).await?;
    /// sandbox.signer(order.id(), "kari").rejects("wrong amount")?;
    ///
    /// let collected = sign.orders().collect_to(order.id(), folder).await?;
    /// assert!(collected.is_whole());
    /// for missing in collected.missing() {
    ///     println!("not there: {}", missing.error);
    /// }
    /// assert!(folder.join("tasks/kari/documents/loan-kari/original.pdf").exists());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::is_validation`] if the folder has a manifest that is not of this order, before anything is sent;
    /// [`ErrorKind::Io`] if something can't be written; and those of [`get`](Self::get). Whatever else can't be
    /// fetched is no error but [`missing`](Collected::missing).
    pub async fn collect_to(&self, id: &OrderId, folder: impl AsRef<Path>) -> Result<Collected> {
        let none = (std::iter::empty(), std::iter::empty());
        collect(self.client.clone(), id, none.0, none.1, folder.as_ref()).await
    }

    /// Waits until an order has ended: awaited it gives the completed order, and
    /// [`changes`](Wait::changes) shows what happens meanwhile.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order =>
    /// sandbox.signer(order.id(), "kari").signs()?;
    /// let done = sign.orders().wait(&order).await?;
    /// assert_eq!(done.state().to_string(), "1 of 1 signed; packaging task sealed completed");
    /// # );
    /// ```
    pub fn wait(&self, order: &Order) -> Wait {
        Wait::new(self.client.clone(), order)
    }

    /// Takes up a wait that was put away. It ends as the one before would have ended, and its
    /// [`changes`](Wait::changes) begin with the first state that differs from the last one that was handed out, or
    /// with the final one.
    ///
    /// The deadline is the one that the wait had, as a time of day. If it has passed since, one look is made all the
    /// same, because the order may have ended meanwhile. Pauses are as for any wait.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order =>
    /// let kept = serde_json::to_string(&sign.orders().wait(&order).resume_token())?;
    /// // Days later, in another process:
    /// sandbox.signer(order.id(), "kari").signs()?;
    /// let done = sign.orders().resume(serde_json::from_str(&kept)?).await?;
    /// assert_eq!(done.id(), order.id());
    /// # );
    /// ```
    pub fn resume(&self, token: ResumeToken) -> Wait {
        Wait::resumed(self.client.clone(), token)
    }

    /// Waits until all of these orders have ended: awaited it gives all ends, and [`ends`](WaitAll::ends) gives
    /// each as it comes.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order =>
    /// sandbox.signer(order.id(), "kari").signs()?;
    /// for (id, end) in sign.orders().wait_all([&order]).await {
    ///     println!("{id}: {}", end?.state());
    /// }
    /// # );
    /// ```
    pub fn wait_all<'a>(&self, orders: impl IntoIterator<Item = &'a Order>) -> WaitAll {
        WaitAll::new(orders.into_iter().map(|order| self.wait(order)))
    }

    /// Takes up waits that were put away: see [`resume`](Self::resume).
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order =>
    /// let tokens = sign.orders().wait_all([&order]).resume_tokens();
    /// sandbox.signer(order.id(), "kari").signs()?;
    /// for (id, end) in sign.orders().resume_all(tokens).await {
    ///     println!("{id}: {}", end?.state());
    /// }
    /// # );
    /// ```
    pub fn resume_all(&self, tokens: impl IntoIterator<Item = ResumeToken>) -> WaitAll {
        WaitAll::new(tokens.into_iter().map(|token| self.resume(token)))
    }
}

/// A gateway that does not know the way says nothing of the order.
fn is_page(error: &Error) -> bool {
    error.problem().is_some_and(|problem| problem.raw().trim_ascii_start().starts_with(b"<"))
}

fn no_id() -> Error {
    Error::new(ErrorKind::Decode, Outcome::Accepted, "cannot read the answer at id: the order has none")
}

/// An order that the service has.
///
/// ```
/// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # on_sandbox!(sandbox, sign, pdf, order =>
/// println!("keep {}, by which the order is found again", order.id());
/// assert_eq!(order.tasks(), ["kari"]);
/// assert_eq!(order.packaging_tasks(), ["sealed"]);
/// assert_eq!(order.details().tasks[0].days_to_live, Some(7));
/// # );
/// ```
#[derive(Clone)]
pub struct Order {
    id: OrderId,
    tasks: Vec<TaskId>,
    packaging_tasks: Vec<PackagingTaskId>,
    answer: types::SigningOrder,
}

impl Order {
    /// What the answer leaves out was in the request.
    fn new(id: OrderId, answer: types::SigningOrder, request: &types::SigningOrder) -> Self {
        let tasks = |order: &types::SigningOrder| -> Vec<TaskId> {
            order.tasks.iter().filter_map(|task| task.id.clone()).collect()
        };
        let packaging_tasks = |order: &types::SigningOrder| -> Vec<PackagingTaskId> {
            order.packaging_tasks.iter().filter_map(|task| task.id.clone()).collect()
        };
        let tasks = both(tasks(&answer), tasks(request));
        let packaging_tasks = both(packaging_tasks(&answer), packaging_tasks(request));
        Self { id, tasks, packaging_tasks, answer }
    }

    /// Whether the service tells of a task and not of its id.
    pub(crate) fn has_unnamed_task(&self) -> bool {
        self.tasks.len() < self.answer.tasks.len()
    }

    /// The id, by which the order is found again.
    #[must_use]
    pub fn id(&self) -> &OrderId {
        &self.id
    }

    /// The ids of its tasks.
    #[must_use]
    pub fn tasks(&self) -> &[TaskId] {
        &self.tasks
    }

    /// The ids of its packaging tasks.
    #[must_use]
    pub fn packaging_tasks(&self) -> &[PackagingTaskId] {
        &self.packaging_tasks
    }

    /// All that the service says of it.
    #[must_use]
    pub fn details(&self) -> &types::SigningOrder {
        &self.answer
    }

    /// Where a signer signs: send them there.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order =>
    /// let url = order.signing_url("kari")?;
    /// println!("{url:?}"); // SigningUrl(http://127.0.0.1/…)
    /// assert!(url.expose().starts_with(sandbox.origin()));
    /// assert!(order.signing_url("ola").unwrap_err().is_validation());
    /// # );
    /// ```
    ///
    /// # Errors
    /// [`Error::is_validation`] if the order has no such task, or if the service gives no address for it: it
    /// does so in the answer to create, and may not later.
    pub fn signing_url<I: Display + ?Sized>(&self, task: &I) -> Result<&SigningUrl>
    where
        TaskId: PartialEq<I>,
    {
        if !self.tasks.iter().any(|known| known == task) {
            let tasks = self.tasks.iter().map(TaskId::as_str).collect::<Vec<_>>().join(", ");
            return Err(Error::invalid(format!("the order has no task {task}; it has {tasks}")));
        }
        let told = self.answer.tasks.iter().find(|told| told.id.as_ref().is_some_and(|id| id == task));
        told.and_then(|told| told.signing_url.as_ref()).ok_or_else(|| {
            Error::invalid(format!(
                "the service gives no signing address for the task {task} here: keep the one that came when the order was created"
            ))
        })
    }
}

/// The ids of the one list, and those that only the other one has.
fn both<T: PartialEq>(mut ids: Vec<T>, others: Vec<T>) -> Vec<T> {
    // As it nearly always is.
    if ids == others {
        return ids;
    }
    for other in others {
        if !ids.contains(&other) {
            ids.push(other);
        }
    }
    ids
}

impl Debug for Order {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Order")
            .field("id", &self.id)
            .field("tasks", &self.tasks)
            .field("packaging_tasks", &self.packaging_tasks)
            .finish_non_exhaustive()
    }
}
