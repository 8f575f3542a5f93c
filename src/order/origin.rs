//! Which builder call a place of an order comes from, so that what is wrong there can be told in the caller's own
//! words, whoever found it.

use serde_json::Value;

use crate::contract::{self, Kind};

/// What an order's parts were called when they were given.
#[derive(Clone, Debug, Default)]
pub(super) struct Origins {
    /// One a task, in the order of the tasks. Tasks that were not given to a builder have none.
    pub(super) tasks: Vec<TaskOrigin>,
}

#[derive(Clone, Debug)]
pub(super) struct TaskOrigin {
    pub(super) made: Made,
    /// The keys of the task's documents, in their order.
    pub(super) documents: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Made {
    Signer,
    Task,
}

impl Origins {
    /// Of tasks that no builder made.
    pub(super) fn before(tasks: &[crate::types::Task]) -> Self {
        Self { tasks: vec![TaskOrigin { made: Made::Task, documents: Vec::new() }; tasks.len()] }
    }

    /// The builder call that made the place of this path, in words: `signer "kari": attribute "national-id"`.
    /// Nothing, if the order has no such place.
    pub(super) fn explain(&self, order: &Value, path: &str) -> Option<String> {
        let mut words = Vec::new();
        let mut place = order;
        let mut kind = &Kind::Object("SigningOrder");
        let mut in_task = None;
        // The members since the last thing in a list.
        let mut members = Vec::new();
        for step in steps(path)? {
            match step {
                Step::Member(name) => {
                    let Kind::Object(schema) = kind else { return None };
                    let mut known = contract::schema(schema)?.members.iter();
                    kind = &known.find(|known| known.name == name)?.kind;
                    place = &place[name];
                    members.push(name);
                }
                Step::Item(index) => {
                    let Kind::List { items, .. } = kind else { return None };
                    (kind, place) = (items, place.get(index)?);
                    let name = name_of(place).map(str::to_owned);
                    let member = members.last().copied().unwrap_or_default();
                    let (what, name) = match (words.len(), member) {
                        (0, "tasks") => {
                            in_task = self.tasks.get(index);
                            let signer = in_task.is_some_and(|task| matches!(task.made, Made::Signer));
                            (if signer { "signer" } else { "task" }.to_owned(), name)
                        }
                        // What the caller called it, not the id that was made of that.
                        (1, "documents") if in_task.is_some() => {
                            let key = in_task.and_then(|task| task.documents.get(index).cloned());
                            ("document".to_owned(), key.or(name))
                        }
                        _ => (call(&members, place), name),
                    };
                    let name = name.unwrap_or_else(|| (index + 1).to_string());
                    words.push(format!("{what} \"{name}\""));
                    members.clear();
                }
            }
        }
        // One call sets all members of what has a name; the others have a call each.
        let said: Vec<_> = members.into_iter().map(in_words).collect();
        match words.len() {
            0 => words = vec!["order".to_owned(), said.join(" ")],
            1 if !said.is_empty() => words.push(said.join(" ")),
            _ => {}
        }
        Some(words.join(": "))
    }
}

enum Step<'a> {
    Member(&'a str),
    Item(usize),
}

/// The steps of a path as the service writes them: `tasks[0].subject.attributes[0].value`.
fn steps(path: &str) -> Option<Vec<Step<'_>>> {
    let mut steps = Vec::new();
    for part in path.split('.') {
        let (name, indexes) = part.split_at(part.find('[').unwrap_or(part.len()));
        if name.is_empty() {
            return None;
        }
        steps.push(Step::Member(name));
        if indexes.is_empty() {
            continue;
        }
        for index in indexes.strip_suffix(']')?.split(']') {
            steps.push(Step::Item(index.strip_prefix('[')?.parse().ok()?));
        }
    }
    Some(steps)
}

/// By which of its members, or as what, a thing in a list is known to the caller.
fn name_of(item: &Value) -> Option<&str> {
    let members = ["id", "name", "taskId", "triggerStatus"].map(|member| &item[member]);
    [item].into_iter().chain(members).find_map(Value::as_str)
}

/// What a thing in this list is called by the builders.
fn call(members: &[&str], item: &Value) -> String {
    match members {
        ["dependsOnTasks"] => "after".to_owned(),
        ["notificationTemplateParams"] => "notification template".to_owned(),
        ["authentication", "methods"] => "authenticate".to_owned(),
        [.., "inputParams"] => "form field".to_owned(),
        ["documents"] if item["taskId"].is_string() => "documents of".to_owned(),
        _ => {
            let words = in_words(members.last().copied().unwrap_or_default());
            words.strip_suffix('s').unwrap_or(&words).to_owned()
        }
    }
}

/// `daysUntilDeletion` as `days until deletion`, and `onTaskComplete` as `on complete`.
fn in_words(member: &str) -> String {
    let mut words = String::with_capacity(member.len() + 2);
    for c in member.chars() {
        if c.is_ascii_uppercase() {
            words.push(' ');
        }
        words.push(c.to_ascii_lowercase());
    }
    match words.strip_prefix("on task ") {
        Some(event) => format!("on {event}"),
        None => words,
    }
}
