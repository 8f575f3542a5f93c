//! What is no description of this API, or does not arrive, changes nothing and is told in one line.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use serde_json::Value;

use crate::repository::{Repository, fixture};

/// What is answered to one request, and whether the connection is then kept open.
struct Answer(Vec<u8>, bool);

fn answer(head: &str, body: &[u8]) -> Answer {
    let head = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n", body.len());
    Answer([head.as_bytes(), body].concat(), false)
}

/// Answers one request, and gives the URL to ask.
fn serve(Answer(bytes, stays): Answer) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/openapi.json", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            if connection.read(&mut byte).unwrap() == 0 {
                return;
            }
            request.push(byte[0]);
        }
        // Who refuses a long answer hangs up before its end.
        let _ = connection.write_all(&bytes);
        if stays {
            let _ = connection.read(&mut [0]);
        }
    });
    url
}

/// Refuses what is there, with this line.
#[track_caller]
fn assert_refused(from: &str, line: &str) {
    let repository = Repository::new();
    let ran = repository.spec(&["refresh", "--timeout", "1", "--from", from]);
    assert_eq!(ran.errors.replace(from, "<it>"), format!("error: {line}\n"));
    assert_eq!(ran.report, "");
    assert!(!ran.success);
    assert_eq!(repository.status(), "");
}

/// Can't get it, for this reason.
#[track_caller]
fn assert_not_got(url: &str, why: &str) {
    let hint = "if a browser can, save it and give that file with --from";
    assert_refused(url, &format!("can't fetch <it>: {why}; {hint}"));
}

#[test]
fn answers_that_are_no_document() {
    let page = b"<!doctype html><title>Not found</title>";
    assert_refused(
        &serve(answer("200 OK\r\nContent-Type: text/html", page)),
        "<it>: is a web page (HTML), not an OpenAPI document",
    );
    let cut = &std::fs::read(fixture("springdoc.json")).unwrap()[..1000];
    assert_refused(
        &serve(answer("200 OK", cut)),
        "<it>: is cut off or broken JSON: EOF while parsing an object at line 39 column 3",
    );
    assert_refused(
        &serve(answer("200 OK", b"{ \"name\": \"package\" }")),
        "<it>: is no OpenAPI document: it has no `openapi`, the version",
    );
}

#[test]
fn documents_of_another_kind() {
    let with = |change: fn(&mut Value)| {
        let mut document =
            serde_json::from_slice(&std::fs::read(fixture("springdoc.json")).unwrap()).unwrap();
        change(&mut document);
        serve(answer("200 OK", document.to_string().as_bytes()))
    };
    assert_refused(
        &with(|document| document["openapi"] = "3.1.0".into()),
        "<it>: is OpenAPI 3.1.0; 3.0 is needed: progenitor reads no other",
    );
    assert_refused(
        &with(|document| document["swagger"] = "2.0".into()),
        "<it>: is Swagger 2.0; OpenAPI 3.0 is needed",
    );
    assert_refused(
        &with(|document| {
            document["info"]["title"] = "Pets".into();
            document["paths"] = serde_json::json!({ "/pets": { "get": { "responses": {} } } });
        }),
        "<it>: describes another API (`Pets`): it has 0 of the contract's 17 operations",
    );
}

#[test]
fn what_does_not_arrive() {
    assert_not_got(&serve(answer("404 Not Found", b"")), "it answered 404 Not Found");
    assert_not_got(
        &serve(answer("302 Found\r\nLocation: http://127.0.0.1:1/elsewhere", b"")),
        "it redirects to http://127.0.0.1, and only https is followed",
    );
    assert_refused("nowhere.json", "can't read <it>: No such file or directory (os error 2)");
    assert_refused(
        "http://publisher.example/openapi.json",
        "can't fetch from publisher.example: plain http can be changed on its way; use https",
    );
}

#[test]
fn an_answer_that_is_too_long() {
    let too_long = "it is longer than 16.00 MiB, the most that is taken";
    let announced = b"HTTP/1.1 200 OK\r\nContent-Length: 62914560\r\n\r\n".to_vec();
    assert_not_got(&serve(Answer(announced, true)), too_long);
    let without_length = [b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b' '; 60 << 20]].concat();
    assert_not_got(&serve(Answer(without_length, false)), too_long);
}

#[test]
fn a_host_that_hangs() {
    let why = "it was not there after 1s";
    assert_not_got(&serve(Answer(Vec::new(), true)), why);
    let begun = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{".to_vec();
    assert_not_got(&serve(Answer(begun, true)), why);
}

#[test]
fn another_refresh_at_the_same_time() {
    let repository = Repository::new();
    std::fs::create_dir(repository.path("target")).unwrap();
    let held = std::fs::File::create(repository.path("target/spec.lock")).unwrap();
    rustix::fs::flock(&held, rustix::fs::FlockOperation::LockExclusive).unwrap();
    let from = fixture("springdoc.json");
    for arguments in [&["refresh", "--from", from.to_str().unwrap()][..], &["confirm"], &["generate"]] {
        let ran = repository.spec(arguments);
        assert_eq!(ran.errors, "error: another `cargo xtask spec` is changing spec/; wait for its end\n");
    }
    drop(held);
    assert_eq!(repository.status(), "");
    assert_eq!(repository.spec(&["generate"]).errors, "");
}
