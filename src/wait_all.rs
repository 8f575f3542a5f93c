//! Waiting for many orders at once.

use std::fmt::{self, Debug, Formatter};
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_core::Stream;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::changes::Changes;
use crate::completed::CompletedOrder;
use crate::error::Result;
use crate::ids::OrderId;
use crate::resume::ResumeToken;
use crate::runtime::BoxFuture;
use crate::wait::Wait;

/// A wait for the ends of many orders: await it for all of them, or take them as they come, by
/// [`ends`](WaitAll::ends). From [`Orders::wait_all`](crate::Orders::wait_all) and
/// [`Orders::resume_all`](crate::Orders::resume_all).
///
/// Each order is waited for as by a [`Wait`] of its own: one that fails does not end the others.
///
/// ```
/// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # on_sandbox!(sandbox, sign, pdf, order =>
/// use futures_util::StreamExt;
///
/// # let orders = [order.clone()];
/// # sandbox.signer(order.id(), "kari").signs()?;
/// let mut ends = sign.orders().wait_all(&orders).ends();
/// while let Some((order, end)) = ends.next().await {
///     match end {
///         Ok(done) => println!("{order}: {}", done.state()),
///         Err(error) => eprintln!("{order}: {error}"),
///     }
/// }
/// # );
/// ```
#[derive(Clone, Debug)]
#[must_use = "a wait does nothing before it is awaited or watched"]
pub struct WaitAll {
    waits: Vec<Wait>,
}

impl WaitAll {
    pub(crate) fn new(waits: impl Iterator<Item = Wait>) -> Self {
        Self { waits: waits.collect() }
    }

    /// The longest to wait for each of the orders: see [`Wait::deadline`].
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order =>
    /// let waits = sign.orders().wait_all([&order]).deadline(Duration::ZERO);
    /// let (_, end) = &waits.await[0];
    /// assert!(end.as_ref().unwrap_err().is_timeout());
    /// # );
    /// ```
    pub fn deadline(self, deadline: Duration) -> Self {
        Self::new(self.waits.into_iter().map(|wait| wait.deadline(deadline)))
    }

    /// The pauses between two looks at an order: see [`Wait::poll_every`].
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order =>
    /// # sandbox.signer(order.id(), "kari").signs()?;
    /// let waits = sign.orders().wait_all([&order]);
    /// let ends = waits.poll_every(Duration::from_secs(30), Duration::from_secs(3600)).await;
    /// # );
    /// ```
    pub fn poll_every(self, first: Duration, longest: Duration) -> Self {
        Self::new(self.waits.into_iter().map(|wait| wait.poll_every(first, longest)))
    }

    /// What takes each of the waits up again, in the order in which they were given.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order =>
    /// let tokens = sign.orders().wait_all([&order]).resume_tokens();
    /// assert_eq!(tokens[0].order_id(), order.id());
    /// # );
    /// ```
    #[must_use]
    pub fn resume_tokens(&self) -> Vec<ResumeToken> {
        self.waits.iter().map(Wait::resume_token).collect()
    }

    /// The ends of the orders as they come.
    pub fn ends(self) -> Ends {
        let waits = self.waits.into_iter().enumerate();
        Ends { open: waits.map(|(place, wait)| Open { place, changes: wait.changes() }).collect() }
    }
}

impl IntoFuture for WaitAll {
    /// All ends, in the order in which the orders were given.
    type Output = Vec<(OrderId, Result<CompletedOrder>)>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let open = self.ends().open;
        Box::pin(async move {
            let mut ends: Vec<_> = open.collect().await;
            ends.sort_unstable_by_key(|(place, ..)| *place);
            ends.into_iter().map(|(_, order, end)| (order, end)).collect()
        })
    }
}

/// The ends of many orders as they come, as a stream: from [`WaitAll::ends`].
///
/// ```
/// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # on_sandbox!(sandbox, sign, pdf, order =>
/// use futures_util::StreamExt;
///
/// # sandbox.signer(order.id(), "kari").signs()?;
/// # let orders = [order.clone()];
/// let mut ends = sign.orders().wait_all(&orders).ends();
/// assert_eq!(ends.resume_tokens().len(), 1); // to be put away
/// let (id, end) = ends.next().await.unwrap();
/// assert!(end.is_ok() && ends.resume_tokens().is_empty());
/// # );
/// ```
#[must_use = "streams do nothing unless polled"]
pub struct Ends {
    open: FuturesUnordered<Open>,
}

impl Ends {
    /// What takes up again each wait that has not ended, in no particular order.
    #[must_use]
    pub fn resume_tokens(&self) -> Vec<ResumeToken> {
        self.open.iter().map(|open| open.changes.resume_token()).collect()
    }
}

impl Stream for Ends {
    type Item = (OrderId, Result<CompletedOrder>);

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let end = ready!(self.open.poll_next_unpin(context));
        Poll::Ready(end.map(|(_, order, end)| (order, end)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.open.len(), Some(self.open.len()))
    }
}

impl Debug for Ends {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ends").field("open", &self.open.len()).finish_non_exhaustive()
    }
}

/// An order that has not ended, and its place among all.
struct Open {
    place: usize,
    changes: Changes,
}

impl Future for Open {
    type Output = (usize, OrderId, Result<CompletedOrder>);

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let end = ready!(self.changes.poll_end(context));
        Poll::Ready((self.place, self.changes.order_id().clone(), end))
    }
}
