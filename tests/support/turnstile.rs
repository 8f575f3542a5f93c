//! A way to a server that counts the requests under way on it.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use super::wire::Request;

/// Dropped, it lets nobody through any more.
pub struct Turnstile {
    address: SocketAddr,
    seen: Arc<Seen>,
    accepting: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct Seen {
    under_way: AtomicUsize,
    most: AtomicUsize,
    /// Method and target of each.
    requests: Mutex<Vec<String>>,
}

impl Turnstile {
    /// Before the server of this URL.
    pub async fn before(url: &str) -> Self {
        let server = url.split('/').nth(2).unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Seen::default());
        let counting = seen.clone();
        let accepting = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                tokio::spawn(pass(client, server.clone(), counting.clone()));
            }
        });
        Self { address, seen, accepting }
    }

    /// The same URL, by this way.
    pub fn url(&self, url: &str) -> String {
        let path = url.splitn(4, '/').nth(3).unwrap_or_default();
        format!("http://{}/{path}", self.address)
    }

    /// The most requests that were under way at once.
    pub fn most(&self) -> usize {
        self.seen.most.load(Ordering::SeqCst)
    }

    /// Takes what was counted so far as nothing.
    pub fn forget(&self) {
        self.seen.most.store(0, Ordering::SeqCst);
        self.seen.requests.lock().unwrap().clear();
    }

    /// How many requests there were to targets that end so.
    pub fn count(&self, end: &str) -> usize {
        let requests = self.seen.requests.lock().unwrap();
        requests.iter().filter(|request| request.ends_with(end)).count()
    }
}

impl Drop for Turnstile {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// A connection, one request after the other; it ends when one of both hangs up.
async fn pass(client: TcpStream, server: String, seen: Arc<Seen>) -> Option<()> {
    let server = TcpStream::connect(server).await.ok()?;
    _ = (client.set_nodelay(true), server.set_nodelay(true));
    let ((mut from_client, mut to_client), (mut from_server, mut to_server)) =
        (client.into_split(), server.into_split());
    loop {
        let (request, length) = whole(&mut from_client, Request::read).await?;
        seen.most.fetch_max(seen.under_way.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        let target = format!("{} {}", request.0.method(), request.0.target());
        seen.requests.lock().unwrap().push(target);
        let answer = exchange(&request.1[..length], &mut to_server, &mut from_server).await;
        // Before the client can know.
        seen.under_way.fetch_sub(1, Ordering::SeqCst);
        to_client.write_all(&answer?).await.ok()?;
    }
}

async fn exchange(request: &[u8], to: &mut OwnedWriteHalf, from: &mut OwnedReadHalf) -> Option<Vec<u8>> {
    to.write_all(request).await.ok()?;
    // An answer with a length reads as a request does.
    let ((_, bytes), length) = whole(from, Request::read).await?;
    assert_eq!(bytes.len(), length, "an answer, and nothing after it");
    Some(bytes)
}

/// Reads until there is a whole one, with its bytes.
async fn whole(
    from: &mut OwnedReadHalf,
    read: impl Fn(&[u8]) -> Option<(Request, usize)>,
) -> Option<((Request, Vec<u8>), usize)> {
    let mut bytes = Vec::new();
    loop {
        if from.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
        if let Some((request, length)) = read(&bytes) {
            return Some(((request, bytes), length));
        }
    }
}
