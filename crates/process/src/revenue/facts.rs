//! What is known of the work of a contract.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use strata_finance::billing::{ExpenseItem, TimeEntry};
use strata_finance::fx::ExchangeRates;
use strata_kernel::{Currency, Date, Money, Result};
use strata_store::both;

use super::agreement::Agreement;
use super::fixed;
use crate::billing::{exchange, work, work_of};
use crate::core::Core;
use crate::masters;
use crate::store::rows::TimeEntryRow;
use crate::store::{lite, pg};

/// Approved work until the end of a month, what was accepted, and what was estimated.
pub(super) struct Facts {
    /// Approved time with its versions, billable or not.
    pub(super) time: Vec<TimeEntry>,
    /// Approved billable expenses.
    pub(super) expenses: Vec<ExpenseItem>,
    /// Exchange rates of the expenses into the contract's currency.
    pub(super) exchange_rates: ExchangeRates,
    /// Amounts above which an expense needs a receipt.
    pub(super) receipt_limits: BTreeMap<Currency, Money>,
    /// Accepted milestones: code and amount.
    pub(super) accepted: Vec<(String, Money)>,
    /// Minutes the contract takes in all, by the newest estimates. None: a project was not estimated.
    pub(super) estimated_minutes: Option<i64>,
}

impl Facts {
    /// Reads what was done until `month_end` and known on `known_on`.
    pub(super) async fn read(core: &Core, agreement: &Agreement, month_end: Date, known_on: Date) -> Result<Self> {
        let contract = agreement.pricing.contract_id.clone();
        let (rows, expense_rows) = core
            .db
            .read(move |c| {
                let time = both!(c, work::of_contract(&contract, month_end, known_on))?;
                Ok((time, both!(c, work::expenses_to_date(&contract, month_end, known_on))?))
            })
            .await?;
        let currency = agreement.pricing.terms.currency;
        let grouped = work_of::grouped(rows);
        let projects: BTreeSet<String> = grouped.iter().map(|(entry, _)| entry.project_id.clone()).collect();
        let time = grouped
            .iter()
            .map(|(entry, versions)| work_of::entry(&as_known(entry, known_on), versions, &HashMap::new(), currency))
            .collect();
        let expenses = expense_rows.iter().map(work_of::expense).collect::<Result<Vec<_>>>()?;
        let asked = expenses.iter().map(|item| (item.amount.currency, item.incurred_on));
        let receipt_limits = if expenses.is_empty() {
            BTreeMap::new()
        } else {
            work::receipt_limits(&masters::reference(core).await?)?
        };
        Ok(Self {
            time,
            exchange_rates: exchange::rates(core, currency, asked).await?,
            expenses,
            receipt_limits,
            accepted: fixed::accepted(core, agreement, month_end).await?,
            estimated_minutes: fixed::estimated_minutes(core, agreement, &projects, known_on).await?,
        })
    }
}

/// The entry as it stood on a day: a run of a later day had not considered it.
fn as_known(entry: &TimeEntryRow, known_on: Date) -> TimeEntryRow {
    TimeEntryRow {
        first_run: entry.first_run.filter(|run| *run <= known_on),
        ..entry.clone()
    }
}
