//! One test an operation.

use serde::Serialize;
use serde_json::{Value, json};
use signicat_sign::{Client, DocumentId, NewOrder, OrderId, Signer, TaskDocumentId, TaskId, Upload, types};

use crate::judged;
use crate::support::Answer;
use crate::support::documented::{contract, operation, success};
use crate::support::sample::written;

fn order() -> OrderId {
    "01012030exampleorder".parse().unwrap()
}

fn task() -> TaskId {
    "kari".parse().unwrap()
}

fn document() -> TaskDocumentId {
    "loan-kari".parse().unwrap()
}

macro_rules! contract_tests {
    ($($(#[$meta:meta])* $operation_id:literal $name:ident |$client:ident, $answer:ident| $body:block)+) => {
        /// The operations that are tested here.
        pub const TESTED: &[&str] = &[$($operation_id),+];

        $(
            #[tokio::test]
            async fn $name() {
                judged($operation_id, async |$client: Client, $answer: Answer| $body).await;
            }
        )+
    };
}

contract_tests! {
    "uploadDocument" upload_document |client, answer| {
        let id = client.documents().upload(Upload::from_bytes(&b"%PDF-1.7"[..]).unwrap()).await.unwrap();
        assert_eq!(id, answer.value()["documentId"].as_str().unwrap());
    }
    "getDocument" get_document |client, _answer| {
        let id: DocumentId = "0101".parse().unwrap();
        let bytes = client.documents().download(&id).bytes(1024).await.unwrap();
        assert!(bytes.starts_with(b"%PDF-"));
    }
    "deleteDocument" delete_document |client, _answer| {
        client.documents().delete(&"0101".parse().unwrap()).await.unwrap();
    }
    "getArchivedDocument" get_archived_document |client, _answer| {
        let bytes = client.archive().download(&"0101".parse().unwrap()).bytes(1024).await.unwrap();
        assert!(bytes.starts_with(b"%PDF-"));
    }
    "deleteArchivedDocument" delete_archived_document |client, _answer| {
        client.archive().delete(&"0101".parse().unwrap()).await.unwrap();
    }
    "createOrder" create_order |client, answer| {
        let pdf = "0101".parse().unwrap();
        let new = NewOrder::builder()
            .client_reference("case-42")
            .document("loan", &pdf, "Loan agreement")
            .signer(Signer::new("kari").signed_statement("nbid-sign").on_complete("https://shop.example/done?task=${taskId}"))
            .signer(Signer::new("ola").signed_statement("sbid-sign").after("kari"))
            .seal_as_pades("sealed")
            .build()
            .unwrap();
        let order = client.orders().create(new).await.unwrap();
        let documented = answer.value();
        assert_order("createOrder", order.details(), &documented);
        let task = &documented["tasks"][0];
        let signing_url = order.signing_url(task["id"].as_str().unwrap()).unwrap();
        assert_eq!(signing_url.expose(), task["signingUrl"].as_str().unwrap());
    }
    "getOrder" get_order |client, answer| {
        let order = client.orders().get(&order()).await.unwrap();
        assert_order("getOrder", order.details(), &answer.value());
    }
    "deleteOrder" delete_order |client, _answer| {
        client.orders().delete(&order()).await.unwrap();
    }
    "getPackagingTaskResult" get_packaging_task_result |client, _answer| {
        let bytes = client.packaging(&order()).result(&"sealed".parse().unwrap()).bytes(1024).await.unwrap();
        assert!(bytes.starts_with(b"%PDF-"));
    }
    "getPackagingTaskStatus" get_packaging_task_status |client, answer| {
        let status = client.packaging(&order()).status(&"sealed".parse().unwrap()).await.unwrap();
        assert_read("getPackagingTaskStatus", &status, &answer.value());
    }
    "generateArtifact" generate_artifact |client, answer| {
        let read = client.tasks(&order()).generate_artifact(&task()).await.unwrap();
        let documented = answer.value();
        assert_eq!(read.artifact.unwrap().expose(), documented["artifact"].as_str().unwrap());
        assert_eq!(read.signing_url.unwrap().expose(), documented["signingUrl"].as_str().unwrap());
        assert_eq!(read.task_id, documented["taskId"].as_str().unwrap());
        assert_eq!(read.order_id, documented["orderId"].as_str().unwrap());
    }
    "getOriginalDocument" get_original_document |client, _answer| {
        let bytes = client.tasks(&order()).document(&task(), &document()).original().bytes(1024).await.unwrap();
        assert!(!bytes.is_empty());
    }
    "getGeneratedDocument" get_generated_document |client, _answer| {
        let bytes = client.tasks(&order()).document(&task(), &document()).generated().bytes(1024).await.unwrap();
        assert!(!bytes.is_empty());
    }
    "getResultDocument" get_result_document |client, _answer| {
        let bytes = client.tasks(&order()).document(&task(), &document()).result().bytes(1024).await.unwrap();
        assert!(!bytes.is_empty());
    }
    "getTaskEvents" get_task_events |client, answer| {
        let events = client.tasks(&order()).events(&task()).await.unwrap();
        assert_read("getTaskEvents", &events, &answer.value());
    }
    "getTaskForwards" get_task_forwards |client, answer| {
        let forwards = client.tasks(&order()).forwards(&task()).await.unwrap();
        assert_read("getTaskForwards", &forwards, &answer.value());
    }
    "getTaskStatus" get_task_status |client, answer| {
        let status = client.tasks(&order()).status(&task()).await.unwrap();
        assert_read("getTaskStatus", &status, &answer.value());
    }
}

/// All that is documented was read: it is written again.
fn assert_read(operation_id: &str, read: &impl Serialize, documented: &Value) {
    let contract = contract();
    let (_, content) = success(&contract, operation(&contract, operation_id));
    let expected = written(&contract, content.unwrap().schema.unwrap(), documented);
    assert_eq!(serde_json::to_value(read).unwrap(), expected.unwrap_or_else(|| json!([])));
}

/// The same for an order, of which some is never written and compared by itself.
fn assert_order(operation_id: &str, read: &types::SigningOrder, documented: &Value) {
    let mut documented = documented.clone();
    assert_eq!(json!(read.id), documented["id"]);
    assert_eq!(read.artifact.as_ref().map(|artifact| artifact.expose()), documented["artifact"].as_str());
    documented.as_object_mut().unwrap().retain(|name, _| name != "artifact");
    for (read, documented) in read.tasks.iter().zip(documented["tasks"].as_array_mut().unwrap()) {
        let url = documented.as_object_mut().unwrap().remove("signingUrl").unwrap_or_default();
        assert_eq!(read.signing_url.as_ref().map(|url| url.expose()), url.as_str());
    }
    assert_read(operation_id, read, &documented);
}
