//! How fast and how small the client is, beside the same work done by hand: `cargo xtask bench`. And what of that is
//! held in CI: what is the same on any machine, whatever else it does.

mod figure;
mod footprint;
mod instructions;
mod programs;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Result, bail};
use clap::ValueEnum;
use serde::Deserialize;

use figure::{Amount, Figure, Limit, Unit, table};
use footprint::Footprint;
use programs::Programs;

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// All of it.
    All,
    /// What CI holds: nothing that takes its time from a clock. Fails where a limit is passed.
    Guards,
    /// The functions in which a status call spends its instructions.
    Profile,
}

pub(crate) fn run(part: Part) -> Result<()> {
    match part {
        Part::Guards => guards(),
        Part::Profile => {
            println!("{}", instructions::profile(&Programs::build()?)?);
            Ok(())
        }
        Part::All => {
            let began = Instant::now();
            let programs = Programs::build()?;
            let mut figures = guarded(&programs)?;
            figures.extend(times(&programs)?);
            figures.extend(waits(&programs)?);
            figures.extend(transfers(&programs)?);
            figures.extend(Footprint::prepare()?.measure()?);
            println!("{}", table(&figures));
            for missed in figures.iter().filter_map(Figure::missed) {
                println!("not met: {missed}");
            }
            println!("measured in {:.1} minutes", began.elapsed().as_secs_f64() / 60.0);
            Ok(())
        }
    }
}

fn guards() -> Result<()> {
    let figures = guarded(&Programs::build()?)?;
    println!("{}", table(&figures));
    let lost: Vec<_> = figures.iter().filter_map(Figure::lost).collect();
    match lost.is_empty() {
        true => Ok(()),
        false => bail!("what was reached is lost: {}", lost.join("; ")),
    }
}

/// The exchanges by name; what is aimed at in instructions, to the floor's; what is held of those, and of allocations.
const EXCHANGES: [(&str, &str, Option<f64>, f64, f64); 4] = [
    ("status", "status call", Some(1.10), 1.13, 68.0),
    ("create-small", "create an order of one signer", None, 1.40, 135.0),
    ("create-large", "create an order of 50 tasks", Some(1.15), 1.47, 1_850.0),
    ("get-large", "read an order of 50 tasks", None, 1.20, 820.0),
];

/// What does not depend on the clock.
fn guarded(programs: &Programs) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    if instructions::are_counted() {
        for (exchange, what, target, held, _) in EXCHANGES {
            let ours = Amount(instructions::of_call(programs, "client", exchange)?, Unit::Instructions);
            let floor = Amount(instructions::of_call(programs, "by-hand", exchange)?, Unit::Instructions);
            let figure = Figure::beside(format!("{what}: instructions"), ours, floor);
            let figure = figure.holds_ratio(Limit::AtMost(held));
            figures.push(match target {
                Some(target) => figure.ratio_is(Limit::AtMost(target)),
                None => figure,
            });
        }
        let tokens = Amount(instructions::of_file(programs, "src/tokens.rs")?, Unit::Count);
        figures
            .push(Figure::alone("a token that is there: instructions", tokens).holds(Limit::AtMost(200.0)));
    } else {
        println!("valgrind is not there: instructions are not counted");
    }
    for (exchange, what, _, _, held) in EXCHANGES {
        let [ours, floor] = ["client", "by-hand"].map(|who| allocations(programs, who, exchange));
        let figure = Figure::beside(format!("{what}: allocations"), ours?, floor?);
        figures.push(figure.holds(Limit::AtMost(held)));
    }
    for count in [100, 1_000, 10_000] {
        let Held { in_line, idle } = programs.run("allocations", &format!("waits {count}"))?;
        let figure =
            |what, bytes| Figure::alone(format!("one of {count} waits, {what}"), Amount(bytes, Unit::Bytes));
        figures.push(figure("in line to look", in_line));
        let limit = Limit::AtMost(4096.0);
        figures.push(figure("in its pause", idle).is(limit).holds(limit));
    }
    figures.push(memory(programs, "up", 64 * MIB)?);
    figures.push(memory(programs, "down", 64 * MIB)?);
    figures.extend(Footprint::prepare()?.crates()?);
    Ok(figures)
}

const MIB: u64 = 1024 * 1024;

#[derive(Deserialize)]
struct Allocated {
    count: f64,
}

#[derive(Deserialize)]
struct Held {
    in_line: f64,
    idle: f64,
}

#[derive(Deserialize)]
struct Transferred {
    seconds: f64,
    idle: f64,
    peak: f64,
}

#[derive(Deserialize)]
struct Compared {
    client: f64,
    by_hand: f64,
    ratio: f64,
    low: f64,
    high: f64,
}

#[derive(Deserialize)]
struct Look {
    nanoseconds: f64,
}

fn allocations(programs: &Programs, who: &str, exchange: &str) -> Result<Amount> {
    let Allocated { count } = programs.run("allocations", &format!("call {who} {exchange}"))?;
    Ok(Amount(count, Unit::Count))
}

/// Memory that a transfer needs above that of the idle client.
fn memory(programs: &Programs, direction: &str, length: u64) -> Result<Figure> {
    let [ours, floor] = ["client", "by-hand"].map(|who| transfer(programs, direction, who, length));
    let above = |moved: Transferred| Amount(moved.peak - moved.idle, Unit::KiB);
    let what = format!("{} MiB {direction}: memory above idle", length / MIB);
    let limit = Limit::AtMost(16.0 * 1024.0);
    Ok(Figure::beside(what, above(ours?), above(floor?)).is(limit).holds(Limit::AtMost(4.0 * 1024.0)))
}

fn transfer(programs: &Programs, direction: &str, who: &str, length: u64) -> Result<Transferred> {
    let name = if direction == "up" { "document.pdf" } else { "downloaded.pdf" };
    let file = in_memory(programs).join(name);
    if direction == "up" && fs::metadata(&file).map_or(0, |metadata| metadata.len()) != length {
        write_document(&file, length)?;
    }
    let arguments = format!("{direction} {who} {} {length}", file.display());
    let moved = programs.run("transfer", &arguments)?;
    if direction == "down" {
        fs::remove_file(&file)?;
    }
    Ok(moved)
}

/// Where files are not on a disk: how long one takes to write differs more than all that is measured here.
fn in_memory(programs: &Programs) -> PathBuf {
    let shared = Path::new("/dev/shm");
    if shared.is_dir() { shared.to_owned() } else { programs.path("") }
}

/// A file of that many bytes that begins like a PDF, and is not full of zeros, which file systems leave out.
fn write_document(path: &Path, length: u64) -> Result<()> {
    let mut file = fs::File::create(path)?;
    file.write_all(b"%PDF-1.7\n")?;
    let piece: Vec<u8> = (0..MIB).map(|at| (at * 31 % 251) as u8).collect();
    for _ in 0..length / MIB {
        file.write_all(&piece)?;
    }
    file.set_len(length)?;
    Ok(())
}

fn times(programs: &Programs) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    for (exchange, what, rounds, calls, target) in [
        ("status", "status call: median time", 41, 500, Some(1.05)),
        ("create-small", "create an order of one signer: median time", 21, 200, None),
        ("create-large", "create an order of 50 tasks: median time", 21, 100, None),
        ("get-large", "read an order of 50 tasks: median time", 21, 100, None),
    ] {
        let Compared { client, by_hand, ratio, low, high } =
            programs.run("calls", &format!("compare {exchange} {rounds} {calls}"))?;
        let figure = Figure::beside(what, Amount(client, Unit::Micros), Amount(by_hand, Unit::Micros));
        let figure = figure.with_ratio(ratio, low, high);
        figures.push(match target {
            Some(target) => figure.ratio_is(Limit::AtMost(target)),
            None => figure,
        });
    }
    for (concurrency, target) in [(1, None), (16, None), (256, Some(0.95))] {
        let Compared { client, by_hand, ratio, low, high } =
            programs.run("calls", &format!("throughput status {concurrency} 41"))?;
        let per_second = |micros: f64| Amount(1e9 / micros, Unit::PerSecond);
        let what = format!("1 000 status calls, {concurrency} at a time");
        let figure = Figure::beside(what, per_second(client), per_second(by_hand));
        let figure = figure.with_ratio(1.0 / ratio, 1.0 / high, 1.0 / low);
        figures.push(match target {
            Some(target) => figure.ratio_is(Limit::AtLeast(target)),
            None => figure,
        });
    }
    Ok(figures)
}

/// Processor time of a look, which knows of caches what instructions do not.
fn waits(programs: &Programs) -> Result<Vec<Figure>> {
    const ROUNDS: usize = 5;
    const WAITS: [usize; 3] = [100, 1_000, 10_000];
    let mut times = [[0.0; ROUNDS]; WAITS.len()];
    // In turn, so that what else the machine does meets all of them.
    for round in 0..ROUNDS {
        for (times, waits) in times.iter_mut().zip(WAITS) {
            let Look { nanoseconds } = programs.run("waits", &format!("{waits} 20000"))?;
            times[round] = nanoseconds / 1e3;
        }
    }
    let [few, rest @ ..] = times;
    let figures = rest.into_iter().zip(&WAITS[1..]).map(|(many, waits)| {
        let what = format!("a look of one of {waits} waits, beside one of 100: processor time");
        let ratios = many.iter().zip(few).map(|(many, few)| many / few).collect();
        let [low, ratio, high] = quartiles(ratios);
        let figure =
            Figure::beside(what, Amount(median(many), Unit::Micros), Amount(median(few), Unit::Micros));
        let figure = figure.with_ratio(ratio, low, high);
        if *waits == 10_000 { figure.ratio_is(Limit::AtMost(1.10)) } else { figure }
    });
    Ok(figures.collect())
}

fn median<const N: usize>(values: [f64; N]) -> f64 {
    quartiles(values.to_vec())[1]
}

fn quartiles(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [0.25, 0.5, 0.75].map(|part| values[((values.len() - 1) as f64 * part).round() as usize])
}

/// 1 GiB up and down, each beside a bare copy.
fn transfers(programs: &Programs) -> Result<Vec<Figure>> {
    const GIB: u64 = 1024 * MIB;
    const ROUNDS: usize = 5;
    let mut figures = Vec::new();
    for (direction, what) in
        [("up", "1 GiB up from a file"), ("down", "1 GiB down to a file, hashed and synced")]
    {
        let (mut ours, mut floor, mut above) = ([0.0; ROUNDS], [0.0; ROUNDS], 0.0_f64);
        for round in 0..ROUNDS {
            let client = transfer(programs, direction, "client", GIB)?;
            ours[round] = 1024.0 / client.seconds;
            above = above.max(client.peak - client.idle);
            floor[round] = 1024.0 / transfer(programs, direction, "by-hand", GIB)?.seconds;
        }
        let [low, ratio, high] =
            quartiles(ours.iter().zip(floor).map(|(ours, floor)| ours / floor).collect());
        let (ours, floor) =
            (Amount(median(ours), Unit::MiBPerSecond), Amount(median(floor), Unit::MiBPerSecond));
        let figure = Figure::beside(format!("{what}: throughput"), ours, floor);
        figures.push(figure.with_ratio(ratio, low, high).ratio_is(Limit::AtLeast(0.85)));
        let what = format!("{what}: memory above idle");
        figures.push(Figure::alone(what, Amount(above, Unit::KiB)).is(Limit::AtMost(16.0 * 1024.0)));
    }
    // 1 GiB is nothing to leave behind.
    fs::remove_file(in_memory(programs).join("document.pdf"))?;
    Ok(figures)
}
