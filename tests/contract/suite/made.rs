//! What a run has made at the service, by what the service said: also where a case failed before it could keep an id.

use http::StatusCode;
use serde_json::Value;

use super::relay::{Answer, Exchange};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    Order,
    Document,
}

/// All that is there still: orders first, because documents may be of them.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Made {
    pub orders: Vec<String>,
    pub documents: Vec<String>,
    /// Things that may be there, and whose ids nobody knows.
    pub nameless: Vec<Thing>,
}

impl Made {
    pub fn of(exchanges: &[Exchange]) -> Made {
        let mut made = Made::default();
        for exchange in exchanges {
            made.note(exchange);
        }
        made
    }

    fn note(&mut self, exchange: &Exchange) {
        let answer = exchange.from_service.as_ref();
        match exchange.operation.as_deref() {
            Some("createOrder") => self.created(Thing::Order, "id", exchange, answer),
            Some("uploadDocument") => self.created(Thing::Document, "documentId", exchange, answer),
            Some("deleteOrder") => remove(&mut self.orders, exchange, answer),
            Some("deleteDocument") => remove(&mut self.documents, exchange, answer),
            _ => {}
        }
    }

    fn created(&mut self, thing: Thing, member: &str, exchange: &Exchange, answer: Option<&Answer>) {
        let Some(answer) = answer else {
            // Not asked for where the answer is another's; else it may have arrived.
            self.nameless.extend(exchange.handed_on.is_none().then_some(thing));
            return;
        };
        if !answer.status.is_success() {
            // An error of a server does not prove that nothing was made.
            let proves_it = answer.status.is_client_error() && answer.status != StatusCode::REQUEST_TIMEOUT;
            self.nameless.extend((!proves_it).then_some(thing));
            return;
        }
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let list = match thing {
            Thing::Order => &mut self.orders,
            Thing::Document => &mut self.documents,
        };
        match body[member].as_str() {
            Some(id) => list.push(id.to_owned()),
            None => self.nameless.push(thing),
        }
    }
}

fn remove(list: &mut Vec<String>, exchange: &Exchange, answer: Option<&Answer>) {
    let is_gone = |status: StatusCode| {
        status.is_success() || matches!(status, StatusCode::NOT_FOUND | StatusCode::GONE)
    };
    if answer.is_some_and(|answer| is_gone(answer.status)) {
        list.retain(|id| Some(id) != exchange.about.as_ref());
    }
}
