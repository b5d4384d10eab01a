//! Approved work of a contract, and what earlier documents billed of it.

use std::collections::{BTreeMap, HashMap};

use strata_contract::money;
use strata_contract::strata::master::v1::GetReferenceDataResponse;
use strata_finance::billing::{Outcome, Run, TimeBilledBefore, TimeEntry, bill};
use strata_kernel::{Currency, Money, Result};
use strata_store::both;

use super::schedule::InvoiceInput;
use super::{Pricing, exchange, work_of};
use crate::core::Core;
use crate::masters;
use crate::store::rows::{ExpenseRow, MilestoneRow, TimeEntryRow};
use crate::store::{lite, pg};

/// Approved work of a contract, with what earlier documents billed of it.
pub(super) struct Work {
    pub(super) entries: Vec<TimeEntryRow>,
    time: Vec<TimeEntry>,
    pub(super) expense_rows: Vec<ExpenseRow>,
    pub(super) milestone_rows: Vec<MilestoneRow>,
    pub(super) billed_before: TimeBilledBefore,
    /// Net of every document before.
    pub(super) net_before: Money,
    /// By work month.
    overage_before: BTreeMap<String, Money>,
}

impl Work {
    pub(super) async fn read(core: &Core, pricing: &Pricing, input: &InvoiceInput) -> Result<Self> {
        let (contract, until, known) = (input.contract_id.clone(), input.month_end, input.run_date);
        let (rows, expense_rows, milestone_rows, lines) = core
            .db
            .read(move |c| {
                let time = both!(c, work::of_contract(&contract, until, known))?;
                let expenses = both!(c, work::expenses_of(&contract, until, known))?;
                let fixed = both!(c, milestones::approved(&contract, known))?;
                Ok((time, expenses, fixed, both!(c, documents::lines_of_contract(&contract))?))
            })
            .await?;
        let currency = pricing.terms.currency;
        let mut billed: HashMap<String, i64> = HashMap::new();
        let mut billed_before = TimeBilledBefore::nothing(currency);
        let mut overage_before: BTreeMap<String, Money> = BTreeMap::new();
        let mut net_before = Money::zero(currency);
        for (line_kind, source, minor) in lines {
            let amount = Money::new(minor, currency);
            net_before = net_before.plus(amount)?;
            match line_kind.as_str() {
                "cap_adjustment" => billed_before.cap_adjustment = billed_before.cap_adjustment.plus(amount)?,
                "overage" => {
                    let sum = overage_before.entry(overage_month(&source)).or_insert(Money::zero(currency));
                    *sum = sum.plus(amount)?;
                }
                "expense" | "milestone" | "fee" => {}
                _ => billed_before.gross = billed_before.gross.plus(amount)?,
            }
            *billed.entry(source).or_default() += minor;
        }
        let grouped = work_of::grouped(rows);
        let time = grouped
            .iter()
            .map(|(entry, versions)| work_of::entry(entry, versions, &billed, currency))
            .collect();
        let entries = grouped.into_iter().map(|(entry, _)| entry).collect();
        Ok(Self {
            entries,
            time,
            expense_rows,
            billed_before,
            net_before,
            overage_before,
            milestone_rows,
        })
    }

    /// What the finance rules bill of it.
    pub(super) async fn bill(&self, core: &Core, pricing: &Pricing, input: &InvoiceInput) -> Result<Outcome> {
        let expenses = self.expense_rows.iter().map(work_of::expense).collect::<Result<Vec<_>>>()?;
        let milestones = self.milestone_rows.iter().map(|row| work_of::milestone(row, pricing));
        let milestones = milestones.collect::<Result<Vec<_>>>()?;
        let asked = expenses.iter().map(|item| (item.amount.currency, item.incurred_on));
        let exchange_rates = exchange::rates(core, pricing.terms.currency, asked).await?;
        let receipt_limits = if expenses.is_empty() {
            BTreeMap::new()
        } else {
            receipt_limits(&masters::reference(core).await?)?
        };
        bill(&Run {
            terms: &pricing.terms,
            rates: &pricing.rates,
            exchange_rates: &exchange_rates,
            fx_max_age_days: pricing.fx_max_age_days,
            receipt_limits: &receipt_limits,
            run_date: input.run_date,
            month_end: input.month_end,
            time: &self.time,
            expenses: &expenses,
            billed_before: self.billed_before,
            overage_before: &self.overage_before,
            milestones: &milestones,
        })
    }

    /// Kind and name of sources, as people know them.
    pub(super) fn names(&self) -> HashMap<String, (&'static str, &str)> {
        let time = self.entries.iter();
        let time = time.map(|entry| (work_of::time_source(&entry.id), ("time_entry", entry.reference.as_str())));
        let expenses = self.expense_rows.iter();
        let expenses = expenses.map(|row| (work_of::expense_source(&row.id), ("expense", row.reference.as_str())));
        let fixed = self.milestone_rows.iter();
        let fixed = fixed.map(|row| (work_of::milestone_source(&row.code), ("milestone", row.code.as_str())));
        time.chain(expenses).chain(fixed).collect()
    }

    /// Our project ids by source of a line.
    pub(super) fn projects(&self) -> HashMap<String, String> {
        let time = self
            .entries
            .iter()
            .map(|entry| (work_of::time_source(&entry.id), entry.project_id.clone()));
        let expenses = self
            .expense_rows
            .iter()
            .map(|item| (work_of::expense_source(&item.id), item.project_id.clone()));
        time.chain(expenses).collect()
    }
}

/// Amounts above which an expense needs a receipt.
pub(crate) fn receipt_limits(reference: &GetReferenceDataResponse) -> Result<BTreeMap<Currency, Money>> {
    reference
        .receipt_limits
        .iter()
        .map(|limit| money(limit).map(|limit| (limit.currency, limit)))
        .collect()
}

/// The work month of a line of overage: its source ends with it.
fn overage_month(source: &str) -> String {
    source.rsplit(':').next().unwrap_or_default().to_owned()
}
