//! Worked time against capacity, by entity and month.

use std::collections::BTreeMap;

use futures::FutureExt;
use strata_contract::strata::process::workforce::v1::ListUtilizationRequest;

use super::evidence::{Evidence, Utilized};
use super::report::{Record, Report};
use crate::data::Firm;
use crate::director::Stage;
use crate::{Error, Result};

/// Name of the check.
pub(super) const CHECK: &str = "utilization";

/// What the platform says of the year.
pub(super) async fn read(firm: &Firm, stage: &Stage) -> Result<Vec<Utilized>> {
    let request = ListUtilizationRequest {
        from_period: format!("{}-01", firm.manifest.year),
        to_period: format!("{}-12", firm.manifest.year),
        ..ListUtilizationRequest::default()
    };
    let mut client = stage.workforce.clone();
    let answer = client.list_utilization(request).boxed().await;
    let rows = answer.map_err(Error::platform("ListUtilization"))?.into_inner().utilization;
    let utilized = rows.into_iter().map(|row| Utilized {
        entity: row.legal_entity_code,
        period: row.period,
        capacity_minutes: row.capacity_minutes,
        approved_minutes: row.approved_minutes,
        billable_minutes: row.billable_minutes,
    });
    Ok(utilized.collect())
}

pub(super) fn compare(firm: &Firm, evidence: &Evidence, report: &mut Report) {
    let key = |entity: &str, period: &str| format!("{entity} {period}");
    let mut shown: BTreeMap<String, &Utilized> = BTreeMap::new();
    for row in &evidence.utilization {
        let key = key(&row.entity, &row.period);
        if shown.insert(key.clone(), row).is_some() {
            report.unexpected(CHECK, &key, "a second row");
        }
    }
    for row in &firm.expected.utilization {
        let key = key(&row.legal_entity_id, &row.period);
        let Some(got) = shown.remove(&key) else {
            report.missing(CHECK, &key, format!("{} minutes of capacity", row.capacity_minutes));
            continue;
        };
        let mut record = Record::new(report, CHECK, &key);
        record.text("capacity_minutes", row.capacity_minutes, got.capacity_minutes);
        record.text("approved_minutes", row.approved_minutes, got.approved_minutes);
        record.text("billable_minutes", row.billable_minutes, got.billable_minutes);
        record.done();
    }
    for (key, row) in shown {
        let got = format!("{} minutes of {}", row.approved_minutes, row.capacity_minutes);
        report.unexpected(CHECK, &key, got);
    }
}
