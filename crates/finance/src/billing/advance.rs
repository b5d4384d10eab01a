//! Fees that are billed before the work.

use strata_kernel::{Date, Error, Money, Result, period_of};

use super::{BillingTerms, Line, LineKind, Outcome, document_of};

/// The document that bills a fee in advance. No document for a fee of nothing.
///
/// Refuses a fee in another currency than the contract's.
/// The fee is not rounded here, its tax is, once. A fee in another currency is `INVALID_FIELD`. Source: a payment due
/// before transfer, IFRS 15.106, ASC 606-10-45-2.
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
