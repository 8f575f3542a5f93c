//! Every operation of the contract, with what must not be seen in what it sends, and all that it gives printed.

use std::fmt::Debug;

use futures_util::StreamExt;
use signicat_sign::{
    Client, DocumentId, Download, Error, ErrorKind, NewOrder, NewPackaging, NewTask, Order, OrderId,
    PackagingTaskId, Signer, TaskDocumentId, TaskId, Upload, types,
};

use crate::canaries::{ARTIFACT, MAIL, NAME, NATIONAL_ID, ORDER_ID, PDF, PHONE, SIGNING_URL};
use crate::seen::Seen;

pub fn order_id() -> OrderId {
    ORDER_ID.parse().unwrap()
}

pub fn task_id() -> TaskId {
    "kari".parse().unwrap()
}

pub fn signer() -> Signer {
    let message = types::TaskNotification::default();
    Signer::new("kari")
        .signed_statement("nbid-sign")
        .subject_attribute("national-id", NATIONAL_ID)
        .on_complete(SIGNING_URL)
        .notification(with(message, |message| {
            message.id = Some("sms".to_owned());
            message.recipient = Some(PHONE.to_owned());
            message.message = Some(format!("{NAME}: {SIGNING_URL}"));
            message.header = Some(MAIL.to_owned());
            message.type_ = Some(types::NotificationType::Sms);
        }))
        .with(|task| task.sign_text = Some(format!("{NAME} {PHONE} {MAIL} {ARTIFACT}")))
}

fn with<T>(mut value: T, change: impl FnOnce(&mut T)) -> T {
    change(&mut value);
    value
}

pub fn task() -> NewTask {
    NewTask::new("t").sign("d", &document_id(), NAME).subject_attribute("mail", MAIL).handwritten()
}

pub fn document_id() -> DocumentId {
    "0101".parse().unwrap()
}

pub fn new_order() -> signicat_sign::NewOrderBuilder {
    NewOrder::builder()
        .document("loan", &document_id(), NAME)
        .client_reference(MAIL)
        .signer(signer())
        .task(task())
        .packaging(NewPackaging::pades("kari"))
}

pub fn upload() -> Upload {
    Upload::from_bytes(PDF).unwrap()
}

/// Where the results of one operation are told.
struct Told<'a> {
    seen: &'a Seen,
    place: &'a str,
    results: Vec<Result<(), ErrorKind>>,
}

impl Told<'_> {
    fn tell<T: Debug>(&mut self, result: Result<T, Error>) {
        self.results.push(self.seen.result(self.place, result));
    }

    fn handle(&self, value: &impl Debug) {
        self.seen.value(self.place, value);
    }

    /// As bytes, as a stream and to a file. The bytes themselves are the caller's.
    async fn download(&mut self, download: impl Fn() -> Download) {
        self.handle(&download());
        self.tell(download().bytes(10_000).await.map(|bytes| bytes.len()));
        match download().stream().await {
            Ok(mut stream) => {
                self.handle(&stream);
                let mut end = Ok(());
                while let Some(chunk) = stream.next().await {
                    self.handle(&stream);
                    end = self.seen.result(self.place, chunk.map(|chunk| chunk.len()));
                }
                self.results.push(end);
            }
            Err(error) => self.tell(Err::<(), _>(error)),
        }
        let folder = tempfile::tempdir().unwrap();
        self.tell(download().save_to(folder.path().join("saved.pdf")).await);
    }

    fn order(&mut self, client: &Client, order: Result<Order, Error>) {
        if let Ok(order) = &order {
            self.handle(order.details());
            self.handle(&client.orders().wait(order));
            self.tell(order.signing_url("kari").cloned());
            self.seen.panic(self.place, || assert_ne!(order.details(), order.details()));
        }
        self.tell(order);
    }
}

/// Makes the calls of an operation: whether they all went well, or failed.
pub async fn run(
    operation_id: &str,
    client: &Client,
    seen: &Seen,
    place: &str,
) -> Vec<Result<(), ErrorKind>> {
    let (order, kari, sealed) = (order_id(), task_id(), "kari".parse::<PackagingTaskId>().unwrap());
    let document = client.tasks(&order).document(&kari, &"d".parse::<TaskDocumentId>().unwrap());
    let archived = "0101".parse().unwrap();
    let (documents, archive, orders) = (client.documents(), client.archive(), client.orders());
    let (tasks, packaging) = (client.tasks(&order), client.packaging(&order));
    let mut told = Told { seen, place, results: Vec::new() };
    match operation_id {
        "uploadDocument" => {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            std::io::Write::write_all(&mut file, PDF.as_bytes()).unwrap();
            let uploads = [
                upload(),
                Upload::from_path(file.path()).await.unwrap(),
                Upload::from_reader(PDF.as_bytes(), None),
            ];
            for upload in uploads {
                told.handle(&upload);
                told.tell(documents.upload(upload).await);
            }
        }
        "getDocument" => told.download(|| documents.download(&document_id())).await,
        "deleteDocument" => told.tell(documents.delete(&document_id()).await),
        "getArchivedDocument" => told.download(|| archive.download(&archived)).await,
        "deleteArchivedDocument" => told.tell(archive.delete(&archived).await),
        "createOrder" => {
            let order = orders.create(new_order().build().unwrap()).await;
            told.order(client, order);
        }
        "getOrder" => {
            let answer = orders.get(&order).await;
            told.order(client, answer);
            let raw = client.raw().get_order(&order).await;
            told.tell(raw.map(|answer| answer.into_inner()).map_err(Error::from));
        }
        "deleteOrder" => told.tell(orders.delete(&order).await),
        "getPackagingTaskResult" => told.download(|| packaging.result(&sealed)).await,
        "getPackagingTaskStatus" => told.tell(packaging.status(&sealed).await),
        "generateArtifact" => told.tell(tasks.generate_artifact(&kari).await),
        "getOriginalDocument" => told.download(|| document.original()).await,
        "getGeneratedDocument" => told.download(|| document.generated()).await,
        "getResultDocument" => told.download(|| document.result()).await,
        "getTaskEvents" => told.tell(tasks.events(&kari).await),
        "getTaskForwards" => told.tell(tasks.forwards(&kari).await),
        "getTaskStatus" => told.tell(tasks.status(&kari).await),
        other => panic!("the operation {other} is not searched for leaks: add it here"),
    }
    told.results
}
