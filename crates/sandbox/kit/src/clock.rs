//! Simulated time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// Simulated clock shared by the sandboxes; a clone shows the same time. It moves only when somebody moves it.
#[derive(Clone, Debug)]
pub struct SandboxClock {
    hands: Arc<Mutex<Hands>>,
}

#[derive(Debug)]
struct Hands {
    now: DateTime<Utc>,
    last_stamp: Option<DateTime<Utc>>,
}

impl SandboxClock {
    /// A clock standing at `start`, cut to whole milliseconds.
    #[must_use]
    pub fn new(start: DateTime<Utc>) -> Self {
        let hands = Hands {
            now: start.trunc_subsecs(3),
            last_stamp: None,
        };
        Self {
            hands: Arc::new(Mutex::new(hands)),
        }
    }

    /// The simulated time.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.hands().now
    }

    /// Moves the clock to `t`. An earlier `t` leaves it where it is: time never runs backwards.
    pub fn set(&self, t: DateTime<Utc>) {
        let mut hands = self.hands();
        hands.now = hands.now.max(t.trunc_subsecs(3));
    }

    /// The stamp for a write: the simulated time, or one millisecond after the last stamp while the clock stands still.
    /// No two stamps of a clock are equal, so the order of writes can be read from them.
    #[must_use]
    pub fn stamp(&self) -> DateTime<Utc> {
        let mut hands = self.hands();
        let next = match hands.last_stamp {
            Some(last) => hands.now.max(last + TimeDelta::milliseconds(1)),
            None => hands.now,
        };
        hands.last_stamp = Some(next);
        next
    }

    /// Makes every later stamp come after `t`. A sandbox calls this with the newest stamp of a store it reopened.
    pub fn resume_after(&self, t: DateTime<Utc>) {
        let mut hands = self.hands();
        hands.last_stamp = Some(hands.last_stamp.map_or(t, |last| last.max(t)));
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        // Both fields are plain values that are valid at every step, so a panic elsewhere cannot have torn them.
        self.hands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(ms).unwrap_or_default()
    }

    #[test]
    fn stamps_rise_while_the_clock_stands_still() {
        let clock = SandboxClock::new(at(1_000));
        let stamps: Vec<_> = (0..3).map(|_| clock.clone().stamp()).collect();
        assert_eq!(stamps, [at(1_000), at(1_001), at(1_002)]);
        assert_eq!(clock.now(), at(1_000));
    }

    #[test]
    fn the_clock_never_runs_backwards_and_stamps_follow_it_forward() {
        let clock = SandboxClock::new(at(1_000));
        clock.set(at(5_000));
        clock.set(at(2_000));
        assert_eq!(clock.now(), at(5_000));
        assert_eq!(clock.stamp(), at(5_000));
    }

    #[test]
    fn stamps_resume_after_those_already_stored() {
        let clock = SandboxClock::new(at(1_000));
        clock.resume_after(at(9_000));
        assert_eq!(clock.stamp(), at(9_001));
    }
}
