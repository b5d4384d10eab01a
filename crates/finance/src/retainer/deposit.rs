//! Deposits: money held for the customer, a liability without revenue until an invoice recalls it.

use strata_kernel::{Error, Money, Result};

use crate::amount::difference;
use crate::reason;

/// What recalling a deposit does to an invoice and to the deposit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DepositRecall {
    /// Line that the invoice gets: the recalled amount, negative.
    pub deposit_line: Money,
    /// Net of the invoice with that line.
    pub invoice_net: Money,
    /// What is left of the deposit.
    pub deposit_balance: Money,
}

/// Recalls a part of a deposit on an invoice. More than the balance is `DEPOSIT_INSUFFICIENT`, a recall below
/// zero `INVALID_FIELD`, another currency `RATE_CURRENCY_MISMATCH`. Nothing is rounded.
///
/// A recall above the net is allowed: the document is then a credit memo that returns the rest of the deposit.
/// Source: Tryton's `account_deposit`; a deposit is a contract liability, IFRS 15.106.
pub fn apply_deposit(deposit_balance: Money, invoice_net: Money, recall: Money) -> Result<DepositRecall> {
    if recall.minor < 0 {
        return Err(Error::invalid("recall", "a recall cannot be below zero; book a new deposit"));
    }
    let left = difference(deposit_balance, recall)?;
    if left.minor < 0 && recall.minor > 0 {
        return Err(Error::precondition(
            reason::DEPOSIT_INSUFFICIENT,
            format!(
                "{recall} {} are recalled, and {deposit_balance} are left of the deposit",
                recall.currency
            ),
        ));
    }
    Ok(DepositRecall {
        deposit_line: recall.negated(),
        invoice_net: difference(invoice_net, recall)?,
        deposit_balance: left,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::Currency;

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::parse("USD").unwrap())
    }

    #[test]
    fn a_recall_stops_at_the_balance() {
        let recall = apply_deposit(usd(100), usd(60), usd(100)).unwrap();
        assert_eq!((recall.invoice_net, recall.deposit_balance), (usd(-40), usd(0)));
        let nothing = apply_deposit(usd(0), usd(60), usd(0)).unwrap();
        assert_eq!((nothing.deposit_line, nothing.invoice_net), (usd(0), usd(60)));
        let error = apply_deposit(usd(100), usd(600), usd(101)).unwrap_err();
        assert_eq!(error.reason, reason::DEPOSIT_INSUFFICIENT);
    }

    #[test]
    fn refuses_what_is_no_recall() {
        assert_eq!(apply_deposit(usd(100), usd(60), usd(-1)).unwrap_err().field, "recall");
        let euro = Money::new(1, Currency::parse("EUR").unwrap());
        assert!(apply_deposit(usd(100), usd(60), euro).is_err());
        assert!(apply_deposit(usd(100), usd(i64::MIN), usd(1)).is_err());
    }
}
