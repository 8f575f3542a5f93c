//! What must not be seen is planted, sent through every operation, and searched for in all that is printed.

use std::io::Write;
use std::sync::{Arc, Mutex};

use serde_json::json;
use signicat_sign::{
    Client, Credentials, DocumentId, Error, NewOrder, NewTask, Order, OrderId, Secret, Signer, Upload, types,
};

use crate::support::{Answer, CLIENT_SECRET, Service, TOKEN};

const ARTIFACT: &str = "planted-artifact";
const SIGNING_URL: &str = "https://sign.example.com/planted-signing-url";
const NATIONAL_ID: &str = "10109001290";
const NAME: &str = "Planted Nordmann";
const PHONE: &str = "+4791122333";
const MAIL: &str = "planted@example.com";
const REASON: &str = "planted reject reason";
const PDF: &str = "%PDF-1.7 planted-document-bytes";
const PLANTED: [&str; 11] = [
    CLIENT_SECRET,
    TOKEN,
    ARTIFACT,
    SIGNING_URL,
    "planted-signing-url",
    NATIONAL_ID,
    NAME,
    PHONE,
    MAIL,
    REASON,
    "planted-document-bytes",
];

/// Everything that is logged in this process, down to TRACE.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// In which of these forms a secret stands in a text.
fn found(text: &str) -> Vec<&'static str> {
    let percent = |secret: &str| form_urlencoded::byte_serialize(secret.as_bytes()).collect::<String>();
    let json = |secret: &str| serde_json::to_string(secret).unwrap().trim_matches('"').to_owned();
    let stands = |secret: &&str| {
        [(*secret).to_owned(), percent(secret), json(secret)].iter().any(|form| text.contains(form.as_str()))
    };
    PLANTED.into_iter().filter(stands).collect()
}

fn order_answer() -> serde_json::Value {
    json!({ "id": "1", "artifact": ARTIFACT, "tasks": [{
        "id": "kari", "signingUrl": SIGNING_URL, "onTaskComplete": SIGNING_URL, "signText": NAME,
        "subject": { "id": NATIONAL_ID, "attributes": [{ "name": "national-id", "value": NATIONAL_ID }] },
        "notifications": [{ "id": "n", "recipient": MAIL, "message": PHONE, "type": "SMS" }],
    }]})
}

/// A service that answers everything with what must not be seen.
async fn service(status: u16) -> Service {
    Service::start(move |request| {
        let segments: Vec<_> = request.path.split('/').skip(1).collect();
        let problem = json!({
            "title": format!("Not {NATIONAL_ID}"), "detail": format!("{MAIL} {PHONE} Bearer {TOKEN} {SIGNING_URL}"),
            "violations": [{ "propertyPath": "tasks[0]", "message": format!("value {NATIONAL_ID} of {MAIL}") }],
        });
        if status >= 300 {
            return Answer::json(status, &problem);
        }
        match (request.method.as_str(), &segments[..]) {
            ("DELETE", _) => Answer { status: 204, ..Default::default() },
            ("POST", ["documents"]) => Answer::json(201, &json!({ "documentId": "0101" })),
            (_, ["orders"] | ["orders", _]) => Answer::json(status, &order_answer()),
            (_, [.., "artifact"]) => Answer::json(status, &json!({ "artifact": ARTIFACT, "orderId": "1", "taskId": "kari", "signingUrl": SIGNING_URL })),
            (_, [.., "events"]) => Answer::json(status, &json!([{ "eventType": MAIL, "eventTime": NATIONAL_ID, "data": MAIL }])),
            (_, [.., "forwards"]) => Answer::json(status, &json!([{ "orderId": "1", "taskId": "t", "forwarderName": NAME, "recipientMobile": PHONE }])),
            (_, [_, _, "tasks", _, "status"]) => Answer::json(status, &json!({ "orderId": "1", "taskId": "kari", "taskStatus": "REJECTED", "rejectReason": REASON })),
            (_, [.., "status"]) => Answer::json(status, &json!({ "orderId": "1", "packagingTaskId": "s", "packagingTaskStatus": "CREATED" })),
            _ => Answer::bytes(status, "application/pdf", PDF.as_bytes()),
        }
    })
    .await
}

fn signer() -> Signer {
    Signer::new("kari")
        .signed_statement("nbid-sign")
        .subject_attribute("national-id", NATIONAL_ID)
        .on_complete(SIGNING_URL)
        .with(|task| task.sign_text = Some(format!("{NAME} {PHONE} {MAIL}")))
}

fn new_order() -> NewOrder {
    let pdf: DocumentId = "0101".parse().unwrap();
    NewOrder::builder()
        .document("loan", &pdf, NAME)
        .client_reference(MAIL)
        .signer(signer())
        .seal_as_pades("s")
        .build()
        .unwrap()
}

/// What all 17 operations give, printed.
async fn printed(client: &Client) -> String {
    let order: OrderId = "1".parse().unwrap();
    let (kari, d) = ("kari".parse().unwrap(), "d".parse().unwrap());
    let (documents, archive, orders) = (client.documents(), client.archive(), client.orders());
    let (tasks, packaging) = (client.tasks(&order), client.packaging(&order));
    let document = tasks.document(&kari, &d);
    let upload = Upload::from_bytes(PDF).unwrap();
    let new = new_order();
    let size = |bytes: bytes::Bytes| bytes.len();
    let mut all = format!(
        "{client:?} {documents:?} {upload:?} {new:?} {orders:?} {tasks:?} {packaging:?} {document:?}"
    );
    macro_rules! say {
        ($($call:expr),+ $(,)?) => { $({
            let result: Result<_, Error> = $call;
            all.push_str(&match &result {
                Ok(value) => format!("\n{value:?} {value:#?}"),
                Err(error) => format!("\n{error} {error:?} {error:#?} {:?}", std::error::Error::source(error)),
            });
        })+ };
    }
    say!(
        documents.upload(upload).await,
        documents.download(&"1".parse().unwrap()).bytes(99).await.map(size),
        documents.delete(&"1".parse().unwrap()).await,
        archive.download(&"1".parse().unwrap()).bytes(99).await.map(size),
        archive.delete(&"1".parse().unwrap()).await,
        orders.create(new).await,
        orders.create(new_order()).await.map(|order: Order| order.details().clone()),
        orders.get(&order).await,
        orders.delete(&order).await,
        packaging.result(&"s".parse().unwrap()).bytes(99).await.map(size),
        packaging.status(&"s".parse().unwrap()).await,
        tasks.generate_artifact(&kari).await,
        document.original().bytes(99).await.map(size),
        document.generated().bytes(99).await.map(size),
        document.result().bytes(99).await.map(size),
        tasks.events(&kari).await,
        tasks.forwards(&kari).await,
        tasks.status(&kari).await,
    );
    if let Ok(order) = orders.get(&order).await {
        // The reason is a signer's own words: in Display on purpose, scrubbed, and in Debug not at all.
        let ended = orders.wait(&order).await.unwrap_err();
        all.push_str(&format!("{ended:?} {:?}", ended.order_state()));
    }
    all
}

#[tokio::test]
async fn nothing_that_was_planted_is_printed_or_logged() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        // The server is in this process too, and it is free to say what it received.
        .with_env_filter("trace,httpmock=off")
        .with_writer(move || writer.clone())
        .init();

    let mut printed_all = String::new();
    for status in [200, 400, 401, 403, 404, 500] {
        let service = service(status).await;
        let builder =
            service.builder().runtime(Arc::new(crate::support::virtual_time::VirtualTime::default()));
        printed_all.push_str(&format!("{builder:?}"));
        printed_all.push_str(&printed(&builder.build().unwrap()).await);
    }
    let pdf: DocumentId = "0101".parse().unwrap();
    let builder = NewOrder::builder().document("loan", &pdf, NAME).client_reference(MAIL).signer(signer());
    printed_all.push_str(&format!(
        "{builder:?} {:?} {:?}",
        signer(),
        NewTask::new("t").sign("d", &pdf, NAME)
    ));
    printed_all.push_str(&format!("{:?} {:?}", Credentials::new("id", CLIENT_SECRET), Secret::from(TOKEN)));

    assert!(printed_all.contains("AuthenticationArtifact"), "the answers were printed");
    assert_eq!(found(&printed_all), [""; 0], "in what was printed: {printed_all}");

    let log = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    assert!(
        log.contains("TRACE") && log.contains("signicat_sign.attempt"),
        "TRACE was on, and the spans are there"
    );
    assert!(log.contains("reqwest") && log.contains("hyper"), "the HTTP client's own log is there");
    assert_eq!(found(&log), [""; 0], "in the log");
}

#[test]
fn the_models_say_their_shape() {
    let order: types::SigningOrder = serde_json::from_value(order_answer()).unwrap();
    assert_eq!(
        format!("{:?}", order.tasks[0]),
        "Task { id: TaskId(\"kari\"), notifications: [1], on_task_complete: (len:44), sign_text: (len:16), \
         signing_url: SigningUrl(https://sign.example.com/…), subject: Subject { attributes: [1], id: (len:11) } }"
    );
    // Read, and never written.
    let written = serde_json::to_string(&order).unwrap();
    assert!(!written.contains(ARTIFACT) && !written.contains("signingUrl"));
    assert_eq!(order.artifact, Some(Secret::from(ARTIFACT)));
    assert_ne!(order.artifact, Some(Secret::from("planted-artifacT")));
}
