//! A document on its way to the service.

use std::fmt::{self, Debug, Formatter};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, stream};
use http::HeaderValue;
use tokio::fs::File;
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::body::OnProgress;
use crate::error::Error;
use crate::lock::lock;
use crate::pdf::{HEADER_WITHIN, is_of_type, looks_like_pdf};

/// How much of a file is in memory at a time, in bytes.
const CHUNK: usize = 64 * 1024;

/// A document to upload: from a file, from memory, or from a reader.
///
/// A file is streamed and never in memory as a whole. It is a PDF unless [`content_type`](Upload::content_type)
/// says otherwise, and what is to be a PDF has to look like one.
///
/// ```
/// # async fn example() -> Result<(), signicat_sign::Error> {
/// use signicat_sign::Upload;
///
/// let upload = Upload::from_bytes(&b"%PDF-1.7 ..."[..])?
///     .on_progress(|sent, total| println!("{sent} of {total:?} bytes"));
/// # let missing = Upload::from_path("no/such.pdf").await;
/// # assert!(missing.unwrap_err().to_string().starts_with("cannot read no/such.pdf"));
/// # Ok(())
/// # }
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(example()).unwrap();
/// ```
pub struct Upload {
    source: Source,
    content_type: HeaderValue,
    on_progress: Option<OnProgress>,
}

enum Source {
    Bytes(Bytes),
    Path { path: PathBuf, length: u64, head: Bytes },
    Reader { reader: Mutex<Option<Box<dyn AsyncRead + Send + Unpin>>>, length: Option<u64> },
}

impl Upload {
    /// A document in a file. The file is opened anew for each attempt, so it has to stay until the upload has ended.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign =>
    /// let upload = Upload::from_path("examples/contract.pdf").await?;
    /// let pdf = sign.documents().upload(upload).await?;
    /// assert!(Upload::from_path("examples").await.unwrap_err().is_validation()); // a directory
    /// # );
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) if it can't be read; [`Error::is_validation`] if it is empty, or
    /// a directory, a pipe or another thing whose length is not known: [`from_reader`](Upload::from_reader)
    /// takes those.
    pub async fn from_path(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let unreadable = |error| Error::io(format!("cannot read {}", path.display()), error);
        // Before it is opened: opening a pipe waits for somebody at its other end.
        let metadata = tokio::fs::metadata(path).await.map_err(unreadable)?;
        if metadata.is_dir() {
            return Err(Error::invalid(format!("{} is a directory, not a document", path.display())));
        }
        if !metadata.is_file() {
            let message =
                format!("{} is no file that can be read twice: use Upload::from_reader", path.display());
            return Err(Error::invalid(message));
        }
        let mut file = File::open(path).await.map_err(unreadable)?;
        let mut head = Vec::with_capacity(HEADER_WITHIN);
        (&mut file).take(HEADER_WITHIN as u64).read_to_end(&mut head).await.map_err(unreadable)?;
        // A file of a length that is not told is as good as empty: nothing of it would be sent.
        if head.is_empty() || metadata.len() == 0 {
            return Err(Error::invalid(format!("{} is empty", path.display())));
        }
        Ok(Self::new(Source::Path { path: path.to_owned(), length: metadata.len(), head: head.into() }))
    }

    /// A document in memory.
    ///
    /// ```
    /// use signicat_sign::Upload;
    ///
    /// let upload = Upload::from_bytes(&b"%PDF-1.7 ..."[..])?;
    /// assert!(Upload::from_bytes("").unwrap_err().is_validation());
    /// # Ok::<(), signicat_sign::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::is_validation`] if it is empty.
    pub fn from_bytes(bytes: impl Into<Bytes>) -> Result<Self, Error> {
        let bytes = bytes.into();
        if bytes.is_empty() {
            return Err(Error::invalid("the document is empty"));
        }
        Ok(Self::new(Source::Bytes(bytes)))
    }

    /// A document from a reader, with its length in bytes where that is known.
    ///
    /// It is read to its end, which has to be at that length: one that holds more is not uploaded, and one that stays
    /// open, as a socket does, is to be given as `reader.take(length)`. It can be read once: after an attempt in which
    /// it was opened there is no other, and whether it is a PDF is not looked at.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign =>
    /// let made = &b"%PDF-1.7 ..."[..];
    /// let upload = Upload::from_reader(made, Some(made.len() as u64));
    /// let pdf = sign.documents().upload(upload).await?;
    /// # );
    /// ```
    pub fn from_reader(reader: impl AsyncRead + Send + Unpin + 'static, length: Option<u64>) -> Self {
        Self::new(Source::Reader { reader: Mutex::new(Some(Box::new(reader))), length })
    }

    fn new(source: Source) -> Self {
        let usual = crate::contract::operation("upload_document").usual_type();
        let content_type = usual.unwrap_or("application/octet-stream");
        Self { source, content_type: HeaderValue::from_static(content_type), on_progress: None }
    }

    /// Says what the document is, where it is no PDF.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign =>
    /// let statement = Upload::from_bytes("I agree.")?.content_type("text/plain")?;
    /// let id = sign.documents().upload(statement).await?;
    /// # );
    /// ```
    ///
    /// # Errors
    /// [`Error::is_validation`] if it can't be a header's value.
    pub fn content_type(mut self, content_type: &str) -> Result<Self, Error> {
        self.content_type = HeaderValue::from_str(content_type)
            .map_err(|_| Error::invalid("the content type holds characters that a header can't"))?;
        Ok(self)
    }

    /// Calls back with the bytes sent so far and the length, where it is known. After a failed attempt it
    /// begins again.
    #[must_use]
    pub fn on_progress(mut self, on_progress: impl Fn(u64, Option<u64>) + Send + Sync + 'static) -> Self {
        self.on_progress = Some(Arc::new(on_progress));
        self
    }

    /// What is said to be a PDF has to begin like one; found before anything is sent.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let (head, name) = match &self.source {
            Source::Bytes(bytes) => (bytes, "the document".to_owned()),
            Source::Path { head, path, .. } => (head, path.display().to_string()),
            Source::Reader { length: Some(0), .. } => return Err(Error::invalid("the document is empty")),
            Source::Reader { .. } => return Ok(()),
        };
        let says_pdf = self.content_type.to_str().is_ok_and(|said| is_of_type(said, "application/pdf"));
        if says_pdf && !looks_like_pdf(head) {
            return Err(Error::invalid(format!(
                "{name} is no PDF: there is no %PDF- at its beginning (say what it is by content_type)"
            )));
        }
        Ok(())
    }

    pub(crate) fn media_type(&self) -> &HeaderValue {
        &self.content_type
    }

    pub(crate) fn progress(&self) -> Option<OnProgress> {
        self.on_progress.clone()
    }

    pub(crate) fn length(&self) -> Option<u64> {
        match &self.source {
            Source::Bytes(bytes) => Some(bytes.len() as u64),
            Source::Path { length, .. } => Some(*length),
            Source::Reader { length, .. } => *length,
        }
    }

    /// Whether it can be opened once more.
    pub(crate) fn is_repeatable(&self) -> bool {
        match &self.source {
            Source::Reader { reader, .. } => lock(reader).is_some(),
            Source::Bytes(_) | Source::Path { .. } => true,
        }
    }

    /// Its bytes from the beginning.
    pub(crate) async fn open(&self) -> Result<reqwest::Body, Error> {
        match &self.source {
            Source::Bytes(bytes) => Ok(pieces_of(bytes.clone())),
            Source::Path { path, length, .. } => {
                let unreadable = |error| Error::io(format!("cannot read {}", path.display()), error);
                // Before it is opened: it may have become a pipe.
                let metadata = tokio::fs::metadata(path).await.map_err(unreadable)?;
                if !metadata.is_file() || metadata.len() != *length {
                    let message = format!("{} was changed since it was looked at", path.display());
                    return Err(Error::invalid(message));
                }
                let file = File::open(path).await.map_err(unreadable)?;
                Ok(stream_of(file))
            }
            Source::Reader { reader, .. } => {
                let reader = lock(reader).take();
                reader.map(stream_of).ok_or_else(|| Error::invalid("the document's reader was read before"))
            }
        }
    }
}

/// Bytes as a body that goes piece by piece, so that it is known how far it is.
pub(crate) fn pieces_of(bytes: Bytes) -> reqwest::Body {
    if bytes.len() <= CHUNK {
        return bytes.into();
    }
    let pieces = stream::iter(std::iter::successors(Some((Bytes::new(), bytes)), |(_, rest)| {
        let mut rest = rest.clone();
        (!rest.is_empty()).then(|| (rest.split_to(CHUNK.min(rest.len())), rest))
    }));
    reqwest::Body::wrap_stream(pieces.skip(1).map(|(piece, _)| Ok::<_, std::convert::Infallible>(piece)))
}

fn stream_of(reader: impl AsyncRead + Send + Unpin + 'static) -> reqwest::Body {
    reqwest::Body::wrap_stream(stream::try_unfold(reader, async |mut reader| {
        let mut chunk = BytesMut::with_capacity(CHUNK);
        let read = reader.read_buf(&mut chunk).await;
        let read =
            read.map_err(|error| Error::io("cannot read the document while it is sent", error).carried())?;
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>((read > 0).then(|| (chunk.freeze(), reader)))
    }))
}

impl Debug for Upload {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("length", &self.length())
            .field("content_type", &crate::redact::media_type(self.content_type.to_str().unwrap_or_default()))
            .finish_non_exhaustive()
    }
}
