//! Spans: one a call and one an attempt, in OpenTelemetry's words. No id, no query, no body, and no header but
//! those of a short list.

use http::header;
use reqwest::{Response, Url};
use tracing::{Span, field::Empty};

use crate::contract::Operation;
use crate::error::Error;
use crate::redact::{media_type, scrub};

pub(crate) fn call_span(operation: &Operation) -> Span {
    tracing::info_span!(
        "signicat_sign.call",
        operation = operation.id,
        attempts = Empty,
        outcome = Empty,
        error.type = Empty,
    )
}

pub(crate) fn attempt_span(operation: &Operation, url: &Url, number: u32) -> Span {
    tracing::debug_span!(
        "signicat_sign.attempt",
        otel.kind = "client",
        http.request.method = operation.method,
        url.template = operation.template,
        server.address = url.host_str().unwrap_or_default(),
        server.port = url.port_or_known_default(),
        http.request.resend_count = (number > 1).then(|| number - 1),
        http.response.status_code = Empty,
        "http.response.header.content-length" = Empty,
        "http.response.header.content-type" = Empty,
        "http.response.header.retry-after" = Empty,
        error.type = Empty,
        trace_id = Empty,
    )
}

pub(crate) fn answered(attempt: &Span, response: &Response) {
    if attempt.is_disabled() {
        return;
    }
    attempt.record("http.response.status_code", response.status().as_u16());
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    if let Some(length) = response.content_length() {
        attempt.record("http.response.header.content-length", length);
    }
    if let Some(said) = header(header::CONTENT_TYPE) {
        attempt.record("http.response.header.content-type", media_type(said));
    }
    if let Some(said) = header(header::RETRY_AFTER).filter(|said| said.len() < 30) {
        attempt.record("http.response.header.retry-after", scrub(said));
    }
}

pub(crate) fn attempt_failed(attempt: &Span, error: &Error) {
    attempt.record("error.type", error_type(error));
    if let Some(trace_id) = error.printable_trace_id() {
        attempt.record("trace_id", trace_id);
    }
}

pub(crate) fn call_failed(call: &Span, attempts: u32, error: &Error) {
    call.record("attempts", attempts)
        .record("outcome", error.outcome().as_str())
        .record("error.type", error_type(error));
}

/// What the answer holds is read later.
pub(crate) fn call_answered(call: &Span, attempts: u32) {
    call.record("attempts", attempts).record("outcome", "answered");
}

/// As OpenTelemetry has it: the status where there is one, else the kind of failure.
fn error_type(error: &Error) -> String {
    match error.status() {
        Some(status) if !status.is_success() => status.as_u16().to_string(),
        _ => error.kind().as_str().to_owned(),
    }
}
