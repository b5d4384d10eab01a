//! Going on from a backup: the vendors know more than the store does.
//!
//! What they hold is read again, as the cursors of the feeds are those of the backup. What the platform sent to the books since is not in
//! the store, so nothing is sent to them before it is looked up by its key.

use strata_kernel::{Error, Kind, Result};
use strata_store::backup::RESTORED;
use strata_store::{Conn, both, note};

use crate::billing::ledger::{self, Lookup};
use crate::feeds;
use crate::store::{lite, pg};

/// Note with the cursor of the books' documents as the backup has it.
const DOCUMENTS: &str = "restored-documents-cursor";

/// Refuses to replace a store that a process server works on.
///
/// # Errors
/// Names the server.
pub fn refuse_while_working(conn: &mut Conn<'_>) -> Result<()> {
    let now = strata_store::now(conn)?;
    match both!(conn, instances::alive(now))? {
        None => Ok(()),
        Some(node) => Err(Error::new(
            Kind::FailedPrecondition,
            "INTERNAL",
            format!("the process server {node} works on this database; stop every server first"),
        )),
    }
}

/// Makes a restored store ready to go on, in the transaction that restores it. Every posting that is not certain may have been sent since
/// the backup was taken, also one that had been refused before: each is looked up. One that people took out stays out; should they
/// have taken it up again since, the books hold what the ledger does not stand behind, and reconciliation says so.
///
/// # Errors
/// When the database fails.
pub fn take_up(conn: &mut Conn<'_>) -> Result<()> {
    loop {
        let mut rows = both!(conn, postings::doubtful(500))?;
        if rows.is_empty() {
            break;
        }
        rows.iter_mut().for_each(|row| row.state = "UNKNOWN".to_owned());
        ledger::put(conn, &rows, Lookup::None)?;
    }
    let cursor = both!(conn, cursors::get(feeds::DOCUMENTS))?.unwrap_or_default();
    note::put(conn, DOCUMENTS, &cursor)
}

/// Whether the store comes from a backup.
pub(crate) fn is_restored(conn: &mut Conn<'_>) -> Result<bool> {
    note::get(conn, RESTORED).map(|note| note.is_some())
}

/// A document of ours was found in the books, in the caller's transaction. Their feed may have told of it, and of what was paid on it,
/// before the store knew of it again: it is read once more from where the backup stood.
pub(crate) fn found_document(conn: &mut Conn<'_>) -> Result<()> {
    match note::get(conn, DOCUMENTS)? {
        Some(cursor) => both!(conn, cursors::put(feeds::DOCUMENTS, &cursor)).map(|_| ()),
        None => Ok(()),
    }
}
