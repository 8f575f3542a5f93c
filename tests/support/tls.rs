//! TLS on loopback, in front of a server that speaks none.

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};

use rcgen::{CertificateParams, KeyPair};
use signicat_sign::ClientBuilder;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// One certificate for all: what is tested is not trust.
static CERTIFIED: LazyLock<Certified> = LazyLock::new(|| Certified::new(|_| ()));

struct Certified {
    certificate: CertificateDer<'static>,
    config: Arc<ServerConfig>,
}

impl Certified {
    fn new(change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut parameters = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        change(&mut parameters);
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.self_signed(&key).unwrap().der().clone();
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let config = ServerConfig::builder().with_no_client_auth();
        let config = config.with_single_cert(vec![certificate.clone()], key).unwrap();
        Self { certificate, config: Arc::new(config) }
    }
}

/// A client that trusts all of these but those with a certificate of their own.
pub fn trusting(builder: ClientBuilder) -> ClientBuilder {
    trusting_in(builder, &CERTIFIED.certificate)
}

fn trusting_in(builder: ClientBuilder, certificate: &CertificateDer<'static>) -> ClientBuilder {
    let certificate = reqwest::Certificate::from_der(certificate).unwrap();
    builder.http(move |http| http.tls_certs_merge([certificate.clone()]))
}

/// The TLS side. Dropped, it takes no more connections.
pub struct Tls {
    address: SocketAddr,
    certificate: CertificateDer<'static>,
    accepting: JoinHandle<()>,
}

impl Tls {
    /// Hands on what it decrypts, and back; where the server breaks off, so does this.
    pub async fn before(server: SocketAddr) -> Self {
        Self::start(server, &CERTIFIED).await
    }

    /// The same with a certificate of its own.
    pub async fn certified_by(server: SocketAddr, change: impl FnOnce(&mut CertificateParams)) -> Self {
        Self::start(server, &Certified::new(change)).await
    }

    async fn start(server: SocketAddr, certified: &Certified) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let acceptor = TlsAcceptor::from(certified.config.clone());
        let accepting = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let mut outside = acceptor.accept(stream).await?;
                    let mut inside = TcpStream::connect(server).await?;
                    tokio::io::copy_bidirectional(&mut outside, &mut inside).await
                });
            }
        });
        Self { address, certificate: certified.certificate.clone(), accepting }
    }

    /// A client that trusts this one.
    pub fn trusted(&self, builder: ClientBuilder) -> ClientBuilder {
        trusting_in(builder, &self.certificate)
    }

    pub fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.address)
    }
}

impl Drop for Tls {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
