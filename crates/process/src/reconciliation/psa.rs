//! The approved time that the PSA holds, read into records of a month.

use std::collections::HashMap;

use strata_contract::require_date;
use strata_contract::strata::system::psa::v1 as psa;
use strata_contract::{instant, pb_date};
use strata_kernel::{Error, Kind, Result, period_of};
use strata_rpc::error;
use strata_store::both;

use super::line::PSA;
use crate::billing::posting;
use crate::core::Core;
use crate::months::Month;
use crate::store::rows_books::BookRow;
use crate::store::{lite, pg};

/// Readings of a list that shifts while it is read, before it counts as too restless.
const TRIES: u32 = 3;

/// Reads a month. False: the PSA cannot list it, and is not compared.
pub(super) async fn read(core: &Core, month: &Month, scan: i64) -> Result<bool> {
    for _ in 0..TRIES {
        match read_once(core, month, scan).await? {
            Some(true) => {
                let code = month.code();
                core.db
                    .write(move |c| both!(c, books::sweep(PSA, posting::TIME, &code, scan)).map(|_| ()))
                    .await?;
                return Ok(true);
            }
            Some(false) => {}
            None => return Ok(false),
        }
    }
    let text = "the PSA's list of time changes faster than it can be read; it is read again later";
    Err(Error::new(Kind::Unavailable, "VENDOR_UNAVAILABLE", text))
}

/// Reads every page once. False: the list shifted meanwhile. None: the PSA cannot list it.
async fn read_once(core: &Core, month: &Month, scan: i64) -> Result<Option<bool>> {
    let (mut page_number, mut total) = (1, None);
    loop {
        let request = psa::ListApprovedTimeRequest {
            from_date: Some(pb_date(month.first)),
            to_date: Some(pb_date(month.last)),
            page_number,
        };
        let answer = match core.clients.psa.clone().list_approved_time(request).await.map_err(error) {
            Ok(answer) => answer.into_inner(),
            Err(cause) if cause.reason == "UNSUPPORTED_OPERATION" => return Ok(None),
            Err(cause) => return Err(cause),
        };
        if *total.get_or_insert(answer.total) != answer.total {
            return Ok(Some(false));
        }
        store(core, answer.time_entries, scan).await?;
        page_number = answer.next_page_number;
        if page_number == 0 {
            return Ok(Some(true));
        }
    }
}

/// Stores a page. The line of an entry is that of the entry it corrects, as far as that is known.
async fn store(core: &Core, entries: Vec<psa::TimeEntry>, scan: i64) -> Result<()> {
    let named = entries
        .iter()
        .flat_map(|entry| [entry.id.clone(), entry.supersedes_id.clone()]);
    let named: Vec<String> = named.filter(|id| !id.is_empty()).collect();
    let known = core.db.read(move |c| both!(c, work::known(&named))).await?;
    let known: HashMap<String, String> = known.into_iter().map(|row| (row.psa_id, row.entry_id)).collect();
    let rows: Vec<BookRow> = entries
        .into_iter()
        .map(|entry| row(entry, &known, scan))
        .collect::<Result<_>>()?;
    core.db.write(move |c| both!(c, books::put(&rows))).await
}

fn row(entry: psa::TimeEntry, known: &HashMap<String, String>, scan: i64) -> Result<BookRow> {
    let day = require_date(entry.work_date.as_ref(), "work_date")?;
    let line = known.get(&entry.id).or_else(|| known.get(&entry.supersedes_id));
    let approved = entry.approved_time.as_ref().map(instant).transpose()?;
    Ok(BookRow {
        system: PSA.to_owned(),
        kind: posting::TIME.to_owned(),
        month: period_of(day),
        posting_key: String::new(),
        line: line.cloned().unwrap_or_else(|| entry.id.clone()),
        vendor_id: entry.id,
        supersedes: entry.supersedes_id,
        subject: entry.reference,
        period: period_of(day),
        day,
        currency_code: String::new(),
        minutes: entry.minutes.into(),
        minor_units: 0,
        changed_at: approved.map(|at| at.naive_utc()),
        scan,
    })
}
