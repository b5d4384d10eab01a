//! Books that agree, and what is said of each way in which they may not.
#![allow(clippy::unwrap_used)]

mod documents;
mod revenue;
mod sample;

pub(super) use sample::good;

use super::*;
use crate::tiny::Tiny;

/// "check key field" of every difference.
fn found(report: &Report) -> Vec<String> {
    report
        .differences
        .iter()
        .map(|d| format!("{} {} {}", d.check, d.key, d.field))
        .collect()
}

fn differences(change: impl FnOnce(&mut Evidence)) -> Vec<String> {
    let mut evidence = good();
    change(&mut evidence);
    found(&compare(&Tiny::new().load(), &evidence))
}

/// The same, without what customers owe: it is a sum over the documents, and differs with each of them.
fn of_documents(change: impl FnOnce(&mut Evidence)) -> Vec<String> {
    not_owed(differences(change))
}

fn not_owed(mut found: Vec<String>) -> Vec<String> {
    found.retain(|difference| !difference.starts_with("receivables "));
    found
}

#[test]
fn books_that_agree_say_so() {
    let report = compare(&Tiny::new().load(), &good());
    assert_eq!(found(&report), Vec::<String>::new());
    assert!(report.agrees());
    let expected: Vec<(&str, u64)> = report.checks.iter().map(|(name, c)| (name.as_str(), c.agreeing)).collect();
    assert_eq!(
        expected,
        [
            ("adjustments", 1),
            ("balance", 1),
            ("dashboards", 4),
            ("documents", 2),
            ("estimates", 1),
            ("exceptions", 2),
            ("intercompany", 1),
            ("milestones", 2),
            ("payments", 2),
            ("projects", 1),
            ("receivables", 1),
            ("reconciliation", 1),
            ("revenue", 1),
            ("unbilled", 1),
            ("utilization", 1)
        ]
    );
}

#[test]
fn a_report_survives_its_file() {
    let report = compare(&Tiny::new().load(), &good());
    let text = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), report);
}

#[test]
fn damage_is_found_with_an_exception_or_it_differs() {
    assert_eq!(
        differences(|evidence| evidence.reconciled.exceptions.clear()),
        ["reconciliation missing_in_erp TE-1 exception"]
    );
    assert_eq!(
        differences(|evidence| evidence.reconciled.findings = vec!["minutes_differ TE-1".into()]),
        [
            "reconciliation missing_in_erp TE-1 presence",
            "reconciliation minutes_differ TE-1 presence",
        ]
    );
}

#[test]
fn a_cell_that_differs_is_a_difference() {
    assert_eq!(
        differences(|evidence| evidence.balances[0].differing = 1),
        ["balance 2025-01 time PR-1 USD lines that differ"]
    );
    assert_eq!(
        differences(|evidence| evidence.balances[0].minor_units = -1),
        ["balance 2025-01 time PR-1 USD minor units too many"]
    );
}
