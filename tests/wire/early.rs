//! A server that answers before it has the whole request: what it has refused does not go on.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use signicat_sign::{Outcome, Upload};
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
