//! What a time entry should cost with what is known on a day.

use strata_kernel::{Date, Decimal, Money, Result};

use super::{BillingTerms, EntryVersion, Line, LineKind, TimeEntry};
use crate::amount::hours_amount;
use crate::rates::{RateBook, RateQuestion, Resolved, resolve};
use crate::ratio::overflow;
use crate::rounding::after_write_down;

/// Price of a time entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimePrice {
    /// Minutes that count, rounded and written down.
    pub minutes: i64,
    /// Their price, before any cap.
    pub amount: Money,
    /// Rate behind it. None when no minutes count: nothing needs a rate then.
    pub rate: Option<Resolved>,
}

impl TimeEntry {
    /// The version that holds on a day: the last in the chain that is approved by then. None while the
    /// original is not approved, for a correction alone bills nothing.
    pub fn version_on(&self, day: Date) -> Option<&EntryVersion> {
        let original = self.versions.first()?;
        if original.approved_on > day {
            return None;
        }
        self.versions.iter().rev().find(|version| version.approved_on <= day)
    }
}

/// Prices a time entry as known on a day. An entry that is billed keeps the cards it was first billed with.
/// None when it is not approved by then; not billable is a price of zero.
pub fn price_time(terms: &BillingTerms, rates: &RateBook, entry: &TimeEntry, known_on: Date) -> Result<Option<TimePrice>> {
    let Some(version) = entry.version_on(known_on) else {
        return Ok(None);
    };
    let minutes = match version.billable {
        true => after_write_down(version.minutes, terms.time_rounding, version.write_down_minutes)?,
        false => 0,
    };
    if minutes == 0 {
        return Ok(Some(TimePrice {
            minutes,
            amount: Money::zero(terms.currency),
            rate: None,
        }));
    }
    let question = RateQuestion {
        contract: &terms.contract,
        project: &entry.project,
        customer: &terms.customer,
        entity: &terms.entity,
        role: &version.role,
        org_unit: None,
        currency: terms.currency,
        work_date: entry.work_date,
        known_on,
        cards_known_on: entry.billed.map(|billed| billed.first_run_on),
    };
    let rate = resolve(&question, rates)?;
    let percent = if version.overtime {
        terms.overtime_percent
    } else {
        Decimal::ONE_HUNDRED
    };
    let amount = hours_amount(rate.rate, minutes, percent, Decimal::ZERO, terms.currency)?;
    Ok(Some(TimePrice {
        minutes,
        amount,
        rate: Some(rate),
    }))
}

/// Lines that turn what is billed of an entry into its price. A price that stands makes none; one that
/// changed makes a full credit and a full rebill, never a line with the difference.
pub(super) fn lines(entry: &TimeEntry, price: &TimePrice) -> Result<Vec<Line>> {
    let line = |kind, amount| Line {
        kind,
        source_id: entry.id.clone(),
        project: entry.project.clone(),
        date: Some(entry.work_date),
        amount,
        minutes: 0,
        rate: None,
    };
    let priced = |kind| Line {
        minutes: price.minutes,
        rate: price.rate.clone(),
        ..line(kind, price.amount)
    };
    let mut lines = match entry.billed {
        None => vec![priced(LineKind::Time)],
        Some(billed) if billed.net == price.amount => Vec::new(),
        Some(billed) => {
            let credit = Money::new(billed.net.minor.checked_neg().ok_or_else(overflow)?, billed.net.currency);
            vec![line(LineKind::TimeCredit, credit), priced(LineKind::TimeRebill)]
        }
    };
    lines.retain(|line| line.amount.minor != 0);
    Ok(lines)
}
