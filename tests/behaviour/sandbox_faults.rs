//! Faults that are injected into the sandbox: what the client says of each, and what the sandbox has done.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::json;
use signicat_sign::sandbox::{Fault, FaultRule, Recorded, Sandbox};
use signicat_sign::{
    BoxFuture, Client, Error, ErrorKind, NewOrder, Order, Outcome, RetryPolicy, Runtime, Signer, Upload,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Handle;

use super::sandbox::{in_virtual_time, order_of_two, upload};
use crate::support::virtual_time::VirtualTime;
use crate::support::wire::settle;

fn client_in(time: &VirtualTime, sandbox: &Sandbox) -> Client {
    sandbox.client_builder().runtime(Arc::new(time.clone())).build().unwrap()
}

/// An order whose document has been uploaded.
async fn new_order(client: &Client) -> NewOrder {
    let pdf = upload(client).await;
    let order = NewOrder::builder().document("loan", &pdf, "Loan agreement");
    order.signer(Signer::new("kari").signed_statement("nbid-sign")).build().unwrap()
}

/// The requests for this operation: status and fault.
fn requests(sandbox: &Sandbox, operation_id: &str) -> Vec<(u16, Option<&'static str>)> {
    let requests = sandbox.requests().into_iter();
    let of_it = requests.filter(|request| request.operation_id.as_deref() == Some(operation_id));
    of_it.map(|Recorded { status, fault, .. }| (status, fault)).collect()
}

/// Lets time pass as soon as the sandbox has met so many faults, and not before: longer than an attempt may take.
async fn give_up_after(sandbox: &Sandbox, faults: usize, time: &VirtualTime) {
    while sandbox.requests().iter().filter(|request| request.fault.is_some()).count() < faults {
        tokio::task::yield_now().await;
    }
    settle().await;
    time.advance(Duration::from_secs(31));
}

/// A create in the presence of a fault: the failure, and how many orders there are.
async fn create_meets(fault: Fault) -> (Error, usize, Vec<(u16, Option<&'static str>)>) {
    let (sandbox, time) = (Sandbox::start().await.unwrap(), VirtualTime::default());
    let client = client_in(&time, &sandbox);
    let order = new_order(&client).await;
    sandbox.inject(fault.on("createOrder"));
    let orders = client.orders();
    let silent = async {
        give_up_after(&sandbox, 1, &time).await;
        std::future::pending().await
    };
    let error = tokio::select! {
        created = orders.create(order) => created.unwrap_err(),
        () = silent => unreachable!(),
    };
    let met = requests(&sandbox, "createOrder");
    (error, sandbox.orders().len(), met)
}

/// For each kind of fault: what a create ends in, whether there is an order then, and what the sandbox remembers.
#[tokio::test]
async fn a_create_meets_each_fault_and_is_never_done_twice() {
    use ErrorKind::{Decode, Forbidden, Network, Redirect, Server, Timeout};
    use Outcome::{Accepted, Rejected, Unknown};
    let elsewhere = "https://elsewhere.example/orders";
    let cases = [
        (Fault::status(403), Forbidden, Rejected, 0, 403, "status"),
        (Fault::status(503).retry_after(2), Server, Unknown, 0, 503, "status"),
        (Fault::status(200), Decode, Accepted, 0, 200, "status"),
        (Fault::html(502), Server, Unknown, 0, 502, "html"),
        (Fault::html(200), Decode, Accepted, 0, 200, "html"),
        (Fault::redirect(307, elsewhere), Redirect, Unknown, 0, 307, "redirect"),
        (Fault::truncated(), Decode, Accepted, 1, 201, "truncated"),
        (Fault::cut_before_processing(), Network, Unknown, 0, 0, "cut_before_processing"),
        (Fault::cut_after_processing(), Network, Unknown, 1, 0, "cut_after_processing"),
        (Fault::cut_in_answer(), Network, Accepted, 1, 201, "cut_in_answer"),
        (Fault::stall_before_processing(), Timeout, Unknown, 0, 0, "stall_before_processing"),
        (Fault::stall_after_processing(), Timeout, Unknown, 1, 0, "stall_after_processing"),
    ];
    for (fault, kind, outcome, orders, status, name) in cases {
        let (error, made, met) = create_meets(fault.clone()).await;
        assert_eq!(
            (error.kind(), error.outcome(), error.attempts()),
            (kind, outcome, 1),
            "{fault:?}: {error:?}"
        );
        assert_eq!(made, orders, "{fault:?}");
        // Any success will do: which one it is says the contract.
        let success = |status: u16| if status / 100 == 2 { 200 } else { status };
        let met: Vec<_> = met.into_iter().map(|(status, fault)| (success(status), fault)).collect();
        assert_eq!(met, [(success(status), Some(name))], "{fault:?}");
    }
}

#[tokio::test]
async fn a_create_that_is_told_to_come_again_later_is_done_once() {
    let time = VirtualTime::default();
    for (fault, pause) in [
        (Fault::status(429).retry_after(2), 2),
        (Fault::status(429).retry_after_date(time.wall_clock() + Duration::from_secs(7)), 7),
    ] {
        let (sandbox, time) = (Sandbox::start().await.unwrap(), VirtualTime::default());
        let client = client_in(&time, &sandbox);
        let order = new_order(&client).await;
        sandbox.inject(fault.on("createOrder").first(1));
        client.orders().create(order).await.unwrap();
        assert_eq!(time.pauses(), [Duration::from_secs(pause)]);
        assert_eq!(sandbox.orders().len(), 1);
        let met = requests(&sandbox, "createOrder");
        assert_eq!((met.len(), met[0], met[1].1), (2, (429, Some("status")), None));
    }
}

#[tokio::test]
async fn a_token_that_runs_out_is_replaced_once_and_is_of_no_more_use() {
    let sandbox = Sandbox::start().await.unwrap();
    let (client, other) = (in_virtual_time(&sandbox), in_virtual_time(&sandbox));
    let order = new_order(&client).await;
    let same_credentials = new_order(&other).await;
    sandbox.inject(Fault::expired_token().on("createOrder").nth(1));
    client.orders().create(order).await.unwrap();
    let met = requests(&sandbox, "createOrder");
    assert_eq!((met.len(), met[0]), (2, (401, Some("expired_token"))));
    assert_eq!((met[1].0 / 100, met[1].1), (2, None));
    // The other's token is another one: it still holds.
    other.orders().create(same_credentials).await.unwrap();
    assert_eq!((requests(&sandbox, "createOrder").len(), sandbox.orders().len()), (3, 2));
    let tokens = sandbox.requests().iter().filter(|request| request.operation_id.is_none()).count();
    assert_eq!(tokens, 3, "one for each, and the new one");
}

#[tokio::test]
async fn a_token_that_ran_out_by_a_fault_is_refused_from_then_on() {
    let sandbox = Sandbox::start().await.unwrap();
    let form = format!(
        "grant_type=client_credentials&scope={}&client_id={}&client_secret={}",
        sandbox.env().find(|(name, _)| *name == "SIGNICAT_SCOPE").unwrap().1,
        sandbox.client_id(),
        sandbox.client_secret(),
    );
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let form_type = ("content-type", "application/x-www-form-urlencoded");
    let answer =
        http.post(sandbox.token_url()).header(form_type.0, form_type.1).body(form).send().await.unwrap();
    let token =
        answer.json::<serde_json::Value>().await.unwrap()["access_token"].as_str().unwrap().to_owned();
    let status = async || {
        let url = format!("{}/orders/1", sandbox.base_url());
        http.get(url).bearer_auth(&token).send().await.unwrap().status().as_u16()
    };
    assert_eq!(status().await, 404);
    sandbox.inject(Fault::expired_token().on("getOrder").nth(1));
    assert_eq!((status().await, status().await), (401, 401));
    assert_eq!(requests(&sandbox, "getOrder"), [(404, None), (401, Some("expired_token")), (401, None)]);
}

#[tokio::test]
async fn a_read_gets_over_a_few_faults() {
    let (sandbox, time) = (Sandbox::start().await.unwrap(), VirtualTime::default());
    let client = client_in(&time, &sandbox);
    let order = order_of_two(&client).await;
    let address = format!("{}/orders/{}", sandbox.base_url(), order.id());
    for fault in [
        Fault::status(503).retry_after(2),
        Fault::html(502),
        Fault::cut_before_processing(),
        Fault::cut_after_processing(),
        Fault::cut_in_answer(),
        Fault::expired_token(),
        Fault::redirect(307, &address),
    ] {
        sandbox.inject(fault.clone().on("getOrder").nth(1));
        let read = client.orders().get(order.id()).await.unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        assert_eq!(read.id(), order.id());
        let met = requests(&sandbox, "getOrder");
        assert!(met[met.len() - 2].1.is_some() && met[met.len() - 1].1.is_none(), "{fault:?}: {met:?}");
        sandbox.clear_faults();
    }
    assert_eq!(time.pauses()[0], Duration::from_secs(2));

    sandbox.inject(Fault::status(503).on("getOrder"));
    let error = client.orders().get(order.id()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts(), error.status().unwrap().as_u16()),
        (ErrorKind::Server, 3, 503)
    );
    assert!(error.trace_id().is_some(), "it is answered as a gateway answers");
    sandbox.clear_faults();
    client.orders().get(order.id()).await.unwrap();
}

#[tokio::test]
async fn an_answer_of_ones_own_arrives_as_it_was_given() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = in_virtual_time(&sandbox);
    let problem = json!({ "violations": [{ "propertyPath": "tasks[0].id", "message": "no" }] }).to_string();
    let fault =
        Fault::status(422).body("application/json", problem).header("x-why", "1").header("x-why", "2");
    sandbox.inject(fault.on("getOrder"));
    let error = client.orders().get(&"1".parse().unwrap()).await.unwrap_err();
    assert_eq!((error.kind(), error.violations()[0].property_path()), (ErrorKind::Validation, "tasks[0].id"));

    let url = format!("{}/orders/1", sandbox.base_url());
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = http.get(url).send().await.unwrap();
    let values: Vec<_> = answer.headers().get_all("x-why").iter().collect();
    assert_eq!(values, ["1", "2"]);
    assert_eq!(answer.headers()["content-type"], "application/json");
}

#[tokio::test]
async fn a_header_of_a_fault_takes_the_place_of_the_answers_own() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.inject(Fault::status(503).header("content-type", "text/plain").on("getOrder"));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = http.get(format!("{}/orders/1", sandbox.base_url())).send().await.unwrap();
    assert_eq!(answer.headers().get_all("content-type").iter().collect::<Vec<_>>(), ["text/plain"]);
}

#[tokio::test]
async fn documents_meet_faults_on_both_ways() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = in_virtual_time(&sandbox);
    let document = [&b"%PDF-1.7 "[..], &vec![b'x'; 3 << 20]].concat();
    let pdf = || Upload::from_bytes(document.clone()).unwrap();
    let id = client.documents().upload(pdf()).await.unwrap();
    let outcome = |error: Error| (error.kind(), error.outcome(), error.attempts());

    sandbox.inject(Fault::cut_in_answer().on("getDocument"));
    let error = client.documents().download(&id).bytes(10 << 20).await.unwrap_err();
    assert_eq!(outcome(error), (ErrorKind::Network, Outcome::Accepted, 1));
    sandbox.inject(Fault::cut_after_processing().on("deleteDocument").nth(1));
    client.documents().delete(&id).await.unwrap();
    // Done at the first attempt, whose answer was lost; the second finds nothing.
    let met = requests(&sandbox, "deleteDocument");
    assert_eq!(met, [(0, Some("cut_after_processing")), (404, None)]);

    sandbox.inject(Fault::cut_before_processing().on("uploadDocument"));
    let error = client.documents().upload(pdf()).await.unwrap_err();
    assert_eq!(outcome(error), (ErrorKind::Network, Outcome::Unknown, 1));
}

#[tokio::test]
async fn a_slow_answer_comes_piece_by_piece() {
    let pauses = VirtualTime::default();
    let sandbox = Sandbox::builder().runtime(Arc::new(pauses.clone())).start().await.unwrap();
    let client = in_virtual_time(&sandbox);
    let document = [&b"%PDF-1.7 "[..], &[b'x'; 1000]].concat();
    let id = client.documents().upload(Upload::from_bytes(document.clone()).unwrap()).await.unwrap();
    sandbox.inject(Fault::slow(100, Duration::from_secs(3)).on("getDocument"));
    assert_eq!(client.documents().download(&id).bytes(1 << 20).await.unwrap(), document);
    assert_eq!(pauses.pauses(), [Duration::from_secs(3); 10]);
    assert_eq!(requests(&sandbox, "getDocument"), [(200, Some("slow"))]);
}

/// Time that passes when somebody pauses, but only after everybody has done what there was to do.
#[derive(Debug)]
struct Unhurried(VirtualTime);

impl Runtime for Unhurried {
    fn now(&self) -> Duration {
        self.0.now()
    }

    fn wall_clock(&self) -> SystemTime {
        self.0.wall_clock()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let time = self.0.clone();
        Box::pin(async move {
            settle().await;
            time.advance(duration);
        })
    }

    fn alarm(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.0.alarm(duration)
    }

    fn random(&self) -> f64 {
        self.0.random()
    }
}

/// Where client and sandbox have the same time, a long pause is one to the client too.
#[tokio::test]
async fn an_answer_that_is_too_slow_has_stalled() {
    let time = VirtualTime::default();
    let sandbox = Sandbox::builder().runtime(Arc::new(Unhurried(time.clone()))).start().await.unwrap();
    let client = client_in(&time, &sandbox);
    let order = new_order(&client).await;
    sandbox.inject(Fault::slow(10, Duration::from_secs(31)).on("createOrder"));
    let error = client.orders().create(order).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome(), error.attempts()), (ErrorKind::Timeout, Outcome::Accepted, 1));
    assert_eq!(sandbox.orders().len(), 1);
}

#[tokio::test]
async fn the_token_endpoint_has_faults_of_its_own() {
    let rule = Fault::status(503).on("token").first(1);
    let sandbox = Sandbox::builder().inject(rule).start().await.unwrap();
    upload(&in_virtual_time(&sandbox)).await;
    let met: Vec<_> = sandbox.requests().into_iter().map(|request| request.fault).collect();
    assert_eq!(met, [Some("status"), None, None], "there from the start, and once");

    sandbox.inject(Fault::html(200).on("token"));
    let error = in_virtual_time(&sandbox).orders().get(&"1".parse().unwrap()).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Auth, Outcome::NotSent));
}

/// What 200 reads in a row meet, by chance.
async fn by_chance(seed: u64) -> Vec<bool> {
    let rule = Fault::status(404).header("x-chance", "1").on_every_operation().with_probability(0.2);
    let sandbox = Sandbox::builder().seed(seed).inject(rule).start().await.unwrap();
    let client = sandbox.client().with_retry(RetryPolicy::default().attempts(1));
    for _ in 0..200 {
        client.orders().get(&"1".parse().unwrap()).await.unwrap_err();
    }
    let requests = sandbox.requests();
    requests.iter().filter(|one| one.operation_id.is_some()).map(|one| one.fault.is_some()).collect()
}

#[tokio::test]
async fn chance_repeats_with_the_sandboxs_seed() {
    let (one, same, other) = (by_chance(1).await, by_chance(1).await, by_chance(2).await);
    assert_eq!((one.len(), &one), (200, &same));
    assert_ne!(one, other);
    let share = one.iter().filter(|met| **met).count();
    assert!((20..=60).contains(&share), "{share} of 200");
}

/// A request to the token endpoint, which needs no more than this to meet a fault.
async fn ask(sandbox: &Sandbox) -> TcpStream {
    let (host, path) = sandbox.token_url().trim_start_matches("http://").split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).await.unwrap();
    let head = "host: h\r\nconnection: close\r\ncontent-length: 0";
    let request = format!("POST /{path} HTTP/1.1\r\n{head}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// A sandbox without calls has so many tasks; with these three, three more.
async fn with_three_that_wait() -> (Sandbox, Vec<TcpStream>, usize) {
    let sandbox = Sandbox::start().await.unwrap();
    settle().await;
    let idle = tasks();
    let mut streams = Vec::new();
    for fault in [
        // None of the three ends by itself.
        Fault::stall_before_processing(),
        Fault::stall_after_processing(),
        Fault::slow(1, Duration::from_secs(3600)),
    ] {
        sandbox.clear_faults();
        sandbox.inject(fault.on("token"));
        streams.push(ask(&sandbox).await);
        while sandbox.requests().len() < streams.len() {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(tasks(), idle + 3);
    (sandbox, streams, idle)
}

fn tasks() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

#[tokio::test]
async fn a_sandbox_stops_though_calls_are_stalled() {
    let (sandbox, mut streams, _) = with_three_that_wait().await;
    sandbox.stop().await;
    assert_eq!(tasks(), 0);
    let mut said = Vec::new();
    for stream in &mut streams {
        let mut text = String::new();
        // Broken or closed: either is fine.
        _ = stream.read_to_string(&mut text).await;
        said.push(text);
    }
    assert_eq!(&said[..2], ["", ""]);
}

#[tokio::test]
async fn a_client_that_gives_up_leaves_nothing_behind() {
    let (_sandbox, streams, idle) = with_three_that_wait().await;
    drop(streams);
    // Whether this ends at all is what is asked here.
    while tasks() > idle {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_cut_connection_says_not_a_byte() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.inject(Fault::cut_before_processing().on("token").nth(1));
    sandbox.inject(Fault::cut_after_processing().on("token").nth(2));
    for _ in 0..2 {
        let mut said = Vec::new();
        _ = ask(&sandbox).await.read_to_end(&mut said).await;
        assert!(said.is_empty());
    }
    let mut said = [0; 12];
    ask(&sandbox).await.read_exact(&mut said).await.unwrap();
    assert_eq!(&said, b"HTTP/1.1 400", "the third one is answered");
}

/// The head and the half, no more and no less.
#[tokio::test]
async fn an_answer_that_is_cut_announces_the_whole() {
    let sandbox = Sandbox::start().await.unwrap();
    let body = "0123456789";
    let fault = |fault: Fault| fault.body("text/plain", body).on("token").nth(1);
    let mut answers = Vec::new();
    for rule in [fault(Fault::cut_in_answer()), fault(Fault::truncated()), fault(Fault::status(200))] {
        sandbox.clear_faults();
        sandbox.inject(rule);
        let mut said = Vec::new();
        _ = ask(&sandbox).await.read_to_end(&mut said).await;
        let said = String::from_utf8(said).unwrap();
        let (head, rest) = said.split_once("\r\n\r\n").unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().to_owned();
        answers.push((length, rest.to_owned()));
    }
    let expected = [("10", "01234"), ("5", "01234"), ("10", body)];
    assert_eq!(answers, expected.map(|(length, rest)| (length.to_owned(), rest.to_owned())));
}

#[test]
fn rules_are_read_from_json() {
    let rules = FaultRule::list_from_json(
        r#"[
            { "on": "createOrder", "nth": 1, "fault": "cut_after_processing" },
            { "on": "getOrder", "first": 2, "probability": 0.5, "fault": { "status": {
                "status": 429, "retry_after": 2, "headers": { "x-a": "b" }, "media_type": "text/plain", "body": "c"
            } } },
            { "fault": { "html": { "status": 502 } } },
            { "on": "token", "from_nth": 3, "fault": { "redirect": { "status": 302, "location": "https://a.example" } } },
            { "on": "getDocument", "fault": { "slow": { "bytes": 3, "pause_ms": 20 } } },
            { "on": "notification", "fault": "duplicate" },
            { "on": "notification", "fault": "lost" }
        ]"#,
    )
    .unwrap();
    let status = Fault::status(429).header("x-a", "b").retry_after(2).body("text/plain", "c");
    let expected = [
        Fault::cut_after_processing().on("createOrder").nth(1),
        status.on("getOrder").first(2).with_probability(0.5),
        Fault::html(502).on_every_operation(),
        Fault::redirect(302, "https://a.example").on("token").from_nth(3),
        Fault::slow(3, Duration::from_millis(20)).on("getDocument"),
        Fault::duplicate().on("notification"),
        Fault::lost().on("notification"),
    ];
    assert_eq!(rules, expected);
    assert_eq!(FaultRule::list_from_json("[]").unwrap(), []);
}

/// The names in a file are those that the sandbox remembers.
#[tokio::test]
async fn a_fault_has_one_name() {
    let sandbox = Sandbox::start().await.unwrap();
    let names = ["truncated", "cut_before_processing", "cut_after_processing", "cut_in_answer"];
    for name in names {
        let rules = json!([{ "on": "token", "nth": 1, "fault": name }]).to_string();
        sandbox.clear_faults();
        FaultRule::list_from_json(&rules).unwrap().into_iter().for_each(|rule| sandbox.inject(rule));
        _ = ask(&sandbox).await.read_u8().await;
    }
    let met: Vec<_> = sandbox.requests().into_iter().filter_map(|request| request.fault).collect();
    assert_eq!(met, names);
}

#[test]
fn a_bad_rule_says_where_and_why() {
    let good = r#"{ "fault": "truncated" }"#;
    for (bad, place, why) in [
        (r#"{ "fault": "truncated", "no": 1 }"#, "[1].no: ", "unknown field `no`"),
        (r#"{ "on": "getOrder" }"#, "[1]: ", "missing field `fault`"),
        (r#"{ "fault": "breaks" }"#, "[1].fault", "unknown variant `breaks`, expected one of `status`"),
        (r#"{ "fault": { "html": {} } }"#, "[1].fault.html: ", "missing field `status`"),
        (r#"{ "fault": { "html": { "status": "x" } } }"#, "[1].fault.html.status: ", "invalid type"),
        (
            r#"{ "fault": { "slow": { "bytes": 1, "pause_ms": 1, "x": 1 } } }"#,
            "[1].fault.slow.x: ",
            "unknown field",
        ),
        (r#"{ "fault": "truncated", "on": "makeCoffee" }"#, "[1]: on: ", "\"makeCoffee\"; there are "),
        (r#"{ "fault": "truncated", "nth": 0 }"#, "[1]: nth: ", "counted from 1"),
        (r#"{ "fault": "truncated", "first": 0 }"#, "[1]: first: ", "counted from 1"),
        (r#"{ "fault": "truncated", "from_nth": 0 }"#, "[1]: from_nth: ", "counted from 1"),
        (r#"{ "fault": "truncated", "nth": 1, "first": 1 }"#, "[1]: nth, first, from_nth: ", "one of them"),
        (r#"{ "fault": "truncated", "probability": 1.01 }"#, "[1]: probability: ", "1.01 is not from 0 to 1"),
        (r#"{ "fault": "truncated", "probability": -0.1 }"#, "[1]: probability: ", "-0.1 is not from 0 to 1"),
        (r#"{ "fault": { "status": { "status": 199 } } }"#, "[1]: status: ", "199 is not from 200 to 599"),
        (r#"{ "fault": { "html": { "status": 600 } } }"#, "[1]: status: ", "600 is not from 200 to 599"),
        (
            r#"{ "fault": { "redirect": { "status": 200, "location": "/" } } }"#,
            "[1]: status: ",
            "200 is not from 300 to 399",
        ),
        (r#"{ "fault": { "slow": { "bytes": 0, "pause_ms": 1 } } }"#, "[1]: bytes: ", "at least one byte"),
        (
            r#"{ "fault": { "status": { "status": 503, "body": "x" } } }"#,
            "[1]: media_type, body: ",
            "needs the other",
        ),
        (
            r#"{ "fault": { "status": { "status": 503, "headers": { "a b": "c" } } } }"#,
            "[1]: headers: ",
            "\"a b\" is no header's name",
        ),
        (
            r#"{ "fault": { "status": { "status": 503, "headers": { "a": "\n" } } } }"#,
            "[1]: headers: ",
            "can't be sent as a",
        ),
        (
            r#"{ "fault": { "status": { "status": 503, "headers": { "Content-Length": "3" } } } }"#,
            "[1]: headers: ",
            "the sandbox's to set",
        ),
        (
            r#"{ "fault": "lost", "on": "getOrder" }"#,
            "[1]: on: ",
            "lost can only be a fault of a notification",
        ),
        (r#"{ "fault": "duplicate" }"#, "[1]: on: ", "duplicate can only be a fault of a notification"),
        (
            r#"{ "fault": "truncated", "on": "notification" }"#,
            "[1]: on: ",
            "truncated is no fault of a notification",
        ),
        (r#"{ "fault": "expired_token", "on": "token" }"#, "[1]: on: ", "bears no token"),
    ] {
        let error = FaultRule::list_from_json(&format!("[{good}, {bad}]")).unwrap_err().to_string();
        assert!(error.starts_with(&format!("the faults are not valid: {place}")), "{bad}: {error}");
        assert!(error.contains(why), "{bad}: {error}");
    }
    let unknown = FaultRule::list_from_json(r#"[{ "fault": "truncated", "on": "makeCoffee" }]"#);
    let unknown = unknown.unwrap_err().to_string();
    for known in ["createOrder", "getDocument", "token", "notification"] {
        assert!(unknown.contains(known), "{unknown}");
    }
    for broken in ["", "{}", "[", "[] []"] {
        let error = FaultRule::list_from_json(broken).unwrap_err().to_string();
        assert!(error.starts_with("the faults are not valid: ") && error.contains("line 1"), "{error}");
    }
}

#[tokio::test]
#[should_panic(expected = "the fault can't be injected: on: there is no operation \"makeCoffee\"")]
async fn a_rule_that_can_not_be_kept_is_refused_where_it_is_injected() {
    Sandbox::start().await.unwrap().inject(Fault::truncated().on("makeCoffee"));
}

#[test]
#[should_panic(expected = "the fault can't be injected: probability: NaN is not from 0 to 1")]
fn a_builder_refuses_it_too() {
    let rule = Fault::truncated().on_every_operation().with_probability(f64::NAN);
    drop(Sandbox::builder().inject(rule));
}

/// A whole flow under a rain of faults: what ends well is there once.
#[tokio::test]
async fn in_a_rain_of_faults_every_order_is_known_or_known_to_be_unknown() {
    let sandbox = Sandbox::builder().seed(11).start().await.unwrap();
    let client = sandbox.client_builder().retry_budget(None).runtime(Arc::new(VirtualTime::default()));
    let client = client.build().unwrap();
    let order = new_order(&client).await;
    for fault in [
        Fault::status(503),
        Fault::status(429).retry_after(1),
        Fault::cut_before_processing(),
        Fault::cut_after_processing(),
        Fault::truncated(),
        Fault::expired_token(),
    ] {
        sandbox.inject(fault.on("createOrder").with_probability(0.1));
    }
    let (mut known, mut unknown, mut refused) = (BTreeSet::new(), 0, 0);
    for _ in 0..100 {
        match client.orders().create(order.clone()).await {
            Ok(order) => _ = known.insert(Order::id(&order).to_string()),
            Err(error) if error.outcome() == Outcome::Rejected => refused += 1,
            Err(_) => unknown += 1,
        }
    }
    let made: BTreeSet<_> =
        sandbox.orders().iter().map(|order| order["id"].as_str().unwrap().to_owned()).collect();
    assert!(known.is_subset(&made));
    assert_eq!(known.len() + unknown + refused, 100, "no order is known twice");
    let lost = made.len() - known.len();
    assert!(lost <= unknown && lost > 0 && unknown > lost, "{lost} of {unknown} were made");
}
