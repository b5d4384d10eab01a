//! Time is passed in. Rules never ask the machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Utc};

use crate::Instant;

/// Says what time it is.
pub trait Clock: Send + Sync + 'static {
    /// The present instant.
    fn now(&self) -> Instant;
}

/// The machine's clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that may ask the machine")]
    fn now(&self) -> Instant {
        Utc::now()
    }
}

/// A clock that stands still until it is set. Clones share it.
#[derive(Debug, Clone)]
pub struct SimClock(Arc<AtomicI64>);

impl SimClock {
    /// A clock that stands at `start`. Microsecond resolution.
    pub fn new(start: Instant) -> Self {
        Self(Arc::new(AtomicI64::new(start.timestamp_micros())))
    }

    /// Sets the clock, and says whether it did: it never runs backwards.
    pub fn set(&self, to: Instant) -> bool {
        let to = to.timestamp_micros();
        self.0.fetch_max(to, Ordering::SeqCst) <= to
    }
}

impl Clock for SimClock {
    fn now(&self) -> Instant {
        DateTime::from_timestamp_micros(self.0.load(Ordering::SeqCst)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn never_runs_backwards() {
        let start = DateTime::from_timestamp(1_000, 0).unwrap();
        let clock = SimClock::new(start);
        assert!(clock.set(DateTime::from_timestamp(2_000, 0).unwrap()));
        assert!(!clock.set(start));
        assert_eq!(clock.now().timestamp(), 2_000);
    }
}
