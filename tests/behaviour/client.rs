//! Setting up a client.

use std::sync::Arc;
use std::time::Duration;

use signicat_sign::*;

use crate::support::virtual_time::VirtualTime;
use crate::support::wire::{self, Wire};

fn credentials() -> Credentials {
    Credentials::new("id", "secret")
}

/// Compiles if all of these can be shared between threads.
#[test]
fn the_client_and_its_futures_can_be_sent() {
    fn shared<T: Clone + Send + Sync + 'static>() {}
    fn sent<T: Send>(_: T) {}
    fn sent_and_shared<T: Send + Sync>() {}
    shared::<Client>();
    shared::<Documents>();
    shared::<Archive>();
    shared::<Orders>();
    shared::<Tasks>();
    shared::<Packaging>();
    shared::<Order>();
    shared::<NewOrder>();
    shared::<NewOrderBuilder>();
    shared::<NewDocument>();
    shared::<Notification>();
    shared::<Plan>();
    shared::<Advice>();
    shared::<Wait>();
    shared::<WaitAll>();
    shared::<ResumeToken>();
    shared::<OrderState>();
    shared::<TaskState>();
    shared::<CompletedOrder>();
    shared::<TaskDocument>();
    shared::<Collected>();
    shared::<Manifest>();
    shared::<SignatureStructure>();
    sent_and_shared::<ClientBuilder>();
    sent_and_shared::<Error>();
    sent_and_shared::<Upload>();
    sent_and_shared::<Download>();
    sent_and_shared::<DownloadStream>();

    // Never run: what counts is that it compiles.
    let _futures = |client: Client, order: Order, new: NewOrder, upload: Upload| {
        let (order_id, task, packaging) = (order.id(), &order.tasks()[0], &order.packaging_tasks()[0]);
        let document: DocumentId = "1".parse().unwrap();
        let archived: ArchiveId = "1".parse().unwrap();
        let task_document: TaskDocumentId = "1".parse().unwrap();
        let (documents, archive, orders) = (client.documents(), client.archive(), client.orders());
        let (tasks, packagings) = (client.tasks(order_id), client.packaging(order_id));
        let of_task = tasks.document(task, &task_document);
        sent(documents.upload(upload));
        sent(documents.download(&document).save_to("x"));
        sent(documents.download(&document).bytes(1));
        sent(documents.download(&document).stream());
        sent(documents.delete(&document));
        sent(archive.download(&archived).bytes(1));
        sent(archive.delete(&archived));
        sent(orders.create(new));
        sent(orders.get(order_id));
        sent(orders.delete(order_id));
        sent(orders.delete_confirmed(order_id));
        sent(orders.collect_to(order_id, "x"));
        sent(SignatureStructure::of_file("x"));
        sent(orders.wait(&order).into_future());
        sent(orders.wait(&order).changes());
        sent(orders.resume(orders.wait(&order).resume_token()).into_future());
        sent(orders.wait_all([&order]).into_future());
        sent(orders.wait_all([&order]).ends());
        sent(tasks.status(task));
        sent(tasks.events(task));
        sent(tasks.forwards(task));
        sent(tasks.generate_artifact(task));
        sent(of_task.original().bytes(1));
        sent(of_task.generated().bytes(1));
        sent(of_task.result().bytes(1));
        sent(packagings.status(packaging));
        sent(packagings.result(packaging).bytes(1));
        sent(client.raw().get_order(order_id));
    };
    let _futures = |done: CompletedOrder, task: TaskId| {
        sent(done.evidence());
        sent(done.events(&task));
        sent(done.forwards(&task));
        sent(done.collect_to("x"));
        sent(done.delete());
    };
}

/// Outside of any runtime: a test of tokio's would panic where a timer is made.
#[test]
fn building_a_client_needs_no_runtime() {
    let client = Client::builder().credentials(credentials()).build().unwrap();
    drop(client.orders());
}

#[test]
fn plain_http_is_refused_except_to_loopback() {
    let base = |url: &str| Client::builder().credentials(credentials()).base_url(url).build();
    let token = |url: &str| Client::builder().credentials(credentials()).token_url(url).build();
    for url in ["http://127.0.0.1:1/sign", "http://[::1]:1", "http://localhost:1", "https://sign.example.com"]
    {
        base(url).unwrap();
        token(url).unwrap();
    }
    for url in
        ["http://sign.example.com", "http://127.0.0.1.example.com", "http://10.0.0.1", "ftp://127.0.0.1"]
    {
        for error in [base(url).unwrap_err(), token(url).unwrap_err()] {
            assert_eq!(error.kind(), ErrorKind::Config, "{url}");
            assert!(error.to_string().contains("http"), "{error}");
        }
    }
}

#[test]
fn a_base_url_that_holds_more_is_refused() {
    for (url, why) in [
        ("https://user:pass@sign.example.com", "user name"),
        ("https://sign.example.com/?x=1", "query"),
        ("https://sign.example.com/#x", "fragment"),
        ("sign.example.com", "has no scheme: begin it with https://"),
        ("https://", "is no URL"),
    ] {
        let error = Client::builder().credentials(credentials()).base_url(url).build().unwrap_err();
        assert!(error.to_string().contains(why), "{url}: {error}");
        assert!(!error.to_string().contains("pass@"), "{error}");
    }
}

#[tokio::test]
async fn a_trailing_slash_of_the_base_url_does_not_matter() {
    let service =
        crate::support::Service::answering(crate::support::Answer { status: 204, ..Default::default() })
            .await;
    for base in [service.base_url(), format!("{}/", service.base_url()), format!("{}//", service.base_url())]
    {
        let client = service.builder().base_url(base).build().unwrap();
        client.orders().delete(&"1".parse().unwrap()).await.unwrap();
    }
    assert!(service.received().iter().all(|request| request.path == "/orders/1"));
}

#[test]
fn credentials_are_needed() {
    let error = Client::builder().build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("credentials"));
}

#[tokio::test]
async fn options_of_a_call_travel_by_a_clone() {
    let service =
        crate::support::Service::answering(crate::support::Answer { status: 204, ..Default::default() })
            .await;
    let client = service.builder().organization_id("org-1").build().unwrap();
    let id: OrderId = "1".parse().unwrap();
    client.with_header("x-correlation-id", "c-1").unwrap().orders().delete(&id).await.unwrap();
    client.orders().delete(&id).await.unwrap();

    let received = service.received();
    assert_eq!(received[0].header("x-correlation-id"), Some("c-1"));
    assert_eq!(received[1].header("x-correlation-id"), None);
    assert_eq!(received[1].header("Signicat-OrganizationId"), Some("org-1"));
    assert!(client.with_header("Authorization", "Bearer other").unwrap_err().is_validation());
    assert!(client.with_header("x-a", "b\nc").unwrap_err().is_validation());
}

/// progenitor adds it to every request; the contract knows nothing of it.
#[tokio::test]
async fn no_header_is_sent_that_nobody_asked_for() {
    let service =
        crate::support::Service::answering(crate::support::Answer { status: 204, ..Default::default() })
            .await;
    service.client().orders().delete(&"1".parse().unwrap()).await.unwrap();
    let received = service.received();
    let mut names: Vec<_> = received[0].headers.keys().map(|name| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["accept", "authorization", "host", "user-agent"]);
}

#[tokio::test]
async fn the_limits_of_a_call_are_its_own() {
    let time = VirtualTime::default();
    let done = wire::answer("204 No Content", &[], "");
    let service = Wire::slow(&time, Duration::from_secs(40), done).await;
    let tokens = Wire::tokens().await;
    let builder = service.builder(&tokens).runtime(Arc::new(time));
    let client = builder.retry(RetryPolicy::default().attempts(1)).build().unwrap();
    let delete = async |client: Client| client.orders().delete(&"1".parse().unwrap()).await;
    // 30 s by default.
    assert!(delete(client.clone()).await.unwrap_err().is_timeout());
    delete(client.with_attempt_timeout(Duration::from_secs(50))).await.unwrap();
    let patient = client.with_attempt_timeout(None);
    delete(patient.clone()).await.unwrap();
    assert!(delete(patient.with_timeout(Duration::from_secs(39))).await.unwrap_err().is_timeout());
    delete(patient.with_timeout(Duration::from_secs(39)).with_timeout(None)).await.unwrap();
}

#[test]
fn no_limit_is_too_long() {
    let builder = Client::builder().credentials(credentials());
    let forever = Duration::MAX;
    builder
        .connect_timeout(forever)
        .attempt_timeout(forever)
        .stall_timeout(forever)
        .timeout(forever)
        .build()
        .unwrap();
}

#[tokio::test]
async fn calls_without_end_may_be_asked_for() {
    let service =
        crate::support::Service::answering(crate::support::Answer { status: 204, ..Default::default() })
            .await;
    let forever = Duration::MAX;
    let builder = service.builder().attempt_timeout(forever).stall_timeout(forever).timeout(forever);
    builder.build().unwrap().orders().delete(&"1".parse().unwrap()).await.unwrap();
}
