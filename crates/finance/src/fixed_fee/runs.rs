//! Several invoice runs over the same sources: each bills its target less what the runs before it billed,
//! so that a repeated run bills nothing.

use std::collections::BTreeMap;

use strata_kernel::{Currency, Date, Decimal, Money, Result};

use super::work::{Work, WorkMethod, works_value};
use crate::amount::{difference, quantity_amount};

/// Bills works over several runs. Each run says the progress of works it knows something new of; the others
/// stay as they were. A work that falls back is credited. For the rule of a single run see [`works_value`].
///
/// In minor units, each work rounded once. Refuses as [`works_value`] does. Source: methods "on effort" and "on
/// progress" of Tryton's `project_invoice`.
pub fn bill_work_runs(
    method: WorkMethod,
    works: &[Work],
    runs: &[BTreeMap<String, Decimal>],
    currency: Currency,
) -> Result<Vec<Money>> {
    let mut known = BTreeMap::new();
    let mut billed = Money::zero(currency);
    let mut invoices = Vec::with_capacity(runs.len());
    for run in runs {
        known.extend(run.iter().map(|(id, share)| (id.clone(), *share)));
        let target = works_value(method, works, &known, currency)?;
        invoices.push(difference(target, billed)?);
        billed = target;
    }
    Ok(invoices)
}

/// A recorded piece of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimesheetLine {
    /// Day of the work.
    pub work_date: Date,
    /// Hours, below zero when they reverse a line.
    pub hours: Decimal,
    /// How many runs were over when it was recorded: 2 means that the third run is the first to see it.
    pub recorded_after_run: usize,
}

/// Bills timesheet lines over several runs. A run bills every line that is recorded, not billed, and worked on
/// or before its cut-off; no cut-off takes all. Each line is rounded once and billed once, so late lines come
/// with the next run and an earlier cut-off afterwards takes nothing back.
/// Source: method "on timesheet" of Tryton's `project_invoice`.
///
/// Beyond 64 bits it is `AMOUNT_OVERFLOW`.
pub fn bill_timesheet_runs(
    rate: Decimal,
    lines: &[TimesheetLine],
    cutoffs: &[Option<Date>],
    currency: Currency,
) -> Result<Vec<Money>> {
    let mut invoices = vec![Money::zero(currency); cutoffs.len()];
    for line in lines {
        let first = cutoffs
            .iter()
            .zip(&mut invoices)
            .skip(line.recorded_after_run)
            .find(|(cutoff, _)| cutoff.is_none_or(|cutoff| line.work_date <= cutoff));
        if let Some((_, invoice)) = first {
            *invoice = invoice.plus(quantity_amount(rate, line.hours, currency)?)?;
        }
    }
    Ok(invoices)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::fixed_fee::WorkPrice;

    fn usd() -> Currency {
        Currency::parse("USD").unwrap()
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn line(work_date: &str, hours: i64, recorded_after_run: usize) -> TimesheetLine {
        TimesheetLine {
            work_date: day(work_date),
            hours: Decimal::from(hours),
            recorded_after_run,
        }
    }

    fn minor(invoices: &[Money]) -> Vec<i64> {
        invoices.iter().map(|invoice| invoice.minor).collect()
    }

    #[test]
    fn a_line_is_billed_once_by_the_first_run_that_sees_it() {
        let lines = [line("2025-03-01", 3, 0), line("2025-03-02", -1, 0), line("2025-03-01", 4, 1)];
        let cutoffs = [Some(day("2025-03-01")), Some(day("2025-02-01")), None, None];
        let invoices = bill_timesheet_runs(Decimal::TEN, &lines, &cutoffs, usd()).unwrap();
        assert_eq!(minor(&invoices), [3_000, 0, 3_000, 0]);
        assert!(bill_timesheet_runs(Decimal::TEN, &lines, &[], usd()).unwrap().is_empty());
    }

    #[test]
    fn a_repeated_run_bills_nothing_and_a_fall_back_is_credited() {
        let works = [Work {
            id: "task".into(),
            price: WorkPrice::Fixed(Money::new(1_001, usd())),
        }];
        let runs = ["0.5", "0.5", "0.25", "1"].map(|share| BTreeMap::from([("task".to_owned(), share.parse().unwrap())]));
        let invoices = bill_work_runs(WorkMethod::Progress, &works, &runs, usd()).unwrap();
        assert_eq!(minor(&invoices), [501, 0, -251, 751]);
        let silent = [runs[0].clone(), BTreeMap::new()];
        let invoices = bill_work_runs(WorkMethod::Progress, &works, &silent, usd()).unwrap();
        assert_eq!(minor(&invoices), [501, 0]);
    }
}
