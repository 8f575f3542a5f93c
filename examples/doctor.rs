//! Says why a set-up does not work, and what to do about it.
//!
//! ```text
//! cargo run --example doctor --features sandbox
//! ```
//!
//! It takes the `SIGNICAT_*` variables as the client does; where none of them is set, it looks at a sandbox
//! in this process. The first thing that is wrong is explained, and the exit status is 1. It only reads, and
//! shows neither the client's id and secret nor a token.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};
use std::{env, io};

use clap::{Parser, value_parser};
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{Url, header::DATE, redirect::Policy};
use serde_json::Value;
use signicat_sign::sandbox::{CONTRACT, Sandbox};
use signicat_sign::{Client, ClientBuilder, Error, ErrorKind, OrderId, Outcome, RetryPolicy, raw};
use tokio::net::lookup_host;
use tokio::time::timeout;

/// Each rests on those before it, so that what fails first is the cause and what would fail after it is not.
/// The clock is looked at as soon as an answer tells the service's time, and before anything with an end to
/// its life, as a token has. Permission is last: only an answer of the API itself can speak of it.
const STEPS: [&str; 7] = ["settings", "names", "connection", "clock", "token", "base URL", "permission"];

const VARIABLES: [&str; 6] = [
    "SIGNICAT_CLIENT_ID",
    "SIGNICAT_CLIENT_SECRET",
    "SIGNICAT_BASE_URL",
    "SIGNICAT_TOKEN_URL",
    "SIGNICAT_SCOPE",
    "SIGNICAT_ORGANIZATION_ID",
];

/// How far two clocks may be apart, in seconds, before it is told, and before it is taken for the cause.
const TOLD: u64 = 60;
const TOO_FAR: u64 = 5 * 60;

/// Looks step by step at the set-up of a client, and explains the first thing that is wrong with it.
#[derive(Parser)]
struct Arguments {
    /// The longest that a name server or a host may take to answer, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 10)]
    #[arg(value_parser = value_parser!(u64).range(1..=3600))]
    timeout: u64,
}

#[tokio::main]
async fn main() {
    let limit = Duration::from_secs(Arguments::parse().timeout);
    let mut report = Report { steps: STEPS.iter() };
    let of_sandbox = VARIABLES.iter().all(|name| variable(name).is_empty());
    let trouble = examine(&mut report, limit).await.err();
    match &trouble {
        Some(trouble) => report.fail(trouble),
        None if of_sandbox => println!("\nAll is well, of the sandbox: nothing of yours was looked at."),
        None => println!("\nAll is well."),
    }
    // To return would be to wait for a name server that was given up.
    std::process::exit(i32::from(trouble.is_some()));
}

async fn examine(report: &mut Report, limit: Duration) -> Result<(), Trouble> {
    let setup = settings(limit).await?;
    let Setup { sign, base, token, scope, .. } = &setup;
    report.ok(&setup.said);
    report.ok(&names(&setup, limit).await?);
    let (said, clocks) = connection(&setup, limit).await?;
    report.ok(&said);
    report.ok(&clock(clocks)?);
    // One read asks the rest: it fetches a token first, and there is no such order.
    let no_order = OrderId::new(format!("{:0<58}", "01012030doctor"));
    let error = async { sign.orders().get(&no_order?).await }.await.err();
    let failed = error.as_ref().and_then(step_of);
    let read = format!("read an order that does not exist from {base}");
    for (step, said, attempted) in [
        ("token", format!("{token} gives one"), format!("fetch a token of the scope {scope} from {token}")),
        ("base URL", format!("{base} is the Sign API's"), read.clone()),
        ("permission", "the API client may use the Sign API".to_owned(), read),
    ] {
        match &error {
            Some(error) if failed == Some(step) => return Err(Trouble::of(attempted, error)),
            _ => report.ok(&said),
        }
    }
    Ok(())
}

/// The step that fails, by what came of reading an order that does not exist.
fn step_of(error: &Error) -> Option<&'static str> {
    let problem = error.problem();
    let title = problem.and_then(|problem| problem.title());
    let is_empty = problem.is_none_or(|problem| problem.raw().is_empty());
    match error.kind() {
        // There was a connection before, so what was missing is a token.
        _ if error.outcome() == Outcome::NotSent => Some("token"),
        // The Sign API does not know the order. That a code is the gateway's, which knows no orders, is inferred, and
        // so is what the API says to it: it may say nothing.
        ErrorKind::NotFound
            if (title.is_some() || is_empty) && problem.is_none_or(|problem| problem.code().is_none()) =>
        {
            None
        }
        ErrorKind::Validation if title.is_some() => None,
        ErrorKind::Forbidden if title.is_some() || is_empty => Some("permission"),
        _ => Some("base URL"),
    }
}

/// What is looked at.
struct Setup {
    said: String,
    sign: Client,
    base: Url,
    token: Url,
    scope: String,
    /// Held to the end: a sandbox that is dropped is gone.
    _sandbox: Option<Sandbox>,
}

async fn settings(limit: Duration) -> Result<Setup, Trouble> {
    let set: Vec<_> = VARIABLES.into_iter().filter(|name| !variable(name).is_empty()).collect();
    let attempted = format!("read the environment, where these are set: {}", set.join(", "));
    let around = |char: char| char.is_whitespace() || matches!(char, '"' | '\'');
    if let Some(name) = set.iter().find(|name| variable(name).trim_matches(around) != variable(name)) {
        let problem = format!("the value of {name} has blanks, a line break or quotes around it");
        return Err(Trouble::new(attempted, problem, "set it without them: they are taken for a part of it"));
    }
    let sandbox = if set.is_empty() { Some(Sandbox::start().await) } else { None };
    let sandbox = sandbox.transpose().map_err(|error| {
        Trouble::new("start a sandbox", error.to_string(), "may a program listen on 127.0.0.1 here?")
    })?;
    let builder = match &sandbox {
        Some(sandbox) => Ok(sandbox.client_builder()),
        None => ClientBuilder::from_env(),
    };
    let once = RetryPolicy::default().attempts(1);
    let builder = builder.map(|builder| {
        // The whole takes a token and a read.
        let whole = limit.saturating_mul(2);
        builder.connect_timeout(limit).attempt_timeout(limit).stall_timeout(limit).timeout(whole).retry(once)
    });
    let sign = builder.and_then(ClientBuilder::build).map_err(|error| Trouble::of(&attempted, &error))?;

    // What is shown from here on is known to hold no password.
    let contract: Value = serde_json::from_str(CONTRACT).unwrap_or_default();
    let usual = |pointer: &str| contract.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let set_or = |name: &str, usual: &str| {
        let of_sandbox = sandbox.iter().flat_map(Sandbox::env).find(|variable| variable.0 == name);
        let set = of_sandbox.map_or_else(|| variable(name), |variable| variable.1.to_owned());
        if set.is_empty() { usual.to_owned() } else { set }
    };
    let url = |name, usual| {
        Url::parse(&set_or(name, usual))
            .map_err(|error| Trouble::new(&attempted, error.to_string(), "correct it"))
    };
    let flow = "/components/securitySchemes/signrestOauth2Security/flows/clientCredentials/tokenUrl";
    let base = url("SIGNICAT_BASE_URL", usual("/servers/0/url"))?;
    let token = url("SIGNICAT_TOKEN_URL", usual(flow))?;
    let scope = set_or("SIGNICAT_SCOPE", "that is usual");
    let what = match &sandbox {
        Some(_) => "none are set, so this looks at a sandbox".to_owned(),
        None => format!("set: {}", set.join(", ")),
    };
    let said = format!("{what}; API at {base}, tokens at {token}");
    Ok(Setup { said, sign, base, token, scope, _sandbox: sandbox })
}

/// A variable's value, empty where it is not set.
fn variable(name: &str) -> String {
    env::var_os(name).unwrap_or_default().to_string_lossy().into_owned()
}

async fn names(setup: &Setup, limit: Duration) -> Result<String, Trouble> {
    let mut said = Vec::new();
    for url in [&setup.base, &setup.token] {
        let host = url.host_str().unwrap_or_default();
        if address(url).is_some() {
            said.push(format!("{host} is an address"));
        } else if let Some(proxy) = proxy(url) {
            said.push(format!("{host} is looked up by the proxy {proxy}"));
        } else {
            let port = url.port_or_known_default().unwrap_or_default();
            let found = timeout(limit, lookup_host((host, port))).await;
            let found = found.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
            let found = found.map_err(|error| {
                let remedy = "is the host spelled right, in SIGNICAT_BASE_URL or SIGNICAT_TOKEN_URL? does \
                              this machine find other names? if a proxy leads out of its network, set HTTPS_PROXY";
                Trouble::new(format!("look up the host {host}"), error.to_string(), remedy)
            })?;
            said.extend(found.take(1).map(|address| format!("{host} is {}", address.ip())));
        }
    }
    said.dedup();
    Ok(said.join(", "))
}

/// The service's time and this machine's, at one moment.
type Clocks = (SystemTime, SystemTime);

/// Any answer will do. None of the client's secrets goes along.
async fn connection(setup: &Setup, limit: Duration) -> Result<(String, Option<Clocks>), Trouble> {
    let (mut said, mut clocks) = (Vec::new(), None);
    for url in [&setup.base, &setup.token] {
        let way = proxy(url).map(|proxy| format!(" by the proxy {proxy}")).unwrap_or_default();
        let origin = url.origin().ascii_serialization();
        let http = reqwest::Client::builder().timeout(limit).redirect(Policy::none()).http1_only();
        let http = if is_loopback(url) { http.no_proxy() } else { http };
        // As the client does.
        #[cfg(feature = "rustls")]
        let http = http.tls_backend_rustls();
        let answer = async { http.build()?.get(url.clone()).send().await }.await;
        // The client's own words and hints.
        let answer = answer.map_err(|error| Error::from(raw::Error::<()>::CommunicationError(error)));
        let answer = answer.map_err(|error| Trouble::of(format!("connect to {origin}{way}"), &error))?;
        let date = answer.headers().get(DATE).and_then(|date| date.to_str().ok());
        let date = date.and_then(|date| httpdate::parse_http_date(date).ok());
        clocks = clocks.or(date.map(|date| (date, SystemTime::now())));
        let tls = if url.scheme() == "https" { ", with a certificate that is trusted here" } else { "" };
        said.push(format!("{origin} answers{way}{tls}"));
    }
    said.dedup();
    Ok((said.join("; "), clocks))
}

fn clock(clocks: Option<Clocks>) -> Result<String, Trouble> {
    let Some((theirs, ours)) = clocks else { return Ok("the service does not tell its time".to_owned()) };
    let (off, direction) = match ours.duration_since(theirs) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(behind) => (behind.duration(), "behind"),
    };
    let off = off.as_secs();
    if off > TOO_FAR {
        let problem = format!("this machine's clock is {} min {direction} the service's", (off + 30) / 60);
        let remedy = "set this machine's clock, or its host's if it is a virtual one, and let a time server \
                      keep it: until then certificates, tokens and times can look wrong that are not";
        return Err(Trouble::new("compare this machine's clock with the Date of an answer", problem, remedy));
    }
    Ok(match off > TOLD {
        true => format!("{off} s {direction} the service's: worth setting right"),
        false => "within a minute of the service's".to_owned(),
    })
}

fn address(url: &Url) -> Option<IpAddr> {
    url.host_str()?.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

fn is_loopback(url: &Url) -> bool {
    address(url).map_or(url.host_str() == Some("localhost"), |address| address.is_loopback())
}

/// Host and port of the proxy that leads there, as the client finds it: none leads to loopback.
fn proxy(url: &Url) -> Option<String> {
    let to = url.as_str().parse().ok().filter(|_| !is_loopback(url))?;
    let proxy = Matcher::from_system().intercept(&to)?;
    let port = proxy.uri().port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{}{port}", proxy.uri().host()?))
}

/// What was attempted, what went wrong, and what to do.
struct Trouble {
    attempted: String,
    problem: String,
    remedy: String,
}

impl Trouble {
    fn new(attempted: impl Into<String>, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { attempted: attempted.into(), problem: problem.into(), remedy: remedy.into() }
    }

    fn of(attempted: impl Into<String>, error: &Error) -> Self {
        let line = error.to_string();
        let problem = line.strip_prefix("get order: ").unwrap_or(&line);
        let remedy = match (error.hint(), error.kind()) {
            (Some(hint), _) => return Self::new(attempted, problem.replace(&format!(" ({hint})"), ""), hint),
            (None, ErrorKind::Config) => {
                "correct it: the base URL is SIGNICAT_BASE_URL, the token URL SIGNICAT_TOKEN_URL, and what \
                 each variable is stands in the README, \"Setting it up\""
            }
            (None, ErrorKind::Connect | ErrorKind::Network | ErrorKind::Timeout) => {
                "are host and port right? does a firewall stand in between, or a proxy that is not set as \
                 HTTPS_PROXY? --timeout gives more time"
            }
            (None, ErrorKind::Server | ErrorKind::RateLimited) => {
                "the set-up is not the cause: try again later"
            }
            (None, _) => {
                "are the base URL and the token URL right? else show this to whoever runs the service"
            }
        };
        Self::new(attempted, problem, remedy)
    }
}

/// Says what comes of each step, in their order.
struct Report {
    steps: std::slice::Iter<'static, &'static str>,
}

impl Report {
    fn ok(&mut self, said: &str) {
        self.say("ok", said);
    }

    fn fail(mut self, trouble: &Trouble) {
        self.say("FAIL", &format!("tried to {}", trouble.attempted));
        for (heading, text) in [("What went wrong", &trouble.problem), ("What to do", &trouble.remedy)] {
            println!("\n      {heading}\n        {}", wrapped(8, text));
        }
        println!();
        while self.steps.len() > 0 {
            self.say("-", "not looked at");
        }
    }

    fn say(&mut self, mark: &str, said: &str) {
        let step = self.steps.next().copied().unwrap_or_default();
        println!("{mark:<5} {step:<11} {}", wrapped(18, said));
    }
}

/// A text that begins in this column, in lines of up to 100 characters.
fn wrapped(indent: usize, text: &str) -> String {
    let (mut lines, mut column) = (String::new(), indent);
    for word in text.split_whitespace() {
        let length = word.chars().count() + 1;
        if column > indent && column + length > 100 {
            lines.push_str(&format!("\n{:indent$}", ""));
            column = indent;
        } else if column > indent {
            lines.push(' ');
        }
        lines.push_str(word);
        column += length;
    }
    lines
}
