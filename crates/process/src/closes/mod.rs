//! Closing a month: frozen, drained, reconciled, signed off.
//!
//! [`begin`](begin::begin) freezes: [`freeze`] says which postings may not be dated in the month any more. What was under way is drained by the
//! passes, and compared by the reconciliation of the books. [`sign_off`](sign_off::sign_off) refuses until nothing is left open,
//! and keeps the digest of the month's lines; [`reopen`](reopen::reopen) thaws. Each is one transaction with its event, once per
//! request_id.

mod begin;
pub(crate) mod freeze;
mod reopen;
mod show;
mod sign_off;

pub(crate) use begin::begin;
pub(crate) use reopen::reopen;
pub(crate) use show::show;
pub(crate) use sign_off::sign_off;

use prost::Message;
use strata_contract::states::check_next;
use strata_contract::strata::process::reconciliation::v1 as pb;
use strata_kernel::{Error, Instant, Result, digest};
use strata_rpc::Approver;
use strata_store::{Conn, both, in_turn};

use crate::store::rows_books::{CloseEventRow, CloseRow};
use crate::store::{lite, pg};

/// Enum whose values say which state of a close may follow which.
const STATES: &str = "strata.process.reconciliation.v1.CloseState";

/// What somebody wants done about the close of a month.
#[derive(Debug, Clone)]
pub(crate) struct Command {
    pub(crate) request_id: String,
    pub(crate) actor: String,
    pub(crate) reason: String,
    pub(crate) period: String,
    /// Empty: all legal entities.
    pub(crate) legal_entity_code: String,
    /// Empty: not compared.
    pub(crate) etag: String,
    /// Digest of all the command says: what "the same body" means.
    pub(crate) body_hash: String,
    pub(crate) correlation_id: String,
    /// Who it is, as the rules see it.
    pub(crate) by: Approver,
}

/// Changes with every change of the close.
fn etag(row: &CloseRow) -> String {
    digest(format!("{}|{}|{}", row.id, row.state, row.version).as_bytes())
}

/// The etag of the close that a command is about. Empty: nobody began it.
pub(crate) fn etag_of(conn: &mut Conn<'_>, command: &Command) -> Result<String> {
    let held = both!(conn, closes::get(&command.period, &command.legal_entity_code))?;
    Ok(held.as_ref().map(etag).unwrap_or_default())
}

/// The answer of before, when the command was done already.
fn repeated(conn: &mut Conn<'_>, command: &Command) -> Result<Option<pb::PeriodClose>> {
    in_turn(conn, "request", &command.request_id)?;
    let Some(done) = both!(conn, closes::event(&command.request_id))? else {
        return Ok(None);
    };
    if done.body_hash == command.body_hash {
        return pb::PeriodClose::decode(done.answer.as_slice())
            .map(Some)
            .map_err(Error::internal);
    }
    let text = format!(
        "request {} was {}, with other content; another command needs another request_id",
        command.request_id, done.action
    );
    Err(Error::conflict(&done.body_hash, &command.body_hash, text).at("request_id"))
}

/// The close that a command is about. None: nobody began it.
fn held(conn: &mut Conn<'_>, command: &Command) -> Result<Option<CloseRow>> {
    let held = both!(conn, closes::get(&command.period, &command.legal_entity_code))?;
    if let Some(row) = held
        .as_ref()
        .filter(|row| !command.etag.is_empty() && command.etag != etag(row))
    {
        let text = format!("the close changed since it was read, and is {}; read it again", row.state);
        return Err(Error::precondition("ETAG_MISMATCH", text).at("etag"));
    }
    Ok(held)
}

/// A close that has to be there.
fn begun(conn: &mut Conn<'_>, command: &Command) -> Result<CloseRow> {
    held(conn, command)?.ok_or_else(|| Error::not_found("close", &command.period).at("period"))
}

/// Refuses a command that the contract's states do not allow now.
fn may(from: &str, to: &str, wanted: &str) -> Result<()> {
    check_next(STATES, from, to).map_err(|_| refuse(from, wanted))
}

fn refuse(state: &str, wanted: &str) -> Error {
    let text = format!("the close is {state}, so {wanted} is not possible");
    Error::precondition("INVALID_TRANSITION", text).at("period")
}

/// Stores a close as it is now, with what was done, and says what it shows.
fn store(
    conn: &mut Conn<'_>,
    (before, after): (&str, CloseRow),
    action: &str,
    command: &Command,
    now: Instant,
) -> Result<pb::PeriodClose> {
    both!(conn, closes::put(&after))?;
    let mut event = CloseEventRow {
        request_id: command.request_id.clone(),
        close_id: after.id.clone(),
        version: after.version,
        action: action.to_owned(),
        actor: command.actor.clone(),
        reason: command.reason.clone(),
        state_before: before.to_owned(),
        state_after: after.state.clone(),
        digest: after.digest.clone(),
        body_hash: command.body_hash.clone(),
        answer: Vec::new(),
        correlation_id: command.correlation_id.clone(),
        happened_at: now.naive_utc(),
    };
    let mut shown = show::message(conn, &after)?;
    shown.history.push(show::event(&event));
    event.answer = shown.encode_to_vec();
    both!(conn, closes::add_event(&event))?;
    Ok(shown)
}
