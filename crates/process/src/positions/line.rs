//! What a fact adds to the sums. Pure: the same fact adds the same, whenever it is looked at.

use std::collections::BTreeMap;

use prost::Message;
use strata_contract::money;
use strata_contract::strata::system::erp::v1::TimePosting;
use strata_kernel::{Currency, Error, Result, period_of};

use super::{kind, plus};
use crate::store::rows::{DocumentLineRow, DocumentRow, PostingRow, RevenueRow, TimeEntryRow};
use crate::store::rows_positions::{OwnerRow, PositionLine};

/// A line that adds nothing.
fn nothing(kind: &str, line: &str, owner: &OwnerRow) -> PositionLine {
    PositionLine {
        generation: 0,
        kind: kind.to_owned(),
        line: line.to_owned(),
        project_code: String::new(),
        owner_id: owner.id.clone(),
        contract_number: owner.contract_number.clone(),
        period: String::new(),
        state: String::new(),
        currency_code: String::new(),
        unbilled_entries: 0,
        unbilled_minutes: 0,
        unbilled_minor: 0,
        value_minor: 0,
        earned_minor: 0,
        billed_minor: 0,
        cost_currency_code: String::new(),
        cost_minutes: 0,
        cost_minor: 0,
    }
}

/// Minutes and minor units by currency.
type Amounts = BTreeMap<Currency, (i64, i64)>;

fn add(amounts: &mut Amounts, currency: Currency, minutes: i64, minor: i64) -> Result<()> {
    let held = amounts.entry(currency).or_default();
    *held = (plus(held.0, minutes)?, plus(held.1, minor)?);
    Ok(())
}

/// What an entry adds: value and cost of what stands of it in the ledger, corrections and what they took back included. Its value is
/// unbilled until it is on a document that is in the books. `states`: of documents that have a line of it.
pub(super) fn of_time(
    entry: &TimeEntryRow,
    postings: &[PostingRow],
    states: &[String],
    owner: &OwnerRow,
) -> Result<Vec<PositionLine>> {
    let (mut bills, mut costs) = (Amounts::new(), Amounts::new());
    // What people left out never got there.
    let there = |row: &&PostingRow| !matches!(row.state.as_str(), "SKIPPED" | "WITHDRAWN");
    for row in postings.iter().filter(there) {
        let body = TimePosting::decode(row.body.as_slice()).map_err(Error::internal)?;
        if let Some(bill) = body.bill_amount.as_ref().map(money).transpose()? {
            add(&mut bills, bill.currency, i64::from(body.billable_minutes), bill.minor)?;
        }
        if let Some(cost) = body.cost_amount.as_ref().map(money).transpose()? {
            add(&mut costs, cost.currency, i64::from(body.minutes), cost.minor)?;
        }
    }
    bills.retain(|_, sums| *sums != (0, 0));
    costs.retain(|_, sums| *sums != (0, 0));
    let is_unbilled = is_unbilled(entry.first_run.is_some(), states);
    let (mut bills, mut costs) = (bills.into_iter(), costs.into_iter());
    let mut lines = Vec::new();
    loop {
        let (bill, cost) = (bills.next(), costs.next());
        if bill.is_none() && cost.is_none() {
            return Ok(lines);
        }
        let mut line = PositionLine {
            project_code: entry.project_code.clone(),
            period: period_of(entry.work_date),
            ..nothing(kind::TIME, &entry.id, owner)
        };
        if let Some((currency, (minutes, minor))) = bill {
            currency.code().clone_into(&mut line.currency_code);
            line.value_minor = minor;
            if is_unbilled && minutes != 0 {
                line.unbilled_entries = 1;
                line.unbilled_minutes = minutes;
                line.unbilled_minor = minor;
            }
        }
        if let Some((currency, (minutes, minor))) = cost {
            currency.code().clone_into(&mut line.cost_currency_code);
            line.cost_minutes = minutes;
            line.cost_minor = minor;
        }
        lines.push(line);
    }
}

/// No run looked at it, or the one that did has not brought its document into the books yet. What a posted document bills is never
/// unbilled again: what differs from it later is for the next run to credit or to bill.
fn is_unbilled(considered: bool, states: &[String]) -> bool {
    let is_booked = |state: &String| state != "RELEASED" && state != "VOIDED";
    !states.iter().any(is_booked) && (!considered || states.iter().any(|state| state == "RELEASED"))
}

/// What a document adds: its net, by project. `projects`: of sources that have one. What is billed for no project, and what the books
/// make of the net beyond its lines, is the lead project's. A voided one adds nothing.
pub(super) fn of_document(
    document: &DocumentRow,
    lines: &[DocumentLineRow],
    projects: &BTreeMap<String, String>,
    owner: &OwnerRow,
) -> Result<Vec<PositionLine>> {
    let mut nets: BTreeMap<&str, i64> = BTreeMap::new();
    let mut left = if document.state == "VOIDED" { 0 } else { document.net };
    if document.state != "VOIDED" {
        for line in lines {
            let project = projects.get(&line.source).unwrap_or(&owner.lead_project_code);
            let net = nets.entry(project).or_default();
            *net = plus(*net, line.minor_units)?;
            left = plus(left, line.minor_units.saturating_neg())?;
        }
    }
    let lead = nets.entry(&owner.lead_project_code).or_default();
    *lead = plus(*lead, left)?;
    let line = |(project, net): (&str, i64)| PositionLine {
        project_code: project.to_owned(),
        period: period_of(document.issue_date),
        state: document.state.clone(),
        currency_code: document.currency_code.clone(),
        billed_minor: net,
        ..nothing(kind::DOCUMENT, &document.key, owner)
    };
    Ok(nets.into_iter().map(line).collect())
}

/// What revenue of a month adds to its contract. Its projects get their shares of the contract's sum.
pub(super) fn of_revenue(row: &RevenueRow, owner: &OwnerRow) -> Vec<PositionLine> {
    if row.amount == 0 {
        return Vec::new();
    }
    vec![PositionLine {
        period: row.period.clone(),
        currency_code: row.currency_code.clone(),
        earned_minor: row.amount,
        ..nothing(kind::REVENUE, &row.key, owner)
    }]
}

#[cfg(test)]
#[path = "line_tests.rs"]
mod tests;
