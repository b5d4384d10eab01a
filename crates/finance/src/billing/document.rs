//! The document that lines make: kind, totals, dates.

use strata_kernel::{Date, Error, Money, Result};

use super::{BillingTerms, Line};
use crate::amount::sum;
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
    ///
    /// Source: "Project invoicing", Dynamics 365 Project Operations: the sign of the net makes an invoice or a credit
    /// memo.
    pub fn of(net: Money) -> Self {
        if net.minor < 0 { Self::CreditMemo } else { Self::Invoice }
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::CreditMemo => "credit_memo",
        }
    }
}

/// Net and kind of one document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentTotal {
    /// Sum of its lines.
    pub net: Money,
    /// What it is.
    pub kind: DocumentKind,
}

/// Documents that the line amounts of one contract and run make. Together: one, whose net decides the kind, so
/// that a credit and its rebill share paper. Apart, where law asks for credit notes of their own: the credits,
/// then the rest. Totals are the same both ways. No lines make no document.
///
/// Line amounts are in minor units of one currency and are only added; two currencies are `RATE_CURRENCY_MISMATCH`, a
/// sum beyond 64 bits `AMOUNT_OVERFLOW`. Source: "Project invoicing", Dynamics 365 Project Operations; EN 16931
/// BR-CO-10.
pub fn document_totals(lines: &[Money], separate_credits: bool) -> Result<Vec<DocumentTotal>> {
    let (credits, others): (Vec<Money>, Vec<Money>) = lines.iter().partition(|line| separate_credits && line.minor < 0);
    let total = |lines: Vec<Money>| -> Result<Option<DocumentTotal>> {
        let Some(first) = lines.first() else { return Ok(None) };
        let net = sum(lines.iter().copied(), first.currency)?;
        Ok(Some(DocumentTotal {
            net,
            kind: DocumentKind::of(net),
        }))
    };
    Ok([total(credits)?, total(others)?].into_iter().flatten().collect())
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
///
/// Tax is rounded once on the net, half away from zero. Lines in another currency are `RATE_CURRENCY_MISMATCH`, a due
/// date out of the calendar is `INVALID_FIELD`. Source: EN 16931 BR-CO-10, BR-CO-15 and BR-CO-17.
pub fn document_of(terms: &BillingTerms, lines: &[Line], issue_date: Date) -> Result<Option<Document>> {
    if lines.is_empty() {
        return Ok(None);
    }
    let net = sum(lines.iter().map(|line| line.amount), terms.currency)?;
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
///
/// Calendar days. A date out of the calendar is `INVALID_FIELD`. Source: payment due date, EN 16931 BT-9.
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::Currency;

    #[test]
    fn credits_share_the_paper_or_stand_apart() {
        let eur = |minor| Money::new(minor, Currency::parse("EUR").unwrap());
        let told = |lines: &[Money], apart| -> Vec<(i64, &str)> {
            let totals = document_totals(lines, apart).unwrap();
            totals.iter().map(|total| (total.net.minor, total.kind.as_str())).collect()
        };
        let lines = [eur(-60_000), eur(66_000), eur(-100)];
        assert_eq!(told(&lines, false), [(5_900, "invoice")]);
        assert_eq!(told(&lines, true), [(-60_100, "credit_memo"), (66_000, "invoice")]);
        assert_eq!(told(&[eur(-5), eur(5)], false), [(0, "invoice")]);
        assert_eq!(told(&lines[..1], false), [(-60_000, "credit_memo")]);
        assert!(told(&[], false).is_empty() && told(&[], true).is_empty());
    }
}
