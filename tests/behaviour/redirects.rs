//! Redirects: followed by hand, and without our headers where they leave the origin.

use serde_json::json;
use signicat_sign::ErrorKind;

use crate::support::{Answer, Service};

fn to(location: &str) -> Answer {
    Answer { status: 302, ..Default::default() }.with_header("location", location)
}

#[tokio::test]
async fn they_are_followed_on_the_same_origin_and_never_to_plain_http_elsewhere() {
    let service = Service::start(|request| match request.path.as_str() {
        "/orders/1" => to("/enterprise/sign/orders/2"),
        "/orders/2" => Answer::json(200, &json!({ "id": "2" })),
        "/orders/loop" => to("/enterprise/sign/orders/loop"),
        "/orders/away" => to("http://127.0.0.2:9/orders/1"),
        "/orders/nonsense" => to("http://"),
        _ => Answer { status: 404, ..Default::default() },
    })
    .await;
    let orders = service.client().orders();
    orders.get(&"1".parse().unwrap()).await.unwrap();
    assert!(service.received().iter().all(|request| request.header("authorization").is_some()));

    for id in ["away", "nonsense"] {
        let error = orders.get(&id.parse().unwrap()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Redirect, "{error}");
    }
    let before = service.received().len();
    let round = orders.get(&"loop".parse().unwrap()).await.unwrap_err();
    assert_eq!(round.kind(), ErrorKind::Redirect);
    assert_eq!(service.received().len() - before, 4);
}

/// Another host, that speaks https.
#[cfg(feature = "rustls")]
mod elsewhere {
    use super::*;
    use crate::support::tls::Tls;
    use crate::support::virtual_time::VirtualTime;
    use crate::support::wire::{self, Wire};

    const PDF: &str = "%PDF-1.7 elsewhere";

    async fn answering(status: &'static str) -> (Wire, Tls) {
        let server = Wire::answering(move |_| {
            wire::answer(status, &[("content-type", "application/pdf"), ("connection", "close")], PDF)
        })
        .await;
        let tls = Tls::before(server.address()).await;
        (server, tls)
    }

    #[tokio::test]
    async fn https_elsewhere_is_followed_without_our_headers() {
        let (elsewhere, tls) = answering("200 OK").await;
        let location = tls.url("/result");
        let service = Service::start(move |_| to(&location)).await;
        let builder = service.builder().organization_id("planted-organization");
        let client = tls.trusted(builder).build().unwrap();
        let client = client.with_header("x-correlation-id", "planted-correlation").unwrap();

        let result = client.packaging(&"1".parse().unwrap()).result(&"sealed".parse().unwrap());
        assert_eq!(result.bytes(1000).await.unwrap(), PDF);
        let requests = elsewhere.received();
        let [request] = requests.as_slice() else { panic!("one request: {requests:?}") };
        let head = request.head.to_lowercase();
        let mut lines: Vec<_> =
            head.lines().skip(1).filter_map(|line| line.split_once(':')).map(|(name, _)| name).collect();
        lines.sort_unstable();
        assert_eq!(lines, ["accept", "host"], "{head}");
    }

    /// It is not our service that says 401 there: the token stays good, and nothing is asked twice.
    #[tokio::test]
    async fn a_no_from_elsewhere_says_nothing_of_our_token() {
        let (_elsewhere, tls) = answering("401 Unauthorized").await;
        let location = tls.url("/result");
        let service = Service::start(move |_| to(&location)).await;
        let client = tls.trusted(service.builder()).build().unwrap();
        let result = client.packaging(&"1".parse().unwrap()).result(&"sealed".parse().unwrap());
        assert_eq!(result.bytes(1000).await.unwrap_err().status().unwrap(), 401);
        assert_eq!((service.received().len(), service.token_requests().len()), (1, 1));
    }

    /// An address in an answer is fetched wherever it is, and the token stays at home.
    #[tokio::test]
    async fn an_address_of_an_answer_gets_the_token_on_the_configured_origin_only() {
        let (elsewhere, tls) = answering("200 OK").await;
        let service = Service::answering(Answer::bytes(200, "application/pdf", PDF.as_bytes())).await;
        let client = tls.trusted(service.builder()).build().unwrap();
        let at_home = format!("{}/orders/1/packaging-tasks/sealed/result", service.base_url());
        for uri in [&at_home, &tls.url("/result")] {
            assert_eq!(client.download_uri(uri).unwrap().bytes(1000).await.unwrap(), PDF);
        }
        assert_eq!(service.received().len(), 1);
        assert!(service.received()[0].header("authorization").is_some());
        let heads: Vec<_> = elsewhere.received().into_iter().map(|request| request.head).collect();
        assert!(heads.len() == 1 && !heads[0].to_lowercase().contains("authorization"), "{heads:?}");

        for no in ["http://127.0.0.2:9/1", "https://a:b@127.0.0.1/1", "ftp://127.0.0.1/1", "/orders/1", ""] {
            assert!(client.download_uri(no).unwrap_err().is_validation(), "{no}");
        }
    }

    /// Another host's no is told to be that, and one that passes is tried again.
    #[tokio::test]
    async fn a_refusal_from_elsewhere_says_where_it_is_from() {
        for (status, requests) in [("503 Service Unavailable", 3), ("403 Forbidden", 1)] {
            let (elsewhere, tls) = answering(status).await;
            let location = tls.url("/result");
            let service = Service::start(move |_| to(&location)).await;
            let builder = service.builder().runtime(std::sync::Arc::new(VirtualTime::default()));
            let client = tls.trusted(builder).build().unwrap();
            let result = client.packaging(&"1".parse().unwrap()).result(&"sealed".parse().unwrap());
            let error = result.bytes(1000).await.unwrap_err();
            assert!(error.hint().unwrap().starts_with("so says 127.0.0.1:"), "{error}");
            assert_eq!(elsewhere.count(), requests, "{error}");
        }
    }
}
