//! Progress billing: a percentage of the price, less what was billed before.

use strata_kernel::{Decimal, Error, Money, Result};

use crate::amount::{difference, percent_of, share_of};
use crate::reason;

/// Bills up to an agreed percent of completion: `round(price x percent/100) - billed before`, rounded once.
/// Rounding the amount to date, not the step, makes every series that ends at 100 bill exactly the price.
///
/// Progress is held within 0 to 100 percent. Less progress than before gives a credit.
/// Source: billing rule "progress", Dynamics 365 Project Operations, "Project contracts".
/// Amounts in two currencies are `RATE_CURRENCY_MISMATCH`, beyond 64 bits it is `AMOUNT_OVERFLOW`.
pub fn bill_progress(price: Money, percent: Decimal, billed_before: Money) -> Result<Money> {
    let percent = percent.clamp(Decimal::ZERO, Decimal::ONE_HUNDRED);
    difference(percent_of(price, percent)?, billed_before)
}

/// Budget of a category of work, and the cost of it so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CategoryBudget {
    /// Cost expected at completion. Any currency, but the same as `actual_cost`.
    pub cost_budget: Money,
    /// Price of the category.
    pub revenue_budget: Money,
    /// Cost so far.
    pub actual_cost: Money,
}

/// Bills by the share of each category's cost budget that is spent:
/// `round(revenue budget x actual cost / cost budget)` per category, which is one invoice line, then the sum
/// less what was billed before.
///
/// Progress is held within 0 to 1: cost beyond its budget earns no more than the price. Cost without a budget
/// measures nothing: `EAC_MISSING`. A category of which nothing is spent bills nothing.
/// Source: automatic "progress" billing rule, Dynamics 365 Project Operations, "Project contracts".
pub fn bill_categories(categories: &[CategoryBudget], billed_before: Money) -> Result<Money> {
    let mut to_date = Money::zero(billed_before.currency);
    for category in categories {
        to_date = to_date.plus(category_value(category)?)?;
    }
    difference(to_date, billed_before)
}

fn category_value(category: &CategoryBudget) -> Result<Money> {
    let (spent, budget) = (category.actual_cost, category.cost_budget);
    if spent.currency != budget.currency {
        return Err(Error::precondition(
            reason::RATE_CURRENCY_MISMATCH,
            format!(
                "cost in {} cannot be measured by a budget in {}",
                spent.currency, budget.currency
            ),
        ));
    }
    if spent.minor <= 0 {
        return Ok(Money::zero(category.revenue_budget.currency));
    }
    if budget.minor <= 0 {
        return Err(Error::precondition(
            reason::EAC_MISSING,
            "a category has cost and no cost budget; enter the budget",
        ));
    }
    share_of(category.revenue_budget, spent.minor.min(budget.minor), budget.minor)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::Currency;

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::parse("USD").unwrap())
    }

    fn category(cost_budget: i64, revenue_budget: i64, actual_cost: i64) -> CategoryBudget {
        CategoryBudget {
            cost_budget: usd(cost_budget),
            revenue_budget: usd(revenue_budget),
            actual_cost: usd(actual_cost),
        }
    }

    #[test]
    fn bills_the_step_between_two_totals() {
        let third = Decimal::new(3_333, 2);
        let first = bill_progress(usd(1_001), third, usd(0)).unwrap();
        assert_eq!(first, usd(334));
        assert_eq!(bill_progress(usd(1_001), Decimal::ONE_HUNDRED, first).unwrap(), usd(667));
        assert_eq!(bill_progress(usd(1_001), Decimal::from(20), first).unwrap(), usd(-134));
    }

    #[test]
    fn progress_stays_within_the_price() {
        assert_eq!(bill_progress(usd(1_000), Decimal::from(120), usd(0)).unwrap(), usd(1_000));
        assert_eq!(bill_progress(usd(1_000), Decimal::from(-5), usd(10)).unwrap(), usd(-10));
        let over = bill_categories(&[category(100, 500, 180)], usd(0)).unwrap();
        assert_eq!(over, usd(500));
    }

    #[test]
    fn each_category_is_rounded_by_itself() {
        let thirds = [category(3, 100, 1), category(3, 100, 1), category(3, 100, 1)];
        assert_eq!(bill_categories(&thirds, usd(0)).unwrap(), usd(99));
        assert_eq!(bill_categories(&thirds, usd(40)).unwrap(), usd(59));
        assert_eq!(bill_categories(&[], usd(0)).unwrap(), usd(0));
    }

    #[test]
    fn cost_without_a_budget_measures_nothing() {
        assert_eq!(bill_categories(&[category(0, 100, 0)], usd(0)).unwrap(), usd(0));
        let error = bill_categories(&[category(0, 100, 1)], usd(0)).unwrap_err();
        assert_eq!(error.reason, reason::EAC_MISSING);
    }
}
