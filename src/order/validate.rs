//! Whether an order satisfies the contract, and the rules between its members: every violation, at the paths
//! that the service would name.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use serde_json::Value;

use crate::contract::{self, Kind};
use crate::ids::{PackagingTaskId, TaskDocumentId, TaskId};
use crate::problem::Violation;
use crate::types::{DocumentSource, SigningOrder, Task};

/// Adds what is wrong with an order.
pub(super) fn order(order: &SigningOrder, violations: &mut Vec<Violation>) {
    let mut check = Check { violations };
    match serde_json::to_value(order) {
        Ok(value) => check.value(&value, &Kind::Object("SigningOrder"), ""),
        Err(error) => check.violation("", format!("can't be written as JSON: {error}")),
    }
    check.ids(order);
    check.uniqueness(order);
    check.references(order);
    check.dependencies(&order.tasks);
    check.tasks(&order.tasks);
}

struct Check<'a> {
    violations: &'a mut Vec<Violation>,
}

/// What the contract says of each value.
impl Check<'_> {
    /// A path has one violation: what was found first, and nearest to the caller, is the most telling.
    fn violation(&mut self, path: &str, message: impl Into<String>) {
        if !self.violations.iter().any(|known| known.property_path() == path) {
            self.violations.push(Violation::new(path, message));
        }
    }

    fn value(&mut self, value: &Value, kind: &Kind, path: &str) {
        match (kind, value) {
            (Kind::Object(name), Value::Object(members)) => self.object(members, name, path),
            (Kind::List { min, max, items }, Value::Array(values)) => {
                self.limits(values.len() as i64, bounds(*min, *max), "items", path);
                for (i, value) in values.iter().enumerate() {
                    self.value(value, items, &format!("{path}[{i}]"));
                }
            }
            // The service counts as its language does: in UTF-16.
            (Kind::String { min, max }, Value::String(text)) => {
                self.limits(text.encode_utf16().count() as i64, bounds(*min, *max), "characters", path);
            }
            (Kind::Integer { min, max }, Value::Number(number)) => match number.as_i64() {
                Some(number) => self.limits(number, (*min, *max), "", path),
                None => self.violation(path, "must be a whole number"),
            },
            (Kind::Enum(known), Value::String(text)) => {
                if !known.contains(&text.as_str()) {
                    self.violation(path, format!("must be one of {}", known.join(", ")));
                }
            }
            (Kind::Any, _) | (Kind::Number, Value::Number(_)) | (Kind::Boolean, Value::Bool(_)) => {}
            _ => self.violation(path, "is of another type in the contract"),
        }
    }

    fn object(&mut self, members: &serde_json::Map<String, Value>, name: &str, path: &str) {
        let Some(schema) = contract::schema(name) else { return };
        for member in schema.members {
            let path =
                if path.is_empty() { member.name.to_owned() } else { format!("{path}.{}", member.name) };
            match members.get(member.name) {
                None if member.required => self.violation(&path, "is required"),
                None => {}
                Some(Value::Null) if member.nullable => {}
                Some(_) if member.read_only => self.violation(&path, "is set by the service"),
                Some(value) => self.value(value, &member.kind, &path),
            }
        }
    }

    fn limits(&mut self, size: i64, (min, max): (Option<i64>, Option<i64>), unit: &str, path: &str) {
        let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
        if let Some(min) = min.filter(|min| size < *min) {
            self.violation(path, format!("must be at least {min}{unit}, and is {size}"));
        }
        if let Some(max) = max.filter(|max| size > *max) {
            self.violation(path, format!("must be at most {max}{unit}, and is {size}"));
        }
    }
}

fn bounds(min: Option<u32>, max: Option<u32>) -> (Option<i64>, Option<i64>) {
    (min.map(i64::from), max.map(i64::from))
}

/// The rules between members.
impl Check<'_> {
    /// Ids that are none.
    fn ids(&mut self, order: &SigningOrder) {
        for (t, task) in order.tasks.iter().enumerate() {
            self.id(task.id.as_ref().and_then(TaskId::problem), &format!("tasks[{t}].id"));
            for (i, id) in task.depends_on_tasks.iter().enumerate() {
                self.id(id.problem(), &format!("tasks[{t}].dependsOnTasks[{i}]"));
            }
            for (i, document) in task.documents.iter().enumerate() {
                let problem = document.id.as_ref().and_then(TaskDocumentId::problem);
                self.id(problem, &format!("tasks[{t}].documents[{i}].id"));
            }
        }
        for (p, packaging) in order.packaging_tasks.iter().enumerate() {
            let problem = packaging.id.as_ref().and_then(PackagingTaskId::problem);
            self.id(problem, &format!("packagingTasks[{p}].id"));
            for (d, documents) in packaging.documents.iter().enumerate() {
                let path = format!("packagingTasks[{p}].documents[{d}]");
                self.id(documents.task_id.as_ref().and_then(TaskId::problem), &format!("{path}.taskId"));
                for (i, id) in documents.document_ids.iter().enumerate() {
                    self.id(id.problem(), &format!("{path}.documentIds[{i}]"));
                }
            }
        }
    }

    fn id(&mut self, problem: Option<&str>, path: &str) {
        if let Some(problem) = problem {
            self.violation(path, format!("is no id: {problem}"));
        }
    }

    /// Ids that are given twice.
    fn uniqueness(&mut self, order: &SigningOrder) {
        self.unique(order.tasks.iter().map(|task| task.id.as_ref()), "tasks");
        for (i, task) in order.tasks.iter().enumerate() {
            self.unique(
                task.documents.iter().map(|document| document.id.as_ref()),
                &format!("tasks[{i}].documents"),
            );
        }
        self.unique(order.packaging_tasks.iter().map(|task| task.id.as_ref()), "packagingTasks");
        let templates = order.notification_template_params.iter();
        self.unique(templates.map(|template| template.id.as_ref()), "notificationTemplateParams");
    }

    fn unique<T: Eq + Hash + AsRef<str>>(&mut self, ids: impl Iterator<Item = Option<T>>, list: &str) {
        let mut seen = HashSet::new();
        for (i, id) in ids.enumerate() {
            if let Some(id) = id
                && !seen.insert(id.as_ref().to_owned())
            {
                self.violation(&format!("{list}[{i}].id"), format!("{} is there twice", id.as_ref()));
            }
        }
    }

    /// Ids that refer to nothing.
    fn references(&mut self, order: &SigningOrder) {
        for (p, packaging) in order.packaging_tasks.iter().enumerate() {
            for (d, documents) in packaging.documents.iter().enumerate() {
                let path = format!("packagingTasks[{p}].documents[{d}]");
                let Some(id) = &documents.task_id else { continue };
                let Some(task) = order.tasks.iter().find(|task| task.id.as_ref() == Some(id)) else {
                    self.violation(&format!("{path}.taskId"), format!("the order has no task {id}"));
                    continue;
                };
                for (i, document) in documents.document_ids.iter().enumerate() {
                    if !task.documents.iter().any(|known| known.id.as_ref() == Some(document)) {
                        let known: Vec<_> =
                            task.documents.iter().filter_map(|known| known.id.as_ref()).collect();
                        let known: Vec<_> = known.into_iter().map(TaskDocumentId::as_str).collect();
                        let message =
                            format!("the task {id} has no document {document}; it has {}", known.join(", "));
                        self.violation(&format!("{path}.documentIds[{i}]"), message);
                    }
                }
            }
        }
        let templates: HashSet<_> =
            order.notification_template_params.iter().map(|known| known.id.as_ref()).collect();
        for (t, task) in order.tasks.iter().enumerate() {
            for (n, notification) in task.notifications.iter().enumerate() {
                let template = notification.notification_template_params_id.as_ref();
                if template.is_some() && !templates.contains(&template) {
                    let path = format!("tasks[{t}].notifications[{n}].notificationTemplateParamsId");
                    self.violation(&path, "the order has no such notification template");
                }
            }
        }
    }

    /// Tasks that wait for what is not there, or for each other.
    fn dependencies(&mut self, tasks: &[Task]) {
        let by_id: HashMap<_, _> =
            tasks.iter().enumerate().filter_map(|(i, task)| Some((task.id.as_ref()?, i))).collect();
        let before: Vec<Vec<usize>> = tasks
            .iter()
            .map(|task| task.depends_on_tasks.iter().filter_map(|id| by_id.get(id).copied()).collect())
            .collect();
        let is_circular = is_circular(&before);
        for (t, task) in tasks.iter().enumerate() {
            for (i, id) in task.depends_on_tasks.iter().enumerate() {
                let path = format!("tasks[{t}].dependsOnTasks[{i}]");
                match by_id.get(id) {
                    None => self.violation(&path, format!("the order has no task {id}")),
                    Some(&first) if is_circular && reaches(&before, first, t) => {
                        self.violation(&path, "the task would wait for itself");
                    }
                    Some(_) => {}
                }
            }
        }
    }

    fn tasks(&mut self, tasks: &[Task]) {
        for (t, task) in tasks.iter().enumerate() {
            for (i, document) in task.documents.iter().enumerate() {
                if document.source == Some(DocumentSource::Session) && document.document_ref.is_none() {
                    let path = format!("tasks[{t}].documents[{i}].documentRef");
                    self.violation(&path, "is required where the source is SESSION");
                }
            }
            for (i, method) in task.signature_methods.iter().enumerate() {
                if method.name.is_none() && method.handwritten != Some(true) {
                    let path = format!("tasks[{t}].signatureMethods[{i}].name");
                    self.violation(&path, "is required where the signature is not handwritten");
                }
            }
        }
    }
}

/// Whether there are tasks that can never begin: after all that wait for nothing but each other.
fn is_circular(before: &[Vec<usize>]) -> bool {
    let mut after = vec![Vec::new(); before.len()];
    let mut waits_for: Vec<_> = before.iter().map(Vec::len).collect();
    for (task, firsts) in before.iter().enumerate() {
        firsts.iter().for_each(|&first| after[first].push(task));
    }
    let mut ready: Vec<_> = (0..before.len()).filter(|&task| waits_for[task] == 0).collect();
    let mut begun = 0;
    while let Some(task) = ready.pop() {
        begun += 1;
        for &next in &after[task] {
            waits_for[next] -= 1;
            if waits_for[next] == 0 {
                ready.push(next);
            }
        }
    }
    begun < before.len()
}

/// Whether one task, by way of those that it waits for, leads to another.
fn reaches(before: &[Vec<usize>], from: usize, to: usize) -> bool {
    let mut seen = HashSet::new();
    let mut open = vec![from];
    while let Some(task) = open.pop() {
        if task == to {
            return true;
        }
        if seen.insert(task) {
            open.extend(&before[task]);
        }
    }
    false
}
