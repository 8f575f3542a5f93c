//! Nothing is created twice, wherever the connection is cut, and what is said of a create that failed is true.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use signicat_sign::{Client, DocumentId, Error, NewOrder, Outcome, Signer, Upload};
use tempfile::{TempDir, tempdir};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use crate::guarded;
use crate::support::virtual_time::VirtualTime;
use crate::support::wire::{Connection, Wire, answer, settle, token};

/// An answer that every operation here can read.
const DONE: &str = r#"{"id":"0102","tasks":[{"id":"kari"}],"documentId":"0101"}"#;
const JSON: (&str, &str) = ("content-type", "application/json");
const LAST: (&str, &str) = ("connection", "close");

/// The ways to create something.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Create {
    Order,
    FromBytes,
    FromPath,
}

impl Create {
    /// The reference is somewhere in the request's body.
    async fn send(self, client: &Client, reference: &str, folder: &Path) -> Result<(), Error> {
        let content = format!("%PDF-1.7 {reference} and some more of it");
        let upload = match self {
            Self::Order => return client.orders().create(new_order(reference)).await.map(drop),
            Self::FromBytes => Upload::from_bytes(content).unwrap(),
            Self::FromPath => {
                let path = folder.join("document.pdf");
                std::fs::write(&path, content).unwrap();
                Upload::from_path(&path).await.unwrap()
            }
        };
        client.documents().upload(upload).await.map(drop)
    }
}

fn new_order(reference: &str) -> NewOrder {
    let pdf: DocumentId = "0101".parse().unwrap();
    NewOrder::builder()
        .client_reference(reference)
        .document("loan", &pdf, "Loan")
        .signer(Signer::new("kari").handwritten())
        .build()
        .unwrap()
}

/// Pauses cost nothing, and retries are as many as a call may make.
fn client_of(service: &Wire, tokens: &Wire) -> Client {
    let builder = service.builder(tokens).runtime(Arc::new(VirtualTime::default()));
    builder.retry_budget(None).build().unwrap()
}

/// Where the server ends the connection.
#[derive(Clone, Debug)]
enum Cut {
    /// When so many bytes of the request have been read.
    Request(usize),
    /// When the request has been read whole and so many bytes of that answer have been written.
    Answer(Vec<u8>, usize),
}

/// How the server ends the connection.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Reset,
    Close,
}

const ENDS: [End; 2] = [End::Reset, End::Close];

/// What the server does with the connections to come.
#[derive(Clone, Debug)]
struct Plan {
    cut: Cut,
    end: End,
    /// How many creates are cut; later ones are answered well.
    times: usize,
    /// Whether the next connection serves another call before.
    used_before: bool,
}

async fn serve(mut connection: Connection, plan: Arc<Mutex<Plan>>) -> Option<()> {
    if std::mem::take(&mut plan.lock().unwrap().used_before) {
        connection.request().await?;
        connection.say(answer("200 OK", &[JSON], DONE)).await;
        // So that it is this connection that the create goes by, and the cut is one in its request.
        connection.arrived(1).await?;
    }
    let cut = {
        let mut plan = plan.lock().unwrap();
        let is_cut = plan.times > 0;
        plan.times = plan.times.saturating_sub(1);
        is_cut.then(|| (plan.cut.clone(), plan.end))
    };
    let Some((cut, end)) = cut else {
        connection.request().await?;
        connection.say(answer("201 Created", &[JSON, LAST], DONE)).await;
        return Some(());
    };
    match cut {
        Cut::Request(bytes) => connection.arrived(bytes).await?,
        Cut::Answer(answer, bytes) => {
            connection.request().await?;
            connection.say(&answer[..bytes]).await;
        }
    }
    match end {
        End::Reset => connection.break_off(),
        End::Close => connection.hang_up().await,
    }
    Some(())
}

/// What became of a create, as the client says it.
type Said = Result<(), Outcome>;

/// A server that cuts, a client of it, and what the client said of each create.
struct Sweep {
    what: Create,
    /// Whether the connection served another call before the create that is cut.
    used_before: bool,
    plan: Arc<Mutex<Plan>>,
    service: Wire,
    tokens: Wire,
    client: Client,
    folder: TempDir,
    said: Vec<(String, Plan, Said)>,
}

impl Sweep {
    async fn start(what: Create, used_before: bool) -> Self {
        let plan = Plan { cut: Cut::Request(0), end: End::Close, times: 0, used_before: false };
        let plan = Arc::new(Mutex::new(plan));
        let shared = plan.clone();
        let service = Wire::start(move |connection| {
            let plan = shared.clone();
            async move {
                serve(connection, plan).await;
            }
        })
        .await;
        // One for all, so that each cut is of a create and nothing else.
        let tokens = Wire::answering(|_| token("t", 86_400)).await;
        let client = client_of(&service, &tokens);
        Self {
            what,
            used_before,
            plan,
            service,
            tokens,
            client,
            folder: tempdir().unwrap(),
            said: Vec::new(),
        }
    }

    /// The length of the request, from one that is not cut.
    async fn length(&mut self) -> usize {
        self.create(Cut::Request(0), End::Close, 0).await.unwrap();
        let request = self.service.received().pop().unwrap();
        request.head.len() + request.body.len()
    }

    /// One create that is cut so and so often.
    async fn create(&mut self, cut: Cut, end: End, times: usize) -> Said {
        let plan = Plan { cut, end, times, used_before: self.used_before };
        *self.plan.lock().unwrap() = plan.clone();
        let connections = self.service.connections();
        if self.used_before {
            self.client.orders().get(&"0102".parse().unwrap()).await.unwrap();
            // Until the connection is back among the idle ones.
            settle().await;
        }
        // Of one length, so that the requests are.
        let reference = format!("create-{:05}-", self.said.len());
        let result = self.what.send(&self.client, &reference, self.folder.path()).await;
        settle().await;
        let tried = result.as_ref().map_or_else(Error::attempts, |()| 1) as usize;
        assert!(self.service.connections() - connections >= tried, "{plan:?}: one connection an attempt");
        let said = result.map_err(|error| error.outcome());
        self.said.push((reference, plan, said));
        said
    }

    /// What was said of each create, with how often it arrived, when nothing more can arrive.
    async fn end(self) -> Vec<(Plan, Said, usize)> {
        drop(self.client);
        self.service.at_rest().await;
        let mut arrived: HashMap<String, usize> = HashMap::new();
        for request in self.service.received() {
            if let Some(reference) = reference_in(&request.body) {
                *arrived.entry(reference).or_default() += 1;
            }
        }
        let said = self.said.into_iter();
        said.map(|(reference, plan, said)| (plan, said, arrived.get(&reference).copied().unwrap_or(0)))
            .collect()
    }

    /// Compares what was said with what arrived.
    async fn judge(self) -> Tally {
        assert_eq!(self.tokens.count(), 1);
        let what = self.what;
        let mut tally = Tally::default();
        for (plan, said, whole) in self.end().await {
            tally.add(said);
            check(said, whole, &format!("{what:?}, {plan:?}"));
        }
        tally
    }
}

/// The reference in a create's body.
fn reference_in(body: &[u8]) -> Option<String> {
    let start = body.windows(7).position(|window| window == b"create-")?;
    Some(String::from_utf8(body[start..start + 13].to_vec()).unwrap())
}

/// What a create that arrived whole so often may be called.
fn check(said: Said, whole: usize, case: &str) {
    match said {
        Ok(()) | Err(Outcome::Accepted) => assert_eq!(whole, 1, "{said:?}: {case}"),
        Err(Outcome::NotSent) => assert_eq!(whole, 0, "{said:?}: {case}"),
        Err(Outcome::Unknown) => assert!(whole <= 1, "{said:?}, arrived {whole} times: {case}"),
        Err(_) => panic!("{said:?}: {case}"),
    }
}

/// How often the client said what.
#[derive(Debug, Default)]
struct Tally {
    ok: usize,
    not_sent: usize,
    unknown: usize,
    accepted: usize,
}

impl Tally {
    fn add(&mut self, said: Said) {
        match said {
            Ok(()) => self.ok += 1,
            Err(Outcome::NotSent) => self.not_sent += 1,
            Err(Outcome::Unknown) => self.unknown += 1,
            Err(Outcome::Accepted) => self.accepted += 1,
            Err(other) => panic!("{other:?}"),
        }
    }

    fn cuts(&self) -> usize {
        self.ok + self.not_sent + self.unknown + self.accepted
    }
}

/// Cuts the request at every byte: each attempt, or the first alone.
async fn cut_requests(what: Create, used_before: bool) {
    let mut sweep = Sweep::start(what, used_before).await;
    let length = sweep.length().await;
    for end in ENDS {
        for times in [1, usize::MAX] {
            for bytes in 0..=length {
                let said = sweep.create(Cut::Request(bytes), end, times).await;
                if times > 1 || bytes == length {
                    assert!(said.is_err(), "{what:?} cut after {bytes} bytes, {end:?}");
                }
                if bytes == length {
                    assert_eq!(said, Err(Outcome::Unknown), "{what:?} that arrived whole, {end:?}");
                }
            }
        }
    }
    let tally = sweep.judge().await;
    eprintln!("{what:?}, on a used connection: {used_before}, {length} bytes: {tally:?}");
    assert!(tally.cuts() > 4 * length);
}

/// Cuts the answer at every byte. An attempt after it would be answered well, and count.
async fn cut_answers(what: Create, used_before: bool) {
    let mut sweep = Sweep::start(what, used_before).await;
    sweep.length().await;
    for status in ["201 Created", "503 Service Unavailable"] {
        let answer = answer(status, &[JSON], DONE);
        let head = answer.len() - DONE.len();
        for end in ENDS {
            for bytes in 0..=answer.len() {
                let said = sweep.create(Cut::Answer(answer.clone(), bytes), end, 1).await;
                let case = format!("{what:?}, {status} cut after {bytes} of {head} + body, {end:?}");
                let expected = match status {
                    "201 Created" if bytes == answer.len() => Ok(()),
                    "201 Created" if bytes >= head => Err(Outcome::Accepted),
                    _ => Err(Outcome::Unknown),
                };
                // A reset may take back what was said before it.
                assert!(
                    said == expected || said == Err(Outcome::Unknown) && end == End::Reset,
                    "{case}: {said:?}"
                );
            }
        }
    }
    let tally = sweep.judge().await;
    eprintln!("{what:?}, on a used connection: {used_before}, answers: {tally:?}");
}

#[tokio::test]
async fn an_order_whose_request_is_cut_anywhere_arrives_once_at_most() {
    guarded(cut_requests(Create::Order, false)).await;
}

#[tokio::test]
async fn a_document_from_memory_whose_request_is_cut_anywhere_arrives_once_at_most() {
    guarded(cut_requests(Create::FromBytes, false)).await;
}

#[tokio::test]
async fn a_document_from_a_file_whose_request_is_cut_anywhere_arrives_once_at_most() {
    guarded(cut_requests(Create::FromPath, false)).await;
}

#[tokio::test]
async fn a_create_on_a_used_connection_that_is_cut_anywhere_arrives_once_at_most() {
    for what in [Create::Order, Create::FromBytes, Create::FromPath] {
        guarded(cut_requests(what, true)).await;
    }
}

#[tokio::test]
async fn a_create_whose_answer_is_cut_anywhere_is_not_sent_again() {
    for what in [Create::Order, Create::FromBytes, Create::FromPath] {
        guarded(cut_answers(what, false)).await;
        guarded(cut_answers(what, true)).await;
    }
}

/// A create that is answered 429 or 401 was not processed, and is sent again; but only where that was read.
#[tokio::test]
async fn an_answer_that_proves_it_lets_a_create_go_again_once_it_is_read() {
    guarded(async {
        for status in ["429 Too Many Requests", "401 Unauthorized"] {
            let answer = answer(status, &[JSON], "{}");
            let head = answer.len() - 2;
            let mut sweep = Sweep::start(Create::Order, false).await;
            for end in ENDS {
                for bytes in 0..=answer.len() {
                    _ = sweep.create(Cut::Answer(answer.clone(), bytes), end, 1).await;
                }
            }
            for (plan, said, whole) in sweep.end().await {
                let Cut::Answer(_, bytes) = plan.cut else { unreachable!() };
                let case =
                    format!("{status} cut after {bytes} of {head} + 2 bytes, {:?}: {said:?}", plan.end);
                match said {
                    Ok(()) => assert!(whole == 2 && bytes >= head, "{case}, arrived {whole} times"),
                    Err(Outcome::Unknown) => {
                        assert!(bytes < head || plan.end == End::Reset, "{case}");
                        assert_eq!(whole, 1, "{case}");
                    }
                    Err(_) => panic!("{case}"),
                }
            }
        }
    })
    .await;
}

/// How far a body goes that is in step with the server.
#[derive(Clone, Copy, Debug)]
struct Step {
    with_length: bool,
    /// How many bytes are handed over, and whether the end is after them.
    bytes: usize,
    says_end: bool,
    end: End,
}

const CONTENT: &[u8] = b"%PDF-1.7 byte by byte";

/// A body in step with the server, which gives it out byte by byte: so it is known what was handed over when
/// the connection ends, and what is said has to be exact.
#[tokio::test]
async fn a_body_that_is_cut_is_not_sent_up_to_its_last_byte() {
    let plan = Arc::new(Mutex::new(None::<(Step, DuplexStream)>));
    let shared = plan.clone();
    guarded(async {
        let service = Wire::start(move |connection| {
            let plan = shared.clone();
            async move {
                let (step, mut source) = plan.lock().unwrap().take().unwrap();
                take_steps(connection, step, &mut source).await;
                // Not dropped before the client is at its end: its own end is the body's.
                _ = source.read(&mut [0]).await;
            }
        })
        .await;
        let tokens = Wire::answering(|_| token("t", 86_400)).await;
        let client = client_of(&service, &tokens);
        let mut cuts = 0;
        for with_length in [true, false] {
            for end in ENDS {
                // The end of the body is a step of its own.
                let steps = (0..=CONTENT.len()).map(|bytes| (bytes, false));
                for (bytes, says_end) in steps.chain([(CONTENT.len(), true)]) {
                    let step = Step { with_length, bytes, says_end, end };
                    let (reader, source) = tokio::io::duplex(1);
                    *plan.lock().unwrap() = Some((step, source));
                    let upload = Upload::from_reader(reader, with_length.then_some(CONTENT.len() as u64));
                    let whole_before = service.count();
                    let error = client.documents().upload(upload).await.unwrap_err();
                    settle().await;
                    let whole = service.count() - whole_before;
                    let expected = if says_end { Outcome::Unknown } else { Outcome::NotSent };
                    let said = (error.outcome(), error.attempts(), whole);
                    assert_eq!(said, (expected, 1, usize::from(says_end)), "{step:?}");
                    cuts += 1;
                }
            }
        }
        drop(client);
        service.at_rest().await;
        assert_eq!(service.count(), 4, "whole with each length and each end, and no more when all is over");
        eprintln!("{cuts} cuts in step with the body");
    })
    .await;
}

async fn take_steps(mut connection: Connection, step: Step, source: &mut DuplexStream) {
    // A chunk's size and two line ends beside each byte, where the length is not told.
    let bytes_a_step = if step.with_length { 1 } else { 6 };
    let mut until = connection.head_length().await.unwrap();
    for (index, byte) in CONTENT[..step.bytes].iter().enumerate() {
        source.write_all(&[*byte]).await.unwrap();
        until += bytes_a_step;
        // The last one of a known length does not go out before it is known that there is no more.
        if !step.with_length || index + 1 < CONTENT.len() {
            connection.arrived(until).await.unwrap();
        }
    }
    if step.says_end {
        source.shutdown().await.unwrap();
        let end = if step.with_length { "" } else { "0\r\n\r\n" };
        connection.arrived(until + end.len()).await.unwrap();
    }
    match step.end {
        End::Reset => connection.break_off(),
        End::Close => connection.hang_up().await,
    }
}

/// What a server of large documents does with the uploads to come.
#[derive(Clone, Copy, Debug)]
struct LargeCut {
    after: usize,
    end: End,
    times: usize,
}

/// Takes a large document, or cuts it after so many bytes. How many arrived whole is counted, and that they are
/// as they were sent is looked at.
async fn take_large(
    mut connection: Connection,
    content: Arc<Vec<u8>>,
    plan: Arc<Mutex<LargeCut>>,
    whole: Arc<AtomicUsize>,
) -> Option<()> {
    connection.head().await?;
    let cut = {
        let mut plan = plan.lock().unwrap();
        let is_cut = plan.times > 0;
        plan.times = plan.times.saturating_sub(1);
        is_cut.then_some(*plan)
    };
    let stop = cut.map_or(content.len(), |cut| cut.after);
    let mut read = 0;
    while read < stop {
        let bytes = connection.bytes((stop - read).min(64 * 1024)).await?;
        assert!(bytes == content[read..read + bytes.len()], "the bytes are the same");
        read += bytes.len();
    }
    // All that has left the client counts, whether a server would have looked at it or not.
    match cut.map(|cut| cut.end) {
        None => connection.say(answer("201 Created", &[JSON, LAST], DONE)).await,
        Some(End::Close) => read += connection.hear_out().await,
        Some(End::Reset) => {
            read += connection.take_in();
            connection.reset();
        }
    }
    whole.fetch_add(usize::from(read == content.len()), Ordering::SeqCst);
    Some(())
}

#[tokio::test]
async fn a_large_document_that_is_cut_on_its_way_arrives_once() {
    const LENGTH: usize = 8 * 1024 * 1024;
    let filling = (0_u32..).map(|number| (number / 7) as u8);
    let content: Vec<u8> = b"%PDF-1.7 ".iter().copied().chain(filling).take(LENGTH).collect();
    let folder = tempdir().unwrap();
    let path = folder.path().join("large.pdf");
    std::fs::write(&path, &content).unwrap();
    let content = Arc::new(content);
    let plan = Arc::new(Mutex::new(LargeCut { after: 0, end: End::Close, times: 0 }));
    let whole = Arc::new(AtomicUsize::new(0));
    let (shared, count) = (plan.clone(), whole.clone());
    guarded(async {
        let service = Wire::start(move |connection| {
            let (content, plan, count) = (content.clone(), shared.clone(), count.clone());
            async move {
                take_large(connection, content, plan, count).await;
            }
        })
        .await;
        let tokens = Wire::answering(|_| token("t", 86_400)).await;
        let client = client_of(&service, &tokens);
        let mut tallies = [Tally::default(), Tally::default()];
        for (times, tally) in [1, usize::MAX].into_iter().zip(&mut tallies) {
            for end in ENDS {
                for twentieth in 0..=20 {
                    let cut = LargeCut { after: LENGTH / 20 * twentieth, end, times };
                    *plan.lock().unwrap() = cut;
                    let connections = service.connections();
                    let upload = Upload::from_path(&path).await.unwrap();
                    let said = client.documents().upload(upload).await.map(drop);
                    let said = said.map_err(|error| error.outcome());
                    // None is kept, so all that can arrive has arrived then.
                    service.at_rest().await;
                    check(said, whole.swap(0, Ordering::SeqCst), &format!("{cut:?}"));
                    tally.add(said);
                    if said == Ok(()) {
                        assert_eq!(
                            service.connections() - connections,
                            2,
                            "one that was cut, and one that was not"
                        );
                    }
                }
            }
        }
        let [first_cut, all_cut] = tallies;
        eprintln!("8 MiB, the first attempt cut: {first_cut:?}; each attempt cut: {all_cut:?}");
        // Where the cut is early the client is surely still sending, and goes on.
        assert!(first_cut.ok >= 4 && all_cut.not_sent >= 4, "{first_cut:?}, {all_cut:?}");
    })
    .await;
}

/// Chance that is the same each time: Knuth's linear congruential generator.
fn chance(state: &AtomicU64) -> u64 {
    let next =
        |state: u64| state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    next(state.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |state| Some(next(state))).unwrap()) >> 33
}

async fn yield_times(times: u64) {
    for _ in 0..times {
        tokio::task::yield_now().await;
    }
}

/// The longest that a connection is idle, in turns of its task: of the order of what a create takes.
const PATIENCE: u64 = 2000;

/// After so long a request is lost: where a connection ends while one is put into its queue, tokio's channel keeps it
/// until its sender is gone, and hyper's sender is with whoever waits for the answer. Only the attempt's limit ends
/// that, and virtual time has to be told to pass. It is seen once in some 50,000 creates, on a busy machine.
const LOST: Duration = Duration::from_secs(5);

/// A server that ends its idle connections at any moment around the next create.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_ends_while_it_is_taken_up_creates_nothing_twice() {
    const RACES: usize = 1000;
    guarded(async {
        let state = Arc::new(AtomicU64::new(20_260_101));
        let chances = state.clone();
        let service = Wire::start(move |mut connection| {
            let state = chances.clone();
            async move {
                let end = ENDS[connection.number % 2];
                let mut patience = None;
                loop {
                    let tired = async {
                        match patience {
                            None => std::future::pending().await,
                            Some(turns) => yield_times(turns).await,
                        }
                    };
                    let request = tokio::select! {
                        biased;
                        request = connection.request() => request,
                        () = tired => break,
                    };
                    if request.is_none() {
                        return;
                    }
                    connection.say(answer("201 Created", &[JSON], DONE)).await;
                    patience = Some(chance(&state) % PATIENCE);
                }
                match end {
                    End::Reset => connection.break_off(),
                    End::Close => connection.hang_up().await,
                }
            }
        })
        .await;
        let tokens = Wire::answering(|_| token("t", 86_400)).await;
        let time = VirtualTime::default();
        let builder = service.builder(&tokens).runtime(Arc::new(time.clone()));
        let client = builder.retry_budget(None).build().unwrap();
        let mut said = Vec::new();
        for number in 0..RACES {
            let orders = client.orders();
            let mut create = std::pin::pin!(orders.create(new_order(&format!("create-{number:05}-"))));
            let result = match tokio::time::timeout(LOST, &mut create).await {
                Ok(result) => result,
                Err(_) => {
                    time.advance(Duration::from_secs(60));
                    create.await
                }
            };
            said.push(result.map(drop).map_err(|error| error.outcome()));
            yield_times(chance(&state) % PATIENCE).await;
        }
        drop(client);
        service.at_rest().await;
        let mut arrived = vec![0; RACES];
        for request in service.received() {
            let reference = reference_in(&request.body).unwrap();
            arrived[reference[7..12].parse::<usize>().unwrap()] += 1;
        }
        let mut tally = Tally::default();
        for (number, (said, whole)) in said.into_iter().zip(arrived).enumerate() {
            tally.add(said);
            check(said, whole, &format!("create {number}"));
        }
        eprintln!("{RACES} races on {} connections: {tally:?}", service.connections());
        // Neither always too early nor always too late.
        assert!(tally.ok > 0 && service.connections() > RACES / 50);
    })
    .await;
}
