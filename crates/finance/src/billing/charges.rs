//! A time-and-material month from its totals: hours at rates, costs under caps of their own, a percentage fee.

use strata_kernel::{Currency, Decimal, Error, Money, Result};

use crate::amount::{percent_of, quantity_amount, sum};
use crate::cap::{CapSplit, room, within};

/// Hours at one rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeCharge {
    /// Hours. Below zero reverses.
    pub hours: Decimal,
    /// Price per hour in major units, not below zero.
    pub rate: Decimal,
}

/// Costs that are billed as they are, up to a cap over the life of the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CappedCost {
    /// What they are for.
    pub name: String,
    /// Costs of this month.
    pub cost: Money,
    /// The most. None: not capped.
    pub cap: Option<Money>,
    /// Billed in earlier months.
    pub billed_before: Money,
}

/// What a percentage fee is a percentage of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FeeBase {
    /// Time on the same document.
    Time,
    /// Time and costs on the same document.
    TimeAndCosts,
}

impl FeeBase {
    /// The base of a word. Any other word is `INVALID_FIELD`.
    pub fn parse(word: &str) -> Result<Self> {
        match word {
            "time" => Ok(Self::Time),
            "time_and_costs" => Ok(Self::TimeAndCosts),
            _ => Err(Error::invalid(
                "fee_base",
                format!("\"{word}\" is no base of a fee; use time or time_and_costs"),
            )),
        }
    }
}

/// A fee on top, computed after what it is a percentage of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PercentFee {
    /// Percent, not below zero.
    pub percent: Decimal,
    /// Of what.
    pub base: FeeBase,
}

/// What a month bills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BilledCharges {
    /// Time, each charge rounded.
    pub time: Money,
    /// Costs below their caps.
    pub costs: Money,
    /// Costs that wait above their caps.
    pub over_cap: Money,
    /// The fee, rounded once.
    pub fee: Money,
    /// Time, costs and fee.
    pub total: Money,
}

/// Bills a month: each time charge is rounded by itself, each cost is cut at the room below its cap, and the fee
/// comes last.
///
/// Source of the rules: time-and-material and fee billing rules of Dynamics 365 project contracts.
/// Refuses rates and fees below zero, and amounts in another currency.
pub fn bill_charges(
    time: &[TimeCharge],
    costs: &[CappedCost],
    fee: Option<PercentFee>,
    currency: Currency,
) -> Result<BilledCharges> {
    if time.iter().any(|charge| charge.rate < Decimal::ZERO) {
        return Err(Error::invalid("rate", "a rate cannot be below zero"));
    }
    if fee.is_some_and(|fee| fee.percent < Decimal::ZERO) {
        return Err(Error::invalid("fee_percent", "a fee cannot be below zero"));
    }
    let priced = time.iter().map(|charge| quantity_amount(charge.rate, charge.hours, currency));
    let time = sum(priced.collect::<Result<Vec<_>>>()?, currency)?;
    let splits = costs.iter().map(below_cap).collect::<Result<Vec<CapSplit>>>()?;
    let costs = sum(splits.iter().map(|split| split.billable), currency)?;
    let over_cap = sum(splits.iter().map(|split| split.over_cap), currency)?;
    let fee = match fee {
        None => Money::zero(currency),
        Some(fee) => percent_of(
            match fee.base {
                FeeBase::Time => time,
                FeeBase::TimeAndCosts => time.plus(costs)?,
            },
            fee.percent,
        )?,
    };
    Ok(BilledCharges {
        time,
        costs,
        over_cap,
        fee,
        total: sum([time, costs, fee], currency)?,
    })
}

fn below_cap(cost: &CappedCost) -> Result<CapSplit> {
    match cost.cap {
        Some(cap) => within(cost.cost, room(cap, cost.billed_before)?),
        None => Ok(CapSplit {
            billable: cost.cost,
            over_cap: Money::zero(cost.cost.currency),
        }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::parse("USD").unwrap())
    }

    fn cost(cost: i64, cap: Option<i64>, before: i64) -> CappedCost {
        CappedCost {
            name: "supplies".to_owned(),
            cost: usd(cost),
            cap: cap.map(usd),
            billed_before: usd(before),
        }
    }

    fn bill(costs: &[CappedCost], fee: Option<(i64, FeeBase)>) -> Result<BilledCharges> {
        let time = [TimeCharge {
            hours: Decimal::from(200),
            rate: Decimal::from(100),
        }];
        let fee = fee.map(|(percent, base)| PercentFee {
            percent: Decimal::from(percent),
            base,
        });
        bill_charges(&time, costs, fee, usd(0).currency)
    }

    #[test]
    fn the_fee_comes_last_and_costs_stop_at_their_caps() {
        let fee = bill(&[], Some((10, FeeBase::Time))).unwrap();
        assert_eq!((fee.fee, fee.total), (usd(200_000), usd(2_200_000)));
        let costs = [cost(2_000, Some(10_000), 9_000), cost(500, None, 0), cost(-300, Some(0), 0)];
        let capped = bill(&costs, Some((10, FeeBase::TimeAndCosts))).unwrap();
        assert_eq!((capped.costs, capped.over_cap), (usd(1_200), usd(1_000)));
        assert_eq!((capped.fee, capped.total), (usd(200_120), usd(2_201_320)));
        let nothing = bill_charges(&[], &[], None, usd(0).currency).unwrap();
        assert_eq!(nothing.total, usd(0));
    }

    #[test]
    fn refuses_what_is_no_charge() {
        assert_eq!(bill(&[], Some((-1, FeeBase::Time))).unwrap_err().field, "fee_percent");
        let below = [TimeCharge {
            hours: Decimal::ONE,
            rate: Decimal::NEGATIVE_ONE,
        }];
        assert_eq!(bill_charges(&below, &[], None, usd(0).currency).unwrap_err().field, "rate");
        let yen = bill_charges(&[], &[cost(1, None, 0)], None, Currency::parse("JPY").unwrap());
        assert!(yen.is_err());
        assert!(FeeBase::parse("gross").is_err());
    }
}
