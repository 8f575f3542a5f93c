//! The API's operations, one arm each.

use std::collections::BTreeMap;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::StatusCode;
use serde_json::json;

use super::answer::Answer;
use super::error::SandboxError;
use super::judge::essence;
use super::order::{Order, PackagingState};
use super::state::State;
use super::task::{Document, Task, TaskDocument};
use super::views::{self, Urls};

/// A call that the gateway has let pass and the judge found to be what the contract allows.
pub(super) struct Call<'c> {
    pub(super) operation_id: &'c str,
    pub(super) params: &'c BTreeMap<&'c str, String>,
    pub(super) content_type: Option<&'c str>,
    pub(super) body: Bytes,
}

impl Call<'_> {
    /// A path parameter. Absent means that the contract has come to call it something else: nothing is found then.
    fn param(&self, name: &str) -> &str {
        self.params.get(name).map_or("", String::as_str)
    }
}

/// There is nothing under an id; the sentence that says so.
struct Absent(String);

impl From<SandboxError> for Absent {
    fn from(error: SandboxError) -> Absent {
        Absent(error.to_string())
    }
}

pub(super) fn perform(call: &Call<'_>, state: &mut State, urls: &Urls, now: DateTime<Utc>) -> Answer {
    answer(call, state, urls, now).unwrap_or_else(|Absent(detail)| Answer::not_found(&detail))
}

fn answer(call: &Call<'_>, state: &mut State, urls: &Urls, now: DateTime<Utc>) -> Result<Answer, Absent> {
    const PDF: &[&str] = &["application/pdf"];
    const LTV_SDO: &[&str] = &["application/x-ltv-sdo"];

    let (order_id, task_id) = (call.param("orderId"), call.param("taskId"));
    Ok(match call.operation_id {
        "uploadDocument" => {
            let document = Document {
                bytes: call.body.clone(),
                media_type: essence(call.content_type.unwrap_or_default()),
            };
            Answer::json(StatusCode::CREATED, &json!({ "documentId": state.upload(document, now) }))
        }
        "getDocument" => {
            Answer::document(state.document(call.param("documentId")).ok_or_else(no_document)?, PDF)
        }
        "deleteDocument" => {
            state.delete_document(call.param("documentId")).ok_or_else(no_document)?;
            Answer::no_content()
        }
        "getArchivedDocument" => {
            Answer::document(state.archived(call.param("archiveId")).ok_or_else(no_document)?, PDF)
        }
        "deleteArchivedDocument" => {
            state.delete_archived(call.param("archiveId")).ok_or_else(no_document)?;
            Answer::no_content()
        }

        "createOrder" => {
            // The judge has read the body: it is JSON.
            let body = serde_json::from_slice(&call.body).unwrap_or_default();
            match state.create_order(body, now) {
                Ok(order) => Answer::json(StatusCode::CREATED, &views::order(order, urls)),
                Err(violations) => Answer::invalid(&violations),
            }
        }
        "getOrder" => ok(views::order(state.order(order_id)?, urls)),
        "deleteOrder" => {
            state.delete_order(order_id)?;
            Answer::no_content()
        }

        "getTaskStatus" => {
            state.let_signer_act(order_id, task_id, now)?;
            let (order, task) = find_task(state, order_id, task_id)?;
            ok(views::task_status(order, task, urls))
        }
        "getTaskEvents" => ok(views::events(&find_task(state, order_id, task_id)?.1.events)),
        "getTaskForwards" => {
            let (order, task) = find_task(state, order_id, task_id)?;
            ok(views::forwards(order, task))
        }
        "generateArtifact" => {
            let artifact = state.generate_artifact(order_id, task_id)?;
            let (order, task) = find_task(state, order_id, task_id)?;
            Answer::json(StatusCode::CREATED, &views::artifact(order, task, &artifact, urls))
        }
        // What the signer saw is what was uploaded: the sandbox fills in no forms.
        "getOriginalDocument" | "getGeneratedDocument" => {
            let document = find_document(state, call)?.original.as_ref();
            Answer::document(document.ok_or(Absent("the document is not there yet".to_owned()))?, PDF)
        }
        "getResultDocument" => {
            let result = find_document(state, call)?.result.as_ref();
            Answer::document(result.ok_or(Absent("the document is not signed".to_owned()))?, LTV_SDO)
        }

        "getPackagingTaskStatus" => {
            let id = call.param("packagingTaskId");
            state.poll_packaging(order_id, id, now)?;
            let order = state.order(order_id)?;
            let packaging = order.packaging(id).ok_or_else(|| no_packaging(id))?;
            ok(views::packaging_status(order, packaging, urls))
        }
        "getPackagingTaskResult" => {
            let id = call.param("packagingTaskId");
            match &state.order(order_id)?.packaging(id).ok_or_else(|| no_packaging(id))?.state {
                PackagingState::Completed(sealed) => Answer::document(sealed, PDF),
                other => {
                    let status = other.as_str();
                    return Err(Absent(format!("packaging task `{id}` is {status}: it has no result")));
                }
            }
        }
        unknown => {
            let detail = format!("the contract has the operation `{unknown}`, and the sandbox does not");
            Answer::json(StatusCode::NOT_IMPLEMENTED, &json!({ "status": 501, "detail": detail }))
        }
    })
}

fn ok(body: serde_json::Value) -> Answer {
    Answer::json(StatusCode::OK, &body)
}

fn find_task<'s>(state: &'s State, order_id: &str, task_id: &str) -> Result<(&'s Order, &'s Task), Absent> {
    let order = state.order(order_id)?;
    Ok((order, order.task(task_id)?))
}

fn find_document<'s>(state: &'s State, call: &Call<'_>) -> Result<&'s TaskDocument, Absent> {
    let (_, task) = find_task(state, call.param("orderId"), call.param("taskId"))?;
    let id = call.param("documentId");
    task.document(id).ok_or_else(|| Absent(format!("the task has no document `{id}`")))
}

fn no_document() -> Absent {
    Absent("no document is stored under this id".to_owned())
}

fn no_packaging(id: &str) -> Absent {
    Absent(format!("the order has no packaging task `{id}`"))
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;
    use crate::sandbox::CONTRACT;
    use crate::sandbox::ids::Ids;
    use crate::sandbox::journal::Journal;
    use crate::sandbox::judge::Judge;
    use crate::sandbox::outbox::Outbox;
    use crate::sandbox::state::Script;

    #[test]
    fn every_operation_of_the_contract_is_known() {
        let contract = serde_json::from_str(CONTRACT).expect("the contract is JSON");
        let judge = Judge::new(&contract).expect("the contract is readable");
        let urls = Urls { origin: String::new() };
        let outbox = Outbox::new(mpsc::unbounded_channel().0);
        let mut state = State::new(Ids::new(0), Script::default(), urls.clone(), Journal::default(), outbox);
        let (now, params) = (DateTime::UNIX_EPOCH, BTreeMap::new());
        let mut answer = |operation_id| {
            let call = Call { operation_id, params: &params, content_type: None, body: Bytes::new() };
            perform(&call, &mut state, &urls, now).status
        };
        for operation_id in judge.operation_ids() {
            assert_ne!(answer(operation_id), StatusCode::NOT_IMPLEMENTED, "{operation_id}");
        }
        assert_eq!(answer("makeCoffee"), StatusCode::NOT_IMPLEMENTED);
    }
}
