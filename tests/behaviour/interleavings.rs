//! Waits under whatever may happen, in whatever sequence: they end when the order has ended, not before, and soon.
//!
//! What has to come out is worked out by a model of its own, which knows nothing of `OrderState::derive`.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;
use signicat_sign::{Client, ErrorKind, OrderPhase, OrderState, ResumeToken, Runtime};

use crate::support::virtual_time::VirtualTime;
use crate::support::wire::{Request, Wire, answer};

const DEADLINE: u64 = 6000;
/// The longest pause of a wait, and the longest that a fault asks to stay away for, with its blur.
const LONGEST_PAUSE: u64 = 150;

/// What happens to an order, so many seconds after what happened before.
#[derive(Clone, Debug)]
enum Event {
    Task(usize, &'static str),
    Forward(usize),
    Packaging(usize, &'static str),
}

/// Every request fails from then on, for so long, with that status and that Retry-After.
#[derive(Clone, Debug)]
struct Fault {
    from: u64,
    lasts: u64,
    status: u16,
    retry_after: Option<u64>,
}

#[derive(Clone, Debug)]
struct Scenario {
    tasks: usize,
    packaging_tasks: usize,
    events: Vec<(u64, Event)>,
    faults: Vec<Fault>,
    /// After which changes the wait is put away and taken up again.
    put_away: Vec<bool>,
}

fn scenarios() -> impl Strategy<Value = Scenario> {
    let task_status = prop_oneof![6 => Just("COMPLETED"), 1 => Just("REJECTED"), 1 => Just("EXPIRED"), 1 => Just("DELETED"), 2 => Just("SUSPENDED")];
    let packaging_status = prop_oneof![5 => Just("COMPLETED"), 1 => Just("FAILED"), 1 => Just("PAUSED")];
    let event = prop_oneof![
        6 => (0..3_usize, task_status).prop_map(|(task, status)| Event::Task(task, status)),
        2 => (0..3_usize).prop_map(Event::Forward),
        4 => (0..2_usize, packaging_status).prop_map(|(task, status)| Event::Packaging(task, status)),
    ];
    let gap = prop_oneof![3 => 0..10_u64, 1 => 10..400_u64];
    let fault = (
        0..4000_u64,
        1..900_u64,
        prop_oneof![Just(429_u16), Just(500), Just(502), Just(503)],
        proptest::option::of(0..120_u64),
    )
        .prop_map(|(from, lasts, status, retry_after)| Fault { from, lasts, status, retry_after });
    let events = proptest::collection::vec((gap, event), 0..14);
    let faults = proptest::collection::vec(fault, 0..3);
    (1..=3_usize, 0..=2_usize, events, faults, proptest::collection::vec(any::<bool>(), 20)).prop_map(
        |(tasks, packaging_tasks, events, faults, put_away)| Scenario {
            tasks,
            packaging_tasks,
            events,
            faults,
            put_away,
        },
    )
}

/// The service's side: for each task the statuses of itself and of those that it was forwarded to.
#[derive(Clone)]
struct World {
    tasks: Vec<Vec<&'static str>>,
    packaging_tasks: Vec<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Verdict {
    Open,
    Completed,
    Ended,
}

fn stays(status: &str) -> bool {
    ["COMPLETED", "REJECTED", "EXPIRED", "DELETED", "FAILED"].contains(&status)
}

impl World {
    fn at(scenario: &Scenario, time: u64) -> Self {
        let mut world = Self {
            tasks: vec![vec!["CREATED"]; scenario.tasks],
            packaging_tasks: vec!["CREATED"; scenario.packaging_tasks],
        };
        let mut passed = 0;
        for (gap, event) in &scenario.events {
            passed += gap;
            if passed <= time {
                world.apply(event);
            }
        }
        world
    }

    fn apply(&mut self, event: &Event) {
        let all_signed = self.all_signed();
        match *event {
            Event::Task(task, status) => {
                let Some(chain) = self.tasks.get_mut(task) else { return };
                let last = chain.last_mut().unwrap();
                if !stays(last) {
                    *last = status;
                }
            }
            Event::Forward(task) => {
                let Some(chain) = self.tasks.get_mut(task) else { return };
                if !stays(chain.last().unwrap()) {
                    chain.push("CREATED");
                }
            }
            // It begins when the last one has signed.
            Event::Packaging(task, status) if all_signed => {
                let Some(packaging) = self.packaging_tasks.get_mut(task) else { return };
                if !stays(packaging) {
                    *packaging = status;
                }
            }
            Event::Packaging(..) => {}
        }
    }

    fn all_signed(&self) -> bool {
        self.tasks.iter().all(|chain| *chain.last().unwrap() == "COMPLETED")
    }

    fn verdict(&self) -> Verdict {
        let bad = |chain: &Vec<&str>| {
            let last = chain.last().unwrap();
            stays(last) && *last != "COMPLETED"
        };
        if self.tasks.iter().any(bad) || self.packaging_tasks.contains(&"FAILED") {
            Verdict::Ended
        } else if self.all_signed() && self.packaging_tasks.iter().all(|status| *status == "COMPLETED") {
            Verdict::Completed
        } else {
            Verdict::Open
        }
    }
}

impl Scenario {
    fn fault(&self, time: u64) -> Option<&Fault> {
        self.faults.iter().find(|fault| (fault.from..fault.from + fault.lasts).contains(&time))
    }

    /// When the order has ended, and how.
    fn end(&self) -> Option<(u64, Verdict)> {
        let mut passed = 0;
        for gap in std::iter::once(0).chain(self.events.iter().map(|(gap, _)| *gap)) {
            passed += gap;
            let verdict = World::at(self, passed).verdict();
            if verdict != Verdict::Open {
                return Some((passed, verdict));
            }
        }
        None
    }

    /// By when a wait has to have seen what is there at that time: within a pause that no fault disturbs.
    fn seen_by(&self, mut time: u64) -> u64 {
        while let Some(fault) = self
            .faults
            .iter()
            .find(|fault| fault.from <= time + LONGEST_PAUSE && fault.from + fault.lasts > time)
        {
            time = fault.from + fault.lasts;
        }
        time + LONGEST_PAUSE
    }
}

/// What the service has seen that must not be.
#[derive(Default)]
struct Watch {
    requests: usize,
    told_final: HashSet<String>,
    wrong: Vec<String>,
}

/// Task 1 forwarded twice is `t1`, `t1-1`, `t1-2`.
fn respond(scenario: &Scenario, time: u64, request: &Request, watch: &mut Watch) -> Vec<u8> {
    watch.requests += 1;
    let json = |value: serde_json::Value| {
        answer("200 OK", &[("content-type", "application/json")], value.to_string())
    };
    let segments: Vec<_> = request.target().trim_start_matches('/').split('/').collect();
    let [_, _, list, id, what] = segments[..] else {
        let ids = |prefix: &str, count| {
            (0..count).map(|n| json!({ "id": format!("{prefix}{n}") })).collect::<Vec<_>>()
        };
        let (tasks, packaging_tasks) = (ids("t", scenario.tasks), ids("p", scenario.packaging_tasks));
        return json(json!({ "id": "1", "tasks": tasks, "packagingTasks": packaging_tasks }));
    };
    if let Some(fault) = scenario.fault(time) {
        let retry_after = fault.retry_after.map(|seconds| seconds.to_string());
        let headers: Vec<_> = retry_after.iter().map(|seconds| ("retry-after", seconds.as_str())).collect();
        return answer(&format!("{} Faulty", fault.status), &headers, "");
    }
    let world = World::at(scenario, time);
    if what == "status" && watch.told_final.contains(id) {
        watch.wrong.push(format!("{id} was final, and is asked again"));
    }
    let (place, hop) = id[1..].split_once('-').unwrap_or((&id[1..], "0"));
    let (place, hop): (usize, usize) = (place.parse().unwrap(), hop.parse().unwrap());
    if list != "tasks" {
        if !world.all_signed() {
            watch.wrong.push(format!("{id} is asked for before all have signed"));
        }
        let status = world.packaging_tasks[place];
        if stays(status) {
            watch.told_final.insert(id.to_owned());
        }
        return json(json!({ "orderId": "1", "packagingTaskId": id, "packagingTaskStatus": status }));
    }
    let chain = &world.tasks[place];
    let forwarded = hop + 1 < chain.len();
    if what == "forwards" {
        let to = format!("t{place}-{}", hop + 1);
        return json(if forwarded {
            json!([{ "orderId": "1", "taskId": to, "originalTaskId": id }])
        } else {
            json!([])
        });
    }
    if stays(chain[hop]) {
        watch.told_final.insert(id.to_owned());
    }
    json(
        json!({ "orderId": "1", "taskId": id, "taskStatus": chain[hop], "rejectReason": format!("reason of {id}") }),
    )
}

/// Waits as a program does that is stopped now and then. The states that were given, and the error, if one came.
async fn wait(client: &Client, scenario: &Scenario) -> (Vec<OrderState>, Option<signicat_sign::Error>) {
    let order = client.orders().get(&"1".parse().unwrap()).await.unwrap();
    let mut changes = client.orders().wait(&order).deadline(Duration::from_secs(DEADLINE)).changes();
    let mut states = Vec::new();
    let mut put_away = scenario.put_away.iter();
    while let Some(state) = changes.next().await {
        match state {
            Ok(state) => states.push(state),
            Err(error) => return (states, Some(error)),
        }
        let is_final = states.last().is_some_and(OrderState::is_final);
        if put_away.next().copied().unwrap_or_default() && !is_final {
            let token = serde_json::to_string(&changes.resume_token()).unwrap();
            let token: ResumeToken = serde_json::from_str(&token).unwrap();
            changes = client.orders().resume(token).changes();
        }
    }
    (states, None)
}

#[test]
fn a_wait_ends_if_and_only_if_the_order_has() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let current: Arc<Mutex<Option<(Scenario, VirtualTime, Watch)>>> = Arc::default();
    let serving = current.clone();
    let (service, tokens) = runtime.block_on(async {
        let service = Wire::answering(move |request| {
            let mut current = serving.lock().unwrap();
            let (scenario, time, watch) = current.as_mut().unwrap();
            respond(scenario, time.now().as_secs(), request, watch)
        });
        (service.await, Wire::tokens().await)
    });
    let counted = Mutex::new([0; 3]);
    let config = Config { cases: 96, failure_persistence: None, ..Config::default() };
    let check = |scenario: Scenario| {
        let time = VirtualTime::default();
        *current.lock().unwrap() = Some((scenario.clone(), time.clone(), Watch::default()));
        let client = service.builder(&tokens).runtime(Arc::new(time.clone())).build().unwrap();
        let (states, error) = runtime.block_on(wait(&client, &scenario));
        let (_, _, watch) = current.lock().unwrap().take().unwrap();
        let ended = time.now().as_secs();

        prop_assert!(watch.wrong.is_empty(), "{:?}", watch.wrong);
        let verdict = match states.last().map(OrderState::phase) {
            Some(OrderPhase::Completed) => Verdict::Completed,
            Some(OrderPhase::Ended) => Verdict::Ended,
            _ => Verdict::Open,
        };
        counted.lock().unwrap()[verdict as usize] += 1;
        match scenario.end() {
            // So close to the deadline that either may come first.
            Some((at, _)) if at < DEADLINE && scenario.seen_by(at) >= DEADLINE => {}
            Some((at, expected)) if at < DEADLINE => {
                prop_assert_eq!(verdict, expected);
                prop_assert!(error.is_none());
                prop_assert!(ended >= at, "at {ended} s, and the order ended at {at} s");
                prop_assert!(ended <= scenario.seen_by(at), "at {ended} s, and the order ended at {at} s");
            }
            _ => {
                prop_assert_eq!(error.map(|error| error.kind()), Some(ErrorKind::Deadline));
                prop_assert_eq!(verdict, Verdict::Open);
                prop_assert_eq!(ended, DEADLINE);
            }
        }
        for pair in states.windows(2) {
            prop_assert_ne!(&pair[0], &pair[1]);
            prop_assert!(!pair[0].is_final(), "nothing comes after the end");
        }
        for task in
            states.iter().flat_map(OrderState::tasks).filter_map(|task| Some((task, task.reject_reason()?)))
        {
            prop_assert_eq!(task.1, format!("reason of {}", task.0.decided_by()));
        }
        // Ten looks or so until it is slow, after each change; then one in 45 s at least.
        let looks = 16 * (scenario.events.len() + 2) + usize::try_from(ended).unwrap() / 45;
        let in_a_look = 2 * scenario.tasks + scenario.events.len() * 2 + scenario.packaging_tasks;
        prop_assert!(watch.requests <= looks * in_a_look + 1, "{} requests", watch.requests);
        Ok(())
    };
    let each_end_is_met = || counted.lock().unwrap().iter().all(|count| *count >= 5);
    // One end is rare, and chance may leave it out of the first cases. A runner that has run draws no more.
    for _ in 0..10 {
        if let Err(error) = TestRunner::new(config.clone()).run(&scenarios(), check) {
            panic!("{error}");
        }
        if each_end_is_met() {
            return;
        }
    }
    panic!("an end is never met: {:?}", counted.lock().unwrap());
}
