//! A refresh over HTTP: what is stored is what came, and what did not change is not fetched twice.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread::{self, JoinHandle};

use crate::repository::{Repository, fixture};

/// Answers one request after the other, and gives the requests.
fn serve(answers: Vec<Vec<u8>>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/openapi.json", listener.local_addr().unwrap());
    let requests = thread::spawn(move || {
        let answer = |answer: Vec<u8>| {
            let (mut connection, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                connection.read_exact(&mut byte).unwrap();
                request.push(byte[0]);
            }
            connection.write_all(&answer).unwrap();
            String::from_utf8(request).unwrap()
        };
        answers.into_iter().map(answer).collect()
    });
    (url, requests)
}

fn whole(etag: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nETag: {etag}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

#[test]
fn what_did_not_change_is_not_fetched_twice() {
    let body = std::fs::read(fixture("springdoc.json")).unwrap();
    let not_modified = b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n".to_vec();
    // The third time it comes whole, though it is the same.
    let answers = vec![whole("\"one\"", &body), not_modified, whole("\"two\"", &body)];
    let (url, requests) = serve(answers);
    let repository = Repository::new();
    let from = format!("{url}?key=secret");
    assert_eq!(repository.spec(&["refresh", "--from", &from]).errors, "");
    assert_eq!(std::fs::read(repository.path("spec/upstream.json")).unwrap(), body);
    let lock = repository.read("spec/upstream.lock.toml");
    assert!(lock.contains(&format!("source = \"{url}\"\n")), "{lock}");
    assert!(lock.contains("etag = '\"one\"'\n") && !lock.contains("secret"), "{lock}");
    repository.commit();

    // Without an address it is the one of the last time.
    for _ in 0..2 {
        let ran = repository.spec(&["refresh"]);
        assert_eq!(ran.errors, "");
        assert!(ran.report.ends_with("\n\nnothing changed\n"), "{}", ran.report);
        assert_eq!(repository.status(), "");
    }
    let requests = requests.join().unwrap();
    let asked: Vec<_> =
        requests.iter().map(|request| request.contains("if-none-match: \"one\"\r\n")).collect();
    assert_eq!(asked, [false, true, true]);
}

/// Who edited the file is not told that nothing changed: it is fetched anew.
#[test]
fn an_edited_upstream_is_replaced() {
    let body = std::fs::read(fixture("springdoc.json")).unwrap();
    let (url, requests) = serve(vec![whole("\"one\"", &body), whole("\"one\"", &body)]);
    let repository = Repository::new();
    assert_eq!(repository.spec(&["refresh", "--from", &url]).errors, "");
    repository.commit();
    repository.edit("spec/upstream.json", "Signicat", "Other");
    assert_eq!(repository.spec(&["refresh"]).errors, "");
    assert_eq!(std::fs::read(repository.path("spec/upstream.json")).unwrap(), body);
    assert!(!requests.join().unwrap()[1].contains("if-none-match"));
}
