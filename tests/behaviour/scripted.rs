//! A service with one order, for waits in virtual time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use signicat_sign::{Client, CompletedOrder, Error, Order};

use crate::support::virtual_time::VirtualTime;
use crate::support::{Answer, Service};

/// A service with one order of kari, ola and the packaging task "sealed", whose statuses are told by a script:
/// by what is asked and how often it was asked before. `503` is a refusal, `429 after 7` one with a Retry-After.
pub struct Scripted {
    pub service: Service,
    pub time: VirtualTime,
    asked: Arc<Mutex<HashMap<String, usize>>>,
}

impl Scripted {
    pub async fn start(script: impl Fn(&str, usize) -> &'static str + Send + Sync + 'static) -> Self {
        Self::start_forwarding(|_| "", script).await
    }

    /// The same, where tasks were forwarded: the function says to whom a task was, or nothing.
    pub async fn start_forwarding(
        forwarded_to: impl Fn(&str) -> &'static str + Send + Sync + 'static,
        script: impl Fn(&str, usize) -> &'static str + Send + Sync + 'static,
    ) -> Self {
        let asked = Arc::new(Mutex::new(HashMap::<String, usize>::new()));
        let counts = asked.clone();
        let service = Service::start(move |request| {
            let segments: Vec<_> = request.path.split('/').collect();
            let [_, _, _, list, id, what] = segments[..] else { return Answer::json(200, &order()) };
            if what == "forwards" {
                let forwards = match forwarded_to(id) {
                    "" => json!([]),
                    to => json!([{ "orderId": "1", "taskId": to, "originalTaskId": id }]),
                };
                return Answer::json(200, &forwards);
            }
            let mut counts = counts.lock().unwrap();
            let count = counts.entry(id.to_owned()).or_default();
            *count += 1;
            let status = script(id, *count);
            let (refusal, retry_after) = status.split_once(" after ").unwrap_or((status, ""));
            if let Ok(status) = refusal.parse() {
                let answer = Answer { status, ..Default::default() };
                return if retry_after.is_empty() {
                    answer
                } else {
                    answer.with_header("retry-after", retry_after)
                };
            }
            let (id_member, member) = match list {
                "tasks" => ("taskId", "taskStatus"),
                _ => ("packagingTaskId", "packagingTaskStatus"),
            };
            Answer::json(
                200,
                &json!({ "orderId": "1", id_member: id, member: status, "rejectReason": "wrong amount" }),
            )
        })
        .await;
        Self { service, time: VirtualTime::default(), asked }
    }

    pub fn client(&self) -> Client {
        self.service.builder().runtime(Arc::new(self.time.clone())).build().unwrap()
    }

    pub async fn order(&self) -> Order {
        self.client().orders().get(&"1".parse().unwrap()).await.unwrap()
    }

    pub async fn wait(&self) -> Result<CompletedOrder, Error> {
        self.client().orders().wait(&self.order().await).await
    }

    pub fn asked(&self, id: &str) -> usize {
        self.asked.lock().unwrap().get(id).copied().unwrap_or_default()
    }
}

fn order() -> Value {
    json!({ "id": "1", "tasks": [{ "id": "kari" }, { "id": "ola" }], "packagingTasks": [{ "id": "sealed" }] })
}
