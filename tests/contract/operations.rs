//! One test an operation.

use serde_json::{Value, json};
use signicat_sign::{Client, DocumentId, NewOrder, OrderId, Signer, TaskDocumentId, TaskId, Upload, types};

use crate::judged;
use crate::support::{contract, operation};

/// The documented JSON answer's body.
fn documented(operation_id: &str) -> Value {
    let answers = operation(&contract(), operation_id)["responses"].clone();
    let (_, answer) =
        answers.as_object().unwrap().iter().find(|(status, _)| status.starts_with('2')).unwrap();
    answer["content"]["application/json"]["example"].clone()
}

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
    ($($(#[$meta:meta])* $operation_id:literal $name:ident |$client:ident| $body:block)+) => {
        /// The operations that are tested here.
        pub const TESTED: &[&str] = &[$($operation_id),+];

        $(
            #[tokio::test]
            async fn $name() {
                judged($operation_id, async |$client: Client| $body).await;
            }
        )+
    };
}

contract_tests! {
    "uploadDocument" upload_document |client| {
        let id = client.documents().upload(Upload::from_bytes(&b"%PDF-1.7"[..]).unwrap()).await.unwrap();
        assert_eq!(id, documented("uploadDocument")["documentId"].as_str().unwrap());
    }
    "getDocument" get_document |client| {
        let id: DocumentId = "0101".parse().unwrap();
        let bytes = client.documents().download(&id).bytes(1024).await.unwrap();
        assert!(bytes.starts_with(b"%PDF-"));
    }
    "deleteDocument" delete_document |client| {
        client.documents().delete(&"0101".parse().unwrap()).await.unwrap();
    }
    "getArchivedDocument" get_archived_document |client| {
        let bytes = client.archive().download(&"0101".parse().unwrap()).bytes(1024).await.unwrap();
        assert!(bytes.starts_with(b"%PDF-"));
    }
    "deleteArchivedDocument" delete_archived_document |client| {
        client.archive().delete(&"0101".parse().unwrap()).await.unwrap();
    }
    "createOrder" create_order |client| {
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
        assert_read(order.details(), &documented("createOrder"));
        assert_eq!(
            order.signing_url("kari").unwrap().expose(),
            documented("createOrder")["tasks"][0]["signingUrl"].as_str().unwrap()
        );
    }
    "getOrder" get_order |client| {
        let order = client.orders().get(&order()).await.unwrap();
        assert_read(order.details(), &documented("getOrder"));
    }
    "deleteOrder" delete_order |client| {
        client.orders().delete(&order()).await.unwrap();
    }
    "getPackagingTaskResult" get_packaging_task_result |client| {
        let bytes = client.packaging(&order()).result(&"sealed".parse().unwrap()).bytes(1024).await.unwrap();
        assert!(bytes.starts_with(b"%PDF-"));
    }
    "getPackagingTaskStatus" get_packaging_task_status |client| {
        let status = client.packaging(&order()).status(&"sealed".parse().unwrap()).await.unwrap();
        assert_eq!(serde_json::to_value(status).unwrap(), documented("getPackagingTaskStatus"));
    }
    "generateArtifact" generate_artifact |client| {
        let answer = client.tasks(&order()).generate_artifact(&task()).await.unwrap();
        let documented = documented("generateArtifact");
        assert_eq!(answer.artifact.unwrap().expose(), documented["artifact"].as_str().unwrap());
        assert_eq!(answer.signing_url.unwrap().expose(), documented["signingUrl"].as_str().unwrap());
        assert_eq!(answer.task_id, documented["taskId"].as_str().unwrap());
        assert_eq!(answer.order_id, documented["orderId"].as_str().unwrap());
    }
    "getOriginalDocument" get_original_document |client| {
        let bytes = client.tasks(&order()).document(&task(), &document()).original().bytes(1024).await.unwrap();
        assert!(!bytes.is_empty());
    }
    "getGeneratedDocument" get_generated_document |client| {
        let bytes = client.tasks(&order()).document(&task(), &document()).generated().bytes(1024).await.unwrap();
        assert!(!bytes.is_empty());
    }
    "getResultDocument" get_result_document |client| {
        let bytes = client.tasks(&order()).document(&task(), &document()).result().bytes(1024).await.unwrap();
        assert!(!bytes.is_empty());
    }
    "getTaskEvents" get_task_events |client| {
        let events = client.tasks(&order()).events(&task()).await.unwrap();
        assert!(events.iter().all(|event| event.event_time.as_ref().unwrap().to_system_time().is_some()));
        assert_eq!(serde_json::to_value(events).unwrap(), documented("getTaskEvents"));
    }
    "getTaskForwards" get_task_forwards |client| {
        let forwards = client.tasks(&order()).forwards(&task()).await.unwrap();
        assert_eq!(serde_json::to_value(forwards).unwrap(), documented("getTaskForwards"));
    }
    "getTaskStatus" get_task_status |client| {
        let status = client.tasks(&order()).status(&task()).await.unwrap();
        assert_eq!(serde_json::to_value(status).unwrap(), documented("getTaskStatus"));
    }
}

/// Whether all of a documented order was read: what is never written is compared by itself.
fn assert_read(read: &types::SigningOrder, documented: &Value) {
    let mut expected = documented.clone();
    assert_eq!(json!(read.id), expected["id"]);
    assert_eq!(read.artifact.as_ref().map(|artifact| artifact.expose()), expected["artifact"].as_str());
    expected.as_object_mut().unwrap().retain(|name, _| name != "id" && name != "artifact");
    for (read, expected) in read.tasks.iter().zip(expected["tasks"].as_array_mut().unwrap()) {
        let url = expected.as_object_mut().unwrap().remove("signingUrl").unwrap_or_default();
        assert_eq!(read.signing_url.as_ref().map(|url| url.expose()), url.as_str());
    }
    drop_nulls(&mut expected);
    assert_eq!(serde_json::to_value(read).unwrap(), expected);
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(drop_nulls);
        }
        Value::Array(values) => values.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}
