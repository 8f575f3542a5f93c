//! Whether an order satisfies the contract, and the rules between its members: every violation, at the paths
//! that the service would name.

use std::collections::{HashMap, HashSet};
use std::fmt::Display;
use std::hash::Hash;

use super::conform::conform;
use super::place::Place;
use crate::contract::Kind;
use crate::ids::{PackagingTaskId, TaskDocumentId, TaskId};
use crate::problem::Violation;
use crate::types::{DocumentSource, SigningOrder, Task};

/// Adds what is wrong with an order.
pub(super) fn order(order: &SigningOrder, violations: &mut Vec<Violation>) {
    let mut check = Check { violations: std::mem::take(violations) };
    conform(order, &Kind::Object("SigningOrder"), false, Place::Order, &mut check);
    check.ids(order);
    let tasks = check.uniqueness(order);
    check.references(order, &tasks);
    check.dependencies(&order.tasks, &tasks);
    check.tasks(&order.tasks);
    *violations = check.violations;
}

/// Tasks by their ids: where each is first.
type ById<'o> = HashMap<&'o TaskId, usize>;

/// What was found.
pub(super) struct Check {
    violations: Vec<Violation>,
}

impl Check {
    /// A path has one violation: what was found first, and nearest to the caller, is the most telling.
    pub(super) fn violation(&mut self, place: &Place<'_>, message: impl Into<String>) {
        let path = place.to_string();
        if !self.violations.iter().any(|known| known.property_path() == path) {
            self.violations.push(Violation::new(path, message));
        }
    }

    pub(super) fn limits(
        &mut self,
        size: i64,
        (min, max): (Option<i64>, Option<i64>),
        unit: &str,
        place: &Place<'_>,
    ) {
        let space = if unit.is_empty() { "" } else { " " };
        if let Some(min) = min.filter(|min| size < *min) {
            self.violation(place, format!("must be at least {min}{space}{unit}, and is {size}"));
        }
        if let Some(max) = max.filter(|max| size > *max) {
            self.violation(place, format!("must be at most {max}{space}{unit}, and is {size}"));
        }
    }
}

/// The rules between members.
impl Check {
    /// Ids that are none.
    fn ids(&mut self, order: &SigningOrder) {
        for (t, task) in order.tasks.iter().enumerate() {
            let place = TASKS.item(t);
            self.id(task.id.as_ref().and_then(TaskId::problem), &place.member("id"));
            for (i, id) in task.depends_on_tasks.iter().enumerate() {
                self.id(id.problem(), &place.member("dependsOnTasks").item(i));
            }
            for (i, document) in task.documents.iter().enumerate() {
                let problem = document.id.as_ref().and_then(TaskDocumentId::problem);
                self.id(problem, &place.member("documents").item(i).member("id"));
            }
        }
        for (p, packaging) in order.packaging_tasks.iter().enumerate() {
            let place = PACKAGING_TASKS.item(p);
            let list = place.member("documents");
            self.id(packaging.id.as_ref().and_then(PackagingTaskId::problem), &place.member("id"));
            for (d, documents) in packaging.documents.iter().enumerate() {
                let place = list.item(d);
                self.id(documents.task_id.as_ref().and_then(TaskId::problem), &place.member("taskId"));
                for (i, id) in documents.document_ids.iter().enumerate() {
                    self.id(id.problem(), &place.member("documentIds").item(i));
                }
            }
        }
    }

    fn id(&mut self, problem: Option<&str>, place: &Place<'_>) {
        if let Some(problem) = problem {
            self.violation(place, format!("is no id: {problem}"));
        }
    }

    /// Ids that are given twice. The tasks by their ids.
    fn uniqueness<'o>(&mut self, order: &'o SigningOrder) -> ById<'o> {
        let tasks = self.unique(order.tasks.iter().map(|task| task.id.as_ref()), &TASKS);
        for (t, task) in order.tasks.iter().enumerate().filter(|(_, task)| task.documents.len() > 1) {
            let documents = task.documents.iter().map(|document| document.id.as_ref());
            self.unique(documents, &TASKS.item(t).member("documents"));
        }
        self.unique(order.packaging_tasks.iter().map(|task| task.id.as_ref()), &PACKAGING_TASKS);
        let templates = order.notification_template_params.iter();
        self.unique(
            templates.map(|template| template.id.as_ref()),
            &Place::Order.member("notificationTemplateParams"),
        );
        tasks
    }

    /// Where in the list each id is first.
    fn unique<'o, T: Eq + Hash + Display>(
        &mut self,
        ids: impl ExactSizeIterator<Item = Option<&'o T>>,
        list: &Place<'_>,
    ) -> HashMap<&'o T, usize> {
        let mut first = HashMap::with_capacity(ids.len());
        for (i, id) in ids.enumerate() {
            let Some(id) = id else { continue };
            if *first.entry(id).or_insert(i) != i {
                self.violation(&list.item(i).member("id"), format!("{id} is there twice"));
            }
        }
        first
    }

    /// Ids that refer to nothing.
    fn references(&mut self, order: &SigningOrder, tasks: &ById<'_>) {
        for (p, packaging) in order.packaging_tasks.iter().enumerate() {
            let place = PACKAGING_TASKS.item(p);
            let list = place.member("documents");
            for (d, documents) in packaging.documents.iter().enumerate() {
                let place = list.item(d);
                let Some(id) = &documents.task_id else { continue };
                let Some(task) = tasks.get(id).map(|&task| &order.tasks[task]) else {
                    self.violation(&place.member("taskId"), format!("the order has no task {id}"));
                    continue;
                };
                for (i, document) in documents.document_ids.iter().enumerate() {
                    if !task.documents.iter().any(|known| known.id.as_ref() == Some(document)) {
                        let known: Vec<_> =
                            task.documents.iter().filter_map(|known| known.id.as_ref()).collect();
                        let known: Vec<_> = known.into_iter().map(TaskDocumentId::as_str).collect();
                        let message =
                            format!("the task {id} has no document {document}; it has {}", known.join(", "));
                        self.violation(&place.member("documentIds").item(i), message);
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
                    self.violation(
                        &TASKS.item(t).member("notifications").item(n).member("notificationTemplateParamsId"),
                        "the order has no such notification template",
                    );
                }
            }
        }
    }

    /// Tasks that wait for what is not there, or for each other.
    fn dependencies(&mut self, tasks: &[Task], by_id: &ById<'_>) {
        if tasks.iter().all(|task| task.depends_on_tasks.is_empty()) {
            return;
        }
        let before: Vec<Vec<usize>> = tasks
            .iter()
            .map(|task| task.depends_on_tasks.iter().filter_map(|id| by_id.get(id).copied()).collect())
            .collect();
        let is_circular = is_circular(&before);
        for (t, task) in tasks.iter().enumerate() {
            for (i, id) in task.depends_on_tasks.iter().enumerate() {
                let list = TASKS.item(t);
                let list = list.member("dependsOnTasks");
                match by_id.get(id) {
                    None => self.violation(&list.item(i), format!("the order has no task {id}")),
                    Some(&first) if is_circular && reaches(&before, first, t) => {
                        self.violation(&list.item(i), "the task would wait for itself");
                    }
                    Some(_) => {}
                }
            }
        }
    }

    fn tasks(&mut self, tasks: &[Task]) {
        for (t, task) in tasks.iter().enumerate() {
            let place = TASKS.item(t);
            for (i, document) in task.documents.iter().enumerate() {
                if document.source == Some(DocumentSource::Session) && document.document_ref.is_none() {
                    self.violation(
                        &place.member("documents").item(i).member("documentRef"),
                        "is required where the source is SESSION",
                    );
                }
            }
            for (i, method) in task.signature_methods.iter().enumerate() {
                if method.name.is_none() && method.handwritten != Some(true) {
                    self.violation(
                        &place.member("signatureMethods").item(i).member("name"),
                        "is required where the signature is not handwritten",
                    );
                }
            }
        }
    }
}

const TASKS: Place<'static> = Place::Member(&Place::Order, "tasks");
const PACKAGING_TASKS: Place<'static> = Place::Member(&Place::Order, "packagingTasks");

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
