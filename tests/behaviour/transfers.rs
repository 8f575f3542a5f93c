//! Documents on their way: streamed, whole or not at all.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt;
use serde_json::json;
use signicat_sign::{DocumentId, ErrorKind, Outcome, RetryPolicy, Upload};
use tempfile::tempdir;

use crate::support::virtual_time::VirtualTime;
use crate::support::wire::{self, Wire};
use crate::support::{Answer, Service, files_in};

const PDF: &[u8] = b"%PDF-1.7 a small document";

fn id() -> DocumentId {
    "0101".parse().unwrap()
}

fn uploaded() -> Answer {
    Answer::json(201, &json!({ "documentId": "0101" }))
}

#[tokio::test]
async fn a_file_arrives_as_it_is_with_its_type_and_length() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("large.pdf");
    let content: Vec<u8> = PDF.iter().copied().chain((0..300_000_u32).map(|i| i as u8)).collect();
    std::fs::write(&path, &content).unwrap();
    let service = Service::answering(uploaded()).await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let progress = seen.clone();
    let upload = Upload::from_path(&path)
        .await
        .unwrap()
        .on_progress(move |sent, total| progress.lock().unwrap().push((sent, total)));
    service.client().documents().upload(upload).await.unwrap();

    let request = &service.received()[0];
    assert!(request.body == content, "the bytes are the same");
    assert_eq!(request.header("content-type"), Some("application/pdf"));
    assert_eq!(request.header("content-length"), Some(content.len().to_string().as_str()));
    assert_eq!(request.header("transfer-encoding"), None);
    let seen = seen.lock().unwrap();
    assert!(seen.len() > 2 && seen.is_sorted(), "{seen:?}");
    assert_eq!(seen.last(), Some(&(content.len() as u64, Some(content.len() as u64))));
}

#[tokio::test]
async fn another_type_is_sent_as_it_is_said() {
    let service = Service::answering(uploaded()).await;
    let upload = Upload::from_bytes("plain words").unwrap().content_type("text/plain").unwrap();
    service.client().documents().upload(upload).await.unwrap();
    assert_eq!(service.received()[0].header("content-type"), Some("text/plain"));
}

#[tokio::test]
async fn what_is_no_document_is_refused_before_anything_is_sent() {
    let folder = tempdir().unwrap();
    let empty = folder.path().join("empty.pdf");
    let no_pdf = folder.path().join("picture.pdf");
    std::fs::write(&empty, b"").unwrap();
    std::fs::write(&no_pdf, b"\x89PNG").unwrap();

    let error = Upload::from_path(folder.path().join("missing.pdf")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.to_string().contains("missing.pdf"), "{error}");
    for (path, why) in [(folder.path(), "is a directory"), (&empty, "is empty")] {
        let error = Upload::from_path(path).await.unwrap_err();
        assert!(error.is_validation() && error.to_string().contains(why), "{error}");
    }
    assert!(Upload::from_bytes(&b""[..]).unwrap_err().is_validation());

    let service = Service::answering(uploaded()).await;
    let upload = Upload::from_path(&no_pdf).await.unwrap();
    let error = service.client().documents().upload(upload).await.unwrap_err();
    assert!(error.is_validation() && error.to_string().contains("picture.pdf is no PDF"), "{error}");
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert!(service.received().is_empty() && service.token_requests().is_empty());
}

#[tokio::test]
async fn a_file_that_shrinks_while_it_is_sent_is_not_sent() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(PDF).unwrap();
    let upload = Upload::from_path(file.path()).await.unwrap();
    file.as_file().set_len(10).unwrap();
    let service = Service::answering(uploaded()).await;
    let client = service.client().with_retry(RetryPolicy::default().attempts(1));
    let error = client.documents().upload(upload).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotSent, "{error:?}");
    assert!(error.to_string().contains("was changed since it was looked at"), "{error}");
}

#[tokio::test]
async fn a_document_of_another_length_than_announced_is_not_sent() {
    let service = Service::answering(uploaded()).await;
    for announced in [10, 1000] {
        let upload = Upload::from_reader(PDF, Some(announced));
        let error = service.client().documents().upload(upload).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Io, Outcome::NotSent), "{error:?}");
        assert!(error.to_string().contains("has another length than was announced"), "{error}");
    }
    assert!(service.received().is_empty());
}

/// Where a piece ends just at the announced length, too: a document without its end must not be stored.
#[tokio::test]
async fn a_document_that_goes_on_after_its_announced_length_is_not_sent() {
    let service = Service::answering(uploaded()).await;
    for (length, announced) in [(100 * 1024, 64 * 1024), (300 * 1024, 128 * 1024), (64 * 1024 + 1, 64 * 1024)]
    {
        let mut content = PDF.to_vec();
        content.resize(length, b'x');
        let upload = Upload::from_reader(std::io::Cursor::new(content), Some(announced));
        let error = service.client().documents().upload(upload).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::Io, Outcome::NotSent), "{error:?}");
    }
    assert!(service.received().is_empty());
}

#[tokio::test]
async fn a_reader_without_anything_is_no_document() {
    let service = Service::answering(uploaded()).await;
    for (content, length) in [(PDF, Some(0)), (&b""[..], Some(0)), (&b""[..], None)] {
        let error =
            service.client().documents().upload(Upload::from_reader(content, length)).await.unwrap_err();
        assert!(error.is_validation() && error.to_string().contains("is empty"), "{error}");
        assert_eq!(error.outcome(), Outcome::NotSent);
    }
    assert!(service.received().is_empty());
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_became_a_pipe_is_not_waited_for() {
    let service = Service::answering(uploaded()).await;
    let folder = tempdir().unwrap();
    let path = folder.path().join("document.pdf");
    std::fs::write(&path, PDF).unwrap();
    let upload = Upload::from_path(&path).await.unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    let error = service.client().documents().upload(upload).await.unwrap_err();
    assert!(error.to_string().contains("was changed since it was looked at"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn what_replaces_a_file_can_be_read_by_those_who_could() {
    use std::os::unix::fs::PermissionsExt;
    let service = Service::answering(Answer::bytes(200, "application/pdf", PDF)).await;
    let folder = tempdir().unwrap();
    for mode in [0o600, 0o640, 0o666] {
        let path = folder.path().join("out.pdf");
        std::fs::write(&path, b"before").unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        service.client().documents().download(&id()).save_to(&path).await.unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode);
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_is_no_regular_file_is_refused() {
    for path in ["/dev/null", "/proc/version"] {
        assert!(Upload::from_path(path).await.unwrap_err().is_validation(), "{path}");
    }
}

/// Opening a pipe waits for somebody at its other end, and renaming onto one takes its place.
#[cfg(unix)]
#[tokio::test]
async fn a_pipe_is_neither_waited_for_nor_replaced() {
    use std::os::unix::fs::FileTypeExt;
    let folder = tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let error = tokio::time::timeout(Duration::from_secs(5), Upload::from_path(&pipe)).await;
    assert!(error.expect("it is not waited for").unwrap_err().is_validation());

    let service = Service::answering(Answer::bytes(200, "application/pdf", PDF)).await;
    let error = service.client().documents().download(&id()).save_to(&pipe).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
    assert!(service.received().is_empty());
    assert!(std::fs::metadata(&pipe).unwrap().file_type().is_fifo());
}

#[tokio::test]
async fn what_was_uploaded_can_be_downloaded() {
    let with_mark = "\u{feff}%PDF-1.7 after a byte order mark";
    let service = Service::answering(Answer::bytes(200, "Application/PDF; x=y", with_mark.as_bytes())).await;
    assert!(
        service
            .client()
            .documents()
            .upload(Upload::from_bytes(with_mark).unwrap())
            .await
            .unwrap_err()
            .is_decode()
    );
    assert_eq!(service.client().documents().download(&id()).bytes(1000).await.unwrap(), with_mark);
}

#[tokio::test]
async fn nothing_and_a_part_are_no_document() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("evidence.xml");
    std::fs::write(&path, b"what was there before").unwrap();
    for answer in [
        Answer { status: 204, ..Default::default() },
        Answer::bytes(200, "application/x-ltv-sdo", b""),
        Answer::bytes(206, "application/x-ltv-sdo", b"<s"),
    ] {
        let service = Service::answering(answer).await;
        let document = service
            .client()
            .tasks(&"1".parse().unwrap())
            .document(&"t".parse().unwrap(), &"d".parse().unwrap());
        let error = document.result().save_to(&path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Integrity, "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), b"what was there before");
    }
}

#[tokio::test]
async fn a_download_reaches_its_file_whole_with_its_hash() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("out.pdf");
    std::fs::write(&path, b"what was there before").unwrap();
    let service = Service::answering(Answer::bytes(200, "application/pdf", PDF)).await;
    let saved = service.client().documents().download(&id()).save_to(&path).await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), PDF);
    assert_eq!((saved.path(), saved.length()), (path.as_path(), PDF.len() as u64));
    // sha256sum of the same bytes.
    assert_eq!(saved.sha256_hex(), "17c6a0a88a210b1c37dc1d91dcbeac55b3742fa847790886ace1caea6be862bb");
    assert_eq!(files_in(folder.path()), ["out.pdf"]);
}

#[tokio::test]
async fn what_is_no_pdf_where_one_is_promised_is_refused() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("out.pdf");
    let order = "1".parse().unwrap();
    for body in [&b"<html>sorry</html>"[..], b"%PD", b""] {
        // Promised by the answer, or by the contract alone.
        for media_type in ["application/pdf", "text/html"] {
            let service = Service::answering(Answer::bytes(200, media_type, body)).await;
            let error = service
                .client()
                .packaging(&order)
                .result(&"s".parse().unwrap())
                .save_to(&path)
                .await
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Integrity, "{error}");
            assert!(files_in(folder.path()).is_empty());
        }
    }
    // Evidence is XML: nothing is promised.
    let service = Service::answering(Answer::bytes(200, "application/x-ltv-sdo", b"<sdo/>")).await;
    let document = service.client().tasks(&order).document(&"kari".parse().unwrap(), &"d".parse().unwrap());
    assert_eq!(document.result().bytes(100).await.unwrap(), "<sdo/>");
}

#[tokio::test]
async fn bytes_have_a_limit() {
    let service = Service::answering(Answer::bytes(200, "application/pdf", PDF)).await;
    let documents = service.client().documents();
    assert_eq!(documents.download(&id()).bytes(PDF.len() as u64).await.unwrap(), PDF);
    let error = documents.download(&id()).bytes(PDF.len() as u64 - 1).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Integrity);
    assert!(error.to_string().contains("longer than the limit"), "{error}");
}

#[tokio::test]
async fn a_place_that_cannot_be_written_is_found_before_anything_is_sent() {
    let folder = tempdir().unwrap();
    let service = Service::answering(Answer::bytes(200, "application/pdf", PDF)).await;
    for path in [folder.path().join("missing").join("out.pdf"), folder.path().to_owned()] {
        let error = service.client().documents().download(&id()).save_to(&path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io, "{error}");
    }
    assert!(service.received().is_empty());
}

/// What becomes of a connection in the middle of an answer.
#[derive(Clone)]
enum Then {
    Hold,
    /// Longer than a body may stand still.
    LetTimePass(VirtualTime),
}

/// A service that sends so many bytes of a document.
async fn cutting_off(bytes: usize, then: Then) -> Wire {
    Wire::start(move |mut connection| {
        let then = then.clone();
        async move {
            connection.request().await;
            let answer = wire::answer("200 OK", &[("content-type", "application/pdf")], PDF);
            connection.say(&answer[..answer.len() - PDF.len() + bytes]).await;
            match then {
                Then::Hold => connection.hold().await,
                Then::LetTimePass(time) => connection.stall(&time, Duration::from_secs(31)).await,
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_download_that_stalls_ends() {
    let (tokens, time) = (Wire::tokens().await, VirtualTime::default());
    let service = cutting_off(12, Then::LetTimePass(time.clone())).await;
    let client = service.builder(&tokens).runtime(Arc::new(time)).build().unwrap();
    let error = client.documents().download(&id()).bytes(1000).await.unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    assert!(error.to_string().contains("stalled"), "{error}");
}

#[tokio::test]
async fn a_download_that_is_dropped_leaves_nothing() {
    let tokens = Wire::tokens().await;
    let folder = tempdir().unwrap();
    let service = cutting_off(12, Then::Hold).await;
    let client = service.builder(&tokens).build().unwrap();
    let download = client.documents().download(&id()).on_progress(|_, _| {});
    let path = folder.path().join("out.pdf");
    let mut stream = client.documents().download(&id()).stream().await.unwrap();
    assert_eq!(stream.next().await.unwrap().unwrap().len(), 12);
    let saving = tokio::spawn(download.save_to(path));
    // Until the temporary file is there.
    while files_in(folder.path()).is_empty() {
        tokio::task::yield_now().await;
    }
    saving.abort();
    assert!(saving.await.unwrap_err().is_cancelled());
    while !files_in(folder.path()).is_empty() {
        tokio::task::yield_now().await;
    }
}

/// Nor is a token endpoint.
#[tokio::test]
async fn a_service_that_never_answers_is_not_waited_for() {
    let time = VirtualTime::default();
    let silent = Wire::slow(&time, Duration::from_secs(31), "").await;
    let tokens = Wire::tokens().await;
    for (token_endpoint, outcome) in [(&tokens, Outcome::Unknown), (&silent, Outcome::NotSent)] {
        let builder = silent.builder(token_endpoint).runtime(Arc::new(time.clone()));
        let client = builder.retry(RetryPolicy::default().attempts(1)).build().unwrap();
        let error = client.documents().delete(&id()).await.unwrap_err();
        assert!(error.is_timeout(), "{error:?}");
        assert_eq!(error.outcome(), outcome);
    }
}
