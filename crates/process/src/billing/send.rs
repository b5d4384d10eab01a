//! Sends time postings, and finds out what became of those whose answer was lost.
//!
//! INTENDED -> SENT -> CONFIRMED, REJECTED or UNKNOWN. What is UNKNOWN is looked up by key before anything is
//! sent again: found is RESOLVED when the books hold what was sent, and HELD when they hold something else; not found is INTENDED once
//! more. What the books refuse because its period is closed is INTENDED once
//! more too, in the next open period; REJECTED is what a person has to see.

use std::collections::HashMap;

use chrono::TimeDelta;
use futures::stream::{self, StreamExt, TryStreamExt};
use prost::Message;
use strata_contract::money;
use strata_contract::strata::common::v1::WriteOutcome;
use strata_contract::strata::common::v1::write_outcome::State;
use strata_contract::strata::system::erp::v1::{FoundRecord, LookupByKeyRequest, PostTimeRequest, RecordKind, TimePosting};
use strata_finance::reason::PERIOD_CLOSED;
use strata_kernel::{Error, Instant, Money, Result};
use strata_rpc::{error, known_reason};
use strata_store::{Conn, both};
use tracing::warn;

use super::ledger::{self, Lookup};
use super::{compare, posting};
use crate::closes::freeze;
use crate::core::Core;
use crate::engine::Problem;
use crate::exceptions::{self, Owner};
use crate::hand_offs::{self, HandOff};
use crate::periods;
use crate::store::rows::PostingRow;
use crate::store::{lite, pg};
use crate::xrefs;

/// Postings in one call, as the contract has it.
const BATCH: usize = 100;
/// Calls under way at the same time.
const CALLS: usize = 4;
/// Keys in one question, as the contract has it.
const KEYS: usize = 200;

/// Sends what is due, and says how many postings left the ledger's INTENDED.
pub(crate) async fn send(core: &Core) -> Result<u64> {
    let mut total = 0;
    loop {
        let (now, limit) = (core.now().naive_utc(), i64::try_from(BATCH * CALLS).unwrap_or(i64::MAX));
        let due = core
            .db
            .read(move |c| both!(c, postings::due(posting::TIME, &["INTENDED"], now, limit)))
            .await?;
        if due.is_empty() {
            return Ok(total);
        }
        let found = due.len();
        let due = out_of_frozen(core, due).await?;
        total += (found - due.len()) as u64;
        let ready = ready(core, due).await?;
        total += ready.len() as u64;
        let chunks: Vec<Vec<Ready>> = chunked(ready);
        stream::iter(chunks)
            .map(Ok)
            .try_for_each_concurrent(CALLS, |chunk| send_some(core, chunk))
            .await?;
        core.tell();
    }
}

/// Leaves out what would be dated in a month that somebody closes: it goes to the next open period, and is taken up again from there;
/// what cannot is finance's.
async fn out_of_frozen(core: &Core, due: Vec<PostingRow>) -> Result<Vec<PostingRow>> {
    let frozen = freeze::read(core).await?;
    let (held, free): (Vec<PostingRow>, Vec<PostingRow>) = due.into_iter().partition(|row| frozen.holds(row));
    if held.is_empty() {
        return Ok(free);
    }
    let moved = periods::later_time(core, &held).await?;
    let now = core.now();
    core.db
        .write(move |c| {
            for row in &held {
                match moved.get(&row.key) {
                    Some(row) => ledger::put(c, std::slice::from_ref(row), Lookup::None)?,
                    None => refuse(c, row.clone(), freeze::refusal(row), now)?,
                }
            }
            Ok(())
        })
        .await?;
    Ok(free)
}

/// A posting with the ERP's ids in its body.
struct Ready {
    row: PostingRow,
    body: TimePosting,
}

fn chunked(ready: Vec<Ready>) -> Vec<Vec<Ready>> {
    let mut chunks: Vec<Vec<Ready>> = Vec::new();
    for item in ready {
        match chunks.last_mut() {
            Some(chunk) if chunk.len() < BATCH => chunk.push(item),
            _ => chunks.push(vec![item]),
        }
    }
    chunks
}

/// Puts the ERP's ids in. What the ERP does not know yet waits until it does: whoever makes it known releases
/// the postings, and they are looked at again from time to time in any case.
async fn ready(core: &Core, due: Vec<PostingRow>) -> Result<Vec<Ready>> {
    let bodies: Vec<TimePosting> = due
        .iter()
        .map(|row| TimePosting::decode(row.body.as_slice()).map_err(Error::internal))
        .collect::<Result<_>>()?;
    let system = &core.systems().await?.erp;
    let (projects, employees) = tokio::try_join!(
        xrefs::find(
            core,
            system,
            xrefs::kind::PROJECT,
            bodies.iter().map(|body| body.project_id.as_str())
        ),
        xrefs::find(
            core,
            system,
            xrefs::kind::EMPLOYEE,
            bodies.iter().map(|body| body.employee_id.as_str())
        ),
    )?;
    let now = core.now().naive_utc();
    let again = now + TimeDelta::minutes(i64::from(core.settings.recheck_minutes));
    let (mut ready, mut waiting) = (Vec::new(), Vec::new());
    for (row, body) in due.into_iter().zip(bodies) {
        match (projects.get(&body.project_id), employees.get(&body.employee_id)) {
            (Some(project_id), Some(employee_id)) => {
                let body = TimePosting {
                    project_id: project_id.clone(),
                    employee_id: employee_id.clone(),
                    ..body
                };
                ready.push(Ready {
                    row: PostingRow {
                        waits_for: String::new(),
                        ..row
                    },
                    body,
                });
            }
            (None, _) => waiting.push(PostingRow {
                waits_for: body.project_id,
                due_at: again,
                updated_at: now,
                ..row
            }),
            (_, None) => waiting.push(PostingRow {
                waits_for: body.employee_id,
                due_at: again,
                updated_at: now,
                ..row
            }),
        }
    }
    if !waiting.is_empty() {
        core.db.write(move |c| ledger::put(c, &waiting, Lookup::None)).await?;
    }
    Ok(ready)
}

async fn send_some(core: &Core, chunk: Vec<Ready>) -> Result<()> {
    let now = core.now();
    let (rows, postings): (Vec<PostingRow>, Vec<TimePosting>) = chunk
        .into_iter()
        .map(|ready| {
            let row = PostingRow {
                state: "SENT".to_owned(),
                attempts: ready.row.attempts + 1,
                updated_at: now.naive_utc(),
                ..ready.row
            };
            (row, ready.body)
        })
        .unzip();
    let sent = rows.clone();
    core.db.write(move |c| ledger::put(c, &sent, Lookup::None)).await?;
    let answer = core
        .clients
        .erp
        .clone()
        .post_time(PostTimeRequest { postings })
        .await
        .map_err(error);
    let outcomes = match answer {
        Ok(answer) => answer.into_inner().outcomes,
        Err(failure) => {
            warn!(error = %failure, postings = rows.len(), "a batch of postings has no answer; each is looked up");
            Vec::new()
        }
    };
    let mut by_key: HashMap<String, WriteOutcome> = outcomes.into_iter().map(|outcome| (outcome.key.clone(), outcome)).collect();
    let later = later(core, &rows, &mut by_key).await;
    let system = core.systems().await?.erp.clone();
    core.db
        .write(move |c| {
            for row in &rows {
                if let Some(row) = later.get(&row.key) {
                    ledger::put(c, std::slice::from_ref(row), Lookup::None)?;
                    continue;
                }
                let outcome = by_key.get(&row.key).cloned().unwrap_or_default();
                settle(c, row.clone(), &outcome, &system, now)?;
            }
            Ok(())
        })
        .await
}

/// What was refused because its period is closed, on the first day of the next open one: it is sent again. When nobody can say which
/// that is, it counts as unknown: it is looked up, and sent and refused once more.
async fn later(core: &Core, rows: &[PostingRow], outcomes: &mut HashMap<String, WriteOutcome>) -> HashMap<String, PostingRow> {
    let closed = |outcome: &WriteOutcome| outcome.state() == State::Rejected && outcome.reason == PERIOD_CLOSED;
    let refused = rows.iter().filter(|row| outcomes.get(&row.key).is_some_and(closed));
    let refused: Vec<PostingRow> = refused.cloned().collect();
    match periods::later_time(core, &refused).await {
        Ok(later) => later,
        Err(cause) => {
            warn!(error = %cause, postings = refused.len(), "nobody says which period is open");
            for row in refused {
                outcomes.remove(&row.key);
            }
            HashMap::new()
        }
    }
}

/// Stores what became of a posting.
fn settle(conn: &mut Conn<'_>, row: PostingRow, outcome: &WriteOutcome, system: &str, now: Instant) -> Result<()> {
    let at = now.naive_utc();
    match outcome.state() {
        State::Confirmed => confirm(conn, row, ("CONFIRMED", Lookup::None), &outcome.vendor_id, system, now),
        State::Rejected => {
            let problem = rejected(
                &row.key,
                &outcome.reason,
                format!("{} ({})", outcome.message, row.natural_key),
            )
            .worth(worth(&row)?);
            refuse(conn, row, problem, now)
        }
        State::Unknown | State::Unspecified => {
            let row = PostingRow {
                state: "UNKNOWN".to_owned(),
                updated_at: at,
                ..row
            };
            ledger::put(conn, std::slice::from_ref(&row), Lookup::None)
        }
    }
}

/// A posting is not taken, and finance is told why.
fn refuse(conn: &mut Conn<'_>, row: PostingRow, problem: Problem, now: Instant) -> Result<()> {
    let row = PostingRow {
        state: "REJECTED".to_owned(),
        reason: problem.cause.to_owned(),
        message: problem.message.clone(),
        updated_at: now.naive_utc(),
        ..row
    };
    ledger::put(conn, std::slice::from_ref(&row), Lookup::None)?;
    let (_, _, story) = exceptions::open(conn, &problem, &row.engagement_id, now)?;
    hand_offs::record(conn, &row.engagement_id, &row.correlation_id, story.as_slice(), now)
}

/// What a posting of time may bill, or what it costs when nobody is billed.
fn worth(row: &PostingRow) -> Result<Option<Money>> {
    let body = TimePosting::decode(row.body.as_slice()).map_err(Error::internal)?;
    body.bill_amount.or(body.cost_amount).as_ref().map(money).transpose()
}

/// A posting that the ERP refuses.
pub(super) fn rejected(key: &str, reason: &str, message: impl Into<String>) -> Problem {
    Problem::new(known_reason(reason), "posting", key, Owner::Finance, message)
}

fn confirm(
    conn: &mut Conn<'_>,
    row: PostingRow,
    (state, lookup): (&str, Lookup),
    vendor_id: &str,
    system: &str,
    now: Instant,
) -> Result<()> {
    let row = PostingRow {
        vendor_id: vendor_id.to_owned(),
        ..row
    };
    let row = ledger::settled(conn, row, state, lookup, now)?;
    let mut story = vec![HandOff::done("time posted", system, "time_posting", &row.key, vendor_id).saying(row.said())];
    for id in both!(conn, exceptions::open_of("posting", &row.key))? {
        story.extend(exceptions::resolve(conn, &id, now)?);
    }
    hand_offs::record(conn, &row.engagement_id, &row.correlation_id, &story, now)
}

/// What the books hold under the key of a posting whose answer was lost.
fn looked_up(conn: &mut Conn<'_>, row: PostingRow, found: FoundRecord, system: &str, now: Instant) -> Result<()> {
    let differs = found.held.as_ref().map(|held| compare::difference(&row, held));
    match differs.transpose()?.flatten() {
        None => confirm(conn, row, ("RESOLVED", Lookup::Found), &found.vendor_id, system, now),
        Some(differs) => {
            let row = PostingRow {
                vendor_id: found.vendor_id,
                ..row
            };
            ledger::hold(conn, row, &differs, now).map(|_| ())
        }
    }
}

/// Looks up time postings whose answer was lost, and says how many are certain now. Nothing is being sent meanwhile:
/// what is SENT was left behind when its answer could not be stored.
pub(crate) async fn look_up_unknown(core: &Core) -> Result<u64> {
    let mut total = 0;
    loop {
        let (now, limit) = (core.now(), i64::try_from(KEYS).unwrap_or(i64::MAX));
        let unknown = core
            .db
            .read(move |c| both!(c, postings::due(posting::TIME, &["UNKNOWN", "SENT"], now.naive_utc(), limit)))
            .await?;
        if unknown.is_empty() {
            return Ok(total);
        }
        let keys = unknown.iter().map(|row| row.key.clone()).collect();
        let request = LookupByKeyRequest {
            kind: RecordKind::TimePosting.into(),
            keys,
        };
        let found = core
            .clients
            .erp
            .clone()
            .lookup_by_key(request)
            .await
            .map_err(error)?
            .into_inner()
            .found;
        total += unknown.len() as u64;
        let by_key: HashMap<String, FoundRecord> = found.into_iter().map(|record| (record.key.clone(), record)).collect();
        let system = core.systems().await?.erp.clone();
        core.db
            .write(move |c| {
                for row in &unknown {
                    match by_key.get(&row.key) {
                        Some(record) => looked_up(c, row.clone(), record.clone(), &system, now)?,
                        None => {
                            // What was never sent from here waits for nobody.
                            let sent = row.attempts > 0;
                            let wait = TimeDelta::seconds(if sent { 1 << row.attempts.clamp(0, 9) } else { 0 });
                            let row = PostingRow {
                                state: "INTENDED".to_owned(),
                                due_at: now.naive_utc() + wait,
                                updated_at: now.naive_utc(),
                                ..row.clone()
                            };
                            ledger::put(c, std::slice::from_ref(&row), Lookup::NotFound)?;
                        }
                    }
                }
                Ok(())
            })
            .await?;
    }
}
