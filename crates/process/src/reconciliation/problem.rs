//! The exception of a line that differs: opened when it is found, resolved when it is not any more, or a person accepts it.

use strata_kernel::{Instant, Result};
use strata_store::Conn;

use crate::billing::posting;
use crate::engine::Problem;
use crate::exceptions::{self, Owner};
use crate::hand_offs;
use crate::store::rows_books::LineRow;

/// Opens the exception of a line that differs and puts its id in, or resolves the one of before, in the caller's transaction.
pub(super) fn tell(conn: &mut Conn<'_>, row: &mut LineRow, before: Option<&LineRow>, now: Instant) -> Result<()> {
    if row.state == "DIFFERS" && row.difference != "OVERDUE" {
        let (id, _, story) = exceptions::open(conn, &problem(row), &row.engagement_id, now)?;
        row.exception_id = id;
        hand_offs::record(conn, &row.engagement_id, &row.correlation_id, story.as_slice(), now)?;
    }
    match before {
        Some(before) if before.exception_id != row.exception_id => mended(conn, before, now),
        _ => Ok(()),
    }
}

/// Resolves the exception of a line that differed, in the caller's transaction. Exceptions that stand for what is not posted are not
/// this one's to resolve.
pub(super) fn mended(conn: &mut Conn<'_>, row: &LineRow, now: Instant) -> Result<()> {
    if row.state != "DIFFERS" || row.exception_id.is_empty() || row.difference == "OVERDUE" {
        return Ok(());
    }
    let story = exceptions::resolve(conn, &row.exception_id, now)?;
    hand_offs::record(conn, &row.engagement_id, &row.correlation_id, story.as_slice(), now)
}

/// What is wrong with a line. Time is called as `ReconcileTime` calls it, so both find one thing.
pub(super) fn problem(row: &LineRow) -> Problem {
    let record = row.erp_ids.split(';').next().unwrap_or_default();
    if row.kind == posting::TIME {
        // Without a project nobody approved it: what is written beside the record may be the name of something else.
        let object = match (row.subject.is_empty(), record.is_empty(), row.reference.is_empty()) {
            (true, false, _) => format!("record {record}"),
            (_, _, false) => row.reference.clone(),
            _ => row.line.clone(),
        };
        return Problem::new("TIE_OUT_DIFFERS", "time_posting", &object, Owner::Finance, words(row)).at("minutes");
    }
    let cause = match row.difference.as_str() {
        "ORPHAN_IN_ERP" | "DUPLICATE_IN_ERP" => "POSTING_ORPHANED",
        _ => "POSTING_DIFFERS",
    };
    let field = if row.difference == "DATE_DIFFERS" {
        "posting_date"
    } else {
        "amount"
    };
    Problem::new(cause, "posting", &row.line, Owner::Finance, words(row)).at(field)
}

/// Both sides in words, amounts in minor units.
pub(super) fn words(row: &LineRow) -> String {
    let name = if row.reference.is_empty() { &row.line } else { &row.reference };
    let (posted, erp) = (
        sum(row, row.posted_minutes, row.posted_minor),
        sum(row, row.erp_minutes, row.erp_minor),
    );
    let ids = row.erp_ids.replace(';', ", ");
    match row.difference.as_str() {
        "MISSING_IN_ERP" => format!("{name} of {} was posted and is not in the ERP any more: {posted}", row.period),
        "DUPLICATE_IN_ERP" => format!(
            "{name} of {}: {posted} is posted, and the ERP has {erp} in records {ids}; delete what is too much",
            row.period
        ),
        "ORPHAN_IN_ERP" => format!(
            "the ERP has {erp} of {} in records {ids} (\"{name}\") that the ledger does not stand behind; reverse them, or accept them",
            row.period
        ),
        "DATE_DIFFERS" => format!(
            "{name} of {} stands in the ERP on another day than it was sent for (records {ids})",
            row.period
        ),
        "MISSING_HERE" => format!(
            "{name} of {}: {} minutes are approved in the PSA and were never taken; read the PSA again",
            row.period, row.psa_minutes
        ),
        "MISSING_IN_PSA" => format!(
            "{name} of {}: {} minutes were taken as approved, and the PSA does not have them approved any more; correct them there",
            row.period, row.approved_minutes
        ),
        "PSA_DIFFERS" => format!(
            "{name} of {}: {} minutes were taken as approved, the PSA has {}; enter a correction there",
            row.period, row.approved_minutes, row.psa_minutes
        ),
        _ => format!(
            "{name} of {}: {posted} is posted, the ERP has {erp} (records {ids}); put the ERP's record right",
            row.period
        ),
    }
}

fn sum(row: &LineRow, minutes: i64, minor: i64) -> String {
    let money = format!("{minor} {} in minor units", row.currency_code);
    if row.kind == posting::TIME {
        format!("{minutes} minutes, {money}")
    } else {
        money
    }
}
