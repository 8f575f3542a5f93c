//! Answers of a later release of the service: whatever the contract allows, with what nobody knows yet, with what is
//! left out, in other forms. All are read, and what is known of them is kept.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde::Serialize;
use serde_json::{Map, Value, json};
use signicat_sign::{Client, Error, ErrorKind, NewOrder, OrderId, Outcome, Signer, TaskId, Upload, types};
use tokio::task::JoinSet;

use crate::judge::Judge;
use crate::support::documented::{contract, operation, operations, success};
use crate::support::mutate::{Answers, Chance, Mutation, Told};
use crate::support::sample::{sample_with, written};
use crate::support::wire::{Wire, answer};

/// Of all chance in this file. Another one makes other answers.
const SEED: u64 = 20_260_727;

/// So many answers are read of an operation: those that are mutated in one place each, and the others by chance. An
/// order is mutated in many places and takes a while to read: of these, so many are made by chance.
const OF_EACH: usize = 1_350;
const OF_LARGE_BY_CHANCE: usize = 300;
const LARGE: usize = 2_000;

/// How many differences are shown before it is enough.
const SHOWN: usize = 20;

/// What was read of an answer.
struct Read {
    /// As it is written again.
    written: Value,
    /// What is never written.
    exposed: Vec<Option<String>>,
}

fn read(value: &impl Serialize) -> Read {
    Read { written: json!(value), exposed: Vec::new() }
}

fn read_order(order: &types::SigningOrder) -> Read {
    let urls = order.tasks.iter().map(|task| task.signing_url.as_ref().map(|url| url.expose().to_owned()));
    let artifact = order.artifact.as_ref().map(|artifact| artifact.expose().to_owned());
    let id = order.id.as_ref().map(ToString::to_string);
    Read { written: json!(order), exposed: [id, artifact].into_iter().chain(urls).collect() }
}

/// Calls an operation through its wrapper. Nothing: none is known here.
async fn call(client: &Client, operation_id: &str) -> Option<Result<Read, Error>> {
    let order: OrderId = "0102".parse().unwrap();
    let task: TaskId = "kari".parse().unwrap();
    let (orders, tasks, packaging) = (client.orders(), client.tasks(&order), client.packaging(&order));
    Some(match operation_id {
        "uploadDocument" => {
            let upload = Upload::from_bytes(&b"%PDF-1.7"[..]).unwrap();
            let id = client.documents().upload(upload).await;
            id.map(|id| read(&json!({ "documentId": id })))
        }
        "createOrder" => orders.create(new_order()).await.map(|order| read_order(order.details())),
        "getOrder" => orders.get(&order).await.map(|order| read_order(order.details())),
        "getPackagingTaskStatus" => {
            packaging.status(&"sealed".parse().unwrap()).await.map(|status| read(&status))
        }
        "generateArtifact" => tasks.generate_artifact(&task).await.map(|made| {
            let artifact = made.artifact.as_ref().map(|artifact| artifact.expose().to_owned());
            let url = made.signing_url.as_ref().map(|url| url.expose().to_owned());
            Read { written: json!(made), exposed: vec![artifact, url] }
        }),
        "getTaskEvents" => tasks.events(&task).await.map(|events| read(&events)),
        "getTaskForwards" => tasks.forwards(&task).await.map(|forwards| read(&forwards)),
        "getTaskStatus" => tasks.status(&task).await.map(|status| read(&status)),
        _ => return None,
    })
}

/// The same of what was told.
fn told(contract: &Value, schema: &Value, operation_id: &str, mut meant: Value) -> Read {
    let mut take = |pointer: &str| {
        let (holder, name) = pointer.rsplit_once('/').unwrap();
        let taken = meant.pointer_mut(holder).and_then(|holder| holder.as_object_mut()?.remove(name));
        taken.and_then(|taken| taken.as_str().map(str::to_owned))
    };
    let exposed = match operation_id {
        "createOrder" | "getOrder" => {
            let mut exposed = vec![take("/id"), take("/artifact")];
            let tasks = meant["tasks"].as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut);
            for task in tasks {
                let url = task.remove("signingUrl");
                exposed.push(url.and_then(|url| url.as_str().map(str::to_owned)));
            }
            exposed
        }
        "generateArtifact" => vec![take("/artifact"), take("/signingUrl")],
        "uploadDocument" => {
            meant = json!({ "documentId": meant["documentId"] });
            Vec::new()
        }
        _ => Vec::new(),
    };
    let empty = if meant.is_object() { json!({}) } else { json!([]) };
    Read { written: written(contract, schema, &meant).unwrap_or(empty), exposed }
}

/// An id that is empty is none, other texts may be empty, and lists and maps that are empty are not written: none of
/// these is looked at.
fn leave_out_empty(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.retain(|item| *item != "");
            items.iter_mut().for_each(leave_out_empty);
        }
        Value::Object(members) => {
            members.values_mut().for_each(leave_out_empty);
            members.retain(|_, value| !is_empty(value));
        }
        _ => {}
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// What was told, and is not what was read.
fn lost(mut told: Read, mut read: Read) -> Option<String> {
    for Read { written, exposed } in [&mut told, &mut read] {
        leave_out_empty(written);
        exposed.iter_mut().for_each(|text| *text = text.take().filter(|text| !text.is_empty()));
    }
    if told.exposed != read.exposed {
        return Some(format!("told {:?}, read {:?}", told.exposed, read.exposed));
    }
    difference(&told.written, &read.written, "")
}

/// Where the one differs from the other.
fn difference(told: &Value, read: &Value, at: &str) -> Option<String> {
    match (told, read) {
        _ if told == read => None,
        (Value::Object(told), Value::Object(read)) => {
            let names = told.keys().chain(read.keys());
            let of = |members: &Map<String, Value>, name| members.get(name).cloned().unwrap_or_default();
            names
                .filter_map(|name| difference(&of(told, name), &of(read, name), &format!("{at}/{name}")))
                .next()
        }
        (Value::Array(told), Value::Array(read)) if told.len() == read.len() => {
            let mut pairs = told.iter().zip(read).enumerate();
            pairs.find_map(|(number, (told, read))| difference(told, read, &format!("{at}/{number}")))
        }
        _ => Some(format!("at {at}: told {told}, read {read}")),
    }
}

/// A service of one operation, and its client.
struct Loopback {
    operation_id: String,
    client: Client,
    next: Arc<Mutex<Vec<u8>>>,
    _wires: [Wire; 2],
}

impl Loopback {
    async fn start(operation_id: &str) -> Self {
        let next = Arc::new(Mutex::new(Vec::new()));
        let says = next.clone();
        let tokens = Wire::tokens().await;
        let wire = Wire::answering(move |_| says.lock().unwrap().clone()).await;
        let client = wire.builder(&tokens).build().unwrap();
        Self { operation_id: operation_id.to_owned(), client, next, _wires: [tokens, wire] }
    }

    async fn ask(&self, told: &Told) -> Result<Read, Error> {
        let status = format!("{} Whatever", told.status);
        let bytes = answer(&status, &[("content-type", &told.media_type)], told.body.to_string());
        *self.next.lock().unwrap() = bytes;
        call(&self.client, &self.operation_id).await.unwrap_or_else(|| {
            panic!(
                "{} answers with JSON, and no mutated answer of it is read: add it here",
                self.operation_id
            )
        })
    }
}

/// What came of the answers of one operation.
#[derive(Default)]
struct Score {
    read: usize,
    by_mutation: BTreeMap<Mutation, usize>,
    wrong: Vec<String>,
}

/// Every operation that answers with JSON, with a schema and the status.
fn of_json(contract: &Value) -> Vec<(String, Value, u16)> {
    let ids = operations(contract).map(|(.., operation)| operation["operationId"].as_str().unwrap());
    let answers = ids.map(|id| (id, success(contract, operation(contract, id))));
    let of_json =
        answers.filter_map(|(id, (status, content))| Some((id.to_owned(), content?.schema?.clone(), status)));
    of_json.collect()
}

/// The API's one answer whose id is also a member of what is sent.
fn needed(operation_id: &str) -> Option<&'static str> {
    (operation_id == "createOrder").then_some("id")
}

async fn mutated(operation_id: String, schema: Value, status: u16) -> Score {
    let contract = contract();
    let judge = Judge::new(&contract).unwrap();
    let service = Loopback::start(&operation_id).await;
    let answers = Answers::new(&contract, &schema, needed(&operation_id));
    let mut chance = Chance(SEED);
    let mut score = Score::default();

    let whole = sample_with(&contract, &schema, &|_, _| None);
    let mut all = answers.all_mutations(&Told::new(status, whole.clone()));
    let is_large = whole.to_string().len() > LARGE;
    let count = if is_large { all.len() + OF_LARGE_BY_CHANCE } else { OF_EACH };
    while all.len() < count {
        let mut told = Told::new(status, answers.vary(&whole, &mut chance));
        let off =
            judge.answer(&operation_id, status, Some("application/json"), told.body.to_string().as_bytes());
        assert!(off.is_empty(), "{operation_id}: what should be mutated is off the contract before: {off:?}");
        answers.mutate(&mut told, 1 + chance.below(6), &mut chance);
        all.push(told);
    }
    for answer in all {
        match service.ask(&answer).await {
            Ok(read) => match lost(told(&contract, &schema, &operation_id, answer.meant), read) {
                None => score.read += 1,
                Some(lost) => score.wrong.push(format!("{operation_id} {:?}: {lost}", answer.done)),
            },
            Err(error) => score.wrong.push(format!("{operation_id} {:?}: {error}", answer.done)),
        }
        for (mutation, _) in answer.done {
            *score.by_mutation.entry(mutation).or_default() += 1;
        }
    }
    score
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_ten_thousand_mutated_answers_are_read_and_what_is_known_of_them_is_kept() {
    let mut running = JoinSet::new();
    for (operation_id, schema, status) in of_json(&contract()) {
        running.spawn(mutated(operation_id, schema, status));
    }
    let mut total = Score::default();
    while let Some(score) = running.join_next().await {
        let score = score.unwrap();
        total.read += score.read;
        total.wrong.extend(score.wrong);
        for (mutation, count) in score.by_mutation {
            *total.by_mutation.entry(mutation).or_default() += count;
        }
    }
    println!("{} mutated answers read (seed {SEED}): {:?}", total.read, total.by_mutation);
    let shown = total.wrong.iter().take(SHOWN).map(|wrong| format!("\n  {wrong}")).collect::<String>();
    assert!(total.wrong.is_empty(), "{} answers were refused, or lost something:{shown}", total.wrong.len());
    assert!(total.read >= 10_000, "only {}", total.read);
    for mutation in Mutation::ALL {
        assert!(
            total.by_mutation.get(&mutation).is_some_and(|count| *count > 0),
            "{mutation:?} was never done"
        );
    }
}

/// The one thing that an answer must have. Without it, it is refused, and the place is told.
#[tokio::test]
async fn an_answer_without_its_own_id_is_refused_in_plain_words() {
    let contract = contract();
    let mut refused = 0;
    for (operation_id, schema, status) in of_json(&contract) {
        let service = Loopback::start(&operation_id).await;
        let whole = sample_with(&contract, &schema, &|_, _| None);
        let answers = Answers::new(&contract, &schema, needed(&operation_id));
        for (value, pointer) in answers.without_an_own_id(&whole) {
            // An id that has no type of its own here can be done without.
            let Err(error) = service.ask(&Told::new(status, value)).await else { continue };
            let (holder, member) = pointer.rsplit_once('/').unwrap();
            let holder = holder.split('/').skip(1).map(|step| match step.parse::<usize>() {
                Ok(number) => format!("[{number}]"),
                Err(_) => format!(".{step}"),
            });
            let holder = holder.collect::<String>().trim_start_matches('.').to_owned();
            let line = error.to_string();
            let (before, after) = line.split_once("cannot read the answer").expect("it says what went wrong");
            assert!(before.ends_with(&format!(": {status} ")), "{operation_id}{pointer}: {line}");
            assert!(after.contains(&holder) && after.contains(member), "{operation_id}{pointer}: {line}");
            assert_eq!((error.kind(), error.outcome()), (ErrorKind::Decode, Outcome::Accepted), "{line}");
            refused += 1;
        }
    }
    println!("{refused} answers without an id of their own were refused");
    assert!(refused > 0);
}

fn new_order() -> NewOrder {
    let pdf = "0101".parse().unwrap();
    let order = NewOrder::builder().document("loan", &pdf, "Loan").signer(Signer::new("kari").handwritten());
    order.build().unwrap()
}
