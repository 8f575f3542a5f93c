//! What the sandbox bears and what it leaves behind: `cargo run --release -p benches --features sandbox --bin sandbox`.
//!
//! How many requests for a task's status it answers in a second of one core, so that it is never what a user's load
//! test measures; and how long a hundred sandboxes take.

use std::collections::BTreeMap;
use std::fs::{read_dir, read_link, read_to_string};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use signicat_sign::sandbox::Sandbox;
use signicat_sign::{Client, NewOrder, Signer, Upload};
use tokio::sync::oneshot;

/// That many a second of one core are enough.
const REQUESTS: f64 = 5_000.0;
const SANDBOXES: usize = 100;
const SANDBOXES_TAKE: Duration = Duration::from_secs(1);

/// Connections that stay open, each with one request under way.
const CONNECTIONS: usize = 16;
const ROUNDS: usize = 2_000;
/// In the second measurement, so many orders are there.
const ORDERS: usize = 1_000;

/// A sandbox on a thread of its own, and so on no more than one core at a time.
struct Served {
    client: Client,
    env: BTreeMap<&'static str, String>,
    /// Its place below `/proc`.
    thread: String,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

impl Served {
    fn start() -> Self {
        let (tell, told) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let served = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                let sandbox = Sandbox::start().await.expect("a port is free");
                let thread = read_link("/proc/thread-self").unwrap_or_default().display().to_string();
                let env = sandbox.env().map(|(name, value)| (name, value.to_owned())).collect();
                tell.send((sandbox.client(), env, thread)).expect("it is waited for");
                _ = stopped.await;
                sandbox.stop().await;
            });
        });
        let (client, env, thread) = told.recv().expect("the sandbox starts");
        Self { client, env, thread, stop, served }
    }

    fn stop(self) {
        self.stop.send(()).expect("the sandbox runs");
        self.served.join().expect("the sandbox does not panic");
    }

    /// Host and port.
    fn authority(&self) -> &str {
        authority(&self.env["SIGNICAT_BASE_URL"])
    }

    /// How long its thread has been on a core. Nothing: this system does not tell.
    fn time_on_core(&self) -> Option<Duration> {
        let told = read_to_string(format!("/proc/{}/schedstat", self.thread)).ok()?;
        told.split(' ').next()?.parse().map(Duration::from_nanos).ok()
    }

    /// A token, fetched by hand: the client shows none.
    fn token(&self) -> String {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("scope", &self.env["SIGNICAT_SCOPE"])
            .append_pair("client_id", &self.env["SIGNICAT_CLIENT_ID"])
            .append_pair("client_secret", &self.env["SIGNICAT_CLIENT_SECRET"])
            .finish();
        let path = path(&self.env["SIGNICAT_TOKEN_URL"]);
        let head =
            format!("POST {path} HTTP/1.1\r\nhost: h\r\ncontent-type: application/x-www-form-urlencoded");
        let mut connection = TcpStream::connect(self.authority()).expect("the sandbox listens");
        write!(connection, "{head}\r\ncontent-length: {}\r\n\r\n{form}", form.len()).expect("it reads");
        let answer = answer(&mut connection);
        let (_, token) = answer.split_once("\"access_token\":\"").expect("there is a token");
        token.split('"').next().unwrap_or_default().to_owned()
    }
}

fn authority(url: &str) -> &str {
    url.split('/').nth(2).expect("a URL has a host")
}

fn path(url: &str) -> &str {
    url.split_once(authority(url)).expect("it is in there").1
}

/// Reads one answer, head and body.
fn answer(connection: &mut TcpStream) -> String {
    let (mut answer, mut buffer) = (String::new(), [0; 4096]);
    loop {
        let read = connection.read(&mut buffer).expect("the sandbox answers");
        answer.push_str(std::str::from_utf8(&buffer[..read]).expect("the sandbox answers in text"));
        let Some((head, body)) = answer.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if length.is_none_or(|length| length.parse().is_ok_and(|length: usize| body.len() >= length)) {
            return answer;
        }
    }
}

/// Makes that many orders of one signer each; the id of the last one.
async fn make_orders(client: &Client, count: usize) -> String {
    let pdf = Upload::from_bytes(&b"%PDF-1.7"[..]).expect("that is one");
    let pdf = client.documents().upload(pdf).await.expect("it is stored");
    let mut last = String::new();
    for _ in 0..count {
        let order = NewOrder::builder()
            .document("loan", &pdf, "Loan agreement")
            .signer(Signer::new("kari").signed_statement("nbid-sign"))
            .seal_as_pades("sealed")
            .build()
            .expect("it is whole");
        last = client.orders().create(order).await.expect("it is made").id().to_string();
    }
    last
}

/// Asks for the status of a task of that order, over and over. How many requests a second of its core were answered,
/// and how many a second of the clock, in which the load has its part.
fn load(served: &Served, order: &str) -> (f64, f64) {
    let path = path(&served.env["SIGNICAT_BASE_URL"]);
    let request = format!(
        "GET {path}/orders/{order}/tasks/kari/status HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\
         accept: application/json\r\nuser-agent: load\r\n\r\n",
        served.authority(),
        served.token()
    );
    let mut connections: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let connection = TcpStream::connect(served.authority()).expect("the sandbox listens");
            connection.set_nodelay(true).expect("it can be set");
            connection
        })
        .collect();
    let mut round = || {
        for connection in &mut connections {
            connection.write_all(request.as_bytes()).expect("the sandbox reads");
        }
        for connection in &mut connections {
            let answer = answer(connection);
            assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("CREATED"), "{answer}");
        }
    };
    (0..ROUNDS / 10).for_each(|_| round());
    let (began, on_core) = (Instant::now(), served.time_on_core());
    (0..ROUNDS).for_each(|_| round());
    let elapsed = began.elapsed();
    let on_core = served.time_on_core().zip(on_core).map_or(elapsed, |(after, before)| after - before);
    let requests = (CONNECTIONS * ROUNDS) as f64;
    (requests / on_core.as_secs_f64(), requests / elapsed.as_secs_f64())
}

/// How many threads this process has, and how many sockets it has open. Nothing: this system does not tell.
fn footprint() -> Option<(usize, usize)> {
    let threads = read_dir("/proc/self/task").ok()?.count();
    let files = read_dir("/proc/self/fd").ok()?.filter_map(|file| read_link(file.ok()?.path()).ok());
    Some((threads, files.filter(|file| file.to_string_lossy().starts_with("socket:")).count()))
}

/// Starts that many, has each answer a request, and stops them.
async fn many() -> Duration {
    let began = Instant::now();
    let mut sandboxes = Vec::new();
    for _ in 0..SANDBOXES {
        sandboxes.push(Sandbox::start().await.expect("a port is free"));
    }
    for sandbox in sandboxes {
        let nothing = "0".parse().expect("it is an id");
        let error = sandbox.client().orders().get(&nothing).await.expect_err("it has no order");
        assert!(error.is_not_found(), "{error}");
        sandbox.stop().await;
    }
    began.elapsed()
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut slowest = f64::MAX;
    for orders in [1, ORDERS] {
        let served = Served::start();
        let order = runtime.block_on(make_orders(&served.client, orders));
        let (of_core, of_clock) = load(&served, &order);
        println!(
            "{orders} orders: {of_core:.0} status requests a second of one core, {of_clock:.0} of the clock"
        );
        slowest = slowest.min(of_core);
        served.stop();
    }

    // What is made once for all of them is there now.
    let before = footprint();
    let took = runtime.block_on(many());
    let after = footprint();
    println!("{SANDBOXES} sandboxes started, asked and stopped: {took:.0?}");
    println!("threads and sockets before and after: {before:?}, {after:?}");

    assert!(slowest >= REQUESTS, "fewer than {REQUESTS} requests a second");
    assert!(took <= SANDBOXES_TAKE, "more than {SANDBOXES_TAKE:?}");
    let left =
        before.zip(after).is_some_and(|((threads, sockets), after)| after.0 > threads || after.1 > sockets);
    assert!(!left, "something is left behind");
}
