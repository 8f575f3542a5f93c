//! The examples as people run them: each is a process, behind a proxy at which nobody is at home.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;

use serde_json::Value;
use signicat_sign::SignatureStructure;
use signicat_sign::sandbox::{Fault, Sandbox};
use tempfile::{TempDir, tempdir};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::yield_now;

pub const CONTRACT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/contract.pdf");

/// An example, with nothing of this process's environment that it would heed.
pub fn example_of(name: &str) -> Command {
    // target/<profile>/deps/<this test> and target/<profile>/examples/<it> are built by one `cargo test`.
    let this = std::env::current_exe().unwrap();
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let path = this.parent().unwrap().parent().unwrap().join("examples").join(name);
    assert!(path.exists(), "{} is not built: run `cargo test` without `--test`", path.display());
    let mut command = Command::new(path);
    for name in ["BASE_URL", "TOKEN_URL", "CLIENT_ID", "CLIENT_SECRET", "SCOPE", "ORGANIZATION_ID"] {
        command.env_remove(format!("SIGNICAT_{name}"));
    }
    command.env_remove("RUST_LOG");
    // A proxy must not see what goes to loopback; at this one nobody is at home.
    command.env("HTTP_PROXY", "http://127.0.0.1:9").env("http_proxy", "http://127.0.0.1:9");
    command
}

pub async fn run(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

/// One clear line on stderr, and an exit code that says no.
pub fn assert_fails(output: &Output, words: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with("error: ") && said.trim_end().lines().count() == 1, "{said}");
    assert!(said.contains(words), "{words:?} in {said}");
}

/// What an example says that ends well, and has nothing to complain about.
async fn said_by(command: Command) -> String {
    let output = run(command).await;
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(!said.contains("sandbox-secret"), "{said}");
    said
}

/// The words are in what was said, in that order.
fn assert_says(said: &str, words: &[&str]) {
    let mut rest = said;
    for words in words {
        (_, rest) = rest.split_once(words).unwrap_or_else(|| panic!("{words:?}, in its place, in {said}"));
    }
}

/// What is an example is run by a test here, and says by which command people run it.
#[test]
fn every_example_is_run_by_a_test_and_says_how_it_is_run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = |folder: &str| {
        let files = fs::read_dir(root.join(folder)).unwrap().map(|file| file.unwrap().path());
        files.filter(|path| path.extension().is_some_and(|extension| extension == "rs")).collect::<Vec<_>>()
    };
    let tests: String =
        files("tests/behaviour").iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let examples = files("examples");
    assert!(examples.len() >= 9, "{examples:?}");
    for path in examples {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let call = format!("example_of(\"{name}\")");
        let is_run = tests.lines().any(|line| line.contains(&call) && !line.trim_start().starts_with("//"));
        assert!(is_run, "no test of tests/behaviour runs examples/{name}.rs: none says {call}");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//! "), "examples/{name}.rs says what it shows");
        if text.contains("signicat_sign::sandbox::") {
            let command = format!("//! cargo run --example {name} --features sandbox");
            assert!(text.contains(&command), "examples/{name}.rs says how it is run: {command}");
            let entry = format!("name = \"{name}\"\nrequired-features = [\"sandbox\"]\n");
            assert!(manifest.contains(&entry), "{name} has an entry in Cargo.toml:\n[[example]]\n{entry}");
        }
    }
}

/// The README's program, letter by letter (a test of xtask compares them): two signers, and a sealed file.
#[tokio::test]
async fn the_whole_job_in_a_dozen_lines() {
    let folder = tempdir().unwrap();
    fs::copy(CONTRACT, folder.path().join("loan.pdf")).unwrap();
    let sandbox = Sandbox::builder().signs_by_themselves().packaging_delay(0).start().await.unwrap();
    let mut command = example_of("whole_job");
    command.current_dir(folder.path()).envs(sandbox.env());
    let said = said_by(command).await;
    assert!(said.starts_with("http://127.0.0.1:") && said.lines().count() == 1, "{said}");
    let sealed = fs::read(folder.path().join("loan-signed.pdf")).unwrap();
    assert!(sealed.starts_with(b"%PDF-"));
    assert_eq!(sandbox.orders()[0]["tasks"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn two_signers_sign_two_documents() {
    let folder = tempdir().unwrap();
    let mut command = example_of("two_signers_two_documents");
    command.current_dir(&folder);
    let plan = [
        "1. kari signs loan-kari (Loan agreement), terms-kari (General terms), by nbid-sign",
        "2. ola views terms-ola (General terms); signs loan-ola (Loan agreement), by sbid-sign",
        "sealed (pades) is made of loan-kari, terms-kari of kari; loan-ola of ola",
        "kari signs at http://127.0.0.1:",
        "ola can't sign yet: task `ola` depends on task `kari`",
        "2 of 2 signed; packaging task sealed completed",
        "saved loan.sealed.pdf",
    ];
    assert_says(&said_by(command).await, &plan);
    let sealed = folder.path().join("loan.sealed.pdf");
    assert!(fs::read(&sealed).unwrap().starts_with(b"%PDF-"));
    assert!(SignatureStructure::of_file(&sealed).await.is_ok());

    let mut command = example_of("two_signers_two_documents");
    command.args(["--out", "no/folder.pdf"]).current_dir(&folder);
    assert_fails(&run(command).await, "cannot write no/folder.pdf");
}

#[tokio::test]
async fn a_shop_believes_the_service_alone() {
    let mut command = example_of("embedded_signing");
    command.args(["--walk", "--port", "0"]);
    let walk = [
        "The shop is at http://127.0.0.1:",
        "the browser is led to the signing page: true",
        "back, they say: <h1>It is not signed yet</h1>",
        "the hook is called, and the service says: It is not signed yet",
        "the hook is called, and the service says: Thank you, it is signed",
        "signed, and back: <h1>Thank you, it is signed</h1>",
    ];
    assert_says(&said_by(command).await, &walk);

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut command = example_of("embedded_signing");
    command.args(["--walk", "--port", &taken.local_addr().unwrap().port().to_string()]);
    assert_fails(&run(command).await, "can't be had");
}

#[tokio::test]
async fn a_shop_serves_until_it_is_told_to_end() {
    let mut command = example_of("embedded_signing");
    command.args(["--port", "0"]);
    let mut shop = Running::start(command);
    let said = shop.says("The shop is at ").await;
    let address = said.rsplit(' ').next().unwrap().trim_end_matches('/').to_owned();
    let no_redirects = reqwest::redirect::Policy::none();
    let browser = reqwest::Client::builder().no_proxy().redirect(no_redirects).build().unwrap();
    let gets = async |path: &str| browser.get(format!("{address}{path}")).send().await.unwrap();
    assert!(gets("/").await.text().await.unwrap().contains("Sign the loan agreement"));

    let led = browser.post(format!("{address}/sign")).send().await.unwrap();
    let signing_page = led.headers()["location"].to_str().unwrap();
    assert_eq!(led.status(), 303);
    let reject = browser.post(signing_page).header("content-type", "application/x-www-form-urlencoded");
    let led = reject.body("action=reject&reason=wrong+amount").send().await.unwrap();
    let back = led.headers()["location"].to_str().unwrap();
    assert!(back.starts_with(&format!("{address}/done?order=")), "{back}");
    let told = browser.get(back).send().await.unwrap().text().await.unwrap();
    assert_eq!(told, "<h1>You have rejected it</h1>");

    // Whatever is typed there shows nothing of anybody's.
    assert_eq!(gets("/done?order=0502&task=kari").await.status(), 404);
    assert_eq!(gets("/done?order=..&task=kari").await.status(), 400);
    assert_eq!(browser.post(format!("{address}/hooks/1")).send().await.unwrap().status(), 404);
    #[cfg(unix)]
    {
        drop(browser);
        assert!(shop.ends_at_ctrl_c().await);
    }
}

#[tokio::test]
async fn people_are_told_and_reminded() {
    let said = said_by(example_of("notifications")).await;
    let messages: Vec<_> = said.lines().filter(|line| line.starts_with("day ")).collect();
    // Nobody is reminded of what they have done.
    let expected = [
        "day 0: EMAIL to kari@example.com: A loan agreement is waiting for you Please sign it here: http:",
        "day 2: EMAIL to kari@example.com: A loan agreement is waiting for you Please sign it here: http:",
        "day 3: SMS to +4791234567: - Please sign: http://127.0.0.1:",
        "day 4: SMS to +4791234567: - Please sign: http://127.0.0.1:",
        "day 7: EMAIL to loans@bank.example: Signed Order ",
        "day 7: URL to http://127.0.0.1:",
    ];
    assert_eq!(messages.len(), expected.len(), "{said}");
    for (message, expected) in messages.iter().zip(expected) {
        assert!(message.starts_with(expected), "{expected} in {message}");
    }
    assert!(!said.contains("${"), "a placeholder is left: {said}");
    assert_says(
        &said,
        &["SMS to +4791234567: when task ola is CREATED, 1 day 12 hours after", "2 of 2 signed"],
    );
    assert_says(&said, &["(the hook is called)", "Answered(200)"]);

    let mut command = example_of("notifications");
    command.arg("kari");
    assert_fails(&run(command).await, "recipient: is no e-mail address (signer \"kari\"");
}

#[tokio::test]
async fn evidence_is_collected_and_the_orders_are_deleted() {
    let folder = tempdir().unwrap();
    let mut command = example_of("collect_evidence");
    command.current_dir(&folder);
    let said = said_by(command).await;
    let steps = [
        "1 of 1 signed; packaging task sealed completed",
        "packaging/sealed/result.pdf",
        "and deleted at the service",
        "kari rejected: wrong amount",
        "tasks/kari/documents/loan-kari/original.pdf",
        "there is no get_packaging_task_result",
        "and deleted at the service",
        "orders left at the service: 0",
    ];
    assert_says(&said, &steps);
    assert!(!said.contains("MISSING"), "{said}");
    let folders: Vec<_> = fs::read_dir(folder.path().join("evidence")).unwrap().map(Result::unwrap).collect();
    assert_eq!(folders.len(), 2);
    for folder in folders {
        let manifest = fs::read(folder.path().join("manifest.json")).unwrap();
        let manifest: Value = serde_json::from_slice(&manifest).unwrap();
        for file in manifest["files"].as_array().unwrap() {
            let name = file["name"].as_str().unwrap();
            let there = fs::metadata(folder.path().join(name)).unwrap();
            assert_eq!(file["size"], there.len(), "{name}");
            let line = format!("bytes  {}…  {name}\n", &file["sha256"].as_str().unwrap()[..12]);
            assert!(said.contains(&line), "{line} in {said}");
        }
    }

    fs::write(folder.path().join("file"), "in the way").unwrap();
    let mut command = example_of("collect_evidence");
    command.arg("file").current_dir(&folder);
    assert_fails(&run(command).await, "cannot write file");
}

#[tokio::test]
async fn one_token_request_serves_two_clients() {
    let said = said_by(example_of("token_provider")).await;
    let lines: Vec<_> = said.lines().collect();
    let expected = [
        "40 calls of two clients, token requests: 1",
        "40 more after the token was revoked, token requests: 2",
    ];
    assert_eq!(lines, expected);

    // It is not there, and it does not know the caller.
    let sandbox = Sandbox::builder().credentials("somebody", "else").start().await.unwrap();
    for (url, words) in [
        ("http://127.0.0.1:9/token", "no answer from the token service at http://127.0.0.1:9/token"),
        (sandbox.token_url(), "the token service answers 400"),
        (sandbox.origin(), "the token service answers 405"),
    ] {
        let mut command = example_of("token_provider");
        command.args(["--token-url", url]);
        assert_fails(&run(command).await, words);
    }
}

#[tokio::test]
async fn many_waits_are_interrupted_and_go_on() {
    let said = said_by(example_of("wait_for_many")).await;
    let steps = [
        "waiting for 5 orders, 0 of them from before",
        "1 of 1 signed",
        "- interrupted:",
        "waiting for 3 orders, 3 of them from before",
        "1 of 1 signed",
        "case-1: signed\ncase-2: signed\ncase-3: signed\ncase-4: signed\ncase-5: signed\n",
    ];
    assert_says(&said, &steps);
    assert_eq!(said.matches(": ordered").count(), 5, "{said}");
    assert_eq!(said.matches(": 1 of 1 signed").count(), 5, "{said}");
}

/// The cases of `wait_for_many`, and where it keeps what it knows of them.
struct Cases {
    sandbox: Sandbox,
    folder: TempDir,
}

impl Cases {
    const ALL: [&str; 5] = ["case-1", "case-2", "case-3", "case-4", "case-5"];

    async fn new() -> Self {
        Self { sandbox: Sandbox::start().await.unwrap(), folder: tempdir().unwrap() }
    }

    /// Starts the example on the sandbox of this process.
    fn start(&self) -> Running {
        let mut command = example_of("wait_for_many");
        command.current_dir(&self.folder).envs(self.sandbox.env());
        Running::start(command)
    }

    fn signs(&self, case: &str) {
        let order = self.sandbox.assert_created_once(case);
        self.sandbox.signer(order, "kari").signs().unwrap();
    }

    fn known(&self) -> Value {
        serde_json::from_slice(&fs::read(self.folder.path().join("waits.json")).unwrap()).unwrap()
    }
}

/// SIGKILL, or what there is in its place: the process has no time for anything.
#[tokio::test]
async fn waits_outlive_a_kill_and_no_order_is_made_twice() {
    let cases = Cases::new().await;
    let mut first = cases.start();
    first.says("waiting for 5 orders, 0 of them from before").await;
    let known = cases.known();
    assert!(Cases::ALL.iter().all(|case| known[case]["waiting"].is_object()), "{known}");
    cases.signs("case-2");
    first.says("case-2: 1 of 1 signed").await;
    first.dies();
    assert_eq!(cases.known()["case-2"]["ended"], "signed");

    // While nobody waits, two more end, and one of them badly.
    cases.signs("case-1");
    let rejected = cases.sandbox.assert_created_once("case-3");
    cases.sandbox.signer(rejected, "kari").rejects("wrong amount").unwrap();
    let second_order = cases.sandbox.assert_created_once("case-2");
    let asked_for_it = || {
        let requests = cases.sandbox.requests();
        requests.iter().filter(|request| request.path.contains(&second_order)).count()
    };
    let before = asked_for_it();
    let mut second = cases.start();
    second.says("waiting for 4 orders, 4 of them from before").await;
    cases.signs("case-4");
    cases.signs("case-5");
    let ended = second.ends().await;
    assert!(ended.is_well, "{ended:?}");
    assert_says(&ended.said, &["case-3: ", "kari rejected: wrong amount"]);
    let all = "case-1: signed\ncase-2: signed\ncase-3: not signed\ncase-4: signed\ncase-5: signed\n";
    assert!(ended.said.ends_with(all), "{ended:?}");
    assert_eq!(asked_for_it(), before, "its end was known");

    // Once more: all is known, and nothing is asked.
    let requests = cases.sandbox.requests().len();
    let ended = cases.start().ends().await;
    assert!(ended.is_well && ended.said.ends_with(all), "{ended:?}");
    assert_eq!(cases.sandbox.requests().len(), requests);
    for case in Cases::ALL {
        cases.sandbox.assert_created_once(case);
    }
}

#[tokio::test]
async fn an_order_whose_answer_a_kill_has_cost_is_not_made_twice() {
    let cases = Cases::new().await;
    cases.sandbox.inject(Fault::stall_after_processing().on("createOrder").nth(3));
    let mut first = cases.start();
    first.says("case-2: ordered").await;
    // The third order is there, and its answer does not come.
    while cases.sandbox.orders().len() < 3 {
        yield_now().await;
    }
    first.dies();
    assert_eq!(cases.known()["case-3"], "creating");

    let mut second = cases.start();
    second.says("waiting for 4 orders, 2 of them from before").await;
    for case in ["case-1", "case-2", "case-4", "case-5"] {
        cases.signs(case);
    }
    let ended = second.ends().await;
    assert!(!ended.is_well, "{ended:?}");
    assert!(ended.complains.starts_with("error: case-3 may have its order or not"), "{ended:?}");
    assert_eq!(ended.complains.lines().count(), 1, "{ended:?}");
    assert_says(&ended.said, &["case-1: signed", "case-2: signed", "case-4: signed", "case-5: signed"]);
    for case in Cases::ALL {
        cases.sandbox.assert_created_once(case);
    }
}

#[tokio::test]
async fn a_file_of_waits_that_is_none_is_told() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("broken.json"), "{").unwrap();
    for (file, words) in
        [("broken.json", "broken.json can't be read"), ("no/w.json", "no/w.json can't be written")]
    {
        let mut command = example_of("wait_for_many");
        command.args(["--file", file]).current_dir(&folder);
        assert_fails(&run(command).await, words);
    }
    // What can't be written leaves what was there.
    fs::create_dir(folder.path().join("waits.new")).unwrap();
    fs::write(folder.path().join("waits.json"), "{}").unwrap();
    let mut command = example_of("wait_for_many");
    command.args(["--file", "waits.json"]).current_dir(&folder);
    assert_fails(&run(command).await, "waits.json can't be written");
    assert_eq!(fs::read_to_string(folder.path().join("waits.json")).unwrap(), "{}");

    // A service that is named by half is not taken for none.
    let mut command = example_of("wait_for_many");
    command.current_dir(&folder).env("SIGNICAT_BASE_URL", "https://sign.example.com");
    assert_fails(&run(command).await, "SIGNICAT_CLIENT_ID is not set");
}

/// An example under way, whose lines are read as they come. It ends with the test, however that ends.
struct Running {
    process: Child,
    lines: UnboundedReceiver<String>,
    said: String,
}

/// How it has ended.
#[derive(Debug)]
struct Ended {
    is_well: bool,
    said: String,
    complains: String,
}

impl Running {
    fn start(mut command: Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let out = BufReader::new(process.stdout.take().unwrap());
        let (tell, lines) = unbounded_channel();
        thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                // Nobody may be listening any more.
                _ = tell.send(line);
            }
        });
        Self { process, lines, said: String::new() }
    }

    /// The next line with these words in it.
    async fn says(&mut self, words: &str) -> String {
        while let Some(line) = self.lines.recv().await {
            self.said += &format!("{line}\n");
            if line.contains(words) {
                return line;
            }
        }
        let complains = self.complains();
        panic!("it ended before it said {words:?}:\n{}{complains}", self.said);
    }

    fn complains(&mut self) -> String {
        let mut complains = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut complains).unwrap();
        complains
    }

    async fn ends(mut self) -> Ended {
        while let Some(line) = self.lines.recv().await {
            self.said += &format!("{line}\n");
        }
        // Its stdout is closed: it is at its end.
        let complains = self.complains();
        let is_well = self.process.wait().unwrap().success();
        Ended { is_well, said: std::mem::take(&mut self.said), complains }
    }

    fn dies(mut self) {
        assert!(self.process.try_wait().unwrap().is_none(), "it has ended by itself: {}", self.said);
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    #[cfg(unix)]
    async fn ends_at_ctrl_c(self) -> bool {
        let sent = Command::new("kill").arg("-INT").arg(self.process.id().to_string()).status().unwrap();
        sent.success() && self.ends().await.is_well
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}
