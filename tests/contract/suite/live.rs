//! The suite on a real service, with the environment's credentials: `cargo xtask contract --live` runs this.

use std::env;
use std::fs;
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use reqwest::Url;
use signicat_sign::{ClientBuilder, OrderId};
use tokio::sync::watch;

use super::interference::Nothing;
use super::relay::Relay;
use super::stage::{Account, Signers, Stage, nothing};
use super::{CASES, report, run};
use crate::support::documented::contract;

/// What `cargo xtask contract` hands over. One that is empty is not set.
fn option(name: &str) -> Option<String> {
    env::var(format!("CONTRACT_{name}")).ok().filter(|value| !value.is_empty())
}

#[tokio::test]
#[ignore = "is run on a real service, by `cargo xtask contract --live`"]
async fn live() {
    let base_url = env::var("SIGNICAT_BASE_URL").ok().filter(|url| !url.is_empty());
    let base_url = base_url.unwrap_or_else(|| contract()["servers"][0]["url"].as_str().unwrap().to_owned());
    // What the client refuses of the environment, http in the clear for one, must not reach the relay.
    if let Err(error) = ClientBuilder::from_env().and_then(ClientBuilder::build) {
        panic!("{error}");
    }
    let relay = Relay::start(&base_url, Arc::new(Nothing)).await;
    let client = ClientBuilder::from_env().and_then(|builder| builder.base_url(relay.base_url()).build());
    let client = client.unwrap_or_else(|error| panic!("{error}"));
    let patience = option("SIGN_WITHIN").map(|seconds| Duration::from_secs(seconds.parse().unwrap()));
    let signers = patience.map_or(Signers::Nobody, Signers::Person);
    let archived = option("ARCHIVED_ID").map(|id| id.parse().expect("CONTRACT_ARCHIVED_ID is an id"));
    let account = Account { method: option("METHOD"), archived };

    // Who is not let in is told once, and not by every case.
    relay.expects_bad_input(true);
    match client.orders().get(&nothing::<OrderId>()).await {
        Err(error) if error.is_auth() || error.is_forbidden() || error.is_connect() => panic!("{error}"),
        _ => {}
    }
    let stage = Stage::new(client, relay, signers, account);
    let stopped = stops();
    let run = run(&stage, CASES, |times| {
        let mut stopped = stopped.clone();
        async move {
            if stopped.wait_for(|said| *said >= times).await.is_err() {
                // Nobody is left who could say stop.
                std::future::pending().await
            }
        }
    })
    .await;

    let seen = DateTime::<Utc>::from(SystemTime::now()).format("%Y-%m-%d").to_string();
    let host = Url::parse(&base_url).ok().and_then(|url| url.host_str().map(str::to_owned));
    let report = report::of(&run, &contract(), &host.unwrap_or_default(), &seen);
    if let Some(path) = option("OUT") {
        fs::write(&path, &report.text).unwrap_or_else(|error| panic!("can't write {path}: {error}"));
    }
    // Behind the name of the test, which stands on the same line.
    println!("\n{}", report.text);
    assert!(!report.is_failed, "not all cases held");
    let is_denied = report.has_differences && option("DENY_DIFFERENCES").is_some();
    assert!(!is_denied, "the service differs from the contract");
}

/// How often somebody has pressed Ctrl-C.
fn stops() -> watch::Receiver<usize> {
    let (said, stopped) = watch::channel(0);
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            said.send_modify(|times| *times += 1);
            let line = "stopping, and deleting what was made; once more leaves it there";
            // Who reads it may have been stopped too.
            let _ = writeln!(std::io::stderr(), "{line}");
        }
        // Without a signal to wait for nobody ever stops it; who waits must not be told so.
        std::future::pending::<()>().await;
    });
    stopped
}
