//! A vendor's record to its contract, and another vendor's record out of one: what an hour goes through, without any server.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use prost::Message;
use serde_json::{Map, Value as Json, json};
use strata_contract::strata::common::v1::Money;
use strata_contract::strata::system::erp::v1::TimePosting;
use strata_contract::strata::system::psa::v1::{EntryState, ListApprovedTimeResponse, TimeEntry};
use strata_contract::violations;

use crate::field::Field;
use crate::rounds::{Effort, Figure};
use crate::row::{Row, Value};

/// Records of a page.
const PAGE: u32 = 100;

pub(crate) async fn measure(field: &Field) -> Result<Vec<Row>> {
    let page = page()?;
    let each = page.len() / PAGE as usize;
    ensure!(
        (900..1_200).contains(&each),
        "a record has {each} bytes, and is to have a thousand"
    );
    let effort = field.effort;
    let rates = tokio::task::spawn_blocking(move || rounds(&page, effort)).await??;
    Ok(vec![Row {
        id: "a vendor's record".to_owned(),
        what: format!(
            "Kantata's answer with time entries of {each} bytes, {PAGE} a page: read, mapped, encoded, decoded and validated as the \
             contract says; then each as a posting of the contract, and that as NetSuite's record. One core"
        ),
        bound: "none: there is no server in it".to_owned(),
        values: vec![Value::at_least("records to and fro", "/s", Figure::of(rates), 20_000.0)],
    }])
}

/// Records per second of each round.
fn rounds(page: &[u8], effort: Effort) -> Result<Vec<f64>> {
    once(page, effort.lasts / 3)?;
    (0..effort.rounds).map(|_| once(page, effort.lasts)).collect()
}

fn once(page: &[u8], lasts: Duration) -> Result<f64> {
    let (begun, mut done) = (Instant::now(), 0_u64);
    while begun.elapsed() < lasts {
        let answer = ListApprovedTimeResponse {
            time_entries: strata_kantata_ox::records::time_entries(page)?,
            total: PAGE,
            ..ListApprovedTimeResponse::default()
        };
        let told = ListApprovedTimeResponse::decode(answer.encode_to_vec().as_slice())?;
        let broken = violations(&told).map_err(anyhow::Error::msg)?;
        ensure!(broken.is_empty(), "{broken:?}");
        for entry in &told.time_entries {
            let record = strata_netsuite::records::time_bill(&posting(entry)?)?;
            ensure!(record.len() > 200, "a record of {} bytes", record.len());
            done += 1;
        }
    }
    Ok(done as f64 / begun.elapsed().as_secs_f64())
}

/// The entry in the ERP's terms, at 165.00 an hour and a cost of 82.50.
fn posting(entry: &TimeEntry) -> Result<TimePosting> {
    ensure!(entry.state() == EntryState::Approved, "{entry:?}");
    let minutes = i32::try_from(entry.minutes)?;
    let hourly = |cents: i64| {
        Some(Money {
            currency_code: "USD".to_owned(),
            minor_units: cents * i64::from(minutes) / 60,
        })
    };
    Ok(TimePosting {
        key: format!("time:{}:v1", entry.id),
        employee_id: entry.resource_id.clone(),
        project_id: entry.project_id.clone(),
        work_date: entry.work_date,
        minutes,
        billable_minutes: minutes,
        bill_amount: hourly(16_500),
        cost_amount: hourly(8_250),
        billable: entry.billable,
        memo: entry.reference.clone(),
        ..TimePosting::default()
    })
}

/// A page as the vendor answers it: each entry with its sheet and its custom fields beside it.
fn page() -> Result<Vec<u8>> {
    let (mut results, mut entries, mut sheets, mut values) = (Vec::new(), Map::new(), Map::new(), Map::new());
    for number in 1..=PAGE {
        let id = (4_000_000 + number).to_string();
        let (sheet, role, work) = (
            (5_000_000 + number).to_string(),
            (6_000_000 + 2 * number).to_string(),
            (6_000_001 + 2 * number).to_string(),
        );
        results.push(json!({"key": "time_entries", "id": id}));
        entries.insert(id.clone(), entry(&id, &sheet, [&role, &work], number));
        sheets.insert(
            sheet.clone(),
            json!({"id": sheet, "status": "approved", "resolved_at": "2025-03-31T18:04:11-07:00", "user_id": "7000042"}),
        );
        for (id, name, value) in [(role, "Role", "senior_consultant"), (work, "Work Type", "regular")] {
            values.insert(
                id.clone(),
                json!({"id": id, "subject_type": "time_entry", "custom_field_name": name, "display_value": value}),
            );
        }
    }
    let whole = json!({
        "count": PAGE, "results": results, "time_entries": entries, "timesheet_submissions": sheets, "custom_field_values": values,
    });
    serde_json::to_vec(&whole).context("no page")
}

fn entry(id: &str, sheet: &str, custom: [&str; 2], number: u32) -> Json {
    json!({
        "id": id, "created_at": "2025-03-31T16:02:45-07:00", "updated_at": "2025-03-31T18:04:11-07:00",
        "date_performed": "2025-03-31", "time_in_minutes": 15 * (1 + number % 32), "billable": true,
        "notes": format!("TE-{number:06}: workshop with the customer's team, minutes written and sent"),
        "rate_in_cents": 16_500, "currency": "USD", "currency_symbol": "$", "currency_base_unit": 100, "user_can_edit": false,
        "approved": true, "taxable": false, "is_invoiced": false, "location": null, "story_id": "8000123",
        "workspace_id": "9000077", "user_id": "7000042", "timesheet_submission_id": sheet, "invoice_id": null,
        "external_reference_ids": [], "custom_field_value_ids": custom,
    })
}
