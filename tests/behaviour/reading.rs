//! What is read survives: what nobody knows yet, nulls, odd times, long strings, another 2xx.

use serde_json::{Map, Value, json};
use signicat_sign::types::{self, EventType, TaskStatus};
use signicat_sign::{OrderId, TaskId};

use crate::support::documented::{contract, operation, reached};
use crate::support::sample::{all_properties, all_required};
use crate::support::{Answer, Service};

fn ids() -> (OrderId, TaskId) {
    ("1".parse().unwrap(), "kari".parse().unwrap())
}

async fn status_of(answer: Value) -> types::TaskStatusInfo {
    let service = Service::answering(Answer::json(200, &answer)).await;
    let (order, task) = ids();
    service.client().tasks(&order).status(&task).await.unwrap()
}

#[tokio::test]
async fn an_enum_value_that_nobody_knows_is_kept() {
    let status = status_of(json!({ "orderId": "1", "taskId": "kari", "taskStatus": "Half-Signed" })).await;
    let status = status.task_status.unwrap();
    assert_eq!(status.as_str(), "Half-Signed");
    assert!(!status.is_known() && !status.is_final());
    assert_eq!(serde_json::to_value(&status).unwrap(), "Half-Signed");
}

#[test]
fn a_known_value_is_read_in_any_spelling() {
    for spelling in ["NOTIFICATION_SENT", "notification-sent", "Notification_Sent"] {
        let event: types::Event =
            serde_json::from_value(json!({ "eventType": spelling, "eventTime": "2023-10-01T20:55:57+0200" }))
                .unwrap();
        assert_eq!(event.event_type, Some(EventType::NotificationSent));
        assert_eq!(serde_json::to_value(event.event_type).unwrap(), "NOTIFICATION_SENT");
    }
    assert_eq!(TaskStatus::from("completed"), TaskStatus::Completed);
}

#[tokio::test]
async fn a_member_that_nobody_knows_is_passed_over() {
    let answer = json!({ "orderId": "1", "taskId": "kari", "taskStatus": "CREATED", "mood": { "of": ["the", "day"] } });
    assert_eq!(status_of(answer).await.task_status, Some(TaskStatus::Created));
}

#[tokio::test]
async fn times_are_read_as_they_come() {
    let times = [
        "2023-10-01T20:55:57+0200",
        "2023-10-01T20:55:57+02:00",
        "2023-10-01T18:55:57.000Z",
        "yesterday",
        "",
    ];
    // As Java writes an instant that nobody has given a form.
    let number = json!({ "eventTime": 1_696_186_557.25 });
    let events = times.iter().map(|time| json!({ "eventType": "notification-sent", "eventTime": time }));
    let events: Vec<_> = events.chain([number]).collect();
    let service = Service::answering(Answer::json(200, &json!(events))).await;
    let (order, task) = ids();
    let events = service.client().tasks(&order).events(&task).await.unwrap();

    let read: Vec<_> = events.iter().map(|event| event.event_time.as_ref().unwrap()).collect();
    let texts: Vec<_> = read.iter().map(|time| time.as_str()).collect();
    assert_eq!(texts, [&times[..], &["1696186557.25"]].concat());
    let instants: Vec<_> = read.iter().map(|time| time.to_system_time()).collect();
    assert!(instants[0].is_some());
    assert_eq!(instants[0], instants[1]);
    assert_eq!(instants[0], instants[2]);
    assert_eq!(instants[3..], [None, None, None]);
}

#[tokio::test]
async fn a_string_may_be_longer_than_documented() {
    let reference = "x".repeat(300);
    let service =
        Service::answering(Answer::json(200, &json!({ "id": "1", "clientReference": reference }))).await;
    let order = service.client().orders().get(&"1".parse().unwrap()).await.unwrap();
    assert_eq!(order.details().client_reference.as_deref(), Some(reference.as_str()));
}

#[tokio::test]
async fn another_2xx_than_documented_is_a_yes() {
    for status in [200, 201, 202, 207] {
        let service = Service::answering(Answer::json(status, &json!({ "documentId": "0101" }))).await;
        let upload = signicat_sign::Upload::from_bytes(&b"%PDF-1.7"[..]).unwrap();
        assert_eq!(service.client().documents().upload(upload).await.unwrap(), "0101");
    }
    for status in [200, 202, 204] {
        let answer =
            Answer { status, body: if status == 204 { vec![] } else { b"gone".to_vec() }, headers: vec![] };
        let service = Service::answering(answer).await;
        service.client().documents().delete(&"0101".parse().unwrap()).await.unwrap();
    }
}

#[test]
fn nulls_and_nulls_in_lists_read_as_absent() {
    let order: types::SigningOrder = serde_json::from_value(
        json!({ "tasks": [null, { "documents": null, "dialog": null }], "notifications": null }),
    )
    .unwrap();
    assert_eq!(order.tasks.len(), 1);
    assert!(order.tasks[0].documents.is_empty());
    assert!(order.notifications.is_empty());
}

/// Every model, once with each of its optional members null and once with none of them: all are read.
#[test]
fn every_optional_member_may_be_null_or_absent() {
    macro_rules! readers {
        (models: $($model:ident)*; enums: $($enum:ident)*) => {
            [$((stringify!($model), (|value| serde_json::from_value::<types::$model>(value).map(drop)) as Read)),*]
        };
    }
    type Read = fn(Value) -> serde_json::Result<()>;
    let contract = contract();
    let schemas = contract["components"]["schemas"].as_object().unwrap();
    let sent = reached(&contract, &operation(&contract, "createOrder")["requestBody"]);

    let mut nulls = 0;
    for (name, read) in signicat_sign::for_each_model!(readers) {
        // What has no name in the contract is a part of what has one.
        let Some(schema) = schemas.get(name) else { continue };
        let members = all_properties(&contract, schema);
        if members.is_empty() {
            continue;
        }
        // An answer's own ids are the only ones that have to be there.
        let ids =
            all_required(&contract, schema).filter(|member| member.ends_with("Id") && !sent.contains(name));
        let own_ids: Map<String, Value> = ids.map(|member| (member.to_owned(), json!("1"))).collect();
        read(Value::Object(own_ids.clone()))
            .unwrap_or_else(|error| panic!("{name} without its members: {error}"));
        for member in members.into_keys().filter(|member| !own_ids.contains_key(*member)) {
            let mut value = own_ids.clone();
            value.insert(member.clone(), Value::Null);
            read(Value::Object(value)).unwrap_or_else(|error| panic!("{name}.{member} null: {error}"));
            nulls += 1;
        }
    }
    println!("{nulls} members read as null");
    assert!(nulls > 100);
}

#[tokio::test]
async fn a_list_may_be_null_or_hold_nulls() {
    let event = json!({ "eventType": "TASK_CREATED", "eventTime": "2023-10-01T20:55:57+0200" });
    let (order, task) = ids();
    for (answer, count) in [(json!(null), 0), (json!([]), 0), (json!([null, event]), 1)] {
        let service = Service::answering(Answer::json(200, &answer)).await;
        assert_eq!(service.client().tasks(&order).events(&task).await.unwrap().len(), count);
    }
    let task: types::Task = serde_json::from_value(json!({ "dependsOnTasks": ["a", "", null] })).unwrap();
    assert_eq!(task.depends_on_tasks, ["a"]);
}

#[tokio::test]
async fn a_value_that_says_expected_is_not_repeated() {
    let service = Service::answering(Answer::json(
        200,
        &json!({ "id": "1", "daysUntilDeletion": "expected 10109001290 Kari" }),
    ))
    .await;
    let error = service.client().orders().get(&"1".parse().unwrap()).await.unwrap_err();
    assert!(error.to_string().contains("at daysUntilDeletion: expected i32"), "{error}");
    assert!(!format!("{error} {error:?}").contains("Kari"));
}

#[tokio::test]
async fn what_cannot_be_read_says_where_and_not_what() {
    let answer = json!({ "orderId": "1", "taskId": "kari", "documents": [{}, { "formOutputParam": [{ "name": 10109001290_u64 }] }] });
    let service = Service::answering(Answer::json(200, &answer)).await;
    let (order, task) = ids();
    let error = service.client().tasks(&order).status(&task).await.unwrap_err();
    assert!(error.is_decode());
    let line = error.to_string();
    assert!(line.starts_with("get task status: 200 cannot read the answer at documents[1].formOutputParam[0].name: expected a string"), "{line}");
    assert!(!format!("{line}{error:?}").contains("10109001290"));
}

#[tokio::test]
async fn an_answer_of_just_the_limit_is_read() {
    let body = json!({ "id": "1" });
    let service = Service::answering(Answer::json(200, &body)).await;
    let length = body.to_string().len();
    let get = async |limit: usize| {
        service.builder().answer_limit(limit).build().unwrap().orders().get(&"1".parse().unwrap()).await
    };
    get(length).await.unwrap();
    assert!(get(length - 1).await.unwrap_err().is_decode());
}
