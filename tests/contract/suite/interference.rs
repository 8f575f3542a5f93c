//! What happens to the service's answers on their way: nothing, or an operation is broken on purpose.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::relay::Answer;

pub trait Interference: Send + Sync {
    /// An answer in the place of the service's, which is not asked.
    fn instead_of(&self, _operation: &str) -> Option<Answer> {
        None
    }

    fn change(&self, _operation: &str, _answer: &mut Answer) {}
}

/// What comes is handed on.
pub struct Nothing;

impl Interference for Nothing {}

/// How an operation can be broken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Breakage {
    /// It answers 500.
    Fails,
    /// It says that all is well, and nothing more: what it should have deleted is there, what it should have
    /// told is missing.
    SaysNothing,
    /// Its answer has the right shape, and is about something else.
    IsAboutAnother,
}

/// One operation is broken, in one way.
pub struct Broken {
    pub operation: String,
    pub breakage: Breakage,
}

impl Interference for Broken {
    fn instead_of(&self, operation: &str) -> Option<Answer> {
        if operation != self.operation {
            return None;
        }
        match self.breakage {
            Breakage::Fails => Some(json_answer(500, &json!({ "title": "Broken on purpose" }))),
            Breakage::SaysNothing if operation.starts_with("delete") => {
                let status = StatusCode::NO_CONTENT;
                Some(Answer { status, headers: HeaderMap::new(), body: Bytes::new() })
            }
            Breakage::SaysNothing | Breakage::IsAboutAnother => None,
        }
    }

    fn change(&self, operation: &str, answer: &mut Answer) {
        if operation != self.operation || !answer.status.is_success() {
            return;
        }
        let value = serde_json::from_slice::<Value>(&answer.body).ok();
        answer.body = match (self.breakage, value) {
            (Breakage::Fails, _) => return,
            (Breakage::SaysNothing, Some(Value::Array(_))) => Bytes::from_static(b"[]"),
            (Breakage::SaysNothing, Some(_)) => Bytes::from_static(b"{}"),
            (Breakage::SaysNothing, None) => Bytes::new(),
            (Breakage::IsAboutAnother, Some(value)) => about_another(value).to_string().into(),
            // No PDF and no XML, under the same media type.
            (Breakage::IsAboutAnother, None) if !answer.body.is_empty() => {
                Bytes::from_static(b"another file")
            }
            (Breakage::IsAboutAnother, None) => return,
        };
    }
}

/// The same with other ids.
fn about_another(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let other = |(name, value): (String, Value)| {
                let is_id = name == "id" || name.ends_with("Id");
                let value = if is_id && value.is_string() { "another".into() } else { about_another(value) };
                (name, value)
            };
            Value::Object(members.into_iter().map(other).collect())
        }
        Value::Array(items) => items.into_iter().map(about_another).collect(),
        plain => plain,
    }
}

pub fn json_answer(status: u16, body: &Value) -> Answer {
    let json = HeaderValue::from_static("application/json");
    Answer {
        status: StatusCode::from_u16(status).unwrap(),
        headers: HeaderMap::from_iter([(header::CONTENT_TYPE, json)]),
        body: body.to_string().into(),
    }
}

/// Answers of one operation are changed by a function: what the service does otherwise than documented.
pub struct Deviates<F>(pub F);

impl<F: Fn(&str, &mut Answer) + Send + Sync> Interference for Deviates<F> {
    fn change(&self, operation: &str, answer: &mut Answer) {
        (self.0)(operation, answer);
    }
}
