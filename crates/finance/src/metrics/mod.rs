//! Figures that the trade steers by. A ratio without a denominator has no value: never 0, never 100.
//!
//! Figures of a group are made by adding numerators and denominators ([`Fraction::sum`]), not by averaging ratios.

mod contracts;
mod people;

pub use contracts::{
    Backlog, BacklogContract, ContractState, Margin, PercentBilled, backlog, margin, percent_billed, rate_per_hour,
};
pub use people::{Capacity, PersonTime, utilization};

use strata_kernel::{Decimal, Result};

use crate::ratio::{Ratio, overflow};

/// Decimals of a percentage as it is shown.
pub const PERCENT_PLACES: u32 = 1;

/// Decimals of a share as it is shown: 0.7525 is 75.25 percent.
pub const SHARE_PLACES: u32 = 4;

/// A ratio that keeps its parts, so that it can be added up over people, contracts and months.
///
/// Serves every share the trade knows: realization (billed over worked at rate, collected over billed), margin,
/// utilization, effective rate, days of sales outstanding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Fraction {
    /// What is counted.
    pub numerator: Decimal,
    /// What it is a part of.
    pub denominator: Decimal,
}

impl Fraction {
    /// A ratio.
    pub fn new(numerator: impl Into<Decimal>, denominator: impl Into<Decimal>) -> Self {
        Self {
            numerator: numerator.into(),
            denominator: denominator.into(),
        }
    }

    /// Sum of the numerators over the sum of the denominators. Beyond 28 digits it is `AMOUNT_OVERFLOW`.
    ///
    /// Source: ratios of groups are ratios of sums, never averages of ratios.
    pub fn sum(fractions: impl IntoIterator<Item = Self>) -> Result<Self> {
        fractions.into_iter().try_fold(Self::default(), |sum, next| {
            let add = |one: Decimal, other| one.checked_add(other).ok_or_else(overflow);
            Ok(Self {
                numerator: add(sum.numerator, next.numerator)?,
                denominator: add(sum.denominator, next.denominator)?,
            })
        })
    }

    /// The value, rounded once to so many decimals. None: there is nothing to divide by.
    ///
    /// Half away from zero. Beyond 28 digits it is `AMOUNT_OVERFLOW`. Source: "Realization rate definition",
    /// AccountingTools, for the shares of the trade.
    pub fn value(self, places: u32) -> Result<Option<Decimal>> {
        self.times(1, places)
    }

    /// The value as a share, rounded once to [`SHARE_PLACES`].
    pub fn share(self) -> Result<Option<Decimal>> {
        self.value(SHARE_PLACES)
    }

    /// The value in percent, rounded once to [`PERCENT_PLACES`].
    pub fn percent(self) -> Result<Option<Decimal>> {
        self.times(100, PERCENT_PLACES)
    }

    /// Days of sales outstanding: receivables over what was billed in the last `days` days, in days, to one decimal.
    ///
    /// Half away from zero. Beyond 28 digits it is `AMOUNT_OVERFLOW`. Source: days sales outstanding: receivables /
    /// sales x days.
    pub fn in_days(self, days: u32) -> Result<Option<Decimal>> {
        self.times(i64::from(days), 1)
    }

    fn times(self, factor: i64, places: u32) -> Result<Option<Decimal>> {
        if self.denominator.is_zero() {
            return Ok(None);
        }
        Ratio::decimal(self.numerator)
            .times(Ratio::whole(factor))?
            .over(Ratio::decimal(self.denominator))?
            .round_places(places)
            .map(Some)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn nothing_to_divide_by_is_no_value() {
        assert_eq!(Fraction::new(5, 0).percent().unwrap(), None);
        assert_eq!(Fraction::new(0, 5).percent().unwrap().unwrap().to_string(), "0.0");
        assert_eq!(Fraction::sum([]).unwrap().value(2).unwrap(), None);
    }

    #[test]
    fn a_group_is_not_the_average_of_its_ratios() {
        let group = Fraction::sum([Fraction::new(8, 8), Fraction::new(0, 40)]).unwrap();
        assert_eq!(group.percent().unwrap().unwrap().to_string(), "16.7");
    }

    #[test]
    fn signs_and_days() {
        assert_eq!(Fraction::new(-150, -100).percent().unwrap().unwrap().to_string(), "150.0");
        assert_eq!(Fraction::new(1, -3).value(4).unwrap().unwrap().to_string(), "-0.3333");
        assert_eq!(
            Fraction::new(120_000, 240_000).in_days(90).unwrap().unwrap().to_string(),
            "45.0"
        );
        assert!(Fraction::new(Decimal::MAX, Decimal::new(1, 28)).percent().is_err());
    }
}
