//! Pace: how many requests at once, and how many per second.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Admits requests. Both gates are fair: first come, first served.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    at_once: Arc<Semaphore>,
    per_second: Option<Arc<Semaphore>>,
}

impl Gate {
    pub(crate) fn new(concurrency: usize, per_second: Option<u32>) -> Self {
        let per_second = per_second.map(|n| Arc::new(Semaphore::new(usize::try_from(n.max(1)).unwrap_or(1))));
        Self {
            at_once: Arc::new(Semaphore::new(concurrency.max(1))),
            per_second,
        }
    }

    /// Waits for a place. The place is free again when the permit is dropped.
    pub(crate) async fn enter(&self) -> Option<OwnedSemaphorePermit> {
        if let Some(pace) = &self.per_second {
            // A place in the pace comes back one second after it was taken, so no second holds more than the limit,
            // wherever it starts. No clock is read.
            if let Ok(place) = Arc::clone(pace).acquire_owned().await {
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    drop(place);
                });
            }
        }
        // The semaphore is never closed; if it were, the request would only go without a limit.
        Arc::clone(&self.at_once).acquire_owned().await.ok()
    }
}

/// Waits between tries: full jitter below a ceiling that doubles, from a counter, so that no random source is needed.
pub(crate) fn pause(attempt: u32, ticket: u64) -> Duration {
    const FIRST_MS: u64 = 100;
    const LAST_MS: u64 = 5_000;
    let ceiling = FIRST_MS.saturating_mul(1 << attempt.min(16)).min(LAST_MS);
    Duration::from_millis(spread(ticket) % (ceiling + 1))
}

/// SplitMix64: successive tickets land far from each other.
fn spread(ticket: u64) -> u64 {
    let mut z = ticket.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_differ_and_stay_below_the_ceiling() {
        assert!((0..1_000).all(|t| pause(0, t) <= Duration::from_millis(100)));
        assert!((0..1_000).any(|t| pause(5, t) > Duration::from_millis(1_600)));
        assert!((0..1_000).all(|t| pause(40, t) <= Duration::from_secs(5)));
        assert_ne!(pause(3, 1), pause(3, 2));
        assert_eq!(pause(3, 7), pause(3, 7));
    }

    #[tokio::test]
    async fn no_second_holds_more_than_the_limit() {
        let gate = Gate::new(10, Some(2));
        drop((gate.enter().await, gate.enter().await));
        let third = tokio::time::timeout(Duration::from_millis(300), gate.enter()).await;
        assert!(third.is_err(), "the third of a second has to wait");
        assert!(tokio::time::timeout(Duration::from_secs(2), gate.enter()).await.is_ok());
    }
}
