//! What had to get stuck, and what did.

use std::collections::{BTreeMap, BTreeSet};

use super::evidence::Evidence;
use super::report::{Record, Report};
use crate::data::Firm;

/// Name of the check.
pub(super) const CHECK: &str = "exceptions";
/// Causes that the generator foresees; others are counted only.
const FORESEEN: [&str; 2] = ["RECEIPT_MISSING", "PROJECT_MISSING_ERP_STRUCTURE"];

pub(super) fn compare(firm: &Firm, evidence: &Evidence, report: &mut Report) {
    let expected: BTreeSet<(&str, &str)> = firm
        .expected
        .exceptions
        .iter()
        .map(|row| (row.kind.as_str(), row.id.as_str()))
        .collect();
    let mut raised: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for exception in &evidence.exceptions {
        if FORESEEN.contains(&exception.cause.as_str()) {
            *raised.entry((&exception.cause, &exception.object)).or_default() += 1;
        } else {
            report.note(&format!("exceptions {}", exception.cause), 1);
            report.note(
                &format!("exceptions {} still open", exception.cause),
                u64::from(exception.open),
            );
        }
    }
    for (cause, object) in &expected {
        let key = format!("{cause} {object}");
        match raised.remove(&(*cause, *object)) {
            None => report.missing(CHECK, &key, "an exception"),
            Some(times) => {
                let mut record = Record::new(report, CHECK, &key);
                record.text("times", 1, times);
                record.done();
            }
        }
    }
    for (cause, object) in raised.into_keys() {
        report.unexpected(CHECK, &format!("{cause} {object}"), "an exception");
    }
}
