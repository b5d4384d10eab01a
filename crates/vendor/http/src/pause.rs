//! Pauses between tries.

use std::time::Duration;

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
}
