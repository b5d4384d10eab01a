//! Approved time, a page at a time, as known on a day.

use strata_kernel::{Date, Result};
use strata_store::both;

use crate::billing::versions;
use crate::core::Core;
use crate::store::rows::{TimeEntryRow, TimeVersionRow};
use crate::store::{lite, pg};

/// Entries read at a time.
const BATCH: i64 = 1000;

/// Work that is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked {
    /// First work date.
    pub(crate) from: Date,
    /// Last work date.
    pub(crate) to: Date,
    /// Approvals after this day are left out.
    pub(crate) known: Date,
}

/// An entry with the version that holds.
pub(crate) type Held = (TimeEntryRow, TimeVersionRow);

/// The page behind an entry id. Empty: there is no more.
pub(crate) async fn page(core: &Core, asked: Asked, after: &str) -> Result<Vec<Held>> {
    let (range, known, after) = ((asked.from, asked.to), asked.known, after.to_owned());
    let entries = core
        .db
        .read(move |c| both!(c, work::worked_between(range, known, &after, BATCH)))
        .await?;
    let mut versions = versions(core, &entries).await?;
    let held = entries.into_iter().filter_map(|entry| {
        let own = versions.remove(&entry.id).unwrap_or_default();
        let version = own.into_iter().rev().find(|version| version.approved_on <= known)?;
        Some((entry, version))
    });
    Ok(held.collect())
}
