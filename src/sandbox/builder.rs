//! How a sandbox is set up.

use std::fmt;
use std::future::IntoFuture;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::net::Ipv4Addr;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_util::future::select;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use zeroize::Zeroizing;

use super::Sandbox;
use super::clock::{Clock, Reading, span};
use super::delivery::deliver;
use super::door::{Door, closed};
use super::faults::{self, FaultRule, Faults};
use super::ids::Ids;
use super::journal::{Journal, Listener};
use super::outbox::Outbox;
use super::service::{Limits, Service};
use super::state::{Script, State};
use super::token::Credentials;
use super::views::Urls;
use crate::runtime::{Runtime, tokio_runtime};

/// Sets up a [`Sandbox`].
///
/// ```
/// use std::time::Duration;
/// use signicat_sign::sandbox::{Fault, Sandbox};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let sandbox = Sandbox::builder()
///     .port(0) // any free one
///     .credentials("me", "hush")
///     .token_lifetime(Duration::from_secs(60))
///     .upload_limit(1 << 20)
///     .seed(42)
///     .signs_by_themselves()
///     .rejects("ola", "wrong amount")
///     .packaging_delay(3)
///     .packaging_fails("sealed")
///     .inject(Fault::status(503).on("getOrder").nth(1))
///     .log_to(|line| eprintln!("{line}"))
///     .start()
///     .await?;
/// assert_eq!((sandbox.client_id(), sandbox.client_secret()), ("me", "hush"));
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct SandboxBuilder {
    port: u16,
    credentials: Credentials,
    token_lifetime: Duration,
    upload_limit: usize,
    seed: Option<u64>,
    clock: Reading,
    listener: Option<Listener>,
    script: Script,
    faults: Vec<FaultRule>,
    runtime: Arc<dyn Runtime>,
}

impl Default for SandboxBuilder {
    fn default() -> SandboxBuilder {
        SandboxBuilder {
            port: 0,
            credentials: Credentials {
                id: "sandbox-client".to_owned(),
                secret: Zeroizing::new("sandbox-secret".to_owned()),
            },
            token_lifetime: Duration::from_secs(600),
            upload_limit: 50 << 20,
            seed: None,
            clock: Box::new(SystemTime::now),
            listener: None,
            script: Script { packaging_delay: 1, ..Script::default() },
            faults: Vec::new(),
            runtime: tokio_runtime(),
        }
    }
}

impl SandboxBuilder {
    /// The port, on 127.0.0.1. Any free one unless it is set.
    pub fn port(mut self, port: u16) -> SandboxBuilder {
        self.port = port;
        self
    }

    /// The one pair of credentials that gets a token.
    pub fn credentials(
        mut self,
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
    ) -> SandboxBuilder {
        self.credentials = Credentials { id: client_id.into(), secret: Zeroizing::new(client_secret.into()) };
        self
    }

    /// How long a token is valid: 600 seconds, as at the service, unless it is set.
    pub fn token_lifetime(mut self, lifetime: Duration) -> SandboxBuilder {
        self.token_lifetime = lifetime;
        self
    }

    /// How often a packaging task's status is `CREATED` after the last task is completed, before it is
    /// `COMPLETED`. Once unless it is set. After a minute of the sandbox's time it is done, whether or not anybody has
    /// asked.
    pub fn packaging_delay(mut self, polls: u32) -> SandboxBuilder {
        self.script.packaging_delay = polls;
        self
    }

    /// The size of the largest document that is taken, in bytes: 50 MiB unless it is set.
    pub fn upload_limit(mut self, bytes: usize) -> SandboxBuilder {
        self.upload_limit = bytes;
        self
    }

    /// Makes all ids and tokens repeatable but for the date in them, and which calls meet a fault by chance. Without it
    /// no two sandboxes have the same.
    pub fn seed(mut self, seed: u64) -> SandboxBuilder {
        self.seed = Some(seed);
        self
    }

    /// Every signer signs as soon as anyone asks for the status of their task and it is their turn.
    pub fn signs_by_themselves(mut self) -> SandboxBuilder {
        self.script.signs_by_themselves = true;
        self
    }

    /// The signer of this task rejects it, in these words, as soon as anyone asks for its status and it is their
    /// turn.
    pub fn rejects(mut self, task_id: impl Into<String>, reason: impl Into<String>) -> SandboxBuilder {
        self.script.rejects.insert(task_id.into(), reason.into());
        self
    }

    /// This packaging task ends in `FAILED`, wherever an order has one of this id.
    pub fn packaging_fails(mut self, packaging_task_id: impl Into<String>) -> SandboxBuilder {
        self.script.failing_packaging.insert(packaging_task_id.into());
        self
    }

    /// Where the sandbox has its time from: the system's clock unless it is set. One that stands still makes a test
    /// repeatable to the second; [`Sandbox::advance`] moves any. Each answer says it as its `Date`.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// # use signicat_sign::sandbox::Sandbox;
    /// let new_year = SystemTime::UNIX_EPOCH + Duration::from_secs(1_893_456_000);
    /// let sandbox = Sandbox::builder().clock(move || new_year).start().await?;
    /// sandbox.advance(Duration::from_secs(7 * 86_400));
    /// # Ok(())
    /// # }
    /// ```
    pub fn clock(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> SandboxBuilder {
        self.clock = Box::new(now);
        self
    }

    /// Is told each line of the [log](Sandbox::log) when it is written. It must not ask the sandbox anything: the
    /// sandbox waits for it.
    pub fn log_to(mut self, listener: impl Fn(&str) + Send + Sync + 'static) -> SandboxBuilder {
        self.listener = Some(Box::new(listener));
        self
    }

    /// Makes things go wrong from the start. See [`Fault`](super::Fault) for what can.
    ///
    /// # Panics
    ///
    /// The rule can't be kept, as with [`Sandbox::inject`].
    #[track_caller]
    pub fn inject(mut self, rule: FaultRule) -> SandboxBuilder {
        self.faults.push(faults::checked(rule));
        self
    }

    /// Where the pauses of [slow answers](super::Fault::slow) are from: tokio's timers unless it is set.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign =>
    /// # use on::Hasty;
    /// // `Hasty` is the example of `Runtime`: its pauses pass at once.
    /// let sandbox = Sandbox::builder().runtime(Arc::new(Hasty::default())).start().await?;
    /// sandbox.inject(Fault::slow(1, Duration::from_secs(60)).on("uploadDocument"));
    /// sandbox.client().documents().upload(Upload::from_bytes(&b"%PDF-1.7 ..."[..])?).await?;
    /// # );
    /// ```
    pub fn runtime(mut self, runtime: Arc<dyn Runtime>) -> SandboxBuilder {
        self.runtime = runtime;
        self
    }

    /// Starts the sandbox on the current tokio runtime.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// # use signicat_sign::sandbox::Sandbox;
    /// let sandbox = Sandbox::builder().start().await?;
    /// // There is one sandbox at a port.
    /// let port = sandbox.origin().rsplit(':').next().unwrap().parse().unwrap();
    /// assert!(Sandbox::builder().port(port).start().await.is_err());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The port can't be had.
    pub async fn start(self) -> io::Result<Sandbox> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).await?;
        let urls = Urls { origin: format!("http://{}", listener.local_addr()?) };
        let seed = self.seed.unwrap_or_else(random);
        let mut faults = Faults::new(seed, self.runtime);
        self.faults.into_iter().for_each(|rule| faults.inject(rule));
        let (post, postings) = mpsc::unbounded_channel();
        let limits = Limits { token_lifetime: span(self.token_lifetime), upload: self.upload_limit };
        let journal = Journal::new(self.listener);
        let state = State::new(Ids::new(seed), self.script, urls, journal, Outbox::new(post));
        let clock = Clock::new(self.clock);
        let service = Arc::new(Service::new(self.credentials, clock, limits, state, faults));
        let (door, open) = watch::channel(());
        let server = axum::serve(Door { listener, open: open.clone() }, Arc::clone(&service).router())
            .with_graceful_shutdown(closed(open));
        let delivery = deliver(postings, Arc::clone(&service));
        let server = tokio::spawn(async move {
            // The server has no error to give: the door deals with those of accepting a connection. Messages are
            // delivered for as long as it is open.
            let _ = select(pin!(server.into_future()), pin!(delivery)).await;
        });
        Ok(Sandbox::new(service, door, server))
    }
}

impl fmt::Debug for SandboxBuilder {
    /// Without what is secret, and without what people say.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxBuilder")
            .field("port", &self.port)
            .field("client_id", &self.credentials.id)
            .field("token_lifetime", &self.token_lifetime)
            .field("packaging_delay", &self.script.packaging_delay)
            .field("upload_limit", &self.upload_limit)
            .field("has_seed", &self.seed.is_some())
            .field("signs_by_themselves", &self.script.signs_by_themselves)
            .field("rejects", &self.script.rejects.len())
            .field("faults", &self.faults.len())
            .finish()
    }
}

/// The standard library seeds its hash maps with randomness: enough to keep sandboxes apart.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use crate::sandbox::Sandbox;

    #[test]
    fn debug_tells_no_secret_and_no_words() {
        let builder =
            Sandbox::builder().credentials("me", "hush").seed(987_654).rejects("kari", "I know why");
        let said = format!("{builder:?}");
        assert!(said.contains("me") && said.contains("rejects: 1"), "{said}");
        for secret in ["hush", "987654", "kari", "I know why"] {
            assert!(!said.contains(secret), "{said}");
        }
    }
}
