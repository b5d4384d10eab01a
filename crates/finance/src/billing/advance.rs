//! Fees that are billed before the work.

use chrono::Months;
use strata_kernel::{Date, Error, Money, Result, month_of, period_of};

use super::{BillingTerms, Line, LineKind, Outcome, document_of};

/// Days on which the fee of a monthly retainer is billed: the first of each month of the contract, and its
/// start for the first one. Both days of the range are in the contract.
pub fn advance_days(start: Date, last: Date) -> Result<Vec<Date>> {
    let mut days = Vec::new();
    let mut day = start;
    while day <= last {
        days.push(day);
        day = month_of(day)
            .0
            .checked_add_months(Months::new(1))
            .ok_or_else(|| Error::invalid("end_date", format!("the months up to {last} leave the calendar")))?;
    }
    Ok(days)
}

/// The document that bills a fee in advance. No document for a fee of nothing.
///
/// Refuses a fee in another currency than the contract's.
pub fn bill_advance(terms: &BillingTerms, fee: Money, issue_date: Date) -> Result<Outcome> {
    if fee.currency != terms.currency {
        let text = format!("a fee in {} is in a contract in {}", fee.currency, terms.currency);
        return Err(Error::invalid("currency", text));
    }
    let mut outcome = Outcome::nothing(terms.currency);
    if fee.minor != 0 {
        outcome.lines.push(Line {
            kind: LineKind::Fee,
            source_id: period_of(issue_date),
            project: String::new(),
            date: None,
            amount: fee,
            minutes: 0,
            rate: None,
        });
    }
    outcome.document = document_of(terms, &outcome.lines, issue_date)?;
    Ok(outcome)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_first_fee_is_due_at_the_start() {
        let days = |from: &str, to: &str| -> Vec<String> {
            let days = advance_days(from.parse().unwrap(), to.parse().unwrap()).unwrap();
            days.iter().map(Date::to_string).collect()
        };
        assert_eq!(days("2025-01-31", "2025-03-01"), ["2025-01-31", "2025-02-01", "2025-03-01"]);
        assert_eq!(days("2025-01-01", "2025-01-31"), ["2025-01-01"]);
        assert!(days("2025-02-01", "2025-01-31").is_empty());
    }
}
