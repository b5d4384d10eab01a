//! Transaction price: what a contract is expected to bring, and how it is spread over its promises.

use strata_kernel::{Currency, Decimal, Error, Money, Result};

use super::method::period_revenue;
use crate::allocate::allocate;
use crate::amount::{difference, same_currency};
use crate::ratio::{Ratio, overflow};

/// A possible outcome of variable consideration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// How likely it is, in percent.
    pub percent: Decimal,
    /// Bonus, or penalty below zero.
    pub amount: Money,
}

/// Expected value of variable consideration: outcomes weighted by their percents, rounded once
/// (IFRS 15.53(a), ASC 606-10-32-8(a)). For many similar contracts or many outcomes.
///
/// Refuses percents below zero, and percents that do not add up to 100 (`INVALID_FIELD`).
pub fn expected_value(currency: Currency, outcomes: &[Outcome]) -> Result<Money> {
    check_percents(outcomes)?;
    let mut sum = Ratio::whole(0);
    for outcome in outcomes {
        same_currency(outcome.amount, Money::zero(currency))?;
        sum = sum.plus(Ratio::decimal(outcome.percent).times(Ratio::whole(outcome.amount.minor))?)?;
    }
    Ok(Money::new(sum.over(Ratio::whole(100))?.round()?, currency))
}

/// Most likely amount of variable consideration (IFRS 15.53(b), ASC 606-10-32-8(b)): the outcome with the
/// highest percent, for outcomes that are few, like a bonus that is earned or not.
///
/// The constraint (IFRS 15.56-58, ASC 606-10-32-11 to 32-13) keeps it to the least of the outcomes unless a
/// large reversal is unlikely, and of two outcomes equally likely it is the lower.
/// Refuses as [`expected_value`] does, and no outcome at all.
pub fn most_likely(outcomes: &[Outcome], large_reversal_unlikely: bool) -> Result<Money> {
    check_percents(outcomes)?;
    let mut best: Option<&Outcome> = None;
    for outcome in outcomes {
        let Some(held) = best else {
            best = Some(outcome);
            continue;
        };
        same_currency(outcome.amount, held.amount)?;
        let lower = outcome.amount.minor < held.amount.minor;
        let better = match large_reversal_unlikely {
            true => outcome.percent > held.percent || (outcome.percent == held.percent && lower),
            false => lower,
        };
        if better {
            best = Some(outcome);
        }
    }
    best.map(|outcome| outcome.amount)
        .ok_or_else(|| Error::invalid("outcomes", "there is no outcome"))
}

/// A bonus that is earned or not: two outcomes that add up to 100 percent.
///
/// A percent beyond 28 digits is `AMOUNT_OVERFLOW`; one outside 0 to 100 is refused where the outcomes are used.
/// Source: two possible outcomes, IFRS 15.53(b).
pub fn all_or_nothing(bonus: Money, percent: Decimal) -> Result<[Outcome; 2]> {
    let nothing = Outcome {
        percent: Decimal::ONE_HUNDRED.checked_sub(percent).ok_or_else(overflow)?,
        amount: Money::zero(bonus.currency),
    };
    Ok([Outcome { percent, amount: bonus }, nothing])
}

fn check_percents(outcomes: &[Outcome]) -> Result<()> {
    let mut sum = Decimal::ZERO;
    for outcome in outcomes {
        if outcome.percent < Decimal::ZERO || outcome.percent > Decimal::ONE_HUNDRED {
            return Err(Error::invalid("percent", "an outcome is from 0 to 100 percent likely"));
        }
        sum = sum.checked_add(outcome.percent).ok_or_else(overflow)?;
    }
    if sum != Decimal::ONE_HUNDRED {
        return Err(Error::invalid(
            "outcomes",
            format!("outcomes are {sum} percent likely together, and not 100"),
        ));
    }
    Ok(())
}

/// Price of a bundle: what is paid at the start and every month.
///
/// In minor units, exact. Beyond 64 bits it is `AMOUNT_OVERFLOW`, two currencies are `RATE_CURRENCY_MISMATCH`. Source:
/// transaction price, IFRS 15.47, ASC 606-10-32-2.
pub fn bundle_price(upfront: Money, monthly: Money, months: u32) -> Result<Money> {
    let minor = monthly.minor.checked_mul(i64::from(months)).ok_or_else(overflow)?;
    upfront.plus(Money::new(minor, monthly.currency))
}

/// Spreads a transaction price over performance obligations by their stand-alone selling prices
/// (IFRS 15.73-80, ASC 606-10-32-28 to 32-35), in minor units by largest remainder: the parts add up to the
/// price exactly. Refuses stand-alone prices below zero, and none above it (`INVALID_FIELD`).
pub fn allocate_price(price: Money, standalone: &[Money]) -> Result<Vec<Money>> {
    let mut weights = Vec::with_capacity(standalone.len());
    for weight in standalone {
        same_currency(price, *weight)?;
        weights.push(weight.minor);
    }
    let parts = allocate(price.minor, &weights)?;
    Ok(parts.into_iter().map(|minor| Money::new(minor, price.currency)).collect())
}

/// What allocation moved to a line: its allocated revenue less what is billed for it at the end. Over all
/// lines of a contract that is billed in full the variances cancel.
///
/// In minor units, exact; two currencies are `RATE_CURRENCY_MISMATCH`. Source: "Revenue recognition with standalone
/// selling price", Dynamics 365 Project Operations.
pub fn contract_variance(allocated: Money, billed: Money) -> Result<Money> {
    difference(allocated, billed)
}

/// Units sold in a period under a price that falls, for all units, once enough are bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VolumePeriod {
    /// Units of the period.
    pub units: Decimal,
    /// As known at the end of the period, the customer is expected to pass the threshold.
    pub threshold_expected: bool,
}

/// Revenue per period under a retroactive volume price (IFRS 15 Example 24, ASC 606-10-55-216 to 55-220): all
/// units so far at the price that is expected to hold for them, rounded once, less revenue before. The period
/// in which the expectation changes catches up, in both directions.
///
/// Units and prices are exact decimals. Beyond 64 bits it is `AMOUNT_OVERFLOW`.
pub fn volume_rebate(
    price: Decimal,
    price_after_threshold: Decimal,
    periods: &[VolumePeriod],
    currency: Currency,
) -> Result<Vec<Money>> {
    let mut units = Ratio::whole(0);
    let mut before = Money::zero(currency);
    let mut revenue = Vec::with_capacity(periods.len());
    for period in periods {
        units = units.plus(Ratio::decimal(period.units))?;
        let price = if period.threshold_expected {
            price_after_threshold
        } else {
            price
        };
        let cumulative = units.times(Ratio::decimal(price))?.money(currency)?;
        revenue.push(period_revenue(cumulative, before)?);
        before = cumulative;
    }
    Ok(revenue)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::parse("USD").unwrap())
    }

    fn outcomes(rows: &[(i64, i64)]) -> Vec<Outcome> {
        rows.iter()
            .map(|(percent, minor)| Outcome {
                percent: Decimal::from(*percent),
                amount: usd(*minor),
            })
            .collect()
    }

    #[test]
    fn weighs_outcomes_and_rounds_once() {
        let value = |rows| expected_value(usd(0).currency, &outcomes(rows)).map(|money| money.minor);
        assert_eq!(value(&[(50, 101), (50, 0)]).unwrap(), 51);
        assert_eq!(value(&[(50, -101), (50, 0)]).unwrap(), -51);
        assert_eq!(value(&[(100, 7)]).unwrap(), 7);
        for wrong in [&[(50, 1)][..], &[(60, 1), (50, 0)], &[(110, 1), (-10, 0)], &[]] {
            assert_eq!(value(wrong).unwrap_err().reason, "INVALID_FIELD", "{wrong:?}");
        }
    }

    #[test]
    fn the_most_likely_outcome_unless_it_may_be_reversed() {
        let rows = [(40, 0), (45, 100), (15, 200)];
        assert_eq!(most_likely(&outcomes(&rows), true).unwrap(), usd(100));
        assert_eq!(most_likely(&outcomes(&rows), false).unwrap(), usd(0));
        let percent = |number: i64| {
            let outcomes = all_or_nothing(usd(9), Decimal::from(number)).unwrap();
            most_likely(&outcomes, true).map(|money| money.minor)
        };
        assert_eq!((percent(51).unwrap(), percent(50).unwrap(), percent(0).unwrap()), (9, 0, 0));
        assert_eq!(percent(101).unwrap_err().field, "percent");
        assert!(most_likely(&[], true).is_err());
    }

    #[test]
    fn a_price_is_spread_without_a_rest() {
        let parts = allocate_price(usd(100), &[usd(1), usd(1), usd(1)]).unwrap();
        assert_eq!(parts, [usd(34), usd(33), usd(33)]);
        assert!(allocate_price(usd(100), &[]).is_err());
        let yen = Money::new(5, Currency::parse("JPY").unwrap());
        let error = allocate_price(usd(100), &[yen]).unwrap_err();
        assert_eq!(error.reason, crate::reason::RATE_CURRENCY_MISMATCH);
    }

    #[test]
    fn an_expectation_can_be_given_up_again() {
        let period = |units: i64, threshold_expected| VolumePeriod {
            units: units.into(),
            threshold_expected,
        };
        let (full, less) = (Decimal::from(10), Decimal::from(9));
        let periods = [period(10, true), period(5, false), period(0, true)];
        let revenue = volume_rebate(full, less, &periods, usd(0).currency).unwrap();
        assert_eq!(revenue, [usd(9_000), usd(6_000), usd(-1_500)]);
    }

    #[test]
    fn a_bundle_without_months_is_its_upfront_part() {
        assert_eq!(bundle_price(usd(100), usd(30), 0).unwrap(), usd(100));
        assert_eq!(
            bundle_price(usd(0), usd(i64::MAX), 2).unwrap_err().reason,
            crate::reason::AMOUNT_OVERFLOW
        );
    }
}
