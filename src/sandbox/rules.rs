//! What a signing order must keep beyond what a schema can say.

use std::collections::BTreeSet;

use super::judge::Violation;
use super::sent::{SentOrder, SentTask, Source};

/// Everything that is wrong with an order whose shape is right. `is_stored` tells whether a document is in the
/// session document storage.
pub(super) fn violations(order: &SentOrder, is_stored: impl Fn(&str) -> bool) -> Vec<Violation> {
    let mut found = Vec::new();
    unique("tasks", order.tasks.iter().map(|task| &task.id), &mut found);
    for (index, task) in order.tasks.iter().enumerate() {
        let path = format!("tasks[{index}]");
        documents(&path, task, &is_stored, &mut found);
        methods(&path, task, &mut found);
        templates(&path, task, order, &mut found);
        dependencies(&path, task, order, &mut found);
    }
    unique("packagingTasks", order.packaging_tasks.iter().map(|packaging| &packaging.id), &mut found);
    packaging(order, &mut found);
    found
}

fn unique<'o>(path: &str, ids: impl Iterator<Item = &'o String>, found: &mut Vec<Violation>) {
    let mut seen = BTreeSet::new();
    for (index, id) in ids.enumerate() {
        if !seen.insert(id) {
            found.push(Violation::new(format!("{path}[{index}].id"), "is not unique"));
        }
    }
}

fn documents(path: &str, task: &SentTask, is_stored: impl Fn(&str) -> bool, found: &mut Vec<Violation>) {
    unique(&format!("{path}.documents"), task.documents.iter().map(|document| &document.id), found);
    for (index, document) in task.documents.iter().enumerate() {
        let message = match &document.document_ref {
            _ if document.source != Source::Session => continue,
            None => "is required when the source is SESSION",
            Some(reference) if !is_stored(reference) => "no document is stored under this id",
            Some(_) => continue,
        };
        found.push(Violation::new(format!("{path}.documents[{index}].documentRef"), message));
    }
}

fn methods(path: &str, task: &SentTask, found: &mut Vec<Violation>) {
    for (index, method) in task.signature_methods.iter().enumerate() {
        if method.name.is_none() && !method.handwritten {
            let path = format!("{path}.signatureMethods[{index}].name");
            found.push(Violation::new(path, "is required unless the signature is handwritten"));
        }
    }
}

fn templates(path: &str, task: &SentTask, order: &SentOrder, found: &mut Vec<Violation>) {
    for (index, notification) in task.notifications.iter().enumerate() {
        let Some(id) = &notification.notification_template_params_id else { continue };
        if !order.notification_template_params.iter().any(|template| template.id.as_ref() == Some(id)) {
            let path = format!("{path}.notifications[{index}].notificationTemplateParamsId");
            found.push(Violation::new(path, "the order has no such notification template"));
        }
    }
}

fn dependencies(path: &str, task: &SentTask, order: &SentOrder, found: &mut Vec<Violation>) {
    for (index, id) in task.depends_on_tasks.iter().enumerate() {
        let message = match order.tasks.iter().find(|other| other.id == *id) {
            None => "the order has no such task",
            Some(_) if comes_before(order, &task.id, id) => "the tasks would wait for each other for ever",
            Some(_) => continue,
        };
        found.push(Violation::new(format!("{path}.dependsOnTasks[{index}]"), message));
    }
}

/// Whether `last` must wait for `first`, be it through other tasks; a task waits for itself.
fn comes_before(order: &SentOrder, first: &str, last: &str) -> bool {
    let mut waiting = BTreeSet::from([last]);
    let mut to_visit = vec![last];
    while let Some(id) = to_visit.pop() {
        if id == first {
            return true;
        }
        let next = order.tasks.iter().filter(|task| task.id == id).flat_map(|task| &task.depends_on_tasks);
        to_visit.extend(next.map(String::as_str).filter(|id| waiting.insert(id)));
    }
    false
}

fn packaging(order: &SentOrder, found: &mut Vec<Violation>) {
    for (i, packaging) in order.packaging_tasks.iter().enumerate() {
        if packaging.method != "pades" {
            let path = format!("packagingTasks[{i}].method");
            found.push(Violation::new(path, "the sandbox knows the method pades alone"));
        }
        for (j, listed) in packaging.documents.iter().enumerate() {
            let path = format!("packagingTasks[{i}].documents[{j}]");
            let Some(task) = order.tasks.iter().find(|task| task.id == listed.task_id) else {
                found.push(Violation::new(format!("{path}.taskId"), "the order has no such task"));
                continue;
            };
            for (k, id) in listed.document_ids.iter().enumerate() {
                if !task.documents.iter().any(|document| document.id == *id) {
                    let path = format!("{path}.documentIds[{k}]");
                    found.push(Violation::new(path, "the task has no such document"));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;

    fn said(order: &Value) -> Vec<String> {
        let order = SentOrder::deserialize(order).expect("the order has the right shape");
        violations(&order, |id| id == "stored").iter().map(Violation::to_string).collect()
    }

    fn task(id: &str, after: &[&str]) -> Value {
        let document = json!({ "id": "d", "action": "SIGN", "source": "SESSION", "documentRef": "stored" });
        json!({ "id": id, "documents": [document], "dependsOnTasks": after })
    }

    #[test]
    fn a_good_order_passes() {
        let sealed =
            json!([{ "id": "s", "method": "pades", "documents": [{ "taskId": "a", "documentIds": ["d"] }] }]);
        let mut order = json!({ "tasks": [task("a", &[]), task("b", &["a"])], "packagingTasks": sealed });
        order["notificationTemplateParams"] = json!([{ "footer": "of nobody" }, { "id": "friendly" }]);
        order["tasks"][0]["notifications"] =
            json!([{ "notificationTemplateParamsId": "friendly" }, { "notificationTemplateParamsId": null }]);
        assert!(said(&order).is_empty());
    }

    #[test]
    fn references_must_lead_somewhere() {
        let documents = json!([
            { "id": "d", "action": "SIGN", "source": "SESSION" },
            { "id": "d", "action": "VIEW", "source": "SESSION", "documentRef": "gone" },
            { "id": "e", "action": "UPLOAD", "source": "UPLOAD" },
        ]);
        let order = json!({
            "tasks": [
                {
                    "id": "a",
                    "documents": documents,
                    "signatureMethods": [{ "name": null }],
                    "notifications": [{}, { "notificationTemplateParamsId": "friendly" }],
                },
                task("a", &["nobody"]),
            ],
            "packagingTasks": [
                { "id": "s", "method": "pades", "documents": [{ "taskId": "a", "documentIds": ["e", "f"] }] },
                { "id": "s", "method": "xades", "documents": [{ "taskId": "b", "documentIds": ["d"] }] },
            ],
        });
        assert_eq!(
            said(&order),
            [
                "tasks[1].id: is not unique",
                "tasks[0].documents[1].id: is not unique",
                "tasks[0].documents[0].documentRef: is required when the source is SESSION",
                "tasks[0].documents[1].documentRef: no document is stored under this id",
                "tasks[0].signatureMethods[0].name: is required unless the signature is handwritten",
                "tasks[0].notifications[1].notificationTemplateParamsId: the order has no such notification template",
                "tasks[1].dependsOnTasks[0]: the order has no such task",
                "packagingTasks[1].id: is not unique",
                "packagingTasks[0].documents[0].documentIds[1]: the task has no such document",
                "packagingTasks[1].method: the sandbox knows the method pades alone",
                "packagingTasks[1].documents[0].taskId: the order has no such task",
            ]
        );
    }

    #[test]
    fn tasks_must_not_wait_for_each_other() {
        let order =
            json!({ "tasks": [task("a", &["b"]), task("b", &["c"]), task("c", &["b"]), task("d", &["d"])] });
        let circle = "the tasks would wait for each other for ever";
        let paths =
            ["tasks[1].dependsOnTasks[0]", "tasks[2].dependsOnTasks[0]", "tasks[3].dependsOnTasks[0]"];
        assert_eq!(said(&order), paths.map(|path| format!("{path}: {circle}")));
    }
}
