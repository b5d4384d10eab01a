//! Hours beyond what a monthly fee includes.

use std::collections::BTreeMap;

use strata_kernel::{Decimal, Money, Result, period_of};

use super::{Line, LineKind, Outcome, Run};
use crate::amount::{difference, hours_amount};
use crate::ratio::overflow;
use crate::rounding::after_write_down;

/// Bills the overage of every work month up to the month end: what it should be with what is known on the run
/// date, less what was billed of it. Late time and corrections change the month they were worked in.
pub(super) fn bill_overage(run: &Run<'_>, included_minutes: u32, rate: Decimal, outcome: &mut Outcome) -> Result<()> {
    let used = billable_minutes_by_period(run)?;
    let mut periods: Vec<&String> = used.keys().chain(run.overage_before.keys()).collect();
    periods.sort();
    periods.dedup();
    for period in periods {
        let minutes = used.get(period).copied().unwrap_or_default();
        let over = (minutes - i64::from(included_minutes)).max(0);
        let target = hours_amount(rate, over, Decimal::ONE_HUNDRED, Decimal::ZERO, run.terms.currency)?;
        let before = run.overage_before.get(period).copied();
        let amount = difference(target, before.unwrap_or(Money::zero(run.terms.currency)))?;
        if amount.minor != 0 {
            outcome.lines.push(Line {
                kind: LineKind::Overage,
                source_id: period.clone(),
                project: String::new(),
                date: None,
                amount,
                minutes: over,
                rate: None,
            });
        }
    }
    Ok(())
}

/// Billable minutes by work month, as known on the run date.
fn billable_minutes_by_period(run: &Run<'_>) -> Result<BTreeMap<String, i64>> {
    let mut used: BTreeMap<String, i64> = BTreeMap::new();
    for entry in run.time.iter().filter(|entry| entry.work_date <= run.month_end) {
        let Some(version) = entry.version_on(run.run_date).filter(|version| version.billable) else {
            continue;
        };
        let minutes = after_write_down(version.minutes, run.terms.time_rounding, version.write_down_minutes)?;
        let sum = used.entry(period_of(entry.work_date)).or_default();
        *sum = sum.checked_add(minutes).ok_or_else(overflow)?;
    }
    Ok(used)
}
