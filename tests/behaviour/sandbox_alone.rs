//! `examples/sandbox.rs` as a client in another language meets it: variables, a service, and an end.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Output, Stdio};

use serde_json::json;
use signicat_sign::{Client, Credentials};
use tempfile::NamedTempFile;

use crate::examples::example_of;
use crate::sandbox::order_of_two;

/// A sandbox in a process of its own, which ends with the test however that ends.
struct Alone {
    process: Child,
    variables: BTreeMap<String, String>,
}

impl Alone {
    fn start(arguments: &[&str]) -> Self {
        let mut command = example_of("sandbox");
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
        let variables = lines.map(|line| {
            let (name, value) = line.strip_prefix("export ").unwrap().split_once('=').unwrap();
            (name.to_owned(), value.to_owned())
        });
        // More is not printed while it runs.
        let variables = variables.take(5).collect();
        Self { process, variables }
    }

    fn variable(&self, name: &str) -> &str {
        &self.variables[name]
    }

    fn client(&self) -> Client {
        let credentials =
            Credentials::new(self.variable("SIGNICAT_CLIENT_ID"), self.variable("SIGNICAT_CLIENT_SECRET"));
        let builder = Client::builder().credentials(credentials).scope(self.variable("SIGNICAT_SCOPE"));
        let builder = builder.base_url(self.variable("SIGNICAT_BASE_URL"));
        builder.token_url(self.variable("SIGNICAT_TOKEN_URL")).build().unwrap()
    }

    /// What it has said on stderr, and whether it ended well.
    #[cfg(unix)]
    fn ends_at(mut self, signal: &str) -> (bool, String) {
        let sent = Command::new("kill").arg(signal).arg(self.process.id().to_string()).status().unwrap();
        assert!(sent.success());
        let mut said = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (self.process.wait().unwrap().success(), said)
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

#[cfg(unix)]
#[tokio::test]
async fn it_serves_until_it_is_told_to_end() {
    for signal in ["-TERM", "-INT"] {
        let alone = Alone::start(&[]);
        let client = alone.client();
        // The client's connection stays open.
        let order = order_of_two(&client).await;
        let browser = reqwest::Client::builder().no_proxy().build().unwrap();
        let page = browser.get(order.signing_url("kari").unwrap().expose()).send().await.unwrap();
        assert!(page.text().await.unwrap().contains("Loan agreement"));
        let (ended_well, said) = alone.ends_at(signal);
        assert!(ended_well, "{said}");
        for words in ["createOrder", "kari opens the task", "The sandbox has ended."] {
            assert!(said.contains(words), "{words} in {said}");
        }
        assert!(!said.contains("sign-here/"), "a signing URL is in the log: {said}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_seed_makes_it_repeatable() {
    let ids = async |arguments: &[&str]| {
        let alone = Alone::start(arguments);
        let order = order_of_two(&alone.client()).await;
        assert_eq!(alone.ends_at("-TERM").1.lines().count(), 2, "it was told to be quiet");
        // They begin with the date.
        order.id().as_str()[8..].to_owned()
    };
    let one = ids(&["--seed", "7", "--quiet"]).await;
    assert_eq!(ids(&["--seed", "7", "--quiet"]).await, one);
    assert_ne!(ids(&["--seed", "8", "--quiet"]).await, one);
}

#[tokio::test]
async fn a_port_that_is_taken_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let Output { status, stdout, stderr } = example_of("sandbox").args(["--port", &port]).output().unwrap();
    let said = String::from_utf8(stderr).unwrap();
    assert!(!status.success() && stdout.is_empty(), "{said}");
    assert!(said.starts_with(&format!("error: port {port} can't be had")), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[cfg(unix)]
#[tokio::test]
async fn its_faults_come_from_a_file() {
    let file = NamedTempFile::new().unwrap();
    let rules = json!([{ "on": "createOrder", "nth": 1, "fault": { "status": { "status": 429, "retry_after": 0 } } }]);
    std::fs::write(&file, rules.to_string()).unwrap();
    let alone = Alone::start(&["--faults", file.path().to_str().unwrap()]);
    order_of_two(&alone.client()).await;
    let (_, said) = alone.ends_at("-TERM");
    let met = said.lines().find(|line| line.contains("met status")).unwrap_or_else(|| panic!("{said}"));
    assert!(met.contains("429") && met.contains("createOrder"), "{met}");

    std::fs::write(&file, r#"[{ "on": "makeCoffee", "fault": "truncated" }]"#).unwrap();
    let Output { status, stderr, .. } =
        example_of("sandbox").arg("--faults").arg(file.path()).output().unwrap();
    let said = String::from_utf8(stderr).unwrap();
    assert!(!status.success() && said.lines().count() == 1, "{said}");
    assert!(said.contains(file.path().to_str().unwrap()) && said.contains("makeCoffee"), "{said}");
}
