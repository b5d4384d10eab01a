//! The document that lines make: kind, totals, dates.

use strata_kernel::{Date, Error, Money, Result};

use super::{BillingTerms, Line};
use crate::tax::{TaxRow, tax_row};

/// Invoice or credit memo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DocumentKind {
    /// Net of zero or more.
    Invoice,
    /// Net below zero.
    CreditMemo,
}

impl DocumentKind {
    /// The sign of the net decides.
    pub fn of(net: Money) -> Self {
        if net.minor < 0 { Self::CreditMemo } else { Self::Invoice }
    }
}

/// Totals and dates of a document: net + tax = gross, exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Document {
    /// Kind.
    pub kind: DocumentKind,
    /// Sum of the line amounts.
    pub net: Money,
    /// Tax, once on the net.
    pub tax: TaxRow,
    /// Net and tax.
    pub gross: Money,
    /// Day of issue.
    pub issue_date: Date,
    /// Day it is due.
    pub due_date: Date,
}

/// The document that lines make, issued on a day. None without lines; lines that cancel make one with net 0.
pub fn document_of(terms: &BillingTerms, lines: &[Line], issue_date: Date) -> Result<Option<Document>> {
    if lines.is_empty() {
        return Ok(None);
    }
    let mut net = Money::zero(terms.currency);
    for line in lines {
        net = net.plus(line.amount)?;
    }
    let tax = tax_row(terms.tax, net)?;
    Ok(Some(Document {
        kind: DocumentKind::of(net),
        net,
        tax,
        gross: net.plus(tax.tax)?,
        issue_date,
        due_date: due_date(issue_date, terms.payment_terms_days)?,
    }))
}

/// Issue date plus terms days.
pub fn due_date(issue_date: Date, terms_days: u32) -> Result<Date> {
    issue_date
        .checked_add_days(chrono::Days::new(u64::from(terms_days)))
        .ok_or_else(|| {
            Error::invalid(
                "payment_terms_days",
                format!("{terms_days} days after {issue_date} is no date"),
            )
        })
}
