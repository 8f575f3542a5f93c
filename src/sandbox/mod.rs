//! Signicat's Sign API in this process: state, signers, sealed files, no account.
//!
//! ```
//! use signicat_sign::sandbox::Sandbox;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let sandbox = Sandbox::start().await?;
//! // What a client in any language needs to know of it.
//! for (name, value) in sandbox.env() {
//!     println!("export {name}={value}");
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A test plays the signers: `sandbox.signer(order_id, "kari").signs()?`. Or they act on their own:
//! [`signs_by_themselves`](SandboxBuilder::signs_by_themselves), [`rejects`](SandboxBuilder::rejects).
//!
//! Every request is held against the [contract](CONTRACT) by a [`judge`] that knows nothing of this crate's
//! client, and refused with the service's own `violations` if it has any. So is every answer of an operation: one
//! that is off the contract becomes a 500 that says so. The refusals of the gateway in front of the operations are
//! not of the contract but of the sandbox's own making.
//!
//! # Faults
//!
//! What a client must live with happens on demand, by number or by chance: `sandbox.inject(Fault::status(503)
//! .on("createOrder").nth(1))`. [`Fault`] lists what can go wrong.
//!
//! # What is inferred
//!
//! The sandbox is made from the published reference and from what live clients show. Where these are silent it
//! does what is likely, and the service may do otherwise:
//!
//! * The POSTs answer 201, where the contract has it. Codes, texts and `traceId`s of problems are made up; their shapes are not.
//! * `GET /orders/{orderId}` gives the `signingUrl`s and the `artifact` too. An order has one artifact, and
//!   `generateArtifact` replaces it.
//! * A rejected or expired task leaves packaging `CREATED` for ever. Packaging has no result (404) before it is
//!   `COMPLETED`.
//! * A forwarded task stays `CREATED`; the new one decides. `forwards` lists what its task was forwarded to, and the
//!   order is shown without the new task.
//! * A signing order keeps its own copy of a document: deleting the upload does not hurt it.
//! * `originalUri` and `generatedUri` are there from the start, `resultUri` once the document is signed, and only
//!   where the task is to sign it.
//! * Events are those of the task alone, in the order in which things happen. Times are at `+0200` all year.
//! * The credentials are refused with 400 `invalid_client`, and a `scope` is required.
//! * The gateway answers 401 without a valid token, 404 where there is no such address, 405 to a method that an
//!   address does not have, 413 to a body that is too large, 415 to one of another media type, and 400 to parameters
//!   that are not what the contract asks for. Headers that the contract does not declare are looked past.
//! * A packaging task's `method` other than `pades` is refused, and so is a `notificationTemplateParamsId` that the
//!   order has no `notificationTemplateParams` for.
//! * A document whose `source` is `UPLOAD` is there once its signer has done the task: uploaded, and then signed or
//!   viewed if that is asked.
//!
//! # What it does not do yet
//!
//! Send notifications, let time pass (`daysToLive`, `daysUntilDeletion`), let a signer postpone, send signers on to
//! `onTaskComplete` and its like, fill in forms, show signers a page, or run alone, as an example, for
//! clients in other languages.
//!
//! # What it never does
//!
//! Pretend. Its evidence says that a sandbox has made it, and its sealed PDF has the shape of a signed file but no
//! signature.

use std::fmt;
use std::io;
use std::sync::Arc;

use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use builder::SandboxBuilder;
pub use error::SandboxError;
pub use faults::{Fault, FaultRule, InvalidFaults};
pub use service::Recorded;
pub use signer::Signer;

use service::Service;

mod answer;
mod builder;
mod client;
mod door;
mod error;
mod evidence;
mod faults;
mod hex;
mod ids;
pub mod judge;
mod operations;
mod order;
mod pdf;
mod rules;
mod sent;
mod service;
mod signer;
mod state;
mod task;
mod token;
mod views;

/// The contract that the sandbox keeps and enforces: `spec/sign-v1.json`, an OpenAPI 3.0 document.
pub const CONTRACT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/spec/sign-v1.json"));

/// The service, on a port of this machine that nobody else can reach.
///
/// It runs on the tokio runtime that it was started on, for as long as this value lives. Dropping it closes the
/// port and breaks all connections; [`stop`](Sandbox::stop) also waits until that is done.
pub struct Sandbox {
    service: Arc<Service>,
    base_url: String,
    token_url: String,
    door: watch::Sender<()>,
    server: JoinHandle<()>,
}

impl Sandbox {
    /// Starts a sandbox with the defaults of [`SandboxBuilder`].
    ///
    /// # Errors
    ///
    /// No port can be had.
    pub async fn start() -> io::Result<Sandbox> {
        Sandbox::builder().start().await
    }

    /// Sets up a sandbox.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::default()
    }

    fn new(service: Arc<Service>, door: watch::Sender<()>, server: JoinHandle<()>) -> Sandbox {
        let (base_url, token_url) = (service.urls.api(), service.urls.token());
        Sandbox { service, base_url, token_url, door, server }
    }

    /// Stops the sandbox and waits until its port and its tasks are gone.
    pub async fn stop(self) {
        drop(self.door);
        // An error would say that the runtime is going down, and the server with it.
        let _ = self.server.await;
    }

    // ---- What a client needs to know ----

    /// The API's base URL.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Where tokens are issued.
    #[must_use]
    pub fn token_url(&self) -> &str {
        &self.token_url
    }

    /// The client id that gets a token.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.service.credentials.id
    }

    /// The client secret that gets a token.
    #[must_use]
    pub fn client_secret(&self) -> &str {
        &self.service.credentials.secret
    }

    /// All of it as environment variables. The scope is among them so that one that is left in the shell from
    /// another service does no harm.
    pub fn env(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("SIGNICAT_BASE_URL", self.base_url()),
            ("SIGNICAT_TOKEN_URL", self.token_url()),
            ("SIGNICAT_CLIENT_ID", self.client_id()),
            ("SIGNICAT_CLIENT_SECRET", self.client_secret()),
            ("SIGNICAT_SCOPE", service::scope()),
        ]
        .into_iter()
    }

    // ---- What a test does ----

    /// The signer of a task.
    #[must_use]
    pub fn signer(&self, order_id: impl AsRef<str>, task_id: impl AsRef<str>) -> Signer {
        Signer::new(Arc::clone(&self.service), order_id.as_ref(), task_id.as_ref())
    }

    /// Makes all tokens invalid that have been issued, though their time is not up.
    pub fn revoke_tokens(&self) {
        self.service.world().tokens.revoke_all();
    }

    // ---- What a test looks at ----

    /// The requests that have been answered, in that order, those for tokens included: the last 10 000 of them. One
    /// whose client hung up before it was whole is not among them.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        self.service.world().recorded.iter().cloned().collect()
    }

    /// All orders that there are, as the API shows them, the oldest first.
    #[must_use]
    pub fn orders(&self) -> Vec<Value> {
        let world = self.service.world();
        world.state.orders().map(|order| views::order(order, &self.service.urls)).collect()
    }

    /// The ids of the documents in the archive, the oldest first. The API does not tell how a client learns them.
    #[must_use]
    pub fn archive_ids(&self) -> Vec<String> {
        self.service.world().state.archive_ids().cloned().collect()
    }
}

impl fmt::Debug for Sandbox {
    /// Without the secret, and without what people have sent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}
