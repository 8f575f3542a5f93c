//! Faults by script: what goes wrong (`fault`), when (`rule`), the same as data (`json`), and what then becomes of a
//! request (`met`).

use std::sync::Arc;

use crate::runtime::Runtime;
use crate::sandbox::Sandbox;

pub use fault::Fault;
pub use json::InvalidFaults;
pub use rule::FaultRule;

pub(super) use met::{Told, cut, meet};

use fault::What;
use rule::Chance;

mod fault;
mod json;
mod met;
mod rule;

/// What the token endpoint is called in rules.
pub(super) const TOKEN: &str = "token";

/// What the delivery of a notification to a URL is called in rules.
pub(super) const NOTIFICATION: &str = "notification";

/// The rules of a sandbox, and how far they have counted.
pub(super) struct Faults {
    rules: Vec<Counted>,
    /// How many there have been, those that are gone included.
    injected: u64,
    seed: u64,
    runtime: Arc<dyn Runtime>,
}

struct Counted {
    rule: FaultRule,
    chance: Chance,
    calls: u64,
}

impl Faults {
    pub(super) fn new(seed: u64, runtime: Arc<dyn Runtime>) -> Faults {
        Faults { rules: Vec::new(), injected: 0, seed, runtime }
    }

    /// Takes a rule that has been checked.
    pub(super) fn inject(&mut self, rule: FaultRule) {
        let chance = Chance { seed: self.seed, rule: self.injected };
        self.injected += 1;
        self.rules.push(Counted { rule, chance, calls: 0 });
    }

    fn clear(&mut self) {
        self.rules.clear();
    }

    /// Counts a call of this operation, and says which fault it meets.
    pub(super) fn next(&mut self, operation: &str) -> Option<Fault> {
        let mut met = None;
        for Counted { rule, chance, calls } in self.rules.iter_mut().filter(|one| one.rule.is_on(operation)) {
            *calls += 1;
            if met.is_none() && rule.is_met(*calls, chance) {
                met = Some(rule.fault().clone());
            }
        }
        met
    }

    /// Counts a notification, and says how often it is delivered.
    pub(super) fn deliveries(&mut self) -> usize {
        match self.next(NOTIFICATION).map(|fault| fault.what) {
            Some(What::Duplicate) => 2,
            Some(What::Lost) => 0,
            _ => 1,
        }
    }

    /// Where pauses are from.
    fn runtime(&self) -> Arc<dyn Runtime> {
        Arc::clone(&self.runtime)
    }
}

/// A rule that can be injected.
///
/// # Panics
///
/// It is none: a mistake of the one who wrote it.
#[track_caller]
pub(super) fn checked(rule: FaultRule) -> FaultRule {
    if let Err(why) = rule.check() {
        panic!("the fault can't be injected: {why}");
    }
    rule
}

impl Sandbox {
    /// Makes things go wrong from now on. See [`Fault`] for what can, and [`FaultRule`] for when.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf =>
    /// sandbox.inject(Fault::status(503).on("getDocument").first(3));
    /// assert!(sign.documents().download(&pdf).bytes(100).await.unwrap_err().is_server());
    /// # );
    /// ```
    ///
    /// # Panics
    ///
    /// The rule can't be kept: there is no such operation, say, or a probability is above 1. The panic says so.
    #[track_caller]
    pub fn inject(&self, rule: FaultRule) {
        let rule = checked(rule);
        self.service.world().0.faults.inject(rule);
    }

    /// Takes back all that was injected.
    ///
    /// ```
    /// # #[macro_use] mod on { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/doctest.rs")); }
    /// # on_sandbox!(sandbox, sign, pdf =>
    /// sandbox.inject(Fault::html(502).on_every_operation());
    /// sandbox.clear_faults();
    /// sign.documents().delete(&pdf).await?;
    /// # );
    /// ```
    pub fn clear_faults(&self) {
        self.service.world().0.faults.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(seed: u64, rules: impl IntoIterator<Item = FaultRule>) -> Faults {
        let mut faults = Faults::new(seed, crate::runtime::tokio_runtime());
        rules.into_iter().for_each(|rule| faults.inject(checked(rule)));
        faults
    }

    /// The names of the faults that so many calls meet.
    fn met(faults: &mut Faults, operation: &str, calls: usize) -> Vec<&'static str> {
        (0..calls).map(|_| faults.next(operation).map_or("", |fault| fault.name())).collect()
    }

    #[test]
    fn a_rule_counts_the_calls_of_what_it_is_on() {
        for (rule, expected) in [
            (Fault::truncated().on("getOrder"), ["truncated"; 4]),
            (Fault::truncated().on("getOrder").nth(2), ["", "truncated", "", ""]),
            (Fault::truncated().on("getOrder").first(2), ["truncated", "truncated", "", ""]),
            (Fault::truncated().on("getOrder").from_nth(3), ["", "", "truncated", "truncated"]),
        ] {
            let mut faults = faults(0, [rule.clone()]);
            assert_eq!(met(&mut faults, "createOrder", 3), [""; 3], "{rule:?}");
            assert_eq!(met(&mut faults, "getOrder", 4), expected, "{rule:?}");
        }
    }

    #[test]
    fn the_first_rule_that_fits_wins_and_the_others_count_on() {
        let mut faults = faults(
            0,
            [
                Fault::truncated().on("getOrder").nth(1),
                Fault::cut_in_answer().on_every_operation().first(2),
                Fault::html(502).on("getOrder").nth(3),
            ],
        );
        assert_eq!(met(&mut faults, "getOrder", 4), ["truncated", "cut_in_answer", "html", ""]);
        faults.inject(Fault::truncated().on("getOrder").nth(1));
        assert_eq!(met(&mut faults, "getOrder", 2), ["truncated", ""], "it counts from when it is there");
        faults.inject(Fault::truncated().on("getOrder"));
        faults.clear();
        assert_eq!(met(&mut faults, "getOrder", 1), [""]);
    }

    #[test]
    fn every_operation_is_neither_the_token_endpoint_nor_a_notification() {
        let mut faults = faults(0, [Fault::truncated().on_every_operation(), Fault::html(502).on("token")]);
        assert_eq!(met(&mut faults, "uploadDocument", 1), ["truncated"]);
        assert_eq!(met(&mut faults, "token", 1), ["html"]);
        assert_eq!(met(&mut faults, "notification", 1), [""]);
    }

    #[test]
    fn a_notification_is_delivered_once_twice_or_never() {
        let mut faults = faults(
            0,
            [Fault::duplicate().on("notification").nth(2), Fault::lost().on("notification").nth(3)],
        );
        let deliveries: Vec<_> = (0..4).map(|_| faults.deliveries()).collect();
        assert_eq!(deliveries, [1, 2, 0, 1]);
    }

    #[test]
    fn chance_has_its_share_and_repeats_with_its_seed() {
        let rule = |share| Fault::truncated().on("getOrder").with_probability(share);
        let calls = |seed, share| met(&mut faults(seed, [rule(share)]), "getOrder", 10_000);
        let share = |calls: &[&str]| calls.iter().filter(|name| !name.is_empty()).count();
        let of_seven = calls(7, 0.05);
        assert!((400..600).contains(&share(&of_seven)), "{}", share(&of_seven));
        assert_eq!(of_seven, calls(7, 0.05));
        assert_ne!(of_seven, calls(8, 0.05));
        assert_eq!((share(&calls(7, 0.0)), share(&calls(7, 1.0))), (0, 10_000));
        // Two rules do not toss the same coin: where the first does not fall, the second has a chance of its own.
        let both = met(&mut faults(7, [rule(0.5), rule(0.5)]), "getOrder", 10_000);
        assert!((7_000..8_000).contains(&share(&both)), "{}", share(&both));
    }
}
