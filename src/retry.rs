//! Whether a failed attempt is made again: one pure function.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use http::{HeaderMap, header};

use crate::error::Outcome;

/// How often and how fast a failed call is tried again.
///
/// Tried again are: no connection, a connection that broke or fell silent, 408, 429, 500, 502, 503 and 504. A create
/// (POST) that the server may have had whole is never sent again, whatever this says, but after a 429; nor is a
/// document that was given as a reader. A 401 is answered with a new token once, beside the attempts.
///
/// ```
/// use std::time::Duration;
/// use signicat_sign::RetryPolicy;
///
/// let patient = RetryPolicy::default().attempts(5).backoff(Duration::from_secs(1), Duration::from_secs(30));
/// let never = RetryPolicy::default().attempts(1);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    attempts: u32,
    first: Duration,
    longest: Duration,
    retry_after_cap: Duration,
}

impl Default for RetryPolicy {
    /// 3 attempts; pauses by full jitter up to 250 ms, then doubling up to 8 s; a Retry-After is honoured up to 60 s.
    fn default() -> Self {
        Self {
            attempts: 3,
            first: Duration::from_millis(250),
            longest: Duration::from_secs(8),
            retry_after_cap: Duration::from_secs(60),
        }
    }
}

impl RetryPolicy {
    /// Attempts in all: 1 tries once. 0 is taken as 1.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// The limit of the first pause, and the limit that doubling ends at. The pause itself is chance below that.
    #[must_use]
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.first = first;
        self.longest = longest;
        self
    }

    /// The longest wait that a server's Retry-After is given.
    ///
    /// ```
    /// use std::time::Duration;
    /// use signicat_sign::RetryPolicy;
    ///
    /// let hurried = RetryPolicy::default().retry_after_cap(Duration::from_secs(5));
    /// ```
    #[must_use]
    pub fn retry_after_cap(mut self, cap: Duration) -> Self {
        self.retry_after_cap = cap;
        self
    }

    fn pause(&self, attempt: u32, chance: f64) -> Duration {
        let doubled = self.first.saturating_mul(1_u32.checked_shl(attempt - 1).unwrap_or(u32::MAX));
        doubled.min(self.longest).mul_f64(chance)
    }

    /// The pause that the server asks for, within limits: a Retry-After of 0 is no leave to hurry.
    fn asked_for(&self, retry_after: Option<Duration>, pause: Duration) -> Duration {
        retry_after.unwrap_or(pause).min(self.retry_after_cap).max(pause)
    }
}

/// What the calls of a client may spend on retries together, so that a service in trouble is not met by a storm
/// of them: each retry takes from it, each success gives back.
#[derive(Debug)]
pub(crate) struct Budget {
    left: AtomicU32,
    /// `None`: without end.
    capacity: Option<u32>,
}

impl Budget {
    /// What a retry takes, and what its success gives back.
    const RETRY: u32 = 5;
    /// What a success without a retry gives back.
    const SUCCESS: u32 = 1;

    /// A full budget for so many retries.
    pub(crate) fn of(retries: Option<u32>) -> Self {
        let capacity = retries.map(|retries| retries.saturating_mul(Self::RETRY));
        Self { left: AtomicU32::new(capacity.unwrap_or_default()), capacity }
    }

    /// Takes what a retry costs, if that much is left.
    pub(crate) fn take(&self) -> bool {
        self.capacity.is_none()
            || self
                .left
                .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(Self::RETRY))
                .is_ok()
    }

    /// A call has succeeded.
    pub(crate) fn give_back(&self, after_retry: bool) {
        let back = if after_retry { Self::RETRY } else { Self::SUCCESS };
        let Some(capacity) = self.capacity else { return };
        // Full is the rule, and then there is nothing to write.
        if self.left.load(Ordering::Relaxed) < capacity {
            let fill = |left: u32| Some(left.saturating_add(back).min(capacity));
            _ = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fill);
        }
    }
}

/// What is known when an attempt has failed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt {
    /// The contract's word on it: doing it twice is doing it once.
    pub(crate) idempotent: bool,
    /// Whether the request's body can be sent once more.
    pub(crate) repeatable: bool,
    /// This attempt's number, from 1.
    pub(crate) number: u32,
    /// Whether a 401 was answered with a new token before.
    pub(crate) renewed_token: bool,
    /// From 0 to below 1.
    pub(crate) chance: f64,
}

/// How an attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The server can't have had a whole request.
    NotSent { retry_after: Option<Duration> },
    /// The exchange broke or took too long after the request may have been sent.
    Lost,
    /// An answer other than 2xx.
    Answered { status: u16, retry_after: Option<Duration> },
    /// A 2xx answer that can't be read.
    Unreadable,
    /// Nothing that another attempt would change.
    Final(Outcome),
}

impl Failure {
    /// What has become of the request if this was its last attempt.
    pub(crate) fn outcome(self) -> Outcome {
        match self {
            Self::NotSent { .. } => Outcome::NotSent,
            Self::Lost => Outcome::Unknown,
            Self::Answered { status, .. } => Outcome::of_refusal(status),
            Self::Unreadable => Outcome::Accepted,
            Self::Final(outcome) => outcome,
        }
    }

    /// Whether the service is well, and refuses this one request.
    pub(crate) fn is_sound(self) -> bool {
        matches!(self, Self::Answered { status: 400..=499, .. } if !matches!(self, Self::Answered { status: 408 | 429, .. }))
    }

    /// Whether the server may have done what it was asked, though it did not say so.
    pub(crate) fn may_have_done_it(self) -> bool {
        match self {
            Self::Lost | Self::Unreadable => true,
            Self::Answered { status, .. } => status == 408 || status >= 500,
            Self::NotSent { .. } | Self::Final(_) => false,
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    Again { after: Duration, with_new_token: bool },
    Stop(Outcome),
}

pub(crate) fn decide(policy: &RetryPolicy, attempt: Attempt, failure: Failure) -> Decision {
    let again = |after| Decision::Again { after, with_new_token: false };
    let pause = policy.pause(attempt.number, attempt.chance);
    let may_go_on = attempt.repeatable && attempt.number < policy.attempts;
    match failure {
        Failure::NotSent { retry_after } if may_go_on => again(policy.asked_for(retry_after, pause)),
        // Once, beside the attempts of the policy: an expired token is nobody's failure.
        Failure::Answered { status: 401, .. } if attempt.repeatable && !attempt.renewed_token => {
            Decision::Again { after: Duration::ZERO, with_new_token: true }
        }
        Failure::Answered { status: 429, retry_after } if may_go_on => {
            again(policy.asked_for(retry_after, pause))
        }
        Failure::Answered { status: 408 | 500 | 502 | 503 | 504, retry_after }
            if attempt.idempotent && may_go_on =>
        {
            again(policy.asked_for(retry_after, pause))
        }
        Failure::Lost | Failure::Unreadable if attempt.idempotent && may_go_on => again(pause),
        _ => Decision::Stop(failure.outcome()),
    }
}

/// What a Retry-After header asks for, in seconds or as a date.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    match value.parse::<u64>() {
        Ok(seconds) => Some(Duration::from_secs(seconds)),
        Err(_) => {
            let date = httpdate::parse_http_date(value).ok()?;
            Some(date.duration_since(now).unwrap_or_default())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Attempt =
        Attempt { idempotent: true, repeatable: true, number: 1, renewed_token: false, chance: 0.5 };
    const ASKED: Duration = Duration::from_secs(7);

    fn answered(status: u16) -> Failure {
        Failure::Answered { status, retry_after: None }
    }

    fn asking(status: u16, seconds: u64) -> Failure {
        Failure::Answered { status, retry_after: Some(Duration::from_secs(seconds)) }
    }

    fn again(after: Duration) -> Decision {
        Decision::Again { after, with_new_token: false }
    }

    /// What is done after the first attempt, for a call that can be repeated, for one that can't, and for both
    /// when no more attempts can be made.
    #[test]
    fn the_table() {
        use Outcome::{Accepted, NotSent, Rejected, Unknown};
        let pause = || again(Duration::from_millis(125));
        let stop = Decision::Stop;
        let new_token = || Decision::Again { after: Duration::ZERO, with_new_token: true };
        let not_sent = Failure::NotSent { retry_after: None };
        let not_sent_asking = Failure::NotSent { retry_after: Some(ASKED) };
        let table = [
            // failure, a read or delete, a create, the last of a read, the last of a create
            (not_sent, pause(), pause(), stop(NotSent), stop(NotSent)),
            (not_sent_asking, again(ASKED), again(ASKED), stop(NotSent), stop(NotSent)),
            (Failure::Lost, pause(), stop(Unknown), stop(Unknown), stop(Unknown)),
            (Failure::Unreadable, pause(), stop(Accepted), stop(Accepted), stop(Accepted)),
            (answered(101), stop(Unknown), stop(Unknown), stop(Unknown), stop(Unknown)),
            (answered(301), stop(Unknown), stop(Unknown), stop(Unknown), stop(Unknown)),
            (answered(400), stop(Rejected), stop(Rejected), stop(Rejected), stop(Rejected)),
            (answered(401), new_token(), new_token(), new_token(), new_token()),
            (answered(403), stop(Rejected), stop(Rejected), stop(Rejected), stop(Rejected)),
            (answered(404), stop(Rejected), stop(Rejected), stop(Rejected), stop(Rejected)),
            (answered(408), pause(), stop(Unknown), stop(Unknown), stop(Unknown)),
            (answered(409), stop(Rejected), stop(Rejected), stop(Rejected), stop(Rejected)),
            (answered(422), stop(Rejected), stop(Rejected), stop(Rejected), stop(Rejected)),
            (answered(429), pause(), pause(), stop(Rejected), stop(Rejected)),
            (asking(429, 7), again(ASKED), again(ASKED), stop(Rejected), stop(Rejected)),
            (answered(500), pause(), stop(Unknown), stop(Unknown), stop(Unknown)),
            (answered(501), stop(Unknown), stop(Unknown), stop(Unknown), stop(Unknown)),
            (answered(502), pause(), stop(Unknown), stop(Unknown), stop(Unknown)),
            (asking(503, 7), again(ASKED), stop(Unknown), stop(Unknown), stop(Unknown)),
            (answered(504), pause(), stop(Unknown), stop(Unknown), stop(Unknown)),
            (Failure::Final(Accepted), stop(Accepted), stop(Accepted), stop(Accepted), stop(Accepted)),
        ];
        let policy = RetryPolicy::default();
        let create = Attempt { idempotent: false, ..FIRST };
        for (failure, read, created, last_read, last_create) in table {
            assert_eq!(decide(&policy, FIRST, failure), read, "a read: {failure:?}");
            assert_eq!(decide(&policy, create, failure), created, "a create: {failure:?}");
            for (attempt, last) in [(FIRST, &last_read), (create, &last_create)] {
                assert_eq!(&decide(&policy, Attempt { number: 3, ..attempt }, failure), last, "{failure:?}");
            }
            // A body that can't be opened again ends the call, whatever happened.
            let once = Attempt { repeatable: false, ..FIRST };
            assert!(matches!(decide(&policy, once, failure), Decision::Stop(_)), "{failure:?}");
        }
        let renewed = Attempt { renewed_token: true, ..FIRST };
        assert_eq!(decide(&policy, renewed, answered(401)), stop(Rejected));
    }

    #[test]
    fn pauses_double_and_have_a_limit_and_a_server_s_wish_too() {
        let policy = RetryPolicy::default().attempts(99);
        let pause =
            |number, chance, failure| match decide(&policy, Attempt { number, chance, ..FIRST }, failure) {
                Decision::Again { after, .. } => after.as_millis(),
                Decision::Stop(_) => panic!("stopped"),
            };
        let limits = [1, 2, 3, 4, 5, 6, 7, 40, 98].map(|number| pause(number, 1.0, answered(500)));
        assert_eq!(limits, [250, 500, 1000, 2000, 4000, 8000, 8000, 8000, 8000]);
        assert_eq!(pause(1, 0.0, answered(500)), 0);
        assert_eq!(pause(1, 0.5, asking(429, 0)), 125, "no leave to hurry");
        assert_eq!(pause(1, 0.5, asking(429, u64::MAX)), 60_000);
    }

    #[test]
    fn a_budget_runs_dry_and_is_filled_by_success() {
        let budget = Budget::of(Some(2));
        assert!(budget.take() && budget.take());
        assert!(!budget.take());
        budget.give_back(true);
        assert!(budget.take());
        for success in 0..5 {
            assert!(!budget.take(), "after {success} successes");
            budget.give_back(false);
        }
        assert!(budget.take());
        for _ in 0..99 {
            budget.give_back(true);
        }
        assert!(budget.take() && budget.take() && !budget.take(), "it does not grow");

        let endless = Budget::of(None);
        assert!((0..10_000).all(|_| endless.take()));
    }
}
