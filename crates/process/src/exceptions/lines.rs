//! Single lines of work: which run carries which, and which are left out of the books.
//!
//! Billing, revenue and the posting of time read `excepted_line` in their queries, so a line that is left out is in none of
//! them, whatever the PSA says of it later.

use strata_kernel::{Instant, Result};
use strata_store::{Conn, both};

use crate::engine::kind;
use crate::store::rows::{ExceptedRow, RunRow};
use crate::store::{lite, pg};

/// Kind of line: a version of approved time, by the PSA's id.
pub(crate) const TIME: &str = "time";
/// Kind of line: an expense, by the PSA's id.
pub(crate) const EXPENSE: &str = "expense";

/// Kind and id of the line that a run is about. None: it is about more than a line.
pub(super) fn of(run: &RunRow) -> Option<(&'static str, &str)> {
    match run.kind.as_str() {
        kind::TIME_ENTRY | kind::TIME_POSTING => Some((TIME, &run.subject)),
        kind::EXPENSE => Some((EXPENSE, &run.subject)),
        _ => None,
    }
}

/// Leaves the line of a run out of the books, in the caller's transaction.
pub(super) fn except(conn: &mut Conn<'_>, run: &RunRow, state: &str, exception_id: &str, now: Instant) -> Result<()> {
    let Some((kind, line_id)) = of(run) else {
        return Ok(());
    };
    let row = ExceptedRow {
        kind: kind.to_owned(),
        line_id: line_id.to_owned(),
        state: if state == "CANCELLED" { "WITHDRAWN" } else { "SKIPPED" }.to_owned(),
        exception_id: exception_id.to_owned(),
        excepted_at: now.naive_utc(),
    };
    both!(conn, lines::except(&row)).map(|_| ())
}
