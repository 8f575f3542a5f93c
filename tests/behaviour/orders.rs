//! Building orders, and what is wrong with them.

use serde_json::{Value, json};
use signicat_sign::{
    DocumentId, Error, NewOrder, NewOrderBuilder, NewPackaging, NewTask, Outcome, Signer, types,
};

use crate::support::documented::contract;
use crate::support::{Answer, Service};

fn pdf() -> DocumentId {
    "0101pdf".parse().unwrap()
}

fn builder() -> NewOrderBuilder {
    NewOrder::builder().document("loan", &pdf(), "Loan agreement")
}

fn kari() -> Signer {
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

fn with_task(change: impl FnOnce(&mut types::Task)) -> NewOrderBuilder {
    let mut task: types::Task = serde_json::from_value(json!({
        "id": "t", "signatureMethods": [{ "name": "m" }],
        "documents": [{ "id": "d", "action": "SIGN", "source": "SESSION", "documentRef": "0101" }],
    }))
    .unwrap();
    change(&mut task);
    NewOrder::builder().task(task)
}

fn of<T: serde::de::DeserializeOwned>(json: Value) -> T {
    serde_json::from_value(json).unwrap()
}

/// A limit that the contract sets on a member of an order, if it sets one.
fn limit(member: &str, name: &str) -> Option<i64> {
    contract()["components"]["schemas"]["SigningOrder"]["properties"][member][name].as_i64()
}

/// Whatever they are.
#[test]
fn the_limits_of_the_contract_hold() {
    let named =
        |length: i64| builder().signer(kari()).client_reference("x".repeat(usize::try_from(length).unwrap()));
    let days = |days: i64| builder().signer(kari()).days_until_deletion(i32::try_from(days).unwrap());
    for (name, bound, beyond) in [("min", "least", -1), ("max", "most", 1)] {
        if let Some(limit) = limit("clientReference", &format!("{name}Length")) {
            let size = limit + beyond;
            let expected = format!("clientReference: must be at {bound} {limit} characters, and is {size}");
            assert_eq!(violations(named(size)), [expected]);
            named(limit).build().unwrap();
        }
        if let Some(limit) = limit("daysUntilDeletion", &format!("{name}imum")) {
            let expected =
                format!("daysUntilDeletion: must be at {bound} {limit}, and is {}", limit + beyond);
            assert_eq!(violations(days(limit + beyond)), [expected]);
            days(limit).build().unwrap();
        }
    }
    let actions = types::DocumentAction::KNOWN.join(", ");
    let stamp = with_task(|task| task.documents[0].action = Some("STAMP".into()));
    assert_eq!(violations(stamp), [format!("tasks[0].documents[0].action: must be one of {actions}")]);
}

#[test]
fn each_rule_by_itself() {
    #[rustfmt::skip]
    let cases: Vec<(NewOrderBuilder, &str)> = vec![
        (NewOrder::builder(), "tasks: is required"),
        (NewOrder::builder().signer(kari()), "tasks[0].documents: is required"),
        (builder().signer(Signer::new("")), "tasks[0].id: is no id: it is empty"),
        (builder().signer(Signer::new("..").document_id("loan", "d").handwritten()), "tasks[0].id: is no id: a path segment of dots addresses something else"),
        (builder().signer(kari()).signer(kari().document_id("loan", "x")), "tasks[1].id: kari is there twice"),
        (builder().task(NewTask::new("t").sign("d", &pdf(), "D").handwritten()), "tasks: nobody signs loan: a document of the order is for its signers"),
        (builder().signer(kari().after("ola")), "tasks[0].dependsOnTasks[0]: the order has no task ola"),
        (builder().signer(kari().after("kari")), "tasks[0].dependsOnTasks[0]: the task would wait for itself"),
        (builder().signer(kari().document_id("other", "x")), "tasks[0].documents: the order has no document other"),
        (builder().signer(kari()).seal_as_pades(""), "packagingTasks[0].id: is no id: it is empty"),
        (builder().signer(kari()).seal_as_pades("s").seal_as_pades("s"), "packagingTasks[1].id: s is there twice"),
        (builder().signer(kari()).packaging(NewPackaging::pades("s").document("ola", "d")), "packagingTasks[0].documents[0].taskId: the order has no task ola"),
        (builder().signer(kari()).packaging(NewPackaging::pades("s").document("kari", "d")), "packagingTasks[0].documents[0].documentIds[0]: the task kari has no document d"),
        (with_task(|task| task.documents[0].document_ref = None), "tasks[0].documents[0].documentRef: is required where the source is SESSION"),
        (with_task(|task| task.documents[0].action = None), "tasks[0].documents[0].action: is required"),
        (with_task(|task| task.documents.push(task.documents[0].clone())), "tasks[0].documents[1].id: d is there twice"),
        (with_task(|task| task.signature_methods[0].name = None), "tasks[0].signatureMethods[0].name: is required where the signature is not handwritten"),
        (with_task(|task| task.subject = of(json!({ "attributes": [{ "name": "national-id" }] }))), "tasks[0].subject.attributes[0].value: is required"),
        (with_task(|task| task.notifications = of(json!([{ "id": "n", "recipient": "a@example.com", "type": "EMAIL", "notificationTemplateParamsId": "x" }]))),
            "tasks[0].notifications[0].notificationTemplateParamsId: the order has no such notification template"),
    ];
    for (builder, expected) in cases {
        let violations = violations(builder);
        // An id that is none is told, and what refers to it is not.
        assert_eq!(violations, [expected]);
    }
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
    let order = order.build().unwrap();
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
