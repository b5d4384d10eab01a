//! What companies of the firm owe each other, by pair and month of the work.

use std::collections::BTreeMap;

use futures::FutureExt;
use strata_contract::money;
use strata_contract::strata::process::intercompany::v1::{IntercompanyCharge, ListIntercompanyRequest};

use super::evidence::{Charged, Evidence};
use super::report::{Record, Report};
use crate::data::Firm;
use crate::director::Stage;
use crate::{Error, Result};

/// Name of the check.
pub(super) const CHECK: &str = "intercompany";

/// What the platform says of the year.
pub(super) async fn read(firm: &Firm, stage: &Stage) -> Result<Vec<Charged>> {
    let request = ListIntercompanyRequest {
        from_period: format!("{}-01", firm.manifest.year),
        to_period: format!("{}-12", firm.manifest.year),
        ..ListIntercompanyRequest::default()
    };
    let mut client = stage.intercompany.clone();
    let answer = client.list_intercompany(request).boxed().await;
    let charges = answer.map_err(Error::platform("ListIntercompany"))?.into_inner().charges;
    charges.into_iter().map(charged).collect()
}

fn charged(row: IntercompanyCharge) -> Result<Charged> {
    let amount = row.amount.as_ref().map(money).transpose();
    let amount = amount.map_err(|cause| Error::Setup(format!("ListIntercompany: {cause}")))?;
    Ok(Charged {
        delivering: row.delivering_entity_code,
        contracting: row.contracting_entity_code,
        period: row.period,
        minutes: row.minutes,
        amount: amount.map(strata_kernel::Money::major).unwrap_or_default(),
        currency: amount.map(|amount| amount.currency.to_string()).unwrap_or_default(),
        unpriced: row.unpriced_entries,
    })
}

pub(super) fn compare(firm: &Firm, evidence: &Evidence, report: &mut Report) {
    let key = |delivering: &str, contracting: &str, period: &str| format!("{delivering} for {contracting} {period}");
    let mut shown: BTreeMap<String, &Charged> = BTreeMap::new();
    for row in &evidence.intercompany {
        let key = key(&row.delivering, &row.contracting, &row.period);
        if shown.insert(key.clone(), row).is_some() {
            report.unexpected(CHECK, &key, "a second row");
        }
    }
    for row in &firm.expected.intercompany {
        let key = key(&row.delivering_entity_id, &row.contracting_entity_id, &row.period);
        let Some(got) = shown.remove(&key) else {
            report.missing(CHECK, &key, format!("{} {}", row.amount, row.currency));
            continue;
        };
        let mut record = Record::new(report, CHECK, &key);
        record.text("minutes", row.minutes, got.minutes);
        record.amount("amount", &row.amount, got.amount);
        record.text("currency", &row.currency, &got.currency);
        record.text("unpriced entries", 0, got.unpriced);
        record.done();
    }
    for (key, row) in shown {
        report.unexpected(CHECK, &key, format!("{} {}", row.amount, row.currency));
    }
}
