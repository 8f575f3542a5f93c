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

/// Another host that speaks https, and the heads of the requests that it has.
#[cfg(feature = "rustls")]
mod elsewhere {
    use std::sync::{Arc, Mutex};

    use rcgen::{CertificateParams, KeyPair};
    use signicat_sign::RetryPolicy;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio_rustls::TlsAcceptor;
    use tokio_rustls::rustls::ServerConfig;
    use tokio_rustls::rustls::pki_types::PrivateKeyDer;

    use super::*;

    const PDF: &str = "%PDF-1.7 elsewhere";

    struct Elsewhere {
        url: String,
        certificate: Vec<u8>,
        heads: Arc<Mutex<Vec<String>>>,
    }

    async fn start(status: &'static str) -> Elsewhere {
        start_with(status, |_| ()).await
    }

    async fn start_with(status: &'static str, change: impl Fn(&mut CertificateParams)) -> Elsewhere {
        let mut parameters = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        change(&mut parameters);
        let signing_key = KeyPair::generate().unwrap();
        let certificate = parameters.self_signed(&signing_key).unwrap().der().clone();
        let key = PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
        let config = ServerConfig::builder().with_no_client_auth();
        let config = config.with_single_cert(vec![certificate.clone()], key).unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}/result", listener.local_addr().unwrap());
        let heads = Arc::new(Mutex::new(Vec::new()));
        let kept = heads.clone();
        tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let Ok(mut socket) = acceptor.accept(socket).await else { continue };
                let mut head = vec![0; 8192];
                let length = socket.read(&mut head).await.unwrap();
                kept.lock().unwrap().push(String::from_utf8_lossy(&head[..length]).to_lowercase());
                let answer = format!(
                    "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-type: application/pdf\r\ncontent-length: {}\r\n\r\n{PDF}",
                    PDF.len()
                );
                socket.write_all(answer.as_bytes()).await.unwrap();
                _ = socket.shutdown().await;
            }
        });
        Elsewhere { url, certificate: certificate.to_vec(), heads }
    }

    #[tokio::test]
    async fn https_elsewhere_is_followed_without_our_headers() {
        let elsewhere = start("200 OK").await;
        let location = elsewhere.url.clone();
        let service = Service::start(move |_| to(&location)).await;
        let certificate = reqwest::Certificate::from_der(&elsewhere.certificate).unwrap();
        let builder = service.builder().organization_id("planted-organization");
        let client = builder.http(move |http| http.tls_certs_merge([certificate.clone()])).build().unwrap();
        let client = client.with_header("x-correlation-id", "planted-correlation").unwrap();

        let result = client.packaging(&"1".parse().unwrap()).result(&"sealed".parse().unwrap());
        assert_eq!(result.bytes(1000).await.unwrap(), PDF);
        let heads = elsewhere.heads.lock().unwrap();
        let [head] = heads.as_slice() else { panic!("one request: {heads:?}") };
        let mut lines: Vec<_> =
            head.lines().skip(1).filter_map(|line| line.split_once(':')).map(|(name, _)| name).collect();
        lines.sort_unstable();
        assert_eq!(lines, ["accept", "host"], "{head}");
    }

    /// It is not our service that says 401 there: the token stays good, and nothing is asked twice.
    #[tokio::test]
    async fn a_no_from_elsewhere_says_nothing_of_our_token() {
        let elsewhere = start("401 Unauthorized").await;
        let location = elsewhere.url.clone();
        let service = Service::start(move |_| to(&location)).await;
        let certificate = reqwest::Certificate::from_der(&elsewhere.certificate).unwrap();
        let client =
            service.builder().http(move |http| http.tls_certs_merge([certificate.clone()])).build().unwrap();
        let result = client.packaging(&"1".parse().unwrap()).result(&"sealed".parse().unwrap());
        assert_eq!(result.bytes(1000).await.unwrap_err().status().unwrap(), 401);
        assert_eq!((service.received().len(), service.token_requests().len()), (1, 1));
    }

    /// An address in an answer is fetched wherever it is, and the token stays at home.
    #[tokio::test]
    async fn an_address_of_an_answer_gets_the_token_on_the_configured_origin_only() {
        let elsewhere = start("200 OK").await;
        let service = Service::answering(Answer::bytes(200, "application/pdf", PDF.as_bytes())).await;
        let certificate = reqwest::Certificate::from_der(&elsewhere.certificate).unwrap();
        let client =
            service.builder().http(move |http| http.tls_certs_merge([certificate.clone()])).build().unwrap();
        let at_home = format!("{}/orders/1/packaging-tasks/sealed/result", service.base_url());
        for uri in [&at_home, &elsewhere.url] {
            assert_eq!(client.download_uri(uri).unwrap().bytes(1000).await.unwrap(), PDF);
        }
        assert_eq!(service.received().len(), 1);
        assert!(service.received()[0].header("authorization").is_some());
        let heads = elsewhere.heads.lock().unwrap().clone();
        assert!(heads.len() == 1 && !heads[0].contains("authorization"), "{heads:?}");

        for no in ["http://127.0.0.2:9/1", "ftp://127.0.0.1/1", "/orders/1", "", "javascript:1"] {
            assert!(client.download_uri(no).unwrap_err().is_validation(), "{no}");
        }
    }

    #[tokio::test]
    async fn a_certificate_that_has_expired_asks_for_the_clock() {
        let elsewhere = start_with("200 OK", |parameters| {
            parameters.not_after = rcgen::date_time_ymd(2001, 1, 1);
        })
        .await;
        let tokens = Service::answering(Answer::default()).await;
        let certificate = reqwest::Certificate::from_der(&elsewhere.certificate).unwrap();
        let builder = tokens.builder().base_url(&elsewhere.url).retry(RetryPolicy::default().attempts(1));
        let client = builder.http(move |http| http.tls_certs_merge([certificate.clone()])).build().unwrap();
        let error = client.orders().get(&"1".parse().unwrap()).await.unwrap_err();
        assert!(error.is_connect(), "{error:?}");
        assert_eq!(error.hint(), Some("is this machine's clock right?"), "{error}");
    }
}
