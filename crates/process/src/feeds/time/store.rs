//! Storing an entry, or a correction as the next version of the entry it corrects.

use std::collections::{BTreeSet, HashSet};

use strata_kernel::{Error, Instant, Result, derive_id, period_of};
use strata_store::{Conn, both};

use super::{Accepted, Problem};
use crate::billing::Version;
use crate::engine::kind;
use crate::exceptions::{self, Owner};
use crate::hand_offs;
use crate::store::rows::{TimeEntryRow, TimeVersionRow};
use crate::store::{lite, pg};

/// Stores entries that correct none, in the caller's transaction. One that is there already stays as it is. `is_posted`: by its id,
/// whether the caller posts it in the same transaction. Returns the ids of those that were not there.
pub(super) fn originals(conn: &mut Conn<'_>, new: &[&Accepted], is_posted: impl Fn(&str) -> bool) -> Result<HashSet<String>> {
    touch(conn, new)?;
    let entries: Vec<TimeEntryRow> = new.iter().map(|new| new.entry.clone()).collect();
    both!(conn, work::add_entries(&entries))?;
    let versions = new.iter().map(|new| TimeVersionRow {
        posted: is_posted(&new.version.psa_id),
        ..new.version.clone()
    });
    let versions: Vec<TimeVersionRow> = versions.collect();
    Ok(both!(conn, work::add_versions(&versions))?.into_iter().collect())
}

/// What comes in is compared with the books of its month, whether it is taken or refused.
fn touch(conn: &mut Conn<'_>, new: &[&Accepted]) -> Result<()> {
    let periods: BTreeSet<String> = new.iter().map(|new| period_of(new.entry.work_date)).collect();
    let periods: Vec<&str> = periods.iter().map(String::as_str).collect();
    both!(conn, balances::touch(&periods)).map(drop)
}

/// Stores a correction as the next version of what it corrects, in the caller's transaction, and returns it unless it was there.
/// `is_posted`: the caller posts it in the same transaction. An error within: it is refused.
pub(super) fn correction(
    conn: &mut Conn<'_>,
    new: &Accepted,
    is_posted: bool,
    now: Instant,
) -> Result<Result<Option<Version>, Problem>> {
    touch(conn, &[new])?;
    let refuse = |cause, text: String| {
        Ok(Err(
            Problem::new(cause, "time_entry", &new.entry.reference, Owner::Pmo, text).at("supersedes_id")
        ))
    };
    let Some(before) = both!(conn, work::known(std::slice::from_ref(&new.supersedes)))?.pop() else {
        return refuse(
            "UNKNOWN_REFERENCE",
            format!("corrects entry {}, which was never approved", new.supersedes),
        );
    };
    let entry_ids = [before.entry_id];
    let original = both!(conn, work::entries(&entry_ids))?
        .pop()
        .ok_or_else(|| Error::internal("a version without its entry"))?;
    let same = (&original.employee_id, &original.project_id, original.work_date)
        == (&new.entry.employee_id, &new.entry.project_id, new.entry.work_date);
    if !same {
        let text = "a correction keeps person, project and day; void the entry with 0 minutes and enter a new one";
        return refuse("VENDOR_RECORD_MALFORMED", text.to_owned());
    }
    let versions = both!(conn, work::versions(&entry_ids))?;
    let last = versions.iter().map(|version| version.version).max().unwrap_or(0);
    let [entry_id] = entry_ids;
    let row = TimeVersionRow {
        entry_id,
        version: last + 1,
        posted: is_posted,
        ..new.version.clone()
    };
    let added = both!(conn, work::add_versions(std::slice::from_ref(&row)))?;
    // A version that could not be posted is looked at now: the correction may have taken its place.
    for held in &versions {
        let run = derive_id("run", &[kind::TIME_POSTING, &held.psa_id]);
        both!(conn, runs::wake_exceptions(&run, now.naive_utc()))?;
        let stories = exceptions::taken_over(conn, &run, now)?;
        hand_offs::record(conn, &original.engagement_id, &original.correlation_id, &stories, now)?;
    }
    let is_new = !added.is_empty();
    Ok(Ok(is_new.then_some((original, row))))
}
