//! What the sandbox answers with, and the shapes in which the service says no.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::judge::Violation;
use super::task::Document;

const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";

pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) content_type: Option<&'static str>,
    pub(super) body: Bytes,
    /// Beside the media type.
    pub(super) headers: HeaderMap,
    /// Whether the gateway in front of the service gives it.
    pub(super) is_the_gateways: bool,
}

impl Answer {
    fn new(status: StatusCode, content_type: &'static str, body: Bytes) -> Answer {
        let (headers, is_the_gateways) = (HeaderMap::new(), false);
        Answer { status, content_type: Some(content_type), body, headers, is_the_gateways }
    }

    pub(super) fn json(status: StatusCode, body: &Value) -> Answer {
        Answer::new(status, JSON, body.to_string().into())
    }

    pub(super) fn no_content() -> Answer {
        Answer { content_type: None, ..Answer::new(StatusCode::NO_CONTENT, "", Bytes::new()) }
    }

    /// A document under its own media type where that is one of `known`, else as plain bytes.
    pub(super) fn document(document: &Document, known: &[&'static str]) -> Answer {
        let media_type = known.iter().find(|known| **known == document.media_type);
        Answer::new(StatusCode::OK, media_type.unwrap_or(&"application/octet-stream"), document.bytes.clone())
    }

    /// The Sign service has no such thing.
    pub(super) fn not_found(detail: &str) -> Answer {
        let problem = json!({ "status": 404, "type": "about:blank", "title": "Not Found", "detail": detail });
        Answer::json(StatusCode::NOT_FOUND, &problem)
    }

    /// The Sign service finds fault with a body.
    pub(super) fn invalid(violations: &[Violation]) -> Answer {
        let violations: Vec<_> = violations
            .iter()
            .map(|violation| json!({ "propertyPath": violation.property_path, "message": violation.message }))
            .collect();
        let problem = json!({ "title": "Constraint Violation", "violations": violations });
        Answer::json(StatusCode::BAD_REQUEST, &problem)
    }

    /// The gateway in front of the service refuses a request. `code` is what it calls the case.
    pub(super) fn gateway(status: StatusCode, code: &str, detail: &str, trace_id: &str) -> Answer {
        let problem = json!({
            "type": format!("https://sandbox.invalid/problems/{code}"),
            "title": status.canonical_reason(),
            "status": status.as_u16(),
            "detail": detail,
            "code": code,
            "traceId": trace_id,
        });
        Answer { is_the_gateways: true, ..Answer::new(status, PROBLEM, problem.to_string().into()) }
    }

    /// The gateway refuses parameters.
    pub(super) fn invalid_parameters(violations: &[Violation], trace_id: &str) -> Answer {
        let invalid: Vec<_> = violations
            .iter()
            .map(|violation| json!({ "name": violation.property_path, "reason": violation.message }))
            .collect();
        let problem = json!({
            "type": "https://sandbox.invalid/problems/invalid_request_parameter",
            "title": "Bad Request",
            "status": 400,
            "detail": "The request holds something that the contract does not allow.",
            "code": "invalid_request_parameter",
            "traceId": trace_id,
            "invalidParams": invalid,
        });
        let answer = Answer::new(StatusCode::BAD_REQUEST, PROBLEM, problem.to_string().into());
        Answer { is_the_gateways: true, ..answer }
    }

    /// A page for people. It has no scripts, and shows and loads nothing that is not of this place.
    pub(super) fn page(status: StatusCode, html: String) -> Answer {
        let mut answer = Answer::new(status, "text/html; charset=utf-8", html.into());
        let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'";
        for (name, value) in [
            (header::CACHE_CONTROL, "no-store"),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::CONTENT_SECURITY_POLICY, policy),
        ] {
            answer.headers.insert(name, HeaderValue::from_static(value));
        }
        answer
    }

    pub(super) fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        *headers = self.headers;
        if let Some(content_type) = self.content_type {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        response
    }
}
