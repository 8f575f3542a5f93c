//! Who calls: the credentials of an API client, or a source of tokens of the caller's own.

use std::fmt::{self, Debug, Formatter};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::error::Result;
use crate::lock::lock;
use crate::runtime::{BoxFuture, Runtime};
use crate::secret::Secret;
use crate::tokens::Cache;

/// What a client calls with: the id and the secret of an API client, from the Signicat Dashboard, or tokens from
/// elsewhere.
///
/// Id and secret go to the token endpoint alone, as HTTP Basic, or in the form where [`Credentials::in_form`] asks
/// for it. The tokens that they give are kept with the credentials: clients that are built from clones of one
/// value, for the same token URL, scope and [`runtime`](crate::ClientBuilder::runtime), share them, and make one
/// token request between them. A life of more than a day counts as a day, and one that is not told as a minute.
///
/// ```
/// use signicat_sign::{Client, Credentials};
///
/// let credentials = Credentials::new("jolly-fox-42", "hunter2");
/// assert!(!format!("{credentials:?}").contains("hunter2"));
///
/// let for_the_north = Client::builder().credentials(credentials.clone()).organization_id("north").build()?;
/// let for_the_south = Client::builder().credentials(credentials).organization_id("south").build()?;
/// # Ok::<(), signicat_sign::Error>(())
/// ```
#[derive(Clone)]
pub struct Credentials {
    pub(crate) source: Source,
    shared: Arc<Mutex<Vec<Shared>>>,
}

#[derive(Clone)]
pub(crate) enum Source {
    ClientSecret { client_id: String, client_secret: Secret, in_form: bool },
    Provider(Arc<dyn TokenProvider>),
}

/// The tokens of clients that would get the same ones.
struct Shared {
    token_url: String,
    scope: String,
    in_form: bool,
    /// A token's end is told in its time.
    runtime: Arc<dyn Runtime>,
    cache: Arc<Cache>,
}

impl Credentials {
    /// The id and the secret of an API client.
    #[must_use]
    pub fn new(client_id: impl Into<String>, client_secret: impl Into<Secret>) -> Self {
        let (client_id, client_secret) = (client_id.into(), client_secret.into());
        Self::of(Source::ClientSecret { client_id, client_secret, in_form: false })
    }

    /// Tokens from elsewhere: a vault, a sidecar, a grant of another kind. Token URL and scope of the client are
    /// not used then.
    ///
    /// ```
    /// use std::time::Duration;
    /// use signicat_sign::{AccessToken, BoxFuture, Client, Credentials, Result, TokenProvider};
    ///
    /// #[derive(Debug)]
    /// struct Vault;
    ///
    /// impl TokenProvider for Vault {
    ///     fn token(&self) -> BoxFuture<'_, Result<AccessToken>> {
    ///         Box::pin(async { Ok(AccessToken::new("from the vault", Duration::from_secs(600))) })
    ///     }
    /// }
    ///
    /// let sign = Client::builder().credentials(Credentials::from_provider(Vault)).build()?;
    /// # Ok::<(), signicat_sign::Error>(())
    /// ```
    #[must_use]
    pub fn from_provider(provider: impl TokenProvider) -> Self {
        Self::of(Source::Provider(Arc::new(provider)))
    }

    fn of(source: Source) -> Self {
        Self { source, shared: Arc::default() }
    }

    /// Sends id and secret as `client_id` and `client_secret` in the form, for token endpoints that do not take
    /// Basic. Changes nothing for tokens from elsewhere.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign =>
    /// let credentials = Credentials::new(sandbox.client_id(), sandbox.client_secret()).in_form();
    /// let sign = sandbox.client_builder().credentials(credentials).build()?;
    /// sign.documents().upload(Upload::from_bytes(&b"%PDF-1.7 ..."[..])?).await?;
    /// # );
    /// ```
    #[must_use]
    pub fn in_form(mut self) -> Self {
        if let Source::ClientSecret { in_form, .. } = &mut self.source {
            *in_form = true;
        }
        self
    }

    /// The tokens that are shared by all clients of these credentials that would get the same ones.
    pub(crate) fn cache(&self, token_url: &str, scope: &str, runtime: &Arc<dyn Runtime>) -> Arc<Cache> {
        let (token_url, scope, in_form) = match &self.source {
            Source::ClientSecret { in_form, .. } => (token_url, scope, *in_form),
            Source::Provider(_) => ("", "", false),
        };
        let mut shared = lock(&self.shared);
        let same = |other: &&Shared| {
            (other.token_url.as_str(), other.scope.as_str(), other.in_form) == (token_url, scope, in_form)
                && Arc::ptr_eq(&other.runtime, runtime)
        };
        if let Some(found) = shared.iter().find(same) {
            return found.cache.clone();
        }
        let cache = Arc::<Cache>::default();
        shared.push(Shared {
            token_url: token_url.to_owned(),
            scope: scope.to_owned(),
            in_form,
            runtime: runtime.clone(),
            cache: cache.clone(),
        });
        cache
    }
}

impl Debug for Credentials {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Credentials");
        match &self.source {
            Source::ClientSecret { client_id, client_secret, in_form } => shown
                .field("client_id", client_id)
                .field("client_secret", client_secret)
                .field("in_form", in_form)
                .finish(),
            Source::Provider(_) => shown.field("provider", &"…").finish(),
        }
    }
}

/// Where tokens come from, if not from the token endpoint by client credentials.
///
/// The client keeps what it is given as long as it lives, and asks again shortly before its end, or when the
/// service has refused it: then a new one is to be given, not one that was kept. However many calls wait for a
/// token, it is asked once.
///
/// It may take as long as an attempt; ahead of a token's end, 2 s, after which the old token is used on. The future
/// may be dropped at any await: keep a slow fetch in a task of your own.
pub trait TokenProvider: Send + Sync + Debug + 'static {
    /// Fetches a token.
    ///
    /// # Errors
    /// Whatever went wrong, made by [`Error::builder`](crate::Error::builder). A failure that may pass
    /// ([`ErrorKind::Connect`](crate::ErrorKind::Connect), `Network`, `Timeout`, `Server`, `RateLimited`) is tried
    /// again as the client's [`RetryPolicy`](crate::RetryPolicy) says; any other ends the call. The outcome is
    /// `NotSent` in any case. Message and source are shown as they are: keep secrets out of them.
    fn token(&self) -> BoxFuture<'_, Result<AccessToken>>;
}

impl<P: TokenProvider + ?Sized> TokenProvider for Arc<P> {
    fn token(&self) -> BoxFuture<'_, Result<AccessToken>> {
        (**self).token()
    }
}

/// A token and how long it lives.
///
/// ```
/// use std::time::Duration;
/// use signicat_sign::AccessToken;
///
/// let token = AccessToken::new("eyJhbGciOi", Duration::from_secs(600));
/// assert_eq!(token.lifetime(), Duration::from_secs(600));
/// assert_eq!(token.token().expose(), "eyJhbGciOi");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    token: Secret,
    lifetime: Duration,
}

impl AccessToken {
    /// A token, without the word `Bearer`, and how long it lives from now on.
    #[must_use]
    pub fn new(token: impl Into<Secret>, lifetime: Duration) -> Self {
        Self { token: token.into(), lifetime }
    }

    /// The token.
    #[must_use]
    pub fn token(&self) -> &Secret {
        &self.token
    }

    /// How long it lives, from when it was fetched.
    #[must_use]
    pub fn lifetime(&self) -> Duration {
        self.lifetime
    }
}
