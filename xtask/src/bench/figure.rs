//! A figure beside its floor, and the table that all of them make.

use std::fmt::{self, Display, Formatter};

/// Something that was measured.
pub(crate) struct Figure {
    what: String,
    ours: Amount,
    floor: Option<Amount>,
    /// Ours to the floor's, with the quartiles where it was taken more than once.
    ratio: Option<(f64, Option<(f64, f64)>)>,
    targets: Vec<Target>,
    /// What it has to be, lest CI fails: what was reached, and a little more.
    held: Vec<Target>,
}

/// A number and what it counts.
#[derive(Clone, Copy)]
pub(crate) struct Amount(pub(crate) f64, pub(crate) Unit);

#[derive(Clone, Copy)]
pub(crate) enum Unit {
    Instructions,
    Micros,
    Seconds,
    PerSecond,
    MiBPerSecond,
    KiB,
    Bytes,
    Count,
}

enum Target {
    Ratio(Limit),
    Ours(Limit),
    /// More than the floor.
    Above(Limit),
}

#[derive(Clone, Copy)]
pub(crate) enum Limit {
    AtMost(f64),
    AtLeast(f64),
}

impl Figure {
    pub(crate) fn alone(what: impl Into<String>, ours: Amount) -> Self {
        Self { what: what.into(), ours, floor: None, ratio: None, targets: Vec::new(), held: Vec::new() }
    }

    pub(crate) fn beside(what: impl Into<String>, ours: Amount, floor: Amount) -> Self {
        let ratio = ours.0 / floor.0;
        Self { floor: Some(floor), ratio: Some((ratio, None)), ..Self::alone(what, ours) }
    }

    pub(crate) fn with_ratio(mut self, ratio: f64, low: f64, high: f64) -> Self {
        self.ratio = Some((ratio, Some((low, high))));
        self
    }

    pub(crate) fn ratio_is(mut self, limit: Limit) -> Self {
        self.targets.push(Target::Ratio(limit));
        self
    }

    pub(crate) fn is(mut self, limit: Limit) -> Self {
        self.targets.push(Target::Ours(limit));
        self
    }

    pub(crate) fn above_floor_is(mut self, limit: Limit) -> Self {
        self.targets.push(Target::Above(limit));
        self
    }

    pub(crate) fn holds_ratio(mut self, limit: Limit) -> Self {
        self.held.push(Target::Ratio(limit));
        self
    }

    pub(crate) fn holds(mut self, limit: Limit) -> Self {
        self.held.push(Target::Ours(limit));
        self
    }

    fn meets(&self, target: &Target) -> bool {
        let ours = self.ours.0;
        match target {
            Target::Ours(limit) => limit.holds(ours),
            Target::Ratio(limit) => self.ratio.is_some_and(|(ratio, _)| limit.holds(ratio)),
            Target::Above(limit) => self.floor.is_some_and(|floor| limit.holds(ours - floor.0)),
        }
    }

    /// The targets that it misses, in words.
    pub(crate) fn missed(&self) -> Option<String> {
        self.complaint(&self.targets)
    }

    /// What it has lost of what was reached, in words.
    pub(crate) fn lost(&self) -> Option<String> {
        self.complaint(&self.held)
    }

    fn complaint(&self, targets: &[Target]) -> Option<String> {
        let missed = targets.iter().filter(|target| !self.meets(target));
        let missed: Vec<_> = missed.map(|target| self.words(target)).collect();
        (!missed.is_empty()).then(|| format!("{}: {} (it is {})", self.what, missed.join(", "), self.found()))
    }

    fn words(&self, target: &Target) -> String {
        match target {
            Target::Ours(limit) => limit.words(&|number| Amount(number, self.ours.1).to_string()),
            Target::Ratio(limit) => limit.words(&|number| format!("{number:.2} times the floor")),
            Target::Above(limit) => {
                limit.words(&|number| format!("{} above the floor", Amount(number, self.ours.1)))
            }
        }
    }

    fn found(&self) -> String {
        let ratio = self.ratio.map_or(String::new(), |(ratio, _)| format!(", {ratio:.3} times the floor"));
        format!("{}{ratio}", self.ours)
    }

    fn row(&self) -> String {
        let floor = self.floor.map_or(String::new(), |floor| floor.to_string());
        let ratio = match self.ratio {
            None => String::new(),
            Some((ratio, None)) => format!("{ratio:.3}"),
            Some((ratio, Some((low, high)))) => format!("{ratio:.3} ({low:.3}–{high:.3})"),
        };
        let targets: Vec<_> = self.targets.iter().map(|target| self.words(target)).collect();
        let met = match (self.targets.is_empty(), self.missed().is_none()) {
            (true, _) => "",
            (false, true) => "met",
            (false, false) => "**not met**",
        };
        format!("| {} | {} | {floor} | {ratio} | {} | {met} |", self.what, self.ours, targets.join(", "))
    }
}

/// All of them as a table of Markdown.
pub(crate) fn table(figures: &[Figure]) -> String {
    let head = "| what | ours | floor | ratio (quartiles) | target | |\n|---|---|---|---|---|---|";
    let rows = figures.iter().map(Figure::row);
    std::iter::once(head.to_owned()).chain(rows).collect::<Vec<_>>().join("\n")
}

impl Display for Amount {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let number = self.0;
        match self.1 {
            Unit::Instructions => write!(f, "{:.1} k instructions", number / 1e3),
            Unit::Micros => write!(f, "{number:.1} µs"),
            Unit::Seconds => write!(f, "{number:.2} s"),
            Unit::PerSecond => write!(f, "{number:.0} /s"),
            Unit::MiBPerSecond => write!(f, "{number:.0} MiB/s"),
            Unit::KiB => write!(f, "{number:.0} KiB"),
            Unit::Bytes => write!(f, "{number:.0} bytes"),
            Unit::Count => write!(f, "{number:.0}"),
        }
    }
}

impl Limit {
    fn holds(self, number: f64) -> bool {
        match self {
            Self::AtMost(limit) => number <= limit,
            Self::AtLeast(limit) => number >= limit,
        }
    }

    fn words(self, say: &dyn Fn(f64) -> String) -> String {
        match self {
            Self::AtMost(limit) => format!("at most {}", say(limit)),
            Self::AtLeast(limit) => format!("at least {}", say(limit)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_meets_its_targets_or_says_which_it_misses() {
        let figure = || Figure::beside("a call", Amount(110.0, Unit::Micros), Amount(100.0, Unit::Micros));
        assert_eq!(figure().ratio_is(Limit::AtMost(1.1)).missed(), None);
        assert_eq!(figure().is(Limit::AtMost(110.0)).missed(), None);
        assert_eq!(figure().above_floor_is(Limit::AtMost(10.0)).missed(), None);
        assert_eq!(
            figure().ratio_is(Limit::AtMost(1.05)).is(Limit::AtMost(200.0)).missed().as_deref(),
            Some("a call: at most 1.05 times the floor (it is 110.0 µs, 1.100 times the floor)")
        );
        assert!(figure().is(Limit::AtMost(109.0)).missed().is_some());
        assert!(figure().above_floor_is(Limit::AtMost(9.0)).missed().is_some());
        assert!(figure().ratio_is(Limit::AtLeast(1.2)).missed().is_some());
        let no_number = Figure::alone("a call", Amount(f64::NAN, Unit::Micros)).is(Limit::AtMost(1.0));
        assert!(no_number.missed().is_some());
    }

    #[test]
    fn what_is_held_is_apart_from_what_is_aimed_at() {
        let figure = Figure::beside("a call", Amount(12.0, Unit::Count), Amount(10.0, Unit::Count));
        let figure =
            figure.ratio_is(Limit::AtMost(1.1)).holds_ratio(Limit::AtMost(1.3)).holds(Limit::AtMost(13.0));
        assert!(figure.missed().is_some() && figure.lost().is_none());
        assert!(figure.holds(Limit::AtMost(11.0)).lost().is_some());
    }

    #[test]
    fn the_table_says_what_is_met() {
        let met = Figure::alone("memory", Amount(4.0, Unit::KiB)).is(Limit::AtMost(8.0));
        let missed = Figure::beside("speed", Amount(80.0, Unit::PerSecond), Amount(100.0, Unit::PerSecond))
            .with_ratio(0.8, 0.75, 0.85)
            .ratio_is(Limit::AtLeast(0.95));
        let table = table(&[met, missed]);
        let rows: Vec<_> = table.lines().skip(2).collect();
        assert_eq!(
            rows,
            [
                "| memory | 4 KiB |  |  | at most 8 KiB | met |",
                "| speed | 80 /s | 100 /s | 0.800 (0.750–0.850) | at least 0.95 times the floor | **not met** |"
            ]
        );
    }
}
