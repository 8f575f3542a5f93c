//! What the client does where the wire fails it: cut connections, one token for all, and slow bytes.

#[path = "../support/mod.rs"]
mod support;

mod early;
mod never_twice;
mod one_flight;
mod trickle;

use std::time::Duration;

/// Ends a test that hangs, which is a failure as well.
async fn guarded<F: Future>(test: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(300), test).await.expect("a test that ends")
}
