//! `examples/doctor.rs` as a person runs it: a set-up that is well, and everything that can be wrong with one.

use std::net::TcpListener;
use std::time::{Duration, SystemTime};

use http::Method;
use signicat_sign::sandbox::{Fault, FaultRule, Sandbox};
use tokio::net::TcpSocket;

use crate::examples::{example_of, run};

const SECRETS: [&str; 4] = ["sandbox-client", "sandbox-secret", "planted-secret", "planted-password"];

/// What the doctor says of this environment, without the breaks of its lines, and whether all is well.
async fn doctor<'a>(
    limit: &str,
    variables: impl IntoIterator<Item = (&'static str, &'a str)>,
) -> (bool, String) {
    let mut command = example_of("doctor");
    for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command.args(["--timeout", limit]).envs(variables);
    let output = run(command).await;
    let said = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(output.stderr.is_empty() && matches!(output.status.code(), Some(0 | 1)), "{output:?}");
    assert!(said.lines().all(|line| line.chars().count() <= 100 || !line.trim().contains(' ')), "{said}");
    assert!(SECRETS.iter().all(|secret| !said.contains(secret)), "{said}");
    (output.status.success(), said.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// What it says of a sandbox when these variables are others.
async fn of_sandbox(sandbox: &Sandbox, others: &[(&'static str, &str)]) -> (bool, String) {
    within("60", sandbox, others).await
}

/// The same with a limit in seconds. A server that says nothing costs this much of real time, and nothing else does.
async fn within(limit: &str, sandbox: &Sandbox, others: &[(&'static str, &str)]) -> (bool, String) {
    let (is_well, said) = doctor(limit, sandbox.env().chain(others.iter().copied())).await;
    (is_well, said.replace(sandbox.origin(), "http://sandbox"))
}

/// All steps before this one are well, this one fails so, and those after it are not looked at.
#[track_caller]
fn assert_fails((is_well, said): (bool, String), step: &str, explained: &str) {
    const STEPS: [&str; 7] = ["settings", "names", "connection", "clock", "token", "base URL", "permission"];
    assert!(!is_well, "{said}");
    let (before, failed) =
        said.split_once(&format!("FAIL {step} tried to ")).unwrap_or_else(|| panic!("{said}"));
    let number = STEPS.iter().position(|name| *name == step).unwrap();
    let passed: Vec<_> =
        STEPS[..number].iter().filter(|name| before.contains(&format!("ok {name} "))).collect();
    assert_eq!(passed.len(), number, "{said}");
    let rest: Vec<_> = STEPS[number + 1..].iter().map(|name| format!(" - {name} not looked at")).collect();
    let failed = failed.strip_suffix(&rest.concat()).unwrap_or_else(|| panic!("{said}"));
    // How long it took is another each time.
    let failed = match failed.split_once(" [") {
        Some((start, end)) => format!("{start}{}", end.split_once(']').unwrap().1),
        None => failed.to_owned(),
    };
    assert_eq!(failed, explained);
}

/// An address at which nobody listens, and what keeps others from it.
fn closed_port() -> (TcpSocket, String) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap().to_string();
    (socket, address)
}

async fn sandbox_with(rule: FaultRule) -> Sandbox {
    Sandbox::builder().inject(rule).start().await.unwrap()
}

#[tokio::test]
async fn all_is_well() {
    let (is_well, said) = doctor("60", []).await;
    assert!(is_well, "{said}");
    assert!(said.starts_with("ok settings none are set, so this looks at a sandbox; API at http"), "{said}");

    let sandbox = Sandbox::start().await.unwrap();
    let (is_well, said) = of_sandbox(&sandbox, &[]).await;
    assert!(is_well, "{said}");
    assert_eq!(
        said,
        "ok settings set: SIGNICAT_CLIENT_ID, SIGNICAT_CLIENT_SECRET, SIGNICAT_BASE_URL, SIGNICAT_TOKEN_URL, \
         SIGNICAT_SCOPE; API at http://sandbox/enterprise/sign, tokens at http://sandbox/auth/open/connect/token \
         ok names 127.0.0.1 is an address \
         ok connection http://sandbox answers \
         ok clock within a minute of the service's \
         ok token http://sandbox/auth/open/connect/token gives one \
         ok base URL http://sandbox/enterprise/sign is the Sign API's \
         ok permission the API client may use the Sign API \
         All is well."
    );
    let made = sandbox.requests().into_iter().filter(|request| request.method != Method::GET);
    let made: Vec<_> = made.map(|request| request.path).collect();
    assert_eq!(made, ["/auth/open/connect/token"], "else it only reads");
}

#[tokio::test]
async fn settings_that_the_client_refuses() {
    let sandbox = Sandbox::start().await.unwrap();
    let read = |unset| {
        let set: Vec<_> = sandbox.env().map(|(name, _)| name).filter(|name| *name != unset).collect();
        // As the README lists them.
        let [base_url, token_url, credentials @ .., scope] = &set[..] else { panic!("{set:?}") };
        let set = [credentials, &[base_url, token_url, scope]].concat().join(", ");
        format!("read the environment, where these are set: {set} What went wrong ")
    };
    let correct = " What to do correct it: the base URL is SIGNICAT_BASE_URL, the token URL SIGNICAT_TOKEN_URL, and what \
                   each variable is stands in the README, \"Setting it up\"";
    let plain = "is plain http, which would show the token to everybody on the way: use https";
    for (name, value, problem) in [
        ("SIGNICAT_BASE_URL", "http://sign.example.com/sign", &*format!("the base URL {plain}")),
        ("SIGNICAT_TOKEN_URL", "http://sign.example.com/token", &*format!("the token URL {plain}")),
        (
            "SIGNICAT_BASE_URL",
            "https://me:planted-password@sign.example.com",
            "the base URL holds a user name or a password: give them as credentials",
        ),
        (
            "SIGNICAT_CLIENT_SECRET",
            "",
            "SIGNICAT_CLIENT_SECRET is not set: it is the secret of your API client",
        ),
    ] {
        assert_fails(
            of_sandbox(&sandbox, &[(name, value)]).await,
            "settings",
            &format!("{}{problem}{correct}", read(if value.is_empty() { name } else { "" })),
        );
    }
    for value in ["planted-secret\n", "'planted-secret'"] {
        assert_fails(
            of_sandbox(&sandbox, &[("SIGNICAT_CLIENT_SECRET", value)]).await,
            "settings",
            &format!(
                "{}the value of SIGNICAT_CLIENT_SECRET has blanks, a line break or quotes around it \
                 What to do set it without them: they are taken for a part of it",
                read("")
            ),
        );
    }
    assert!(sandbox.requests().is_empty(), "nothing was sent");
}

/// A label of more than 63 characters is no name: it is refused here, and nobody on the network is asked.
#[tokio::test]
async fn a_host_that_has_no_name() {
    let sandbox = Sandbox::start().await.unwrap();
    let host = format!("{}.example", "a".repeat(64));
    let (is_well, said) =
        of_sandbox(&sandbox, &[("SIGNICAT_BASE_URL", &format!("https://{host}/sign"))]).await;
    assert!(
        !is_well && said.contains(&format!("FAIL names tried to look up the host {host} What went wrong ")),
        "{said}"
    );
    assert!(
        said.contains(" What to do is the host spelled right, in SIGNICAT_BASE_URL or SIGNICAT_TOKEN_URL?"),
        "{said}"
    );
}

#[tokio::test]
async fn a_host_where_nobody_listens() {
    let sandbox = Sandbox::start().await.unwrap();
    let (_held, closed) = closed_port();
    let (is_well, said) =
        of_sandbox(&sandbox, &[("SIGNICAT_BASE_URL", &format!("https://{closed}/sign"))]).await;
    let number = said
        .split_once(" (os error ")
        .and_then(|(_, rest)| rest.split_once(')'))
        .map(|(number, _)| number.to_owned());
    let said = said.replace(&format!(" (os error {})", number.unwrap_or_default()), "");
    assert_fails(
        (is_well, said),
        "connection",
        &format!(
            "connect to https://{closed} What went wrong cannot connect to the service: Connection refused \
             What to do nobody listens there: are host and port right, and those of the proxy if there is one?"
        ),
    );
}

/// A proxy finds the host, so that nobody looks for it here, and is named without its password.
#[tokio::test]
async fn a_proxy_that_is_not_there() {
    let sandbox = Sandbox::start().await.unwrap();
    let (_held, closed) = closed_port();
    let proxy = format!("http://me:planted-password@{closed}");
    let others = [("SIGNICAT_BASE_URL", "https://sign.example.com/sign"), ("HTTPS_PROXY", &proxy)];
    let (is_well, said) = of_sandbox(&sandbox, &others).await;
    assert!(!is_well, "{said}");
    for words in [
        format!("ok names sign.example.com is looked up by the proxy {closed}, 127.0.0.1 is an address "),
        format!(
            "FAIL connection tried to connect to https://sign.example.com by the proxy {closed} What went wrong "
        ),
    ] {
        assert!(said.contains(&words), "{said}");
    }
}

#[tokio::test]
async fn a_server_that_accepts_and_says_nothing() {
    let sandbox = Sandbox::start().await.unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    for scheme in ["http", "https"] {
        let url = format!("{scheme}://{address}");
        let (is_well, said) = within("1", &sandbox, &[("SIGNICAT_TOKEN_URL", &url)]).await;
        assert!(!is_well, "{said}");
        assert!(
            said.contains(&format!("FAIL connection tried to connect to {url} What went wrong ")),
            "{said}"
        );
        assert!(said.contains("--timeout gives more time - clock not looked at"), "{said}");
    }
    let stalls = Fault::stall_before_processing();
    let sandbox = sandbox_with(stalls.on("getOrder")).await;
    let (is_well, said) = within("1", &sandbox, &[]).await;
    assert!(
        !is_well && said.contains("FAIL base URL tried to read an order") && said.contains(" within 1s "),
        "{said}"
    );
}

#[tokio::test]
async fn what_does_not_speak_tls() {
    let sandbox = Sandbox::start().await.unwrap();
    let base_url = sandbox.base_url().replace("http://", "https://");
    let origin = sandbox.origin().replace("http://", "https://");
    let (is_well, said) = of_sandbox(&sandbox, &[("SIGNICAT_BASE_URL", &base_url)]).await;
    assert!(!is_well && said.contains(&format!("FAIL connection tried to connect to {origin} ")), "{said}");
    let remedy = "What to do what answers there does not speak TLS: is it a plain http port, or a proxy?";
    assert!(said.contains(remedy), "{said}");
}

#[cfg(feature = "rustls")]
#[tokio::test]
async fn certificates_that_are_not_trusted() {
    use crate::support::tls::Tls;

    let sandbox = Sandbox::start().await.unwrap();
    let address = sandbox.origin().trim_start_matches("http://").parse().unwrap();
    let long_ago = |parameters: &mut rcgen::CertificateParams| {
        parameters.not_after = rcgen::date_time_ymd(2001, 1, 1);
    };
    for (tls, problem, remedy) in [
        (
            Tls::before(address).await,
            "UnknownIssuer",
            "this machine does not trust who has issued the certificate",
        ),
        (Tls::certified_by(address, long_ago).await, "expired", "is this machine's clock right?"),
    ] {
        let (is_well, said) =
            of_sandbox(&sandbox, &[("SIGNICAT_BASE_URL", &tls.url("/enterprise/sign"))]).await;
        assert!(
            !is_well && said.contains(&format!("FAIL connection tried to connect to {} ", tls.url(""))),
            "{said}"
        );
        assert!(said.contains(problem) && said.contains(&format!(" What to do {remedy}")), "{said}");
    }
}

#[tokio::test]
async fn a_clock_that_is_off_by_an_hour() {
    const HOUR: Duration = Duration::from_secs(3600);
    for (theirs, ours) in [
        (Box::new(|| SystemTime::now() + HOUR) as Box<dyn Fn() -> SystemTime + Send + Sync>, "behind"),
        (Box::new(|| SystemTime::now() - HOUR), "ahead of"),
    ] {
        let sandbox = Sandbox::builder().clock(theirs).start().await.unwrap();
        assert_fails(
            of_sandbox(&sandbox, &[]).await,
            "clock",
            &format!(
                "compare this machine's clock with the Date of an answer \
                 What went wrong this machine's clock is 60 min {ours} the service's \
                 What to do set this machine's clock, or its host's if it is a virtual one, and let a time server keep \
                 it: until then certificates, tokens and times can look wrong that are not"
            ),
        );
    }
    let minutes = || SystemTime::now() + Duration::from_secs(180);
    let sandbox = Sandbox::builder().clock(minutes).start().await.unwrap();
    let (is_well, said) = of_sandbox(&sandbox, &[]).await;
    assert!(is_well && said.contains(" s behind the service's: worth setting right ok token "), "{said}");
}

#[tokio::test]
async fn no_token() {
    let sandbox = Sandbox::start().await.unwrap();
    let fetch = |scope, path| {
        format!("fetch a token of the scope {scope} from http://sandbox/auth/open/connect/{path} ")
    };
    for (name, value, explained) in [
        (
            "SIGNICAT_CLIENT_SECRET",
            "planted-secret",
            fetch("signicat-api", "token")
                + "What went wrong the token endpoint gives no token (400): invalid_client: the client id or the client \
                   secret is not right \
                   What to do is the client id right, and the secret? do both belong to this environment? a sandbox \
                   account's API clients are not known in production",
        ),
        (
            "SIGNICAT_SCOPE",
            "openid",
            fetch("openid", "token")
                + "What went wrong the token endpoint gives no token (400): invalid_scope: the scope must be \
                   signicat-api \
                   What to do at https://api.signicat.com/auth/open/connect/token the scope is signicat-api, on older \
                   hosts and at resellers another: set it by ClientBuilder::scope or SIGNICAT_SCOPE",
        ),
        (
            "SIGNICAT_TOKEN_URL",
            &*format!("{}/auth/open/connect/tokens", sandbox.origin()),
            fetch("signicat-api", "tokens")
                + "What went wrong the token endpoint gives no token (404): Not Found: There is no such address. \
                   What to do is the token URL right? Signicat's own is \
                   https://api.signicat.com/auth/open/connect/token",
        ),
    ] {
        assert_fails(of_sandbox(&sandbox, &[(name, value)]).await, "token", &explained);
    }
}

#[tokio::test]
async fn what_answers_is_not_the_api() {
    let read = |path| {
        format!("read an order that does not exist from http://sandbox/enterprise/{path} What went wrong ")
    };
    let right =
        " What to do is the base URL right? Signicat's own is https://api.signicat.com/enterprise/sign";
    let sandbox = Sandbox::start().await.unwrap();
    let mistyped = format!("{}/enterprise/sing", sandbox.origin());
    assert_fails(
        of_sandbox(&sandbox, &[("SIGNICAT_BASE_URL", &mistyped)]).await,
        "base URL",
        &format!("{}404 Not Found: There is no such address.{right}", read("sing")),
    );
    for (fault, explained) in [
        (Fault::html(404), format!("404 Not Found{right}")),
        (
            Fault::html(403),
            "403 Forbidden What to do a web page says so, and not the API: a proxy's or a firewall's?".to_owned(),
        ),
        (
            Fault::status(401),
            "401 Unauthorized: The sandbox was told to answer so. What to do is the token meant for this host? token \
             URL and scope belong to it"
                .to_owned(),
        ),
        (
            Fault::html(503),
            "503 Service Unavailable What to do the set-up is not the cause: try again later".to_owned(),
        ),
    ] {
        let sandbox = sandbox_with(fault.on("getOrder")).await;
        assert_fails(of_sandbox(&sandbox, &[]).await, "base URL", &format!("{}{explained}", read("sign")));
    }
}

#[tokio::test]
async fn an_api_client_without_the_permission() {
    let sandbox = sandbox_with(Fault::status(403).on_every_operation()).await;
    assert_fails(
        of_sandbox(&sandbox, &[]).await,
        "permission",
        "read an order that does not exist from http://sandbox/enterprise/sign \
         What went wrong 403 Forbidden: The sandbox was told to answer so. \
         What to do does the API client have the permission \"Signature API\", in the account of this environment?",
    );
}
