//! Hours beyond what a monthly fee includes.

use std::collections::BTreeMap;

use strata_kernel::{Date, Money, Result, period_of};

use super::{BillingTerms, Line, LineKind, Outcome, Run, TimeEntry};
use crate::amount::difference;
use crate::ratio::overflow;
use crate::retainer::{Carried, RetainerTerms, retainer_month};
use crate::rounding::after_write_down;

/// Bills the overage of every work month up to the month end: what it should be with what is known on the run
/// date, less what was billed of it. Late time and corrections change the month they were worked in.
pub(super) fn bill_overage(run: &Run<'_>, terms: &RetainerTerms, outcome: &mut Outcome) -> Result<()> {
    let nothing = Money::zero(run.terms.currency);
    let used = billable_minutes_by_period(run.terms, run.time, run.month_end, run.run_date)?;
    let mut periods: Vec<&String> = used.keys().chain(run.overage_before.keys()).collect();
    periods.sort();
    periods.dedup();
    for period in periods {
        let minutes = used.get(period).copied().unwrap_or_default();
        let month = retainer_month(terms, minutes, Carried::nothing(run.terms.currency))?;
        let before = run.overage_before.get(period).copied().unwrap_or(nothing);
        let amount = difference(month.overage, before)?;
        if amount.minor != 0 {
            outcome.lines.push(Line {
                kind: LineKind::Overage,
                source_id: period.clone(),
                project: String::new(),
                date: None,
                amount,
                minutes: month.overage_minutes,
                rate: None,
            });
        }
    }
    Ok(())
}

/// Billable minutes by work month ("2025-03") of work up to a day, as known on a day.
///
/// Minutes are rounded by entry as the contract says, then added. Sums beyond 64 bits are `AMOUNT_OVERFLOW`. Source:
/// the retainer's terms: overage counts the billable minutes of a work month.
pub fn billable_minutes_by_period(
    terms: &BillingTerms,
    time: &[TimeEntry],
    until: Date,
    known_on: Date,
) -> Result<BTreeMap<String, i64>> {
    let mut used: BTreeMap<String, i64> = BTreeMap::new();
    for entry in time.iter().filter(|entry| entry.work_date <= until) {
        let Some(version) = entry.version_on(known_on).filter(|version| version.billable) else {
            continue;
        };
        let minutes = after_write_down(version.minutes, terms.time_rounding, version.write_down_minutes)?;
        let sum = used.entry(period_of(entry.work_date)).or_default();
        *sum = sum.checked_add(minutes).ok_or_else(overflow)?;
    }
    Ok(used)
}
