//! Minutes as a contract bills them: lifted to a minimum, rounded to an increment, written down. By entry, which is
//! the usual scope, or by employee and day, where a contract says so.

use strata_kernel::Result;

use crate::allocate::allocate_exact;

pub use crate::quantum::RoundingMode;
use crate::quantum::round_to_step;
use crate::ratio::overflow;

/// What a contract says about the minutes of one time entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimeRounding {
    /// Least minutes billed for an entry above zero.
    pub minimum_minutes: u32,
    /// Minutes are rounded to a multiple of this. 0 and 1: not rounded.
    pub increment_minutes: u32,
    /// How they are rounded. Of negative minutes the positive ones are rounded, and mirrored.
    pub mode: RoundingMode,
}

impl TimeRounding {
    /// Minutes as they were worked.
    pub const EXACT: Self = Self {
        minimum_minutes: 0,
        increment_minutes: 1,
        mode: RoundingMode::None,
    };
}

/// Lifts worked minutes to the minimum, then rounds them to the increment.
/// Zero stays zero: an entry without time is no work, so it earns no minimum. Negative minutes, which some
/// systems send to reverse an entry, give the exact mirror of the positive ones.
///
/// Whole minutes. Beyond 64 bits it is `AMOUNT_OVERFLOW`. Source: the contract's billing rule (minimum, increment,
/// mode); the modes of moneyphp.
pub fn billable_minutes(worked: i64, rule: TimeRounding) -> Result<i64> {
    after_write_down(worked, rule, 0)
}

/// [`billable_minutes`] less a write-down, which never turns the sign: at most everything is written down.
///
/// Whole minutes. Beyond 64 bits it is `AMOUNT_OVERFLOW`. Source: a write-down lowers what is billed, never what was
/// worked.
pub fn after_write_down(worked: i64, rule: TimeRounding, write_down_minutes: u32) -> Result<i64> {
    let size = i128::from(worked.unsigned_abs());
    if size == 0 {
        return Ok(0);
    }
    let lifted = size.max(i128::from(rule.minimum_minutes));
    let increment = i128::from(rule.increment_minutes.max(1));
    let rounded = round_to_step(lifted, increment, rule.mode).ok_or_else(overflow)?;
    let left = (rounded - i128::from(write_down_minutes)).max(0);
    i64::try_from(left * i128::from(worked.signum())).map_err(|_| overflow())
}

/// Billable minutes of the entries of one employee on one day, where a contract rounds the day and not the entry: the
/// day's worked minutes together are lifted and rounded as [`billable_minutes`] does, and the difference to what was
/// worked goes to the entries of the day's sign by their minutes, by largest remainder. The entries add up to the day.
///
/// A day that adds up to zero stays as it was worked. Sums beyond 64 bits are `AMOUNT_OVERFLOW`.
/// Source: the contract, which names entry or day as the scope of its rounding.
pub fn billable_minutes_of_day(worked: &[i64], rule: TimeRounding) -> Result<Vec<i64>> {
    let day = worked
        .iter()
        .try_fold(0_i64, |sum, minutes| sum.checked_add(*minutes))
        .ok_or_else(overflow)?;
    if day == 0 {
        return Ok(worked.to_vec());
    }
    let moved = billable_minutes(day, rule)?.checked_sub(day).ok_or_else(overflow)?;
    let share = |minutes: &i64| match minutes.signum() == day.signum() {
        true => i128::from(minutes.unsigned_abs()),
        false => 0,
    };
    let shares: Vec<i128> = worked.iter().map(share).collect();
    let parts = allocate_exact(moved, &shares)?;
    let entries = worked.iter().zip(parts);
    entries
        .map(|(minutes, part)| minutes.checked_add(part).ok_or_else(overflow))
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn rule(minimum_minutes: u32, increment_minutes: u32, mode: RoundingMode) -> TimeRounding {
        TimeRounding {
            minimum_minutes,
            increment_minutes,
            mode,
        }
    }

    #[test]
    fn lifts_then_rounds_by_mode() {
        let cases = [
            (30, rule(15, 15, RoundingMode::Up), 30),
            (31, rule(15, 15, RoundingMode::Up), 45),
            (37, rule(0, 15, RoundingMode::HalfUp), 30),
            (38, rule(0, 15, RoundingMode::HalfUp), 45),
            (3, rule(0, 6, RoundingMode::HalfUp), 6),
            (44, rule(0, 15, RoundingMode::Down), 30),
            (44, rule(60, 15, RoundingMode::None), 60),
            (20, rule(20, 15, RoundingMode::Up), 30),
            (7, rule(0, 0, RoundingMode::Up), 7),
        ];
        for (worked, rule, billable) in cases {
            assert_eq!(billable_minutes(worked, rule).unwrap(), billable, "{worked} by {rule:?}");
            assert_eq!(
                billable_minutes(-worked, rule).unwrap(),
                -billable,
                "mirror of {worked} by {rule:?}"
            );
        }
    }

    #[test]
    fn zero_stays_zero() {
        assert_eq!(billable_minutes(0, rule(30, 15, RoundingMode::Up)).unwrap(), 0);
    }

    #[test]
    fn write_down_comes_last_and_stops_at_zero() {
        let quarter = rule(0, 15, RoundingMode::Up);
        assert_eq!(after_write_down(50, quarter, 20).unwrap(), 40);
        assert_eq!(after_write_down(50, quarter, 90).unwrap(), 0);
        assert_eq!(after_write_down(-50, quarter, 20).unwrap(), -40);
        assert_eq!(after_write_down(-50, quarter, 90).unwrap(), 0);
    }

    #[test]
    fn a_day_is_rounded_once_and_spread_over_its_entries() {
        let quarter = rule(30, 15, RoundingMode::Up);
        let day = |worked: &[i64]| billable_minutes_of_day(worked, quarter).unwrap();
        // 20 + 20 + 10 = 50 are 60, not 30 + 30 + 30: ten more by 20 : 20 : 10.
        assert_eq!(day(&[20, 20, 10]), [24, 24, 12]);
        assert_eq!(day(&[-20, -20, -10]), [-24, -24, -12]);
        assert_eq!(day(&[60, -20]), [65, -20], "a reversal stays what it is: 40 are 45");
        assert_eq!(day(&[10]), [30], "lifted to the minimum of the day");
        assert_eq!(day(&[25, -25]), [25, -25]);
        assert_eq!(day(&[]), [0_i64; 0]);
        let whole_days = rule(0, 480, RoundingMode::Down);
        assert_eq!(billable_minutes_of_day(&[100, 100], whole_days).unwrap(), [0, 0]);
        assert!(billable_minutes_of_day(&[i64::MAX, 1], quarter).is_err());
    }

    #[test]
    fn overflow_is_an_error() {
        let error = billable_minutes(i64::MAX, rule(0, 480, RoundingMode::Up)).unwrap_err();
        assert_eq!(error.reason, crate::reason::AMOUNT_OVERFLOW);
        assert!(billable_minutes(i64::MIN, TimeRounding::EXACT).is_ok());
    }
}
