//! The client and the sandbox together: the whole life of an order, without a script.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::json;
use signicat_sign::sandbox::{Fault, Sandbox};
use signicat_sign::types::{EventType, TaskStatus};
use signicat_sign::{
    Client, DocumentId, ErrorKind, NewOrder, NewPackaging, NewTask, Order, RetryPolicy, Signer, Upload,
};
use tempfile::tempdir;
use tokio::runtime::Handle;

use crate::support::virtual_time::VirtualTime;

/// A client whose waits take no time.
pub fn in_virtual_time(sandbox: &Sandbox) -> Client {
    sandbox.client_builder().runtime(Arc::new(VirtualTime::default())).build().unwrap()
}

const CONTRACT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/contract.pdf");

pub async fn upload(client: &Client) -> DocumentId {
    client.documents().upload(Upload::from_path(CONTRACT).await.unwrap()).await.unwrap()
}

pub async fn order_of_two(client: &Client) -> Order {
    let pdf = upload(client).await;
    let order = NewOrder::builder()
        .document("loan", &pdf, "Loan agreement")
        .signer(Signer::new("kari").signed_statement("nbid-sign"))
        .signer(Signer::new("ola").signed_statement("sbid-sign").after("kari"))
        .seal_as_pades("sealed")
        .build()
        .unwrap();
    client.orders().create(order).await.unwrap()
}

#[tokio::test]
async fn from_upload_to_sealed_file() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = in_virtual_time(&sandbox);
    let order = order_of_two(&client).await;
    let (kari, ola) = (&order.tasks()[0], &order.tasks()[1]);
    assert!(order.signing_url("kari").unwrap().expose().starts_with("http://127.0.0.1:"));

    let tasks = client.tasks(order.id());
    assert!(sandbox.signer(order.id(), ola).signs().unwrap_err().to_string().contains("kari"));
    sandbox.signer(order.id(), kari).signs().unwrap();
    assert_eq!(tasks.status(kari).await.unwrap().task_status, Some(TaskStatus::Completed));
    assert_eq!(tasks.status(ola).await.unwrap().task_status, Some(TaskStatus::Created));
    let events: Vec<_> =
        tasks.events(kari).await.unwrap().into_iter().filter_map(|event| event.event_type).collect();
    assert_eq!(events.first(), Some(&EventType::TaskCreated));
    assert_eq!(events.last(), Some(&EventType::TaskCompleted));
    sandbox.signer(order.id(), ola).signs().unwrap();

    let wait = client.orders().wait(&order);
    let done = wait.await.unwrap();
    let folder = tempdir().unwrap();
    let saved = done.sealed("sealed").unwrap().save_to(folder.path().join("sealed.pdf")).await.unwrap();
    let pages = |path: &Path| lopdf::Document::load(path).unwrap().get_pages().len();
    assert!(pages(saved.path()) >= pages(CONTRACT.as_ref()));

    let document = tasks.document(kari, &"loan-kari".parse().unwrap());
    let original = document.original().bytes(1 << 20).await.unwrap();
    assert_eq!(original, std::fs::read(CONTRACT).unwrap());
    assert_eq!(document.generated().bytes(1 << 20).await.unwrap(), original);
    let evidence = document.result().bytes(1 << 20).await.unwrap();
    assert!(String::from_utf8_lossy(&evidence).contains("sandbox"));
}

/// A client compares its own clock with the `Date` of an answer, whoever gives that.
#[tokio::test]
async fn every_answer_tells_the_sandbox_s_time() {
    let new_year = SystemTime::UNIX_EPOCH + Duration::from_secs(1_893_456_000);
    let sandbox = Sandbox::builder().clock(move || new_year).start().await.unwrap();
    sandbox.inject(Fault::html(502).header("date", "yesterday").on("getOrder"));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let date_of = async |url: String| {
        let answer = http.get(url).send().await.unwrap();
        let dates: Vec<_> = answer.headers().get_all("date").iter().cloned().collect();
        assert_eq!(dates.len(), 1, "{dates:?}");
        dates[0].to_str().unwrap().to_owned()
    };
    let archived = format!("{}/archive-documents/1", sandbox.base_url());
    for url in [archived, sandbox.token_url().to_owned(), sandbox.origin().to_owned()] {
        assert_eq!(date_of(url.clone()).await, "Tue, 01 Jan 2030 00:00:00 GMT", "{url}");
    }
    sandbox.advance(Duration::from_secs(86_400));
    assert_eq!(date_of(sandbox.token_url().to_owned()).await, "Wed, 02 Jan 2030 00:00:00 GMT");
    assert_eq!(date_of(format!("{}/orders/1", sandbox.base_url())).await, "yesterday");

    // Before the dates of HTTP.
    let sandbox = Sandbox::builder().clock(|| SystemTime::UNIX_EPOCH - Duration::from_secs(1));
    let sandbox = sandbox.start().await.unwrap();
    assert_eq!(date_of(sandbox.token_url().to_owned()).await, "Thu, 01 Jan 1970 00:00:00 GMT");
}

#[tokio::test]
async fn a_rejection_ends_the_wait_and_nothing_is_sealed() {
    let sandbox =
        Sandbox::builder().signs_by_themselves().rejects("ola", "wrong amount").start().await.unwrap();
    let client = in_virtual_time(&sandbox);
    let order = order_of_two(&client).await;
    let wait = client.orders().wait(&order);
    let error = wait.await.unwrap_err();
    assert!(error.is_order_ended());
    assert_eq!(error.order_state().unwrap().task("ola").unwrap().reject_reason(), Some("wrong amount"));
    let result = client.packaging(order.id()).result(&order.packaging_tasks()[0]).bytes(1).await;
    assert!(result.unwrap_err().is_not_found());
}

#[tokio::test]
async fn documents_and_orders_are_deleted() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = in_virtual_time(&sandbox);
    let order = order_of_two(&client).await;
    let pdf = upload(&client).await;
    assert!(client.documents().download(&pdf).bytes(1 << 20).await.is_ok());
    client.documents().delete(&pdf).await.unwrap();
    assert!(client.documents().download(&pdf).bytes(1 << 20).await.unwrap_err().is_not_found());
    assert!(client.documents().delete(&pdf).await.unwrap_err().is_not_found());

    assert_eq!(client.orders().get(order.id()).await.unwrap().tasks(), order.tasks());
    client.orders().delete(order.id()).await.unwrap();
    assert!(client.orders().get(order.id()).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn the_archive_keeps_what_is_sent_to_it() {
    let sandbox = Sandbox::builder().signs_by_themselves().packaging_delay(0).start().await.unwrap();
    let client = in_virtual_time(&sandbox);
    let pdf = upload(&client).await;
    let order = NewOrder::builder()
        .task(NewTask::new("kari").sign("loan", &pdf, "Loan").handwritten())
        .packaging(NewPackaging::pades("sealed").send_to_archive())
        .build()
        .unwrap();
    let order = client.orders().create(order).await.unwrap();
    client.orders().wait(&order).await.unwrap();
    let ids = sandbox.archive_ids();
    let id = ids[0].parse().unwrap();
    assert!(client.archive().download(&id).bytes(1 << 20).await.unwrap().starts_with(b"%PDF-"));
    client.archive().delete(&id).await.unwrap();
    assert!(client.archive().download(&id).bytes(1).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn a_forwarded_task_and_an_artifact() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = in_virtual_time(&sandbox);
    let order = order_of_two(&client).await;
    let (tasks, kari) = (client.tasks(order.id()), &order.tasks()[0]);
    assert!(tasks.forwards(kari).await.unwrap().is_empty());
    let recipient = sandbox.signer(order.id(), kari).forwards_to("Per", "per@example.com").unwrap();
    let forwards = tasks.forwards(kari).await.unwrap();
    assert_eq!(forwards[0].task_id, recipient.task_id().to_owned());
    recipient.signs().unwrap();
    sandbox.signer(order.id(), "ola").signs().unwrap();
    let wait = client.orders().wait(&order);
    wait.await.unwrap();

    let first = tasks.generate_artifact(&order.tasks()[1]).await.unwrap();
    let second = tasks.generate_artifact(&order.tasks()[1]).await.unwrap();
    assert_ne!(first.artifact, second.artifact);
}

#[tokio::test]
async fn what_the_sandbox_refuses_says_where() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = in_virtual_time(&sandbox);
    let nothing: DocumentId = "0101nothing".parse().unwrap();
    let order =
        NewOrder::builder().document("loan", &nothing, "Loan").signer(Signer::new("kari").handwritten());
    let error = client.orders().create(order.build().unwrap()).await.unwrap_err();
    assert!(error.is_validation());
    assert_eq!(error.violations()[0].property_path(), "tasks[0].documents[0].documentRef");
    assert!(sandbox.orders().is_empty());
}

#[tokio::test]
async fn a_token_that_was_revoked_is_replaced() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = in_virtual_time(&sandbox);
    upload(&client).await;
    sandbox.revoke_tokens();
    upload(&client).await;
    // Token, upload, refused, token, upload.
    let statuses: Vec<_> = sandbox.requests().iter().map(|request| request.status / 100).collect();
    assert_eq!(statuses, [2, 2, 4, 2, 2]);
}

#[tokio::test]
async fn two_sandboxes_do_not_see_each_other() {
    let (one, other) = (Sandbox::start().await.unwrap(), Sandbox::start().await.unwrap());
    let order = order_of_two(&one.client()).await;
    let pdf = upload(&one.client()).await;
    assert!(other.client().orders().get(order.id()).await.unwrap_err().is_not_found());
    assert!(other.client().documents().download(&pdf).bytes(1 << 20).await.unwrap_err().is_not_found());
    assert_eq!((one.orders().len(), other.orders().len()), (1, 0));
    assert_eq!(one.orders()[0]["id"], json!(order.id()));

    // Each has tokens of its own, though the credentials are the same.
    let of_one = in_virtual_time(&one).with_retry(RetryPolicy::default().attempts(1));
    of_one.orders().get(order.id()).await.unwrap();
    let tokens = |sandbox: &Sandbox| {
        sandbox.requests().iter().filter(|request| sandbox.token_url().ends_with(&request.path)).count()
    };
    let before = tokens(&one);
    other.revoke_tokens();
    of_one.orders().get(order.id()).await.unwrap();
    assert_eq!(tokens(&one), before);
    let elsewhere = one.client_builder().base_url(other.base_url()).runtime(Arc::new(VirtualTime::default()));
    let error = elsewhere.build().unwrap().orders().get(order.id()).await.unwrap_err();
    assert!(error.is_auth(), "{error}");
}

/// Starts a hundred sandboxes, asks each for something, and ends them by the function. Nothing is left of them.
async fn a_hundred_end(end: impl AsyncFn(Sandbox)) {
    let alive = || Handle::current().metrics().num_alive_tasks();
    let before = alive();
    let started = (0..100).map(|_| Sandbox::start());
    let sandboxes = futures_util::future::try_join_all(started).await.unwrap();
    assert!(alive() >= before + 100);
    let mut addresses = Vec::new();
    for sandbox in &sandboxes {
        let error = sandbox.client().orders().get(&"1".parse().unwrap()).await.unwrap_err();
        assert!(error.is_not_found(), "{error}");
        addresses.push(sandbox.base_url().split('/').nth(2).unwrap().to_owned());
    }
    for sandbox in sandboxes {
        end(sandbox).await;
    }
    // Who drops a sandbox does not wait for its tasks; and a client's connection has to see that it is over.
    for _ in 0..100_000 {
        if alive() == before {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(alive(), before);
    for address in addresses {
        tokio::net::TcpStream::connect(address).await.expect_err("nobody listens");
    }
}

#[tokio::test]
async fn a_hundred_sandboxes_that_are_stopped_leave_no_task_and_no_port() {
    a_hundred_end(async |sandbox| sandbox.stop().await).await;
}

#[tokio::test]
async fn a_hundred_sandboxes_that_are_dropped_leave_no_task_and_no_port() {
    a_hundred_end(async |sandbox| drop(sandbox)).await;
}

/// In a process of its own, because in this one other tests come and go.
#[cfg(target_os = "linux")]
#[test]
fn a_hundred_sandboxes_leave_no_thread() {
    let itself = std::env::current_exe().unwrap();
    let test = ["--exact", "sandbox::threads_before_and_after_a_hundred_sandboxes", "--ignored"];
    let ran = std::process::Command::new(itself).args(test).output().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success() && said.contains(" 1 passed"), "{said}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
#[ignore = "run by the test above"]
async fn threads_before_and_after_a_hundred_sandboxes() {
    let threads = || std::fs::read_dir("/proc/self/task").unwrap().count();
    let before = threads();
    a_hundred_end(async |sandbox| sandbox.stop().await).await;
    assert_eq!(threads(), before);
}

#[tokio::test]
async fn a_sandbox_that_is_dropped_is_gone() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = in_virtual_time(&sandbox).with_retry(RetryPolicy::default().attempts(1));
    upload(&client).await;
    sandbox.stop().await;
    let error = client.orders().get(&"1".parse().unwrap()).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Connect | ErrorKind::Network), "{error:?}");
}
