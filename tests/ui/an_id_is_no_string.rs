//! A string becomes an id by being read as one.

use signicat_sign::{Client, OrderId};

async fn calls(sign: Client, order: OrderId) {
    _ = sign.orders().get("0502").await;
    let text: &str = &order;
}

fn main() {}
