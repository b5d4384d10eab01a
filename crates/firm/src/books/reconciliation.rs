//! Somebody damages the time in the books, and the platform has to find exactly that.

use std::collections::BTreeSet;

use futures::FutureExt;
use strata_contract::pb_date;
use strata_contract::strata::error::v1::Reason;
use strata_contract::strata::process::exception::v1::{ExceptionState, ListExceptionsRequest};
use strata_contract::strata::process::reconciliation::v1::{
    FindingKind, FindingState, ListFindingsRequest, ReconcileTimeRequest,
};

use super::evidence::{Evidence, Reconciled};
use super::read::PAGE;
use super::report::{Record, Report};
use crate::data::Firm;
use crate::director::{Stage, damage};
use crate::{Error, Result};

/// Name of the check.
pub(super) const CHECK: &str = "reconciliation";

/// Damages the books, lets the platform reconcile them, and reads what it found. May be done again: damage is done once.
pub(super) async fn damage_and_reconcile(firm: &Firm, stage: &Stage) -> Result<Reconciled> {
    damage(firm, &stage.people.erp).await?;
    let days = || firm.time.entries.iter().map(|entry| entry.work_date);
    let (Some(from), Some(to)) = (days().min(), days().max()) else {
        return Ok(Reconciled::default());
    };
    let request = ReconcileTimeRequest {
        from_date: Some(pb_date(from)),
        to_date: Some(pb_date(to)),
    };
    let mut client = stage.reconciliation.clone();
    let answer = client.reconcile_time(request).boxed().await;
    answer.map_err(Error::platform("ReconcileTime"))?;
    Ok(Reconciled {
        findings: findings(stage).await?,
        exceptions: exceptions(stage).await?,
    })
}

async fn findings(stage: &Stage) -> Result<Vec<String>> {
    let mut client = stage.reconciliation.clone();
    let (mut found, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = ListFindingsRequest {
            page_size: PAGE,
            page_token,
            state: FindingState::Open.into(),
        };
        let answer = client.list_findings(request).boxed().await;
        let answer = answer.map_err(Error::platform("ListFindings"))?.into_inner();
        for finding in &answer.findings {
            let kind = match finding.kind() {
                FindingKind::Unspecified => "unspecified",
                FindingKind::MissingInErp => "missing_in_erp",
                FindingKind::DuplicateInErp => "duplicate_in_erp",
                FindingKind::MinutesDiffer => "minutes_differ",
                FindingKind::UnknownInErp => "unknown_in_erp",
            };
            found.push(format!("{kind} {}", finding.time_entry));
        }
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            return Ok(found);
        }
    }
}

/// Objects of the open exceptions that ask somebody to mend the books.
async fn exceptions(stage: &Stage) -> Result<BTreeSet<String>> {
    let mut client = stage.exceptions.clone();
    let (mut found, mut page_token) = (BTreeSet::new(), String::new());
    loop {
        let request = ListExceptionsRequest {
            page_size: PAGE,
            page_token,
            state: ExceptionState::Open.into(),
            ..ListExceptionsRequest::default()
        };
        let answer = client.list_exceptions(request).boxed().await;
        let answer = answer.map_err(Error::platform("ListExceptions"))?.into_inner();
        let differs = answer
            .exceptions
            .into_iter()
            .filter(|row| row.cause() == Reason::TieOutDiffers);
        found.extend(differs.map(|row| row.object_id));
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            return Ok(found);
        }
    }
}

pub(super) fn compare(firm: &Firm, evidence: &Evidence, report: &mut Report) {
    let mut found = evidence.reconciled.findings.clone();
    let mut entries = BTreeSet::new();
    for row in &firm.expected.findings {
        let key = format!("{} {}", row.finding, row.time_entry_id);
        entries.insert(row.time_entry_id.as_str());
        let Some(at) = found.iter().position(|finding| *finding == key) else {
            report.missing(CHECK, &key, "a finding");
            continue;
        };
        found.swap_remove(at);
        let told = evidence.reconciled.exceptions.contains(&row.time_entry_id);
        let mut record = Record::new(report, CHECK, &key);
        record.text("exception", "open", if told { "open" } else { "none" });
        record.done();
    }
    for key in found {
        report.unexpected(CHECK, &key, "a finding");
    }
    for object in evidence
        .reconciled
        .exceptions
        .iter()
        .filter(|object| !entries.contains(object.as_str()))
    {
        report.unexpected(CHECK, object, "an exception");
    }
}
