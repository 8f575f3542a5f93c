//! The sandbox's state as the API's answers show it.

use std::fmt::Write;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::order::{Order, Packaging, PackagingState};
use super::task::{Event, Forward, Task, TaskDocument};

/// Where the sandbox is; addresses in answers lead back to it.
#[derive(Debug, Clone)]
pub(super) struct Urls {
    /// `http://127.0.0.1:` and the port.
    pub(super) origin: String,
}

/// As the service's own addresses have it.
pub(super) const API_PATH: &str = "/enterprise/sign";
pub(super) const TOKEN_PATH: &str = "/auth/open/connect/token";
pub(super) const SIGNING_PATH: &str = "/sign-here";

impl Urls {
    pub(super) fn api(&self) -> String {
        format!("{}{API_PATH}", self.origin)
    }

    pub(super) fn token(&self) -> String {
        format!("{}{TOKEN_PATH}", self.origin)
    }

    pub(super) fn signing(&self, task: &Task) -> String {
        format!("{}{SIGNING_PATH}/{}", self.origin, task.signing_secret)
    }

    fn document(&self, order: &Order, task: &Task, document: &TaskDocument, what: &str) -> String {
        let [order, task, document] = [&order.id, task.id(), &document.sent.id].map(segment);
        format!("{}/orders/{order}/tasks/{task}/documents/{document}/{what}", self.api())
    }

    fn packaging_result(&self, order: &Order, packaging: &Packaging) -> String {
        let [order, packaging] = [&order.id, &packaging.sent.id].map(|id| segment(id));
        format!("{}/orders/{order}/packaging-tasks/{packaging}/result", self.api())
    }
}

/// SigningOrder: what was sent, and what the service adds to it.
pub(super) fn order(order: &Order, urls: &Urls) -> Value {
    let mut body = order.body.clone();
    body["id"] = order.id.clone().into();
    if let Some(artifact) = &order.artifact {
        body["artifact"] = artifact.clone().into();
    }
    for task in body["tasks"].as_array_mut().into_iter().flatten() {
        // Forwarded tasks have been added behind the ones that were sent; ids are unique.
        if let Some(known) = order.tasks.iter().find(|known| task["id"] == known.id()) {
            task["signingUrl"] = urls.signing(known).into();
        }
    }
    body
}

/// AuthenticationArtifact
pub(super) fn artifact(order: &Order, task: &Task, artifact: &str, urls: &Urls) -> Value {
    let signing_url = format!("{}?artifact={artifact}", urls.signing(task));
    json!({ "artifact": artifact, "orderId": order.id, "taskId": task.id(), "signingUrl": signing_url })
}

/// TaskStatusInfo
pub(super) fn task_status(order: &Order, task: &Task, urls: &Urls) -> Value {
    let documents: Vec<_> = task
        .documents
        .iter()
        .map(|document| {
            let url = |what| urls.document(order, task, document, what);
            let original = document.original.is_some();
            members([
                ("id", Some(document.sent.id.clone())),
                ("originalUri", original.then(|| url("original"))),
                ("generatedUri", original.then(|| url("generated"))),
                ("resultUri", document.result.is_some().then(|| url("result"))),
            ])
        })
        .collect();
    let mut status = members([
        ("orderId", Some(order.id.clone())),
        ("taskId", Some(task.id().to_owned())),
        ("taskStatus", Some(task.status.as_str().to_owned())),
        ("clientReference", order.client_reference.clone()),
        ("rejectReason", task.reject_reason.clone()),
    ]);
    status["documents"] = documents.into();
    status
}

/// PackagingTaskStatusInfo
pub(super) fn packaging_status(order: &Order, packaging: &Packaging, urls: &Urls) -> Value {
    let is_completed = matches!(packaging.state, PackagingState::Completed(_));
    members([
        ("orderId", Some(order.id.clone())),
        ("packagingTaskId", Some(packaging.sent.id.clone())),
        ("packagingTaskStatus", Some(packaging.state.as_str().to_owned())),
        ("packagingTaskResultUri", is_completed.then(|| urls.packaging_result(order, packaging))),
    ])
}

/// Event[]
pub(super) fn events(events: &[Event]) -> Value {
    let event = |event: &Event| {
        members([
            ("eventType", Some(event.event_type.to_owned())),
            ("eventTime", Some(event_time(event.time))),
            ("data", event.data.clone()),
        ])
    };
    events.iter().map(event).collect()
}

/// TaskForwardDetails[]
pub(super) fn forwards(order: &Order, task: &Task) -> Value {
    let details = |forward: &Forward| {
        json!({
            "orderId": order.id,
            "taskId": forward.task_id,
            "originalTaskId": task.id(),
            "recipientName": forward.recipient_name,
            "recipientEmail": forward.recipient_email,
        })
    };
    task.forward.iter().map(details).collect()
}

/// The service writes Norwegian local time with an offset that has no colon, which is not RFC 3339. The sandbox
/// keeps to summer time all year.
fn event_time(time: DateTime<Utc>) -> String {
    (time + TimeDelta::hours(2)).format("%Y-%m-%dT%H:%M:%S+0200").to_string()
}

/// An object of the members that there are.
fn members<const N: usize>(members: [(&str, Option<String>); N]) -> Value {
    let present = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
    Value::Object(present.collect::<Map<_, _>>())
}

/// Percent-encodes a path segment. Ids are the caller's: they may hold anything.
pub(super) fn segment(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' | b'~' => encoded.push(byte.into()),
            // Writing to a String can't fail.
            _ => _ = write!(encoded, "%{byte:02X}"),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_events_time_is_norwegian_and_has_no_colon_in_its_offset() {
        let time = DateTime::from_timestamp(1_696_186_557, 0).expect("the time is in range");
        assert_eq!(event_time(time), "2023-10-01T20:55:57+0200");
    }

    #[test]
    fn an_id_can_not_change_an_address() {
        assert_eq!(segment("a/b?c=æ d"), "a%2Fb%3Fc%3D%C3%A6%20d");
    }
}
