//! Findings as rows and as exceptions.

use std::collections::{BTreeMap, HashMap, HashSet};

use strata_kernel::{Date, Instant, Result, derive_id};
use strata_store::{Conn, both};

use super::compare::{Finding, Kind};
use crate::engine::Problem;
use crate::exceptions::{self, Owner};
use crate::hand_offs;
use crate::store::rows::FindingRow;
use crate::store::{lite, pg};

/// Stores all that was found between two work dates, in the caller's transaction: each finding has an exception, and what
/// is not found any more is mended. Returns how many are.
pub(super) fn store(
    conn: &mut Conn<'_>,
    findings: &[Finding],
    misfits: &[Problem],
    (from, to): (Date, Date),
    now: Instant,
) -> Result<u64> {
    exceptions::open_all(conn, misfits, now)?;
    let open = both!(conn, findings::open_between(from, to))?;
    let held: HashMap<&str, &FindingRow> = open.iter().map(|row| (row.id.as_str(), row)).collect();
    let mut seen = HashSet::new();
    for found in by_exception(findings).values() {
        let exception_id = tell(conn, found, now)?;
        for finding in found {
            let id = id(finding);
            let found_at = held.get(id.as_str()).map_or(now.naive_utc(), |row| row.found_at);
            both!(conn, findings::put(&row(finding, &id, &exception_id, found_at)))?;
            seen.insert(id);
        }
    }
    let mended: Vec<&FindingRow> = open.iter().filter(|row| !seen.contains(&row.id)).collect();
    for row in &mended {
        let row = FindingRow {
            state: "MENDED".to_owned(),
            mended_at: Some(now.naive_utc()),
            ..(*row).clone()
        };
        both!(conn, findings::put(&row))?;
        if both!(conn, findings::open_of(&row.exception_id))?.is_empty() {
            resolve(conn, &row.exception_id, now)?;
        }
    }
    Ok(mended.len() as u64)
}

/// What people call the object of the exception. A record that nothing stands behind is named by its id: what is written
/// beside it may be the name of something else.
fn object(finding: &Finding) -> String {
    match (&finding.entry, finding.erp_ids.first()) {
        (None, Some(record)) => format!("record {record}"),
        _ => finding.subject.clone(),
    }
}

/// An entry that differs in two ways is one thing to mend.
fn by_exception(findings: &[Finding]) -> BTreeMap<String, Vec<&Finding>> {
    let mut grouped: BTreeMap<String, Vec<&Finding>> = BTreeMap::new();
    for finding in findings {
        grouped.entry(object(finding)).or_default().push(finding);
    }
    grouped
}

/// Opens the exception of an object, and tells its engagement. Returns its id.
fn tell(conn: &mut Conn<'_>, found: &[&Finding], now: Instant) -> Result<String> {
    let Some(first) = found.first() else {
        return Ok(String::new());
    };
    let words: Vec<String> = found.iter().map(|finding| words(finding)).collect();
    let problem = Problem::new(
        "TIE_OUT_DIFFERS",
        "time_posting",
        &object(first),
        Owner::Finance,
        words.join("; "),
    )
    .at("minutes");
    let entry = first.entry.as_ref();
    let engagement = entry.map(|entry| entry.engagement_id.as_str()).unwrap_or_default();
    let (id, _, story) = exceptions::open(conn, &problem, engagement, now)?;
    let correlation = entry.map(|entry| entry.correlation_id.as_str()).unwrap_or_default();
    hand_offs::record(conn, engagement, correlation, story.as_slice(), now)?;
    Ok(id)
}

fn words(finding: &Finding) -> String {
    let (subject, day, ids) = (&finding.subject, finding.work_date, finding.erp_ids.join(", "));
    let (psa, erp) = (finding.psa_minutes, finding.erp_minutes);
    match finding.kind {
        Kind::MissingInErp => {
            format!("{subject} of {day} was posted and is not in the ERP any more: {psa} minutes; enter it again under its key")
        }
        Kind::DuplicateInErp => {
            format!("{subject} of {day} is in the ERP more than once (records {ids}); delete what is too much")
        }
        Kind::MinutesDiffer => {
            format!("{subject} of {day}: {psa} minutes are approved, the ERP has {erp} (records {ids}); mend the ERP's hours")
        }
        Kind::UnknownInErp => {
            format!(
                "the ERP has {erp} minutes of {day} that no approved time stands behind (records {ids}, \"{subject}\"); delete them"
            )
        }
    }
}

fn resolve(conn: &mut Conn<'_>, id: &str, now: Instant) -> Result<()> {
    let engagement = both!(conn, exceptions::get(id))?
        .map(|held| held.engagement_id)
        .unwrap_or_default();
    let story = exceptions::resolve(conn, id, now)?;
    let correlation = derive_id("cor", &["tie-out", id]);
    hand_offs::record(conn, &engagement, &correlation, story.as_slice(), now)
}

/// One finding per kind and entry, or record that nothing stands behind.
fn id(finding: &Finding) -> String {
    let name = match (&finding.entry, finding.erp_ids.first()) {
        (Some(entry), _) => format!("entry {}", entry.id),
        (None, Some(record)) => format!("record {record}"),
        (None, None) => finding.subject.clone(),
    };
    derive_id("fnd", &[finding.kind.as_str(), &name])
}

fn row(finding: &Finding, id: &str, exception_id: &str, found_at: chrono::NaiveDateTime) -> FindingRow {
    let entry = finding.entry.as_ref();
    FindingRow {
        id: id.to_owned(),
        kind: finding.kind.as_str().to_owned(),
        state: "OPEN".to_owned(),
        subject: finding.subject.clone(),
        psa_id: entry.map(|entry| entry.id.clone()).unwrap_or_default(),
        project_code: entry.map(|entry| entry.project_code.clone()).unwrap_or_default(),
        work_date: finding.work_date,
        psa_minutes: finding.psa_minutes,
        erp_minutes: finding.erp_minutes,
        erp_ids: finding.erp_ids.join(";"),
        exception_id: exception_id.to_owned(),
        found_at,
        mended_at: None,
    }
}
