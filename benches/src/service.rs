//! A service that costs as little as it can, in a process of its own: what is measured is whoever calls it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The id of each order: as long as the service's.
pub(crate) const ORDER: &str = "0502202600000000000000000000000000000000000000000000000000000001";

/// Signers of the large order.
pub(crate) const MANY: usize = 50;

/// How much of a document goes out at a time, in bytes.
const PIECE: usize = 64 * 1024;

/// A service under way. Dropped, it ends.
pub struct Service {
    address: String,
    process: Child,
}

impl Service {
    /// Starts the program `service`, which lies beside this one.
    pub fn start() -> Result<Self> {
        let program = std::env::current_exe()?.with_file_name("service");
        let mut process = Command::new(&program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("the program `service` is not beside this one: cargo build --release -p benches")?;
        let mut address = String::new();
        let told = process.stdout.take().context("it has an output")?;
        BufReader::new(told).read_line(&mut address)?;
        if address.is_empty() {
            bail!("the service did not start");
        }
        Ok(Self { address: address.trim().to_owned(), process })
    }

    /// `http://…`, without a slash at its end.
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

/// Serves on a free port of loopback, whose address it prints, until its input ends.
pub async fn serve() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    let answers: &'static Answers = Box::leak(Box::new(Answers::new()));
    let serving = async {
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            // A caller that goes away is none of its concern.
            tokio::spawn(async move { _ = answers.on(stream).await });
        }
    };
    let (mut input, mut any) = (tokio::io::stdin(), [0]);
    tokio::select! {
        ended = serving => ended,
        _ = input.read(&mut any) => Ok(()),
    }
}

/// Whole answers, head and body.
struct Answers {
    token: Vec<u8>,
    status: Vec<u8>,
    packaging_status: Vec<u8>,
    forwards: Vec<u8>,
    uploaded: Vec<u8>,
    small_order: Vec<u8>,
    large_order: Vec<u8>,
    /// What a document is made of.
    piece: Vec<u8>,
}

impl Answers {
    fn new() -> Self {
        let mut piece: Vec<u8> = (0..PIECE).map(|at| (at * 31 % 251) as u8).collect();
        piece[..9].copy_from_slice(b"%PDF-1.7\n");
        Self {
            token: answer(
                &json!({ "access_token": "t".repeat(900), "expires_in": 600, "token_type": "Bearer" }),
            ),
            status: answer(&json!({
                "orderId": ORDER, "taskId": "signer-0", "taskStatus": "CREATED", "clientReference": "case-42",
                "documents": [{ "id": "loan-signer-0", "originalUri": uri("signer-0", "original") }],
            })),
            packaging_status: answer(&json!({
                "orderId": ORDER, "packagingTaskId": "sealed", "packagingTaskStatus": "CREATED",
            })),
            forwards: answer(&json!([])),
            uploaded: answer(&json!({ "documentId": "0".repeat(60) })),
            small_order: answer(&order(1)),
            large_order: answer(&order(MANY)),
            piece,
        }
    }

    async fn on(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut bytes = Vec::with_capacity(PIECE);
        loop {
            let end = loop {
                match bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                    Some(end) => break end + 4,
                    None if stream.read_buf(&mut bytes).await? == 0 => return Ok(()),
                    None => {}
                }
            };
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = header(&head, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
            let mut missing = (end + length).saturating_sub(bytes.len());
            // The whole of it is here, unless it is a document.
            bytes.drain(..(end + length).min(bytes.len()));
            while missing > 0 {
                bytes.clear();
                bytes.reserve(PIECE);
                let read = (&mut stream).take(missing as u64).read_buf(&mut bytes).await?;
                if read == 0 {
                    return Ok(());
                }
                missing -= read;
                if missing == 0 {
                    bytes.clear();
                }
            }
            match target(&head) {
                ("GET", "documents", length) => self.send_document(&mut stream, length).await?,
                (method, what, last) => stream.write_all(self.to(method, what, last, length)).await?,
            }
        }
    }

    fn to(&self, method: &str, what: &str, last: &str, length: usize) -> &[u8] {
        match (method, what, last) {
            (_, "token", _) => &self.token,
            ("POST", "documents", _) => &self.uploaded,
            // One of a single signer is far shorter, one of fifty far longer.
            ("POST", "orders", _) if length > 4096 => &self.large_order,
            ("POST", "orders", _) => &self.small_order,
            (_, _, "forwards") => &self.forwards,
            (_, "packaging-status", _) => &self.packaging_status,
            (_, _, "status") => &self.status,
            _ => &self.large_order,
        }
    }

    /// A document of so many bytes as its id says.
    async fn send_document(&self, stream: &mut TcpStream, id: &str) -> std::io::Result<()> {
        let mut left: usize = id.parse().unwrap_or(0);
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-type: application/pdf\r\ncontent-length: {left}\r\n\r\n");
        stream.write_all(head.as_bytes()).await?;
        while left > 0 {
            let piece = &self.piece[..PIECE.min(left)];
            stream.write_all(piece).await?;
            left -= piece.len();
        }
        Ok(())
    }
}

/// Method, kind of resource, last segment.
fn target(head: &str) -> (&str, &str, &str) {
    let mut words = head.split(' ');
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut segments = path.trim_matches('/').split('/');
    let first = segments.next().unwrap_or_default();
    let last = path.rsplit('/').next().unwrap_or_default();
    let what = if path.contains("/packaging-tasks/") { "packaging-status" } else { first };
    (method, what, last)
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut fields = head.lines().filter_map(|line| line.split_once(": "));
    fields.find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn answer(body: &serde_json::Value) -> Vec<u8> {
    let body = body.to_string();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length";
    format!("{head}: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn uri(task: &str, which: &str) -> String {
    format!(
        "https://api.signicat.com/enterprise/sign/orders/{ORDER}/tasks/{task}/documents/loan-{task}/{which}"
    )
}

/// An order as the service gives it back.
fn order(signers: usize) -> serde_json::Value {
    let names: Vec<_> = (0..signers).map(|number| format!("signer-{number}")).collect();
    let tasks = names.iter().map(|name| {
        json!({
            "id": name,
            "daysToLive": 14,
            "language": "nb",
            "documents": [{
                "id": format!("loan-{name}"), "action": "SIGN", "source": "SESSION",
                "description": "Loan agreement", "documentRef": "0".repeat(60),
            }],
            "signatureMethods": [{ "name": "nbid-sign", "type": "SIGNED_STATEMENT" }],
            "onTaskComplete": "https://shop.example/done?order=${requestId}&task=${taskId}",
            "signingUrl": format!("https://id.signicat.com/sign/{ORDER}/{name}?artifact={}", "a".repeat(64)),
        })
    });
    let sealed = names.iter().map(|name| json!({ "taskId": name, "documentIds": [format!("loan-{name}")] }));
    json!({
        "id": ORDER,
        "clientReference": "case-42",
        "tasks": tasks.collect::<Vec<_>>(),
        "packagingTasks": [{ "id": "sealed", "method": "pades", "documents": sealed.collect::<Vec<_>>() }],
    })
}
