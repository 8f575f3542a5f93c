//! Building orders, and what is wrong with them.

use serde_json::json;
use signicat_sign::{
    DocumentId, Error, NewOrder, NewOrderBuilder, NewPackaging, NewTask, Outcome, Signer, types,
};

use crate::support::{Answer, Service};

pub fn pdf() -> DocumentId {
    "0101pdf".parse().unwrap()
}

pub fn builder() -> NewOrderBuilder {
    NewOrder::builder().document("loan", &pdf(), "Loan agreement")
}

pub fn kari() -> Signer {
    Signer::new("kari").signed_statement("nbid-sign")
}

#[test]
fn two_signers_on_two_documents_in_one_seal() {
    let terms: DocumentId = "0101terms".parse().unwrap();
    let order = builder()
        .document("terms", &terms, "Terms")
        .client_reference("case-42")
        .signer(
            kari()
                .on_complete("https://shop.example/done?task=${taskId}#x")
                .subject_attribute("national-id", "0"),
        )
        .signer(Signer::new("ola").handwritten().after("kari").document_id("loan", "my-own").days_to_live(7))
        .seal_as_pades("sealed")
        .days_until_deletion(7)
        .build()
        .unwrap();
    let document = |id: &str, reference: &str, description: &str| json!({ "id": id, "action": "SIGN", "source": "SESSION", "documentRef": reference, "description": description });
    assert_eq!(
        serde_json::to_value(order).unwrap(),
        json!({
            "clientReference": "case-42",
            "daysUntilDeletion": 7,
            "tasks": [
                {
                    "id": "kari",
                    "documents": [document("loan-kari", "0101pdf", "Loan agreement"), document("terms-kari", "0101terms", "Terms")],
                    "signatureMethods": [{ "name": "nbid-sign", "type": "SIGNED_STATEMENT" }],
                    "onTaskComplete": "https://shop.example/done?task=${taskId}#x",
                    "subject": { "attributes": [{ "name": "national-id", "value": "0" }] },
                },
                {
                    "id": "ola",
                    "documents": [document("my-own", "0101pdf", "Loan agreement"), document("terms-ola", "0101terms", "Terms")],
                    "signatureMethods": [{ "handwritten": true }],
                    "dependsOnTasks": ["kari"],
                    "daysToLive": 7,
                },
            ],
            "packagingTasks": [{
                "id": "sealed",
                "method": "pades",
                "documents": [
                    { "taskId": "kari", "documentIds": ["loan-kari", "terms-kari"] },
                    { "taskId": "ola", "documentIds": ["my-own", "terms-ola"] },
                ],
            }],
        })
    );
}

#[test]
fn tasks_and_packaging_in_the_api_s_own_terms() {
    let order = NewOrder::builder()
        .task(
            NewTask::new("t")
                .sign("d", &pdf(), "D")
                .view("v", &pdf(), "V")
                .authentication_based("nbid")
                .authenticate(["nbid"]),
        )
        .packaging(NewPackaging::new("p", "pades").document("t", "d").send_to_archive())
        .build()
        .unwrap();
    let sent = serde_json::to_value(&order).unwrap();
    assert_eq!(sent["tasks"][0]["documents"][1]["action"], "VIEW");
    assert_eq!(sent["tasks"][0]["authentication"], json!({ "methods": ["nbid"] }));
    assert_eq!(
        sent["packagingTasks"],
        json!([{ "id": "p", "method": "pades", "sendToArchive": true, "documents": [{ "taskId": "t", "documentIds": ["d"] }] }])
    );
    // What came from the service can be sent again, without what the service sets.
    let mut answer = sent.clone();
    answer["id"] = json!("0102");
    answer["artifact"] = json!("a1");
    answer["tasks"][0]["signingUrl"] = json!("https://sign.example.com/s/1");
    let again: types::SigningOrder = serde_json::from_value(answer).unwrap();
    assert_eq!(serde_json::to_value(NewOrder::try_from(again).unwrap()).unwrap(), sent);
}

/// What is wrong with an order, as `path: message`.
fn violations(builder: NewOrderBuilder) -> Vec<String> {
    let error: Error = builder.build().unwrap_err();
    assert!(error.is_validation());
    assert_eq!((error.outcome(), error.attempts()), (Outcome::NotSent, 0));
    error
        .violations()
        .iter()
        .map(|violation| format!("{}: {}", violation.property_path(), violation.message()))
        .collect()
}

#[test]
fn a_cycle_is_told_on_each_of_its_tasks() {
    let signer = |id: &str, after: &str| Signer::new(id).handwritten().after(after);
    let order = builder().signer(signer("a", "c")).signer(signer("b", "a")).signer(signer("c", "b"));
    let expected =
        [0, 1, 2].map(|task| format!("tasks[{task}].dependsOnTasks[0]: the task would wait for itself"));
    assert_eq!(violations(order), expected);
}

#[test]
fn an_id_that_is_none_hides_no_other_violation() {
    let order = builder().signer(kari().after("").after("nobody").after("kari"));
    assert_eq!(
        violations(order),
        [
            "tasks[0].dependsOnTasks[0]: is no id: it is empty",
            "tasks[0].dependsOnTasks[1]: the order has no task nobody",
            "tasks[0].dependsOnTasks[2]: the task would wait for itself",
        ]
    );
}

#[test]
fn what_is_said_by_with_is_added() {
    let order = builder().signer(Signer::new("ola").handwritten()).signer(kari().after("ola").with(|task| {
        let mut terms = types::TaskDocument::default();
        terms.id = Some("terms".parse().unwrap());
        terms.action = Some(types::DocumentAction::View);
        terms.source = Some(types::DocumentSource::Session);
        terms.document_ref = Some(pdf());
        task.documents.push(terms);
    }));
    let order = order.packaging(NewPackaging::pades("sealed").with(|packaging| {
        let terms = json!({ "documents": [{ "taskId": "kari", "documentIds": ["terms"] }] });
        packaging.documents = serde_json::from_value::<types::PackagingTask>(terms).unwrap().documents;
    }));
    let order = order.build().unwrap();
    let [sealed] = &order.model().packaging_tasks[0].documents[..] else {
        panic!("what is named, and no more")
    };
    assert_eq!(sealed.document_ids, ["terms"]);
    let kari = &order.model().tasks[1];
    let ids: Vec<_> = kari.documents.iter().map(|document| document.id.as_ref().unwrap().as_str()).collect();
    assert_eq!(ids, ["loan-kari", "terms"]);
    assert_eq!(kari.depends_on_tasks, ["ola"]);
}

#[test]
fn all_violations_at_once() {
    let order = builder().signer(kari().after("nobody")).signer(kari()).seal_as_pades("s").seal_as_pades("s");
    assert_eq!(violations(order.clone()).len(), 3, "{:?}", violations(order.clone()));
    let line = order.build().unwrap_err().to_string();
    assert!(line.starts_with("the order is not valid: ") && line.ends_with("(+2 more)"), "{line}");
}

#[tokio::test]
async fn a_signing_address_that_is_not_there_is_explained() {
    let service =
        Service::answering(Answer::json(200, &json!({ "id": "1", "tasks": [{ "id": "kari" }] }))).await;
    let order = service.client().orders().get(&"1".parse().unwrap()).await.unwrap();
    let error = order.signing_url("kari").unwrap_err();
    assert!(error.to_string().contains("keep the one that came when the order was created"), "{error}");
    let error = order.signing_url("ola").unwrap_err();
    assert_eq!(error.to_string(), "the order has no task ola; it has kari");
}
