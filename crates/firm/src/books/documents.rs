//! Invoices and credit memos.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::evidence::{Booked, DocumentKey, Evidence};
use super::report::{PRESENCE, Record, Report};
use crate::data::{ExpectedInvoice, Firm};

/// Name of the check.
pub(super) const CHECK: &str = "documents";

/// Line kinds of the ERP, and the expectation each is summed into.
const LINE_KINDS: [(&str, LineSum); 8] = [
    ("time", |row| &row.time_new),
    ("time_credit", |row| &row.time_credit),
    ("time_rebill", |row| &row.time_rebill),
    ("cap_adjustment", |row| &row.cap_adjustment),
    ("overage", |row| &row.overage),
    ("milestone", |row| &row.milestones),
    ("fee", |row| &row.fee),
    ("expense", |row| &row.expenses),
];

type LineSum = fn(&ExpectedInvoice) -> &String;

/// Which document is expected.
pub(super) fn key(row: &ExpectedInvoice) -> DocumentKey<'_> {
    DocumentKey {
        contract: &row.contract_id,
        period: &row.period,
        timing: &row.document,
    }
}

/// The generator computes one year. What the platform bills for a later month is right, and is not compared.
pub(super) fn is_foreseen(firm: &Firm, key: DocumentKey<'_>) -> bool {
    let year = key.period.split('-').next().and_then(|year| year.parse::<i32>().ok());
    year.is_none_or(|year| year <= firm.manifest.year)
}

pub(super) fn compare(firm: &Firm, evidence: &Evidence, report: &mut Report) {
    let mut booked: BTreeMap<DocumentKey<'_>, Vec<&Booked>> = BTreeMap::new();
    for document in &evidence.documents {
        if is_foreseen(firm, document.key()) {
            booked.entry(document.key()).or_default().push(document);
        } else {
            report.note("documents of the next year", 1);
        }
    }
    for row in &firm.expected.invoices {
        let (found, key) = (booked.remove(&key(row)).unwrap_or_default(), key(row).to_string());
        let Some(first) = found.first() else {
            report.missing(CHECK, &key, format!("{} of {} {}", row.kind, row.gross, row.currency));
            continue;
        };
        if found.len() > 1 {
            let numbers: Vec<&str> = found.iter().map(|document| document.number.as_str()).collect();
            let got = format!("{} documents: {}", numbers.len(), numbers.join(", "));
            report.counts(CHECK).unexpected += found.len() as u64 - 1;
            report.differ(CHECK, &key, PRESENCE, "1 document".to_owned(), got);
        }
        compare_one(firm, row, first, &key, report);
    }
    for document in booked.into_values().flatten() {
        let got = format!("{} of {} {}", document.number, document.gross, document.currency);
        report.unexpected(CHECK, &document.key().to_string(), got);
    }
    check_numbers(evidence, report);
}

fn compare_one(firm: &Firm, row: &ExpectedInvoice, got: &Booked, key: &str, report: &mut Report) {
    let customer = firm
        .customer(&row.contract_id, &row.customer_id)
        .map_or("", |c| c.name.as_str());
    let mut record = Record::new(report, CHECK, key);
    let kind = if got.credit_memo { "credit_memo" } else { "invoice" };
    record.text("kind", &row.kind, kind);
    record.text("legal_entity", &row.legal_entity_id, &got.legal_entity);
    record.text("customer", customer, &got.customer);
    record.text("issue_date", row.issue_date, &got.issue_date);
    record.text("due_date", row.due_date, &got.due_date);
    record.text("currency", &row.currency, &got.currency);
    for (kind, expected) in LINE_KINDS {
        let sum = got.lines.get(kind).copied().unwrap_or_default();
        record.amount(kind, expected(row), sum);
    }
    for (kind, sum) in &got.lines {
        if !LINE_KINDS.iter().any(|(known, _)| known == kind) {
            record.text("line kind", "one of the known kinds", format!("\"{kind}\" of {sum}"));
        }
    }
    record.amount("net", &row.net, got.net);
    compare_tax(row, got, &mut record);
    record.amount("gross", &row.gross, got.gross);
    record.text("functional_currency", &row.functional_currency, &got.functional_currency);
    record.amount("fx_rate", &row.fx_rate, got.fx_rate);
    record.amount("gross_functional", &row.gross_functional, got.gross_functional);
    record.done();
}

fn compare_tax(row: &ExpectedInvoice, got: &Booked, record: &mut Record<'_>) {
    match got.taxes.iter().collect::<Vec<&(String, Decimal)>>().as_slice() {
        [(category, percent)] => {
            record.text("tax_category", &row.tax_category, category);
            record.amount("tax_percent", &row.tax_percent, *percent);
        }
        several => {
            let codes: Vec<String> = several
                .iter()
                .map(|(category, percent)| format!("{category} {percent}"))
                .collect();
            record.text("tax_category", &row.tax_category, codes.join(", "));
        }
    }
    record.amount("tax", &row.tax, got.tax);
}

/// Printed numbers belong to one document each, and leave no gap within their series.
fn check_numbers(evidence: &Evidence, report: &mut Report) {
    let mut series: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for document in &evidence.documents {
        if !seen.insert(&document.number) {
            let got = format!("again on {}", document.key());
            report.differ("document numbers", &document.number, PRESENCE, "one document".to_owned(), got);
        }
        match document
            .number
            .rsplit_once('-')
            .map(|(prefix, number)| (prefix, number.parse()))
        {
            Some((prefix, Ok(number))) => {
                series.entry(prefix).or_default().insert(number);
            }
            _ => report.differ(
                "document numbers",
                &document.key().to_string(),
                "number",
                "prefix and number".to_owned(),
                document.number.clone(),
            ),
        }
    }
    for (prefix, numbers) in series {
        let last = numbers.last().copied().unwrap_or_default();
        if numbers.len() as u64 != last || numbers.first() != Some(&1) {
            let got = format!("{} numbers up to {last}", numbers.len());
            report.differ("document numbers", prefix, "series", "no gap".to_owned(), got);
        }
    }
}
