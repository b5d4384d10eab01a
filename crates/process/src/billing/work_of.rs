//! Rows of time and expense, as the finance rules want them.

use std::collections::HashMap;

use strata_finance::billing::{Billed, EntryVersion, ExpenseItem, Milestone, TimeEntry};
use strata_kernel::{Currency, Error, Money, Result};

use super::Pricing;
use crate::store::rows::{ExpenseRow, MilestoneRow, TimeEntryRow, TimeVersionRow};

/// What the finance rules and the lines of documents call a time entry: the PSA counts time and expenses apart.
pub(crate) fn time_source(entry_id: &str) -> String {
    format!("time:{entry_id}")
}

/// What the finance rules and the lines of documents call an expense.
pub(crate) fn expense_source(expense_id: &str) -> String {
    format!("expense:{expense_id}")
}

/// An entry with its versions, oldest first. `billed` holds what earlier documents billed, by source.
pub(crate) fn entry(
    row: &TimeEntryRow,
    versions: &[TimeVersionRow],
    billed: &HashMap<String, i64>,
    currency: Currency,
) -> TimeEntry {
    let id = time_source(&row.id);
    let net = billed.get(&id).copied().unwrap_or_default();
    TimeEntry {
        id,
        project: row.project_code.clone(),
        work_date: row.work_date,
        versions: versions.iter().map(version).collect(),
        billed: row.first_run.map(|first_run_on| Billed {
            net: Money::new(net, currency),
            first_run_on,
        }),
    }
}

fn version(row: &TimeVersionRow) -> EntryVersion {
    EntryVersion {
        minutes: i64::from(row.minutes),
        write_down_minutes: u32::try_from(row.write_down_minutes).unwrap_or_default(),
        approved_on: row.approved_on,
        role: row.role.clone(),
        overtime: row.overtime,
        billable: row.billable,
    }
}

pub(crate) fn expense(row: &ExpenseRow) -> Result<ExpenseItem> {
    Ok(ExpenseItem {
        id: expense_source(&row.id),
        project: row.project_code.clone(),
        incurred_on: row.incurred_on,
        approved_on: row.approved_on,
        amount: Money::new(row.minor_units, Currency::parse(&row.currency_code)?),
        has_receipt: row.receipt,
        billable: row.billable,
        billed: row.first_run.is_some(),
    })
}

/// What the finance rules and the lines of documents call a milestone.
pub(crate) fn milestone_source(code: &str) -> String {
    format!("milestone:{code}")
}

/// An approved milestone at its agreed price.
pub(crate) fn milestone(row: &MilestoneRow, pricing: &Pricing) -> Result<Milestone> {
    let incomplete = |what: &str| Error::internal(format!("milestone {} is approved without {what}", row.code));
    Ok(Milestone {
        id: milestone_source(&row.code),
        amount: *pricing.milestones.get(&row.code).ok_or_else(|| incomplete("a price"))?,
        accepted_on: row.accepted_on.ok_or_else(|| incomplete("a day of acceptance"))?,
        approved_on: row.approved_on.ok_or_else(|| incomplete("a day of approval"))?,
        billed: row.first_run.is_some(),
    })
}

/// Rows that come entry by entry, version by version, as entries with their versions.
pub(crate) fn grouped(rows: Vec<(TimeEntryRow, TimeVersionRow)>) -> Vec<(TimeEntryRow, Vec<TimeVersionRow>)> {
    let mut entries: Vec<(TimeEntryRow, Vec<TimeVersionRow>)> = Vec::new();
    for (entry, version) in rows {
        match entries.last_mut() {
            Some((held, versions)) if held.id == entry.id => versions.push(version),
            _ => entries.push((entry, vec![version])),
        }
    }
    entries
}
