//! What a time entry should cost with what is known on a day.

use strata_kernel::{Date, Decimal, Money, Result};

use super::{BillingTerms, EntryVersion, Line, LineKind, Paper, TimeEntry};
use crate::amount::unit_amount;
use crate::rates::{RateBook, RateQuestion, Resolved, resolve};
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
///
/// In minor units of the contract's currency, rounded once per entry. Refuses as [`price_version`] does. Source: rate
/// resolution of Dynamics 365 Project Operations ("Set up labor bill rates") with two clocks.
pub fn price_time(terms: &BillingTerms, rates: &RateBook, entry: &TimeEntry, known_on: Date) -> Result<Option<TimePrice>> {
    let version = entry.version_on(known_on);
    version
        .map(|version| price_version(terms, rates, entry, version, known_on))
        .transpose()
}

/// Prices one version of a time entry by the rates known on a day, whenever the version was approved.
/// Not billable is a price of zero.
///
/// Rounded once to the minor unit, half away from zero. Refuses as [`resolve`] does (`RATE_NOT_FOUND`,
/// `RATE_AMBIGUOUS`, `RATE_CURRENCY_MISMATCH`); beyond 64 bits it is `AMOUNT_OVERFLOW`. Source: as [`price_time`].
pub fn price_version(
    terms: &BillingTerms,
    rates: &RateBook,
    entry: &TimeEntry,
    version: &EntryVersion,
    rates_known_on: Date,
) -> Result<TimePrice> {
    let minutes = match version.billable {
        true => after_write_down(version.minutes, terms.time_rounding, version.write_down_minutes)?,
        false => 0,
    };
    if minutes == 0 {
        return Ok(TimePrice {
            minutes,
            amount: Money::zero(terms.currency),
            rate: None,
        });
    }
    let rate = resolve(&question(terms, entry, version, rates_known_on), rates)?;
    let percent = percent_of_rate(terms, version);
    let amount = unit_amount(rate.rate, rate.unit, minutes, percent, Decimal::ZERO, terms.currency)?;
    Ok(TimePrice {
        minutes,
        amount,
        rate: Some(rate),
    })
}

/// What a version of an entry asks the rate cards.
pub(super) fn question<'a>(
    terms: &'a BillingTerms,
    entry: &'a TimeEntry,
    version: &'a EntryVersion,
    known_on: Date,
) -> RateQuestion<'a> {
    RateQuestion {
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
    }
}

/// Percent of the rate that a version is priced at.
pub(super) fn percent_of_rate(terms: &BillingTerms, version: &EntryVersion) -> Decimal {
    if version.overtime {
        terms.overtime_percent
    } else {
        Decimal::ONE_HUNDRED
    }
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
    let paper = Paper::between(entry.billed.map(|billed| billed.net), price.amount)?;
    let bill = match entry.billed {
        None => LineKind::Time,
        Some(_) => LineKind::TimeRebill,
    };
    let credit = paper.credit.map(|amount| line(LineKind::TimeCredit, amount));
    Ok(credit.into_iter().chain(paper.bill.map(|_| priced(bill))).collect())
}
