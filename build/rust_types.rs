//! Which members and parameters have a type of the library's own. This is our choice and not a fact about the
//! API, so it stands here; every entry must find its place in the contract.

use serde_json::Value;

use super::error::{Error, Result};
use super::walk::{members_mut, methods_mut, visit_schemas};

/// Types of ids: newtypes that can't be empty and can't change a URL.
const IDS: [&str; 6] = ["ArchiveId", "DocumentId", "OrderId", "PackagingTaskId", "TaskDocumentId", "TaskId"];

/// Types of what lets its holder act as someone. They are read and never sent.
const SECRETS: [&str; 2] = ["Secret", "SigningUrl"];

const TIMESTAMP: &str = "Timestamp";

/// The type of a path parameter that has none of its own: that of an operation that the contract has gained.
/// No id may change a URL.
const ANY_ID: &str = "AnyId";

/// What the private formats begin with that carry our choice to the generator. The rest is the type's name.
const FORMAT: &str = "crate::";

/// A choice of types for a contract.
pub struct Choice {
    /// Beginning of the path, name of the path parameter, type.
    pub parameters: &'static [(&'static str, &'static str, &'static str)],
    /// Schema and member (`[]` for the items of a list), type.
    pub members: &'static [(&'static str, &'static str)],
}

/// The types of the Sign API's client.
pub const SIGN: Choice = Choice {
    parameters: &[
        ("/archive-documents/", "archiveId", "ArchiveId"),
        // One name in the contract, two things: where a document is stored, and what the caller calls it in a
        // task.
        ("/documents/", "documentId", "DocumentId"),
        ("/orders/", "documentId", "TaskDocumentId"),
        ("/orders/", "orderId", "OrderId"),
        ("/orders/", "packagingTaskId", "PackagingTaskId"),
        ("/orders/", "taskId", "TaskId"),
    ],
    members: &[
        ("AuthenticationArtifact.artifact", "Secret"),
        ("AuthenticationArtifact.orderId", "OrderId"),
        ("AuthenticationArtifact.signingUrl", "SigningUrl"),
        ("AuthenticationArtifact.taskId", "TaskId"),
        ("Event.eventTime", "Timestamp"),
        ("PackagingTask.id", "PackagingTaskId"),
        ("PackagingTaskDocument.documentIds[]", "TaskDocumentId"),
        ("PackagingTaskDocument.taskId", "TaskId"),
        ("PackagingTaskStatusInfo.orderId", "OrderId"),
        ("PackagingTaskStatusInfo.packagingTaskId", "PackagingTaskId"),
        ("SigningOrder.artifact", "Secret"),
        ("SigningOrder.id", "OrderId"),
        ("Task.dependsOnTasks[]", "TaskId"),
        ("Task.id", "TaskId"),
        ("Task.signingUrl", "SigningUrl"),
        ("TaskDocument.documentRef", "DocumentId"),
        ("TaskDocument.id", "TaskDocumentId"),
        ("TaskForwardDetails.orderId", "OrderId"),
        ("TaskForwardDetails.originalTaskId", "TaskId"),
        ("TaskForwardDetails.taskId", "TaskId"),
        ("TaskStatusDocument.id", "TaskDocumentId"),
        ("TaskStatusInfo.orderId", "OrderId"),
        ("TaskStatusInfo.taskId", "TaskId"),
        ("UploadedDocument.documentId", "DocumentId"),
    ],
};

impl Choice {
    /// Marks the chosen members and parameters, and every time of day, with the private format of their type.
    pub fn apply(&self, document: &mut Value) -> Result<()> {
        visit_schemas(document, |_, schema| {
            if schema.get("format").is_some_and(|format| format == "date-time") {
                schema.insert("format".into(), format!("{FORMAT}{TIMESTAMP}").into());
            }
            Ok(())
        })?;
        let mut unmarked = self.members.iter().filter(|(member, own)| !mark_member(document, member, own));
        if let Some((first, _)) = unmarked.next() {
            let all: String = unmarked.map(|(member, _)| format!(", {member}")).collect();
            let problem =
                "is no string in the contract, but has a type in build/rust_types.rs; correct the entry";
            return Err(Error::new(format!("{first}{all}"), problem));
        }
        self.parameters
            .iter()
            .try_for_each(|(path, name, type_name)| mark_parameters(document, path, name, type_name))?;
        mark_other_parameters(document);
        Ok(())
    }

    /// The full names of the chosen types.
    pub fn paths(&self) -> impl Iterator<Item = String> {
        let types =
            self.parameters.iter().map(|entry| entry.2).chain(self.members.iter().map(|entry| entry.1));
        types.map(|type_name| format!("{FORMAT}{type_name}"))
    }
}

/// Whether there is such a string.
fn mark_member(document: &mut Value, member: &str, type_name: &str) -> bool {
    let pointer =
        format!("/components/schemas/{}", member.replace('.', "/properties/").replace("[]", "/items"));
    let schema = document.pointer_mut(&pointer).filter(|schema| schema["type"] == "string");
    let Some(schema) = schema else { return false };
    schema["format"] = format!("{FORMAT}{type_name}").into();
    true
}

fn mark_parameters(document: &mut Value, path: &str, name: &str, type_name: &str) -> Result<()> {
    let mut found = false;
    for (template, parameter) in path_strings(document) {
        if template.starts_with(path) && parameter["name"] == name {
            parameter["schema"]["format"] = format!("{FORMAT}{type_name}").into();
            found = true;
        }
    }
    let problem = || {
        format!(
            "no path has the parameter {name}, but build/rust_types.rs makes it a {type_name}; correct the entry"
        )
    };
    if found { Ok(()) } else { Err(Error::new(path, problem())) }
}

fn mark_other_parameters(document: &mut Value) {
    for (_, parameter) in path_strings(document) {
        let marked = parameter["schema"]["format"].as_str().is_some_and(is_ours);
        if !marked {
            parameter["schema"]["format"] = format!("{FORMAT}{ANY_ID}").into();
        }
    }
}

/// The path parameters that are strings, with the template of their path.
fn path_strings(document: &mut Value) -> impl Iterator<Item = (String, &mut Value)> {
    members_mut(document, "/paths").flat_map(|(template, item)| {
        let parameters = methods_mut(item)
            .flat_map(|(_, operation)| operation.get_mut("parameters").and_then(Value::as_array_mut))
            .flatten();
        let strings = parameters
            .filter(|parameter| parameter["in"] == "path" && parameter["schema"]["type"] == "string");
        strings.map(|parameter| (template.clone(), parameter))
    })
}

/// All private formats. Each is the path of the type that it stands for.
pub fn formats() -> impl Iterator<Item = String> {
    IDS.into_iter().chain(SECRETS).chain([TIMESTAMP, ANY_ID]).map(|type_name| format!("{FORMAT}{type_name}"))
}

pub fn is_ours(format: &str) -> bool {
    format.starts_with(FORMAT)
}

/// Whether the path is that of an id's type.
pub fn is_id(path: &str) -> bool {
    is_one_of(&IDS, path)
}

/// Whether the path is that of a type that is never sent.
pub fn is_secret(path: &str) -> bool {
    is_one_of(&SECRETS, path)
}

fn is_one_of(types: &[&str], path: &str) -> bool {
    path.strip_prefix(FORMAT).is_some_and(|type_name| types.contains(&type_name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::samples::{answer, assert_has, contract, generate_with, ok, reference, squeeze};
    use super::Choice;

    const CHOICE: Choice = Choice {
        parameters: &[
            ("/documents/", "documentId", "DocumentId"),
            ("/orders/", "documentId", "TaskDocumentId"),
        ],
        members: &[("Thing.ids[]", "TaskId"), ("Thing.seen", "Timestamp")],
    };

    #[test]
    fn chosen_members_and_parameters_have_our_types() {
        let get = |id: &str| {
            let schema = json!({ "type": "string" });
            let parameter = json!({ "name": "documentId", "in": "path", "required": true, "schema": schema });
            let answers = ok(reference("Thing"));
            json!({ "get": { "operationId": id, "parameters": [parameter], "responses": answers } })
        };
        let string = json!({ "type": "string" });
        let document = contract(
            json!({
                "/documents/{documentId}": get("stored"),
                "/orders/{documentId}": get("ordered"),
                "/x/{documentId}": get("x")
            }),
            json!({ "Thing": { "properties": {
                "ids": { "type": "array", "items": string },
                "seen": string,
                "made": { "type": "string", "format": "date-time" }
            } } }),
        );
        let text = squeeze(&generate_with(&document, &CHOICE).unwrap());
        assert_has(&text, "fn stored<'a>(&'a self, document_id: &'a crate::DocumentId)");
        assert_has(&text, "fn ordered<'a>(&'a self, document_id: &'a crate::TaskDocumentId)");
        assert_has(&text, "fn x<'a>(&'a self, document_id: &'a crate::AnyId)");
        assert_has(&text, "pub ids: ::std::vec::Vec<crate::TaskId>");
        assert_has(&text, "pub seen: ::std::option::Option<crate::Timestamp>");
        assert_has(&text, "pub made: ::std::option::Option<crate::Timestamp>");
    }

    #[test]
    fn an_entry_that_fits_nothing_is_an_error() {
        let document = answer(json!({ "id": { "type": "string" }, "count": { "type": "integer" } }));
        let refused: [(Choice, &str); 4] = [
            (
                Choice { parameters: &[], members: &[("Thing.ids[]", "TaskId"), ("Thing.gone", "TaskId")] },
                "Thing.ids[], Thing.gone: is no string in the contract, but has a type in build/rust_types.rs; correct the entry",
            ),
            (
                Choice { parameters: &[], members: &[("Thing.count", "TaskId")] },
                "Thing.count: is no string in the contract, but has a type in build/rust_types.rs; correct the entry",
            ),
            (
                Choice { parameters: &[("/things", "id", "TaskId")], members: &[] },
                "/things: no path has the parameter id, but build/rust_types.rs makes it a TaskId; correct the entry",
            ),
            // Nothing converts to a type that is not ours.
            (
                Choice { parameters: &[], members: &[("Thing.id", "Nonsense")] },
                "crate::Nonsense: was given to something in the contract, but is not in the generated code",
            ),
        ];
        for (choice, message) in refused {
            assert_eq!(generate_with(&document, &choice).unwrap_err().to_string(), message);
        }
    }
}
