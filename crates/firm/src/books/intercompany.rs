//! What companies of the firm owe each other, by pair and month of the work: as the platform says it, and as the books of both show
//! what was charged of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures::FutureExt;
use serde_json::Value;
use strata_contract::money;
use strata_contract::strata::process::intercompany::v1::{IntercompanyCharge, ListIntercompanyRequest};
use strata_kernel::{Date, period_of};

use super::evidence::{BookedCharge, Charged, Evidence};
use super::read::{decimal, text};
use super::report::{Record, Report};
use crate::data::{Employment, Entry, Firm};
use crate::director::Stage;
use crate::people::{Erp, INTERCOMPANY_PAYABLE, INTERCOMPANY_RECEIVABLE};
use crate::{Error, Result};

/// Name of the check.
pub(super) const CHECK: &str = "intercompany";
/// Day of the month on which companies charge each other, as the platform is set by default.
const BILLING_DAY: u32 = 5;

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
    let charged = row.charged.as_ref().map(money).transpose();
    let charged = charged.map_err(|cause| Error::Setup(format!("ListIntercompany: {cause}")))?;
    Ok(Charged {
        delivering: row.delivering_entity_code,
        contracting: row.contracting_entity_code,
        period: row.period,
        minutes: row.minutes,
        amount: amount.map(strata_kernel::Money::major).unwrap_or_default(),
        currency: amount.map(|amount| amount.currency.to_string()).unwrap_or_default(),
        unpriced: row.unpriced_entries,
        charged: charged.map(strata_kernel::Money::major).unwrap_or_default(),
    })
}

/// What the journals in the ERP say, by pair and month of the work.
pub(super) async fn booked(erp: &Erp) -> Result<BTreeMap<String, BookedCharge>> {
    let numbers = erp.query("SELECT id, acctnumber FROM account ORDER BY id").await?;
    let numbers: HashMap<String, String> = numbers
        .iter()
        .map(|row| (text(row, "/id"), text(row, "/acctnumber")))
        .collect();
    let heads = erp
        .query("SELECT id FROM transaction WHERE type = 'Journal' AND externalid LIKE 'ic:%' ORDER BY id")
        .await?;
    let mut booked: BTreeMap<String, BookedCharge> = BTreeMap::new();
    for head in heads {
        let record = erp.record("journalEntry", &text(&head, "/id")).await?;
        for line in record.pointer("/line/items").and_then(Value::as_array).into_iter().flatten() {
            let amount = decimal(line.get("debit"))? - decimal(line.get("credit"))?;
            // "IN01 for DE01 work of 2025-03".
            let sum = booked.entry(text(line, "/memo").replace("work of ", "")).or_default();
            match numbers.get(&text(line, "/account/id")).map(String::as_str) {
                Some(INTERCOMPANY_RECEIVABLE) => sum.receivable += amount,
                Some(INTERCOMPANY_PAYABLE) => sum.payable -= amount,
                _ => {}
            }
        }
    }
    Ok(booked)
}

fn key(delivering: &str, contracting: &str, period: &str) -> String {
    format!("{delivering} for {contracting} {period}")
}

/// Pairs and months of which something became known after the last run: the next one charges it.
fn changed_after_last_run(firm: &Firm) -> BTreeSet<String> {
    let last_run = Date::from_ymd_opt(firm.manifest.year + 1, 1, BILLING_DAY).unwrap_or(firm.manifest.as_of);
    let sheets = firm
        .time
        .sheets
        .iter()
        .filter(|sheet| sheet.approved_on.is_some_and(|day| day > last_run));
    let approved = sheets.flat_map(|sheet| sheet.entries.iter().copied());
    let corrected = firm.corrections.iter().filter(|row| row.approved_on > last_run);
    let corrected = corrected.filter_map(|row| firm.time.corrected.get(&row.time_entry_id).copied());
    approved
        .chain(corrected)
        .filter_map(|at| pair_of(firm, firm.time.entry(at)))
        .collect()
}

/// Pair and month of an entry. None: nobody was lent.
fn pair_of(firm: &Firm, entry: &Entry) -> Option<String> {
    let project = &firm.projects[entry.project as usize];
    let contract = firm.find_contract(project.contract_id.as_deref()?)?;
    let employee = &firm.employees[entry.employee as usize].id;
    // In order of effect.
    let held = |job: &&Employment| job.employee_id == *employee && job.effective_from <= entry.work_date;
    let job = firm.employment.iter().rfind(held)?;
    let pair = (&job.legal_entity_id, &contract.legal_entity_id);
    (pair.0 != pair.1).then(|| key(pair.0, pair.1, &period_of(entry.work_date)))
}

pub(super) fn compare(firm: &Firm, evidence: &Evidence, report: &mut Report) {
    let mut shown: BTreeMap<String, &Charged> = BTreeMap::new();
    for row in &evidence.intercompany {
        let key = key(&row.delivering, &row.contracting, &row.period);
        if shown.insert(key.clone(), row).is_some() {
            report.unexpected(CHECK, &key, "a second row");
        }
    }
    let late = changed_after_last_run(firm);
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
        if !late.contains(&key) {
            record.amount("charged", &row.amount, got.charged);
        }
        let booked = evidence.booked_intercompany.get(&key).cloned().unwrap_or_default();
        record.amount(
            "charged, in the books of the one",
            &got.charged.to_string(),
            booked.receivable,
        );
        record.amount("charged, in the books of the other", &got.charged.to_string(), booked.payable);
        record.done();
    }
    let expected: BTreeSet<String> = firm
        .expected
        .intercompany
        .iter()
        .map(|row| key(&row.delivering_entity_id, &row.contracting_entity_id, &row.period))
        .collect();
    for (key, booked) in evidence
        .booked_intercompany
        .iter()
        .filter(|(key, _)| !expected.contains(*key))
    {
        if !booked.receivable.is_zero() || !booked.payable.is_zero() {
            report.unexpected(CHECK, key, format!("{} in the books", booked.receivable));
        }
    }
    for (key, row) in shown {
        report.unexpected(CHECK, &key, format!("{} {}", row.amount, row.currency));
    }
}
