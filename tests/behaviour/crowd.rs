//! Ten thousand orders waited for at once, on the sandbox.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use signicat_sign::sandbox::Sandbox;
use signicat_sign::{Client, DocumentId, NewOrder, Order, OrderPhase, Runtime, Signer, Upload};

use crate::support::event_time::EventTime;
use crate::support::turnstile::Turnstile;

const ORDERS: usize = 10_000;
const LIMIT: usize = 16;

async fn create(client: Client, pdf: DocumentId, number: usize) -> signicat_sign::Result<(usize, Order)> {
    // Whether a task is rejected is the sandbox's script's affair, by its id.
    let task = if number.is_multiple_of(10) { "ola" } else { "kari" };
    let order = NewOrder::builder()
        .document("loan", &pdf, "Loan")
        .signer(Signer::new(task).handwritten())
        .seal_as_pades("sealed")
        .build()?;
    Ok((number, client.orders().create(order).await?))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_orders_end_within_the_limit_on_requests() {
    let sandbox = Sandbox::builder().signs_by_themselves().rejects("ola", "wrong amount").packaging_delay(2);
    let sandbox = sandbox.start().await.unwrap();
    let turnstile = Turnstile::before(sandbox.base_url()).await;

    let creator = sandbox.client();
    let pdf = creator.documents().upload(Upload::from_bytes(&b"%PDF-1.7"[..]).unwrap()).await.unwrap();
    let creating = (0..ORDERS).map(|number| create(creator.clone(), pdf.clone(), number));
    let mut orders: Vec<_> = stream::iter(creating).buffer_unordered(LIMIT).try_collect().await.unwrap();
    orders.sort_by_key(|(number, _)| *number);
    for (number, order) in &orders {
        match number % 10 {
            1 => sandbox.signer(order.id(), "kari").expires().unwrap(),
            2 => drop(sandbox.signer(order.id(), "kari").forwards_to("Per", "per@example.com").unwrap()),
            _ => {}
        }
    }

    let time = EventTime::of(ORDERS);
    let client = sandbox
        .client_builder()
        .base_url(turnstile.url(sandbox.base_url()))
        .token_url(turnstile.url(sandbox.token_url()))
        .requests_of_waits(LIMIT)
        .runtime(Arc::new(time.clone()))
        .build()
        .unwrap();
    // Long ones, so that a token's life passes before all have ended.
    let pauses = (Duration::from_secs(400), Duration::from_secs(600));
    let wait = client.orders().wait_all(orders.iter().map(|(_, order)| order)).poll_every(pauses.0, pauses.1);
    let mut ends = wait.ends();
    let (mut completed, mut ended) = (0, 0);
    while let Some((_, end)) = ends.next().await {
        time.one_has_ended();
        let phase = match &end {
            Ok(done) => done.state().phase(),
            Err(error) => error.order_state().unwrap_or_else(|| panic!("{error:?}")).phase(),
        };
        match phase {
            OrderPhase::Completed => completed += 1,
            OrderPhase::Ended => ended += 1,
            phase => panic!("{phase:?} is no end: {end:?}"),
        }
    }
    assert_eq!((completed, ended), (ORDERS / 10 * 8, ORDERS / 10 * 2));
    // No more than the limit, and no fewer: it is used.
    assert_eq!(turnstile.most(), LIMIT);
    // A token lives for 600 s and is renewed a minute before its end.
    let lives = time.now().as_secs() / 540 + 1;
    assert!(lives > 1, "more than one token's life is waited through");
    let tokens = turnstile.count("/token");
    assert!((2..=usize::try_from(lives).unwrap()).contains(&tokens), "{tokens} tokens in {lives} lives");
}
