//! A server that a test scripts connection by connection and byte by byte, where an answer is not enough.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use signicat_sign::{Client, ClientBuilder, Credentials};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::virtual_time::VirtualTime;
use super::{CLIENT_SECRET, TOKEN};

/// A request that arrived whole.
#[derive(Clone, Debug)]
pub struct Request {
    /// Request line and headers, as they came.
    pub head: String,
    pub body: Vec<u8>,
}

impl Request {
    pub fn method(&self) -> &str {
        self.head.split(' ').next().unwrap_or_default()
    }

    /// Path and query, still percent-encoded.
    pub fn target(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        lines.into_iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

impl Request {
    /// The whole request that the bytes begin with, if there is one, and its length.
    pub fn read(bytes: &[u8]) -> Option<(Self, usize)> {
        let head = end_of(bytes, b"\r\n\r\n")?;
        let mut request = Self { head: String::from_utf8(bytes[..head].to_vec()).unwrap(), body: Vec::new() };
        let mut end = head;
        if request.header("transfer-encoding").is_none() {
            end += request.header("content-length").map_or(0, |length| length.parse().unwrap());
            request.body.extend(bytes.get(head..end)?);
            return Some((request, end));
        }
        loop {
            let line = end_of(&bytes[end..], b"\r\n")?;
            let size = std::str::from_utf8(&bytes[end..end + line]).unwrap();
            let size = usize::from_str_radix(size.trim(), 16).unwrap();
            let chunk = bytes.get(end + line..end + line + size + 2)?;
            request.body.extend(&chunk[..size]);
            end += line + size + 2;
            if size == 0 {
                return Some((request, end));
            }
        }
    }
}

fn end_of(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what).map(|start| start + what.len())
}

/// The server. Dropped, it takes no more connections.
pub struct Wire {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Request>>>,
    connections: Arc<AtomicUsize>,
    open: Arc<AtomicUsize>,
    accepting: JoinHandle<()>,
}

impl Wire {
    /// Does with each connection what the script says; a connection ends with its script.
    pub async fn start<F, S>(script: F) -> Self
    where
        F: Fn(Connection) -> S + Send + Sync + 'static,
        S: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(AtomicUsize::new(0));
        let open = Arc::new(AtomicUsize::new(0));
        let (keep, count, count_open) = (received.clone(), connections.clone(), open.clone());
        let accepting = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let number = count.fetch_add(1, Ordering::SeqCst);
                let received = keep.clone();
                count_open.fetch_add(1, Ordering::SeqCst);
                let open = count_open.clone();
                tokio::spawn(script(Connection { stream, number, unread: Vec::new(), received, open }));
            }
        });
        Self { address, received, connections, open, accepting }
    }

    /// Answers each request, on connections that stay open, by what the function says of it.
    pub async fn answering(answer: impl Fn(&Request) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let answer = Arc::new(answer);
        Self::start(move |mut connection| {
            let answer = answer.clone();
            async move {
                while let Some(request) = connection.request().await {
                    connection.say(answer(&request)).await;
                }
            }
        })
        .await
    }

    /// Takes so much time over each request, and says that then: nothing at all, if it is empty.
    pub async fn slow(time: &VirtualTime, takes: Duration, answer: impl Into<Vec<u8>>) -> Self {
        let (time, answer) = (time.clone(), answer.into());
        Self::start(move |mut connection| {
            let (time, answer) = (time.clone(), answer.clone());
            async move {
                while connection.request().await.is_some() {
                    settle().await;
                    time.advance(takes);
                    settle().await;
                    connection.say(&answer).await;
                }
            }
        })
        .await
    }

    /// A token endpoint whose tokens live for ten minutes.
    pub async fn tokens() -> Self {
        Self::answering(|_| token(TOKEN, 600)).await
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The requests that arrived whole, in their order.
    pub fn received(&self) -> Vec<Request> {
        self.received.lock().unwrap().clone()
    }

    /// How many requests arrived whole.
    pub fn count(&self) -> usize {
        self.received.lock().unwrap().len()
    }

    /// How many connections were made.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Whether a script has not come to its end.
    pub fn is_busy(&self) -> bool {
        self.open.load(Ordering::SeqCst) > 0
    }

    /// Waits until all connections have ended, so that nothing more can arrive. The clients are to be dropped
    /// before.
    pub async fn at_rest(&self) {
        while self.is_busy() {
            tokio::task::yield_now().await;
        }
    }

    /// A client of this service, with its tokens from there.
    pub fn builder(&self, tokens: &Wire) -> ClientBuilder {
        Client::builder()
            .credentials(Credentials::new("planted-client-id", CLIENT_SECRET))
            .base_url(self.url("/"))
            .token_url(tokens.url("/token"))
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// One connection of a client. Dropped, it is closed: with a reset where bytes were left unread.
pub struct Connection {
    stream: TcpStream,
    /// From 0, in the order in which they came.
    pub number: usize,
    unread: Vec<u8>,
    received: Arc<Mutex<Vec<Request>>>,
    open: Arc<AtomicUsize>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Connection {
    /// Reads until so many bytes are there. Nothing: the client hung up before.
    pub async fn bytes(&mut self, count: usize) -> Option<Vec<u8>> {
        self.arrived(count).await?;
        Some(self.unread.drain(..count).collect())
    }

    /// Reads request line and headers, up to the empty line. Nothing: the client hung up before.
    pub async fn head(&mut self) -> Option<String> {
        let end = self.head_length().await?;
        Some(String::from_utf8(self.unread.drain(..end).collect()).unwrap())
    }

    /// Reads until so many bytes are there, and leaves them. Nothing: the client hung up before.
    pub async fn arrived(&mut self, count: usize) -> Option<()> {
        while self.unread.len() < count {
            self.more().await?;
        }
        Some(())
    }

    /// Reads until the head is there, and leaves it. Its length, up to the empty line's end.
    pub async fn head_length(&mut self) -> Option<usize> {
        loop {
            match end_of(&self.unread, b"\r\n\r\n") {
                Some(end) => return Some(end),
                None => self.more().await?,
            }
        }
    }

    /// Reads a whole request and counts it. Nothing: the client hung up before its end. What was read is kept when
    /// this is dropped before its end.
    pub async fn request(&mut self) -> Option<Request> {
        loop {
            if let Some(request) = self.take_request() {
                return Some(request);
            }
            self.more().await?;
        }
    }

    /// Takes and counts the request that has arrived whole, if one has.
    pub fn take_request(&mut self) -> Option<Request> {
        let (request, length) = Request::read(&self.unread)?;
        self.unread.drain(..length);
        self.received.lock().unwrap().push(request.clone());
        Some(request)
    }

    /// Ends the connection in the orderly way: says that nothing more is said, hears the client out, and counts
    /// the request that was whole in the end.
    pub async fn hang_up(mut self) {
        self.hear_out().await;
        self.take_request();
    }

    /// Says that nothing more is said, and takes in all that still comes. How many bytes were not taken in the end?
    pub async fn hear_out(&mut self) -> usize {
        _ = self.stream.shutdown().await;
        while self.more().await.is_some() {}
        self.unread.len()
    }

    /// Breaks the connection off, and counts the request if all of it had reached this side, read or not.
    pub fn break_off(mut self) {
        self.take_in();
        self.take_request();
        self.reset();
    }

    /// Takes in what has reached this side, and waits for nothing. How many bytes were not taken by now?
    pub fn take_in(&mut self) -> usize {
        while self.stream.try_read_buf(&mut self.unread).is_ok_and(|read| read > 0) {}
        self.unread.len()
    }

    /// Writes, if the client is still there.
    pub async fn say(&mut self, bytes: impl AsRef<[u8]>) {
        _ = self.try_say(bytes).await;
    }

    /// Writes. Nothing: the client has hung up.
    pub async fn try_say(&mut self, bytes: impl AsRef<[u8]>) -> Option<()> {
        self.stream.write_all(bytes.as_ref()).await.ok()
    }

    /// Breaks the connection off: what the client has not read is lost.
    pub fn reset(self) {
        self.stream.set_zero_linger().unwrap();
    }

    /// Says no more, and lets so much time pass once the client has read what was said.
    pub async fn stall(self, time: &VirtualTime, passes: Duration) {
        settle().await;
        time.advance(passes);
        self.hold().await;
    }

    /// Does nothing until the client hangs up.
    pub async fn hold(mut self) {
        while self.more().await.is_some() {}
    }

    async fn more(&mut self) -> Option<()> {
        let read = self.stream.read_buf(&mut self.unread).await.unwrap_or_default();
        (read > 0).then_some(())
    }
}

/// An answer with its length: the status line's end, headers, body.
pub fn answer(status: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// The token endpoint's answer.
pub fn token(token: &str, seconds: u64) -> Vec<u8> {
    let body = format!(r#"{{"access_token":"{token}","expires_in":{seconds},"token_type":"Bearer"}}"#);
    answer("200 OK", &[("content-type", "application/json")], body)
}

/// Lets all that can go on now go on: with a runtime of one thread, when this ends the client has read all that
/// was said to it and waits for more. Virtual time may be advanced then, though nobody has slept.
pub async fn settle() {
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
}
