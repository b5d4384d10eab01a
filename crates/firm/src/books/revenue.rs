//! What contracts earned, month by month: in the journals of the ERP, and as the platform says it.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use strata_kernel::{Date, month_of};

use super::evidence::{BookedJournal, Evidence, PlatformPosition};
use super::report::{PRESENCE, Record, Report};
use crate::data::{ExpectedRevenue, Firm};
use crate::people::{EXPENSE_REVENUE_ACCOUNT, REVENUE_ACCOUNT};

/// Name of the check.
pub(super) const CHECK: &str = "revenue";

type Key<'a> = (&'a str, &'a str);

pub(super) fn compare(firm: &Firm, evidence: &Evidence, report: &mut Report) {
    let mut journals: BTreeMap<Key<'_>, Vec<&BookedJournal>> = BTreeMap::new();
    for journal in &evidence.journals {
        journals
            .entry((&journal.contract, &journal.period))
            .or_default()
            .push(journal);
    }
    let mut said = Said::of(evidence);
    let mut rows: Vec<&ExpectedRevenue> = firm.expected.revenue.iter().collect();
    rows.sort_by_key(|row| (&row.contract_id, &row.period));
    let mut cumulative: BTreeMap<&str, Decimal> = BTreeMap::new();
    for row in rows {
        let key = (row.contract_id.as_str(), row.period.as_str());
        let booked = journals.remove(&key).unwrap_or_default();
        let earned = cumulative.entry(&row.contract_id).or_default();
        for account in [REVENUE_ACCOUNT, EXPENSE_REVENUE_ACCOUNT] {
            *earned += credited(&booked, account);
        }
        compare_one(firm, row, (&booked, *earned), &mut said, report);
    }
    for journal in journals.into_values().flatten() {
        let key = format!("{} {}", journal.contract, journal.period);
        report.unexpected(CHECK, &key, format!("journal {}", journal.number));
    }
    for (contract, period) in said.rest() {
        report.unexpected(CHECK, &format!("{contract} {period}"), "revenue on the platform");
    }
}

/// What the platform says, by contract and period.
struct Said<'a> {
    /// By work and fees, and by expenses.
    amounts: BTreeMap<Key<'a>, [Decimal; 2]>,
    on_their_way: BTreeSet<Key<'a>>,
    positions: BTreeMap<Key<'a>, &'a PlatformPosition>,
}

impl<'a> Said<'a> {
    fn of(evidence: &'a Evidence) -> Self {
        let mut amounts: BTreeMap<Key<'a>, [Decimal; 2]> = BTreeMap::new();
        let mut on_their_way = BTreeSet::new();
        for row in &evidence.revenue {
            let key = (row.contract.as_str(), row.period.as_str());
            amounts.entry(key).or_default()[usize::from(row.expenses)] += row.amount;
            if row.on_its_way {
                on_their_way.insert(key);
            }
        }
        let positions = evidence.positions.iter();
        Self {
            amounts,
            on_their_way,
            positions: positions
                .map(|row| ((row.contract.as_str(), row.period.as_str()), row))
                .collect(),
        }
    }

    /// What was not asked for and is not nothing.
    fn rest(&self) -> impl Iterator<Item = &Key<'a>> {
        let something = self
            .amounts
            .iter()
            .filter(|(_, amounts)| amounts.iter().any(|amount| !amount.is_zero()));
        something.map(|(key, _)| key)
    }
}

/// Compares a month of a contract. A contract that earned nothing yet may be unknown in the books and on the platform.
fn compare_one<'a>(
    firm: &Firm,
    row: &'a ExpectedRevenue,
    (booked, earned): (&[&BookedJournal], Decimal),
    said: &mut Said<'a>,
    report: &mut Report,
) {
    let name = format!("{} {}", row.contract_id, row.period);
    let key = (row.contract_id.as_str(), row.period.as_str());
    if booked.len() > 1 {
        let numbers: Vec<&str> = booked.iter().map(|journal| journal.number.as_str()).collect();
        let got = format!("{} journals: {}", numbers.len(), numbers.join(", "));
        report.differ(CHECK, &name, PRESENCE, "1 journal".to_owned(), got);
    }
    let contract = firm.find_contract(&row.contract_id);
    let amounts = said.amounts.remove(&key).unwrap_or_default();
    let nothing = PlatformPosition::default();
    let position = said.positions.remove(&key).unwrap_or(&nothing);
    let mut record = Record::new(report, CHECK, &name);
    for journal in booked {
        record.text("posting date", month_end(&row.period), &journal.date);
        record.text("currency", &row.currency, &journal.currency);
        record.text(
            "legal_entity",
            contract.map_or("", |contract| &contract.legal_entity_id),
            &journal.legal_entity,
        );
        record.amount("debits less credits", "0", journal.accounts.values().sum());
    }
    record.amount("revenue", &row.revenue, credited(booked, REVENUE_ACCOUNT));
    record.amount(
        "expense_revenue",
        &row.expense_revenue,
        credited(booked, EXPENSE_REVENUE_ACCOUNT),
    );
    record.amount("cumulative_revenue", &row.cumulative_revenue, earned);
    record.amount("revenue on the platform", &row.revenue, amounts[0]);
    record.amount("expense_revenue on the platform", &row.expense_revenue, amounts[1]);
    record.amount(
        "cumulative_revenue on the platform",
        &row.cumulative_revenue,
        position.revenue,
    );
    if said.on_their_way.contains(&key) {
        record.text("state on the platform", "posted", "on its way");
    }
    record.amount("cumulative_billed", &row.cumulative_billed, position.billed);
    record.amount("contract_asset", &row.contract_asset, position.asset);
    record.amount("contract_liability", &row.contract_liability, position.liability);
    record.done();
}

fn credited(journals: &[&BookedJournal], account: &str) -> Decimal {
    let amounts = journals.iter().filter_map(|journal| journal.accounts.get(account));
    -amounts.sum::<Decimal>()
}

/// Last day of a month, as the ERP writes it.
fn month_end(period: &str) -> String {
    let first: Option<Date> = format!("{period}-01").parse().ok();
    first.map(|day| month_of(day).1.to_string()).unwrap_or_default()
}
