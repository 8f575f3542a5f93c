//! Says why a set-up does not work, and what to do about it.
//!
//! ```text
//! cargo run --example doctor --features sandbox
//! ```
//!
//! It takes the `SIGNICAT_*` variables as the client does; where none of them is set, it looks at a sandbox in this
//! process. The first thing that is wrong is explained, and the exit status is 1. It only reads, and it shows neither
//! the client's id and secret nor a token.

use std::env;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use clap::{Parser, value_parser};
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{Url, header::DATE, redirect::Policy};
use serde_json::Value;
use signicat_sign::sandbox::{CONTRACT, Sandbox};
use signicat_sign::{Client, ClientBuilder, Error, ErrorKind, Order, OrderId, Outcome, RetryPolicy, raw};
use tokio::net::lookup_host;

/// Each rests on those before it, so that what fails first is the cause and what would fail after it is not. The clock
/// is looked at as soon as an answer tells the service's time, and before anything with an end to its life, as a token
/// has. Permission is last: only an answer of the API itself can speak of it.
const STEPS: [&str; 7] = ["settings", "names", "connection", "clock", "token", "base URL", "permission"];

const VARIABLES: [&str; 6] = [
    "SIGNICAT_CLIENT_ID",
    "SIGNICAT_CLIENT_SECRET",
    "SIGNICAT_BASE_URL",
    "SIGNICAT_TOKEN_URL",
    "SIGNICAT_SCOPE",
    "SIGNICAT_ORGANIZATION_ID",
];

/// How far two clocks may be apart before it is told, and before it is taken for the cause.
const TOLD: Duration = Duration::from_secs(60);
const TOO_FAR: Duration = Duration::from_secs(5 * 60);

/// Looks step by step at the set-up of a client, and explains the first thing that is wrong with it.
#[derive(Parser)]
struct Arguments {
    /// The longest that a name server or a host may take to answer, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = value_parser!(u64).range(1..=3600))]
    timeout: u64,
}

#[tokio::main]
async fn main() {
    let limit = Duration::from_secs(Arguments::parse().timeout);
    let mut report = Report { steps: STEPS.iter() };
    let trouble = examine(&mut report, limit).await.err();
    match &trouble {
        Some(trouble) => report.fail(trouble),
        None => println!("\nAll is well."),
    }
    // To return would be to wait for a name server that was given up.
    std::process::exit(i32::from(trouble.is_some()));
}

async fn examine(report: &mut Report, limit: Duration) -> Result<(), Trouble> {
    let setup = settings(limit).await?;
    report.ok(&setup.said);
    report.ok(&names(&setup, limit).await?);
    let (said, clocks) = connection(&setup, limit).await?;
    report.ok(&said);
    report.ok(&clock(clocks)?);
    // One read asks the rest: it fetches a token first, and there is no such order.
    let no_order = OrderId::new(format!("{:0<58}", "01012030doctor"));
    let answer = match no_order {
        Ok(no_order) => setup.sign.orders().get(&no_order).await,
        Err(error) => Err(error),
    };
    report.ok(&token(&setup, &answer)?);
    report.ok(&base_url(&setup, &answer)?);
    report.ok(&permission(&setup, &answer)?);
    Ok(())
}

// ---- The steps ----

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

impl Setup {
    /// The addresses that are called, one of each host and port.
    fn places(&self) -> impl Iterator<Item = &Url> {
        let is_another = self.token.origin() != self.base.origin();
        [Some(&self.base), is_another.then_some(&self.token)].into_iter().flatten()
    }
}

async fn settings(limit: Duration) -> Result<Setup, Trouble> {
    let read = "read the SIGNICAT_* variables of the environment";
    let set = VARIABLES.into_iter().filter(|name| env::var_os(name).is_some_and(|value| !value.is_empty()));
    let set: Vec<_> = set.collect();
    for name in &set {
        let value = env::var(name).unwrap_or_default();
        let is_in = |quote| value.len() > 1 && value.starts_with(quote) && value.ends_with(quote);
        if value.trim() != value || is_in('"') || is_in('\'') {
            let problem = format!("the value of {name} has blanks, a line break or quotes around it");
            return Err(Trouble::new(
                read,
                problem,
                "set it anew without them: they are taken as a part of it",
            ));
        }
    }
    let sandbox = if set.is_empty() { Some(Sandbox::start().await) } else { None };
    let sandbox = sandbox.transpose().map_err(|error| {
        let problem = format!("no port of this machine can be had: {error}");
        Trouble::new("start a sandbox", problem, "does this machine let a program listen on 127.0.0.1?")
    })?;
    let builder = match &sandbox {
        Some(sandbox) => Ok(sandbox.client_builder()),
        None => ClientBuilder::from_env(),
    };
    let builder = builder.map(|builder| {
        builder.connect_timeout(limit).attempt_timeout(limit).retry(RetryPolicy::default().attempts(1))
    });
    let sign = builder.and_then(ClientBuilder::build).map_err(|error| Trouble::of(read, &error))?;

    // From here on it is known that an address holds no password.
    let of_contract: Value = serde_json::from_str(CONTRACT).unwrap_or_default();
    let flow =
        &of_contract["components"]["securitySchemes"]["signrestOauth2Security"]["flows"]["clientCredentials"];
    let usual_scope = flow["scopes"].as_object().and_then(|scopes| scopes.keys().next());
    let or_usual = |name, usual: Option<&str>| {
        env::var(name).ok().filter(|value| !value.is_empty()).or(usual.map(str::to_owned))
    };
    let scope = or_usual("SIGNICAT_SCOPE", usual_scope.map(String::as_str)).unwrap_or_default();
    let (base, token) = match &sandbox {
        Some(sandbox) => (Some(sandbox.base_url().to_owned()), Some(sandbox.token_url().to_owned())),
        None => (
            or_usual("SIGNICAT_BASE_URL", of_contract["servers"][0]["url"].as_str()),
            or_usual("SIGNICAT_TOKEN_URL", flow["tokenUrl"].as_str()),
        ),
    };
    let url = |text: Option<String>| text.and_then(|text| Url::parse(&text).ok());
    let (Some(base), Some(token)) = (url(base), url(token)) else {
        return Err(Trouble::new(
            read,
            "no address to look at",
            "set SIGNICAT_BASE_URL and SIGNICAT_TOKEN_URL",
        ));
    };
    let what = match &sandbox {
        Some(_) => "no SIGNICAT_* variable is set, so this looks at a sandbox in this process".to_owned(),
        None => format!("set: {}", set.join(", ")),
    };
    let said = format!("{what}; API at {base}, tokens at {token}");
    Ok(Setup { said, sign, base, token, scope, _sandbox: sandbox })
}

async fn names(setup: &Setup, limit: Duration) -> Result<String, Trouble> {
    let mut said = Vec::new();
    for url in setup.places() {
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or_default();
        let found = if address(url).is_some() {
            format!("{host} is an address")
        } else if let Some(proxy) = proxy(url) {
            format!("{host} is looked up by the proxy {proxy}")
        } else {
            let found = tokio::time::timeout(limit, lookup_host((host, port))).await;
            let problem = match found.map(|found| found.map(|mut addresses| addresses.next())) {
                Ok(Ok(Some(address))) => Ok(format!("{host} is {}", address.ip())),
                Ok(Ok(None)) => Err("it has no address".to_owned()),
                Ok(Err(error)) => Err(error.to_string()),
                Err(_) => Err(format!("no answer within {limit:?}")),
            };
            problem.map_err(|problem| {
                let remedy = "is the host spelled right, in SIGNICAT_BASE_URL or SIGNICAT_TOKEN_URL? does this machine \
                              find other names? if a proxy leads out of its network, set HTTPS_PROXY";
                Trouble::new(format!("look up the host {host}"), problem, remedy)
            })?
        };
        if !said.contains(&found) {
            said.push(found);
        }
    }
    Ok(said.join(", "))
}

/// The service's time and this machine's, at one moment.
type Clocks = (SystemTime, SystemTime);

/// Any answer will do. None of the client's secrets goes along.
async fn connection(setup: &Setup, limit: Duration) -> Result<(String, Option<Clocks>), Trouble> {
    let (mut said, mut clocks) = (Vec::new(), None);
    for url in setup.places() {
        let way = proxy(url).map(|proxy| format!(" by the proxy {proxy}")).unwrap_or_default();
        let origin = url.origin().ascii_serialization();
        let http = reqwest::Client::builder().timeout(limit).redirect(Policy::none()).http1_only();
        let http = http.user_agent("signicat-sign-doctor");
        let http = if is_loopback(url) { http.no_proxy() } else { http };
        // As the client does.
        #[cfg(feature = "rustls")]
        let http = http.tls_backend_rustls();
        let answer = async { http.build()?.get(url.clone()).send().await }.await;
        let answer = answer.map_err(|error| {
            let error = Error::from(raw::Error::<()>::CommunicationError(error));
            Trouble::of(format!("connect to {origin}{way}"), &error)
        })?;
        let date = answer.headers().get(DATE).and_then(|date| date.to_str().ok());
        let date = date.and_then(|date| httpdate::parse_http_date(date).ok());
        clocks = clocks.or(date.map(|date| (date, SystemTime::now())));
        let tls = if url.scheme() == "https" { ", with a certificate that is trusted here" } else { "" };
        said.push(format!("{origin} answers{way}{tls}"));
    }
    Ok((said.join("; "), clocks))
}

fn clock(clocks: Option<Clocks>) -> Result<String, Trouble> {
    let Some((theirs, ours)) = clocks else { return Ok("the service does not tell its time".to_owned()) };
    let (off, direction) = match ours.duration_since(theirs) {
        Ok(ahead) => (ahead, "ahead of"),
        Err(behind) => (behind.duration(), "behind"),
    };
    let minutes = (off.as_secs() + 30) / 60;
    if off > TOO_FAR {
        let problem = format!("this machine's clock is {minutes} min {direction} the service's");
        let remedy = "set this machine's clock, or its host's if it is a virtual one, and let a time server keep it: \
                      until then certificates, tokens and the times of orders can look wrong that are not";
        return Err(Trouble::new("compare this machine's clock with the Date of an answer", problem, remedy));
    }
    Ok(match off > TOLD {
        true => format!("{} s {direction} the service's, which is worth setting right", off.as_secs()),
        false => "within a minute of the service's".to_owned(),
    })
}

/// Not sent, though there was a connection: there was no token.
fn token(setup: &Setup, answer: &Result<Order, Error>) -> Result<String, Trouble> {
    let Setup { token, scope, .. } = setup;
    match answer {
        Err(error) if error.outcome() == Outcome::NotSent => {
            Err(Trouble::of(format!("fetch a token of the scope {scope} from {token}"), error))
        }
        _ => Ok(format!("{token} gives one of the scope {scope}")),
    }
}

fn base_url(setup: &Setup, answer: &Result<Order, Error>) -> Result<String, Trouble> {
    let Err(error) = answer else { return Ok(format!("the Sign API is at {}", setup.base)) };
    let (title, code, is_empty) = error
        .problem()
        .map_or((None, None, true), |problem| (problem.title(), problem.code(), problem.raw().is_empty()));
    let is_the_apis = match error.kind() {
        // The Sign API says what it does not find. A code is the gateway's, which knows addresses and no orders.
        ErrorKind::NotFound => title.is_some() && code.is_none(),
        ErrorKind::Forbidden | ErrorKind::Validation => title.is_some() || is_empty,
        _ => false,
    };
    match is_the_apis {
        true => Ok(format!("the Sign API is at {}", setup.base)),
        false => Err(Trouble::of(format!("read an order that does not exist from {}", setup.base), error)),
    }
}

fn permission(setup: &Setup, answer: &Result<Order, Error>) -> Result<String, Trouble> {
    match answer {
        Err(error) if error.is_forbidden() => {
            Err(Trouble::of(format!("read an order that does not exist from {}", setup.base), error))
        }
        _ => Ok("the API client may use the Sign API".to_owned()),
    }
}

// ---- Addresses ----

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

// ---- What is said ----

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
        if let Some(hint) = error.hint() {
            return Self::new(attempted, problem.replace(&format!(" ({hint})"), ""), hint);
        }
        let remedy = match error.kind() {
            ErrorKind::Config => "set it, or correct it, and run this again",
            ErrorKind::Connect | ErrorKind::Network | ErrorKind::Timeout => {
                "are host and port right? does a firewall stand in between, or a proxy that is not set as HTTPS_PROXY? \
                 more time is given by --timeout"
            }
            ErrorKind::Server | ErrorKind::RateLimited => "the set-up is not the cause: try again later",
            ErrorKind::NotFound | ErrorKind::Redirect | ErrorKind::Decode => {
                "is the base URL right? an order is to be at /orders/ and its id below it"
            }
            _ => "show the lines above to whoever runs the service",
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
        println!("\n      What went wrong: {}", wrapped(8, 23, &trouble.problem));
        println!("      What to do: {}\n", wrapped(8, 18, &trouble.remedy));
        while self.steps.len() > 0 {
            self.say("-", "not looked at");
        }
    }

    fn say(&mut self, mark: &str, said: &str) {
        let step = self.steps.next().copied().unwrap_or_default();
        println!("{mark:<5} {step:<11} {}", wrapped(18, 18, said));
    }
}

/// A text in lines of up to 100 characters, of which the first begins in this column.
fn wrapped(indent: usize, mut column: usize, text: &str) -> String {
    let mut lines = String::new();
    for word in text.split_whitespace() {
        let length = word.chars().count() + 1;
        if column > indent && column + length > 100 {
            lines.push('\n');
            lines.push_str(&" ".repeat(indent));
            column = indent;
        } else if !lines.is_empty() {
            lines.push(' ');
        }
        lines.push_str(word);
        column += length;
    }
    lines
}
