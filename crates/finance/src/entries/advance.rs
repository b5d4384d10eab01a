//! Entries of advances, revenue and invoices, which meet in one clearing account.

use strata_kernel::{Currency, Money, Result};

use super::posting::{Account, LedgerEntry, balance};

/// What happens to a contract that is paid ahead, earned and billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContractEvent {
    /// The customer pays ahead.
    Advance(Money),
    /// Revenue is recognised.
    Revenue(Money),
    /// An invoice is posted, without tax.
    Invoice(Money),
}

impl ContractEvent {
    /// The entry it posts.
    /// Source: "Accounting transactions for revenue, invoices and advances", Oracle Projects.
    pub fn entry(self) -> LedgerEntry {
        let (debit, credit, amount) = match self {
            Self::Advance(amount) => (Account::Cash, Account::Prepayment, amount),
            Self::Revenue(amount) => (Account::UnbilledOrUnearned, Account::Revenue, amount),
            Self::Invoice(amount) => (Account::Receivables, Account::UnbilledOrUnearned, amount),
        };
        LedgerEntry { debit, credit, amount }
    }
}

/// Entries of events, in their order.
///
/// Amounts are posted as they are. Source: as [`ContractEvent::entry`].
pub fn contract_entries(events: &[ContractEvent]) -> Vec<LedgerEntry> {
    events.iter().map(|event| event.entry()).collect()
}

/// What is earned and not billed. Above zero it is a contract asset, below zero a contract liability.
///
/// A balance beyond 64 bits is `AMOUNT_OVERFLOW`. Source: unbilled receivable and unearned revenue, Oracle Projects;
/// IFRS 15.105.
pub fn unbilled_or_unearned(entries: &[LedgerEntry], currency: Currency) -> Result<Money> {
    balance(entries, Account::UnbilledOrUnearned, currency)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn who_is_ahead_gives_the_sign() {
        let usd = Currency::parse("USD").unwrap();
        let money = |minor| Money::new(minor, usd);
        let left = |events: &[ContractEvent]| unbilled_or_unearned(&contract_entries(events), usd).unwrap().minor;
        assert_eq!(left(&[ContractEvent::Advance(money(500))]), 0);
        assert_eq!(
            left(&[ContractEvent::Revenue(money(500)), ContractEvent::Invoice(money(200))]),
            300
        );
        assert_eq!(
            left(&[ContractEvent::Invoice(money(500)), ContractEvent::Revenue(money(200))]),
            -300
        );
        assert_eq!(left(&[]), 0);
    }
}
