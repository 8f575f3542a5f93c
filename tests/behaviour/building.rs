//! Every member of the contract's order can be said by the builders, and is told in their words when it is wrong.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use signicat_sign::types::{PackagingTriggerStatus, TaskTriggerStatus};
use signicat_sign::{
    Delay, NewDocument, NewOrder, NewOrderBuilder, NewPackaging, NewTask, Notification, NotificationTemplate,
    Placeholder, Signer, types,
};

use crate::orders::pdf;
use crate::support::documented::contract;
use crate::support::sample::{all_properties, resolved, sample_order};
use crate::support::{Answer, Service};

/// All that has a name of its own in the builders.
fn everything() -> NewOrderBuilder {
    let to_sign = NewDocument::sign("loan", &pdf(), "Loan agreement")
        .external_reference("loan-42")
        .sign_text_entry("Loan agreement, version 3")
        .send_result_to_archive()
        .form_field("amount", "250000")
        .interactive_form(true);
    let reminder = Notification::email("kari@example.com")
        .id("reminder")
        .sender("Example Bank")
        .header("A loan agreement")
        .message(format!("Sign it here: {}", Placeholder::TASK_URL))
        .on(TaskTriggerStatus::Created)
        .after(TaskTriggerStatus::Created, Delay::days(2) + Delay::hours(12) + Delay::minutes(30))
        .template("friendly");
    let kari = Signer::new("kari")
        .signed_statement("nbid-sign")
        .handwritten()
        .language("nb")
        .profile("default")
        .configuration("pades")
        .days_to_live(7)
        .dialog("Loan", "Please read it.")
        .sign_text("I accept it.")
        .subject_id("customer-7")
        .subject_attribute_for(["nbid-sign"], "national-id", "0")
        .login_hint_for(["nbid"], "national-id", "0")
        .authenticate(["nbid"])
        .authentication_artifact()
        .on_complete(format!("https://shop.example/done?task={}", Placeholder::TASK_ID))
        .on_reject("https://shop.example/rejected")
        .on_postpone("https://shop.example/later")
        .legacy_document_viewer()
        .notification(reminder);
    let call = || {
        let call = Notification::url("https://shop.example/hook").header("Done").sender("Bank");
        call.message(format!("Order {}", Placeholder::ORDER_ID))
    };
    NewOrder::builder()
        .client_reference("case-42")
        .add_document(to_sign)
        .signer(kari)
        .signer(Signer::new("ola").third_party("sbid-sign").after("kari"))
        .packaging(
            NewPackaging::pades("sealed")
                .send_to_archive()
                .notification(call().on(PackagingTriggerStatus::Completed)),
        )
        .notification(call())
        .notification_template(
            NotificationTemplate::new("friendly")
                .footer("Example Bank")
                .button("Sign")
                .link_text("Or copy this")
                .logo_url("https://cdn.example/logo.png"),
        )
        .days_until_deletion(14)
}

/// The members that a value has, as `Schema.member`.
fn members(contract: &Value, name: &str, schema: &Value, value: &Value, found: &mut BTreeSet<String>) {
    let name = schema["$ref"].as_str().map_or(name, |target| target.rsplit('/').next().unwrap());
    let schema = resolved(contract, schema);
    match value {
        Value::Array(items) => {
            items.iter().for_each(|item| members(contract, name, &schema["items"], item, found));
        }
        Value::Object(values) => {
            for (member, of) in all_properties(contract, schema) {
                if let Some(value) = values.get(member) {
                    found.insert(format!("{name}.{member}"));
                    members(contract, member, of, value, found);
                }
            }
        }
        _ => {}
    }
}

fn members_of(contract: &Value, order: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let schema = json!({ "$ref": "#/components/schemas/SigningOrder" });
    members(contract, "SigningOrder", &schema, order, &mut found);
    found
}

/// The members that an order may have, but for those that the service sets.
fn reachable(contract: &Value, schema: &Value, found: &mut BTreeSet<String>) {
    let Some(target) = schema["$ref"].as_str() else {
        if !schema["items"].is_null() {
            reachable(contract, &schema["items"], found);
        }
        return;
    };
    let name = target.rsplit('/').next().unwrap();
    let schema = resolved(contract, schema);
    for (member, of) in all_properties(contract, schema) {
        if resolved(contract, of)["readOnly"] != true && found.insert(format!("{name}.{member}")) {
            reachable(contract, of, found);
        }
    }
}

#[test]
fn every_member_of_the_contract_s_order_can_be_said() {
    let contract = contract();
    let mut wanted = BTreeSet::new();
    let order_schema = json!({ "$ref": "#/components/schemas/SigningOrder" });
    reachable(&contract, &order_schema, &mut wanted);
    assert!(wanted.len() > 50, "{wanted:?}");

    let named = members_of(&contract, &serde_json::to_value(everything().build().unwrap()).unwrap());
    let by_with_alone: BTreeSet<_> = wanted.difference(&named).cloned().collect();

    // What has no method of its own yet is said by `with`, of the part that it belongs to.
    let sample = sample_order(&contract);
    let part = |pointer: &str| sample.pointer(pointer).unwrap().clone();
    let with = NewOrder::builder()
        .with(|order| {
            let mut whole = sample.clone();
            for list in ["tasks", "packagingTasks"] {
                whole[list] = json!([]);
            }
            *order = serde_json::from_value(whole).unwrap();
        })
        .task(
            NewTask::new("t")
                .with(|task| {
                    let mut whole = part("/tasks/0");
                    for list in ["id", "documents", "dependsOnTasks"] {
                        whole[list] = Value::Null;
                    }
                    *task = serde_json::from_value(whole).unwrap();
                })
                .add_document(NewDocument::sign("d", &pdf(), "D").with(|document| {
                    *document = serde_json::from_value(part("/tasks/0/documents/0")).unwrap();
                })),
        )
        .packaging(NewPackaging::pades("p").with(|packaging| {
            let mut whole = part("/packagingTasks/0");
            whole["id"] = Value::Null;
            whole["documents"] = json!([]);
            *packaging = serde_json::from_value(whole).unwrap();
        }));
    let with = members_of(&contract, &serde_json::to_value(with.build().unwrap()).unwrap());
    let unreachable: Vec<_> = by_with_alone.difference(&with).collect();
    assert!(unreachable.is_empty(), "the builders can't say {unreachable:?}");

    // A refresh may bring more than has a method of its own; what is written by hand here has one.
    println!("by `with` alone: {by_with_alone:?}");
    let refreshed = concat!(env!("CARGO_MANIFEST_DIR"), "/spec/upstream.lock.toml");
    if !std::path::Path::new(refreshed).exists() {
        assert!(by_with_alone.is_empty(), "no method of a builder says {by_with_alone:?}");
    }
}

#[test]
fn it_is_sent_as_it_was_said_and_round_trips() {
    let order = everything().build().unwrap();
    let sent = serde_json::to_value(&order).unwrap();
    assert_eq!(serde_json::from_value::<NewOrder>(sent.clone()).unwrap(), order);
    // Ids are made where none is said, and what is said stays as it is.
    let ids = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|n| n["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&sent["tasks"][0]["notifications"]), ["reminder"]);
    assert_eq!(ids(&sent["packagingTasks"][0]["notifications"]), ["sealed-seal-message-1"]);
    assert_eq!(ids(&sent["notifications"]), ["message-1"]);
    assert_eq!(ids(&sent["tasks"][0]["documents"]), ["loan-kari"]);
    assert_eq!(sent["tasks"][0]["notifications"][0]["message"], "Sign it here: ${taskUrl}");
    assert_eq!(sent["tasks"][0]["onTaskComplete"], "https://shop.example/done?task=${taskId}");
    assert_eq!(
        sent["tasks"][0]["notifications"][0]["schedule"],
        json!([
            { "triggerStatus": "CREATED" },
            { "triggerStatus": "CREATED", "delay": { "days": 2, "hours": 12, "minutes": 30 } },
        ])
    );
}

#[test]
fn an_order_that_is_read_is_checked() {
    let error = serde_json::from_value::<NewOrder>(json!({ "tasks": [{ "id": "t" }] })).unwrap_err();
    assert!(error.to_string().contains("tasks[0].documents: is required"), "{error}");
}

/// What a signer brings alone comes behind the order's documents, and parts in the API's own terms before those that
/// were given to the builder.
#[test]
fn what_is_said_of_one_signer_is_theirs_alone() {
    let order = NewOrder::builder()
        .document("loan", &pdf(), "Loan")
        .signer(Signer::new("kari").handwritten().add_document(NewDocument::upload("payslip", "Payslip")))
        .signer(Signer::new("ola").handwritten())
        .with(|order| {
            let witness = json!({ "id": "witness", "documents": [{ "id": "d", "action": "VIEW", "source": "SESSION", "documentRef": "0" }] });
            order.tasks.push(serde_json::from_value(witness).unwrap());
        })
        .build()
        .unwrap();
    let ids: Vec<Vec<&str>> = order
        .model()
        .tasks
        .iter()
        .map(|task| task.documents.iter().map(|document| document.id.as_ref().unwrap().as_str()).collect())
        .collect();
    assert_eq!(ids, [vec!["d"], vec!["loan-kari", "payslip-kari"], vec!["loan-ola"]]);
    let brought = &order.model().tasks[1].documents[1];
    assert_eq!(brought.source, Some(types::DocumentSource::Upload));
}

/// A path of the order that `everything` builds, and the builder call that made what is there.
const ORIGINS: [(&str, &str); 22] = [
    ("clientReference", "order: client reference"),
    ("daysUntilDeletion", "order: days until deletion"),
    ("tasks", "order: tasks"),
    ("tasks[0]", "signer \"kari\""),
    ("tasks[0].daysToLive", "signer \"kari\": days to live"),
    ("tasks[0].documents", "signer \"kari\": documents"),
    ("tasks[0].subject.attributes[0].value", "signer \"kari\": attribute \"national-id\""),
    ("tasks[0].subject.loginHints[0].value", "signer \"kari\": login hint \"national-id\""),
    ("tasks[0].subject.id", "signer \"kari\": subject id"),
    ("tasks[0].dialog.title", "signer \"kari\": dialog title"),
    ("tasks[0].onTaskComplete", "signer \"kari\": on complete"),
    ("tasks[0].documents[0].action", "signer \"kari\": document \"loan\""),
    (
        "tasks[0].documents[0].form.inputParams[0].name",
        "signer \"kari\": document \"loan\": form field \"amount\"",
    ),
    ("tasks[0].signatureMethods[0].type", "signer \"kari\": signature method \"nbid-sign\""),
    ("tasks[0].signatureMethods[1].name", "signer \"kari\": signature method \"2\""),
    (
        "tasks[0].notifications[0].schedule[1].delay.days",
        "signer \"kari\": notification \"reminder\": schedule \"CREATED\"",
    ),
    ("tasks[0].authentication.methods[0]", "signer \"kari\": authenticate \"nbid\""),
    ("tasks[1].dependsOnTasks[0]", "signer \"ola\": after \"kari\""),
    ("packagingTasks[0].method", "packaging task \"sealed\": method"),
    (
        "packagingTasks[0].documents[1].documentIds[0]",
        "packaging task \"sealed\": documents of \"ola\": document id \"loan-ola\"",
    ),
    ("notifications[0].recipient", "notification \"message-1\": recipient"),
    ("notificationTemplateParams[0].logoUrl", "notification template \"friendly\": logo url"),
];

/// What the service finds is told in the builders' words, too.
#[tokio::test]
async fn a_violation_of_the_service_names_the_builder_call() {
    let elsewhere = [
        "tasks[7].id",
        "tasks[x].id",
        "",
        "tasks[0",
        "a..b",
        "Signicat-OrganizationId",
        "tasks[0].foo.bar",
        "tasks.id",
    ];
    let paths = ORIGINS.iter().map(|(path, _)| *path).chain(elsewhere);
    let violations: Vec<_> = paths.map(|path| json!({ "propertyPath": path, "message": "is odd" })).collect();
    let answer = json!({ "title": "The order is not valid", "violations": violations });
    let service = Service::answering(Answer::json(400, &answer)).await;
    let error = service.client().orders().create(everything().build().unwrap()).await.unwrap_err();
    for (violation, (path, origin)) in error.violations().iter().zip(ORIGINS) {
        assert_eq!((violation.property_path(), violation.origin()), (path, Some(origin)));
    }
    for violation in &error.violations()[ORIGINS.len()..] {
        assert_eq!(violation.origin(), None, "{}", violation.property_path());
    }
    assert_eq!(error.violations().len(), ORIGINS.len() + elsewhere.len());
    // The problem is the server's, as it wrote it.
    assert!(error.problem().unwrap().violations().iter().all(|violation| violation.origin().is_none()));
    let line = error.to_string();
    assert!(line.contains("clientReference: is odd (order: client reference) (+29 more)"), "{line}");
}

#[test]
fn a_task_in_the_api_s_own_terms_is_called_a_task() {
    let task = NewTask::new("t").sign("", &pdf(), "D").handwritten();
    let error = NewOrder::builder().task(task).build().unwrap_err();
    let [violation] = error.violations() else { panic!("{error}") };
    assert_eq!(violation.property_path(), "tasks[0].documents[0].id");
    assert_eq!(violation.origin(), Some("task \"t\": document \"\""));
}

/// Ids that are made step aside for those that are given.
#[test]
fn made_ids_are_free() {
    let message = |n: &str| Notification::email(format!("{n}@example.com")).on(TaskTriggerStatus::Created);
    let order = NewOrder::builder()
        .document("loan", &pdf(), "Loan")
        .signer(
            Signer::new("order")
                .handwritten()
                .notification(message("a").id("order-message-2"))
                .notification(message("b"))
                .notification(message("c")),
        )
        .packaging(
            NewPackaging::pades("order")
                .notification(Notification::url("https://shop.example/a"))
                .notification(
                    Notification::url("https://shop.example/b").on(PackagingTriggerStatus::Created),
                ),
        )
        .notification(Notification::url("https://shop.example/c"))
        .build()
        .unwrap();
    let plan = order.plan();
    let ids: Vec<_> = plan.messages().iter().map(|message| message.id().unwrap()).collect();
    assert_eq!(
        ids,
        [
            "message-1",
            "order-message-2",
            "order-message-1",
            "order-message-3",
            "order-seal-message-1",
            "order-seal-message-2"
        ]
    );
    assert_eq!(order.advice(), []);
}

/// What is stored may come from another release, or from somebody's editor: what is left out would not be signed.
#[test]
fn an_order_that_is_read_loses_nothing_and_repeats_nothing() {
    let stored = serde_json::to_value(everything().build().unwrap()).unwrap();
    let refused = |change: &dyn Fn(&mut Value)| {
        let mut changed = stored.clone();
        change(&mut changed);
        serde_json::from_value::<NewOrder>(changed).unwrap_err().to_string()
    };
    type Change<'a> = &'a dyn Fn(&mut Value);
    #[rustfmt::skip]
    let cases: [(Change<'_>, &str); 7] = [
        (&|order| order["daysUntilDeletionn"] = json!(7), "the order can't be read whole: daysUntilDeletionn: is not known to this release"),
        (&|order| order["tasks"][0]["documents"][0]["form"]["stamp"] = json!({}), "the order can't be read whole: tasks[0].documents[0].form.stamp: is not known to this release"),
        (&|order| order["tasks"][1]["dependsOnTasks"] = json!([""]), "the order can't be read whole: tasks[1].dependsOnTasks: is empty, and would be left out"),
        (&|order| order["tasks"][0]["documents"][0]["documentRef"] = json!(""), "the order can't be read whole: tasks[0].documents[0].documentRef: is empty, and would be left out"),
        (&|order| order["tasks"].as_array_mut().unwrap().push(Value::Null), "the order can't be read whole: tasks: holds an item that is empty, and would be left out"),
        (&|order| order["tasks"][0]["daysToLive"] = json!("10109001290"), "the order can't be read at tasks[0].daysToLive"),
        (&|order| order["tasks"][0]["documents"] = json!("kari@example.com"), "the order can't be read at tasks[0].documents"),
    ];
    for (change, expected) in cases {
        assert_eq!(refused(change), expected);
    }
    // What the service has said of it, and what says nothing, is no loss.
    let mut answer = stored.clone();
    answer["id"] = json!("0502");
    answer["artifact"] = json!("a1");
    answer["tasks"][0]["signingUrl"] = json!("https://sign.example/1");
    answer["tasks"][1]["notifications"] = Value::Null;
    answer["tasks"][1]["dialog"] = Value::Null;
    assert_eq!(serde_json::from_value::<NewOrder>(answer).unwrap(), everything().build().unwrap());
}
