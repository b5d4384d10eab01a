//! A close as it is shown: how far it is, and what was done.

use chrono::NaiveDateTime;
use strata_contract::pb_instant;
use strata_contract::strata::process::reconciliation::v1 as pb;
use strata_kernel::{Error, Result};
use strata_store::{Conn, both};

use super::etag;
use crate::store::rows_books::{CloseEventRow, CloseRow};
use crate::store::{lite, pg};

/// How far a close is.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress {
    pub(super) in_flight: i64,
    pub(super) in_flight_since: Option<NaiveDateTime>,
    pub(super) excepted: i64,
    /// Excepted lines that neither an exception nor a person's decision stands for.
    pub(super) without_owner: i64,
    pub(super) differing: i64,
    pub(super) accepted: i64,
    pub(super) as_of: Option<NaiveDateTime>,
    /// Reconciled since it was frozen, and nothing moved since.
    pub(super) is_current: bool,
}

/// Counts the lines of the month as they were reconciled last.
pub(super) fn progress(conn: &mut Conn<'_>, row: &CloseRow) -> Result<Progress> {
    let counts = both!(conn, balances::progress(&row.period, &row.legal_entity_code))?;
    let month = both!(conn, balances::month(&row.period))?;
    let as_of = month.and_then(|(.., as_of)| as_of);
    let all_compared = month.is_some_and(|(touches, compared, _)| touches == compared);
    let is_current = all_compared && as_of.is_some_and(|at| at >= row.frozen_at);
    let (in_flight, excepted, without_owner, differing, accepted, in_flight_since) = counts;
    Ok(Progress {
        in_flight,
        in_flight_since,
        excepted,
        without_owner,
        differing,
        accepted,
        as_of,
        is_current,
    })
}

/// Shows the close of a month.
pub(crate) fn show(conn: &mut Conn<'_>, period: &str, legal_entity_code: &str) -> Result<pb::PeriodClose> {
    let held = both!(conn, closes::get(period, legal_entity_code))?;
    let held = held.ok_or_else(|| Error::not_found("close", period).at("period"))?;
    message(conn, &held)
}

pub(super) fn message(conn: &mut Conn<'_>, row: &CloseRow) -> Result<pb::PeriodClose> {
    let now = progress(conn, row)?;
    let count = |count: i64| u64::try_from(count).unwrap_or_default();
    let at = |at: Option<NaiveDateTime>| at.map(|at| pb_instant(at.and_utc()));
    let history = both!(conn, closes::history(&row.id))?;
    let state = pb::CloseState::from_str_name(&format!("CLOSE_STATE_{}", row.state));
    Ok(pb::PeriodClose {
        id: row.id.clone(),
        legal_entity_code: row.legal_entity_code.clone(),
        frozen_subject: row.frozen_subject.clone(),
        period: row.period.clone(),
        state: state.unwrap_or_default().into(),
        etag: etag(row),
        freeze_time: Some(pb_instant(row.frozen_at.and_utc())),
        frozen_by: row.frozen_by.clone(),
        sign_time: at(row.signed_at),
        signed_by: row.signed_by.clone(),
        digest: row.digest.clone(),
        progress: Some(pb::CloseProgress {
            in_flight: count(now.in_flight),
            in_flight_since: at(now.in_flight_since),
            excepted: count(now.excepted),
            without_owner: count(now.without_owner),
            differing: count(now.differing),
            accepted: count(now.accepted),
            as_of_time: at(now.as_of),
            drained: now.is_current && now.in_flight == 0 && now.without_owner == 0,
        }),
        history: history.iter().map(event).collect(),
    })
}

pub(super) fn event(row: &CloseEventRow) -> pb::CloseEvent {
    pb::CloseEvent {
        action: row.action.clone(),
        actor: row.actor.clone(),
        reason: row.reason.clone(),
        event_time: Some(pb_instant(row.happened_at.and_utc())),
        digest: row.digest.clone(),
    }
}
