//! What goes wrong, and when.

use std::ops::RangeInclusive;

use http::{HeaderName, HeaderValue, header};
use sha2::{Digest, Sha256};

use super::fault::{Fault, What};
use super::{NOTIFICATION, TOKEN};
use crate::sandbox::service;

/// A [`Fault`], and which calls meet it: all calls of what it is on, unless it is narrowed.
///
/// A rule counts the calls of what it is on, from 1, beginning with the first one after it is injected. Attempts that
/// a client makes again are calls of their own. It counts them all, also those that meet another rule's fault: of the
/// rules that fit a call, the one that was injected first decides.
///
/// ```
/// use signicat_sign::sandbox::Fault;
///
/// let third = Fault::status(503).on("createOrder").nth(3);
/// let now_and_then = Fault::cut_before_processing().on_every_operation().with_probability(0.05);
/// let dead_from_the_second_on = Fault::html(502).on("getOrder").from_nth(2);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a rule does nothing until it is injected"]
pub struct FaultRule {
    fault: Fault,
    /// Nothing: every operation of the API.
    operation: Option<String>,
    calls: Calls,
    probability: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Calls {
    All,
    Nth(u64),
    First(u64),
    FromNth(u64),
}

impl Calls {
    fn range(self) -> RangeInclusive<u64> {
        match self {
            Calls::All => 1..=u64::MAX,
            Calls::Nth(number) => number..=number,
            Calls::First(last) => 1..=last,
            Calls::FromNth(first) => first..=u64::MAX,
        }
    }
}

impl FaultRule {
    pub(super) fn new(fault: Fault, operation: Option<String>) -> FaultRule {
        FaultRule { fault, operation, calls: Calls::All, probability: 1.0 }
    }

    /// Only the call of this number, from 1. Of this, [`first`](FaultRule::first) and
    /// [`from_nth`](FaultRule::from_nth) the last that is said holds.
    pub fn nth(self, number: u64) -> FaultRule {
        self.on_calls(Calls::Nth(number))
    }

    /// Only so many calls, the first ones.
    ///
    /// ```
    /// use signicat_sign::sandbox::Fault;
    ///
    /// let busy_at_first = Fault::status(503).retry_after(2).on("createOrder").first(2);
    /// ```
    pub fn first(self, calls: u64) -> FaultRule {
        self.on_calls(Calls::First(calls))
    }

    /// Only the call of this number, from 1, and all that come after it.
    pub fn from_nth(self, number: u64) -> FaultRule {
        self.on_calls(Calls::FromNth(number))
    }

    pub(super) fn on_calls(mut self, calls: Calls) -> FaultRule {
        self.calls = calls;
        self
    }

    /// Only this share of the calls, from 0 to 1, by chance. A sandbox with a
    /// [`seed`](crate::sandbox::SandboxBuilder::seed) chooses the same numbers of calls each time.
    pub fn with_probability(mut self, probability: f64) -> FaultRule {
        self.probability = probability;
        self
    }

    pub(super) fn fault(&self) -> &Fault {
        &self.fault
    }

    /// Whether it is a rule for what is called so.
    pub(super) fn is_on(&self, called: &str) -> bool {
        match &self.operation {
            Some(operation) => operation == called,
            None => called != TOKEN && called != NOTIFICATION,
        }
    }

    /// Whether the call of this number meets the fault. `chance` is what it is made of: the same chance and the same
    /// number have the same end.
    pub(super) fn is_met(&self, number: u64, chance: &Chance) -> bool {
        self.calls.range().contains(&number) && chance.of(number) < self.probability
    }

    /// What is wrong with it: the member, and why.
    pub(super) fn check(&self) -> Result<(), String> {
        let delivers = matches!(self.fault.what, What::Duplicate | What::Lost);
        let name = self.fault.name();
        match self.operation.as_deref() {
            Some(NOTIFICATION) if !delivers => {
                return Err(format!("on: {name} is no fault of a {NOTIFICATION}; duplicate and lost are"));
            }
            Some(NOTIFICATION) => {}
            _ if delivers => return Err(format!("on: {name} can only be a fault of a {NOTIFICATION}")),
            Some(TOKEN) if self.fault.what == What::ExpiredToken => {
                return Err(format!("on: a call of {TOKEN} bears no token that could run out"));
            }
            Some(operation) if operation != TOKEN && !service::operation_ids().any(|id| id == operation) => {
                let known: Vec<_> = service::operation_ids().chain([TOKEN, NOTIFICATION]).collect();
                return Err(format!(
                    "on: there is no operation {operation:?}; there are {}",
                    known.join(", ")
                ));
            }
            _ => {}
        }
        let counted = match self.calls {
            Calls::Nth(0) => Some("nth"),
            Calls::First(0) => Some("first"),
            Calls::FromNth(0) => Some("from_nth"),
            _ => None,
        };
        if let Some(member) = counted {
            return Err(format!("{member}: calls are counted from 1"));
        }
        if !(0.0..=1.0).contains(&self.probability) {
            return Err(format!("probability: {} is not from 0 to 1", self.probability));
        }
        self.fault.check()
    }
}

impl Fault {
    fn check(&self) -> Result<(), String> {
        match self.what {
            What::Status(status) | What::Html(status) if !(200..=599).contains(&status) => {
                return Err(format!("status: {status} is not from 200 to 599"));
            }
            What::Redirect(status) if !(300..=399).contains(&status) => {
                return Err(format!("status: {status} is not from 300 to 399"));
            }
            What::Slow { bytes: 0, .. } => {
                return Err("bytes: at least one byte has to come at a time".to_owned());
            }
            _ => {}
        }
        let media_type = self.page.iter().map(|page| ("content-type", page.media_type.as_str()));
        let headers = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in media_type.chain(headers) {
            let parsed = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| format!("headers: {name:?} is no header's name"))?;
            HeaderValue::from_str(value)
                .map_err(|_| format!("headers: {value:?} can't be sent as {name}"))?;
            if parsed == header::CONTENT_LENGTH || parsed == header::TRANSFER_ENCODING {
                return Err(format!("headers: {name} is the sandbox's to set"));
            }
        }
        Ok(())
    }
}

/// Chance that can be repeated: a number from 0 to below 1 for each call.
pub(super) struct Chance {
    pub(super) seed: u64,
    /// Which of the rules it is for: each has a chance of its own.
    pub(super) rule: u64,
}

impl Chance {
    fn of(&self, call: u64) -> f64 {
        let hash = Sha256::new()
            .chain_update("fault")
            .chain_update(self.seed.to_be_bytes())
            .chain_update(self.rule.to_be_bytes())
            .chain_update(call.to_be_bytes())
            .finalize();
        let number = hash.iter().take(8).fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
        // As many bits as a float holds.
        (number >> 11) as f64 / (1_u64 << 53) as f64
    }
}
