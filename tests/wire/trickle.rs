//! Transfers that take longer than every limit: what moves is not cut off, and what stands still is.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::StreamExt;
use sha2::{Digest, Sha256};
use signicat_sign::{Client, DocumentId, Outcome, RetryPolicy, Runtime, Upload};
use tempfile::tempdir;
use tokio::io::{AsyncRead, ReadBuf};

use crate::guarded;
use crate::support::virtual_time::VirtualTime;
use crate::support::wire::{Request, Wire, answer, settle, token};

const MIB: usize = 1024 * 1024;
/// What every wait is limited to.
const LIMIT: Duration = Duration::from_secs(30);
/// How long a piece takes: far below the limit, and many of them far beyond it.
const PIECE_TAKES: Duration = Duration::from_secs(20);
/// Beyond the limit.
const TOO_LONG: Duration = Duration::from_secs(31);

fn id() -> DocumentId {
    "0101".parse().unwrap()
}

fn uploaded() -> Vec<u8> {
    answer("201 Created", &[("content-type", "application/json")], r#"{"documentId":"0101"}"#)
}

/// A token that outlives it all.
async fn tokens() -> Wire {
    Wire::answering(|_| token("t", 86_400)).await
}

fn client_of(service: &Wire, tokens: &Wire, time: &VirtualTime) -> Client {
    let builder = service.builder(tokens).runtime(Arc::new(time.clone()));
    let builder = builder.attempt_timeout(LIMIT).stall_timeout(LIMIT);
    // One attempt: what fails here must not be mended by another.
    builder.retry(RetryPolicy::default().attempts(1)).build().unwrap()
}

/// A number that one side tells the other: how far it is.
#[derive(Clone, Default)]
struct Mark(Arc<AtomicU64>);

impl Mark {
    fn set(&self, to: u64) {
        self.0.store(to, Ordering::SeqCst);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    async fn reaches(&self, mark: u64) {
        while self.get() < mark {
            tokio::task::yield_now().await;
        }
    }
}

/// A piece of a document, the first of which begins as a PDF does.
fn piece(number: usize, length: usize) -> Vec<u8> {
    let mut piece = vec![number as u8; length];
    if number == 0 {
        piece[..9].copy_from_slice(b"%PDF-1.7 ");
    }
    piece
}

/// A server of one document in so many pieces, with time passing after each, when the client has it.
async fn sending(pieces: usize, length: usize, time: &VirtualTime, has: &Mark) -> Wire {
    let (time, has) = (time.clone(), has.clone());
    Wire::start(move |mut connection| {
        let (time, has) = (time.clone(), has.clone());
        async move {
            connection.request().await.unwrap();
            let all = pieces * length;
            let head =
                format!("HTTP/1.1 200 OK\r\ncontent-type: application/pdf\r\ncontent-length: {all}\r\n\r\n");
            connection.say(head).await;
            for number in 0..pieces {
                connection.say(piece(number, length)).await;
                has.reaches((length * (number + 1)) as u64).await;
                settle().await;
                time.advance(PIECE_TAKES);
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_download_of_more_than_an_hour_arrives() {
    const PIECES: usize = 200;
    guarded(async {
        let (time, has) = (VirtualTime::default(), Mark::default());
        let (service, tokens) = (sending(PIECES, MIB, &time, &has).await, tokens().await);
        let mut stream =
            client_of(&service, &tokens, &time).documents().download(&id()).stream().await.unwrap();
        let mut received = 0;
        while let Some(chunk) = stream.next().await {
            received += chunk.unwrap().len() as u64;
            has.set(received);
        }
        assert_eq!(received, (PIECES * MIB) as u64);
        assert!(time.now() >= PIECE_TAKES * (PIECES as u32 - 1));
        assert_eq!(service.count(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_slow_download_is_saved_as_it_was_sent() {
    const PIECES: usize = 64;
    const LENGTH: usize = 128 * 1024;
    guarded(async {
        let (time, has) = (VirtualTime::default(), Mark::default());
        let (service, tokens) = (sending(PIECES, LENGTH, &time, &has).await, tokens().await);
        let folder = tempdir().unwrap();
        let path = folder.path().join("slow.pdf");
        // The disk may be at work still when this is told; no limit runs meanwhile.
        let download = client_of(&service, &tokens, &time)
            .documents()
            .download(&id())
            .on_progress(move |received, _| has.set(received));
        let saved = download.save_to(&path).await.unwrap();
        let content: Vec<u8> = (0..PIECES).flat_map(|number| piece(number, LENGTH)).collect();
        assert_eq!(saved.length(), content.len() as u64);
        assert_eq!(saved.sha256(), <[u8; 32]>::from(Sha256::digest(&content)));
        assert!(std::fs::read(&path).unwrap() == content, "the bytes are the same");
        assert!(time.now() >= PIECE_TAKES * (PIECES as u32 - 1));
    })
    .await;
}

/// A document that takes its time: some passes before each piece.
struct SlowReader {
    time: VirtualTime,
    read: usize,
    length: usize,
}

impl AsyncRead for SlowReader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        if self.read < self.length && self.read.is_multiple_of(MIB) {
            self.time.advance(PIECE_TAKES);
        }
        let piece_ends = (self.read / MIB + 1) * MIB;
        let count = buffer.remaining().min(piece_ends.min(self.length) - self.read);
        buffer.initialize_unfilled_to(count).fill(b'.');
        buffer.advance(count);
        self.read += count;
        Poll::Ready(Ok(()))
    }
}

/// A server that takes uploads as fast as they come, and keeps nothing but their lengths.
async fn taking(taken: &Mark) -> Wire {
    let taken = taken.clone();
    Wire::start(move |mut connection| {
        let taken = taken.clone();
        async move {
            let Some(head) = connection.head().await else { return };
            let request = Request { head, body: Vec::new() };
            let length: usize = request.header("content-length").unwrap().parse().unwrap();
            let mut read = 0;
            while read < length {
                let Some(bytes) = connection.bytes((length - read).min(64 * 1024)).await else { return };
                read += bytes.len();
                taken.set(read as u64);
            }
            connection.say(uploaded()).await;
        }
    })
    .await
}

#[tokio::test]
async fn an_upload_of_more_than_an_hour_arrives() {
    const LENGTH: usize = 200 * MIB;
    guarded(async {
        let (time, taken) = (VirtualTime::default(), Mark::default());
        let (service, tokens) = (taking(&taken).await, tokens().await);
        let reader = SlowReader { time: time.clone(), read: 0, length: LENGTH };
        let upload = Upload::from_reader(reader, Some(LENGTH as u64));
        client_of(&service, &tokens, &time).documents().upload(upload).await.unwrap();
        assert_eq!(taken.get(), LENGTH as u64);
        assert!(time.now() >= PIECE_TAKES * 200);
        assert_eq!(service.connections(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_file_that_the_network_is_slow_to_take_arrives() {
    guarded(on_a_slow_network(false)).await;
}

#[tokio::test]
async fn a_document_in_memory_that_the_network_is_slow_to_take_arrives() {
    guarded(on_a_slow_network(true)).await;
}

/// The network may be what is slow: the server reads a piece, and time passes once the client has moved on.
async fn on_a_slow_network(in_memory: bool) {
    const PIECES: usize = 32;
    let (time, sent, passed) = (VirtualTime::default(), Mark::default(), Arc::new(AtomicUsize::new(0)));
    let (clock, moved, passing) = (time.clone(), sent.clone(), passed.clone());
    let content: Arc<Vec<u8>> = Arc::new((0..PIECES).flat_map(|number| piece(number, MIB)).collect());
    let expected = content.clone();
    let service = Wire::start(move |mut connection| {
        let (clock, moved, passing, expected) =
            (clock.clone(), moved.clone(), passing.clone(), expected.clone());
        async move {
            connection.head().await.unwrap();
            let mut before = 0;
            for piece in expected.chunks(MIB) {
                assert!(connection.bytes(MIB).await.unwrap() == piece, "the bytes are the same");
                // The client reads its file on other threads, so that it is given many turns; where it still
                // does not move, more of what is in the buffers has to go first.
                for _ in 0..20_000 {
                    if moved.get() > before {
                        break;
                    }
                    tokio::task::yield_now().await;
                }
                if moved.get() > before && moved.get() < expected.len() as u64 {
                    before = moved.get();
                    clock.advance(PIECE_TAKES);
                    passing.fetch_add(1, Ordering::SeqCst);
                }
            }
            connection.say(uploaded()).await;
        }
    })
    .await;
    let tokens = tokens().await;
    let folder = tempdir().unwrap();
    let path = folder.path().join("large.pdf");
    std::fs::write(&path, content.as_slice()).unwrap();
    let upload = match in_memory {
        true => Upload::from_bytes(content.to_vec()).unwrap(),
        false => Upload::from_path(&path).await.unwrap(),
    };
    let upload = upload.on_progress(move |bytes, _| sent.set(bytes));
    client_of(&service, &tokens, &time).documents().upload(upload).await.unwrap();
    let passed = passed.load(Ordering::SeqCst);
    eprintln!("time passed {passed} times while {PIECES} MiB were sent");
    assert!(time.now() >= 4 * LIMIT, "{:?}", time.now());
}

#[tokio::test]
async fn a_download_that_stands_still_ends() {
    guarded(async {
        let (time, has) = (VirtualTime::default(), Mark::default());
        let service = Wire::start(|mut connection| async move {
            connection.request().await.unwrap();
            connection
                .say(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/pdf\r\ncontent-length: 100\r\n\r\n%PDF-1.7",
                )
                .await;
            connection.hold().await;
        })
        .await;
        let tokens = tokens().await;
        let download = client_of(&service, &tokens, &time).documents().download(&id());
        let told = has.clone();
        let folder = tempdir().unwrap();
        let path = folder.path().join("stalled.pdf");
        let saving = tokio::spawn(download.on_progress(move |received, _| told.set(received)).save_to(path));
        has.reaches(8).await;
        // Until the disk has it and the next is waited for, which nothing tells: an alarm that is set later goes
        // off later.
        while !saving.is_finished() {
            settle().await;
            time.advance(TOO_LONG);
        }
        let error = saving.await.unwrap().unwrap_err();
        assert!(error.is_timeout(), "{error:?}");
        assert!(error.to_string().contains("stalled"), "{error}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    })
    .await;
}

/// In the middle of its body, and after it.
#[tokio::test]
async fn an_upload_that_stands_still_ends() {
    guarded(async {
        for (length, outcome) in [(32 * MIB, Outcome::NotSent), (MIB / 64, Outcome::Unknown)] {
            let (time, sent) = (VirtualTime::default(), Mark::default());
            let service = Wire::start(move |mut connection| async move {
                connection.bytes(MIB / 128).await.unwrap();
                // Holds the line, and reads no more of it.
                std::future::pending::<()>().await;
            })
            .await;
            let tokens = tokens().await;
            let client = client_of(&service, &tokens, &time);
            let told = sent.clone();
            let content: Vec<u8> = piece(0, length);
            // From a reader, in small pieces: from memory the whole would be handed over at once.
            let upload = Upload::from_reader(std::io::Cursor::new(content), Some(length as u64));
            let upload = upload.on_progress(move |bytes, _| told.set(bytes));
            let uploading = tokio::spawn(async move { client.documents().upload(upload).await });
            // Until the buffers are full, or all is handed over.
            let mut before = 0;
            while sent.get() == 0 || sent.get() > before {
                before = sent.get();
                settle().await;
            }
            assert!(!uploading.is_finished());
            // Once, unless the buffers take some more after all.
            while !uploading.is_finished() {
                time.advance(TOO_LONG);
                settle().await;
            }
            let error = uploading.await.unwrap().unwrap_err();
            assert!(error.is_timeout(), "{error:?}");
            assert_eq!(error.outcome(), outcome, "{error}");
            assert_eq!(service.connections(), 1);
        }
    })
    .await;
}
