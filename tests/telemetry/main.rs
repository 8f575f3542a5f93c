//! What is told of a call: spans in OpenTelemetry's words, and nothing that they must not hold. Its own binary with
//! one test: tracing decides for the whole process which spans are on, and other threads would have a say in it.

#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::{Layer, registry::LookupSpan};

use support::virtual_time::VirtualTime;
use support::{Answer, Service};

type Fields = BTreeMap<String, String>;

/// Keeps the fields of this crate's spans, in the order in which they begin.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<Span>>>);

#[derive(Clone)]
struct Span {
    id: u64,
    name: &'static str,
    fields: Fields,
}

struct Keep<'a>(&'a mut Fields);

impl Visit for Keep<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}").trim_matches('"').to_owned());
    }
}

impl<S: tracing::Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, _: Context<'_, S>) {
        if attributes.metadata().target().starts_with("signicat_sign") {
            let mut fields = Fields::new();
            attributes.record(&mut Keep(&mut fields));
            self.0.lock().unwrap().push(Span {
                id: id.into_u64(),
                name: attributes.metadata().name(),
                fields,
            });
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        let mut spans = self.0.lock().unwrap();
        // An id is used again when its span has ended.
        if let Some(span) = spans.iter_mut().rev().find(|span| span.id == id.into_u64()) {
            values.record(&mut Keep(&mut span.fields));
        }
    }
}

/// The spans of what is called while this is kept.
fn recording() -> (Spans, tracing::subscriber::DefaultGuard) {
    let spans = Spans::default();
    let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(spans.clone()));
    (spans, guard)
}

#[tokio::test]
async fn a_call_tells_what_became_of_it() {
    a_call_has_a_span_and_each_of_its_attempts().await;
    a_call_that_fails_says_why().await;
}

async fn a_call_has_a_span_and_each_of_its_attempts() {
    let answers = Mutex::new(vec![
        Answer::json(200, &json!({ "id": "1" })),
        Answer::json(503, &json!({ "traceId": "8f2c" }))
            .with_header("retry-after", "7")
            .with_header("x-secret", "s"),
    ]);
    let service = Service::start(move |_| answers.lock().unwrap().pop().unwrap()).await;
    let client = service.builder().runtime(Arc::new(VirtualTime::default())).build().unwrap();
    let (spans, guard) = recording();
    client.orders().get(&"planted-order".parse().unwrap()).await.unwrap();
    drop(guard);

    let spans = spans.0.lock().unwrap().clone();
    let port = service.base_url().rsplit(':').next().unwrap().split('/').next().unwrap().to_owned();
    let fields = |fields: &[(&str, &str)]| -> Fields {
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let attempt = |more: &[(&str, &str)]| {
        let mut all = fields(&[
            ("otel.kind", "client"),
            ("http.request.method", "GET"),
            ("url.template", "/orders/{orderId}"),
            ("server.address", "127.0.0.1"),
            ("server.port", &port),
            ("http.response.header.content-type", "application/json"),
        ]);
        all.extend(fields(more));
        all
    };
    let names: Vec<_> = spans.iter().map(|span| span.name).collect();
    assert_eq!(names, ["signicat_sign.call", "signicat_sign.attempt", "signicat_sign.attempt"]);
    assert_eq!(
        spans[0].fields,
        fields(&[("operation", "get_order"), ("attempts", "2"), ("outcome", "answered")])
    );
    assert_eq!(
        spans[1].fields,
        attempt(&[
            ("http.response.status_code", "503"),
            ("http.response.header.content-length", "18"),
            ("http.response.header.retry-after", "7"),
            ("error.type", "503"),
            ("trace_id", "8f2c"),
        ])
    );
    assert_eq!(
        spans[2].fields,
        attempt(&[
            ("http.response.status_code", "200"),
            ("http.response.header.content-length", "10"),
            ("http.request.resend_count", "1"),
        ])
    );
}

async fn a_call_that_fails_says_why() {
    let service = Service::answering(Answer { status: 404, ..Default::default() }).await;
    let client = service.client();
    let (spans, guard) = recording();
    client.orders().get(&"1".parse().unwrap()).await.unwrap_err();
    drop(guard);
    let spans = spans.0.lock().unwrap().clone();
    assert_eq!(spans[0].fields["error.type"], "404");
    assert_eq!(spans[0].fields["outcome"], "rejected");
    assert_eq!(spans[1].fields["error.type"], "404");
}
