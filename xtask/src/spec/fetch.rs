//! Gets the publisher's document as bytes, from a URL or a file, and waits for nothing for ever.

use std::fs::{self, File};
use std::io::Read;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};
use indicatif::{HumanBytes, ProgressBar, ProgressFinish, ProgressStyle};
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, ETAG, HeaderMap, IF_NONE_MATCH};
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, Url};
use tokio::time::timeout;

pub const PUBLISHED_AT: &str = "https://developer.signicat.com/apis/signing-enterprise-openapi.json";

const REDIRECTS: usize = 5;

pub struct Fetched {
    pub bytes: Vec<u8>,
    pub etag: Option<String>,
}

pub struct Limits {
    pub bytes: u64,
    /// Until there is a connection, TLS included.
    pub connect: Duration,
    /// Without a byte.
    pub stall: Duration,
    pub total: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 16 * 1024 * 1024,
            connect: Duration::from_secs(10),
            stall: Duration::from_secs(20),
            total: Duration::from_secs(120),
        }
    }
}

/// `known_etag` is what an earlier answer of the same source had. None: the document is still that one.
pub fn fetch(from: &str, known_etag: Option<&str>, limits: &Limits) -> Result<Option<Fetched>> {
    match from.contains("://") {
        true => download(url(from)?, known_etag, limits),
        false => read(Path::new(from), limits.bytes).map(Some).with_context(|| format!("can't read {from}")),
    }
}

fn read(path: &Path, limit: u64) -> Result<Fetched> {
    // A pipe or a device might be waited on for ever.
    ensure!(fs::metadata(path)?.is_file(), "it is no regular file; save the document as one");
    let mut bytes = Vec::new();
    File::open(path)?.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    ensure!(bytes.len() as u64 <= limit, too_long(limit));
    Ok(Fetched { bytes, etag: None })
}

fn url(from: &str) -> Result<Url> {
    // A URL that can't be read is not shown: it may hold a password.
    let url = Url::parse(from).context("can't read the URL to fetch from")?;
    let host = url.host_str().unwrap_or_default();
    ensure!(
        url.username().is_empty() && url.password().is_none(),
        "can't fetch from {host}: the URL holds a user name or a password; leave them out"
    );
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(host) => Ok(url),
        "http" => bail!("can't fetch from {host}: plain http can be changed on its way; use https"),
        scheme => bail!("can't fetch from {scheme}://; give an https URL, or the path of a file"),
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    address.map_or(host == "localhost", |address| address.is_loopback())
}

fn download(url: Url, known_etag: Option<&str>, limits: &Limits) -> Result<Option<Fetched>> {
    // A query may be a secret of whoever gave it.
    let name = format!("{}{}", url.origin().ascii_serialization(), url.path());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.context("can't set up the network")?;
    let answer = runtime.block_on(async {
        let exchange = exchange(url, known_etag, limits);
        timeout(limits.total, exchange)
            .await
            .unwrap_or_else(|_| bail!("it was not there after {:?}", limits.total))
    });
    // A look-up of a name that hangs would be waited for otherwise.
    runtime.shutdown_background();
    answer.map_err(|e| {
        anyhow!("can't fetch {name}: {e:#}; if a browser can, save it and give that file with --from")
    })
}

async fn exchange(url: Url, known_etag: Option<&str>, limits: &Limits) -> Result<Option<Fetched>> {
    let bar = progress()?;
    let failed = |error| failure(error, limits);
    let mut request = client(&url, limits)?
        .get(url)
        .header(ACCEPT, "application/json, application/yaml")
        .header(ACCEPT_ENCODING, "identity");
    if let Some(etag) = known_etag {
        request = request.header(IF_NONE_MATCH, etag);
    }

    let mut response = request.send().await.map_err(failed)?;
    match response.status() {
        StatusCode::OK => {}
        StatusCode::NOT_MODIFIED if known_etag.is_some() => return Ok(None),
        status => bail!("it answered {status}"),
    }
    not_encoded(response.headers())?;
    if let Some(length) = response.content_length() {
        ensure!(length <= limits.bytes, too_long(limits.bytes));
        bar.set_length(length);
    }

    let etag = response.headers().get(ETAG).and_then(|etag| etag.to_str().ok()).map(str::to_owned);
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        bytes.extend_from_slice(&chunk);
        ensure!(bytes.len() as u64 <= limits.bytes, too_long(limits.bytes));
        bar.set_position(bytes.len() as u64);
    }
    Ok(Some(Fetched { bytes, etag }))
}

fn client(url: &Url, limits: &Limits) -> Result<Client> {
    let redirects = Policy::custom(|attempt| match refused(attempt.previous().len(), attempt.url()) {
        None => attempt.follow(),
        Some(why) => attempt.error(why),
    });
    let mut builder = Client::builder()
        .user_agent("signicat-sign-xtask")
        .redirect(redirects)
        .referer(false)
        .connect_timeout(limits.connect)
        .read_timeout(limits.stall);
    if is_loopback(url.host_str().unwrap_or_default()) {
        // A proxy has another loopback.
        builder = builder.no_proxy();
    }
    builder.build().context("can't set up the network")
}

/// Why the redirect with this number, from 1, is not followed.
fn refused(number: usize, target: &Url) -> Option<String> {
    if number > REDIRECTS {
        return Some(format!("it redirects more than {REDIRECTS} times"));
    }
    let (scheme, host) = (target.scheme(), target.host_str().unwrap_or_default());
    (scheme != "https").then(|| format!("it redirects to {scheme}://{host}, and only https is followed"))
}

fn not_encoded(headers: &HeaderMap) -> Result<()> {
    let mut encodings =
        headers.get_all(CONTENT_ENCODING).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
    match encodings.find(|encoding| !encoding.trim().eq_ignore_ascii_case("identity")) {
        None => Ok(()),
        Some(encoding) => bail!("it is encoded as {encoding}, which was not asked for"),
    }
}

fn failure(error: reqwest::Error, limits: &Limits) -> anyhow::Error {
    match (error.is_timeout(), error.is_connect()) {
        (true, true) => anyhow!("there was no connection within {:?}", limits.connect),
        (true, false) => anyhow!("it sent nothing for {:?}", limits.stall),
        // The outer errors say little more than that there is an inner one.
        (false, _) => anyhow!("{}", anyhow::Error::from(error).root_cause()),
    }
}

fn too_long(limit: u64) -> String {
    format!("it is longer than {}, the most that is taken", HumanBytes(limit))
}

/// Shows on a terminal alone, and is gone at the end.
fn progress() -> Result<ProgressBar> {
    let style = ProgressStyle::with_template("  {bar:40} {bytes} of {total_bytes}")?;
    Ok(ProgressBar::no_length().with_style(style).with_finish(ProgressFinish::AndClear))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::path::Path;
    use std::thread::{self, JoinHandle};
    use std::time::Duration;

    use super::{Fetched, Limits, REDIRECTS, Url, fetch, refused};

    const OK: &str = "HTTP/1.1 200 OK\r\n";
    const HINT: &str = "; if a browser can, save it and give that file with --from";

    /// On loopback, one connection.
    struct Server {
        url: String,
        request: JoinHandle<String>,
    }

    impl Server {
        fn saying(answer: impl Into<String>) -> Self {
            let answer = answer.into();
            Self::start(move |mut stream| stream.write_all(answer.as_bytes()).unwrap())
        }

        /// What comes after the answer is silence, on a connection that stays open.
        fn hanging_after(answer: &'static str) -> Self {
            Self::start(move |mut stream| {
                stream.write_all(answer.as_bytes()).unwrap();
                // Until the client hangs up.
                stream.read_to_end(&mut Vec::new()).ok();
            })
        }

        /// Sends the text again and again, for as long as somebody listens.
        fn endless(head: &'static str, text: &'static str) -> Self {
            Self::start(move |mut stream| {
                stream.write_all(head.as_bytes()).unwrap();
                while stream.write_all(text.as_bytes()).is_ok() {}
            })
        }

        fn start(script: impl FnOnce(TcpStream) + Send + 'static) -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let url = format!("http://{}/api.json?key=s3cret", listener.local_addr().unwrap());
            let request = thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let request = head(&mut stream);
                script(stream);
                request
            });
            Self { url, request }
        }

        fn refusal(&self, limits: &Limits) -> String {
            let line = refusal(&self.url, limits);
            let attempt = format!("can't fetch {}: ", self.url.replace("?key=s3cret", ""));
            let rest = line.strip_prefix(&attempt).unwrap_or_else(|| panic!("{line}"));
            rest.strip_suffix(HINT).unwrap_or_else(|| panic!("{line}")).to_owned()
        }
    }

    fn head(stream: &mut TcpStream) -> String {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() > 0 {
            head.extend(byte);
        }
        String::from_utf8(head).unwrap().to_lowercase()
    }

    fn refusal(from: &str, limits: &Limits) -> String {
        let line = format!("{:#}", fetch(from, None, limits).err().expect("it was taken"));
        assert!(!line.contains(['\n', '\r']), "{line}");
        line
    }

    fn fetched(from: &str) -> Fetched {
        fetch(from, None, &Limits::default()).unwrap().unwrap()
    }

    fn soon() -> Duration {
        Duration::from_millis(100)
    }

    #[test]
    fn a_document_comes_with_its_etag() {
        let server = Server::saying(format!("{OK}etag: W/\"1\"\r\ncontent-length: 2\r\n\r\n{{}}"));
        let Fetched { bytes, etag } = fetched(&server.url);
        assert_eq!((bytes.as_slice(), etag.as_deref()), (b"{}".as_slice(), Some("W/\"1\"")));

        let request = server.request.join().unwrap();
        assert!(request.starts_with("get /api.json?key=s3cret http/1.1\r\n"), "{request}");
        for line in [
            "accept: application/json, application/yaml",
            "accept-encoding: identity",
            "user-agent: signicat-sign-xtask",
        ] {
            assert!(request.contains(&format!("\r\n{line}\r\n")), "{request}");
        }
        assert!(!request.contains("if-none-match"), "{request}");
    }

    #[test]
    fn a_body_may_come_in_chunks_or_end_with_the_connection() {
        let chunked = format!("{OK}transfer-encoding: chunked\r\n\r\n1\r\n{{\r\n1\r\n}}\r\n0\r\n\r\n");
        let to_the_end = format!("{OK}content-encoding: identity\r\n\r\n{{}}");
        for answer in [chunked, to_the_end] {
            assert_eq!(fetched(&Server::saying(answer).url).bytes, b"{}");
        }
    }

    #[test]
    fn what_is_known_is_not_fetched_again() {
        let server = Server::saying("HTTP/1.1 304 Not Modified\r\n\r\n");
        assert!(fetch(&server.url, Some("\"1\""), &Limits::default()).unwrap().is_none());
        let request = server.request.join().unwrap();
        assert!(request.contains("\r\nif-none-match: \"1\"\r\n"), "{request}");

        let server = Server::saying(format!("{OK}content-length: 2\r\n\r\n{{}}"));
        assert!(fetch(&server.url, Some("\"1\""), &Limits::default()).unwrap().is_some());
    }

    #[test]
    fn another_status_than_200_is_refused() {
        for status in ["404 Not Found", "206 Partial Content", "304 Not Modified", "302 Found"] {
            let server = Server::saying(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n"));
            assert_eq!(server.refusal(&Limits::default()), format!("it answered {status}"));
        }
    }

    #[test]
    fn a_redirect_to_plain_http_is_refused_without_its_path() {
        for to in
            ["http://elsewhere.example/a?key=s3cret", "http://127.0.0.1:1/a", "ftp://elsewhere.example/a"]
        {
            let server =
                Server::saying(format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n"));
            let host = Url::parse(to).unwrap().host_str().unwrap().to_owned();
            let (scheme, _) = to.split_once(':').unwrap();
            let expected = format!("it redirects to {scheme}://{host}, and only https is followed");
            assert_eq!(server.refusal(&Limits::default()), expected);
        }
    }

    #[test]
    fn a_redirect_to_https_is_followed_five_times() {
        let target = TcpListener::bind("127.0.0.1:0").unwrap();
        let to = format!("https://{}/", target.local_addr().unwrap());
        let said = format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n");
        let server = Server::saying(said);
        let limits = Limits { connect: soon(), ..Limits::default() };
        assert_eq!(server.refusal(&limits), "there was no connection within 100ms");
        target.set_nonblocking(true).unwrap();
        target.accept().unwrap();

        let to = Url::parse(&to).unwrap();
        assert_eq!(refused(REDIRECTS, &to), None);
        assert_eq!(refused(REDIRECTS + 1, &to).unwrap(), "it redirects more than 5 times");
    }

    #[test]
    fn a_long_answer_is_not_read() {
        let limits = Limits { bytes: 1024, ..Limits::default() };
        let too_long = "it is longer than 1.00 KiB, the most that is taken";
        let announced = Server::hanging_after("HTTP/1.1 200 OK\r\ncontent-length: 62914560\r\n\r\n");
        assert_eq!(announced.refusal(&limits), too_long);

        let endless = Server::endless("HTTP/1.1 200 OK\r\n\r\n", "0123456789abcdef");
        assert_eq!(endless.refusal(&limits), too_long);

        let as_long = Server::saying(format!("{OK}\r\n{}", "x".repeat(1024)));
        assert_eq!(fetch(&as_long.url, None, &limits).unwrap().unwrap().bytes.len(), 1024);
    }

    #[test]
    fn a_body_that_is_cut_off_is_refused() {
        let short = Server::saying(format!("{OK}content-length: 3\r\n\r\n{{}}"));
        assert_eq!(short.refusal(&Limits::default()), "end of file before message length reached");
        let chunked = Server::saying(format!("{OK}transfer-encoding: chunked\r\n\r\n2\r\n{{}}\r\n"));
        assert_eq!(chunked.refusal(&Limits::default()), "unexpected EOF during chunk size line");
        let nothing = Server::saying("");
        assert_eq!(nothing.refusal(&Limits::default()), "connection closed before message completed");
    }

    #[test]
    fn an_encoded_body_is_refused() {
        let server = Server::saying(format!("{OK}content-encoding: gzip\r\ncontent-length: 2\r\n\r\n{{}}"));
        assert_eq!(server.refusal(&Limits::default()), "it is encoded as gzip, which was not asked for");
    }

    #[test]
    fn a_host_that_hangs_is_left() {
        let limits = Limits { stall: soon(), total: Duration::from_secs(5), ..Limits::default() };
        for said in ["", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n{"] {
            assert_eq!(Server::hanging_after(said).refusal(&limits), "it sent nothing for 100ms");
        }
    }

    #[test]
    fn a_host_that_never_ends_is_left() {
        let limits = Limits { total: soon(), bytes: u64::MAX, ..Limits::default() };
        let trickling = Server::endless("HTTP/1.1 200 OK\r\n\r\n", " ");
        assert_eq!(trickling.refusal(&limits), "it was not there after 100ms");
    }

    #[test]
    fn a_host_without_a_connection_is_named() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("{}/", listener.local_addr().unwrap());
        let limits = Limits { connect: soon(), ..Limits::default() };
        let silent = refusal(&format!("https://{url}"), &limits);
        assert_eq!(silent, format!("can't fetch https://{url}: there was no connection within 100ms{HINT}"));

        drop(listener);
        let absent = refusal(&format!("http://{url}"), &limits);
        assert!(absent.starts_with(&format!("can't fetch http://{url}: Connection refused")), "{absent}");
    }

    #[test]
    fn plain_http_is_for_loopback_alone() {
        let refused = |from: &str| refusal(from, &Limits::default());
        for host in ["developer.signicat.com", "127.0.0.1.example", "[::ffff:127.0.0.1]", "128.0.0.1"] {
            let line = refused(&format!("http://{host}/a?key=s3cret"));
            let why = "plain http can be changed on its way; use https";
            assert!(line.starts_with("can't fetch from ") && line.ends_with(why), "{line}");
            assert!(!line.contains("s3cret"), "{line}");
        }
        for host in ["127.8.0.1", "[::1]", "LocalHost"] {
            super::url(&format!("http://{host}:1/")).unwrap();
        }
    }

    #[test]
    fn what_is_neither_a_url_nor_a_file_is_refused() {
        let refused = |from: &str| refusal(from, &Limits::default());
        assert_eq!(
            refused("file:///api.json"),
            "can't fetch from file://; give an https URL, or the path of a file"
        );
        assert_eq!(
            refused("https://me:s3cret@example.com/"),
            "can't fetch from example.com: the URL holds a user name or a password; leave them out"
        );
        assert_eq!(
            refused("https://me:s3cret@example.com:x/"),
            "can't read the URL to fetch from: invalid port number"
        );
    }

    #[test]
    fn a_file_is_read_up_to_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("api.json");
        let name = file.to_str().unwrap();
        let limits = Limits { bytes: 2, ..Limits::default() };
        assert!(refusal(name, &limits).starts_with(&format!("can't read {name}: ")));

        fs::write(&file, "{}").unwrap();
        let Fetched { bytes, etag } = fetch(name, Some("\"1\""), &limits).unwrap().unwrap();
        assert_eq!((bytes.as_slice(), etag), (b"{}".as_slice(), None));

        fs::write(&file, "{ }").unwrap();
        let too_long = "it is longer than 2 B, the most that is taken";
        assert_eq!(refusal(name, &limits), format!("can't read {name}: {too_long}"));
    }

    #[test]
    fn what_is_no_regular_file_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let refused = |path: &Path| {
            let name = path.to_str().unwrap();
            let why = "it is no regular file; save the document as one";
            assert_eq!(refusal(name, &Limits::default()), format!("can't read {name}: {why}"));
        };
        refused(folder.path());
        #[cfg(unix)]
        {
            let pipe = folder.path().join("pipe");
            rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RUSR).unwrap();
            refused(&pipe);
            refused(Path::new("/dev/zero"));
        }
    }
}
