//! Thawing a month.

use strata_contract::strata::process::reconciliation::v1 as pb;
use strata_kernel::{Instant, Result};
use strata_store::Conn;

use super::{Command, begun, may, repeated, store};
use crate::store::rows_books::CloseRow;

/// Reopens a close, in the caller's transaction. What was signed off stays in the history.
pub(crate) fn reopen(conn: &mut Conn<'_>, command: &Command, now: Instant) -> Result<pb::PeriodClose> {
    if let Some(done) = repeated(conn, command)? {
        return Ok(done);
    }
    let held = begun(conn, command)?;
    may(&held.state, "REOPENED", "reopening it")?;
    let before = held.state.clone();
    let row = CloseRow {
        state: "REOPENED".to_owned(),
        version: held.version + 1,
        signed_at: None,
        signed_by: String::new(),
        digest: String::new(),
        ..held
    };
    store(conn, (&before, row), "REOPEN", command, now)
}
