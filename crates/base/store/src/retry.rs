//! When a unit of work is run again, and after what pause.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use strata_kernel::Error;
use tracing::warn;

use crate::error::{BUSY, UNAVAILABLE};

/// Pause before the second try; each later one is twice as long.
const FIRST: Duration = Duration::from_millis(5);
/// Longest pause.
const LONGEST: Duration = Duration::from_millis(400);

/// Counts tries of this process, so that those who met do not meet again after the same pause.
static TRIES: AtomicU64 = AtomicU64::new(0);

/// True when the database is known to hold nothing of a transaction that ended with this error before its commit was sent.
pub(crate) fn left_nothing(error: &Error) -> bool {
    error.reason == BUSY || error.reason == UNAVAILABLE
}

/// The tries of one unit of work.
pub(crate) struct Tries {
    begun: Instant,
    made: u32,
    /// After this, no further try is begun.
    patience: Duration,
}

impl Tries {
    pub(crate) fn new(patience: Duration) -> Self {
        Self {
            begun: Instant::now(),
            made: 1,
            patience,
        }
    }

    /// The pause before the next try; None when the patience is at an end.
    pub(crate) fn next(&mut self, error: &Error) -> Option<Duration> {
        if self.begun.elapsed() >= self.patience {
            warn!(tries = self.made, error.reason = error.reason, internal = %error.internal, "a unit of work is given up");
            return None;
        }
        let pause = pause(self.made, (std::process::id(), TRIES.fetch_add(1, Ordering::Relaxed)));
        warn!(tries = self.made, error.reason = error.reason, internal = %error.internal, "a unit of work is run again");
        self.made += 1;
        Some(pause)
    }
}

/// Doubles with each try, and is spread over its second half: who waits from the same moment goes on at different ones.
fn pause(made: u32, who: impl Hash) -> Duration {
    let whole = FIRST.saturating_mul(1 << made.clamp(1, 12).saturating_sub(1)).min(LONGEST);
    let mut hasher = DefaultHasher::new();
    who.hash(&mut hasher);
    let part = u32::try_from(hasher.finish() % 1000).unwrap_or_default();
    whole / 2 + whole / 2 * part / 1000
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn pauses_grow_differ_and_end() {
        for made in 1..40 {
            let pauses: HashSet<Duration> = (0..50).map(|who| pause(made, who)).collect();
            assert!(pauses.len() > 20, "{made}: {}", pauses.len());
            assert!(pauses.iter().all(|pause| *pause <= LONGEST && *pause >= FIRST / 2), "{made}");
        }
        assert!((0..50).all(|who| pause(9, who) > pause(1, who)));
        assert!(Tries::new(Duration::ZERO).next(&Error::internal("x")).is_none());
    }
}
