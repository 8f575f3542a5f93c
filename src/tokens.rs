//! The token that calls share: kept as long as it lives, fetched once for all who ask.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::HeaderValue;
use tokio::sync::OwnedMutexGuard;

use crate::auth::TokenProvider;
use crate::error::{Error, ErrorKind, Outcome};
use crate::lock::lock;
use crate::runtime::{Runtime, millis, within};

/// The earliest that a token is renewed before its end.
const EARLIEST_RENEWAL: Duration = Duration::from_secs(60);

/// The latest, where the token lives for twice as long: servers that count in whole seconds end it so much sooner.
const LATEST_RENEWAL: Duration = Duration::from_secs(1);

/// The longest that a call which has a good token waits for a newer one.
const EARLY_PATIENCE: Duration = Duration::from_secs(2);

/// The longest that a fetch without a limit is waited for, before another call makes its own.
const PATIENCE: Duration = Duration::from_secs(30);

/// The longest life that is believed: nothing longer is known, and an absurd number must not overflow a clock.
const LONGEST_LIFE: Duration = Duration::from_secs(86_400);

/// A token and how long it is good.
pub(crate) struct Token {
    /// `Bearer …`, marked as sensitive.
    pub(crate) authorization: HeaderValue,
    asked_at: Duration,
    life: Duration,
    renew_at: Duration,
    ends_at: Duration,
    /// After a renewal that failed: not again before this, in milliseconds of the runtime's time.
    not_before: AtomicU64,
}

impl Token {
    /// Whether it lives on for that long, or for half of its life, if it lives no longer.
    fn lasts(&self, needed: Duration, now: Duration) -> bool {
        now + needed.min(self.life / 2) <= self.ends_at
    }

    fn wants_renewal(&self, needed: Duration, now: Duration) -> bool {
        millis(now) >= self.not_before.load(Ordering::Relaxed)
            && (now >= self.renew_at || !self.lasts(needed, now))
    }
}

/// What is kept for all who share it.
#[derive(Default)]
pub(crate) struct Cache {
    kept: Mutex<Option<Arc<Token>>>,
    flight: Mutex<Arc<Flight>>,
    failed: Mutex<Failures>,
}

#[derive(Default)]
struct Flight {
    /// Held by the one who fetches. Who drops it, finished or not, lets the next one look.
    seat: Arc<tokio::sync::Mutex<()>>,
    /// Until when that one may be at it, in milliseconds of the runtime's time; 0 while nobody is.
    until: AtomicU64,
}

/// The right to fetch.
struct Seat {
    flight: Arc<Flight>,
    _held: OwnedMutexGuard<()>,
}

impl Seat {
    fn taken(flight: Arc<Flight>, held: OwnedMutexGuard<()>, until: Duration) -> Self {
        flight.until.store(millis(until), Ordering::Release);
        Self { flight, _held: held }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.flight.until.store(0, Ordering::Release);
    }
}

/// How many fetches have failed, and the last of them: whose it was, and how long it might have taken.
#[derive(Default)]
struct Failures {
    count: u64,
    last: Option<(Arc<dyn TokenProvider>, Option<Duration>, Error)>,
}

impl Cache {
    fn alive(&self, now: Duration) -> Option<Arc<Token>> {
        lock(&self.kept).clone().filter(|token| now < token.ends_at)
    }

    fn flight(&self) -> Arc<Flight> {
        lock(&self.flight).clone()
    }

    /// Has the others wait for another flight than that one.
    fn give_up(&self, given_up: &Arc<Flight>) {
        let mut flight = lock(&self.flight);
        if Arc::ptr_eq(&flight, given_up) {
            *flight = Arc::default();
        }
    }
}

/// The tokens of one client and its clones.
pub(crate) struct Tokens {
    pub(crate) provider: Arc<dyn TokenProvider>,
    pub(crate) cache: Arc<Cache>,
    pub(crate) runtime: Arc<dyn Runtime>,
}

/// What a call wants of its token.
#[derive(Clone, Copy)]
pub(crate) struct Wanted {
    /// For how long it should live.
    pub(crate) needed: Duration,
    /// The longest that fetching one may take.
    pub(crate) limit: Option<Duration>,
    /// What is left of the call's deadline.
    pub(crate) remaining: Option<Duration>,
}

impl Tokens {
    /// A token that is good now, and for as long as needed where that can be had: the kept one, or a new one.
    /// However many ask, one fetches.
    pub(crate) async fn token(&self, wanted: Wanted) -> Result<Arc<Token>, Error> {
        if let Some(token) = self.cache.alive(self.runtime.now()) {
            return Ok(self.renewed_early(token, wanted).await);
        }
        let failures = lock(&self.cache.failed).count;
        let boarded = self.board(wanted.limit).await;
        if let Some(token) = self.cache.alive(self.runtime.now()) {
            return Ok(token);
        }
        let _flight = boarded?;
        // Those who waited for a fetch that failed do not all make it once more.
        if let Some(error) = self.failed_since(failures, wanted.limit) {
            return Err(error);
        }
        let fetched = self.fetch(wanted.limit).await;
        if let Err(error) = &fetched {
            let mut failed = lock(&self.cache.failed);
            failed.count += 1;
            failed.last = Some((self.provider.clone(), wanted.limit, error.echo()));
        }
        // One that was given up may have come after all.
        fetched.or_else(|error| self.cache.alive(self.runtime.now()).ok_or(error))
    }

    /// Waits for whoever fetches, as long as that one may be at it. Is it still, nobody drives it any more (a call
    /// that is kept and not polled), and it must not hold up the others.
    async fn board(&self, limit: Option<Duration>) -> Result<Seat, Error> {
        let until = || self.runtime.now().saturating_add(limit.unwrap_or(PATIENCE));
        let end = limit.map(|_| until());
        loop {
            let flight = self.cache.flight();
            let its_end = match flight.until.load(Ordering::Acquire) {
                // Nobody has it, or somebody is about to.
                0 => until(),
                millis => Duration::from_millis(millis),
            };
            let left = |end: Duration| end.saturating_sub(self.runtime.now());
            let patience = end.into_iter().chain([its_end]).map(left).min();
            if let Some(held) = within(&*self.runtime, patience, flight.seat.clone().lock_owned()).await {
                return Ok(Seat::taken(flight, held, until()));
            }
            // Somebody else may have taken it by now.
            let its_end = flight.until.load(Ordering::Acquire);
            if its_end == 0 || millis(self.runtime.now()) >= its_end {
                self.cache.give_up(&flight);
            } else if end.is_some_and(|end| left(end).is_zero()) {
                return Err(silent(limit));
            }
        }
    }

    /// The failure of a fetch that was made meanwhile, if it would have been this one's too.
    fn failed_since(&self, count: u64, limit: Option<Duration>) -> Option<Error> {
        let failed = lock(&self.cache.failed);
        let (provider, its_limit, error) = failed.last.as_ref().filter(|_| failed.count != count)?;
        // One with less patience, or with another proxy, says nothing of this one.
        let as_patient = its_limit.is_none_or(|its| limit.is_some_and(|limit| limit <= its));
        let is_same = Arc::ptr_eq(provider, &self.provider);
        (is_same && (as_patient || error.kind() != ErrorKind::Timeout)).then(|| error.echo())
    }

    /// A good token, renewed if it is near its end or does not last as long as needed: by one caller, while the
    /// others go on with what they have. A renewal that fails is no failure of the call.
    async fn renewed_early(&self, token: Arc<Token>, wanted: Wanted) -> Arc<Token> {
        let Wanted { needed, remaining, .. } = wanted;
        let now = self.runtime.now();
        if !token.wants_renewal(needed, now) {
            return token;
        }
        let patience = EARLY_PATIENCE.min(remaining.map_or(EARLY_PATIENCE, |remaining| remaining / 2));
        let flight = self.cache.flight();
        let held = match token.lasts(needed, now) {
            true => flight.seat.clone().try_lock_owned().ok(),
            false => within(&*self.runtime, Some(patience), flight.seat.clone().lock_owned()).await,
        };
        let Some(held) = held else { return token };
        let _seat = Seat::taken(flight, held, self.runtime.now() + patience);
        // Somebody may have renewed it in between, or have failed to.
        let now = self.runtime.now();
        let kept = self.cache.alive(now).unwrap_or(token);
        if !kept.wants_renewal(needed, now) {
            return kept;
        }
        self.fetch(Some(patience)).await.unwrap_or_else(|error| {
            tracing::warn!(
                kind = error.kind().as_str(),
                "the token could not be renewed early; the old one is used on, and the next try is later"
            );
            let now = self.runtime.now();
            let pause = kept.ends_at.saturating_sub(now) / 4;
            kept.not_before.store(millis(now + pause), Ordering::Relaxed);
            kept
        })
    }

    /// Forgets a token that the service did not take, unless a newer one is kept by now.
    pub(crate) fn invalidate(&self, token: &Arc<Token>) {
        let mut kept = lock(&self.cache.kept);
        if kept.as_ref().is_some_and(|kept| Arc::ptr_eq(kept, token)) {
            *kept = None;
        }
    }

    async fn fetch(&self, limit: Option<Duration>) -> Result<Arc<Token>, Error> {
        let asked_at = self.runtime.now();
        let fetched = within(&*self.runtime, limit, self.provider.token()).await;
        let fetched = fetched.ok_or_else(|| silent(limit))?.map_err(|error| {
            // What a provider did not find is no order, and nothing of the call itself has gone out yet.
            let kind = match error.kind() {
                kind if kind.passes() || kind == ErrorKind::Config => kind,
                _ => ErrorKind::Auth,
            };
            error.with_kind(kind).with_outcome(Outcome::NotSent).without_status()
        })?;
        let mut authorization = HeaderValue::try_from(format!("Bearer {}", fetched.token().expose()))
            .map_err(|_| Error::new(ErrorKind::Auth, Outcome::NotSent, "the token fits in no header"))?;
        authorization.set_sensitive(true);
        let life = fetched.lifetime().min(LONGEST_LIFE);
        // A share of the life, because tokens may live as little as a second; and a little by chance, so that
        // many processes do not all come at once.
        let early = EARLIEST_RENEWAL.min(life / 4).mul_f64(1.0 - self.runtime.random() / 10.0);
        let window = early.max(LATEST_RENEWAL.min(life / 2));
        let token = Arc::new(Token {
            authorization,
            asked_at,
            life,
            renew_at: asked_at + life - window,
            ends_at: asked_at + life,
            not_before: AtomicU64::new(0),
        });
        let mut kept = lock(&self.cache.kept);
        match &*kept {
            // Of a fetch that overtook this one.
            Some(newer) if newer.asked_at > asked_at => Ok(newer.clone()),
            _ => {
                *kept = Some(token.clone());
                Ok(token)
            }
        }
    }
}

fn silent(limit: Option<Duration>) -> Error {
    let limit = limit.map_or(String::new(), |limit| format!(" within {limit:?}"));
    Error::new(ErrorKind::Timeout, Outcome::NotSent, format!("no token came{limit}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::{AccessToken, TokenProvider};
    use crate::runtime::{BoxFuture, tokio_runtime};

    #[derive(Debug)]
    struct Always;

    impl TokenProvider for Always {
        fn token(&self) -> BoxFuture<'_, Result<AccessToken, Error>> {
            Box::pin(async { Ok(AccessToken::new("t", Duration::from_secs(600))) })
        }
    }

    /// No HTTP client that is known prints its headers; one that does leaves those out that are marked.
    #[tokio::test]
    async fn the_header_is_marked_as_sensitive() {
        let tokens = Tokens { provider: Arc::new(Always), cache: Arc::default(), runtime: tokio_runtime() };
        let wanted = Wanted { needed: Duration::ZERO, limit: None, remaining: None };
        let token = tokens.token(wanted).await.unwrap();
        assert_eq!(format!("{:?}", token.authorization), "Sensitive");
    }
}
