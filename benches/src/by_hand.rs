//! The floor: what somebody writes who needs this one exchange, with reqwest and serde_json and nothing else. No
//! retry, no limit, no check; a token that never ends; models with what is used and no more.

use std::time::Duration;

use futures_util::StreamExt;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Body, RequestBuilder, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Calls to the service.
pub struct ByHand {
    http: reqwest::Client,
    base: String,
    authorization: HeaderValue,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Status {
    Created,
    Completed,
    Rejected,
    Expired,
    Deleted,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "read, as its user would")]
pub struct TaskStatus {
    order_id: String,
    task_id: String,
    task_status: Status,
    reject_reason: Option<String>,
    client_reference: Option<String>,
    documents: Vec<StatusDocument>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "read, as its user would")]
struct StatusDocument {
    id: String,
    original_uri: Option<String>,
    result_uri: Option<String>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    #[serde(skip_serializing)]
    pub(crate) id: Option<String>,
    client_reference: String,
    pub(crate) tasks: Vec<Task>,
    packaging_tasks: Vec<PackagingTask>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    id: String,
    days_to_live: u32,
    language: String,
    documents: Vec<Document>,
    signature_methods: Vec<SignatureMethod>,
    on_task_complete: String,
    #[serde(skip_serializing)]
    pub(crate) signing_url: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    id: String,
    action: String,
    source: String,
    description: String,
    document_ref: String,
}

#[derive(Serialize, Deserialize)]
struct SignatureMethod {
    name: String,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Serialize, Deserialize)]
struct PackagingTask {
    id: String,
    method: String,
    documents: Vec<Sealed>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sealed {
    task_id: String,
    document_ids: Vec<String>,
}

impl Order {
    /// An order of so many signers, each of whom signs one document; all of it is sealed in the end.
    pub(crate) fn of(names: &[String], document: &str) -> Self {
        let task = |name: &String| Task {
            id: name.clone(),
            days_to_live: 14,
            language: "nb".to_owned(),
            documents: vec![Document {
                id: format!("loan-{name}"),
                action: "SIGN".to_owned(),
                source: "SESSION".to_owned(),
                description: "Loan agreement".to_owned(),
                document_ref: document.to_owned(),
            }],
            signature_methods: vec![SignatureMethod {
                name: "nbid-sign".to_owned(),
                kind: "SIGNED_STATEMENT".to_owned(),
            }],
            on_task_complete: "https://shop.example/done?order=${requestId}&task=${taskId}".to_owned(),
            signing_url: None,
        };
        let sealed =
            |name: &String| Sealed { task_id: name.clone(), document_ids: vec![format!("loan-{name}")] };
        Self {
            id: None,
            client_reference: "case-42".to_owned(),
            tasks: names.iter().map(task).collect(),
            packaging_tasks: vec![PackagingTask {
                id: "sealed".to_owned(),
                method: "pades".to_owned(),
                documents: names.iter().map(sealed).collect(),
            }],
        }
    }
}

impl ByHand {
    /// On connections like the client's: what is set here is what the client sets, too.
    pub fn new(base: &str) -> Result<Self> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .http1_only()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .retry(reqwest::retry::never())
            .connect_timeout(Duration::from_secs(10))
            .pool_idle_timeout(Duration::from_secs(10));
        let token = "t".repeat(900);
        let authorization = HeaderValue::try_from(format!("Bearer {token}")).expect("it fits in a header");
        Ok(Self { http: http.build()?, base: base.to_owned(), authorization })
    }

    pub async fn status(&self, order: &str, task: &str) -> Result<TaskStatus> {
        let request = self.http.get(format!("{}/orders/{order}/tasks/{task}/status", self.base));
        self.json(request).send().await?.error_for_status()?.json().await
    }

    pub async fn create(&self, order: &Order) -> Result<Order> {
        let request = self.http.post(format!("{}/orders", self.base));
        self.json(request).json(order).send().await?.error_for_status()?.json().await
    }

    pub async fn get(&self, order: &str) -> Result<Order> {
        let request = self.http.get(format!("{}/orders/{order}", self.base));
        self.json(request).send().await?.error_for_status()?.json().await
    }

    fn json(&self, request: RequestBuilder) -> RequestBuilder {
        request.header(AUTHORIZATION, self.authorization.clone()).header(ACCEPT, "application/json")
    }

    /// A bare copy of a file to the service.
    pub async fn upload(&self, path: &str) -> anyhow::Result<()> {
        let file = File::open(path).await?;
        let length = file.metadata().await?.len();
        let pieces = futures_util::stream::try_unfold(file, async |mut file| {
            let mut piece = Vec::with_capacity(64 * 1024);
            let read = file.read_buf(&mut piece).await?;
            Ok::<_, std::io::Error>((read > 0).then_some((piece, file)))
        });
        let request = self.http.post(format!("{}/documents", self.base));
        let request = request
            .header(AUTHORIZATION, self.authorization.clone())
            .header(CONTENT_TYPE, "application/pdf")
            .header("content-length", length);
        request.body(Body::wrap_stream(pieces)).send().await?.error_for_status()?.bytes().await?;
        Ok(())
    }

    /// A bare copy of a document to a file, hashed on its way, and on the disk in the end, as the client's is.
    pub async fn download(&self, document: &str, path: &str) -> anyhow::Result<[u8; 32]> {
        let request = self.http.get(format!("{}/documents/{document}", self.base));
        let request = request.header(AUTHORIZATION, self.authorization.clone());
        let mut pieces = request.send().await?.error_for_status()?.bytes_stream();
        let mut file = File::create(path).await?;
        let mut hash = Sha256::new();
        while let Some(piece) = pieces.next().await {
            let piece = piece?;
            hash.update(&piece);
            file.write_all(&piece).await?;
        }
        file.flush().await?;
        file.sync_all().await?;
        Ok(hash.finalize().into())
    }
}
