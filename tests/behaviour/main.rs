//! What the client does, through its public API and over real HTTP.

#[path = "../support/mod.rs"]
mod support;

mod advice;
#[cfg(feature = "sandbox")]
mod browser;
mod building;
mod client;
mod collect;
#[cfg(feature = "sandbox")]
mod crowd;
mod cut;
#[cfg(feature = "sandbox")]
mod doctor;
mod errors;
#[cfg(feature = "sandbox")]
mod examples;
mod ids;
mod interleavings;
mod oauth_server;
mod orders;
#[cfg(feature = "sandbox")]
mod random_orders;
mod raw;
mod reading;
#[cfg(feature = "sandbox")]
mod readme_session;
mod redirects;
#[cfg(feature = "sandbox")]
mod requests;
mod resume;
mod retries;
#[cfg(feature = "sandbox")]
mod sandbox;
#[cfg(feature = "sandbox")]
mod sandbox_alone;
#[cfg(feature = "sandbox")]
mod sandbox_faults;
#[cfg(feature = "sandbox")]
mod sandbox_life;
#[cfg(feature = "sandbox")]
mod sandbox_pages;
#[cfg(feature = "schemars")]
mod schemas;
mod scripted;
mod seal;
#[cfg(feature = "sandbox")]
mod sign_contract;
mod states;
mod tokens;
mod transfers;
#[cfg(feature = "sandbox")]
mod ui;
mod validation;
mod wait_all;
mod waits;
