//! What the ERP holds, read into records of a month: time by the day of the work, documents and journals by the day of posting.

use std::collections::HashMap;

use strata_contract::strata::system::erp::v1 as erp;
use strata_contract::{money, pb_date, require_date};
use strata_kernel::{Date, Result, period_of};
use strata_rpc::error;
use strata_store::both;

use super::line::ERP;
use crate::billing::posting;
use crate::billing::value::{entry_of, is_ours};
use crate::core::Core;
use crate::months::Month;
use crate::store::rows_books::BookRow;
use crate::store::{lite, pg};
use crate::xrefs;

/// Records in one answer, the most that is given.
const TIME_PAGE: u32 = 1000;
const PAGE: u32 = 500;

/// Work of a person on a project and day, as people call it.
type Work = (String, String, Date, String);

/// Reads the time of a month.
pub(super) async fn read_time(core: &Core, month: &Month, scan: i64) -> Result<()> {
    let mut after_id = String::new();
    loop {
        let request = erp::ListTimePostingsRequest {
            from_date: Some(pb_date(month.first)),
            to_date: Some(pb_date(month.last)),
            after_id,
            page_size: TIME_PAGE,
        };
        let answer = core.clients.erp.clone().list_time_postings(request).await.map_err(error)?;
        let answer = answer.into_inner();
        store_time(core, answer.time_postings, scan).await?;
        after_id = answer.next_after_id;
        if after_id.is_empty() {
            break;
        }
    }
    let code = month.code();
    core.db
        .write(move |c| both!(c, books::sweep(ERP, posting::TIME, &code, scan)).map(|_| ()))
        .await
}

async fn store_time(core: &Core, booked: Vec<erp::BookedTime>, scan: i64) -> Result<()> {
    let entries = stand_for(core, &booked).await?;
    let mut rows = Vec::with_capacity(booked.len());
    for row in booked {
        let day = require_date(row.work_date.as_ref(), "work_date")?;
        let amount = row.bill_amount.as_ref().or(row.cost_amount.as_ref()).map(money).transpose()?;
        let entry = entry_of(&row.key)
            .map(str::to_owned)
            .or_else(|| entries.get(&row.id).cloned());
        rows.push(BookRow {
            system: ERP.to_owned(),
            kind: posting::TIME.to_owned(),
            month: period_of(day),
            line: entry.unwrap_or_else(|| format!("record {}", row.id)),
            posting_key: entry_of(&row.key).map_or_else(String::new, |_| row.key.clone()),
            vendor_id: row.id,
            supersedes: String::new(),
            subject: row.memo,
            period: period_of(day),
            day,
            currency_code: amount.map(|amount| amount.currency.code().to_owned()).unwrap_or_default(),
            minutes: row.minutes.into(),
            minor_units: amount.map_or(0, |amount| amount.minor),
            changed_at: None,
            scan,
        });
    }
    core.db.write(move |c| both!(c, books::put(&rows))).await
}

/// The entries that records made by people stand for: the same project, person, day and text. By the record's id.
async fn stand_for(core: &Core, booked: &[erp::BookedTime]) -> Result<HashMap<String, String>> {
    let by_people: Vec<&erp::BookedTime> = booked.iter().filter(|row| entry_of(&row.key).is_none()).collect();
    if by_people.is_empty() {
        return Ok(HashMap::new());
    }
    let system = &core.systems().await?.erp;
    let (projects, employees) = tokio::try_join!(
        xrefs::resolve(
            core,
            system,
            xrefs::kind::PROJECT,
            by_people.iter().map(|row| row.project_id.as_str())
        ),
        xrefs::resolve(
            core,
            system,
            xrefs::kind::EMPLOYEE,
            by_people.iter().map(|row| row.employee_id.as_str())
        ),
    )?;
    let memos: Vec<String> = by_people
        .iter()
        .map(|row| row.memo.clone())
        .filter(|memo| !memo.is_empty())
        .collect();
    let entries = core.db.read(move |c| both!(c, work::by_reference(&memos))).await?;
    let known: HashMap<Work, String> = entries
        .into_iter()
        .map(|entry| {
            (
                (entry.project_id, entry.employee_id, entry.work_date, entry.reference),
                entry.id,
            )
        })
        .collect();
    let mut found = HashMap::new();
    for row in by_people {
        let day = require_date(row.work_date.as_ref(), "work_date")?;
        let (project, employee) = (projects.get(&row.project_id), employees.get(&row.employee_id));
        let Some((project, employee)) = project.zip(employee) else {
            continue;
        };
        let work = (project.clone(), employee.clone(), day, row.memo.clone());
        if let Some(entry) = known.get(&work) {
            found.insert(row.id.clone(), entry.clone());
        }
    }
    Ok(found)
}

/// Reads the documents and journals that are posted in a month. An ERP that cannot list them is not compared.
pub(super) async fn read_postings(core: &Core, month: &Month, scan: i64) -> Result<bool> {
    for (kind, records) in [
        (
            posting::DOCUMENT,
            &[erp::RecordKind::Invoice, erp::RecordKind::CreditMemo][..],
        ),
        (posting::JOURNAL, &[erp::RecordKind::Journal][..]),
    ] {
        for record in records {
            if !read_kind(core, month, kind, *record, scan).await? {
                return Ok(false);
            }
        }
        let code = month.code();
        core.db
            .write(move |c| both!(c, books::sweep(ERP, kind, &code, scan)).map(|_| ()))
            .await?;
    }
    Ok(true)
}

async fn read_kind(core: &Core, month: &Month, kind: &'static str, record: erp::RecordKind, scan: i64) -> Result<bool> {
    let mut after_id = String::new();
    loop {
        let request = erp::ListPostingsRequest {
            kind: record.into(),
            from_date: Some(pb_date(month.first)),
            to_date: Some(pb_date(month.last)),
            after_id,
            page_size: PAGE,
        };
        let answer = match core.clients.erp.clone().list_postings(request).await.map_err(error) {
            Ok(answer) => answer.into_inner(),
            Err(cause) if cause.reason == "UNSUPPORTED_OPERATION" => return Ok(false),
            Err(cause) => return Err(cause),
        };
        let postings = answer.postings.into_iter().filter(concerns_us);
        let rows: Vec<BookRow> = postings.map(|posting| row(posting, kind, scan)).collect::<Result<_>>()?;
        core.db.write(move |c| both!(c, books::put(&rows))).await?;
        after_id = answer.next_after_id;
        if after_id.is_empty() {
            return Ok(true);
        }
    }
}

/// A posting under a key of ours, or one that people made and that names a contract. What else finance books is its own.
fn concerns_us(posting: &erp::BookedPosting) -> bool {
    !posting.voided && (is_ours(&posting.key) || !posting.contract_number.is_empty())
}

fn row(posting: erp::BookedPosting, kind: &str, scan: i64) -> Result<BookRow> {
    let day = require_date(posting.posting_date.as_ref(), "posting_date")?;
    let amount = posting.amount.as_ref().map(money).transpose()?;
    let ours = is_ours(&posting.key);
    Ok(BookRow {
        system: ERP.to_owned(),
        kind: kind.to_owned(),
        month: period_of(day),
        line: if ours {
            posting.key.clone()
        } else {
            format!("record {}", posting.id)
        },
        posting_key: if ours { posting.key } else { String::new() },
        vendor_id: posting.id,
        supersedes: String::new(),
        subject: posting.contract_number,
        period: if posting.period.is_empty() {
            period_of(day)
        } else {
            posting.period
        },
        day,
        currency_code: amount.map(|amount| amount.currency.code().to_owned()).unwrap_or_default(),
        minutes: 0,
        minor_units: amount.map_or(0, |amount| amount.minor),
        changed_at: None,
        scan,
    })
}
