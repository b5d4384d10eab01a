//! When the fees of a monthly retainer are invoiced.

use chrono::Datelike;
use strata_kernel::{Date, Error, Money, Result, month_of};

/// The fee of one month, billed in advance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeeDue {
    /// First day of the month that it is for.
    pub month: Date,
    /// Issue date of its document.
    pub issue_on: Date,
    /// The whole fee: a month that the contract only touches is not cut.
    pub fee: Money,
}

/// Fees of a contract from `from` to before `to`: one for each calendar month that it touches, invoiced on the
/// invoice day (1 to 31, the last day of shorter months), in the first month not before the contract starts and in
/// the last not after it ends. An end before the start, and another invoice day, are `INVALID_FIELD`.
///
/// The fee is not rounded. Source: the retainer's terms: a fee per calendar month, billed in advance; IFRS 15.106 for
/// what it is until it is earned.
pub fn fees_due(fee: Money, from: Date, to: Date, invoice_day: u32) -> Result<Vec<FeeDue>> {
    if !(1..=31).contains(&invoice_day) {
        return Err(Error::invalid("invoice_day", format!("{invoice_day} is no day of a month")));
    }
    let last_day = to
        .pred_opt()
        .filter(|last| *last >= from)
        .ok_or_else(|| Error::invalid("to", format!("a contract from {from} cannot end before it starts")))?;
    let mut due = Vec::new();
    let mut day = from;
    while day <= last_day {
        let (month, month_end) = month_of(day);
        let on = month.with_day(invoice_day).unwrap_or(month_end);
        due.push(FeeDue {
            month,
            issue_on: on.clamp(from, last_day),
            fee,
        });
        match month_end.succ_opt() {
            Some(next) => day = next,
            None => break,
        }
    }
    Ok(due)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::Currency;

    fn issued(from: &str, to: &str, invoice_day: u32) -> Result<Vec<String>> {
        let fee = Money::new(500_000, Currency::parse("USD").unwrap());
        let due = fees_due(fee, from.parse().unwrap(), to.parse().unwrap(), invoice_day)?;
        assert!(due.iter().all(|due| due.fee == fee && due.month.day() == 1));
        Ok(due.iter().map(|due| due.issue_on.to_string()).collect())
    }

    #[test]
    fn one_fee_for_each_month_touched() {
        assert_eq!(
            issued("2025-01-15", "2025-04-01", 1).unwrap(),
            ["2025-01-15", "2025-02-01", "2025-03-01"]
        );
        assert_eq!(
            issued("2025-01-31", "2025-03-11", 31).unwrap(),
            ["2025-01-31", "2025-02-28", "2025-03-10"]
        );
        assert_eq!(issued("2025-01-15", "2025-01-16", 20).unwrap(), ["2025-01-15"]);
    }

    #[test]
    fn refuses_days_that_are_none() {
        assert_eq!(issued("2025-01-15", "2025-01-15", 1).unwrap_err().field, "to");
        assert_eq!(issued("2025-01-15", "2025-02-15", 0).unwrap_err().field, "invoice_day");
        assert_eq!(issued("2025-01-15", "2025-02-15", 32).unwrap_err().field, "invoice_day");
    }
}
