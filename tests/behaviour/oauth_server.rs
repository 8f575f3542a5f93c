//! A token endpoint that is not ours, in real time: steady calls while tokens of three seconds come and go.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use signicat_sign::{Client, Credentials, OrderId};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oauth-server");
const TASKS: usize = 8;
const FOR: Duration = Duration::from_secs(20);

/// The server, which ends with the test however that ends.
struct Server {
    child: Child,
    says: Value,
}

impl Server {
    fn start() -> Self {
        let mut command = Command::new("node");
        command.arg("server.mjs").current_dir(FOLDER).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("node is installed");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let mut server = Self { child, says: Value::Null };
        server.says =
            serde_json::from_str(&line).expect("the server is set up: npm ci --prefix tests/oauth-server");
        server
    }

    fn says(&self, what: &str) -> &str {
        self.says[what].as_str().unwrap()
    }

    async fn figures(&self) -> Value {
        let url = self.says("base_url").replace("/enterprise/sign", "/figures");
        reqwest::get(url).await.unwrap().json().await.unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

#[tokio::test]
#[ignore = "needs Node: npm ci --prefix tests/oauth-server"]
async fn no_call_fails_while_another_s_short_tokens_come_and_go() {
    let server = Server::start();
    let credentials = Credentials::new(server.says("client_id"), server.says("client_secret"));
    let builder = Client::builder().credentials(credentials);
    let client =
        builder.base_url(server.says("base_url")).token_url(server.says("token_url")).build().unwrap();

    let started = Instant::now();
    let calls = Arc::new(AtomicUsize::new(0));
    let tasks = (0..TASKS).map(|number| {
        let (client, calls) = (client.clone(), calls.clone());
        tokio::spawn(async move {
            let id: OrderId = format!("order-{number}").parse().unwrap();
            let mut failures = Vec::new();
            while started.elapsed() < FOR {
                match client.orders().get(&id).await {
                    Ok(order) => assert_eq!(order.id(), &id),
                    Err(error) => failures.push(error.to_string()),
                }
                calls.fetch_add(1, Ordering::Relaxed);
                // Not in step with each other.
                tokio::time::sleep(Duration::from_millis(15 + 2 * number as u64)).await;
            }
            failures
        })
    });
    let mut failures = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        failures.extend(task.await.unwrap());
    }

    let calls = calls.load(Ordering::Relaxed);
    let figures = server.figures().await;
    println!("{calls} calls in {FOR:?}, {} of them failed; the server says {figures}", failures.len());
    let figure = |name: &str| figures[name].as_u64().unwrap();
    assert!(failures.is_empty(), "{failures:?}");
    assert_eq!(figure("taken"), calls as u64);
    assert_eq!(figure("refusedTokenRequests"), 0);
    assert!((8..=12).contains(&figure("issued")), "tokens that are renewed every 2 s: {figures}");
    // Its tokens end up to a second before they should; a call that meets that is made again, and does not fail.
    assert!(figure("refusedEarly") <= figure("issued") * TASKS as u64, "{figures}");
    assert_eq!(figure("refusedLate"), 0, "a token was used beyond its life: {figures}");
}
