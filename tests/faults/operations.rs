//! The operations of the contract: what class each is of, and how it is called.

use std::path::Path;

use serde_json::Value;
use signicat_sign::{Client, DocumentId, Download, Error, NewOrder, OrderId, Signer, Upload};

use crate::support::documented::{content, contract, documented_answer, operations, success};
use crate::support::wire;
use crate::table::Class;

/// An operation as the contract has it.
#[derive(Clone)]
pub struct Operation {
    pub id: String,
    pub class: Class,
    pub has_body: bool,
    /// The documented answer, as bytes on the wire.
    pub answer: Vec<u8>,
    /// The answer's media type.
    pub media_type: String,
}

/// All that the contract has.
pub fn all() -> Vec<Operation> {
    let contract = contract();
    operations(&contract).map(|(_, method, operation)| read(&contract, method, operation)).collect()
}

fn read(contract: &Value, method: &str, operation: &Value) -> Operation {
    let id = operation["operationId"].as_str().unwrap();
    let (_, answer) = success(contract, operation);
    let sent = content(contract, &operation["requestBody"]);
    let class = match method {
        "get" if answer.as_ref().is_some_and(|answer| answer.schema.is_some()) => Class::Read,
        "get" => Class::Download,
        "delete" => Class::Delete,
        "post" => Class::Create { uploads: sent.as_ref().is_some_and(|sent| sent.schema.is_none()) },
        _ => panic!("the fault matrix has no class for {id}: {method}"),
    };
    let documented = documented_answer(contract, id);
    let headers: Vec<_> =
        documented.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    Operation {
        id: id.to_owned(),
        class,
        has_body: sent.is_some(),
        answer: wire::answer(&format!("{} Documented", documented.status), &headers, &documented.body),
        media_type: answer.map_or("application/json", |answer| answer.media_type).to_owned(),
    }
}

/// More than any answer here, and less than what does not end.
const DOWNLOAD_LIMIT: u64 = 1024 * 1024;

/// Calls an operation through its wrapper. Nothing: there is none known here.
pub async fn call(client: &Client, operation_id: &str, document: &Path) -> Option<Result<(), Error>> {
    let order: OrderId = "0102".parse().unwrap();
    let task = "kari".parse().unwrap();
    let sealed = "sealed".parse().unwrap();
    let documents = client.documents();
    let archive = client.archive();
    let orders = client.orders();
    let tasks = client.tasks(&order);
    let task_document = tasks.document(&task, &"loan-kari".parse().unwrap());
    let packaging = client.packaging(&order);
    let result = match operation_id {
        "uploadDocument" => match Upload::from_path(document).await {
            Ok(upload) => documents.upload(upload).await.map(drop),
            Err(error) => Err(error),
        },
        "getDocument" => fetched(documents.download(&"0101".parse().unwrap())).await,
        "deleteDocument" => documents.delete(&"0101".parse().unwrap()).await,
        "getArchivedDocument" => fetched(archive.download(&"0101".parse().unwrap())).await,
        "deleteArchivedDocument" => archive.delete(&"0101".parse().unwrap()).await,
        "createOrder" => orders.create(new_order()).await.map(drop),
        "getOrder" => orders.get(&order).await.map(drop),
        "deleteOrder" => orders.delete(&order).await,
        "getPackagingTaskResult" => fetched(packaging.result(&sealed)).await,
        "getPackagingTaskStatus" => packaging.status(&sealed).await.map(drop),
        "generateArtifact" => tasks.generate_artifact(&task).await.map(drop),
        "getOriginalDocument" => fetched(task_document.original()).await,
        "getGeneratedDocument" => fetched(task_document.generated()).await,
        "getResultDocument" => fetched(task_document.result()).await,
        "getTaskEvents" => tasks.events(&task).await.map(drop),
        "getTaskForwards" => tasks.forwards(&task).await.map(drop),
        "getTaskStatus" => tasks.status(&task).await.map(drop),
        _ => return None,
    };
    Some(result)
}

/// In memory, because a file is written on another thread, whose work virtual time does not wait for.
async fn fetched(download: Download) -> Result<(), Error> {
    download.bytes(DOWNLOAD_LIMIT).await.map(drop)
}

fn new_order() -> NewOrder {
    let pdf: DocumentId = "0101".parse().unwrap();
    NewOrder::builder()
        .document("loan", &pdf, "Loan")
        .signer(Signer::new("kari").handwritten())
        .build()
        .unwrap()
}
