//! Time posted to projects.

use std::collections::BTreeSet;

use super::evidence::{Evidence, Worked};
use super::report::{Record, Report};
use crate::data::Firm;

/// Name of the check.
pub(super) const CHECK: &str = "projects";

pub(super) fn compare(firm: &Firm, evidence: &Evidence, report: &mut Report) {
    let mut expected = BTreeSet::new();
    for row in &firm.expected.projects {
        expected.insert(row.project_id.as_str());
        let Some(got) = evidence.projects.get(&row.project_id) else {
            report.missing(CHECK, &row.project_id, format!("{} approved minutes", row.approved_minutes));
            continue;
        };
        let mut record = Record::new(report, CHECK, &row.project_id);
        record.text("approved_minutes", row.approved_minutes, got.minutes);
        record.text("billable_minutes", row.billable_minutes, got.billable_minutes);
        let currencies: BTreeSet<&String> = row.cost.keys().chain(got.cost.keys()).collect();
        for currency in currencies {
            let want = row.cost.get(currency).map_or("0", String::as_str);
            let sum = got.cost.get(currency).copied().unwrap_or_default();
            record.amount(&format!("cost {currency}"), want, sum);
        }
        record.done();
    }
    for (project, worked) in &evidence.projects {
        report.note("time rows in the books", worked.rows);
        if !expected.contains(project.as_str()) && !is_nothing(worked) {
            report.unexpected(CHECK, project, format!("{} minutes", worked.minutes));
        }
    }
}

fn is_nothing(worked: &Worked) -> bool {
    worked.minutes == 0 && worked.billable_minutes == 0 && worked.cost.values().all(|sum| sum.is_zero())
}
