//! Every id has a type of its own.

use signicat_sign::{Client, DocumentId, OrderId, TaskDocumentId, TaskId};

async fn calls(sign: Client, order: OrderId, task: TaskId, stored: DocumentId, document: TaskDocumentId) {
    _ = sign.orders().get(&task).await;
    _ = sign.tasks(&task).status(&order).await;
    _ = sign.tasks(&order).document(&document, &task);
    _ = sign.tasks(&order).document(&task, &stored);
    _ = sign.documents().download(&document);
    _ = sign.packaging(&order).status(&task).await;
}

fn main() {}
