//! Ledger entries that balance because each is one amount on two sides.

use strata_kernel::{Currency, Money, Result};

use crate::amount::difference;

/// An account of a project's ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Account {
    /// Cost of the work.
    ProjectCost,
    /// Pay that is charged to projects.
    PayrollAllocation,
    /// Work done and not billed, at sales value.
    WipSalesValue,
    /// Revenue earned and not billed.
    AccruedRevenue,
    /// Money in the bank.
    Cash,
    /// Paid ahead by the customer.
    Prepayment,
    /// Where revenue and bills meet: a contract asset when revenue is ahead, a contract liability when bills are.
    UnbilledOrUnearned,
    /// Revenue.
    Revenue,
    /// Billed and not paid.
    Receivables,
}

impl Account {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ProjectCost => "project_cost",
            Self::PayrollAllocation => "payroll_allocation",
            Self::WipSalesValue => "wip_sales_value",
            Self::AccruedRevenue => "accrued_revenue",
            Self::Cash => "cash",
            Self::Prepayment => "prepayment",
            Self::UnbilledOrUnearned => "unbilled_or_unearned",
            Self::Revenue => "revenue",
            Self::Receivables => "receivables",
        }
    }
}

/// Side of a ledger row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Left.
    Debit,
    /// Right.
    Credit,
}

impl Side {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debit => "debit",
            Self::Credit => "credit",
        }
    }
}

/// A row of a ledger entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerRow {
    /// Account.
    pub account: Account,
    /// Side.
    pub side: Side,
    /// Amount.
    pub amount: Money,
}

/// One amount from one account to another, inside one entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerEntry {
    /// Account that is debited.
    pub debit: Account,
    /// Account that is credited.
    pub credit: Account,
    /// Amount. Below zero: a reversal that keeps the sides.
    pub amount: Money,
}

impl LedgerEntry {
    /// Its two rows, debit first.
    ///
    /// Source: double entry: debits equal credits per entity, currency and posting.
    pub fn rows(self) -> [LedgerRow; 2] {
        [(self.debit, Side::Debit), (self.credit, Side::Credit)].map(|(account, side)| LedgerRow {
            account,
            side,
            amount: self.amount,
        })
    }

    /// The entry that undoes it: the sides change places, and the amount stays.
    ///
    /// Source: double entry: a reversal swaps the sides.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self {
            debit: self.credit,
            credit: self.debit,
            ..self
        }
    }
}

/// Debits less credits of an account in a currency. Entries in other currencies are not counted.
///
/// Exact; beyond 64 bits it is `AMOUNT_OVERFLOW`. Source: double entry.
pub fn balance(entries: &[LedgerEntry], account: Account, currency: Currency) -> Result<Money> {
    let mut sum = Money::zero(currency);
    for row in entries.iter().flat_map(|entry| entry.rows()) {
        if row.account == account && row.amount.currency == currency {
            sum = match row.side {
                Side::Debit => sum.plus(row.amount)?,
                Side::Credit => difference(sum, row.amount)?,
            };
        }
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::reason;

    #[test]
    fn a_reversal_leaves_nothing() {
        let (usd, eur) = (Currency::parse("USD").unwrap(), Currency::parse("EUR").unwrap());
        let entry = LedgerEntry {
            debit: Account::Receivables,
            credit: Account::Revenue,
            amount: Money::new(500, usd),
        };
        let both = [entry, entry.reversed()];
        assert_eq!(balance(&both[..1], Account::Revenue, usd).unwrap().minor, -500);
        assert_eq!(balance(&both[..1], Account::Revenue, eur).unwrap().minor, 0);
        for account in [Account::Receivables, Account::Revenue, Account::Cash] {
            assert_eq!(balance(&both, account, usd).unwrap().minor, 0);
        }
        let most = LedgerEntry {
            amount: Money::new(i64::MAX, usd),
            ..entry
        };
        let far = balance(&[most, most], Account::Receivables, usd);
        assert_eq!(far.unwrap_err().reason, reason::AMOUNT_OVERFLOW);
    }
}
