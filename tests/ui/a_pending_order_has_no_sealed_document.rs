//! Only a wait that has come to its good end gives what comes after.

use signicat_sign::{Order, Wait};

fn sealed(order: Order, wait: Wait) {
    _ = order.sealed("sealed");
    _ = wait.sealed("sealed");
}

async fn evidence(order: Order, wait: Wait) {
    _ = order.evidence().await;
    _ = wait.collect_to("folder").await;
}

fn main() {}
