//! How a fault is brought about: the servers, the client that meets them, and its time.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use signicat_sign::{Client, Runtime};
use tempfile::NamedTempFile;
use tokio::net::TcpSocket;

use crate::operations::Operation;
use crate::support::TOKEN;
#[cfg(feature = "rustls")]
use crate::support::tls::Tls;
use crate::support::virtual_time::VirtualTime;
use crate::support::wire::{self, Connection, Wire, answer, settle};
use crate::table::{Fault, Point, To, TokenFault};

/// Longer than an attempt may take, and than a body may stand still.
const TOO_LONG: Duration = Duration::from_secs(31);

/// More than the system takes at once, so that an upload breaks off before its end was handed over.
const LARGE: u64 = 16 * 1024 * 1024;
const SMALL: u64 = 100 * 1024;

/// A fault's own client, time and servers.
pub struct Stage {
    pub client: Client,
    pub time: VirtualTime,
    pub document: NamedTempFile,
    under_way: Arc<Mutex<UnderWay>>,
    service: Wire,
    tokens: Wire,
    /// Where a redirect leads to.
    elsewhere: Option<Elsewhere>,
    /// A port that nobody else gets, and nobody listens on.
    _closed: TcpSocket,
}

/// The operation under way, for those who answer it.
struct UnderWay {
    operation: Operation,
    requests: usize,
}

impl UnderWay {
    /// Its good answer, the media type of that, and whether it is asked for the first time.
    fn asked(&mut self) -> (Vec<u8>, String, bool) {
        self.requests += 1;
        (self.operation.answer.clone(), self.operation.media_type.clone(), self.requests == 1)
    }
}

impl Stage {
    pub async fn set(fault: &'static Fault, first: &Operation) -> Self {
        let time = VirtualTime::default();
        let under_way = Arc::new(Mutex::new(UnderWay { operation: first.clone(), requests: 0 }));
        let elsewhere = Elsewhere::start(fault, &under_way).await;
        let script = Script {
            fault,
            under_way: under_way.clone(),
            time: time.clone(),
            elsewhere: elsewhere.as_ref().map(|elsewhere| elsewhere.url.clone()),
        };
        let service = Wire::start(move |connection| script.clone().serve(connection)).await;
        let tokens = tokens(fault, &time).await;
        let (closed, closed_url) = closed_port();

        let builder = service.builder(&tokens).runtime(Arc::new(time.clone()));
        // Each request is on a connection of its own.
        let builder = builder.http(|http| http.pool_max_idle_per_host(0));
        let builder = match fault {
            Fault::Refused => builder.base_url(closed_url),
            Fault::NoSuchName => builder
                .base_url(format!("http://localhost:{}", service.address().port()))
                .http(|http| http.dns_resolver(NoNames)),
            Fault::Token(TokenFault::Refused) => builder.token_url(closed_url),
            _ => builder,
        };
        #[cfg(feature = "rustls")]
        let builder = match elsewhere.as_ref().and_then(|elsewhere| elsewhere.tls.as_ref()) {
            Some(tls) => tls.trusted(builder),
            None => builder,
        };
        Self {
            client: builder.build().unwrap(),
            time,
            document: document(fault),
            under_way,
            service,
            tokens,
            elsewhere,
            _closed: closed,
        }
    }

    pub fn begin(&self, operation: &Operation) {
        *self.under_way.lock().unwrap() = UnderWay { operation: operation.clone(), requests: 0 };
    }

    /// How many whole requests there were.
    pub fn sent(&self) -> usize {
        let elsewhere = self.elsewhere.iter().map(|elsewhere| elsewhere.server.count());
        self.service.count() + elsewhere.sum::<usize>()
    }

    /// Until no server is at work any more, so that none moves the time of the next call.
    pub async fn quiet(&self) {
        while self.service.is_busy() || self.tokens.is_busy() {
            tokio::task::yield_now().await;
        }
    }
}

fn document(fault: &Fault) -> NamedTempFile {
    let length = match fault {
        Fault::Reset(Point::RequestHead | Point::RequestBody) => LARGE,
        _ => SMALL,
    };
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(b"%PDF-1.7").unwrap();
    file.as_file().set_len(length).unwrap();
    file
}

fn closed_port() -> (TcpSocket, String) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    (socket, url)
}

/// A resolver that finds nobody.
struct NoNames;

impl reqwest::dns::Resolve for NoNames {
    fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
        Box::pin(async { Err("no such host".into()) })
    }
}

/// What the service does with a connection.
#[derive(Clone)]
struct Script {
    fault: &'static Fault,
    under_way: Arc<Mutex<UnderWay>>,
    time: VirtualTime,
    elsewhere: Option<String>,
}

impl Script {
    async fn serve(self, mut connection: Connection) {
        match self.fault {
            Fault::Reset(Point::RequestHead) => {
                connection.bytes(16).await;
                return connection.reset();
            }
            Fault::Reset(Point::RequestBody) => {
                self.half_a_request(&mut connection).await;
                return connection.reset();
            }
            _ => {}
        }
        let Some(request) = connection.request().await else { return };
        let (good, media_type, is_first) = self.under_way.lock().unwrap().asked();
        match self.fault {
            Fault::Reset(Point::WholeRequest) => connection.reset(),
            Fault::Reset(point) => {
                connection.say(half_an_answer(point)).await;
                // A reset may take away what the client has not read yet.
                settle().await;
                connection.reset();
            }
            Fault::Stall(point) => {
                connection.say(half_an_answer(point)).await;
                connection.stall(&self.time, TOO_LONG).await;
            }
            Fault::Answer(status, headers, body) => connection.say(answer(status, headers, body)).await,
            Fault::UnauthorizedOnce if is_first => connection.say(answer("401 Unauthorized", &[], "")).await,
            Fault::RetryAfterDate => {
                let date = httpdate::fmt_http_date(self.time.wall_clock() + Duration::from_secs(7));
                connection.say(answer("429 Too Many Requests", &[("retry-after", &date)], "")).await;
            }
            Fault::Flood => _ = flood(connection).await,
            Fault::GzipBomb => {
                let headers = [("content-type", media_type.as_str()), ("content-encoding", "gzip")];
                connection.say(answer("200 OK", &headers, gzip_bomb())).await;
            }
            Fault::NoEnd => {
                connection.say(without_length(&good)).await;
                connection.hang_up().await;
            }
            Fault::Redirect(To::SameOrigin) if request.target() != "/moved" => {
                redirect(connection, "/moved").await;
            }
            Fault::Redirect(To::Itself) => redirect(connection, request.target()).await,
            Fault::Redirect(_) if self.elsewhere.is_some() => {
                redirect(connection, self.elsewhere.as_deref().unwrap()).await;
            }
            _ => connection.say(good).await,
        }
    }

    async fn half_a_request(&self, connection: &mut Connection) {
        if !self.under_way.lock().unwrap().operation.has_body {
            connection.bytes(16).await;
            return;
        }
        let Some(head) = connection.head().await else { return };
        let request = wire::Request { head, body: Vec::new() };
        let length: usize = request.header("content-length").unwrap().parse().unwrap();
        connection.bytes(length / 2).await;
    }
}

/// As much of an answer as comes before that point.
fn half_an_answer(point: &Point) -> &'static str {
    match point {
        Point::AnswerHead => "HTTP/1.1 200 OK\r\ncontent-le",
        Point::AnswerBody => "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n%PDF-1.7 {",
        _ => "",
    }
}

/// An answer that ends with its connection.
fn without_length(answer: &[u8]) -> Vec<u8> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = std::str::from_utf8(&answer[..end]).unwrap();
    let head: Vec<_> = head.split("\r\n").filter(|line| !line.starts_with("content-length")).collect();
    [head.join("\r\n").as_bytes(), &answer[end..]].concat()
}

async fn redirect(mut connection: Connection, location: &str) {
    connection.say(answer("302 Found", &[("location", location)], "")).await;
}

/// Good JSON, as long as the client reads on.
async fn flood(mut connection: Connection) -> Option<()> {
    let spaces = [b' '; 64 * 1024];
    let chunks = 100 * 1024 * 1024 / spaces.len();
    let length = chunks * spaces.len() + 2;
    let head =
        format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
    connection.try_say(head).await?;
    for _ in 0..chunks {
        connection.try_say(spaces).await?;
    }
    connection.try_say("{}").await
}

/// A gzip file of zeros, 150 times longer when it is unpacked: beyond the limit of an answer.
fn gzip_bomb() -> Vec<u8> {
    // Deflate with its fixed codes, bit by bit: one zero, then "the last byte 258 times more" (RFC 1951).
    let begin = [true, true, false].into_iter().chain([false, false, true, true, false, false, false, false]);
    let repeat = [true, true, false, false, false, true, false, true, false, false, false, false, false];
    let bits: Vec<bool> = begin.chain((0..100_000).flat_map(|_| repeat)).collect();
    let packed = bits.chunks(8).map(|bits| bits.iter().rev().fold(0, |byte, bit| byte << 1 | u8::from(*bit)));
    [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255].into_iter().chain(packed).collect()
}

async fn tokens(fault: &'static Fault, time: &VirtualTime) -> Wire {
    let Fault::Token(fault) = fault else { return Wire::tokens().await };
    let time = time.clone();
    Wire::start(move |mut connection| {
        let time = time.clone();
        async move {
            if connection.request().await.is_none() {
                return;
            }
            match fault {
                TokenFault::Silent => connection.stall(&time, TOO_LONG).await,
                TokenFault::Answer(status, headers, body) => {
                    connection.say(answer(status, headers, body)).await;
                }
                TokenFault::ExpiredAtOnce => connection.say(wire::token(TOKEN, 0)).await,
                TokenFault::Refused => {}
            }
        }
    })
    .await
}

/// Another origin, which answers well. One with https needs rustls.
struct Elsewhere {
    server: Wire,
    url: String,
    #[cfg(feature = "rustls")]
    tls: Option<Tls>,
}

impl Elsewhere {
    async fn start(fault: &Fault, under_way: &Arc<Mutex<UnderWay>>) -> Option<Self> {
        let Fault::Redirect(to @ (To::Https | To::PlainHttp)) = fault else { return None };
        let under_way = under_way.clone();
        let server = Wire::start(move |mut connection| {
            let good = under_way.lock().unwrap().operation.answer.clone();
            async move {
                if connection.request().await.is_some() {
                    connection.say(good).await;
                }
            }
        })
        .await;
        #[cfg(feature = "rustls")]
        if *to == To::Https {
            let tls = Tls::before(server.address()).await;
            return Some(Self { server, url: tls.url("/moved"), tls: Some(tls) });
        }
        (*to == To::PlainHttp).then(|| Self {
            url: server.url("/moved"),
            server,
            #[cfg(feature = "rustls")]
            tls: None,
        })
    }
}
