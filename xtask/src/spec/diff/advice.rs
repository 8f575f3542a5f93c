//! What to do about a change, in one line: which of our files it touches, or that there is nothing to do.

use serde_json::Value;

use super::change::{Change, Direction, Place};
use super::compare::own_type;
use super::kind::{Code, Kind};
use crate::generator::names::{pascal, snake};
use crate::generator::rust_types::SIGN;
use crate::generator::walk::operations;
use crate::spec::sources::Sources;

pub const NOTHING: &str = "nothing to do";

/// The limits that src/order/validate.rs holds a request to.
const CHECKED: [&str; 6] = ["minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum"];

/// More files than these are not read in a line.
const LISTED: usize = 4;

/// Writes the advice of each change. The old contract is the one that our sources are written for.
pub fn give(changes: &mut [Change], old: &Value, sources: &Sources) {
    let advisor = Advisor { old, sources };
    for change in changes {
        change.advice = advisor.advice(change);
    }
}

struct Advisor<'a> {
    old: &'a Value,
    sources: &'a Sources,
}

impl Advisor<'_> {
    fn advice(&self, change: &Change) -> String {
        let (place, is_sent) = (&change.place, change.direction.is_sent());
        match &change.kind {
            Kind::OperationAdded => self.operation_added(place),
            Kind::OperationRemoved => self.operation_removed(place),
            Kind::OperationIdChanged { from, to } => {
                let caller = self.caller(place);
                let (from, call) = (Code(from), snake(to));
                format!("map {} to {from} in spec/names.toml; else {caller} has to call `{call}`", Code(to))
            }
            Kind::PathParameterRenamed { from, .. } => path_parameter_renamed(&place.path, from),
            Kind::ParameterAdded { setting: true, .. } if place.path.contains(" header ") => {
                format!("{NOTHING}: `Client::with_header` sends it; a setting in src/config.rs can offer it")
            }
            Kind::ParameterAdded { setting: true, .. } => {
                format!("{NOTHING}: no call sends it; a setting in src/config.rs can offer it")
            }
            Kind::ParameterAdded { required: true, .. } => {
                format!("{} has to take it and pass it on", self.caller(place))
            }
            Kind::ParameterAdded { .. } | Kind::Setting(false) => {
                format!("{} has to pass it: `None` will do", self.caller(place))
            }
            Kind::ParameterRemoved { setting: true } => {
                "take the setting out of src/config.rs and src/transport.rs if it is there; tell users in CHANGELOG.md"
                    .to_owned()
            }
            Kind::ParameterRemoved { .. } | Kind::Setting(true) | Kind::BodyRemoved => {
                format!("{} passes it: remove the argument", self.caller(place))
            }
            Kind::BodyAdded { .. } => format!("{} has to pass it", self.caller(place)),
            Kind::Content { .. } if is_sent => {
                format!("{} passes it: its argument is of another type", self.caller(place))
            }
            Kind::Content { .. } => format!("{} gives it: it is of another type", self.caller(place)),
            Kind::MediaTypeAdded(_) => format!("{NOTHING}: the operations' table has it"),
            Kind::MediaTypeRemoved { media_type, .. } if is_sent => {
                let used = self.sources.using("src/", media_type);
                format!("it can't be sent any more{}; tell users in CHANGELOG.md", named(" (it is in ", &used, ")"))
            }
            Kind::MediaTypeRemoved { .. } => format!("{NOTHING}: it is read all the same"),
            Kind::StatusAdded(_) | Kind::StatusRemoved(_) => {
                format!("{NOTHING}: any 2xx is a success, and every failure is read by one parser")
            }
            Kind::Idempotent(_) => {
                format!("{NOTHING}: retries follow the contract; tell users in CHANGELOG.md")
            }
            Kind::Constant { .. } => {
                "try it on the service before a release, and tell users in CHANGELOG.md".to_owned()
            }

            Kind::SchemaAdded => {
                let name = place.schema.as_deref().map(pascal).unwrap_or_default();
                format!("it becomes `types::{name}`; give it a row in spec/PROVENANCE.md")
            }
            Kind::SchemaRemoved => self.schema_removed(place),
            Kind::SchemaRenamed { from, to, inline: false } => {
                format!("map {} to {} in spec/names.toml, and the type keeps its name", Code(to), Code(from))
            }
            Kind::SchemaRenamed { from, inline: true, .. } => {
                format!("name it {} in spec/overlay.yaml again, and the type keeps its name", Code(from))
            }
            Kind::MemberAdded { required, renamed_from } => {
                let renamed = renamed_from.as_ref().map(|from| format!("renamed from {}? else: ", Code(from)));
                renamed.unwrap_or_default() + &self.member_added(place, *required, is_sent)
            }
            Kind::MemberRemoved { renamed_to } => {
                let renamed = renamed_to.as_ref().map(|to| format!("renamed to {}? ", Code(to)));
                renamed.unwrap_or_default() + &self.member_removed(place)
            }
            Kind::Required(required) => self.required(place, *required, is_sent),
            Kind::PlainField(true) => format!("the field is no `Option` any more{}", self.users(place)),
            Kind::PlainField(false) => format!("the field becomes an `Option`{}", self.users(place)),
            Kind::Limit { name, narrowed, .. } => self.limit(place, name, *narrowed, is_sent),
            Kind::Nullable(false) if is_sent => {
                "null is refused locally; tell users in CHANGELOG.md".to_owned()
            }
            Kind::Nullable(_) => format!("{NOTHING}: null is read in any case"),
            Kind::ReadOnly(true) if is_sent => {
                format!("it is not sent any more{}", self.users(place))
            }
            Kind::ReadOnly(false) if is_sent => format!("{NOTHING}{}", self.may_offer(place)),
            Kind::ValueAdded(_) => {
                let until = match change.direction {
                    Direction::Sent => "refused locally",
                    Direction::Both => "read as unknown, and refused locally",
                    Direction::Read | Direction::None => "read as unknown",
                };
                let values = format!("{}::", place.schema.as_deref().map(pascal).unwrap_or_default());
                let who = named("; should it be known in ", &self.sources.having(&values), "?");
                format!("{NOTHING}: it gets a variant; until a release it is {until}{who}")
            }
            Kind::ValueRemoved(value) => self.value_removed(place, value),
            Kind::Type { .. } => self.type_changed(place),
            Kind::Format { .. } => format!("{NOTHING}: it is the same type in Rust"),
            Kind::Default { .. } => format!("{NOTHING}: defaults are the service's"),
            Kind::Deprecated(true) => "say so in the documentation of what offers it".to_owned(),
            Kind::ReadOnly(_) | Kind::WriteOnly(_) | Kind::Deprecated(false) | Kind::Note(_) | Kind::Other => {
                NOTHING.to_owned()
            }
        }
    }

    fn operation_added(&self, place: &Place) -> String {
        let template = place.operation.as_ref().map(|function| function.template.as_str());
        let file = self.file_for(template.unwrap_or_default()).unwrap_or("a file of its own in src/");
        format!(
            "needs a wrapper in {file}, an answer in src/sandbox/operations.rs, a test in \
             tests/contract/operations.rs, two cases in tests/contract/suite/cases/, calls in \
             tests/faults/operations.rs and tests/leaks/operations.rs, and a row in spec/PROVENANCE.md; \
             until then `client.raw()` reaches it"
        )
    }

    /// The file whose wrappers call the operations with the longest way in common.
    fn file_for(&self, template: &str) -> Option<&str> {
        let in_common = |other: &str| {
            let steps = template.split('/').zip(other.split('/'));
            steps.skip(1).take_while(|(a, b)| a == b || (a.starts_with('{') && b.starts_with('{'))).count()
        };
        let wrapped = operations(self.old).filter_map(|(_, other, _, operation)| {
            let (file, _) = self.sources.wrapper(&snake(operation["operationId"].as_str()?))?;
            Some((in_common(other), file))
        });
        let near = wrapped.filter(|(steps, _)| *steps > 0);
        // Of those that are equally near, the one that comes first.
        near.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, file)| file)
    }

    fn operation_removed(&self, place: &Place) -> String {
        let operation_id = place.operation.as_ref().and_then(|function| function.operation_id.as_deref());
        let operation_id = operation_id.unwrap_or_default();
        let function = snake(operation_id);
        let row = "remove its row in spec/PROVENANCE.md";
        let Some((file, wrapper)) = self.sources.wrapper(&function) else {
            return format!("no wrapper calls it; {row}");
        };
        let mut tests = self.sources.using("tests/", operation_id);
        tests.extend(self.sources.using("tests/", &function));
        tests.sort_unstable();
        tests.dedup();
        let tests = named(", its tests in ", &tests, "");
        let mut users = self.sources.having(&format!(".{wrapper}("));
        users.retain(|user| *user != file);
        let users = named(" (used in ", &users, ")");
        format!(
            "{file} calls it: remove the wrapper `{wrapper}`{users}{tests}, its answer in src/sandbox/operations.rs; {row}"
        )
    }

    /// What passes an argument on, or gives an answer.
    fn caller(&self, place: &Place) -> String {
        let Some(function) = &place.operation else { return "every wrapper".to_owned() };
        let wrapper = self.sources.wrapper(&snake(function.operation_id.as_deref().unwrap_or_default()));
        wrapper.map_or("its wrapper".to_owned(), |(file, name)| format!("the wrapper `{name}` in {file}"))
    }

    fn schema_removed(&self, place: &Place) -> String {
        let name = place.schema.as_deref().map(pascal).unwrap_or_default();
        let used = self.sources.using("src/", &name);
        let used = named(" (it is in ", &used, ")");
        let of_it = |entry: &&(&str, &str)| entry.0.split('.').next() == place.schema.as_deref();
        let own = SIGN.members.iter().find(of_it).map_or("", |_| ", its members in build/rust_types.rs");
        format!(
            "`types::{name}` goes{used}; tell users in CHANGELOG.md, remove its row in spec/PROVENANCE.md{own}"
        )
    }

    fn member_added(&self, place: &Place, required: bool, is_sent: bool) -> String {
        match (is_sent, required) {
            (true, true) => format!(
                "what has none is refused locally: {} has to set it; tell users in CHANGELOG.md",
                self.builder(place).unwrap_or("whoever sends it")
            ),
            (true, false) => format!("{NOTHING}: {} has it{}", model(place), self.may_offer(place)),
            (false, _) => format!("{NOTHING}: {} has it", model(place)),
        }
    }

    fn member_removed(&self, place: &Place) -> String {
        let entry = own_type(place).map(|_| format!("; remove `{}` from build/rust_types.rs", place.path));
        let member = place.member.as_deref().map(snake).unwrap_or_default();
        let used = self.sources.using("src/", &member);
        let users = match used.is_empty() {
            true => format!("nothing in src/ uses `{member}`; tell users in CHANGELOG.md"),
            false => format!("look for `{member}` in {}", list(&used)),
        };
        users + &entry.unwrap_or_default()
    }

    fn required(&self, place: &Place, required: bool, is_sent: bool) -> String {
        match (is_sent, required) {
            (true, true) if place.schema.is_none() => {
                format!("{} has to pass it always", self.caller(place))
            }
            (true, false) if place.schema.is_none() => {
                format!("{} has to pass `Some`", self.caller(place))
            }
            (true, true) => format!(
                "what has none is refused locally: check {}; tell users in CHANGELOG.md",
                self.builder(place).unwrap_or("who sends it")
            ),
            (true, false) => format!("{NOTHING}: the local check follows the contract"),
            (false, _) => format!("{NOTHING}: it is read leniently"),
        }
    }

    fn limit(&self, place: &Place, name: &str, narrowed: bool, is_sent: bool) -> String {
        let who = match place.schema.is_some() && CHECKED.contains(&name) {
            true => "what is beyond it is refused locally",
            false => "the service refuses what is beyond it",
        };
        match (is_sent, narrowed) {
            (true, true) => format!("{who}; tell users in CHANGELOG.md"),
            (true, false) => format!("{NOTHING}: the local check follows the contract"),
            (false, _) => format!("{NOTHING}: it is read leniently"),
        }
    }

    fn value_removed(&self, place: &Place, value: &str) -> String {
        let variant =
            format!("{}::{}", place.schema.as_deref().map(pascal).unwrap_or_default(), pascal(value));
        let used = self.sources.using("src/", &variant);
        format!(
            "the variant `{variant}` goes{}; tell users in CHANGELOG.md",
            named(" (it is in ", &used, ")")
        )
    }

    fn type_changed(&self, place: &Place) -> String {
        if let Some(own) = own_type(place) {
            return format!("it is {own} by build/rust_types.rs: correct `{}` there", place.path);
        }
        match (&place.member, &place.schema) {
            (Some(_), _) => format!("the field is of another type{}", self.users(place)),
            (None, Some(name)) => {
                let name = pascal(name);
                let used = named(" (it is in ", &self.sources.using("src/", &name), ")");
                format!("`types::{name}` is another type{used}")
            }
            (None, None) => format!("it is of another type in {}", self.caller(place)),
        }
    }

    /// The files that have the member's name.
    fn users(&self, place: &Place) -> String {
        let member = place.member.as_deref().map(snake).unwrap_or_default();
        named(&format!(": look for `{member}` in "), &self.sources.using("src/", &member), "")
    }

    fn may_offer(&self, place: &Place) -> String {
        self.builder(place).map(|file| format!("; a builder in {file} can offer it")).unwrap_or_default()
    }

    /// The file of the builders that make such an object.
    fn builder(&self, place: &Place) -> Option<&str> {
        let name = pascal(place.schema.as_deref()?);
        self.sources.using("src/order/", &format!("types::{name}")).first().copied()
    }
}

fn model(place: &Place) -> String {
    format!("`types::{}`", place.schema.as_deref().map(pascal).unwrap_or_default())
}

fn path_parameter_renamed(path: &str, name: &str) -> String {
    let entry = SIGN.parameters.iter().find(|entry| path.starts_with(entry.0) && entry.1 == name);
    match entry {
        Some((begin, name, _)) => format!("correct (\"{begin}\", \"{name}\") in build/rust_types.rs"),
        None => format!("{NOTHING} in src/: an argument is passed by its position"),
    }
}

/// Files in a sentence; nothing where there are none.
fn named(before: &str, files: &[&str], after: &str) -> String {
    if files.is_empty() { String::new() } else { format!("{before}{}{after}", list(files)) }
}

fn list(files: &[&str]) -> String {
    match files.len().checked_sub(LISTED) {
        None | Some(0) => files.join(", "),
        Some(more) => format!("{} and {more} more", files[..LISTED].join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::compare;
    use super::give;
    use crate::generator::samples::ok;
    use crate::spec::fixture::{contract, root};
    use crate::spec::sources::Sources;

    /// What is advised on the first change of a contract at a pointer.
    fn advised(pointer: &str, change: impl FnOnce(&mut Value)) -> String {
        let mut new = contract().clone();
        change(new.pointer_mut(pointer).unwrap());
        let mut changes = compare(contract(), &new);
        give(&mut changes, contract(), &Sources::read(root()).unwrap());
        changes[0].advice.clone()
    }

    fn removed(pointer: &str, name: &str) -> String {
        advised(pointer, |holder| drop(holder.as_object_mut().unwrap().shift_remove(name).unwrap()))
    }

    fn set(pointer: &str, name: &str, value: Value) -> String {
        advised(pointer, |holder| holder[name] = value)
    }

    fn schema(name: &str) -> String {
        format!("/components/schemas/{name}")
    }

    const TASK: &str = "/components/schemas/Task/properties";
    const STATUS: &str = "/components/schemas/TaskStatusInfo/properties";
    const FORWARDS: &str = "/paths/~1orders~1{orderId}~1tasks~1{taskId}~1forwards";

    #[test]
    fn an_operation_that_goes_names_its_wrapper_and_its_tests() {
        let tests = "its tests in tests/contract/operations.rs, tests/faults/operations.rs, tests/leaks/operations.rs";
        assert_eq!(
            removed(FORWARDS, "get"),
            format!(
                "src/tasks.rs calls it: remove the wrapper `forwards` (used in src/wait.rs), {tests}, its answer in \
                 src/sandbox/operations.rs; remove its row in spec/PROVENANCE.md"
            )
        );
        let odd = set(&format!("{FORWARDS}/get"), "operationId", json!("a\nb`c"));
        assert!(odd.starts_with("map `a b'c` to `getTaskForwards` in spec/names.toml; "), "{odd}");
        assert_eq!(
            set(&format!("{FORWARDS}/get"), "operationId", json!("listForwards")),
            "map `listForwards` to `getTaskForwards` in spec/names.toml; else the wrapper `forwards` in src/tasks.rs \
             has to call `list_forwards`"
        );
    }

    #[test]
    fn an_operation_that_comes_names_the_file_that_is_nearest() {
        let get = json!({ "get": { "operationId": "more", "responses": ok(json!({ "type": "string" })) } });
        for (path, file) in [
            ("/orders/{id}/tasks/{task}/more", "src/tasks.rs"),
            ("/orders/{id}/packaging-tasks/{task}/more", "src/packaging.rs"),
            ("/orders/{id}/more", "src/orders.rs"),
            ("/archive-documents/more", "src/archive.rs"),
            ("/documents", "src/documents.rs"),
            ("/more", "a file of its own in src/"),
        ] {
            let advice = advised("/paths", |paths| {
                let mut item = paths[path].take();
                item.as_object_mut().map(|item| item.insert("get".to_owned(), get["get"].clone()));
                paths[path] = if item.is_null() { get.clone() } else { item };
            });
            let expected = format!(
                "needs a wrapper in {file}, an answer in src/sandbox/operations.rs, a test in \
                 tests/contract/operations.rs, two cases in tests/contract/suite/cases/, calls in \
                 tests/faults/operations.rs and tests/leaks/operations.rs, and a row in spec/PROVENANCE.md; \
                 until then `client.raw()` reaches it"
            );
            assert_eq!(advice, expected, "{path}");
        }
    }

    #[test]
    fn a_member_names_the_files_that_use_it() {
        assert_eq!(removed(STATUS, "rejectReason"), "look for `reject_reason` in src/wait.rs");
        assert_eq!(
            removed(STATUS, "clientStatus"),
            "nothing in src/ uses `client_status`; tell users in CHANGELOG.md"
        );
        let with_entry = removed(STATUS, "orderId");
        assert!(
            with_entry.ends_with("; remove `TaskStatusInfo.orderId` from build/rust_types.rs"),
            "{with_entry}"
        );
        assert_eq!(
            set(&format!("{STATUS}/orderId"), "type", json!("integer")),
            "it is OrderId by build/rust_types.rs: correct `TaskStatusInfo.orderId` there"
        );
        let required = advised(&format!("{}/required", schema("TaskStatusInfo")), |list| {
            list.as_array_mut().unwrap().retain(|name| name != "taskId");
        });
        assert!(required.starts_with("the field becomes an `Option`: look for `task_id` in "), "{required}");
        assert_eq!(
            set(STATUS, "new", json!({ "type": "string" })),
            "nothing to do: `types::TaskStatusInfo` has it"
        );
    }

    #[test]
    fn what_is_sent_names_the_builders() {
        assert_eq!(
            set(TASK, "color", json!({ "type": "string" })),
            "nothing to do: `types::Task` has it; a builder in src/order/task.rs can offer it"
        );
        assert_eq!(
            advised(&schema("Task"), |task| {
                task["properties"]["color"] = json!({ "type": "string" });
                task["required"].as_array_mut().unwrap().push("color".into());
            }),
            "what has none is refused locally: src/order/task.rs has to set it; tell users in CHANGELOG.md"
        );
        assert_eq!(
            set(&format!("{TASK}/daysToLive"), "maximum", json!(20)),
            "what is beyond it is refused locally; tell users in CHANGELOG.md"
        );
        assert_eq!(
            set(&format!("{TASK}/language"), "pattern", json!("^..$")),
            "the service refuses what is beyond it; tell users in CHANGELOG.md"
        );
    }

    #[test]
    fn values_say_how_they_were_read_before() {
        let values = |name: &str| format!("{}/enum", schema(name));
        let added =
            |name: &str| advised(&values(name), |values| values.as_array_mut().unwrap().push("NEW".into()));
        assert_eq!(
            added("TaskStatus"),
            "nothing to do: it gets a variant; until a release it is read as unknown; should it be known in \
             src/wait.rs?"
        );
        assert_eq!(
            added("DocumentAction"),
            "nothing to do: it gets a variant; until a release it is read as unknown, and refused locally"
        );
        let gone = advised(&values("TaskStatus"), |values| {
            values.as_array_mut().unwrap().retain(|value| value != "EXPIRED");
        });
        let expected =
            "the variant `TaskStatus::Expired` goes (it is in src/wait.rs); tell users in CHANGELOG.md";
        assert_eq!(gone, expected);
    }

    #[test]
    fn a_name_is_mapped() {
        let mut new = contract().to_string();
        new = new.replace("schemas/Dialog\"", "schemas/Popup\"").replace("\"Dialog\":", "\"Popup\":");
        let renamed = advised("", |old| *old = serde_json::from_str(&new).unwrap());
        assert_eq!(renamed, "map `Popup` to `Dialog` in spec/names.toml, and the type keeps its name");
        let inlined = advised("/components/schemas", |schemas| {
            let dialog = schemas.as_object_mut().unwrap().shift_remove("Dialog").unwrap();
            schemas["Task"]["properties"]["dialog"] = dialog;
        });
        assert_eq!(inlined, "name it `Dialog` in spec/overlay.yaml again, and the type keeps its name");
    }

    #[test]
    fn a_parameter_names_the_wrapper_that_passes_it() {
        let parameters = |required: bool, place: &str| {
            let new = json!({ "name": "new", "in": place, "required": required, "schema": {} });
            let pointer = format!("{FORWARDS}/get/parameters");
            advised(&pointer, |parameters| parameters.as_array_mut().unwrap().push(new))
        };
        let wrapper = "the wrapper `forwards` in src/tasks.rs";
        assert_eq!(parameters(true, "query"), format!("{wrapper} has to take it and pass it on"));
        assert_eq!(parameters(false, "query"), format!("{wrapper} has to pass it: `None` will do"));
        let setting = |pointer: &str| set(pointer, "name", json!("other"));
        assert_eq!(
            setting("/components/parameters/OrganizationId"),
            "take the setting out of src/config.rs and src/transport.rs if it is there; tell users in CHANGELOG.md"
        );
        let path = "/paths/~1archive-documents~1{archiveId}";
        let mut new = contract().clone();
        let mut item = new.pointer(path).unwrap().clone();
        item["get"]["parameters"][0]["name"] = "id".into();
        item["delete"]["parameters"][0]["name"] = "id".into();
        let paths = new["paths"].as_object_mut().unwrap();
        paths.remove("/archive-documents/{archiveId}");
        paths.insert("/archive-documents/{id}".to_owned(), item);
        assert_eq!(
            advised("", |old| *old = new),
            "correct (\"/archive-documents/\", \"archiveId\") in build/rust_types.rs"
        );
    }

    #[test]
    fn every_advice_is_one_line_and_not_empty() {
        let new = json!({ "components": { "schemas": { "A\nB": { "properties": { "c\nd": {} } } } } });
        for (old, new) in [(contract(), &new), (&new, contract())] {
            let mut changes = compare(old, new);
            give(&mut changes, old, &Sources::read(root()).unwrap());
            assert!(changes.len() > 50);
            let odd = changes.iter().find(|change| change.advice.is_empty() || change.advice.contains('\n'));
            assert_eq!(odd, None);
        }
    }
}
