//! The sandbox's time: that of a clock, and what a test has put on top of it.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, TimeDelta, Utc};

/// Tells the time of day.
pub(super) type Reading = Box<dyn Fn() -> SystemTime + Send + Sync>;

pub(super) struct Clock {
    reading: Reading,
    ahead: Mutex<TimeDelta>,
}

impl Clock {
    pub(super) fn new(reading: Reading) -> Clock {
        Clock { reading, ahead: Mutex::default() }
    }

    /// At the calendar's end it stands still.
    pub(super) fn now(&self) -> DateTime<Utc> {
        later((self.reading)().into(), *self.ahead.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn advance(&self, by: Duration) {
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        *ahead = ahead.checked_add(&span(by)).unwrap_or(TimeDelta::MAX);
    }
}

/// A duration that is too long for the calendar is as good as for ever.
pub(super) fn span(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}

/// That much later, or the calendar's end: the last day whose date has four digits for its year.
pub(super) fn later(time: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    const END: DateTime<Utc> = match DateTime::from_timestamp(253_402_214_400, 0) {
        Some(end) => end,
        None => DateTime::<Utc>::MAX_UTC,
    };
    time.checked_add_signed(by).map_or(END, |time| time.min(END))
}
