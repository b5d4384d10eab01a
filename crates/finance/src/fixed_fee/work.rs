//! Works of a project: priced by planned effort or at a fixed price, billed as they get done.

use std::collections::BTreeMap;

use strata_kernel::{Currency, Decimal, Error, Money, Result};

use crate::amount::{quantity_amount, sum};
use crate::ratio::Ratio;

/// What a work is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkPrice {
    /// Planned hours at a rate per hour.
    Effort {
        /// Planned hours. None: nothing was planned, so it is worth nothing.
        hours: Option<Decimal>,
        /// Rate per hour, in major units.
        rate: Decimal,
    },
    /// One price for the whole work.
    Fixed(Money),
}

impl WorkPrice {
    /// Price of the whole work, rounded once.
    ///
    /// In minor units, half away from zero. Beyond 64 bits it is `AMOUNT_OVERFLOW`. Source: list prices of works,
    /// Tryton's `project_revenue`.
    pub fn amount(self, currency: Currency) -> Result<Money> {
        self.done(Decimal::ONE, currency)
    }

    /// Price of the part of the work that is done, a share from 0 to 1, rounded once.
    fn done(self, share: Decimal, currency: Currency) -> Result<Money> {
        let share = Ratio::decimal(share);
        match self {
            Self::Fixed(price) => Ok(Money::new(Ratio::whole(price.minor).times(share)?.round()?, price.currency)),
            Self::Effort { hours, rate } => Ratio::decimal(hours.unwrap_or_default())
                .times(Ratio::decimal(rate))?
                .times(share)?
                .money(currency),
        }
    }
}

/// A project or task with its price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// Its id.
    pub id: String,
    /// What it is worth.
    pub price: WorkPrice,
}

/// When the value of a work becomes billable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkMethod {
    /// All of it when the work is complete, nothing before.
    Effort,
    /// In step with progress.
    Progress,
}

/// Billable value to date of works at their progress, a share from 0 to 1 by work id. What it exceeds the
/// billed amount by is the next invoice. Each work is rounded once; a work without progress is worth nothing yet.
///
/// Progress is held within 0 to 1; progress of an unknown work is `INVALID_FIELD`.
/// Source: methods "on effort" and "on progress" of Tryton's `project_invoice`.
pub fn works_value(
    method: WorkMethod,
    works: &[Work],
    progress: &BTreeMap<String, Decimal>,
    currency: Currency,
) -> Result<Money> {
    if let Some(unknown) = progress.keys().find(|id| works.iter().all(|work| work.id != **id)) {
        return Err(Error::invalid("progress", format!("there is no work \"{unknown}\"")));
    }
    let mut value = Money::zero(currency);
    for work in works {
        let share = progress.get(&work.id).copied().unwrap_or_default();
        let share = match method {
            WorkMethod::Progress => share.clamp(Decimal::ZERO, Decimal::ONE),
            WorkMethod::Effort if share >= Decimal::ONE => Decimal::ONE,
            WorkMethod::Effort => Decimal::ZERO,
        };
        value = value.plus(work.price.done(share, currency)?)?;
    }
    Ok(value)
}

/// Planned revenue of works: the sum of their prices, each rounded once, whatever their progress.
/// Source: Tryton's `project_revenue`.
///
/// Prices in another currency are `RATE_CURRENCY_MISMATCH`, beyond 64 bits it is `AMOUNT_OVERFLOW`.
pub fn planned_revenue(works: &[WorkPrice], currency: Currency) -> Result<Money> {
    let prices = works
        .iter()
        .map(|work| work.amount(currency))
        .collect::<Result<Vec<Money>>>()?;
    sum(prices, currency)
}

/// Cost of recorded hours at one cost rate: the sum over timesheet lines, each rounded once, as it is posted.
///
/// Half away from zero. Beyond 64 bits it is `AMOUNT_OVERFLOW`. Source: timesheet cost of Tryton's `project_revenue`.
pub fn timesheet_cost(hours: &[Decimal], cost_rate: Decimal, currency: Currency) -> Result<Money> {
    let costs = hours
        .iter()
        .map(|hours| quantity_amount(cost_rate, *hours, currency))
        .collect::<Result<Vec<Money>>>()?;
    sum(costs, currency)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::parse_decimal;

    fn usd() -> Currency {
        Currency::parse("USD").unwrap()
    }

    fn value(method: WorkMethod, progress: &[(&str, &str)]) -> Result<String> {
        let effort = |hours| WorkPrice::Effort {
            hours,
            rate: Decimal::from(20),
        };
        let works = [
            ("project", effort(Some(Decimal::ONE))),
            ("task", effort(Some(Decimal::from(5)))),
            ("open", effort(None)),
            ("fixed", WorkPrice::Fixed(Money::new(5_000, usd()))),
        ]
        .map(|(id, price)| Work {
            id: id.to_owned(),
            price,
        });
        let progress = progress
            .iter()
            .map(|(id, share)| ((*id).to_owned(), parse_decimal(share).unwrap()))
            .collect();
        works_value(method, &works, &progress, usd()).map(|value| value.to_string())
    }

    #[test]
    fn progress_bills_parts_and_effort_bills_whole_works() {
        let half = [("task", "0.5"), ("fixed", "0.5")];
        assert_eq!(value(WorkMethod::Progress, &half).unwrap(), "75.00");
        assert_eq!(value(WorkMethod::Effort, &half).unwrap(), "0.00");
        let later = [("task", "0.75"), ("fixed", "0.9"), ("project", "0.8")];
        assert_eq!(value(WorkMethod::Progress, &later).unwrap(), "136.00");
        assert_eq!(value(WorkMethod::Effort, &[("task", "1"), ("open", "1")]).unwrap(), "100.00");
    }

    #[test]
    fn progress_stays_within_the_work() {
        for method in [WorkMethod::Progress, WorkMethod::Effort] {
            assert_eq!(value(method, &[("task", "1.5"), ("fixed", "-1")]).unwrap(), "100.00");
            assert_eq!(value(method, &[]).unwrap(), "0.00");
            assert_eq!(value(method, &[("other", "1")]).unwrap_err().field, "progress");
        }
    }

    #[test]
    fn nothing_planned_is_nothing() {
        assert_eq!(planned_revenue(&[], usd()).unwrap(), Money::zero(usd()));
        assert_eq!(timesheet_cost(&[], Decimal::TEN, usd()).unwrap(), Money::zero(usd()));
        let third = parse_decimal("0.333").unwrap();
        let cost = timesheet_cost(&[third, third, -third], Decimal::TEN, usd()).unwrap();
        assert_eq!(cost.to_string(), "3.33");
    }
}
