// The front page has examples that run on the sandbox.
#![cfg_attr(feature = "sandbox", doc = include_str!("../README.md"))]
#![cfg_attr(
    not(feature = "sandbox"),
    doc = "A client for Signicat's Sign API v1. The front page is shown with the feature `sandbox`."
)]
#![forbid(unsafe_code)]
#![warn(
    missing_docs,
    missing_debug_implementations,
    unnameable_types,
    unreachable_pub,
    rustdoc::broken_intra_doc_links,
    rustdoc::private_intra_doc_links,
    rustdoc::bare_urls,
    clippy::dbg_macro,
    clippy::exhaustive_enums,
    clippy::expect_used,
    clippy::future_not_send,
    clippy::large_futures,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    clippy::unwrap_used
)]
#![cfg_attr(test, allow(clippy::expect_used, clippy::unwrap_used))]
// On docs.rs each item says which feature it needs.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod address;
mod answer;
mod archive;
mod auth;
mod body;
mod changes;
mod client;
mod collect;
mod completed;
mod config;
mod contract;
mod documents;
mod download;
mod enums;
mod error;
mod generated;
pub mod guide;
mod hint;
mod ids;
mod lenient;
mod lock;
mod look;
mod oauth;
mod order;
mod orders;
mod packaging;
mod pdf;
mod problem;
mod redact;
mod resume;
mod retry;
mod runtime;
#[cfg(feature = "sandbox")]
pub mod sandbox;
mod saved;
#[cfg(feature = "schemars")]
mod schema;
mod seal;
mod secret;
mod state;
mod tasks;
mod telemetry;
mod timestamp;
mod tokens;
mod transport;
mod turns;
mod upload;
mod wait;
mod wait_all;

pub use archive::Archive;
pub use auth::{AccessToken, Credentials, TokenProvider};
pub use changes::Changes;
pub use client::Client;
pub use collect::{Collected, CollectedFile, FileSource, Manifest, MissingFile};
pub use completed::CompletedOrder;
pub use config::ClientBuilder;
pub use documents::Documents;
pub use download::{Download, DownloadStream};
pub use enums::UnknownValue;
pub use error::{Error, ErrorBuilder, ErrorKind, Outcome, Result, Retryability};
pub use ids::{AnyId, ArchiveId, DocumentId, OrderId, PackagingTaskId, TaskDocumentId, TaskId};
pub use order::{
    Advice, Delay, NewDocument, NewOrder, NewOrderBuilder, NewPackaging, NewTask, Notification,
    NotificationTemplate, Placeholder, Plan, PlannedDocument, PlannedMessage, PlannedSeal, PlannedSigning,
    PlannedTime, Signer, Trigger,
};
pub use orders::{Order, Orders};
pub use packaging::Packaging;
pub use problem::{Problem, Violation};
pub use resume::ResumeToken;
pub use retry::RetryPolicy;
pub use runtime::{BoxFuture, Runtime};
pub use saved::Saved;
pub use seal::SignatureStructure;
pub use secret::{Secret, SigningUrl};
pub use state::{OrderPhase, OrderState, TaskState};
pub use tasks::{TaskDocument, Tasks};
pub use timestamp::Timestamp;
pub use upload::Upload;
pub use wait::Wait;
pub use wait_all::{Ends, WaitAll};

/// The API's models, made from the contract while building.
///
/// One type a schema, for requests and answers alike: everything is optional but the ids that an answer is
/// about. What the service alone sets, and secrets, are read and never written. New members may come with any
/// release: begin with `Default::default()` and set what you need.
///
/// ```
/// use signicat_sign::types;
///
/// let mut dialog = types::Dialog::default();
/// dialog.title = Some("Signing request".to_owned());
/// assert_eq!(format!("{dialog:?}"), "Dialog { title: (len:15) }");
/// ```
pub mod types {
    pub use crate::generated::types::*;
}

/// The generated client, from [`Client::raw`], and its error.
///
/// Outside of semantic versioning, and outside of what is promised of [`Error`]: the Debug and Display of
/// [`raw::Error`](Error) show what the server wrote. `?` into the crate's own error mends that.
///
/// ```
/// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
/// # on_sandbox!(sandbox, sign, pdf, order =>
/// let order: Result<_, raw::Error<()>> = sign.raw().get_order(order.id()).await;
/// let order: Result<_> = order.map_err(Error::from);
/// assert_eq!(order?.into_inner().tasks.len(), 1);
/// # );
/// ```
pub mod raw {
    pub use crate::generated::{Client, Error};
    pub use crate::lenient::List;
    pub use progenitor_client::{ByteStream, ResponseValue};
}
