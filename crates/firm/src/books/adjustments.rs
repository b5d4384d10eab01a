//! Time that was credited and billed anew, entry by entry: as the lines in the books show it, and as the platform says it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures::FutureExt;
use strata_contract::money;
use strata_contract::strata::process::billing::v1::{Adjustment, ListAdjustmentsRequest};

use super::evidence::{Adjusted, AdjustmentKey, Booked, Evidence};
use super::read::{PAGE, text};
use super::report::{Record, Report};
use crate::data::Firm;
use crate::director::Stage;
use crate::people::Erp;
use crate::{Error, Result};

/// Name of the check.
pub(super) const CHECK: &str = "adjustments";
/// Keys in one query.
const KEYS: usize = 200;

fn key(time_entry: &str, period: &str) -> AdjustmentKey {
    format!("{time_entry} {period}")
}

/// Adjustments as the documents in the ERP show them. What people call an entry stands on its first posting.
pub(super) async fn booked(erp: &Erp, documents: &[Booked]) -> Result<BTreeMap<AdjustmentKey, Adjusted>> {
    let sources: BTreeSet<&String> = documents.iter().flat_map(|document| document.adjusted.keys()).collect();
    let sources: Vec<&String> = sources.into_iter().collect();
    let mut names: HashMap<String, String> = HashMap::new();
    for chunk in sources.chunks(KEYS) {
        let keys: Vec<String> = chunk.iter().map(|source| format!("'{source}:v1'")).collect();
        let query = format!(
            "SELECT externalid, memo FROM timebill WHERE externalid IN ({}) ORDER BY id",
            keys.join(", ")
        );
        for row in erp.query(&query).await? {
            let key = text(&row, "/externalid");
            let source = key.strip_suffix(":v1").unwrap_or(&key);
            names.insert(source.to_owned(), text(&row, "/memo"));
        }
    }
    let mut found = BTreeMap::new();
    for document in documents {
        for (source, (credit, rebill)) in &document.adjusted {
            let name = names.get(source).map_or(source.as_str(), String::as_str);
            let sum: &mut Adjusted = found.entry(key(name, &document.period)).or_default();
            sum.contract.clone_from(&document.contract);
            sum.currency.clone_from(&document.currency);
            sum.credit += *credit;
            sum.rebill += *rebill;
        }
    }
    Ok(found)
}

/// Adjustments as the platform shows them.
pub(super) async fn shown(stage: &Stage) -> Result<BTreeMap<AdjustmentKey, Adjusted>> {
    let mut client = stage.billing.clone();
    let (mut found, mut page_token) = (BTreeMap::new(), String::new());
    loop {
        let request = ListAdjustmentsRequest {
            page_size: PAGE,
            page_token,
            ..ListAdjustmentsRequest::default()
        };
        let answer = client.list_adjustments(request).boxed().await;
        let answer = answer.map_err(Error::platform("ListAdjustments"))?.into_inner();
        for row in &answer.adjustments {
            found.insert(key(&row.time_entry, &row.period), adjusted(row)?);
        }
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            return Ok(found);
        }
    }
}

fn adjusted(row: &Adjustment) -> Result<Adjusted> {
    let odd = |cause: String| Error::Setup(format!("ListAdjustments, {}: {cause}", row.time_entry));
    let credit = row.credit.as_ref().ok_or_else(|| odd("no credit".to_owned()))?;
    let rebill = row.rebill.as_ref().ok_or_else(|| odd("no rebill".to_owned()))?;
    let major = |amount| {
        money(amount)
            .map(strata_kernel::Money::major)
            .map_err(|cause| odd(cause.to_string()))
    };
    Ok(Adjusted {
        contract: row.contract_number.clone(),
        credit: major(credit)?,
        rebill: major(rebill)?,
        currency: credit.currency_code.clone(),
    })
}

pub(super) fn compare(firm: &Firm, evidence: &Evidence, report: &mut Report) {
    let mut expected = BTreeSet::new();
    for row in &firm.expected.adjustments {
        let key = key(&row.time_entry_id, &row.period);
        expected.insert(key.clone());
        let mut record = Record::new(report, CHECK, &key);
        for (place, held) in [
            ("in the books", &evidence.booked_adjustments),
            ("on the platform", &evidence.adjustments),
        ] {
            // An adjustment of nothing to nothing leaves no line.
            let got = held.get(&key).cloned().unwrap_or_default();
            record.text(&format!("contract {place}"), &row.contract_id, &got.contract);
            record.text(&format!("currency {place}"), &row.currency, &got.currency);
            record.amount(&format!("credit {place}"), &row.credit, got.credit);
            record.amount(&format!("rebill {place}"), &row.rebill, got.rebill);
        }
        record.done();
    }
    for (place, held) in [
        ("in the books", &evidence.booked_adjustments),
        ("on the platform", &evidence.adjustments),
    ] {
        for (key, got) in held.iter().filter(|(key, _)| !expected.contains(*key)) {
            let got = format!("{} and {} {} {place}", got.credit, got.rebill, got.currency);
            report.unexpected(CHECK, key, got);
        }
    }
}
