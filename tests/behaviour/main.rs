//! What the client does, through its public API and over real HTTP.

#[path = "../support/mod.rs"]
mod support;

mod client;
mod collect;
mod cut;
mod errors;
#[cfg(feature = "sandbox")]
mod example;
mod ids;
mod oauth_server;
mod orders;
mod raw;
mod reading;
mod redirects;
mod retries;
#[cfg(feature = "sandbox")]
mod sandbox;
#[cfg(feature = "schemars")]
mod schemas;
mod seal;
mod tokens;
mod transfers;
#[cfg(feature = "sandbox")]
mod ui;
mod waits;
