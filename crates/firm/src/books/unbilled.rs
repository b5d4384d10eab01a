//! Approved time without a document, as the platform said on each day it was asked.

use std::collections::{BTreeMap, BTreeSet};

use strata_kernel::Date;

use super::evidence::Evidence;
use super::report::{Record, Report};
use crate::data::{ExpectedUnbilled, Firm};
use crate::director::RecordedUnbilled;

/// Name of the check.
pub(super) const CHECK: &str = "unbilled";

pub(super) fn compare(firm: &Firm, evidence: &Evidence, report: &mut Report) {
    let mut expected: BTreeMap<Date, Vec<&ExpectedUnbilled>> = BTreeMap::new();
    for row in &firm.expected.unbilled {
        expected.entry(row.as_of).or_default().push(row);
    }
    let days: BTreeSet<Date> = expected.keys().chain(evidence.unbilled.keys()).copied().collect();
    for day in days {
        let rows = expected.remove(&day).unwrap_or_default();
        let Some(recorded) = evidence.unbilled.get(&day) else {
            for row in rows {
                report.missing(CHECK, &key(day, &row.project_id), "a record of the day");
            }
            continue;
        };
        compare_day(firm, day, &rows, recorded, report);
    }
}

fn compare_day(firm: &Firm, day: Date, rows: &[&ExpectedUnbilled], recorded: &[RecordedUnbilled], report: &mut Report) {
    let mut got: BTreeMap<&str, &RecordedUnbilled> = BTreeMap::new();
    for row in recorded {
        if !firm.is_timed_project(&row.project) {
            report.note("unbilled rows of contracts not billed by the hour", 1);
        } else if got.insert(&row.project, row).is_some() {
            report.unexpected(CHECK, &key(day, &row.project), "a second row for the project");
        }
    }
    for row in rows {
        let key = key(day, &row.project_id);
        let Some(found) = got.remove(row.project_id.as_str()) else {
            report.missing(
                CHECK,
                &key,
                format!("{} entries, {} {}", row.entries, row.amount, row.currency),
            );
            continue;
        };
        let mut record = Record::new(report, CHECK, &key);
        record.text("entries", row.entries, found.entries);
        record.text("billable_minutes", row.billable_minutes, found.billable_minutes);
        record.text("currency", &row.currency, &found.currency);
        record.text("amount", &row.amount, &found.amount);
        record.done();
    }
    for row in got.into_values().filter(|row| row.entries != 0 || row.billable_minutes != 0) {
        let got = format!("{} entries, {} {}", row.entries, row.amount, row.currency);
        report.unexpected(CHECK, &key(day, &row.project), got);
    }
}

fn key(day: Date, project: &str) -> String {
    format!("{day} {project}")
}
