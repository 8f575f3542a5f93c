//! Delivers notifications of the type `URL`.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use http::header;
use reqwest::{Client, Url, redirect};
use tokio::sync::mpsc::UnboundedReceiver;

use super::outbox::{Delivery, Posting};
use super::service::Service;

/// How many are delivered at the same time: an address that is slow holds up the others only when it has that many.
const AT_ONCE: usize = 16;

/// How long an address may take.
const LIMIT: Duration = Duration::from_secs(10);

/// Delivers what comes, for as long as it is polled. Nothing is sent twice but by a fault: it is not known that the
/// service does.
pub(super) async fn deliver(postings: UnboundedReceiver<Posting>, service: Arc<Service>) {
    let client = OnceLock::new();
    let postings =
        stream::unfold(postings, |mut postings| async { Some((postings.recv().await?, postings)) });
    let each = async |posting: Posting| {
        let mut delivery = Delivery::Lost;
        let times = service.world().0.faults.deliveries();
        for _ in 0..times {
            delivery = match check(&posting.address) {
                Ok(url) => post(client.get_or_init(http_client), url, posting.text.clone()).await,
                Err(why) => Delivery::Failed(why.to_owned()),
            };
        }
        service.delivered(posting.number, delivery);
    };
    postings.for_each_concurrent(AT_ONCE, each).await;
}

/// Made when there is something to deliver: most sandboxes never need it.
fn http_client() -> reqwest::Result<Client> {
    Client::builder().no_proxy().redirect(redirect::Policy::none()).timeout(LIMIT).build()
}

/// A sandbox calls nobody but its own machine, whatever an order says.
fn check(address: &str) -> Result<Url, &'static str> {
    let url = Url::parse(address).map_err(|_| "the recipient is no address")?;
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let is_here = host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    match url.scheme() {
        "http" | "https" if is_here => Ok(url),
        _ => Err("the recipient is not on this machine, and a sandbox calls nobody else"),
    }
}

async fn post(client: &reqwest::Result<Client>, url: Url, text: String) -> Delivery {
    let Ok(client) = client else { return Delivery::Failed("there is no TLS to be had".to_owned()) };
    let request = client.post(url).header(header::CONTENT_TYPE, "text/plain; charset=utf-8").body(text);
    match request.send().await {
        Ok(answer) => Delivery::Answered(answer.status().as_u16()),
        Err(error) if error.is_timeout() => {
            Delivery::Failed("the recipient has not answered in time".to_owned())
        }
        Err(_) => Delivery::Failed("the recipient can't be reached, or has not answered".to_owned()),
    }
}
