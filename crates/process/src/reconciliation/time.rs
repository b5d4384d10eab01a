//! Reconciling time: month by month, the books first.

use std::collections::{HashMap, HashSet};

use strata_contract::strata::process::reconciliation::v1::ReconcileTimeResponse;
use strata_finance::reconciliation::in_flight_since;
use strata_kernel::{Date, Error, Result};
use strata_store::{Conn, both};

use super::compare::{Finding, Kind, compare};
use super::{books, store};
use crate::approved::{self, Asked, Held};
use crate::core::Core;
use crate::engine::Problem;
use crate::exceptions::Owner;
use crate::months;
use crate::store::rows::TimeEntryRow;
use crate::store::{lite, pg};

/// Most days of one comparison.
const MOST_DAYS: i64 = 400;

/// Compares a range of work dates, and stores what differs.
pub(crate) async fn reconcile_time(core: &Core, from: Date, to: Date) -> Result<ReconcileTimeResponse> {
    if to < from {
        return Err(Error::invalid("to_date", "must not be before from_date"));
    }
    if (to - from).num_days() >= MOST_DAYS {
        let text = format!(
            "makes {} days; at most {MOST_DAYS} in one comparison",
            (to - from).num_days() + 1
        );
        return Err(Error::invalid("to_date", text));
    }
    let mut total = ReconcileTimeResponse::default();
    for month in months::covering(from, to) {
        let part = reconcile(core, month.first.max(from), month.last.min(to)).await?;
        total.entries += part.entries;
        total.records += part.records;
        total.agreeing += part.agreeing;
        total.in_flight += part.in_flight;
        total.excepted += part.excepted;
        total.findings += part.findings;
        total.mended += part.mended;
    }
    Ok(total)
}

/// Compares what fits into memory: a month. The books are read first: what is posted meanwhile is young, and no finding.
async fn reconcile(core: &Core, from: Date, to: Date) -> Result<ReconcileTimeResponse> {
    let now = core.now();
    let (records, malformed) = books::read(core, from, to).await?;
    let entries = entries(core, from, to).await?;
    let since = in_flight_since(now, core.settings.reconciliation_lag_minutes.saturating_mul(60));
    let compared = compare(&entries, &records, since);
    let (findings, excepted) = judge(core, compared.findings, &compared.nothing).await?;
    let touched: HashSet<&str> = findings
        .iter()
        .filter_map(|found| Some(found.entry.as_ref()?.id.as_str()))
        .collect();
    let disagreeing = touched.len() as u64 + compared.in_flight + excepted;
    let count = |len: usize| len as u64;
    let mut part = ReconcileTimeResponse {
        entries: count(entries.len()),
        records: count(records.len()),
        agreeing: count(entries.len()).saturating_sub(disagreeing),
        in_flight: compared.in_flight,
        excepted,
        findings: count(findings.len()),
        mended: 0,
    };
    let system = core.systems().await?.erp.clone();
    let misfits: Vec<Problem> = malformed
        .iter()
        .map(|record| {
            let text = format!(
                "{system} says something else than {} there; mend the record in {system}",
                record.expected
            );
            Problem::new(
                "VENDOR_RECORD_MALFORMED",
                &record.kind,
                &record.vendor_id,
                Owner::Integration,
                text,
            )
            .at(&record.field)
        })
        .collect();
    part.mended = core
        .db
        .write(move |c| store::store(c, &findings, &misfits, (from, to), now))
        .await?;
    core.tell();
    Ok(part)
}

async fn entries(core: &Core, from: Date, to: Date) -> Result<Vec<Held>> {
    let asked = Asked {
        from,
        to,
        known: core.today(),
    };
    let mut entries: Vec<Held> = Vec::new();
    loop {
        let after = entries.last().map(|(entry, _)| entry.id.clone()).unwrap_or_default();
        let page = approved::page(core, asked, &after).await?;
        if page.is_empty() {
            return Ok(entries);
        }
        entries.extend(page);
    }
}

/// What the ledger says of entries that the books hold nothing of. What never got there, and somebody knows of, is no
/// finding; what got there and is gone is one, also when it was taken back meanwhile.
async fn judge(core: &Core, findings: Vec<Finding>, nothing: &[TimeEntryRow]) -> Result<(Vec<Finding>, u64)> {
    let (missing, mut judged): (Vec<Finding>, Vec<Finding>) =
        findings.into_iter().partition(|found| found.kind == Kind::MissingInErp);
    let asked: Vec<TimeEntryRow> = missing.iter().filter_map(|found| found.entry.clone()).collect();
    let asked: Vec<TimeEntryRow> = asked.into_iter().chain(nothing.iter().cloned()).collect();
    let fates = core.db.read(move |c| fates(c, &asked)).await?;
    let fate = |entry: &TimeEntryRow| fates.get(&entry.id).copied().unwrap_or(Fate::Unknown);
    let mut excepted = 0;
    for found in missing {
        match found.entry.as_ref().map(fate) {
            Some(Fate::Excepted) => excepted += 1,
            _ => judged.push(found),
        }
    }
    for entry in nothing.iter().filter(|entry| fate(entry) == Fate::Posted) {
        judged.push(Finding {
            kind: Kind::MissingInErp,
            subject: entry.reference.clone(),
            work_date: entry.work_date,
            psa_minutes: 0,
            erp_minutes: 0,
            erp_ids: Vec::new(),
            entry: Some(entry.clone()),
        });
    }
    Ok((judged, excepted))
}

/// How far the posting of an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// The ERP said that it holds it.
    Posted,
    /// It waits for what the ERP lacks, or an exception stands for it.
    Excepted,
    /// Neither.
    Unknown,
}

fn fates(conn: &mut Conn<'_>, entries: &[TimeEntryRow]) -> Result<HashMap<String, Fate>> {
    let mut fates = HashMap::new();
    for chunk in entries.chunks(500) {
        let names: Vec<String> = chunk.iter().map(|entry| entry.reference.clone()).collect();
        let stopped: HashSet<String> = both!(conn, exceptions::stopped_work(&names))?.into_iter().collect();
        let ids: Vec<String> = chunk.iter().map(|entry| entry.id.clone()).collect();
        let keys: Vec<(String, String)> = both!(conn, work::versions(&ids))?
            .into_iter()
            .map(|version| (format!("time:{}:v{}", version.entry_id, version.version), version.entry_id))
            .collect();
        let mut postings: HashMap<String, (String, bool)> = HashMap::new();
        for some in keys.chunks(500) {
            let some: Vec<String> = some.iter().map(|(key, _)| key.clone()).collect();
            for (key, state, waits_for) in both!(conn, postings::states(&some))? {
                postings.insert(key, (state, !waits_for.is_empty()));
            }
        }
        for entry in chunk {
            let own = keys
                .iter()
                .filter(|(_, id)| *id == entry.id)
                .filter_map(|(key, _)| postings.get(key));
            let own: Vec<&(String, bool)> = own.collect();
            let posted = own
                .iter()
                .any(|(state, _)| matches!(state.as_str(), "CONFIRMED" | "RESOLVED" | "HELD"));
            let waits = own
                .iter()
                .any(|(state, waits)| *waits || matches!(state.as_str(), "REJECTED" | "SKIPPED" | "WITHDRAWN"));
            let fate = match (posted, waits || stopped.contains(&entry.reference)) {
                (true, _) => Fate::Posted,
                (false, true) => Fate::Excepted,
                (false, false) => Fate::Unknown,
            };
            fates.insert(entry.id.clone(), fate);
        }
    }
    Ok(fates)
}
