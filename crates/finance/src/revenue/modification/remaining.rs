//! Modifications beyond units: what remains of a service series or of several promises, and catch-up.

use strata_kernel::{Decimal, Error, Money, Result};

use super::{Distinctness, Treatment, treatment};
use crate::amount::difference;
use crate::ratio::Ratio;
use crate::revenue::method::period_revenue;
use crate::revenue::price::allocate_price;
use crate::revenue::progress::Progress;

/// A series of distinct services at a fee per year, of which some time has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServiceSeries {
    /// Years of the term.
    pub years: Decimal,
    /// Years that have passed.
    pub years_done: Decimal,
    /// What the rest of the term brings after the change. None: as before, by the fee per year.
    pub modified_remaining_fee: Option<Money>,
    /// Fee of a year before the change.
    pub fee_per_year: Money,
    /// Years added.
    pub extension_years: Decimal,
    /// What the added years bring together.
    pub extension_fee: Money,
    /// That fee is the stand-alone selling price of the added years.
    pub extension_at_standalone: bool,
}

/// What the remaining time of a series brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeriesTerms {
    /// [`Treatment::Prospective`], or [`Treatment::SeparateContract`] for an extension at its stand-alone
    /// price: then the figures are those of the old contract, and the extension stands beside it.
    pub treatment: Treatment,
    /// What the remaining time brings.
    pub remaining_consideration: Money,
    /// Years it takes.
    pub remaining_years: Decimal,
    /// Revenue of a year, rounded to show.
    pub revenue_per_year: Money,
    /// Revenue of a month, a twelfth of a year, rounded to show.
    pub revenue_per_month: Money,
}

/// Accounts for a new fee and an extension of a service series (IFRS 15 Example 7, ASC 606-10-55-125 to
/// 55-128): what is past stays, and what remains is spread evenly over the remaining time.
///
/// Refuses years below zero, more years done than there are, and no time that remains (`INVALID_FIELD`).
pub fn modify_series(series: &ServiceSeries) -> Result<SeriesTerms> {
    let years = Ratio::decimal(series.years).minus(Ratio::decimal(series.years_done))?;
    if series.years_done < Decimal::ZERO || years.is_negative() {
        return Err(Error::invalid("years_done", "years done are from zero to all of the term"));
    }
    if series.extension_years < Decimal::ZERO {
        return Err(Error::invalid("extension_years", "an extension cannot be below zero"));
    }
    let currency = series.fee_per_year.currency;
    let rest = match series.modified_remaining_fee {
        Some(fee) => fee,
        None => Money::new(Ratio::whole(series.fee_per_year.minor).times(years)?.round()?, currency),
    };
    let extended = series.extension_years > Decimal::ZERO;
    let treatment = treatment(Distinctness::Distinct, extended && series.extension_at_standalone);
    let (years, consideration) = match treatment {
        Treatment::SeparateContract => (years, rest),
        _ => (
            years.plus(Ratio::decimal(series.extension_years))?,
            rest.plus(series.extension_fee)?,
        ),
    };
    if !years.is_positive() {
        return Err(Error::invalid("years", "no time remains to earn the price in"));
    }
    let per_year = Ratio::whole(consideration.minor).over(years)?;
    Ok(SeriesTerms {
        treatment,
        remaining_consideration: consideration,
        remaining_years: years.round_places(9)?.normalize(),
        revenue_per_year: Money::new(per_year.round()?, currency),
        revenue_per_month: Money::new(per_year.over(Ratio::whole(12))?.round()?, currency),
    })
}

/// A promise that is still to be fulfilled, in whole or in part, after a prospective modification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemainingPromise {
    /// Old price of it that is not recognised yet.
    pub unrecognised: Money,
    /// Price that the change adds for it.
    pub added: Money,
    /// Stand-alone selling price of what remains of it.
    pub standalone: Money,
}

/// Pools what is not recognised with what is added, and spreads the pool over the remaining promises by
/// stand-alone price (IFRS 15.21(a) with 15.74): the pool, and the part of each promise. The parts add up to
/// the pool exactly. Refuses what [`allocate_price`] refuses.
pub fn reallocate(promises: &[RemainingPromise]) -> Result<(Money, Vec<Money>)> {
    let first = promises
        .first()
        .ok_or_else(|| Error::invalid("remaining", "no promise remains"))?;
    let mut pool = Money::zero(first.unrecognised.currency);
    for promise in promises {
        pool = pool.plus(promise.unrecognised)?.plus(promise.added)?;
    }
    let standalone: Vec<Money> = promises.iter().map(|promise| promise.standalone).collect();
    Ok((pool, allocate_price(pool, &standalone)?))
}

/// Catch-up of a single obligation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CatchUp {
    /// Transaction price after the change.
    pub transaction_price: Money,
    /// Revenue of the day of the change. Below zero: revenue is taken back.
    pub catch_up: Money,
    /// What is left to earn.
    pub remaining: Money,
}

/// Cumulative catch-up (IFRS 15 Example 8, ASC 606-10-55-129 to 55-131): progress after the change x price
/// after the change, rounded once, less revenue before.
///
/// In minor units. Amounts in two currencies are `RATE_CURRENCY_MISMATCH`.
pub fn catch_up(progress: &Progress, price_after: Money, revenue_before: Money) -> Result<CatchUp> {
    let cumulative = progress.earned(price_after)?;
    Ok(CatchUp {
        transaction_price: price_after,
        catch_up: period_revenue(cumulative, revenue_before)?,
        remaining: difference(price_after, cumulative)?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::Currency;

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::parse("USD").unwrap())
    }

    /// Three years at 100,000; after two the third falls to 80,000, and three more are added for 200,000.
    fn series() -> ServiceSeries {
        ServiceSeries {
            years: Decimal::from(3),
            years_done: Decimal::from(2),
            modified_remaining_fee: Some(usd(8_000_000)),
            fee_per_year: usd(10_000_000),
            extension_years: Decimal::from(3),
            extension_fee: usd(20_000_000),
            extension_at_standalone: false,
        }
    }

    #[test]
    fn a_discounted_extension_is_blended() {
        let terms = modify_series(&series()).unwrap();
        assert_eq!(
            (terms.treatment, terms.remaining_years),
            (Treatment::Prospective, Decimal::from(4))
        );
        assert_eq!(terms.revenue_per_year.to_string(), "70000.00");
        assert_eq!(terms.revenue_per_month.to_string(), "5833.33");
    }

    #[test]
    fn an_extension_at_its_price_stands_alone() {
        let separate = modify_series(&ServiceSeries {
            extension_at_standalone: true,
            modified_remaining_fee: None,
            ..series()
        })
        .unwrap();
        assert_eq!(separate.treatment, Treatment::SeparateContract);
        assert_eq!(separate.remaining_consideration, usd(10_000_000));
        assert_eq!(separate.remaining_years, Decimal::ONE);
    }

    #[test]
    fn refuses_time_that_cannot_be() {
        let field = |series: ServiceSeries| modify_series(&series).unwrap_err().field;
        let (none, four) = (Decimal::ZERO, Decimal::from(4));
        assert_eq!(
            field(ServiceSeries {
                years_done: four,
                ..series()
            }),
            "years_done"
        );
        assert_eq!(
            field(ServiceSeries {
                extension_years: -four,
                ..series()
            }),
            "extension_years"
        );
        let over = ServiceSeries {
            years_done: Decimal::from(3),
            extension_years: none,
            ..series()
        };
        assert_eq!(field(over), "years");
    }

    #[test]
    fn a_pool_needs_promises_with_a_price() {
        assert_eq!(reallocate(&[]).unwrap_err().field, "remaining");
        let free = RemainingPromise {
            unrecognised: usd(5),
            added: usd(0),
            standalone: usd(0),
        };
        assert_eq!(reallocate(&[free]).unwrap_err().field, "weights");
    }

    #[test]
    fn a_lower_price_takes_revenue_back() {
        let half = Progress::part_of(Decimal::ONE, Decimal::from(2)).unwrap();
        let row = catch_up(&half, usd(701), usd(500)).unwrap();
        assert_eq!((row.catch_up, row.remaining), (usd(-149), usd(350)));
    }
}
