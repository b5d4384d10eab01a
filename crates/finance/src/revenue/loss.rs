//! Loss-making contracts: the whole expected loss is taken when it becomes known.

use strata_kernel::{Money, Reason, Result};

use super::cost_to_cost::{CostEstimate, cost_to_cost};
use super::method::period_revenue;
use super::progress::Progress;
use crate::amount::difference;

/// Provision for the loss a contract is expected to make: `(expected cost - price) x (1 - progress)`, rounded
/// once. The share of the loss that progress has brought is in profit already, so both together are the whole
/// loss. A contract that is expected to make a profit has none, whatever one period brought.
///
/// `progress` may be measured by cost or by hours; the expected cost is always needed.
/// Sources: ASC 605-35-25-45 to 25-49; IAS 37.66-69 with unavoidable cost as the expected cost.
/// Amounts in two currencies are `RATE_CURRENCY_MISMATCH`.
pub fn loss_provision(price: Money, expected_cost: Money, progress: &Progress) -> Result<Money> {
    let loss = difference(expected_cost, price)?;
    progress.remaining(Money::new(loss.minor.max(0), loss.currency))
}

/// Profit of a contract with its provision, at the end of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LossPosition {
    /// Provision that has to stand in the books now.
    pub provision: Money,
    /// Revenue so far.
    pub revenue: Money,
    /// Revenue less cost less provision, so far.
    pub cumulative_profit: Money,
    /// What of that is this period's.
    pub profit: Money,
    /// `EAC_BELOW_ACTUAL` when the cost so far stands in for a lower estimate.
    pub warning: Option<Reason>,
}

/// Provision and profit of periods that follow one another, each with its price and cost estimate as known at
/// its close. The provision is used up as progress catches up, and released when the loss is no longer expected.
///
/// A period without an estimate is `EAC_MISSING`: no expected loss can be known.
/// Source: ASC 605-35-25-45 to 25-49; IAS 37.66-69.
pub fn loss_series(periods: &[(Money, CostEstimate)]) -> Result<Vec<LossPosition>> {
    let mut rows: Vec<LossPosition> = Vec::with_capacity(periods.len());
    for (price, estimate) in periods {
        let provision = loss_provision(*price, estimate.expected()?, &estimate.progress()?)?;
        let to_date = cost_to_cost(*price, estimate)?;
        let cumulative_profit = difference(to_date.profit, provision)?;
        let before = rows.last().map_or(Money::zero(price.currency), |row| row.cumulative_profit);
        rows.push(LossPosition {
            provision,
            revenue: to_date.revenue,
            cumulative_profit,
            profit: period_revenue(cumulative_profit, before)?,
            warning: to_date.warning,
        });
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::reason;
    use strata_kernel::{Currency, Decimal};

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::parse("USD").unwrap())
    }

    fn period(price: i64, to_date: i64, at_completion: Option<i64>) -> (Money, CostEstimate) {
        let estimate = CostEstimate {
            to_date: usd(to_date),
            at_completion: at_completion.map(usd),
        };
        (usd(price), estimate)
    }

    #[test]
    fn a_loss_that_goes_away_releases_its_provision() {
        let rows = loss_series(&[
            period(1_000, 300, Some(1_200)),
            period(1_000, 600, Some(800)),
            period(1_000, 800, Some(800)),
        ])
        .unwrap();
        let provisions: Vec<i64> = rows.iter().map(|row| row.provision.minor).collect();
        let profits: Vec<i64> = rows.iter().map(|row| row.profit.minor).collect();
        assert_eq!(provisions, [150, 0, 0]);
        assert_eq!(profits, [-200, 350, 50]);
    }

    #[test]
    fn cost_above_the_estimate_is_a_loss_without_provision() {
        let rows = loss_series(&[period(1_000, 1_300, Some(1_100))]).unwrap();
        assert_eq!((rows[0].provision, rows[0].profit), (usd(0), usd(-300)));
        assert_eq!(rows[0].warning, Some(reason::EAC_BELOW_ACTUAL));
    }

    #[test]
    fn progress_by_hours_serves_too() {
        let progress = Progress::part_of(Decimal::from(1), Decimal::from(3)).unwrap();
        assert_eq!(loss_provision(usd(1_000), usd(1_100), &progress).unwrap(), usd(67));
        assert_eq!(loss_provision(usd(1_000), usd(1_000), &progress).unwrap(), usd(0));
        assert_eq!(loss_provision(usd(0), usd(90), &Progress::none()).unwrap(), usd(90));
    }

    #[test]
    fn needs_an_estimate() {
        let error = loss_series(&[period(1_000, 10, None)]).unwrap_err();
        assert_eq!(error.reason, reason::EAC_MISSING);
        assert!(loss_series(&[]).unwrap().is_empty());
    }
}
