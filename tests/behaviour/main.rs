//! What the client does, through its public API and over real HTTP.

#[path = "../support/mod.rs"]
mod support;

mod client;
#[cfg(feature = "sandbox")]
mod crowd;
mod errors;
#[cfg(feature = "sandbox")]
mod example;
mod ids;
mod interleavings;
mod oauth_server;
mod orders;
mod raw;
mod reading;
mod redirects;
mod resume;
mod retries;
#[cfg(feature = "sandbox")]
mod sandbox;
#[cfg(feature = "schemars")]
mod schemas;
mod scripted;
mod states;
mod tokens;
mod transfers;
mod wait_all;
mod waits;
