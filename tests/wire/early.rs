//! A server that answers before it has the whole request: what it has refused does not go on.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use signicat_sign::{Error, Outcome, Upload};
use tokio::io::{AsyncRead, ReadBuf};

use crate::guarded;
use crate::support::virtual_time::VirtualTime;
use crate::support::wire::{Wire, answer, settle};

const LENGTH: u64 = 256 * 1024 * 1024;

/// A document that says when it is read no more.
struct Document {
    left: u64,
    dropped: Arc<AtomicBool>,
}

impl AsyncRead for Document {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let count = buffer.remaining().min(usize::try_from(self.left).unwrap());
        buffer.initialize_unfilled_to(count).fill(b'.');
        buffer.advance(count);
        self.left -= count as u64;
        Poll::Ready(Ok(()))
    }
}

impl Drop for Document {
    fn drop(&mut self) {
        self.dropped.store(true, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn an_upload_that_is_refused_at_its_head_ends() {
    guarded(async {
        let taken = Arc::new(AtomicUsize::new(0));
        let counted = taken.clone();
        let service = Wire::start(move |mut connection| {
            let counted = counted.clone();
            async move {
                connection.head().await;
                connection.say(answer("413 Content Too Large", &[], "")).await;
                while let Some(bytes) = connection.bytes(64 * 1024).await {
                    counted.fetch_add(bytes.len(), Ordering::SeqCst);
                }
            }
        })
        .await;
        let tokens = Wire::tokens().await;
        let client = service.builder(&tokens).build().unwrap();
        let dropped = Arc::new(AtomicBool::new(false));
        let document = Document { left: LENGTH, dropped: dropped.clone() };
        let error = client.documents().upload(Upload::from_reader(document, Some(LENGTH))).await.unwrap_err();
        assert_eq!((error.status().unwrap().as_u16(), error.outcome()), (413, Outcome::Rejected));
        while !dropped.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
        drop(client);
        service.at_rest().await;
        assert!((taken.load(Ordering::SeqCst) as u64) < LENGTH, "{taken:?}");
    })
    .await;
}

/// Else a document that is sent again would arrive whole twice.
#[tokio::test]
async fn an_upload_that_is_sent_again_goes_on_once() {
    guarded(async {
        const LENGTH: usize = 64 * 1024 * 1024;
        let refused = Arc::new(AtomicUsize::new(0));
        let counted = refused.clone();
        let service = Wire::start(move |mut connection| {
            let counted = counted.clone();
            async move {
                if connection.number > 0 {
                    connection.request().await;
                    let json = [("content-type", "application/json")];
                    connection.say(answer("201 Created", &json, r#"{"documentId":"0101"}"#)).await;
                    return;
                }
                connection.head().await;
                connection.say(answer("429 Too Many Requests", &[], "")).await;
                while let Some(bytes) = connection.bytes(64 * 1024).await {
                    counted.fetch_add(bytes.len(), Ordering::SeqCst);
                }
            }
        })
        .await;
        let tokens = Wire::tokens().await;
        let client = service.builder(&tokens).runtime(Arc::new(VirtualTime::default())).build().unwrap();
        let mut content = b"%PDF-1.7 ".to_vec();
        content.resize(LENGTH, b'.');
        client.documents().upload(Upload::from_bytes(content).unwrap()).await.unwrap();
        drop(client);
        settle().await;
        service.at_rest().await;
        assert_eq!(service.count(), 1);
        assert!(refused.load(Ordering::SeqCst) < LENGTH, "{refused:?}");
    })
    .await;
}

/// Half a document must not be taken for the whole, whatever the service says of it.
#[tokio::test]
async fn a_success_before_the_document_is_whole_is_none() {
    guarded(async {
        let service = Wire::start(|mut connection| async move {
            connection.head().await;
            let json = [("content-type", "application/json")];
            connection.say(answer("201 Created", &json, r#"{"documentId":"0101"}"#)).await;
            connection.hold().await;
        })
        .await;
        let tokens = Wire::tokens().await;
        let client = service.builder(&tokens).build().unwrap();
        let document = Document { left: LENGTH, dropped: Arc::default() };
        let error = client.documents().upload(Upload::from_reader(document, Some(LENGTH))).await.unwrap_err();
        assert!(error.is_integrity(), "{error:?}");
        assert_eq!((error.outcome(), service.connections()), (Outcome::Accepted, 1));
    })
    .await;
}

/// A gateway that fails before it has the document can't have handed it on.
#[tokio::test]
async fn a_failure_before_the_document_is_whole_lets_it_go_again() {
    guarded(async {
        let service = Wire::start(|mut connection| async move {
            if connection.number == 0 {
                connection.head().await;
                connection.say(answer("503 Service Unavailable", &[], "")).await;
                return connection.hold().await;
            }
            connection.request().await;
            let json = [("content-type", "application/json")];
            connection.say(answer("201 Created", &json, r#"{"documentId":"0101"}"#)).await;
        })
        .await;
        let tokens = Wire::tokens().await;
        let client = service.builder(&tokens).runtime(Arc::new(VirtualTime::default())).build().unwrap();
        let mut content = b"%PDF-1.7 ".to_vec();
        content.resize(32 * 1024 * 1024, b'.');
        client.documents().upload(Upload::from_bytes(content).unwrap()).await.unwrap();
        assert_eq!((service.count(), service.connections()), (1, 2));
    })
    .await;
}

/// A reader that gives so much, and then neither more nor its end.
struct Silent {
    content: &'static [u8],
    dropped: Arc<AtomicBool>,
}

impl AsyncRead for Silent {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        match std::mem::take(&mut self.content) {
            [] => Poll::Pending,
            content => {
                buffer.put_slice(content);
                Poll::Ready(Ok(()))
            }
        }
    }
}

impl Drop for Silent {
    fn drop(&mut self) {
        self.dropped.store(true, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn a_refused_upload_lets_its_reader_go_though_that_is_silent() {
    guarded(async {
        let service = Wire::start(|mut connection| async move {
            connection.head().await;
            connection.say(answer("413 Content Too Large", &[], "")).await;
            connection.hold().await;
        })
        .await;
        let tokens = Wire::tokens().await;
        let client = service.builder(&tokens).build().unwrap();
        let dropped = Arc::new(AtomicBool::new(false));
        let reader = Silent { content: b"%PDF-1.7", dropped: dropped.clone() };
        client.documents().upload(Upload::from_reader(reader, Some(20))).await.unwrap_err();
        while !dropped.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
        service.at_rest().await;
    })
    .await;
}

#[tokio::test]
async fn it_is_said_that_it_is_the_reader_that_is_waited_for() {
    guarded(async {
        // All that was announced, without an end; and less.
        for announced in [8, 20] {
            let time = VirtualTime::default();
            let service = Wire::start(|connection| connection.hold()).await;
            let tokens = Wire::tokens().await;
            let client = service.builder(&tokens).runtime(Arc::new(time.clone())).build().unwrap();
            let reader = Silent { content: b"%PDF-1.7", dropped: Arc::default() };
            let upload = Upload::from_reader(reader, Some(announced));
            let uploading = tokio::spawn(async move { client.documents().upload(upload).await });
            while !uploading.is_finished() {
                settle().await;
                time.advance(std::time::Duration::from_secs(10));
            }
            let error = uploading.await.unwrap().unwrap_err();
            assert!(error.is_timeout() && error.to_string().contains("the document's reader"), "{error}");
            assert_eq!(error.outcome(), Outcome::NotSent);
        }
    })
    .await;
}

/// Pieces as a body of the caller's own gives them to the generated client.
struct Pieces {
    frames: std::collections::VecDeque<Frame<Bytes>>,
    length: u64,
    tells_its_end: bool,
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Ready(self.frames.pop_front().map(Ok))
    }

    fn is_end_stream(&self) -> bool {
        self.tells_its_end && self.frames.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}

#[tokio::test]
async fn a_body_of_the_caller_s_own_arrives_as_it_is_or_not_at_all() {
    let nothing = || Some(Frame::data(Bytes::new()));
    let cases = [
        (None, true, 13, true),
        (None, false, 13, true),
        (nothing(), true, 13, true),
        (nothing(), false, 13, true),
        (Some(Frame::trailers(http::HeaderMap::new())), true, 13, true),
        (None, true, 20, false),
        (None, false, 20, false),
        (None, true, 8, false),
    ];
    for (number, (tail, tells_its_end, length, arrives)) in cases.into_iter().enumerate() {
        let json = [("content-type", "application/json")];
        let service =
            Wire::answering(move |_| answer("201 Created", &json, r#"{"documentId":"0101"}"#)).await;
        let tokens = Wire::tokens().await;
        let client = service.builder(&tokens).build().unwrap();
        let frames =
            [Frame::data(Bytes::from_static(b"%PDF-1.7")), Frame::data(Bytes::from_static(b" more"))];
        let frames = frames.into_iter().chain(tail).collect();
        let body = reqwest::Body::wrap(Pieces { frames, length, tells_its_end });
        let result = client.raw().upload_document(body).await.map_err(Error::from);
        assert_eq!(result.is_ok(), arrives, "{number}: {result:?}");
        match result {
            Ok(_) => assert_eq!(service.received()[0].body, b"%PDF-1.7 more"),
            Err(error) => {
                assert_eq!((error.outcome(), service.count()), (Outcome::NotSent, 0), "{number}: {error}")
            }
        }
    }
}
