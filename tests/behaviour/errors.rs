//! One error type for all of the API's dialects.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::json;
use signicat_sign::{Error, ErrorKind, Outcome, RetryPolicy, Retryability, Runtime};

use crate::support::virtual_time::VirtualTime;
use crate::support::{Answer, Service};

async fn error_of(answer: Answer) -> Error {
    let service = Service::answering(answer).await;
    let client = service.client().with_retry(RetryPolicy::default().attempts(1));
    client.orders().get(&"1".parse().unwrap()).await.unwrap_err()
}

#[tokio::test]
async fn violations_of_the_service_are_read() {
    let body = json!({ "title": "The order is not valid", "violations": [
        { "propertyPath": "tasks[0].subject.attributes[0].value", "message": "Subject attribute value is required" },
        { "propertyPath": "tasks[0].id", "message": "is required" },
    ]});
    let error = error_of(Answer::json(400, &body)).await;
    assert!(error.is_validation());
    assert_eq!(error.outcome(), Outcome::Rejected);
    assert_eq!(error.violations()[1].property_path(), "tasks[0].id");
    let line = error.to_string();
    assert!(
        line.starts_with("get order: 400 The order is not valid: tasks[0].subject.attributes[0].value: Subject attribute value is required (+1 more) [1 attempt, "),
        "{line}"
    );
    assert!(!line.contains('\n'));
}

#[tokio::test]
async fn every_dialect_is_read() {
    let gateway = json!({ "type": "about:blank", "title": "Forbidden", "code": "forbidden", "traceId": "8f2c",
        "invalidParams": [{ "name": "x", "reason": "unknown" }] });
    let error =
        error_of(Answer::bytes(403, "application/problem+json", gateway.to_string().as_bytes())).await;
    assert!(error.is_forbidden());
    assert_eq!(error.trace_id(), Some("8f2c"));
    assert_eq!(error.problem().unwrap().code(), Some("forbidden"));
    assert_eq!(error.violations()[0].message(), "unknown");
    assert!(error.to_string().contains("[trace 8f2c, 1 attempt"), "{error}");
    assert!(error.to_string().contains("Signature API"), "{error}");

    let client_problem =
        json!({ "status": 500, "type": "t", "title": "Not found", "detail": "No such order" });
    let error = error_of(Answer::json(404, &client_problem)).await;
    assert!(error.is_not_found());
    // From HTTP, never from the body.
    assert_eq!(error.status().unwrap(), 404);
    assert!(error.to_string().starts_with("get order: 404 Not found: No such order"), "{error}");

    let error = error_of(Answer::bytes(503, "text/html", b"<html><h1>Down</h1>")).await;
    assert_eq!(error.kind(), ErrorKind::Server);
    assert!(error.to_string().starts_with("get order: 503 Service Unavailable ["), "{error}");

    for body in [&b""[..], b"null", b"[1]", b"{\"title\": 7, \"violations\": {}}", b"{", b"\xff\xfe"] {
        let error = error_of(Answer::bytes(418, "application/json", body)).await;
        assert_eq!(error.kind(), ErrorKind::Rejected, "{body:?}");
        assert_eq!(error.problem().unwrap().raw(), body);
    }
}

#[tokio::test]
async fn what_a_server_writes_is_scrubbed() {
    let body = json!({ "title": "Bad subject 10109001290", "detail":
        "mail kari@example.com, phone +47 911 22 333, see https://sign.example.com/s/k9?artifact=a1 \n Bearer eyJhbGciOi.x" });
    let error = error_of(Answer::json(400, &body)).await;
    let line = error.to_string();
    assert!(line.starts_with("get order: 400 Bad subject …: mail … phone"), "{line}");
    for secret in ["10109001290", "kari@", "911 22", "artifact", "k9", "eyJ"] {
        assert!(
            !line.contains(secret) && !format!("{error:?}").contains(secret),
            "{secret} in {line} {error:?}"
        );
    }
    // As it was written, for those who ask.
    assert_eq!(error.problem().unwrap().title(), Some("Bad subject 10109001290"));
}

#[tokio::test]
async fn what_can_be_recognised_is_scrubbed_in_every_disguise() {
    let secrets = [
        "kari%40example.com",
        "token=hunter2",
        "\"Bearer abc.def\"",
        "/s/k9f2",
        "RSSMRA85T10A562S",
        "010190-A308T",
        "x://kari/s/1",
    ];
    let body = json!({ "title": secrets.join(" , "), "violations": [{ "propertyPath": "a[0].b", "message": secrets.join(" ") }] });
    let error = error_of(Answer::json(400, &body)).await;
    let line = format!("{error} {error:?}");
    for secret in ["%40example", "hunter2", "abc.def", "k9f2", "RSSMRA", "A308T", "/s/1"] {
        assert!(!line.contains(secret), "{secret} in {line}");
    }
    assert!(line.contains("a[0].b"), "{line}");
}

#[tokio::test]
async fn a_long_list_of_violations_is_read_whole() {
    let violations: Vec<_> = (0..2000)
        .map(|i| json!({ "propertyPath": format!("tasks[{i}].id"), "message": "is required" }))
        .collect();
    let error = error_of(Answer::json(400, &json!({ "title": "No", "violations": violations }))).await;
    assert_eq!(error.violations().len(), 2000);
}

#[tokio::test]
async fn the_server_s_wish_to_wait_is_told() {
    let error = error_of(Answer { status: 429, ..Default::default() }.with_header("retry-after", "17")).await;
    assert!(error.is_rate_limited());
    assert_eq!(error.retry_after(), Some(Duration::from_secs(17)));
    assert_eq!(error.attempts(), 1);
}

#[tokio::test]
async fn raw_errors_become_ours() {
    let service = Service::answering(Answer::json(404, &json!({ "title": "Not found" }))).await;
    let error: Error = service.client().raw().get_order(&"1".parse().unwrap()).await.unwrap_err().into();
    assert!(error.is_not_found());
    assert_eq!(error.operation(), Some("get_order"));
    assert_eq!(error.problem().unwrap().title(), Some("Not found"));
}

#[tokio::test]
async fn nobody_at_home_is_not_sent() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let service = Service::answering(Answer::default()).await;
    let client =
        service.builder().base_url(format!("http://{closed}")).retry(RetryPolicy::default().attempts(1));
    let error = client.build().unwrap().orders().get(&"1".parse().unwrap()).await.unwrap_err();
    assert!(error.is_connect(), "{error:?}");
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert!(error.to_string().starts_with(&format!("get order: cannot connect to {closed}: ")), "{error}");
    assert!(error.hint().unwrap().starts_with("nobody listens there"), "{error}");
}

#[tokio::test]
async fn a_common_cause_is_hinted_at() {
    let of_status = async |status| error_of(Answer { status, ..Default::default() }).await;
    let hint = of_status(403).await.hint().unwrap().to_owned();
    assert!(hint.contains("the permission \"Signature API\""), "{hint}");
    let refused = of_status(401).await;
    assert!(refused.hint().unwrap().contains("token URL and scope"), "{refused}");
    assert!(refused.to_string().contains("belong to it) [2 attempts"), "{refused}");
    for status in [400, 404, 409, 429, 500] {
        assert_eq!(of_status(status).await.hint(), None, "{status}");
    }
    let not_found = json!({ "title": "Not Found", "detail": "no such order" });
    assert_eq!(error_of(Answer::json(404, &not_found)).await.hint(), None, "the service's own");
    let gateway = json!({ "title": "Not Found", "code": "not_found" });
    let page = |status| Answer::bytes(status, "text/html", b"<h1>Not here</h1>");
    for answer in [Answer::json(404, &gateway), page(404)] {
        let error = error_of(answer).await;
        let hint = "is the base URL right? Signicat's own is https://api.signicat.com/enterprise/sign";
        assert_eq!(error.hint(), Some(hint), "{error}");
    }
    let hint = error_of(page(403)).await.hint().unwrap().to_owned();
    assert!(hint.starts_with("a web page says so"), "{hint}");

    let off_by = async |seconds: i64| {
        let now = VirtualTime::default().wall_clock();
        let distance = Duration::from_secs(seconds.unsigned_abs());
        let date: SystemTime = if seconds > 0 { now - distance } else { now + distance };
        let answer = Answer { status: 401, ..Default::default() };
        let service = Service::answering(answer.with_header("date", &httpdate::fmt_http_date(date))).await;
        let client = service.builder().runtime(Arc::new(VirtualTime::default())).build().unwrap();
        client.orders().get(&"1".parse().unwrap()).await.unwrap_err().hint().unwrap().to_owned()
    };
    assert!(off_by(3600).await.ends_with("; besides, this machine's clock is 3600 s ahead of the service's"));
    assert!(off_by(-90).await.ends_with("; besides, this machine's clock is 90 s behind the service's"));
    assert!(off_by(30).await.ends_with("belong to it"));
}

#[tokio::test]
async fn a_token_that_is_refused_is_hinted_at() {
    let hint_of = async |answer: Answer| {
        let service = Service::with_token_endpoint(move |_| answer.clone(), |_| Answer::default()).await;
        let client = service.client().with_retry(RetryPolicy::default().attempts(1));
        client.orders().get(&"1".parse().unwrap()).await.unwrap_err().hint().map(str::to_owned)
    };
    let of_code = async |code| hint_of(Answer::json(400, &json!({ "error": code }))).await;
    let hint = of_code("invalid_scope").await.unwrap();
    assert_eq!(
        hint,
        "at https://api.signicat.com/auth/open/connect/token the scope is signicat-api, on older hosts and at resellers \
         another: set it by ClientBuilder::scope or SIGNICAT_SCOPE"
    );
    assert!(of_code("invalid_client").await.unwrap().starts_with("is the client id right"));
    assert_eq!(of_code("invalid_request").await, None);
    let elsewhere =
        "is the token URL right? Signicat's own is https://api.signicat.com/auth/open/connect/token";
    for answer in [
        Answer::json(404, &json!({ "title": "Not Found", "code": "not_found" })),
        Answer { status: 405, ..Answer::default() },
        Answer::bytes(400, "text/html", b"<h1>What?</h1>"),
    ] {
        assert_eq!(hint_of(answer).await.as_deref(), Some(elsewhere));
    }
    // It passes.
    assert_eq!(hint_of(Answer { status: 503, ..Answer::default() }).await, None);
}

/// The contract's own host is another: no name is looked up, and nothing is sent.
#[tokio::test]
async fn an_older_host_is_recognised() {
    struct NoNames;
    impl reqwest::dns::Resolve for NoNames {
        fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
            Box::pin(async { Err("no such host".into()) })
        }
    }
    let hint_at = async |base: &str, token: &str| {
        let service = Service::answering(Answer::default()).await;
        let token = if token.is_empty() { service.base_url() + "/token" } else { token.to_owned() };
        let builder = service
            .builder()
            .base_url(base)
            .token_url(token)
            .http(|http| http.dns_resolver(NoNames).no_proxy());
        let client = builder.runtime(Arc::new(VirtualTime::default())).build().unwrap();
        let error = client.orders().get(&"1".parse().unwrap()).await.unwrap_err();
        assert!(error.is_connect(), "{error:?}");
        error.hint().map(str::to_owned)
    };
    let hint = hint_at("https://id.signicat.com/sign", "").await.unwrap();
    assert_eq!(
        hint,
        "id.signicat.com may be an older host: the API is at https://api.signicat.com/enterprise/sign now, its tokens at \
         https://api.signicat.com/auth/open/connect/token, scope signicat-api"
    );
    let hint =
        hint_at("https://api.signicat.com/enterprise/sign", "https://preprod.signicat.com/oidc/token").await;
    assert!(hint.unwrap().starts_with("preprod.signicat.com may be an older host"));
    // A reseller's is no older one.
    assert_eq!(hint_at("https://api.reseller.example/sign", "").await, None);
}

#[tokio::test]
async fn a_report_for_the_vendor_says_what_they_need_and_no_more() {
    let body = json!({ "title": "The order 10109001290 is not valid", "code": "invalid_request_parameter", "traceId": "8f2c",
        "violations": [{ "propertyPath": "tasks[0].subject.attributes[0].value", "message": "value 10109001290 of kari@example.com" }] });
    let service = Service::answering(Answer::json(400, &body).with_header("retry-after", "5")).await;
    let client = service.builder().runtime(Arc::new(VirtualTime::default())).build().unwrap();
    let error = client.orders().get(&"planted-order".parse().unwrap()).await.unwrap_err();
    let address = service.base_url().trim_start_matches("http://").split('/').next().unwrap().to_owned();
    assert_eq!(
        error.support_report().replace(&address, "the-service"),
        "error: get order: 400 The order … is not valid: tasks[0].subject.attributes[0].value: value … of … [trace 8f2c, 1 attempt, 0 ms, asked to wait 5 s]\n\
         call: get order (GET /orders/{orderId})\n\
         server: the-service\n\
         time: 2030-03-17T17:46:40Z\n\
         status: 400\n\
         code: invalid_request_parameter\n\
         trace id: 8f2c\n\
         violations: tasks[0].subject.attributes[0].value\n\
         kind: validation\n\
         outcome: rejected\n\
         retry after: 5 s\n\
         attempts: 1 in 0 ms\n\
         client: signicat-sign 0.1.0\n"
    );
}

#[test]
fn whether_another_try_is_safe_depends_on_what_may_have_been_done() {
    use ErrorKind::{Auth, Connect, Deadline, Decode, Server, Timeout};
    use Retryability::{Permanent, Persistent, Temporary, Unsafe};
    let cases = [
        ("create_order", Timeout, Outcome::Unknown, 1, Unsafe),
        ("upload_document", Decode, Outcome::Accepted, 1, Unsafe),
        ("create_order", Connect, Outcome::NotSent, 1, Temporary),
        ("create_order", Connect, Outcome::NotSent, 3, Persistent),
        ("create_order", Auth, Outcome::Rejected, 2, Permanent),
        ("delete_order", Server, Outcome::Unknown, 3, Persistent),
        ("get_order", Timeout, Outcome::Unknown, 1, Temporary),
        ("get_order", Decode, Outcome::Accepted, 1, Permanent),
    ];
    for (operation, kind, outcome, attempts, expected) in cases {
        let error =
            Error::builder(kind).operation(operation).outcome(outcome).effort(attempts, Duration::ZERO);
        assert_eq!(error.build().retryability(), expected, "{operation} {kind:?} {outcome:?}");
    }
    assert_eq!(Error::builder(Deadline).build().retryability(), Temporary);
    // What is not known is taken for a create.
    assert_eq!(Error::builder(Server).build().retryability(), Unsafe);
    for (status, expected) in [(501, Permanent), (502, Temporary), (408, Temporary), (400, Permanent)] {
        assert_eq!(
            Error::answer(status, "").operation("getOrder").build().retryability(),
            expected,
            "{status}"
        );
    }
}

#[tokio::test]
async fn an_error_made_by_hand_is_as_one_that_came() {
    let body = json!({ "title": "Not valid", "violations": [{ "propertyPath": "tasks[0].id", "message": "is required" }] });
    for status in [302, 400, 404, 408, 409, 422, 429, 500, 501, 503] {
        let service = Service::answering(Answer::json(status, &body)).await;
        let client = service.client().with_retry(RetryPolicy::default().attempts(1));
        let came =
            client.tasks(&"1".parse().unwrap()).generate_artifact(&"t".parse().unwrap()).await.unwrap_err();
        let made = Error::answer(status, body.to_string()).operation("generateArtifact").build();
        assert_eq!(
            (made.kind(), made.outcome(), made.status()),
            (came.kind(), came.outcome(), came.status())
        );
        assert_eq!((made.violations(), made.retryability()), (came.violations(), came.retryability()));
        if !(300..400).contains(&status) {
            let made = Error::answer(status, body.to_string()).operation("generate_artifact");
            let made = made.effort(1, came.elapsed()).build();
            assert_eq!(made.to_string(), came.to_string());
        }
    }
    let hinted = Error::builder(ErrorKind::Auth).message("no").hint("one\ntwo").build();
    assert_eq!(hinted.to_string(), "no (one two)");
    assert_eq!(
        Error::builder(ErrorKind::Auth).message("two\nlines \u{7} of it").build().to_string(),
        "two lines of it"
    );
}

/// Who failed is not always the service itself.
#[tokio::test]
async fn a_report_names_who_failed() {
    let service = Service::answering(Answer::default()).await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let builder = service.builder().token_url(format!("http://localhost:{}/", closed.port()));
    let client = builder.runtime(Arc::new(VirtualTime::default())).build().unwrap();
    let error = client.orders().get(&"1".parse().unwrap()).await.unwrap_err();
    assert!(error.support_report().contains(&format!("server: localhost:{}\n", closed.port())), "{error:?}");

    let refusal = Answer::json(400, &json!({ "error": "invalid_client" }));
    let service = Service::with_token_endpoint(move |_| refusal.clone(), |_| Answer::default()).await;
    let error = service.client().orders().get(&"1".parse().unwrap()).await.unwrap_err();
    assert_eq!(error.status(), None, "it is none of the service's");
    assert!(
        error.to_string().starts_with("get order: the token endpoint gives no token (400): invalid_client"),
        "{error}"
    );
}

#[cfg(feature = "rustls")]
mod tls {
    use super::*;
    use crate::support::tls::Tls;
    use crate::support::wire::Wire;

    #[tokio::test]
    async fn a_certificate_that_has_expired_asks_for_the_clock() {
        let server = Wire::tokens().await;
        let long_ago = |parameters: &mut rcgen::CertificateParams| {
            parameters.not_after = rcgen::date_time_ymd(2001, 1, 1);
        };
        let tls = Tls::certified_by(server.address(), long_ago).await;
        let builder =
            server.builder(&server).base_url(tls.url("/")).retry(RetryPolicy::default().attempts(1));
        let client = tls.trusted(builder).build().unwrap();
        let error = client.orders().get(&"1".parse().unwrap()).await.unwrap_err();
        assert!(error.is_connect(), "{error:?}");
        assert_eq!(error.hint(), Some("is this machine's clock right?"), "{error}");
    }

    #[tokio::test]
    async fn a_certificate_of_somebody_else_s_is_recognised() {
        let server = Wire::tokens().await;
        let tls = Tls::before(server.address()).await;
        let builder = || server.builder(&server).retry(RetryPolicy::default().attempts(1));
        let another_name = tls.url("/").replace("127.0.0.1", "localhost");
        for (builder, hint) in [
            (builder().base_url(tls.url("/")), "this machine does not trust who has issued the certificate"),
            (tls.trusted(builder().base_url(another_name)), "the certificate is another host's"),
        ] {
            let error = builder.build().unwrap().orders().get(&"1".parse().unwrap()).await.unwrap_err();
            assert!(error.is_connect() && error.hint().unwrap().starts_with(hint), "{error}");
        }
    }

    #[tokio::test]
    async fn a_port_that_speaks_no_tls_is_recognised() {
        let server = Wire::start(|mut connection| async move {
            connection.bytes(1).await;
            connection.say("HTTP/1.1 400 Bad Request\r\n\r\n").await;
            connection.hold().await;
        })
        .await;
        let tokens = Wire::tokens().await;
        let base = server.url("/").replace("http://", "https://");
        let builder = server.builder(&tokens).base_url(base).retry(RetryPolicy::default().attempts(1));
        let error = builder.build().unwrap().orders().get(&"1".parse().unwrap()).await.unwrap_err();
        assert!(error.is_connect() && error.hint().unwrap().contains("does not speak TLS"), "{error}");
    }
}
