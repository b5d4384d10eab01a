//! Exceptions as the contract shows them.

use strata_contract::pb_instant;
use strata_contract::strata::common::v1::Money;
use strata_contract::strata::error::v1::Reason;
use strata_contract::strata::process::exception::v1 as pb;
use strata_kernel::{Error, Result, digest};
use strata_store::{Conn, both};

use super::{plan, policy};
use crate::store::rows::{ActionRow, ExceptionRow};
use crate::store::{lite, pg};

/// Actions of an exception that are shown.
const HISTORY: i64 = 200;
/// Characters of an etag.
const ETAG: usize = 16;

/// An exception with what may be done and what was done about it.
pub(crate) fn show(conn: &mut Conn<'_>, id: &str) -> Result<pb::GetExceptionResponse> {
    let held = held(conn, id)?;
    let behind = plan::Behind::of(conn, &held)?;
    let history = both!(conn, exception_actions::of_exception(id, HISTORY))?;
    Ok(pb::GetExceptionResponse {
        exception: Some(message(&held)),
        allowed_actions: plan::allowed(&held, &behind).into_iter().map(Into::into).collect(),
        allowed_edits: plan::allowed_edits(&held, &behind),
        history: history.into_iter().map(record).collect(),
    })
}

/// The row of an exception. `NOT_FOUND` when there is none.
pub(super) fn held(conn: &mut Conn<'_>, id: &str) -> Result<ExceptionRow> {
    let held = both!(conn, exceptions::get(id))?;
    held.ok_or_else(|| Error::not_found("exception", id).at("exception_id"))
}

/// The etag of an exception. `NOT_FOUND` when there is none.
pub(crate) fn etag_of(conn: &mut Conn<'_>, id: &str) -> Result<String> {
    Ok(etag(&held(conn, id)?))
}

/// Changes when anything does that an action may stand on.
pub(super) fn etag(row: &ExceptionRow) -> String {
    let all = [
        &row.state,
        &row.message,
        &row.field,
        &row.assignee,
        &row.opened_at.to_string(),
    ]
    .map(|part| format!("{}:{part}", part.len()));
    digest(all.concat().as_bytes())[..ETAG].to_owned()
}

/// A state as the contract names it.
pub(super) fn state(name: &str) -> pb::ExceptionState {
    pb::ExceptionState::from_str_name(&format!("EXCEPTION_STATE_{name}")).unwrap_or_default()
}

pub(super) fn owner_role(name: &str) -> pb::OwnerRole {
    pb::OwnerRole::from_str_name(&format!("OWNER_ROLE_{name}")).unwrap_or(pb::OwnerRole::Integration)
}

pub(super) fn cause(name: &str) -> Reason {
    Reason::from_str_name(&format!("REASON_{name}")).unwrap_or(Reason::Internal)
}

pub(super) fn message(row: &ExceptionRow) -> pb::Exception {
    let policy = policy::of(&row.cause);
    pb::Exception {
        id: row.id.clone(),
        cause: cause(&row.cause).into(),
        object_kind: row.object_kind.clone(),
        object_id: row.object_id.clone(),
        engagement_id: row.engagement_id.clone(),
        owner_role: owner_role(&row.owner_role).into(),
        state: state(&row.state).into(),
        message: row.message.clone(),
        field: row.field.clone(),
        open_time: Some(pb_instant(row.opened_at.and_utc())),
        due_time: Some(pb_instant(row.due_at.and_utc())),
        resolve_time: row.resolved_at.map(|at| pb_instant(at.and_utc())),
        severity: policy.severity.into(),
        assignee: row.assignee.clone(),
        occurrences: u32::try_from(row.occurrences).unwrap_or_default(),
        last_seen_time: Some(pb_instant(row.last_seen_at.and_utc())),
        next_step: policy.next_step.clone(),
        amount: (!row.currency_code.is_empty()).then(|| Money {
            currency_code: row.currency_code.clone(),
            minor_units: row.minor_units,
        }),
        etag: etag(row),
    }
}

fn record(row: ActionRow) -> pb::ExceptionActionRecord {
    let action = pb::ExceptionAction::from_str_name(&format!("EXCEPTION_ACTION_{}", row.action));
    pb::ExceptionActionRecord {
        action: action.unwrap_or_default().into(),
        actor: row.actor,
        reason: row.reason,
        request_id: row.request_id,
        state_before: state(&row.state_before).into(),
        state_after: state(&row.state_after).into(),
        effects: row.effects.lines().map(str::to_owned).collect(),
        act_time: Some(pb_instant(row.acted_at.and_utc())),
        correlation_id: row.correlation_id,
        bulk_token: row.bulk_token,
    }
}
