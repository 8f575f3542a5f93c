//! The client: what a user meets first.

use std::fmt::{self, Debug, Formatter};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use http::{HeaderName, HeaderValue};
use progenitor_client::{ClientHooks, OperationInfo, ResponseValue};
use reqwest::Url;
use serde::de::DeserializeOwned;

use crate::address::{host, may_be_fetched};
use crate::archive::Archive;
use crate::config::ClientBuilder;
use crate::contract::DOWNLOAD_URI;
use crate::documents::Documents;
use crate::download::Download;
use crate::error::{Error, Outcome, Result};
use crate::generated;
use crate::ids::OrderId;
use crate::orders::Orders;
use crate::packaging::Packaging;
use crate::retry::RetryPolicy;
use crate::tasks::Tasks;
use crate::transport::{CallOptions, Report, Shared, Transport, status_of};
use crate::upload::Upload;

/// Headers that say how an exchange is made: they are the client's affair.
const OURS: [&str; 12] = [
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "expect",
    "host",
    "range",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// A client of the Sign API.
///
/// Cheap to clone: clones share connections and the token. Options of one call travel by such a clone:
/// `client.with_timeout(..).orders().get(&id)`.
///
/// ```
/// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # on_sandbox!(sandbox, sign, pdf, order =>
/// let order = sign.orders().get(order.id()).await?;
/// let hurried = sign.with_timeout(Duration::from_secs(5));
/// assert_eq!(hurried.orders().get(order.id()).await?.tasks(), order.tasks());
/// # );
/// ```
#[derive(Clone)]
pub struct Client {
    raw: Arc<generated::Client>,
}

impl Client {
    pub(crate) fn new(shared: Shared, options: CallOptions) -> Self {
        let base = shared.base.as_str().trim_end_matches('/').to_owned();
        let http = shared.http.clone();
        let transport = Transport { shared: Arc::new(shared), options, report: Arc::default() };
        Self { raw: Arc::new(generated::Client::new_with_client(&base, http, transport)) }
    }

    /// A client set up by the environment; [`ClientBuilder::from_env`] says by which variables.
    ///
    /// # Errors
    /// [`ErrorKind::Config`](crate::ErrorKind::Config), saying which variable it is.
    pub fn from_env() -> Result<Self> {
        ClientBuilder::from_env()?.build()
    }

    /// Sets up a client.
    ///
    /// ```
    /// use signicat_sign::{Client, Credentials};
    ///
    /// let sign = Client::builder().credentials(Credentials::new("id", "secret")).build()?;
    /// # Ok::<(), signicat_sign::Error>(())
    /// ```
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Documents in session storage: upload, download, delete.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign =>
    /// let pdf = sign.documents().upload(Upload::from_bytes(&b"%PDF-1.7 ..."[..])?).await?;
    /// sign.documents().delete(&pdf).await?;
    /// # );
    /// ```
    #[must_use]
    pub fn documents(&self) -> Documents {
        Documents::new(self.clone())
    }

    /// Documents in the archive: download, delete.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order, done =>
    /// let kept: ArchiveId = sandbox.archive_ids()[0].parse()?;
    /// assert!(sign.archive().download(&kept).bytes(1 << 20).await?.starts_with(b"%PDF-"));
    /// # );
    /// ```
    #[must_use]
    pub fn archive(&self) -> Archive {
        Archive::new(self.clone())
    }

    /// Signing orders: create, get, delete, wait.
    #[must_use]
    pub fn orders(&self) -> Orders {
        Orders::new(self.clone())
    }

    /// The tasks of an order: status, events, forwards, artifact, documents.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order =>
    /// let status = sign.tasks(order.id()).status(&"kari".parse()?).await?;
    /// assert_eq!(status.task_status, Some(types::TaskStatus::Created));
    /// # );
    /// ```
    #[must_use]
    pub fn tasks(&self, order: &OrderId) -> Tasks {
        Tasks::new(self.clone(), order.clone())
    }

    /// The packaging tasks of an order: status, result.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order =>
    /// let status = sign.packaging(order.id()).status(&"sealed".parse()?).await?;
    /// assert_eq!(status.packaging_task_status, Some(types::PackagingTaskStatus::Created));
    /// # );
    /// ```
    #[must_use]
    pub fn packaging(&self, order: &OrderId) -> Packaging {
        Packaging::new(self.clone(), order.clone())
    }

    /// The document at an address that an answer gave: `resultUri`, `originalUri`, `packagingTaskResultUri`.
    ///
    /// The token goes along only if the address is on the configured origin.
    ///
    /// ```
    /// # let sign = signicat_sign::Client::builder().credentials(signicat_sign::Credentials::new("a", "b")).build()?;
    /// let download = sign.download_uri("https://api.signicat.com/enterprise/sign/archive-documents/1")?;
    /// assert!(sign.download_uri("http://elsewhere.example/1").unwrap_err().is_validation());
    /// # Ok::<(), signicat_sign::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::is_validation`] if it is no absolute URL, holds a user name or a password, or is one without https
    /// outside of the configured origin.
    pub fn download_uri(&self, uri: &str) -> Result<Download> {
        let url = Url::parse(uri).map_err(|_| Error::invalid("the address is no absolute URL"))?;
        may_be_fetched(&url, &self.shared().base).map_err(Error::invalid)?;
        Ok(Download::new(self.clone(), DOWNLOAD_URI.id, move |raw| {
            Box::pin(async move {
                let request = reqwest::Request::new(http::Method::GET, url);
                let response = raw.exec(request, &OperationInfo { operation_id: DOWNLOAD_URI.id }).await?;
                Ok(ResponseValue::stream(response))
            })
        }))
    }

    /// The generated client, for an operation that has no wrapper yet.
    ///
    /// Token, retry, redirects, limits and tracing are the same. Its types may change with any release, and
    /// its error's Debug and Display show what the server wrote: turn it into an [`Error`] first, by `?`.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order =>
    /// let order: types::SigningOrder = sign.raw().get_order(order.id()).await.map_err(Error::from)?.into_inner();
    /// assert_eq!(order.tasks.len(), 1);
    /// # );
    /// ```
    #[must_use]
    pub fn raw(&self) -> generated::Client {
        self.call().raw
    }

    /// This client with another deadline for its calls, or none; see [`ClientBuilder::timeout`].
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf =>
    /// sandbox.inject(Fault::stall_before_processing().on_every_operation());
    /// let hurried = sign.with_timeout(Duration::from_millis(50));
    /// let error = hurried.documents().delete(&pdf).await.unwrap_err();
    /// assert!(error.is_timeout());
    /// # );
    /// ```
    #[must_use]
    pub fn with_timeout(&self, deadline: impl Into<Option<Duration>>) -> Self {
        self.with(|options| options.timeouts.deadline = deadline.into())
    }

    /// This client with another limit on an attempt, or none; see [`ClientBuilder::attempt_timeout`].
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf =>
    /// sandbox.inject(Fault::stall_before_processing().on("getDocument").nth(1));
    /// let impatient = sign.with_attempt_timeout(Duration::from_millis(500));
    /// impatient.documents().download(&pdf).bytes(100).await?; // by the second attempt
    /// # );
    /// ```
    #[must_use]
    pub fn with_attempt_timeout(&self, limit: impl Into<Option<Duration>>) -> Self {
        self.with(|options| options.timeouts.attempt = limit.into())
    }

    /// This client with another limit on a body that stands still, or none; see [`ClientBuilder::stall_timeout`],
    /// which should not be less than half of it: that one is the connections' own, too.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf =>
    /// let patient = sign.with_stall_timeout(Duration::from_secs(120));
    /// patient.documents().download(&pdf).bytes(100).await?;
    /// # );
    /// ```
    #[must_use]
    pub fn with_stall_timeout(&self, limit: impl Into<Option<Duration>>) -> Self {
        self.with(|options| options.timeouts.stall = limit.into())
    }

    /// This client with one more header on its calls (not on those for a token). User-Agent and the organisation's
    /// header may be set anew by it.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf =>
    /// let traced = sign.with_header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")?;
    /// traced.documents().delete(&pdf).await?;
    /// assert!(sign.with_header("authorization", "mine").unwrap_err().is_validation());
    /// # );
    /// ```
    ///
    /// # Errors
    /// [`Error::is_validation`] if name or value can't be a header's, or if it is a header that the client sets.
    pub fn with_header(&self, name: &str, value: &str) -> Result<Self> {
        let name: HeaderName = name.parse().map_err(|_| Error::invalid("this is no name of a header"))?;
        let value = HeaderValue::from_str(value).map_err(|_| {
            Error::invalid(format!("the value of {name} holds characters that a header can't"))
        })?;
        if OURS.contains(&name.as_str()) {
            return Err(Error::invalid(format!("{name} is set by the client")));
        }
        Ok(self.with(|options| _ = options.headers.insert(name, value)))
    }

    /// This client with another way to retry.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf =>
    /// sandbox.inject(Fault::status(503).on("getDocument").nth(1));
    /// let once = sign.with_retry(RetryPolicy::default().attempts(1));
    /// assert!(once.documents().download(&pdf).bytes(100).await.unwrap_err().is_server());
    /// # );
    /// ```
    #[must_use]
    pub fn with_retry(&self, policy: RetryPolicy) -> Self {
        self.with(|options| options.retry = policy)
    }

    pub(crate) fn with_upload(&self, upload: Upload) -> Self {
        self.with(|options| options.upload = Some(Arc::new(upload)))
    }

    fn with(&self, change: impl FnOnce(&mut CallOptions)) -> Self {
        let mut client = self.clone();
        change(&mut Arc::make_mut(&mut client.raw).inner.options);
        client
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.raw.inner.shared
    }

    /// One call of the generated client, with its own report.
    pub(crate) fn call(&self) -> Call {
        let mut raw = (*self.raw).clone();
        raw.inner.report = Arc::default();
        Call { report: raw.inner.report.clone(), started: self.shared().runtime.now(), raw }
    }
}

impl Debug for Client {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base_url", &self.shared().base.as_str()).finish_non_exhaustive()
    }
}

/// A call under way: made by `raw`, ended by one of the others.
pub(crate) struct Call {
    pub(crate) raw: generated::Client,
    report: Arc<Report>,
    started: Duration,
}

type RawResult<T> = std::result::Result<ResponseValue<T>, generated::Error<()>>;

impl Call {
    /// The value of a JSON answer, or the error with the place where it can't be read.
    pub(crate) fn read<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        result: RawResult<T>,
    ) -> Result<T> {
        match result {
            Ok(value) => Ok(value.into_inner()),
            Err(generated::Error::InvalidResponsePayload(bytes, error)) => {
                let deserializer = &mut serde_json::Deserializer::from_slice(&bytes);
                let error = match serde_path_to_error::deserialize::<_, T>(deserializer) {
                    Err(at) => Error::undecodable(&at.path().to_string(), at.inner()),
                    Ok(_) => Error::undecodable(".", &error),
                };
                Err(self.after(operation, error))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The end of a delete: one that is gone after an attempt that may have deleted it was deleted.
    pub(crate) fn deleted(&self, result: RawResult<()>) -> Result<()> {
        match result.map_err(Error::from) {
            Err(error) if error.is_not_found() && self.report.maybe_done.load(Ordering::Relaxed) => Ok(()),
            Err(error) => Err(error),
            Ok(_) => Ok(()),
        }
    }

    /// An error that was found after the exchange, with what the exchange took.
    pub(crate) fn after(&self, operation: &'static str, error: Error) -> Error {
        let attempts = self.report.attempts.load(Ordering::Relaxed);
        let shared = &self.raw.inner.shared;
        let elapsed = shared.runtime.now().saturating_sub(self.started);
        let error = error
            .with_operation(operation)
            .with_outcome(Outcome::Accepted)
            .with_server(|| host(&shared.base))
            .with_time(shared.runtime.wall_clock())
            .with_effort(attempts, elapsed);
        match status_of(&self.report.status) {
            Some(status) => error.with_status(status),
            None => error,
        }
    }
}
