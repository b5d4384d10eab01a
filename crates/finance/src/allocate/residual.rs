//! Even parts of an amount: schedules, deferrals, instalments.

use strata_kernel::{Error, Money, Result};

use crate::ratio::{Ratio, overflow};

/// Splits an amount in `parts` parts where each is the rounded cumulative share less what was given out before:
/// 10.00 in three is 3.33, 3.34, 3.33. No part is more than a minor unit away from the even share.
///
/// Each cumulative share is rounded once, half away from zero. Refuses zero parts.
/// Source: "Design details: rounding" of Business Central.
pub fn running_residual(total: Money, parts: u32) -> Result<Vec<Money>> {
    at_least_one(parts)?;
    let mut given = 0_i64;
    let mut split = Vec::new();
    for part in 1..=parts {
        let due = share(total, part, parts)?;
        split.push(Money::new(due.checked_sub(given).ok_or_else(overflow)?, total.currency));
        given = due;
    }
    Ok(split)
}

/// Splits an amount in `parts` rounded even parts, the last of which takes the residual: 10.00 in three is
/// 3.33, 3.33, 3.34. With many parts of a small amount the residual may be larger than a part, or turn its sign.
///
/// The even part is rounded once, half away from zero. Refuses zero parts.
/// Source: "Contract deferrals" of Business Central: rounding differences go to the last of the series.
pub fn residual_last(total: Money, parts: u32) -> Result<Vec<Money>> {
    at_least_one(parts)?;
    let even = share(total, 1, parts)?;
    let given = i128::from(even) * i128::from(parts - 1);
    let rest = i64::try_from(i128::from(total.minor) - given).map_err(|_| overflow())?;
    let last = Money::new(rest, total.currency);
    Ok((1..parts).map(|_| Money::new(even, total.currency)).chain([last]).collect())
}

/// `total x part / parts` in minor units, rounded.
fn share(total: Money, part: u32, parts: u32) -> Result<i64> {
    Ratio::whole(total.minor)
        .times(Ratio::whole(i64::from(part)))?
        .over(Ratio::whole(i64::from(parts)))?
        .round()
}

fn at_least_one(parts: u32) -> Result<()> {
    match parts {
        0 => Err(Error::invalid("parts", "an amount is split in one part at least")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::Currency;

    fn minor(split: impl Fn(Money, u32) -> Result<Vec<Money>>, total: i64, parts: u32) -> Vec<i64> {
        let total = Money::new(total, Currency::parse("USD").unwrap());
        split(total, parts).unwrap().iter().map(|part| part.minor).collect()
    }

    #[test]
    fn the_running_residual_stays_near_the_even_share() {
        assert_eq!(minor(running_residual, 1000, 3), [333, 334, 333]);
        assert_eq!(minor(running_residual, -1000, 3), [-333, -334, -333]);
        assert_eq!(minor(running_residual, 2, 4), [1, 0, 1, 0]);
        assert_eq!(minor(running_residual, 0, 2), [0, 0]);
        assert_eq!(minor(running_residual, i64::MIN, 1), [i64::MIN]);
    }

    #[test]
    fn the_last_takes_what_is_left() {
        assert_eq!(minor(residual_last, 1000, 3), [333, 333, 334]);
        assert_eq!(minor(residual_last, -1000, 3), [-333, -333, -334]);
        assert_eq!(minor(residual_last, 3, 5), [1, 1, 1, 1, -1]);
        assert_eq!(minor(residual_last, 7, 1), [7]);
    }

    #[test]
    fn refuses_no_parts() {
        let usd = Currency::parse("USD").unwrap();
        assert_eq!(running_residual(Money::new(1, usd), 0).unwrap_err().field, "parts");
        assert_eq!(residual_last(Money::new(1, usd), 0).unwrap_err().field, "parts");
    }
}
