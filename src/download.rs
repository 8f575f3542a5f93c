//! A document on its way from the service: as a stream, as bytes up to a limit, or to a file.

use std::fmt::{self, Debug, Formatter};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use futures_core::Stream;
use futures_util::StreamExt;
use http::{StatusCode, header};
use progenitor_client::{ByteStream, ResponseValue};

use crate::body::OnProgress;
use crate::client::{Call, Client};
use crate::contract;
use crate::error::{Error, ErrorKind, Outcome, Result, network_error};
use crate::generated;
use crate::pdf::{HEADER_WITHIN, is_of_type, looks_like_pdf};
use crate::runtime::BoxFuture;
use crate::saved::{Partial, Saved};

/// The longest download, in bytes, unless another limit is set: far beyond any document.
const LIMIT: u64 = 1024 * 1024 * 1024;

/// How much is written to a file at a time, in bytes: going to another thread for it has its price.
const BATCH: usize = 256 * 1024;

type Fetch = Box<dyn FnOnce(generated::Client) -> BoxFuture<'static, RawDownload> + Send + Sync>;
pub(crate) type RawDownload = std::result::Result<ResponseValue<ByteStream>, generated::Error<()>>;

/// A document that can be fetched. Nothing is sent before one of its methods is awaited.
///
/// ```
/// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # on_sandbox!(folder; sandbox, sign, pdf =>
/// let saved = sign.documents().download(&pdf).save_to(folder.join("contract.pdf")).await?;
/// println!("{} bytes, SHA-256 {}", saved.length(), saved.sha256_hex());
/// # );
/// ```
#[must_use = "nothing is fetched before save_to, bytes or stream is awaited"]
pub struct Download {
    client: Client,
    operation: &'static str,
    fetch: Fetch,
    on_progress: Option<OnProgress>,
    limit: u64,
}

impl Download {
    pub(crate) fn new(
        client: Client,
        operation: &'static str,
        fetch: impl FnOnce(generated::Client) -> BoxFuture<'static, RawDownload> + Send + Sync + 'static,
    ) -> Self {
        Self { client, operation, fetch: Box::new(fetch), on_progress: None, limit: LIMIT }
    }

    pub(crate) fn operation(&self) -> &'static str {
        self.operation
    }

    /// Calls back with the bytes received so far and the length, where the service says it.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf =>
    /// let download = sign.documents().download(&pdf);
    /// download.on_progress(|received, length| println!("{received} of {length:?} bytes")).bytes(1000).await?;
    /// # );
    /// ```
    pub fn on_progress(mut self, on_progress: impl Fn(u64, Option<u64>) + Send + Sync + 'static) -> Self {
        self.on_progress = Some(Arc::new(on_progress));
        self
    }

    /// Sets the longest that it may be, in bytes; 1 GiB by default. One that is longer ends in an error.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(folder; sandbox, sign, pdf =>
    /// let download = sign.documents().download(&pdf).limit(5);
    /// assert!(download.save_to(folder.join("loan.pdf")).await.unwrap_err().is_integrity());
    /// # );
    /// ```
    pub fn limit(mut self, bytes: u64) -> Self {
        self.limit = bytes;
        self
    }

    /// Fetches it to a file.
    ///
    /// The file is there whole or not at all: the bytes go to a temporary file beside it, are counted,
    /// hashed and, where a PDF is promised, looked at, and then take its place by a rename. What was at the
    /// path before is replaced.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(folder; sandbox, sign, pdf =>
    /// let path = folder.join("loan.pdf");
    /// let saved = sign.documents().download(&pdf).save_to(&path).await?;
    /// assert_eq!(std::fs::read(&path)?.len() as u64, saved.length());
    /// # );
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Io`] if it can't be written there, found before anything is sent where that is possible, or if
    /// a directory, a device or a pipe is there;
    /// [`ErrorKind::Integrity`] if what came is not whole or no PDF; [`Error::is_not_found`] if there is no
    /// such document.
    pub async fn save_to(self, path: impl AsRef<Path>) -> Result<Saved> {
        let file = Partial::beside(path.as_ref())?;
        self.stream().await?.save(file).await
    }

    /// Fetches it into memory, if it is not longer than `limit` bytes; [`limit`](Self::limit) does not count then.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf =>
    /// let bytes = sign.documents().download(&pdf).bytes(10 << 20).await?;
    /// assert!(bytes.starts_with(b"%PDF-"));
    /// # );
    /// ```
    ///
    /// # Errors
    /// [`Error::is_integrity`] if it is longer, not whole, or not the PDF that was promised;
    /// [`Error::is_not_found`] if there is no such document; [`Error::is_timeout`] if it stands still, and
    /// [`Error::is_network`] if it breaks off.
    pub async fn bytes(self, limit: u64) -> Result<Bytes> {
        let mut stream = self.limit(limit).stream().await?;
        let mut bytes = BytesMut::new();
        while let Some(chunk) = stream.next().await {
            bytes.extend_from_slice(&chunk?);
        }
        Ok(bytes.freeze())
    }

    /// Fetches it as a stream of chunks. The last item is an error if it is not whole.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf =>
    /// use futures_util::StreamExt;
    ///
    /// let mut stream = sign.documents().download(&pdf).stream().await?;
    /// while let Some(chunk) = stream.next().await {
    ///     println!("{} bytes", chunk?.len());
    /// }
    /// # );
    /// ```
    ///
    /// # Errors
    /// [`Error::is_not_found`] if there is no such document. The items' errors are those of
    /// [`bytes`](Self::bytes).
    pub async fn stream(self) -> Result<DownloadStream> {
        let call = self.client.call();
        let answer = (self.fetch)(call.raw.clone()).await.map_err(Error::from)?;
        let content_type = answer.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let content_type = content_type.map(str::to_owned);
        let says_pdf = content_type.as_deref().is_some_and(|said| is_of_type(said, "application/pdf"));
        let promised = contract::operation(self.operation).answer_types;
        let pages = ["text/html", "application/json", "application/problem+json"];
        let mut pages = pages.into_iter().filter(|page| !promised.contains(page));
        let says_page = content_type.as_deref().is_some_and(|said| pages.any(|page| is_of_type(said, page)));
        let is_chunked = answer.headers().contains_key(header::TRANSFER_ENCODING);
        let is_part = answer.status() == StatusCode::PARTIAL_CONTENT;
        let stream = DownloadStream {
            expected: match says_pdf || promised == ["application/pdf"] {
                true => Expected::Pdf,
                false if says_page => Expected::NoPage,
                false => Expected::Anything,
            },
            end_is_told: is_chunked || answer.content_length().is_some(),
            length: answer.content_length(),
            content_type,
            chunks: answer.into_inner_stream(),
            head: Vec::new(),
            received: 0,
            limit: self.limit,
            ended: false,
            operation: self.operation,
            on_progress: self.on_progress,
            call,
        };
        if is_part {
            return Err(stream.after(integrity("a part of the document came, and the whole was asked for")));
        }
        Ok(stream)
    }
}

impl Debug for Download {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download").field("operation", &self.operation).finish_non_exhaustive()
    }
}

/// What a document has to look like.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// By what the answer says, or by the contract.
    Pdf,
    /// The answer says that it is a web page or JSON, as gateways send them in a document's place.
    NoPage,
    Anything,
}

/// A document's bytes as they come.
///
/// ```
/// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # on_sandbox!(sandbox, sign, pdf =>
/// let stream = sign.documents().download(&pdf).stream().await?;
/// assert_eq!(stream.content_type(), Some("application/pdf"));
/// assert_eq!(stream.content_length(), Some(12));
/// # );
/// ```
pub struct DownloadStream {
    chunks: Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send + Sync>>,
    call: Call,
    operation: &'static str,
    length: Option<u64>,
    /// Whether one that is cut can be told from a whole one.
    end_is_told: bool,
    content_type: Option<String>,
    expected: Expected,
    head: Vec<u8>,
    received: u64,
    limit: u64,
    ended: bool,
    on_progress: Option<OnProgress>,
}

impl DownloadStream {
    /// The length in bytes, where the service says it.
    #[must_use]
    pub fn content_length(&self) -> Option<u64> {
        self.length
    }

    /// The media type, as the service says it.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// Fetches what is left of it to a file, which is there whole then, or as it was.
    pub(crate) async fn save(mut self, mut file: Partial) -> Result<Saved> {
        let (mut chunks, mut length) = (Vec::new(), 0);
        while let Some(chunk) = self.next().await {
            let chunk = chunk?;
            length += chunk.len();
            chunks.push(chunk);
            if length >= BATCH {
                length = 0;
                file = file.append(std::mem::take(&mut chunks)).await.map_err(|error| self.after(error))?;
            }
        }
        file = file.append(chunks).await.map_err(|error| self.after(error))?;
        file.keep().await.map_err(|error| self.after(error))
    }

    /// An error that was found while the answer was read, with what the call took.
    fn after(&self, error: Error) -> Error {
        self.call.after(self.operation, error)
    }

    fn next_item(&mut self, chunk: Option<reqwest::Result<Bytes>>) -> Option<Result<Bytes, Error>> {
        match chunk {
            Some(Ok(chunk)) => Some(self.check(&chunk).map(|()| chunk)),
            Some(Err(error)) => {
                let cause = network_error(error, "the service");
                let message =
                    format!("the download broke off after {} bytes: {}", self.received, cause.message());
                Some(Err(cause.with_message(message)))
            }
            None => self.check_end().err().map(Err),
        }
    }

    fn check(&mut self, chunk: &Bytes) -> Result<()> {
        self.received += chunk.len() as u64;
        if self.received > self.limit {
            return Err(integrity(format!("the document is longer than the limit of {} bytes", self.limit)));
        }
        let missing = HEADER_WITHIN - self.head.len();
        if missing > 0 {
            self.head.extend(chunk.iter().take(missing));
            if self.head.len() == HEADER_WITHIN {
                self.check_head()?;
            }
        }
        if let Some(on_progress) = &self.on_progress {
            on_progress(self.received, self.length);
        }
        Ok(())
    }

    fn check_end(&self) -> Result<()> {
        match self.length {
            Some(length) if length != self.received => {
                Err(integrity(format!("the download ended after {} of {length} bytes", self.received)))
            }
            _ if self.received == 0 => Err(integrity("the document is empty")),
            _ if !self.end_is_told => {
                let why = "the answer says neither how long it is nor where it ends, so it may have been cut";
                Err(integrity(format!("{why} after {} bytes", self.received)))
            }
            _ => self.check_head(),
        }
    }

    fn check_head(&self) -> Result<()> {
        match self.expected {
            Expected::Pdf if !looks_like_pdf(&self.head) => {
                Err(integrity("a PDF is promised, and what came is none"))
            }
            Expected::NoPage if !looks_like_pdf(&self.head) => {
                Err(integrity("a document was asked for, and a web page or JSON came"))
            }
            _ => Ok(()),
        }
    }
}

impl Stream for DownloadStream {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let chunk = std::task::ready!(self.chunks.poll_next_unpin(context));
        let item = self.next_item(chunk);
        self.ended = !matches!(item, Some(Ok(_)));
        Poll::Ready(item.map(|item| item.map_err(|error| self.after(error))))
    }
}

impl Debug for DownloadStream {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("DownloadStream")
            .field("operation", &self.operation)
            .field("content_length", &self.length)
            .field("content_type", &self.content_type.as_deref().map(crate::redact::media_type))
            .field("received", &self.received)
            .finish_non_exhaustive()
    }
}

fn integrity(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Integrity, Outcome::Accepted, message)
}
