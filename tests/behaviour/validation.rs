//! Each rule that an order has to keep: one order that breaks that rule alone gives that violation alone, at the path
//! that the service would name.

use serde_json::{Map, Value, json};
use signicat_sign::{NewOrder, NewOrderBuilder, NewPackaging, NewTask, Notification, Signer, types};

use crate::orders::{builder, kari, pdf};
use crate::support::documented::contract;
use crate::support::sample::{all_properties, all_required, resolved, sample_order};

/// An order with every member, as the contract documents it.
fn documented(contract: &Value) -> Value {
    let order: types::SigningOrder = serde_json::from_value(sample_order(contract)).unwrap();
    // Without what the service sets.
    serde_json::to_value(order).unwrap()
}

/// What is wrong with an order, as `path: message`.
fn violations(order: &Value) -> Vec<String> {
    let order: types::SigningOrder = serde_json::from_value(order.clone()).unwrap();
    let result = NewOrder::try_from(order);
    let error = result.err();
    error.iter().flat_map(|error| error.violations()).map(told).collect()
}

fn told(violation: &signicat_sign::Violation) -> String {
    format!("{}: {}", violation.property_path(), violation.message())
}

/// A place in an order: where it is, and what the contract says of it.
struct Place<'a> {
    /// As JSON has it: `/tasks/0/id`.
    pointer: String,
    /// As the service has it: `tasks[0].id`.
    path: String,
    schema: &'a Value,
    required: bool,
}

/// Every member of an order at every depth.
fn places<'a>(
    contract: &'a Value,
    schema: &'a Value,
    value: &Value,
    at: (String, String),
    found: &mut Vec<Place<'a>>,
) {
    let schema = resolved(contract, schema);
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let at = (format!("{}/{index}", at.0), format!("{}[{index}]", at.1));
                places(contract, &schema["items"], item, at, found);
            }
        }
        Value::Object(values) => {
            let members = all_properties(contract, schema);
            for (name, value) in values {
                let dot = if at.1.is_empty() { "" } else { "." };
                let at = (format!("{}/{name}", at.0), format!("{}{dot}{name}", at.1));
                let of = members[name];
                found.push(Place {
                    pointer: at.0.clone(),
                    path: at.1.clone(),
                    schema: resolved(contract, of),
                    required: all_required(contract, schema).any(|required| required == name),
                });
                places(contract, of, value, at, found);
            }
        }
        _ => {}
    }
}

/// An order without what refers to others, so that one can be changed alone.
fn without_references(order: &Value) -> Value {
    let mut order = order.clone();
    order.as_object_mut().unwrap().remove("packagingTasks");
    for task in order["tasks"].as_array_mut().unwrap() {
        task.as_object_mut().unwrap().remove("dependsOnTasks");
        for notification in task["notifications"].as_array_mut().into_iter().flatten() {
            notification.as_object_mut().unwrap().remove("notificationTemplateParamsId");
        }
    }
    order
}

fn members_mut<'o>(order: &'o mut Value, pointer: &str) -> (&'o mut Map<String, Value>, String) {
    let (holder, name) = pointer.rsplit_once('/').unwrap();
    (order.pointer_mut(holder).unwrap().as_object_mut().unwrap(), name.to_owned())
}

/// The contract is walked: whatever it requires, limits or lists, wherever that stands.
#[test]
fn each_rule_of_the_contract_by_itself() {
    let contract = contract();
    let order = documented(&contract);
    assert_eq!(violations(&order), [""; 0]);
    let mut found = Vec::new();
    places(
        &contract,
        &contract["components"]["schemas"]["SigningOrder"],
        &order,
        Default::default(),
        &mut found,
    );
    assert!(found.len() > 80, "{}", found.len());
    let mut rules = 0;
    let mut broken = |place: &Place<'_>, value: Option<Value>, message: Option<String>| {
        // Whoever refers to what is changed would be wrong as well.
        let refers = place.pointer.starts_with("/notificationTemplateParams")
            || ["/tasks", "/tasks/0/id", "/tasks/1/id"].contains(&place.pointer.as_str())
            || (place.pointer.contains("/documents") && place.pointer.starts_with("/tasks"));
        let mut order = if refers { without_references(&order) } else { order.clone() };
        let (members, name) = members_mut(&mut order, &place.pointer);
        match &value {
            Some(value) => _ = members.insert(name, value.clone()),
            None => _ = members.remove(&name),
        }
        let expected: Vec<_> = message.iter().map(|message| format!("{}: {message}", place.path)).collect();
        assert_eq!(violations(&order), expected, "{} as {value:?}", place.pointer);
        rules += 1;
    };
    // A signature that is drawn by hand and has no name would be neither, without the word that it is.
    let sibling = |place: &Place<'_>, name: &str| {
        let holder = place.pointer.rsplit_once('/').and_then(|(holder, _)| order.pointer(holder));
        holder.map_or(Value::Null, |holder| holder[name].clone())
    };
    let is_only_word = |place: &Place<'_>| {
        let method = place.pointer.strip_suffix("/handwritten").and_then(|method| order.pointer(method));
        method.is_some_and(|method| method["name"].is_null())
    };
    for place in found.iter().filter(|place| !is_only_word(place)) {
        let schema = place.schema;
        let required = match () {
            // Rules between members.
            () if place.path.ends_with(".documentRef") && sibling(place, "source") == "SESSION" => {
                Some("is required where the source is SESSION")
            }
            () if place.path.contains(".signatureMethods[")
                && place.path.ends_with(".name")
                && sibling(place, "handwritten") != true =>
            {
                Some("is required where the signature is not handwritten")
            }
            () if place.required => Some("is required"),
            () => None,
        };
        broken(place, None, required.map(str::to_owned));
        if schema["type"] == "array" {
            // An empty list is never sent, so it is as none.
            broken(place, Some(json!([])), place.required.then(|| "is required".to_owned()));
        }
        if let Some(values) = schema["enum"].as_array() {
            let known: Vec<_> = values.iter().filter_map(Value::as_str).collect();
            broken(place, Some(json!("OTHER")), Some(format!("must be one of {}", known.join(", "))));
        }
        for (word, bound, beyond) in [("least", "min", -1), ("most", "max", 1)] {
            if let Some(limit) = schema[format!("{bound}Length")].as_i64() {
                let text = |length: i64| Some(json!("x".repeat(usize::try_from(length).unwrap())));
                let message = format!("must be at {word} {limit} characters, and is {}", limit + beyond);
                broken(place, text(limit + beyond), Some(message));
                broken(place, text(limit), None);
            }
            if let Some(limit) = schema[format!("{bound}imum")].as_i64() {
                let message = format!("must be at {word} {limit}, and is {}", limit + beyond);
                broken(place, Some(json!(limit + beyond)), Some(message));
                broken(place, Some(json!(limit)), None);
            }
        }
    }
    println!("{rules} orders, each with one thing changed");
    assert!(rules > 100, "{rules}");
}

/// An order of one task in the API's own terms.
fn with_task(change: impl FnOnce(&mut types::Task)) -> NewOrderBuilder {
    let task = json!({
        "id": "t", "signatureMethods": [{ "name": "m" }],
        "documents": [{ "id": "d", "action": "SIGN", "source": "SESSION", "documentRef": "0101" }],
    });
    let mut task: types::Task = serde_json::from_value(task).unwrap();
    change(&mut task);
    NewOrder::builder().task(task)
}

fn of<T: serde::de::DeserializeOwned>(json: Value) -> T {
    serde_json::from_value(json).unwrap()
}

/// The rules between members: the order that breaks it, the violation, and the builder call that made it.
#[test]
fn each_rule_between_members_by_itself() {
    let template = json!([{ "id": "friendly" }, { "id": "friendly" }]);
    #[rustfmt::skip]
    let cases: Vec<(NewOrderBuilder, &str, &str)> = vec![
        (NewOrder::builder(), "tasks: is required", "order: tasks"),
        (NewOrder::builder().signer(kari()), "tasks[0].documents: is required", "signer \"kari\": documents"),
        (builder().signer(Signer::new("")), "tasks[0].id: is no id: it is empty", "signer \"\": id"),
        (builder().signer(Signer::new("..").document_id("loan", "d").handwritten()), "tasks[0].id: is no id: a path segment of dots addresses something else", "signer \"..\": id"),
        (builder().signer(Signer::new("a\nb").document_id("loan", "d").handwritten()), "tasks[0].id: is no id: it holds a control character", "signer \"a\nb\": id"),
        (builder().signer(kari().document_id("loan", ".")), "tasks[0].documents[0].id: is no id: a path segment of dots addresses something else", "signer \"kari\": document \"loan\""),
        (builder().signer(kari()).signer(kari().document_id("loan", "x")), "tasks[1].id: kari is there twice", "signer \"kari\": id"),
        (builder().document("loan", &pdf(), "Again").signer(kari()), "tasks[0].documents[1].id: loan-kari is there twice", "signer \"kari\": document \"loan\""),
        (builder().task(NewTask::new("t").sign("d", &pdf(), "D").handwritten()), "tasks: nobody signs loan: a document of the order is for its signers", "order: tasks"),
        (builder().signer(kari().after("ola")), "tasks[0].dependsOnTasks[0]: the order has no task ola", "signer \"kari\": after \"ola\""),
        (builder().signer(kari().after("kari")), "tasks[0].dependsOnTasks[0]: the task would wait for itself", "signer \"kari\": after \"kari\""),
        (builder().signer(kari().after("")), "tasks[0].dependsOnTasks[0]: is no id: it is empty", "signer \"kari\": after \"\""),
        (builder().signer(kari().document_id("other", "x")), "tasks[0].documents: the order has no document other", "signer \"kari\": documents"),
        (builder().signer(kari()).seal_as_pades(""), "packagingTasks[0].id: is no id: it is empty", "packaging task \"\": id"),
        (builder().signer(kari()).seal_as_pades("s").seal_as_pades("s"), "packagingTasks[1].id: s is there twice", "packaging task \"s\": id"),
        (builder().signer(kari()).packaging(NewPackaging::pades("s").document("ola", "d")), "packagingTasks[0].documents[0].taskId: the order has no task ola", "packaging task \"s\": documents of \"ola\""),
        (builder().signer(kari()).packaging(NewPackaging::pades("s").document("kari", "d")), "packagingTasks[0].documents[0].documentIds[0]: the task kari has no document d; it has loan-kari", "packaging task \"s\": documents of \"kari\": document id \"d\""),
        (builder().signer(kari()).packaging(NewPackaging::pades("s").document("kari", "..")), "packagingTasks[0].documents[0].documentIds[0]: is no id: a path segment of dots addresses something else", "packaging task \"s\": documents of \"kari\": document id \"..\""),
        (builder().signer(kari()).packaging(NewPackaging::pades("s").document("", "d")), "packagingTasks[0].documents[0].taskId: is no id: it is empty", "packaging task \"s\": documents of \"\""),
        (with_task(|task| task.documents[0].document_ref = None), "tasks[0].documents[0].documentRef: is required where the source is SESSION", "task \"t\": document \"d\""),
        (with_task(|task| task.documents.push(task.documents[0].clone())), "tasks[0].documents[1].id: d is there twice", "task \"t\": document \"d\""),
        (with_task(|task| task.signature_methods[0].name = None), "tasks[0].signatureMethods[0].name: is required where the signature is not handwritten", "task \"t\": signature method \"1\""),
        (builder().signer(kari().subject_attribute("", "").with(|task| task.subject.as_mut().unwrap().attributes[0].value = None)), "tasks[0].subject.attributes[0].value: is required", "signer \"kari\": attribute \"\""),
        (builder().signer(kari().notification(Notification::email("a@b").on(types::TaskTriggerStatus::Created).template("x"))),
            "tasks[0].notifications[0].notificationTemplateParamsId: the order has no such notification template", "signer \"kari\": notification \"kari-message-1\""),
        (builder().signer(kari()).with(|order| order.notification_template_params = of(template)), "notificationTemplateParams[1].id: friendly is there twice", "notification template \"friendly\": id"),
    ];
    for (builder, expected, origin) in cases {
        let error = builder.build().unwrap_err();
        assert!(error.is_validation());
        let found: Vec<_> = error.violations().iter().map(told).collect();
        // An id that is none is told, and what refers to it is not.
        assert_eq!(found, [expected]);
        assert_eq!(error.violations()[0].origin(), Some(origin), "{expected}");
    }
}

#[test]
fn ten_mistakes_are_ten_violations() {
    let order = builder()
        .client_reference("x".repeat(256))
        .days_until_deletion(31)
        .signer(kari().after("nobody").document_id("other", "x"))
        .signer(kari().subject_attribute("national-id", "0").with(|task| {
            task.subject.as_mut().unwrap().attributes[0].value = None;
            task.signature_methods[0].name = None;
        }))
        .task(with_task_documents(
            json!([{ "id": "d", "action": "STAMP", "source": "SESSION", "documentRef": "0101" }]),
        ))
        .packaging(NewPackaging::pades("s").document("per", "d"))
        .seal_as_pades("s");
    let error = order.build().unwrap_err();
    let found: Vec<_> = error.violations().iter().map(|violation| violation.property_path()).collect();
    let mut sorted = found.clone();
    sorted.sort_unstable();
    assert_eq!(
        sorted,
        [
            "clientReference",
            "daysUntilDeletion",
            "packagingTasks[0].documents[0].taskId",
            "packagingTasks[1].id",
            "tasks[0].dependsOnTasks[0]",
            "tasks[0].documents",
            "tasks[1].id",
            "tasks[1].signatureMethods[0].name",
            "tasks[1].subject.attributes[0].value",
            "tasks[2].documents[0].action",
        ]
    );
}

fn with_task_documents(documents: Value) -> types::Task {
    of(json!({ "id": "t", "documents": documents, "signatureMethods": [{ "name": "m" }] }))
}
