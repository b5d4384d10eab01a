//! Hours that were paid ahead, and how the fee for them is earned when some are never used.

use strata_kernel::{Error, Money, Result};

use crate::amount::share_of;

/// Hours bought ahead, and what became of them so far. Minutes are billable minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrepaidHours {
    /// What was paid for them.
    pub price: Money,
    /// Minutes bought.
    pub bought_minutes: i64,
    /// Minutes used so far. Below zero, which reversals may leave, counts as none.
    pub used_minutes: i64,
    /// Minutes that experience says will never be used (breakage). None: it cannot be predicted.
    pub expected_unused_minutes: Option<i64>,
    /// True when what is left can no longer be used, or the chance of it is remote.
    pub expired: bool,
}

/// Revenue to date of hours paid ahead, rounded once, half away from zero; the rest of the price is deferred.
///
/// Breakage that can be predicted is earned in proportion to use: `price x used / (bought - expected unused)`. Else it
/// is `price x used / bought`, and the unused rest is earned when it expires or its use is remote. Never more than the
/// price. Minutes bought of zero or less, and more expected to be unused than bought, are `INVALID_FIELD`.
/// Source: unexercised rights, ASC 606-10-55-46 to 55-49, IFRS 15 B44-B47.
pub fn earned_of_prepaid(hours: &PrepaidHours) -> Result<Money> {
    if hours.bought_minutes <= 0 {
        return Err(Error::invalid("bought_minutes", "hours paid ahead are above zero"));
    }
    let unused = hours.expected_unused_minutes.unwrap_or(0);
    if unused < 0 || unused > hours.bought_minutes {
        let message = format!("{unused} of {} minutes cannot stay unused", hours.bought_minutes);
        return Err(Error::invalid("expected_unused_minutes", message));
    }
    let expected = hours.bought_minutes - unused;
    if hours.expired || hours.used_minutes >= expected {
        return Ok(hours.price);
    }
    share_of(hours.price, hours.used_minutes.max(0), expected)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::Currency;

    fn earned(used_minutes: i64, expected_unused_minutes: Option<i64>, expired: bool) -> Result<i64> {
        let hours = PrepaidHours {
            price: Money::new(100_000, Currency::parse("EUR").unwrap()),
            bought_minutes: 6_000,
            used_minutes,
            expected_unused_minutes,
            expired,
        };
        earned_of_prepaid(&hours).map(|revenue| revenue.minor)
    }

    #[test]
    fn breakage_is_earned_with_use_or_at_the_end() {
        assert_eq!(earned(2_000, None, false).unwrap(), 33_333);
        assert_eq!(earned(2_000, Some(1_200), false).unwrap(), 41_667, "2,000 of 4,800");
        assert_eq!(earned(4_800, Some(1_200), false).unwrap(), 100_000);
        assert_eq!(
            earned(5_500, Some(1_200), false).unwrap(),
            100_000,
            "more than expected earns no more"
        );
        assert_eq!(earned(2_000, None, true).unwrap(), 100_000);
        assert_eq!(earned(-60, None, false).unwrap(), 0);
        assert_eq!(earned(0, Some(6_000), false).unwrap(), 100_000, "nobody will ever use them");
    }

    #[test]
    fn refuses_breakage_that_cannot_be() {
        for unused in [-1, 6_001] {
            assert_eq!(earned(0, Some(unused), false).unwrap_err().field, "expected_unused_minutes");
        }
        let none = PrepaidHours {
            price: Money::new(1, Currency::parse("EUR").unwrap()),
            bought_minutes: 0,
            used_minutes: 0,
            expected_unused_minutes: None,
            expired: true,
        };
        assert_eq!(earned_of_prepaid(&none).unwrap_err().field, "bought_minutes");
    }
}
