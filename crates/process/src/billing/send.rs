//! Sends time postings.
//!
//! INTENDED -> SENT -> CONFIRMED, REJECTED or UNKNOWN. What is UNKNOWN is looked up by key ([`super::look_up`]) before anything is
//! sent again: found is RESOLVED when the books hold what was sent, and HELD when they hold something else; not found is INTENDED once
//! more. What the books refuse because its period is closed is INTENDED once
//! more too, in the next open period; REJECTED is what a person has to see.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::TimeDelta;
use futures::stream::{self, TryStreamExt};
use prost::Message;
use strata_contract::strata::common::v1::WriteOutcome;
use strata_contract::strata::common::v1::write_outcome::State;
use strata_contract::strata::system::erp::v1::{PostTimeRequest, TimePosting};
use strata_finance::reason::PERIOD_CLOSED;
use strata_kernel::{Error, Result};
use strata_rpc::error;
use strata_store::both;
use tracing::warn;

use super::ledger::{self, Lookup};
use super::posting;
use super::settle::{Ended, refuse};
use crate::closes::freeze;
use crate::core::Core;
use crate::periods;
use crate::store::rows::PostingRow;
use crate::store::{lite, pg};
use crate::xrefs;

/// Postings in one call, as the contract has it.
const BATCH: usize = 100;

/// Sends what is due, and says how many postings left the ledger's INTENDED. While calls are under way the next are made ready: the ERP
/// does not wait for the database.
pub(crate) async fn send(core: &Core) -> Result<u64> {
    let total = AtomicU64::new(0);
    let due = stream::try_unfold(VecDeque::new(), |mut chunks: VecDeque<Vec<Ready>>| async {
        while chunks.is_empty() {
            let Some((left, ready)) = take_due(core).await? else {
                return Ok(None);
            };
            total.fetch_add(left, Ordering::Relaxed);
            chunks.extend(chunked(ready));
        }
        let Some(chunk) = chunks.pop_front() else { return Ok(None) };
        let sent = mark_sent(core, chunk).await?;
        Ok(Some((sent, chunks)))
    });
    due.try_for_each_concurrent(core.settings.erp_batches, |sent| deliver(core, sent))
        .await?;
    Ok(total.into_inner())
}

/// Some of what is due that is not under way: how many leave INTENDED, and those of them that can be sent. None: nothing is due, or
/// the server ends.
async fn take_due(core: &Core) -> Result<Option<(u64, Vec<Ready>)>> {
    if core.is_ending() {
        return Ok(None);
    }
    let (now, limit) = (
        core.now().naive_utc(),
        i64::try_from(BATCH * core.settings.erp_batches).unwrap_or(i64::MAX),
    );
    let due = core
        .db
        .read(move |c| both!(c, postings::due(posting::TIME, "INTENDED", now, limit)))
        .await?;
    if due.is_empty() {
        return Ok(None);
    }
    let found = due.len();
    let due = out_of_frozen(core, due).await?;
    let moved = found - due.len();
    let ready = ready(core, due).await?;
    Ok(Some(((moved + ready.len()) as u64, ready)))
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
            let (movable, stuck): (Vec<&PostingRow>, Vec<&PostingRow>) =
                held.iter().partition(|row| moved.contains_key(&row.key));
            let movable: Vec<PostingRow> = movable.into_iter().filter_map(|row| moved.get(&row.key).cloned()).collect();
            ledger::put(c, &movable, Lookup::None)?;
            stuck
                .into_iter()
                .try_for_each(|row| refuse(c, row.clone(), freeze::refusal(row), now))
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

/// Postings that are SENT in the ledger, as the ERP gets them.
struct Sent {
    rows: Vec<PostingRow>,
    postings: Vec<TimePosting>,
}

/// What is SENT is not due any more, so nobody sends it again. What somebody took out meanwhile, or another server sent, is left alone.
async fn mark_sent(core: &Core, chunk: Vec<Ready>) -> Result<Sent> {
    let at = core.now().naive_utc();
    let keys: Vec<String> = chunk.iter().map(|ready| ready.row.key.clone()).collect();
    let of = |ready: Ready| {
        let row = PostingRow {
            state: "SENT".to_owned(),
            attempts: ready.row.attempts + 1,
            updated_at: at,
            ..ready.row
        };
        (row, ready.body)
    };
    let (rows, postings): (Vec<PostingRow>, Vec<TimePosting>) = chunk.into_iter().map(of).unzip();
    let mark = core.db.write(move |c| {
        let intended = ledger::still_intended(c, &keys)?;
        let rows: Vec<PostingRow> = rows.iter().filter(|row| intended.contains(&row.key)).cloned().collect();
        ledger::put(c, &rows, Lookup::None)?;
        Ok(rows)
    });
    let rows = mark.await?;
    let marked: HashSet<&str> = rows.iter().map(|row| row.key.as_str()).collect();
    let postings = postings
        .into_iter()
        .filter(|posting| marked.contains(posting.key.as_str()))
        .collect();
    Ok(Sent { rows, postings })
}

async fn deliver(core: &Core, sent: Sent) -> Result<()> {
    let Sent { rows, postings } = sent;
    if rows.is_empty() {
        return Ok(());
    }
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
    // They became certain now, and not when they were sent: the pace of a backlog is measured by it.
    let (system, now) = (core.systems().await?.erp.clone(), core.now());
    core.db
        .write(move |c| {
            let mut ended = Ended::default();
            for row in &rows {
                match later.get(&row.key) {
                    Some(moved) => ended.moved.push(moved.clone()),
                    None => ended.add(row, by_key.get(&row.key), now)?,
                }
            }
            ended.store(c, &system, now)
        })
        .await?;
    core.tell();
    Ok(())
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
