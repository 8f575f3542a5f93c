//! How much memory a wait takes while it is idle: `cargo bench --bench waits`.

use std::alloc::System;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use signicat_sign::{Client, Credentials, ResumeToken};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const DAY: Duration = Duration::from_secs(86_400);

/// Bytes that a wait may take.
const LIMIT: usize = 4096;

static ANSWERED: AtomicUsize = AtomicUsize::new(0);

/// Answers whatever is asked as the token endpoint, a task that is not signed, and no forwards.
async fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    while stream.read_buf(&mut bytes).await? > 0 {
        let Some(head) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let line = String::from_utf8_lossy(&bytes[..head]).lines().next().unwrap_or_default().to_owned();
        let body = match line.split(' ').nth(1).unwrap_or_default() {
            "/token" => r#"{"access_token":"t","expires_in":600,"token_type":"Bearer"}"#,
            target if target.ends_with("/forwards") => "[]",
            _ => r#"{"orderId":"1","taskId":"t","taskStatus":"CREATED"}"#,
        };
        bytes.clear();
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length";
        stream.write_all(format!("{head}: {}\r\n\r\n{body}", body.len()).as_bytes()).await?;
        ANSWERED.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

/// An order as most are: two signers, one sealed file, ids as long as the service's.
fn token(number: usize) -> ResumeToken {
    let token = serde_json::json!({
        "version": 1, "order": format!("0502{number:054}"),
        "tasks": [{ "id": "signer-1" }, { "id": "signer-2" }], "packaging_tasks": [{ "id": "sealed" }],
    });
    serde_json::from_value(token).expect("a token")
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream));
        }
    });
    let client = Client::builder()
        .credentials(Credentials::new("id", "secret"))
        .base_url(format!("http://{address}"))
        .token_url(format!("http://{address}/token"))
        .build()
        .expect("a client");

    // So that the connections, which all waits share, are there.
    held(&client, 100).await;
    for count in [100, 1_000, 10_000] {
        let (in_line, idle) = held(&client, count).await;
        println!(
            "{count:>6} waits: {:>5} bytes each while they stand in line, {:>5} idle",
            in_line / count,
            idle / count
        );
        assert!(idle / count <= LIMIT, "more than {LIMIT}");
    }
}

/// The bytes that so many waits hold when all want to look at once, and when each has looked and pauses for a day.
async fn held(client: &Client, count: usize) -> (usize, usize) {
    let region = Region::new(ALLOCATOR);
    let waits = client.orders().resume_all((0..count).map(token)).poll_every(DAY, DAY);
    let mut ends = waits.ends();
    let held = || {
        let held = region.change();
        held.bytes_allocated.saturating_sub(held.bytes_deallocated)
    };
    assert!(ends.next().now_or_never().is_none(), "an order has ended");
    let in_line = held();
    let mut quiet = 0;
    let questions = ANSWERED.load(Ordering::Relaxed) + 4 * count;
    // Some while longer than it takes to be answered.
    while quiet < 1_000 {
        assert!(ends.next().now_or_never().is_none(), "an order has ended");
        quiet += usize::from(ANSWERED.load(Ordering::Relaxed) >= questions);
        tokio::task::yield_now().await;
    }
    (in_line, held())
}
