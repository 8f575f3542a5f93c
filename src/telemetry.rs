//! Spans: one a call and one an attempt, in OpenTelemetry's words. No id, no query, no body, no header.

use tracing::{Span, field::Empty};

use crate::contract::Operation;

pub(crate) fn call_span(operation: &Operation) -> Span {
    tracing::info_span!("signicat_sign.call", operation = operation.id, attempts = Empty, error.type = Empty)
}

pub(crate) fn attempt_span(operation: &Operation, host: &str, port: u16, number: u32) -> Span {
    tracing::debug_span!(
        "signicat_sign.attempt",
        otel.kind = "client",
        http.request.method = operation.method,
        url.template = operation.template,
        server.address = host,
        server.port = port,
        http.request.resend_count = number - 1,
        http.response.status_code = Empty,
    )
}
