//! Cost-to-cost: progress is cost so far over expected cost, and profit follows.

use strata_kernel::{Currency, Decimal, Error, Money, Reason, Result};

use super::method::period_revenue;
use super::progress::Progress;
use crate::amount::{at_most, difference, same_currency};
use crate::ratio::Ratio;
use crate::reason;

/// Cost of a contract as known at a close, both figures in the contract's currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CostEstimate {
    /// Cost so far, without wasted effort and without material that is not installed (IFRS 15 B19).
    pub to_date: Money,
    /// Estimate at completion: cost so far and cost still to come.
    pub at_completion: Option<Money>,
}

impl CostEstimate {
    /// Measure of progress: cost so far over estimate at completion. See [`Progress::input`] for its warnings.
    ///
    /// Costs in two currencies are `RATE_CURRENCY_MISMATCH`. Source: cost-to-cost, IFRS 15 B18-B19, ASC 606-10-55-20
    /// and 55-21.
    pub fn progress(&self) -> Result<Progress> {
        if let Some(estimate) = self.at_completion {
            same_currency(self.to_date, estimate)?;
        }
        Progress::input(self.to_date.major(), self.at_completion.map(Money::major))
    }

    /// Cost the contract is expected to take: the estimate at completion, or the cost so far when that is more.
    /// Without an estimate it is `EAC_MISSING`.
    ///
    /// Source: ASC 605-35-25-45 for what the loss of a contract is measured by.
    pub fn expected(&self) -> Result<Money> {
        let Some(estimate) = self.at_completion else {
            return Err(Error::precondition(
                reason::EAC_MISSING,
                "there is no estimate of the cost at completion; enter one",
            ));
        };
        let more = difference(self.to_date, estimate)?.minor > 0;
        Ok(if more { self.to_date } else { estimate })
    }
}

/// Revenue, cost and gross profit of a period or to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profit {
    /// Revenue.
    pub revenue: Money,
    /// Cost.
    pub cost: Money,
    /// Revenue less cost.
    pub profit: Money,
    /// What somebody should look at: `EAC_MISSING` or `EAC_BELOW_ACTUAL`.
    pub warning: Option<Reason>,
}

impl Profit {
    fn of(revenue: Money, cost: Money, warning: Option<Reason>) -> Result<Self> {
        Ok(Self {
            revenue,
            cost,
            profit: difference(revenue, cost)?,
            warning,
        })
    }

    /// Nothing happened yet.
    pub fn zero(currency: Currency) -> Self {
        let zero = Money::zero(currency);
        Self {
            revenue: zero,
            cost: zero,
            profit: zero,
            warning: None,
        }
    }

    /// What happened between `before` and now, both to date.
    ///
    /// Amounts in two currencies are `RATE_CURRENCY_MISMATCH`. Source: cumulative catch-up, IFRS 15.43, ASC
    /// 606-10-25-35.
    pub fn since(&self, before: &Self) -> Result<Self> {
        let revenue = period_revenue(self.revenue, before.revenue)?;
        Self::of(revenue, difference(self.cost, before.cost)?, self.warning)
    }
}

/// Revenue to date = price x progress, rounded once, with cost and gross profit to date. An expected loss is
/// not in it: see [`super::loss`].
///
/// In minor units, half away from zero. Refuses as [`CostEstimate::progress`] does; a missing estimate is the warning
/// `EAC_MISSING`. Source: IFRS 15 B18-B19, ASC 606-10-55-20 and 55-21.
pub fn cost_to_cost(price: Money, estimate: &CostEstimate) -> Result<Profit> {
    let progress = estimate.progress()?;
    Profit::of(progress.earned(price)?, estimate.to_date, progress.warning())
}

/// [`cost_to_cost`] of periods that follow one another, each with its price and estimate as known at its
/// close; the rows are of the periods, and changes are caught up in the period that knows them.
///
/// Refuses as [`cost_to_cost`] does. Source: cumulative catch-up, IFRS 15.43, ASC 606-10-25-35.
pub fn cost_to_cost_series(periods: &[(Money, CostEstimate)]) -> Result<Vec<Profit>> {
    let mut rows = Vec::with_capacity(periods.len());
    let mut before: Option<Profit> = None;
    for (price, estimate) in periods {
        let now = cost_to_cost(*price, estimate)?;
        rows.push(now.since(&before.unwrap_or(Profit::zero(price.currency)))?);
        before = Some(now);
    }
    Ok(rows)
}

/// A contract with bought material that the customer controls before it is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UninstalledMaterials {
    /// Cost of all such material in the contract.
    pub material_total: Money,
    /// Cost of that material whose control has passed to the customer.
    pub material_to_date: Money,
    /// All other cost.
    pub other: CostEstimate,
}

/// Progress, and revenue, cost and profit to date, with uninstalled material left out of progress: it earns
/// its own cost when its control passes and no margin, and the rest of the price follows the other cost.
/// Revenue stays inside the price. Source: IFRS 15 B19 and Example 19, ASC 606-10-55-187 to 55-192.
///
/// Refuses material below zero, and more of it to date than in all (`INVALID_FIELD`).
pub fn uninstalled_materials(price: Money, cost: &UninstalledMaterials) -> Result<(Progress, Profit)> {
    let left = difference(cost.material_total, cost.material_to_date)?;
    if cost.material_to_date.minor < 0 || left.minor < 0 {
        return Err(Error::invalid(
            "material_to_date",
            "the material to date is from zero to all of the material",
        ));
    }
    let progress = cost.other.progress()?;
    let earned = progress.earned(difference(price, cost.material_total)?)?;
    let revenue = at_most(earned.plus(cost.material_to_date)?, price)?;
    let cost = cost.other.to_date.plus(cost.material_to_date)?;
    Ok((progress, Profit::of(revenue, cost, progress.warning())?))
}

/// Percent-spent revenue: funded amount x cost so far / cost budget, rounded once, less what earlier events
/// brought. Spending above the budget earns no more than is funded (Oracle, percent spent method).
///
/// A budget of zero or less is `INVALID_FIELD`, two currencies are `RATE_CURRENCY_MISMATCH`.
pub fn percent_spent(funded: Money, cost_to_date: Decimal, cost_budget: Decimal, events_before: Money) -> Result<Money> {
    let progress = Progress::part_of(cost_to_date, cost_budget)?;
    period_revenue(progress.earned(funded)?, events_before)
}

/// Percent complete and cost of hours used, on the original budget: usage on top of it moves neither the
/// budget nor the base of the percentage.
///
/// The percentage stops at 100; the cost, `used x unit_cost` rounded once, does not.
/// Refuses a budget of zero or less (`INVALID_FIELD`).
/// Source: WIP methods of Business Central, issue 9462 of its tracker (the budget does not grow with usage).
pub fn budget_usage(budget: Decimal, used: Decimal, unit_cost: Decimal, currency: Currency) -> Result<(Progress, Money)> {
    let progress = Progress::part_of(used, budget)?;
    let cost = Ratio::decimal(used).times(Ratio::decimal(unit_cost))?.money(currency)?;
    Ok((progress, cost))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::parse("USD").unwrap())
    }

    fn estimate(to_date: i64, at_completion: i64) -> CostEstimate {
        CostEstimate {
            to_date: usd(to_date),
            at_completion: Some(usd(at_completion)),
        }
    }

    #[test]
    fn expects_no_less_than_is_spent() {
        assert_eq!(estimate(50, 40).expected().unwrap(), usd(50));
        assert_eq!(estimate(30, 40).expected().unwrap(), usd(40));
        let unknown = CostEstimate {
            to_date: usd(5),
            at_completion: None,
        };
        assert_eq!(unknown.expected().unwrap_err().reason, reason::EAC_MISSING);
        let row = cost_to_cost(usd(100), &unknown).unwrap();
        assert_eq!((row.revenue, row.profit), (usd(0), usd(-5)));
        assert_eq!(row.warning, Some(reason::EAC_MISSING));
    }

    #[test]
    fn a_changed_price_is_caught_up() {
        let rows = cost_to_cost_series(&[(usd(1_000), estimate(300, 600)), (usd(1_200), estimate(300, 600))]).unwrap();
        assert_eq!((rows[1].revenue, rows[1].cost, rows[1].profit), (usd(100), usd(0), usd(100)));
        assert!(cost_to_cost_series(&[]).unwrap().is_empty());
    }

    fn materials(total: i64, to_date: i64) -> UninstalledMaterials {
        UninstalledMaterials {
            material_total: usd(total),
            material_to_date: usd(to_date),
            other: estimate(500, 2_500),
        }
    }

    #[test]
    fn material_earns_its_cost_when_control_passes() {
        let revenue = |total, to_date| {
            let (_, row) = uninstalled_materials(usd(5_000), &materials(total, to_date)).unwrap();
            (row.revenue.minor, row.profit.minor)
        };
        assert_eq!(revenue(1_500, 1_500), (2_200, 200));
        assert_eq!(revenue(1_500, 0), (700, 200));
        assert_eq!(revenue(0, 0), (1_000, 500));
        assert_eq!(revenue(9_000, 9_000), (5_000, -4_500), "never more than the price");
    }

    #[test]
    fn refuses_more_material_than_there_is() {
        for (total, to_date) in [(100, 101), (100, -1)] {
            let error = uninstalled_materials(usd(500), &materials(total, to_date)).unwrap_err();
            assert_eq!(error.field, "material_to_date");
        }
    }

    #[test]
    fn spending_and_usage_above_the_budget() {
        let number = Decimal::from;
        assert_eq!(percent_spent(usd(750), number(400), number(300), usd(80)).unwrap(), usd(670));
        assert_eq!(percent_spent(usd(750), number(0), number(300), usd(80)).unwrap(), usd(-80));
        assert!(percent_spent(usd(750), number(1), number(0), usd(0)).is_err());
        let (progress, cost) = budget_usage(number(10), number(12), Decimal::new(775, 1), usd(0).currency).unwrap();
        assert_eq!((progress.percent().unwrap(), cost), (number(100), usd(93_000)));
    }
}
