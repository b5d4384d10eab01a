//! Calls made in the last 24 hours.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

/// Width of the rolling window.
const WINDOW_MINUTES: i64 = 24 * 60;

/// Counts calls per minute of the sandbox clock.
#[derive(Debug)]
pub(crate) struct Meter {
    max: u64,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    minutes: VecDeque<(i64, u64)>,
    used: u64,
}

impl Meter {
    pub(crate) fn new(max: u64) -> Self {
        Self {
            max,
            counts: Mutex::default(),
        }
    }

    /// Counts a call; false, and nothing counted, when the allowance is used up.
    pub(crate) fn take(&self, now: DateTime<Utc>) -> bool {
        let mut counts = self.counts(now);
        if counts.used >= self.max {
            return false;
        }
        counts.used += 1;
        let minute = now.timestamp().div_euclid(60);
        match counts.minutes.back_mut().filter(|(m, _)| *m == minute) {
            Some((_, n)) => *n += 1,
            None => counts.minutes.push_back((minute, 1)),
        }
        true
    }

    /// Calls made in the window, and how many may be.
    pub(crate) fn usage(&self, now: DateTime<Utc>) -> (u64, u64) {
        (self.counts(now).used, self.max)
    }

    fn counts(&self, now: DateTime<Utc>) -> MutexGuard<'_, Counts> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = now.timestamp().div_euclid(60) - WINDOW_MINUTES;
        while let Some(&(_, n)) = counts.minutes.front().filter(|(minute, _)| *minute <= oldest) {
            counts.used -= n;
            counts.minutes.pop_front();
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn the_allowance_comes_back_a_day_later_and_not_before() {
        let meter = Meter::new(2);
        let start = DateTime::UNIX_EPOCH;
        assert!(meter.take(start));
        assert!(meter.take(start + TimeDelta::hours(1)));
        assert!(!meter.take(start + TimeDelta::hours(23)));
        assert!(meter.take(start + TimeDelta::hours(24)));
        assert_eq!(meter.usage(start + TimeDelta::hours(24)), (2, 2));
        assert!(!meter.take(start + TimeDelta::hours(24)));
        assert_eq!(meter.usage(start + TimeDelta::days(9)), (0, 2));
    }
}
