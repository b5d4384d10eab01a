//! How much of a promise is fulfilled: a share from 0 to 1 that is never rounded.

use strata_kernel::{Decimal, Error, Money, Reason, Result};

use crate::ratio::Ratio;
use crate::reason;

/// Measure of progress (IFRS 15.39-45, ASC 606-10-25-31 to 25-37): a share from 0 to 1, exact.
///
/// What is earned with it is rounded once, when it meets a price ([`Progress::earned`]).
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    share: Ratio,
    warning: Option<Reason>,
}

impl Progress {
    /// Nothing is done.
    pub fn none() -> Self {
        Self::unwarned(Ratio::whole(0))
    }

    /// Input method (IFRS 15 B18-B19): effort so far over the estimate at completion, both in the same unit,
    /// be it hours, minutes or cost.
    ///
    /// Effort below zero, which corrections may leave, is no progress. An estimate below the effort is taken
    /// for the effort, with the warning `EAC_BELOW_ACTUAL`. Without an estimate, or with one of zero before
    /// there is effort, progress is 0 with the warning `EAC_MISSING`.
    /// Refuses an estimate below zero (`INVALID_FIELD`); digits beyond 128 bits are `AMOUNT_OVERFLOW`.
    pub fn input(done: Decimal, estimate: Option<Decimal>) -> Result<Self> {
        let missing = Self {
            warning: Some(reason::EAC_MISSING),
            ..Self::none()
        };
        let Some(estimate) = estimate else {
            return Ok(missing);
        };
        if estimate < Decimal::ZERO {
            return Err(Error::invalid("estimate", "an estimate at completion cannot be below zero"));
        }
        if done > estimate {
            return Ok(Self {
                warning: Some(reason::EAC_BELOW_ACTUAL),
                ..Self::unwarned(Ratio::whole(1))
            });
        }
        if estimate.is_zero() {
            return Ok(missing);
        }
        Self::part_of(done, estimate)
    }

    /// Part over whole, held between 0 and 1. Refuses a whole of zero or less (`INVALID_FIELD`).
    ///
    /// Source: IFRS 15.39-41, ASC 606-10-25-31 to 25-33.
    pub fn part_of(part: Decimal, whole: Decimal) -> Result<Self> {
        Self::of(
            Ratio::decimal(part.clamp(Decimal::ZERO, whole.max(Decimal::ZERO))),
            Ratio::decimal(whole),
        )
    }

    /// [`Progress::part_of`] for a part that is known to lie between nothing and the whole.
    pub(super) fn of(part: Ratio, whole: Ratio) -> Result<Self> {
        if !whole.is_positive() {
            return Err(Error::invalid("whole", "progress is measured on something above zero"));
        }
        Ok(Self::unwarned(part.over(whole)?))
    }

    fn unwarned(share: Ratio) -> Self {
        Self { share, warning: None }
    }

    /// The share itself, for rules that compute on with it.
    pub(super) fn exact(&self) -> Ratio {
        self.share
    }

    /// What somebody should look at: `EAC_MISSING` or `EAC_BELOW_ACTUAL`.
    pub fn warning(&self) -> Option<Reason> {
        self.warning
    }

    /// Price earned so far: price x progress, rounded once to the minor unit.
    ///
    /// Half away from zero. Beyond 64 bits it is `AMOUNT_OVERFLOW`. Source: IFRS 15.39, ASC 606-10-25-31.
    pub fn earned(&self, price: Money) -> Result<Money> {
        share_of(self.share, price)
    }

    /// Part of an amount that belongs to the work still to do: amount x (1 - progress), rounded once.
    ///
    /// Half away from zero. Beyond 64 bits it is `AMOUNT_OVERFLOW`. Source: ASC 605-35-25-45 for the part of a loss
    /// that is still to come.
    pub fn remaining(&self, amount: Money) -> Result<Money> {
        share_of(self.share.complement()?, amount)
    }

    /// The share as a decimal of 18 places, to show and to store; amounts are never computed from it.
    ///
    /// Digits beyond 128 bits are `AMOUNT_OVERFLOW`.
    pub fn share(&self) -> Result<Decimal> {
        Ok(self.share.round_places(18)?.normalize())
    }

    /// Percent complete with two decimals, to show.
    ///
    /// Half away from zero. Digits beyond 128 bits are `AMOUNT_OVERFLOW`. Source: "Revenue recognition by cost
    /// estimates", Dynamics 365 Project Operations.
    pub fn percent(&self) -> Result<Decimal> {
        self.share.times(Ratio::whole(100))?.round_places(2)
    }
}

fn share_of(share: Ratio, amount: Money) -> Result<Money> {
    let minor = Ratio::whole(amount.minor).times(share)?.round()?;
    Ok(Money::new(minor, amount.currency))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::{Currency, parse_decimal};

    fn input(done: &str, estimate: &str) -> Progress {
        Progress::input(parse_decimal(done).unwrap(), Some(parse_decimal(estimate).unwrap())).unwrap()
    }

    #[test]
    fn stays_between_nothing_and_everything() {
        let cases = [
            ("-5", "100", "0", None),
            ("0", "100", "0", None),
            ("25", "100", "0.25", None),
            ("100", "100", "1", None),
            ("101", "100", "1", Some(reason::EAC_BELOW_ACTUAL)),
            ("1", "0", "1", Some(reason::EAC_BELOW_ACTUAL)),
            ("0", "0", "0", Some(reason::EAC_MISSING)),
        ];
        for (done, estimate, share, warning) in cases {
            let progress = input(done, estimate);
            assert_eq!(progress.share().unwrap().to_string(), share, "{done} of {estimate}");
            assert_eq!(progress.warning(), warning, "{done} of {estimate}");
        }
    }

    #[test]
    fn without_an_estimate_nothing_is_earned() {
        let progress = Progress::input(Decimal::from(40), None).unwrap();
        assert_eq!(progress.warning(), Some(reason::EAC_MISSING));
        let price = Money::new(1_000, Currency::parse("EUR").unwrap());
        assert_eq!(progress.earned(price).unwrap().minor, 0);
        assert_eq!(progress.remaining(price).unwrap(), price);
    }

    #[test]
    fn is_not_rounded_before_it_meets_a_price() {
        // 17 percent of nine million would be 1,530,000.
        let price = Money::new(900_000_000, Currency::parse("USD").unwrap());
        assert_eq!(input("1", "6").earned(price).unwrap().to_string(), "1500000.00");
        assert_eq!(input("1", "6").percent().unwrap().to_string(), "16.67");
        let credit = Money::new(-5, price.currency);
        assert_eq!(input("1", "2").earned(credit).unwrap().minor, -3);
    }

    #[test]
    fn refuses_senseless_measures() {
        let negative = Progress::input(Decimal::ONE, Some(Decimal::NEGATIVE_ONE)).unwrap_err();
        assert_eq!(negative.field, "estimate");
        assert_eq!(Progress::part_of(Decimal::ONE, Decimal::ZERO).unwrap_err().field, "whole");
    }
}
