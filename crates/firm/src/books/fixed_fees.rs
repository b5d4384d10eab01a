//! What fixed fees are billed and recognised by: milestones that customers accepted and finance approved, and estimates.

use std::collections::BTreeMap;

use super::evidence::Evidence;
use super::report::{Record, Report};
use crate::data::{Estimate, Firm};

/// Name of the check of milestones.
pub(super) const MILESTONES: &str = "milestones";
/// Name of the check of estimates.
pub(super) const ESTIMATES: &str = "estimates";

pub(super) fn compare(firm: &Firm, evidence: &Evidence, report: &mut Report) {
    milestones(firm, evidence, report);
    estimates(firm, evidence, report);
}

fn milestones(firm: &Firm, evidence: &Evidence, report: &mut Report) {
    let mut left = evidence.milestones.clone();
    let signed = |amendment: &str| {
        firm.amendments
            .iter()
            .any(|row| row.id == amendment && row.signed_on <= firm.manifest.as_of)
    };
    let counting = firm
        .milestones
        .iter()
        .filter(|row| row.change_order_id.as_deref().is_none_or(signed));
    for row in counting {
        let Some(got) = left.remove(&row.id) else {
            report.missing(MILESTONES, &row.id, format!("{} {}", row.amount, row.currency));
            continue;
        };
        // Finance approves on the day on which the customer accepts.
        let accepted = row.accepted_on.filter(|day| *day <= firm.manifest.as_of);
        let accepted = accepted.map(|day| day.to_string()).unwrap_or_default();
        let mut record = Record::new(report, MILESTONES, &row.id);
        record.text("contract", &row.contract_id, &got.contract);
        record.amount("amount", &row.amount, got.amount);
        record.text("currency", &row.currency, &got.currency);
        record.text("accepted_on", &accepted, &got.accepted_on);
        record.text("approved_on", &accepted, &got.approved_on);
        record.done();
    }
    for code in left.keys() {
        report.unexpected(MILESTONES, code, "a milestone");
    }
}

fn estimates(firm: &Firm, evidence: &Evidence, report: &mut Report) {
    let mut expected: BTreeMap<String, Vec<&Estimate>> = BTreeMap::new();
    for row in firm.estimates.iter().filter(|row| row.recorded_on <= firm.manifest.as_of) {
        let project = firm.first_project(&row.contract_id).map(|project| project.id.clone());
        expected.entry(project.unwrap_or_default()).or_default().push(row);
    }
    for (project, mut rows) in expected {
        rows.sort_by_key(|row| row.recorded_on);
        let wanted: Vec<String> = rows
            .iter()
            .map(|row| said(&row.recorded_on.to_string(), row.eac_minutes))
            .collect();
        let Some(got) = evidence.estimates.get(&project) else {
            report.missing(ESTIMATES, &project, wanted.join(", "));
            continue;
        };
        let got: Vec<String> = got.iter().map(|(day, minutes)| said(day, *minutes)).collect();
        let mut record = Record::new(report, ESTIMATES, &project);
        record.text("versions", wanted.join(", "), got.join(", "));
        record.done();
    }
}

fn said(day: &str, minutes: u32) -> String {
    format!("{day} {minutes}")
}
