//! What an expense costs the customer.

use strata_kernel::{Money, Result};

use super::{ExpenseItem, Line, LineKind, Run};
use crate::expense::{billable_price, check_receipt};

/// True when a run bills an expense for the first time.
pub(super) fn is_due(run: &Run<'_>, item: &ExpenseItem) -> bool {
    item.billable && !item.billed && item.approved_on <= run.run_date && item.incurred_on <= run.month_end
}

/// Price of an expense, or why it waits.
pub(super) fn price(run: &Run<'_>, item: &ExpenseItem) -> Result<Money> {
    let currency = item.amount.currency;
    check_receipt(item.amount, item.has_receipt, run.receipt_limits.get(&currency).copied())?;
    let held = run
        .exchange_rates
        .pick(currency, run.terms.currency, item.incurred_on, run.fx_max_age_days)?;
    billable_price(item.amount, held.rate, run.terms.currency, run.terms.expense_markup_percent)
}

pub(super) fn line(item: &ExpenseItem, amount: Money) -> Line {
    Line {
        kind: LineKind::Expense,
        source_id: item.id.clone(),
        project: item.project.clone(),
        date: Some(item.incurred_on),
        amount,
        minutes: 0,
        rate: None,
    }
}
