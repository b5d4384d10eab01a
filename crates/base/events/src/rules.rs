//! How patient the bus is.

use std::time::Duration;

/// How often, how long and how much. Times are the machine's, never simulated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Tries before an event becomes a dead letter, at least 1.
    pub tries: u32,
    /// Pause after the first failed try. Each later one is four times as long.
    pub pause: Duration,
    /// Longest pause.
    pub longest_pause: Duration,
    /// A relay that does not renew its claim for this long has lost it.
    pub lease: Duration,
    /// Events claimed at a time.
    pub batch: i64,
    /// How long an event is kept after it was published.
    pub retention: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            tries: 5,
            pause: Duration::from_millis(200),
            longest_pause: Duration::from_secs(60),
            lease: Duration::from_secs(10),
            batch: 200,
            retention: Duration::from_secs(30 * 24 * 3600),
        }
    }
}

impl Rules {
    /// Pause after the `failed`th try that failed.
    pub fn pause_after(&self, failed: u32) -> Duration {
        let factor = 4u32.saturating_pow(failed.saturating_sub(1).min(15));
        self.pause.saturating_mul(factor).min(self.longest_pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_the_longest() {
        let rules = Rules::default();
        let pauses = [1, 2, 3, 5, 6, 1000].map(|failed| rules.pause_after(failed).as_millis());
        assert_eq!(pauses, [200, 800, 3_200, 51_200, 60_000, 60_000]);
    }
}
