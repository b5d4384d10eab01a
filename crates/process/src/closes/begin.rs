//! Freezing a month.

use strata_contract::strata::process::reconciliation::v1 as pb;
use strata_kernel::{Date, Error, Instant, Result, derive_id, month_of};
use strata_store::{Conn, both};

use super::{Command, held, may, repeated, store};
use crate::store::rows_books::CloseRow;
use crate::store::{lite, pg};

/// Begins a close, in the caller's transaction. `INVALID_TRANSITION` when it is begun already, or the month is not over.
pub(crate) fn begin(conn: &mut Conn<'_>, command: &Command, now: Instant) -> Result<pb::PeriodClose> {
    if let Some(done) = repeated(conn, command)? {
        return Ok(done);
    }
    let first: Date = format!("{}-01", command.period)
        .parse()
        .map_err(|_| Error::invalid("period", "is no month; write it as 2025-03"))?;
    if month_of(first).1 >= now.date_naive() {
        let text = format!("{} is not over yet", command.period);
        return Err(Error::precondition("INVALID_TRANSITION", text).at("period"));
    }
    let held = held(conn, command)?;
    let before = held.as_ref().map_or("", |row| row.state.as_str());
    if !before.is_empty() {
        may(before, "FROZEN", "beginning it")?;
    }
    let row = CloseRow {
        id: derive_id("cls", &[&command.period, &command.legal_entity_code]),
        legal_entity_code: command.legal_entity_code.clone(),
        period: command.period.clone(),
        state: "FROZEN".to_owned(),
        version: held.as_ref().map_or(1, |row| row.version + 1),
        frozen_at: now.naive_utc(),
        frozen_by: command.actor.clone(),
        frozen_subject: command.by.subject(),
        signed_at: None,
        signed_by: String::new(),
        digest: String::new(),
    };
    // What is drained has to be seen: the month is compared at once, and again while something moves in it.
    both!(conn, balances::at_once(&command.period))?;
    store(conn, (before, row), "BEGIN", command, now)
}
