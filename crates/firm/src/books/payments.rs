//! What is open on each document: what customers paid, what the ERP says, what the platform says.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use strata_kernel::parse_decimal;

use super::documents::{is_foreseen, key};
use super::evidence::{Booked, DocumentKey, Evidence, PlatformDocument};
use super::report::{Record, Report};
use crate::data::{ExpectedInvoice, Firm};

/// Name of the check.
pub(super) const CHECK: &str = "payments";

pub(super) fn compare(firm: &Firm, evidence: &Evidence, report: &mut Report) {
    let mut paid: BTreeMap<DocumentKey<'_>, Decimal> = BTreeMap::new();
    for payment in firm
        .payments
        .iter()
        .filter(|payment| payment.received_on <= firm.manifest.as_of)
    {
        let of = DocumentKey {
            contract: &payment.contract_id,
            period: &payment.period,
            timing: &payment.document,
        };
        *paid.entry(of).or_default() += parse_decimal(&payment.amount).unwrap_or_default();
    }
    let booked: BTreeMap<DocumentKey<'_>, &Booked> = evidence.documents.iter().rev().map(|row| (row.key(), row)).collect();
    let mut shown: BTreeMap<DocumentKey<'_>, Vec<&PlatformDocument>> = BTreeMap::new();
    for row in evidence.platform.iter().filter(|row| is_foreseen(firm, row.key())) {
        shown.entry(row.key()).or_default().push(row);
    }
    for row in &firm.expected.invoices {
        let key = key(row);
        let paid = paid.get(&key).copied().unwrap_or_default();
        let shown = shown.remove(&key).unwrap_or_default();
        compare_one(row, paid, booked.get(&key).copied(), &shown, report);
    }
    for row in shown.into_values().flatten() {
        report.unexpected(
            CHECK,
            &row.key().to_string(),
            format!("{} {} on the platform", row.number, row.state),
        );
    }
}

fn compare_one(row: &ExpectedInvoice, paid: Decimal, booked: Option<&Booked>, shown: &[&PlatformDocument], report: &mut Report) {
    let key = key(row).to_string();
    let Some(booked) = booked else {
        report.missing(CHECK, &key, "a document in the books");
        return;
    };
    let [platform] = shown else {
        match shown {
            [] => report.missing(CHECK, &key, "a document on the platform"),
            several => report.unexpected(CHECK, &key, format!("{} documents on the platform", several.len())),
        }
        return;
    };
    let gross = parse_decimal(&row.gross).unwrap_or_default();
    let open = gross - paid;
    let mut record = Record::new(report, CHECK, &key);
    record.amount("open in the books", &open.to_string(), booked.open);
    record.amount("open on the platform", &booked.open.to_string(), platform.open);
    record.text("number on the platform", &booked.number, &platform.number);
    // A document of nothing is posted and paid at once: both words are right.
    if !booked.gross.is_zero() {
        record.text("state on the platform", state(booked), &platform.state);
    }
    record.done();
}

/// State of a document, as its open amount in the books says it.
fn state(booked: &Booked) -> &'static str {
    if booked.open.is_zero() {
        "paid"
    } else if booked.open == booked.gross {
        "posted"
    } else {
        "part_paid"
    }
}
