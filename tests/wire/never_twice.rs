//! Nothing is created twice, wherever the connection is cut, and what is said of a create that failed is true.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use signicat_sign::{Client, DocumentId, Error, NewOrder, Outcome, Signer, Upload};
use tempfile::{TempDir, tempdir};
use tokio::io::{AsyncWriteExt, DuplexStream};

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
        connection.next_request().await?;
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
        connection.next_request().await?;
        connection.say(answer("201 Created", &[JSON, LAST], DONE)).await;
        return Some(());
    };
    match cut {
        Cut::Request(bytes) => connection.arrived(bytes).await?,
        Cut::Answer(answer, bytes) => {
            connection.next_request().await?;
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
        let client = service.builder(&tokens).runtime(Arc::new(VirtualTime::default())).build().unwrap();
        Self { what, used_before, plan, service, tokens, client, folder: tempdir().unwrap(), said: Vec::new() }
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

    /// Compares what was said with what arrived, when nothing more can arrive. An answer of such a status proves
    /// that the request before it was not processed.
    async fn judge(self) -> Tally {
        assert_eq!(self.tokens.count(), 1);
        drop(self.client);
        self.service.at_rest().await;
        let mut arrived: HashMap<String, usize> = HashMap::new();
        for request in self.service.received() {
            if let Some(reference) = reference_in(&request.body) {
                *arrived.entry(reference).or_default() += 1;
            }
        }
        let mut tally = Tally::default();
        for (reference, plan, said) in &self.said {
            let whole = arrived.get(reference).copied().unwrap_or_default();
            tally.add(*said);
            check(*said, whole, &format!("{:?}, {plan:?}", self.what));
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

/// Cuts the answer at every byte: each attempt, or the first alone.
async fn cut_answers(what: Create, used_before: bool) {
    let mut sweep = Sweep::start(what, used_before).await;
    sweep.length().await;
    for status in ["201 Created", "503 Service Unavailable"] {
        let answer = answer(status, &[JSON], DONE);
        let head = answer.len() - DONE.len();
        for end in ENDS {
            for times in [1, usize::MAX] {
                for bytes in 0..=answer.len() {
                    let said = sweep.create(Cut::Answer(answer.clone(), bytes), end, times).await;
                    let case = format!("{what:?}, {status} cut after {bytes} of {head} + body, {end:?}");
                    let expected = match status {
                        "201 Created" if bytes == answer.len() => Ok(()),
                        "201 Created" if bytes >= head => Err(Outcome::Accepted),
                        _ => Err(Outcome::Unknown),
                    };
                    // A reset may take back what was said before it.
                    assert!(said == expected || said == Err(Outcome::Unknown) && end == End::Reset, "{case}: {said:?}");
                }
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
