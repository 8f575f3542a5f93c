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
//! [`signs_by_themselves`](SandboxBuilder::signs_by_themselves), [`rejects`](SandboxBuilder::rejects). Or a person does,
//! in a browser: a signing URL leads to a page with the documents and the buttons to sign, to reject and to leave it
//! for another time, and from there to the order's `onTaskComplete` and its like. [`Sandbox::origin`] is a page that
//! shows all that there is.
//!
//! [`messages`](Sandbox::messages) are what people were sent, [`advance`](Sandbox::advance) lets days pass,
//! [`assert_created_once`](Sandbox::assert_created_once), [`requests`](Sandbox::requests) and [`log`](Sandbox::log) tell what happened. How
//! to test a service of yours with all this is a page of its own: [`testing`](crate::guide::testing).
//!
//! Every request is held against the [contract](CONTRACT) by a [`judge`] that knows nothing of this crate's
//! client, and refused with the service's own `violations` if it has any. So is every answer of an operation: one
//! that is off the contract is a mistake of the sandbox, panics in a debug build and becomes a 500 that says so in
//! another. The gateway in front of the operations has refusals of the sandbox's own making: 400 to parameters, 405, 413
//! and 415 are not of the contract.
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
//!   `generateArtifact` replaces it; a signing URL with one that was replaced is refused.
//! * A rejected or expired task leaves packaging `CREATED` for ever. Packaging has no result (404) before it is
//!   `COMPLETED`.
//! * A forwarded task stays `CREATED`; the new one decides. `forwards` lists what its task was forwarded to, and the
//!   order is shown without the new task. Its e-mails go to the new recipient, its text messages to nobody.
//! * A signing order keeps its own copy of a document: deleting the upload does not hurt it.
//! * `originalUri` and `generatedUri` are there from the start, `resultUri` once the document is signed, and only
//!   where the task is to sign it.
//! * Events are those of the task alone, in the order in which things happen. Times are at `+0200` all year.
//! * Credentials are refused with 400 `invalid_client`, and any `scope` but the contract's, or none, with 400
//!   `invalid_scope`.
//! * The gateway answers 401 without a valid token, 404 where there is no such address, 405 to a method that an
//!   address does not have, 413 to a body that is too large, 415 to one of another media type, and 400 to parameters
//!   that are not what the contract asks for. Headers that the contract does not declare are looked past.
//! * A packaging task's `method` other than `pades` is refused, and so is a `notificationTemplateParamsId` that the
//!   order has no `notificationTemplateParams` for.
//! * A document whose `source` is `UPLOAD` is there once its signer has done the task: uploaded, and then signed or
//!   viewed if that is asked.
//! * A notification on `CREATED` goes out when it is the task's turn, or the packaging's. A delayed one goes out only if
//!   the task still waits for its signer. Without a `schedule` a task's goes out on `CREATED`, a packaging task's
//!   on `COMPLETED`. Texts of templates are not put in.
//! * One of the type `URL` is a POST of the text as `text/plain`, made once. The sandbox calls its own machine alone.
//! * `${orderId}`, `${taskUrl}` and `${signCodeUrl}` (the same as `${taskUrl}`) are filled in in headers and texts,
//!   `${requestId}` and `${taskId}` in redirects, percent-encoded. Others stay as they are.
//! * Days are counted from the order's creation. A task without `daysToLive` lives for ever, and an order with such a
//!   task, or without `daysUntilDeletion`, is kept. An upload that no order uses is kept.
//! * To postpone a task leaves it as it is, and leaves no event. Nor does expiring.
//!
//! What time brings, it brings when the sandbox is next asked something, or is told to [`advance`](Sandbox::advance).
//!
//! # What it does not do
//!
//! Fill in forms, ask a signer who they are (`subject`, `authentication`), show pages in other languages, put a task
//! into `DELETED`, or end with a redirect where the service may (`302` to a packaging task's result).
//!
//! # What it never does
//!
//! Pretend. Its evidence says that a sandbox has made it, and its sealed PDF has the shape of a signed file but no
//! signature. Its pages say so too.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub use builder::SandboxBuilder;
pub use error::SandboxError;
pub use faults::{Fault, FaultRule, InvalidFaults};
pub use journal::Recorded;
pub use outbox::{Delivery, Message};
pub use signer::Signer;

use service::Service;

mod answer;
mod builder;
mod client;
mod clock;
mod delivery;
mod door;
mod error;
mod evidence;
mod faults;
mod hex;
mod ids;
mod journal;
pub mod judge;
mod notification;
mod operations;
mod order;
mod outbox;
mod pages;
mod pdf;
mod placeholders;
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
///
/// ```
/// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # on_sandbox!(sandbox, sign, pdf, order =>
/// println!("a browser shows all that there is at {}", sandbox.origin());
/// assert!(sandbox.base_url().starts_with(sandbox.origin()) && sandbox.token_url().starts_with(sandbox.origin()));
/// println!("{} and {}", sandbox.client_id(), sandbox.client_secret());
/// assert_eq!(sandbox.orders()[0]["clientReference"], "case-42");
/// println!("{}", sandbox.log());
/// # );
/// ```
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
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use signicat_sign::{Upload, sandbox::Sandbox};
    /// let sandbox = Sandbox::start().await?;
    /// let sign = sandbox.client();
    /// sign.documents().upload(Upload::from_bytes(&b"%PDF-1.7 ..."[..])?).await?;
    /// # Ok(())
    /// # }
    /// ```
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
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf =>
    /// sandbox.stop().await;
    /// assert!(sign.documents().delete(&pdf).await.unwrap_err().is_connect());
    /// # );
    /// ```
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

    /// `http://127.0.0.1:` and the port: there, a browser shows all that there is, and lets time pass.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.service.urls.origin
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
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf =>
    /// sandbox.revoke_tokens();
    /// sign.documents().delete(&pdf).await?; // by a new token
    /// # );
    /// ```
    pub fn revoke_tokens(&self) {
        self.service.world().0.tokens.revoke_all();
    }

    /// Lets time pass: tasks expire, reminders are sent, orders are deleted whose days are over, all in their sequence.
    /// Tokens grow old too.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    /// use signicat_sign::{NewOrder, Signer, Upload, sandbox::Sandbox};
    ///
    /// let sandbox = Sandbox::start().await?;
    /// let sign = sandbox.client();
    /// let pdf = sign.documents().upload(Upload::from_bytes(&b"%PDF-1.7"[..])?).await?;
    /// let order = NewOrder::builder()
    ///     .document("loan", &pdf, "Loan agreement")
    ///     .signer(Signer::new("kari").signed_statement("nbid-sign").days_to_live(7))
    ///     .build()?;
    /// let order = sign.orders().create(order).await?;
    ///
    /// sandbox.advance(Duration::from_secs(7 * 86_400));
    ///
    /// let error = sign.orders().wait(&order).await.unwrap_err();
    /// assert_eq!(error.order_state().unwrap().to_string(), "0 of 1 signed; kari expired");
    /// # Ok(())
    /// # }
    /// ```
    pub fn advance(&self, by: Duration) {
        self.service.clock.advance(by);
        drop(self.service.world());
    }

    /// Waits until every notification of the type `URL` that has been sent is delivered, or has failed to be.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf =>
    /// let hook = format!("{}/no-such-page", sandbox.origin());
    /// let kari = Signer::new("kari").signed_statement("nbid-sign");
    /// let kari = kari.notification(Notification::url(hook).message("look").on(types::TaskTriggerStatus::Created));
    /// let order = NewOrder::builder().document("loan", &pdf, "Loan agreement").signer(kari).build()?;
    /// sign.orders().create(order).await?;
    /// sandbox.delivered().await;
    /// assert_eq!(sandbox.messages()[0].delivery, Some(Delivery::Answered(404)));
    /// # );
    /// ```
    pub async fn delivered(&self) {
        let mut under_way = self.service.world().0.state.outbox.under_way();
        // An error would say that the sandbox is gone, and it is here.
        let _ = under_way.wait_for(|count| *count == 0).await;
    }

    // ---- What a test looks at ----

    /// The requests that have been answered, in that order, those for tokens included: those among the last 10 000
    /// things that happened. One whose client hung up before it was whole is not among them.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf =>
    /// let paths: Vec<_> = sandbox.requests().into_iter().map(|request| request.path).collect();
    /// assert_eq!(paths.len(), 2); // a token, and the upload
    /// assert_eq!(sandbox.requests()[1].status, 201);
    /// # );
    /// ```
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        self.service.world().0.state.journal.requests().cloned().collect()
    }

    /// All that has happened, for people to read: a line for each of the last 10 000 requests, deeds of signers,
    /// messages and things that time brought. It holds ids, and nothing else that is anybody's.
    #[must_use]
    pub fn log(&self) -> String {
        self.service.world().0.state.journal.to_string()
    }

    /// All orders that there are, as the API shows them, the oldest first.
    #[must_use]
    pub fn orders(&self) -> Vec<Value> {
        let (world, _) = self.service.world();
        world.state.orders().map(|order| views::order(order, &self.service.urls)).collect()
    }

    /// Makes sure that one order was ever created with this client reference, and no second one, and returns its id.
    ///
    /// # Panics
    ///
    /// There was none, or more than one. The message holds the [`log`](Sandbox::log).
    #[track_caller]
    pub fn assert_created_once(&self, client_reference: &str) -> String {
        let (world, _) = self.service.world();
        let created: Vec<_> = world.state.created_with(client_reference).map(str::to_owned).collect();
        let log = world.state.journal.to_string();
        // A panic must not happen under the lock.
        drop(world);
        match <[String; 1]>::try_from(created) {
            Ok([order_id]) => order_id,
            Err(created) => panic!(
                "{} orders were created with the client reference `{client_reference}` {created:?}, and not 1:\n{log}",
                created.len()
            ),
        }
    }

    /// The messages that have been sent, the last 10 000 of them, in that order.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf =>
    /// let mail = Notification::email("kari@example.com").message(format!("Please sign: {}", Placeholder::TASK_URL));
    /// let kari = Signer::new("kari").signed_statement("nbid-sign");
    /// let kari = kari.notification(mail.on(types::TaskTriggerStatus::Created));
    /// let order = NewOrder::builder().document("loan", &pdf, "Loan agreement").signer(kari).build()?;
    /// let order = sign.orders().create(order).await?;
    /// assert_eq!(sandbox.messages()[0].recipient, "kari@example.com");
    /// assert!(sandbox.messages()[0].text.ends_with(order.signing_url("kari")?.expose()));
    /// # );
    /// ```
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        self.service.world().0.state.outbox.messages().cloned().collect()
    }

    /// The ids of the documents in the archive, the oldest first. The API does not tell how a client learns them.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf, order, done =>
    /// let kept: ArchiveId = sandbox.archive_ids()[0].parse()?;
    /// sign.archive().delete(&kept).await?;
    /// # );
    /// ```
    #[must_use]
    pub fn archive_ids(&self) -> Vec<String> {
        self.service.world().0.state.archive_ids().cloned().collect()
    }
}

impl fmt::Debug for Sandbox {
    /// Without the secret, and without what people have sent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}
