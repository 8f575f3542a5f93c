//! `examples/sign_contract.rs` as a person runs it: the main job, and every mistake they may make. And
//! `examples/whole_job.rs`, the program of the README.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::json;
use signicat_sign::sandbox::Sandbox;
use tempfile::{TempDir, tempdir};

use crate::support::{Answer, CLIENT_SECRET, Service, TOKEN};

const CONTRACT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/contract.pdf");

fn example() -> Command {
    example_of("sign_contract")
}

/// An example, with nothing of this process's environment that it would heed.
pub fn example_of(name: &str) -> Command {
    // target/<profile>/deps/<this test> and target/<profile>/examples/<it> are built by one `cargo test`.
    let this = std::env::current_exe().unwrap();
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let path = this.parent().unwrap().parent().unwrap().join("examples").join(name);
    assert!(path.exists(), "{} is not built: run `cargo test` without `--test`", path.display());
    let mut command = Command::new(path);
    for name in ["BASE_URL", "TOKEN_URL", "CLIENT_ID", "CLIENT_SECRET", "SCOPE", "ORGANIZATION_ID"] {
        command.env_remove(format!("SIGNICAT_{name}"));
    }
    command.env_remove("RUST_LOG");
    command
}

/// Runs it to its end.
pub async fn run(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

/// A folder, and a place in it for the result.
fn place() -> (TempDir, PathBuf) {
    let folder = tempdir().unwrap();
    let out = folder.path().join("sealed.pdf");
    (folder, out)
}

#[tokio::test]
async fn the_main_job() {
    let (_folder, out) = place();
    let mut command = example();
    command.arg(CONTRACT).arg("--out").arg(&out);
    // A proxy must not see what goes to loopback; at this one nobody is at home.
    command.env("HTTP_PROXY", "http://127.0.0.1:9").env("http_proxy", "http://127.0.0.1:9");
    let output = run(command).await;
    assert!(output.status.success(), "{output:?}");
    assert!(std::fs::read(&out).unwrap().starts_with(b"%PDF-"));
    let said = String::from_utf8(output.stdout).unwrap();
    for step in ["Uploading", "kari signs at http", "ola signs at http", "Waiting", "Saving", "SHA-256"] {
        assert!(said.contains(step), "{step} in {said}");
    }
}

/// The README's program, letter by letter (a test of xtask compares them): two signers, and a sealed file.
#[tokio::test]
async fn the_whole_job_in_a_dozen_lines() {
    let folder = tempdir().unwrap();
    std::fs::copy(CONTRACT, folder.path().join("loan.pdf")).unwrap();
    let sandbox = Sandbox::builder().signs_by_themselves().packaging_delay(0).start().await.unwrap();
    let mut command = example_of("whole_job");
    command.current_dir(folder.path()).envs(sandbox.env());
    let output = run(command).await;
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.starts_with("http://127.0.0.1:") && said.lines().count() == 1, "{said}");
    let sealed = std::fs::read(folder.path().join("loan-signed.pdf")).unwrap();
    assert!(sealed.starts_with(b"%PDF-"));
    assert_eq!(sandbox.orders()[0]["tasks"].as_array().unwrap().len(), 2);
}

/// One clear line on stderr, an exit code that says no, and nothing at --out.
fn assert_refused(output: &Output, out: &Path, words: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with("error: ") && said.trim_end().lines().count() == 1, "{said}");
    assert!(said.contains(words), "{words:?} in {said}");
    assert!(!out.exists());
}

#[tokio::test]
async fn what_is_no_document_or_no_place() {
    let (folder, out) = place();
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    let cases = [
        (folder.path().join("missing.pdf"), out.clone(), "cannot read"),
        (folder.path().to_owned(), out.clone(), "is a directory"),
        (file("empty.pdf", b""), out.clone(), "is empty"),
        (file("words.pdf", b"only words"), out.clone(), "is no PDF"),
        (CONTRACT.into(), folder.path().join("no").join("folder.pdf"), "there is no folder"),
    ];
    for (document, out, words) in cases {
        let mut command = example();
        command.arg(document).arg("--out").arg(&out);
        assert_refused(&run(command).await, &out, words);
    }
    let mut command = example();
    command.arg(CONTRACT).arg("--out").arg(folder.path());
    let output = run(command).await;
    assert!(String::from_utf8_lossy(&output.stderr).contains("it is a directory"));
    assert!(!output.status.success());
}

#[tokio::test]
async fn a_signer_who_rejects() {
    let (_folder, out) = place();
    let mut command = example();
    command.arg(CONTRACT).arg("--out").arg(&out).arg("--reject");
    assert_refused(&run(command).await, &out, "ola rejected: wrong amount");
}

#[tokio::test]
async fn a_service_that_says_no_or_nothing() {
    let sandbox = Sandbox::start().await.unwrap();
    // It takes connections and never says a word.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}", silent.local_addr().unwrap());
    let cases = [
        (sandbox.base_url().to_owned(), "wrong", "is the client id right, and the secret?"),
        (silent, sandbox.client_secret(), "no answer from"),
        ("http://sign.example.com/sign".to_owned(), sandbox.client_secret(), "plain http"),
        ("nonsense".to_owned(), sandbox.client_secret(), "the base URL has no scheme"),
    ];
    for (base_url, secret, words) in cases {
        let (_folder, out) = place();
        let mut command = example();
        command.arg(CONTRACT).arg("--out").arg(&out).args(["--timeout", "1"]);
        command.envs(sandbox.env()).env("SIGNICAT_BASE_URL", base_url).env("SIGNICAT_CLIENT_SECRET", secret);
        assert_refused(&run(command).await, &out, words);
    }
    let (_folder, out) = place();
    let mut command = example();
    command.arg(CONTRACT).arg("--out").arg(&out).env("SIGNICAT_BASE_URL", sandbox.base_url());
    assert_refused(&run(command).await, &out, "SIGNICAT_CLIENT_ID is not set");
}

/// The links go to the signers on purpose, a line each; nothing else of what is secret is said, at any level.
#[tokio::test]
async fn nothing_leaks_at_trace() {
    const SIGNING_URL: &str = "https://sign.example.com/planted-signing-url";
    let service = Service::start(|request| {
        let segments: Vec<_> = request.path.split('/').skip(1).collect();
        match segments[..] {
            ["documents"] => Answer::json(201, &json!({ "documentId": "0101" })),
            ["orders"] => Answer::json(
                201,
                &json!({ "id": "1", "packagingTasks": [{ "id": "sealed" }], "tasks": [
                { "id": "kari", "signingUrl": SIGNING_URL }, { "id": "ola", "signingUrl": SIGNING_URL }] }),
            ),
            [_, _, "tasks", ..] => {
                Answer::json(200, &json!({ "orderId": "1", "taskId": "t", "taskStatus": "COMPLETED" }))
            }
            [.., "status"] => Answer::json(
                200,
                &json!({ "orderId": "1", "packagingTaskId": "s", "packagingTaskStatus": "COMPLETED" }),
            ),
            _ => Answer::bytes(200, "application/pdf", b"%PDF-1.7 sealed"),
        }
    })
    .await;
    let (_folder, out) = place();
    let mut command = example();
    command.arg(CONTRACT).arg("--out").arg(&out).env("RUST_LOG", "trace");
    command.envs(service.env());
    let output = run(command).await;
    assert!(output.status.success(), "{output:?}");
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    assert!(said.contains("TRACE"), "it was said at TRACE");
    let exempt = |line: &&str| line.contains(" signs at ");
    assert_eq!(said.lines().filter(exempt).count(), 2);
    let rest: String = said.lines().filter(|line| !exempt(line)).collect();
    for secret in [CLIENT_SECRET, TOKEN, SIGNING_URL, "planted-signing-url"] {
        assert!(!rest.contains(secret), "{secret}");
    }
}
