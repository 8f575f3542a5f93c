//! Downloads that are cut at any place: the path is as it was, the error says so, and the next try goes well.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tempfile::tempdir;

use crate::support::files_in;
use crate::support::wire::{self, Wire};

/// Long enough for several pieces.
fn document() -> Vec<u8> {
    b"%PDF-1.7 ".iter().copied().chain((0..100_000_u32).map(|i| i as u8)).collect()
}

const PDF: (&str, &str) = ("content-type", "application/pdf");

/// How an answer says where it ends.
#[derive(Clone, Copy, Debug)]
enum Framing {
    Length,
    Chunked,
}

impl Framing {
    /// The answer's head, and its body as it goes over the wire.
    fn answer(self, document: &[u8]) -> (Vec<u8>, Vec<u8>) {
        match self {
            Self::Length => {
                let answer = wire::answer("200 OK", &[PDF], document);
                let body = answer.len() - document.len();
                (answer[..body].to_vec(), document.to_vec())
            }
            Self::Chunked => {
                let head =
                    "HTTP/1.1 200 OK\r\ncontent-type: application/pdf\r\ntransfer-encoding: chunked\r\n\r\n";
                let chunk =
                    |chunk: &[u8]| [format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat();
                let chunks: Vec<_> = document.chunks(3000).map(chunk).collect();
                (head.into(), [chunks.concat(), b"0\r\n\r\n".to_vec()].concat())
            }
        }
    }
}

/// A service that says each of these, and hangs up after it.
async fn saying(answers: impl IntoIterator<Item = Vec<u8>>) -> Wire {
    let answers = Arc::new(Mutex::new(answers.into_iter().collect::<VecDeque<_>>()));
    Wire::start(move |mut connection| {
        let answers = answers.clone();
        async move {
            connection.request().await;
            let answer = answers.lock().unwrap().pop_front().unwrap();
            connection.say(answer).await;
        }
    })
    .await
}

#[tokio::test]
async fn a_download_that_is_cut_leaves_the_path_untouched_and_says_so() {
    let tokens = Wire::tokens().await;
    let folder = tempdir().unwrap();
    let path = folder.path().join("out.pdf");
    let document = document();
    for framing in [Framing::Length, Framing::Chunked] {
        let (head, body) = framing.answer(&document);
        let tenths = (0..10).map(|tenth| body.len() * tenth / 10);
        for cut in tenths.chain([body.len() - 1]) {
            for before in [None, Some(b"what was there before")] {
                let place = format!("{framing:?}, cut after {cut} of {} bytes, {before:?}", body.len());
                let whole = [&head[..], &body].concat();
                let service = saying([[&head[..], &body[..cut]].concat(), whole]).await;
                let client = service.builder(&tokens).build().unwrap();
                let download = || client.documents().download(&"0101".parse().unwrap());
                if let Some(before) = before {
                    std::fs::write(&path, before).unwrap();
                }

                let error = download().save_to(&path).await.unwrap_err();
                assert!(error.is_network(), "{place}: {error:?}");
                assert!(error.to_string().contains("the download broke off after"), "{place}: {error}");
                assert_eq!(std::fs::read(&path).ok().as_deref(), before.map(|before| &before[..]), "{place}");
                let expected = before.map(|_| "out.pdf");
                assert_eq!(files_in(folder.path()), Vec::from_iter(expected), "{place}");

                let saved = download().save_to(&path).await.unwrap();
                assert_eq!(saved.length(), document.len() as u64, "{place}");
                assert!(std::fs::read(&path).unwrap() == document, "{place}");
                assert_eq!(files_in(folder.path()), ["out.pdf"], "{place}");
                std::fs::remove_file(&path).unwrap();
            }
        }
    }
}

/// Where nothing but the connection's end says that it ends, a cut one looks like a whole one.
#[tokio::test]
async fn a_download_whose_end_is_not_told_is_not_taken() {
    let tokens = Wire::tokens().await;
    let folder = tempdir().unwrap();
    let path = folder.path().join("out.pdf");
    let document = document();
    for cut in (0..=10).map(|tenth| document.len() * tenth / 10) {
        std::fs::write(&path, b"what was there before").unwrap();
        let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/pdf\r\n\r\n";
        let service = saying([[&head[..], &document[..cut]].concat()]).await;
        let client = service.builder(&tokens).build().unwrap();
        let download = client.documents().download(&"0101".parse().unwrap());
        let error = download.save_to(&path).await.unwrap_err();
        assert!(error.is_integrity(), "{cut}: {error:?}");
        let words = if cut == 0 { "the document is empty" } else { "it may have been cut after" };
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), b"what was there before");
        assert_eq!(files_in(folder.path()), ["out.pdf"]);
    }
}
