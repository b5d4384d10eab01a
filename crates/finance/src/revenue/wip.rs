//! Work in progress of a job: cost that waits to be expensed, and sales that wait to be billed.
//!
//! The five methods and their formulas are those that Microsoft Business Central publishes ("WIP methods for
//! calculating and recording project progress").

use strata_kernel::{Decimal, Error, Money, Result};

use super::progress::Progress;
use crate::amount::{difference, same_currency};
use crate::ratio::Ratio;

/// How a job's cost and sales reach profit and loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WipMethod {
    /// Cost stays in WIP as far as completion runs ahead of invoicing, valued at expected cost.
    CostValue,
    /// Budgeted cost is expensed in step with invoicing.
    CostOfSales,
    /// Sales follow the price of the usage, scaled to what is expected to be invoiced.
    SalesValue,
    /// Sales follow cost incurred over cost budgeted.
    PercentageOfCompletion,
    /// Nothing is recognised before the job is complete.
    CompletedContract,
}

/// Totals of a job. Each method asks for some of them; one that it asks for and is not there is refused
/// with its name (`INVALID_FIELD`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct JobTotals {
    /// Cost of usage so far.
    pub actual_cost: Option<Money>,
    /// Price of usage so far, at list.
    pub actual_price: Option<Money>,
    /// Cost of the whole budget.
    pub budget_cost: Option<Money>,
    /// Price of the whole budget, at list.
    pub budget_price: Option<Money>,
    /// What the whole job is billed at.
    pub billable_price: Option<Money>,
    /// What is invoiced so far.
    pub invoiced_price: Option<Money>,
}

impl JobTotals {
    /// Share of the billable price that is invoiced, exact.
    fn invoiced(&self) -> Result<Ratio> {
        let invoiced = need(self.invoiced_price, "invoiced_price")?;
        quotient(invoiced, need(self.billable_price, "billable_price")?, "billable_price")
    }

    /// Cost incurred over cost budgeted, from 0 to 1.
    fn completion(&self) -> Result<Progress> {
        let budget = need(self.budget_cost, "budget_cost")?;
        part_of(need(self.actual_cost, "actual_cost")?, budget)
    }
}

/// Sales taken to profit so far, rounded once. Progress stops at 1, so no method recognises more than the
/// billable price by it; what is invoiced is taken as it is.
///
/// In minor units, half away from zero. A total that is missing is `INVALID_FIELD`, two currencies are
/// `RATE_CURRENCY_MISMATCH`.
pub fn recognised_sales(method: WipMethod, job: &JobTotals) -> Result<Money> {
    let billable = || need(job.billable_price, "billable_price");
    match method {
        WipMethod::SalesValue => {
            let budget = need(job.budget_price, "budget_price")?;
            part_of(need(job.actual_price, "actual_price")?, budget)?.earned(billable()?)
        }
        WipMethod::PercentageOfCompletion => job.completion()?.earned(billable()?),
        WipMethod::CostValue | WipMethod::CostOfSales => need(job.invoiced_price, "invoiced_price"),
        WipMethod::CompletedContract => Ok(Money::zero(any_currency(job)?)),
    }
}

/// Sales recognised and not yet invoiced; below zero, sales invoiced and not yet recognised.
///
/// Refuses as [`recognised_sales`] does.
pub fn wip_sales(method: WipMethod, job: &JobTotals) -> Result<Money> {
    difference(recognised_sales(method, job)?, need(job.invoiced_price, "invoiced_price")?)
}

/// Cost taken to profit so far: cost incurred less what stays in WIP.
///
/// Refuses as [`wip_cost`] does.
pub fn recognised_cost(method: WipMethod, job: &JobTotals) -> Result<Money> {
    difference(need(job.actual_cost, "actual_cost")?, wip_cost(method, job)?)
}

/// Cost that stays in WIP, rounded once. Below zero: more is expensed than was incurred.
///
/// Half away from zero. A total that is missing is `INVALID_FIELD`, two currencies are `RATE_CURRENCY_MISMATCH`.
pub fn wip_cost(method: WipMethod, job: &JobTotals) -> Result<Money> {
    let actual = need(job.actual_cost, "actual_cost")?;
    match method {
        WipMethod::CostOfSales => {
            let budget = need(job.budget_cost, "budget_cost")?;
            difference(actual, rounded(Ratio::whole(budget.minor).times(job.invoiced()?)?, budget)?)
        }
        WipMethod::CostValue => {
            let budget = need(job.budget_cost, "budget_cost")?;
            let billable = need(job.billable_price, "billable_price")?;
            let cost_ratio = quotient(budget, need(job.budget_price, "budget_price")?, "budget_price")?;
            let expected = Ratio::whole(billable.minor).times(cost_ratio)?;
            let ahead = job.completion()?.exact().minus(job.invoiced()?)?;
            rounded(expected.times(ahead)?, actual)
        }
        WipMethod::SalesValue | WipMethod::PercentageOfCompletion => Ok(Money::zero(actual.currency)),
        WipMethod::CompletedContract => Ok(actual),
    }
}

/// Percent of the billable price that is invoiced, with two decimals, to show.
///
/// Half away from zero. A total that is missing, or a billable price of zero, is `INVALID_FIELD`.
pub fn invoiced_percent(job: &JobTotals) -> Result<Decimal> {
    job.invoiced()?.times(Ratio::whole(100))?.round_places(2)
}

fn rounded(minor: Ratio, like: Money) -> Result<Money> {
    Ok(Money::new(minor.round()?, like.currency))
}

fn need(total: Option<Money>, field: &str) -> Result<Money> {
    total.ok_or_else(|| Error::invalid(field, "the method needs this total"))
}

fn part_of(part: Money, whole: Money) -> Result<Progress> {
    same_currency(part, whole)?;
    Progress::part_of(part.major(), whole.major())
}

fn quotient(part: Money, whole: Money, field: &str) -> Result<Ratio> {
    same_currency(part, whole)?;
    if whole.minor <= 0 {
        return Err(Error::invalid(field, "a share needs a total above zero"));
    }
    Ratio::decimal(part.major()).over(Ratio::decimal(whole.major()))
}

fn any_currency(job: &JobTotals) -> Result<strata_kernel::Currency> {
    let total = job.invoiced_price.or(job.billable_price).or(job.actual_cost);
    Ok(need(total, "billable_price")?.currency)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::Currency;

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::parse("USD").unwrap())
    }

    fn job() -> JobTotals {
        JobTotals {
            actual_cost: Some(usd(5_000)),
            actual_price: Some(usd(6_000)),
            budget_cost: Some(usd(8_000)),
            budget_price: Some(usd(12_000)),
            billable_price: Some(usd(10_000)),
            invoiced_price: Some(usd(4_000)),
        }
    }

    #[test]
    fn every_method_has_its_four_figures() {
        let cases = [
            // (completion 0.625 - invoiced 0.4) x 10,000 x 8,000/12,000 = 1,500 stay in WIP.
            (WipMethod::CostValue, 4_000, 0, 3_500, 1_500),
            (WipMethod::CostOfSales, 4_000, 0, 3_200, 1_800),
            (WipMethod::SalesValue, 5_000, 1_000, 5_000, 0),
            (WipMethod::PercentageOfCompletion, 6_250, 2_250, 5_000, 0),
            (WipMethod::CompletedContract, 0, -4_000, 0, 5_000),
        ];
        for (method, sales, unbilled, cost, waiting) in cases {
            assert_eq!(recognised_sales(method, &job()).unwrap(), usd(sales), "{method:?}");
            assert_eq!(wip_sales(method, &job()).unwrap(), usd(unbilled), "{method:?}");
            assert_eq!(recognised_cost(method, &job()).unwrap(), usd(cost), "{method:?}");
            assert_eq!(wip_cost(method, &job()).unwrap(), usd(waiting), "{method:?}");
        }
        assert_eq!(invoiced_percent(&job()).unwrap(), Decimal::from(40));
    }

    #[test]
    fn recognises_no_more_than_is_billable() {
        let over = JobTotals {
            actual_cost: Some(usd(9_000)),
            actual_price: Some(usd(13_000)),
            ..job()
        };
        for method in [WipMethod::SalesValue, WipMethod::PercentageOfCompletion] {
            assert_eq!(recognised_sales(method, &over).unwrap(), usd(10_000));
        }
    }

    #[test]
    fn names_the_total_that_is_missing_or_zero() {
        let without = JobTotals {
            budget_price: None,
            ..job()
        };
        assert_eq!(
            recognised_sales(WipMethod::SalesValue, &without).unwrap_err().field,
            "budget_price"
        );
        let free = JobTotals {
            billable_price: Some(usd(0)),
            ..job()
        };
        assert_eq!(wip_cost(WipMethod::CostOfSales, &free).unwrap_err().field, "billable_price");
        assert!(recognised_sales(WipMethod::CompletedContract, &JobTotals::default()).is_err());
    }
}
