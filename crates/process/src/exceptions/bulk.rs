//! One action for many exceptions: a frozen selection, what would happen to each, then each by itself.

use strata_contract::strata::process::exception::v1 as pb;
use strata_contract::strata::process::exception::v1::preview_bulk_action_request::Action;
use strata_kernel::{Error, Instant, Kind, Result, derive_id, digest};
use strata_store::{Conn, both, in_turn};

use super::act::{self, Act, Command};
use super::plan::{Effect, plan};
use super::{list, show};
use crate::core::Core;
use crate::store::rows::{BulkItemRow, BulkRow, ExceptionRow};
use crate::store::{lite, pg};

/// Most exceptions of one bulk action.
const MOST: i64 = 1000;
/// Items done in one transaction.
const BATCH: i64 = 25;

/// Freezes a selection, in the caller's transaction.
pub(crate) fn preview(
    conn: &mut Conn<'_>,
    asked: &pb::PreviewBulkActionRequest,
    now: Instant,
) -> Result<pb::PreviewBulkActionResponse> {
    let filter = list::filter(&asked.filter.clone().unwrap_or_default(), now);
    let limit = if asked.limit == 0 { MOST } else { i64::from(asked.limit) };
    let mut rows = both!(conn, exceptions::list(&filter, None, limit + 1))?;
    let more = i64::try_from(rows.len()).unwrap_or(i64::MAX) > limit;
    rows.truncate(usize::try_from(limit).map_err(Error::internal)?);
    let (name, act) = read(asked)?;
    let frozen: Vec<String> = rows.iter().map(|row| format!("{}:{}", row.id, show::etag(row))).collect();
    let stamp = now.timestamp_micros().to_string();
    let parts = [name, &asked.actor, &asked.reason, &frozen.concat(), &stamp];
    let token = derive_id("blk", &parts);
    let items: Vec<BulkItemRow> = (0..)
        .zip(&rows)
        .map(|(position, row)| item(conn, &token, position, row, &act, now))
        .collect::<Result<_>>()?;
    let bulk = BulkRow {
        token: token.clone(),
        action: name.to_owned(),
        actor: asked.actor.clone(),
        reason: asked.reason.clone(),
        assignee: match &act {
            Act::Assign(person) => person.clone(),
            _ => String::new(),
        },
        request_id: None,
        created_at: now.naive_utc(),
    };
    both!(conn, bulk::insert(&bulk, &items))?;
    Ok(pb::PreviewBulkActionResponse {
        token,
        planned: count(&items, "PLANNED"),
        items: items.into_iter().map(message).collect(),
        more,
    })
}

fn read(asked: &pb::PreviewBulkActionRequest) -> Result<(&'static str, Act)> {
    match &asked.action {
        Some(Action::Retry(_)) => Ok(("RETRY", Act::Retry)),
        Some(Action::Skip(_)) => Ok(("SKIP", Act::Skip)),
        Some(Action::Assign(to)) => Ok(("ASSIGN", Act::Assign(to.assignee.clone()))),
        Some(Action::Cancel(_)) => Ok(("CANCEL", Act::Cancel)),
        None => Err(Error::invalid("action", "says nothing; name what is done")),
    }
}

fn item(conn: &mut Conn<'_>, token: &str, position: i32, row: &ExceptionRow, act: &Act, now: Instant) -> Result<BulkItemRow> {
    let (outcome, message) = match plan(conn, row, act, now) {
        Ok(plan) => (
            "PLANNED",
            words(&plan.effects.iter().flat_map(Effect::words).collect::<Vec<_>>()),
        ),
        Err(refusal) if refusal.kind == Kind::FailedPrecondition => ("REFUSED", refusal.message),
        Err(failure) => return Err(failure),
    };
    Ok(BulkItemRow {
        token: token.to_owned(),
        position,
        exception_id: row.id.clone(),
        etag: show::etag(row),
        outcome: outcome.to_owned(),
        message,
    })
}

fn words(effects: &[String]) -> String {
    effects.join("; ")
}

/// Does what was previewed, some at a time: each batch is stored whole or not at all, and what is not done yet is done by the
/// same call again.
pub(crate) async fn apply(
    core: &Core,
    token: &str,
    request_id: &str,
    correlation_id: &str,
) -> Result<pb::ApplyBulkActionResponse> {
    let (own, request) = (token.to_owned(), request_id.to_owned());
    let bulk = core.db.write(move |c| bind(c, &own, &request)).await?;
    loop {
        let (bulk, correlation_id, now) = (bulk.clone(), correlation_id.to_owned(), core.now());
        let done = core.db.write(move |c| some(c, &bulk, &correlation_id, now)).await?;
        core.tell();
        if done == 0 {
            break;
        }
    }
    let own = token.to_owned();
    let items = core.db.read(move |c| both!(c, bulk::items(&own))).await?;
    Ok(pb::ApplyBulkActionResponse {
        done: count(&items, "DONE"),
        refused: count(&items, "REFUSED"),
        changed: count(&items, "CHANGED"),
        items: items.into_iter().map(message).collect(),
    })
}

/// The command that applies a bulk action first is the only one that may.
fn bind(conn: &mut Conn<'_>, token: &str, request_id: &str) -> Result<BulkRow> {
    in_turn(conn, "request", request_id)?;
    let held = both!(conn, bulk::get(token))?;
    let held = held.ok_or_else(|| Error::not_found("bulk action", token).at("token"))?;
    if held.request_id.as_deref() == Some(request_id) {
        return Ok(held);
    }
    if let Some(other) = &held.request_id {
        let text = format!("the bulk action is applied by request {other}; preview again for another one");
        return Err(Error::new(Kind::AlreadyExists, "IDEMPOTENCY_CONFLICT", text).at("request_id"));
    }
    let alone = both!(conn, exception_actions::by_request(request_id))?.map(|done| done.body_hash);
    let bulk = both!(conn, bulk::by_request(request_id))?.map(|done| digest(done.token.as_bytes()));
    if let Some(held) = alone.or(bulk) {
        let sent = digest(token.as_bytes());
        return Err(act::conflict(request_id, "another command", &held, &sent));
    }
    if both!(conn, bulk::bind(token, request_id))? == 0 {
        let text = "somebody applies the bulk action at this moment; preview again for another one";
        return Err(Error::new(Kind::AlreadyExists, "IDEMPOTENCY_CONFLICT", text).at("request_id"));
    }
    Ok(held)
}

/// Does the next items, in the caller's transaction. Returns how many there were.
fn some(conn: &mut Conn<'_>, bulk: &BulkRow, correlation_id: &str, now: Instant) -> Result<usize> {
    let planned = both!(conn, bulk::planned(&bulk.token, BATCH))?;
    for item in &planned {
        let (outcome, message) = one(conn, bulk, item, correlation_id, now)?;
        let row = BulkItemRow {
            outcome: outcome.to_owned(),
            message,
            ..item.clone()
        };
        both!(conn, bulk::update(&row))?;
    }
    Ok(planned.len())
}

fn one(
    conn: &mut Conn<'_>,
    bulk: &BulkRow,
    item: &BulkItemRow,
    correlation_id: &str,
    now: Instant,
) -> Result<(&'static str, String)> {
    let held = show::held(conn, &item.exception_id)?;
    if show::etag(&held) != item.etag {
        return Ok(("CHANGED", format!("it changed after the preview, and is {}", held.state)));
    }
    let command = Command {
        exception_id: item.exception_id.clone(),
        act: match bulk.action.as_str() {
            "SKIP" => Act::Skip,
            "ASSIGN" => Act::Assign(bulk.assignee.clone()),
            "CANCEL" => Act::Cancel,
            _ => Act::Retry,
        },
        actor: bulk.actor.clone(),
        reason: bulk.reason.clone(),
        request_id: format!("{}:{}", bulk.token, item.position),
        body_hash: String::new(),
        etag: item.etag.clone(),
        bulk_token: bulk.token.clone(),
        correlation_id: correlation_id.to_owned(),
    };
    // A refusal is said before anything is written: the rest of the batch is stored beside it.
    match act::act(conn, &command, now) {
        Ok(answer) => Ok(("DONE", words(&answer.effects))),
        Err(refusal) if refusal.reason == "ETAG_MISMATCH" => Ok(("CHANGED", refusal.message)),
        Err(refusal) if refusal.kind == Kind::FailedPrecondition => Ok(("REFUSED", refusal.message)),
        Err(failure) => Err(failure),
    }
}

fn count(items: &[BulkItemRow], outcome: &str) -> u32 {
    u32::try_from(items.iter().filter(|item| item.outcome == outcome).count()).unwrap_or(u32::MAX)
}

fn message(row: BulkItemRow) -> pb::BulkItem {
    let outcome = pb::BulkOutcome::from_str_name(&format!("BULK_OUTCOME_{}", row.outcome));
    pb::BulkItem {
        exception_id: row.exception_id,
        outcome: outcome.unwrap_or_default().into(),
        message: row.message,
    }
}
