//! Dead letters: events that a consumer could not take, with every try.

use serde::{Deserialize, Serialize};
use strata_kernel::{Error, Instant, Reason, Result, derive_id};
use strata_store::{Conn, both};

use crate::rows::DeadRow;
use crate::store::{lite, pg};
use crate::{Event, Rules};

/// Tries that are kept of one letter: the first ones say how it began, the last ones how it stands.
const KEPT: usize = 40;

/// Name under which a row of the outbox that nobody can read is kept. It stops its key.
pub const RELAY: &str = "relay";
/// Reason of a try that ended without a word: the process stopped in it, or lost its claim.
pub const NO_ANSWER: Reason = "EVENT_NOT_ANSWERED";

/// State of a letter.
pub(crate) mod state {
    /// Not dead: it is tried again.
    pub(crate) const RETRYING: &str = "RETRYING";
    /// Given up; a person decides.
    pub(crate) const DEAD: &str = "DEAD";
    /// Taken after all.
    pub(crate) const REDRIVEN: &str = "REDRIVEN";
}

/// One try that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Try {
    /// When, on the machine's clock.
    pub at: Instant,
    /// Why.
    pub reason: String,
    /// In words.
    pub message: String,
    /// It passes without anybody mending anything.
    pub temporary: bool,
}

/// What becomes of an event after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A letter: the key goes on.
    Dead,
    /// Tried again, this many tries having failed.
    Again(u32),
}

/// Id of the letter of an event and a consumer.
pub(crate) fn id_of(event_id: &str, consumer: &str) -> String {
    derive_id("dlt", &[event_id, consumer])
}

/// Tries of a letter, oldest first.
pub(crate) fn tries_of(row: &DeadRow) -> Vec<Try> {
    serde_json::from_str(&row.history).unwrap_or_default()
}

fn fresh(consumer: &str, event: &Event, now: Instant) -> DeadRow {
    let at = now.naive_utc();
    DeadRow {
        id: id_of(&event.id, consumer),
        consumer: consumer.to_owned(),
        state: state::RETRYING.to_owned(),
        reason: String::new(),
        message: String::new(),
        tries: 0,
        history: "[]".to_owned(),
        first_at: at,
        last_at: at,
        event_id: event.id.clone(),
        kind: event.kind.clone(),
        subject: event.subject.clone(),
        ordering_key: event.ordering_key.clone(),
        body: event.body.clone(),
        correlation_id: event.correlation_id.clone(),
        trace_parent: event.trace_parent.clone(),
        happened_at: event.time.naive_utc(),
    }
}

/// Adds a try, and stores the letter.
fn add(conn: &mut Conn<'_>, mut row: DeadRow, mut tries: Vec<Try>, last: Try) -> Result<DeadRow> {
    row.reason.clone_from(&last.reason);
    row.message.clone_from(&last.message);
    row.last_at = last.at.naive_utc();
    row.tries += i32::from(!last.temporary);
    tries.push(last);
    if tries.len() > KEPT {
        tries.remove(KEPT / 2);
    }
    row.history = serde_json::to_string(&tries).map_err(Error::internal)?;
    both!(conn, dead::put(&row))?;
    Ok(row)
}

/// Notes that a try begins of an event that was tried before: if it ends without a word, it still counts.
/// Returns the letter as it stands.
pub(crate) fn begin(conn: &mut Conn<'_>, consumer: &str, event: &Event, rules: &Rules, now: Instant) -> Result<DeadRow> {
    let held = both!(conn, dead::get(&id_of(&event.id, consumer)))?;
    let row = match held {
        Some(row) if row.state != state::RETRYING => return Ok(row),
        Some(row) => row,
        None => fresh(consumer, event, now),
    };
    let tries = tries_of(&row);
    if row.tries >= bound(rules) {
        let row = DeadRow {
            state: state::DEAD.to_owned(),
            ..row
        };
        both!(conn, dead::put(&row))?;
        return Ok(row);
    }
    let message = "the try before ended without an answer: the process stopped in it, or it took too long";
    add(conn, row, tries, failed(NO_ANSWER, message, false, now))
}

/// Stores how a try failed, and says what becomes of the event. `begun`: the try was noted when it began.
pub(crate) fn fail(
    conn: &mut Conn<'_>,
    consumer: &str,
    event: &Event,
    (error, for_ever, begun): (&Error, bool, bool),
    rules: &Rules,
    now: Instant,
) -> Result<Verdict> {
    let held = both!(conn, dead::get(&id_of(&event.id, consumer)))?;
    let mut row = held.unwrap_or_else(|| fresh(consumer, event, now));
    let mut tries = tries_of(&row);
    if begun && tries.last().is_some_and(|last| last.reason == NO_ANSWER) {
        tries.pop();
        row.tries -= 1;
    }
    let temporary = error.is_temporary() && !for_ever;
    let mut row = add(conn, row, tries, failed(error.reason, &error.message, temporary, now))?;
    if for_ever || (!temporary && row.tries >= bound(rules)) {
        state::DEAD.clone_into(&mut row.state);
        both!(conn, dead::put(&row))?;
        return Ok(Verdict::Dead);
    }
    let count = u32::try_from(tries_of(&row).len()).unwrap_or(u32::MAX);
    Ok(Verdict::Again(count))
}

/// Keeps a row of the outbox that cannot be read.
pub(crate) fn torn(conn: &mut Conn<'_>, event: &Event, message: &str, now: Instant) -> Result<()> {
    let row = DeadRow {
        state: state::DEAD.to_owned(),
        ..fresh(RELAY, event, now)
    };
    add(conn, row, Vec::new(), failed(crate::event::UNREADABLE, message, false, now)).map(drop)
}

/// The event was taken: nothing is left to tell of a letter that was not dead.
pub(crate) fn taken(conn: &mut Conn<'_>, consumer: &str, event_id: &str) -> Result<()> {
    let id = id_of(event_id, consumer);
    match both!(conn, dead::get(&id))? {
        Some(row) if row.state == state::RETRYING => both!(conn, dead::remove(&id)).map(drop),
        _ => Ok(()),
    }
}

/// A dead letter was taken after all.
pub(crate) fn redriven(conn: &mut Conn<'_>, row: &DeadRow, now: Instant) -> Result<()> {
    let row = DeadRow {
        state: state::REDRIVEN.to_owned(),
        last_at: now.naive_utc(),
        ..row.clone()
    };
    both!(conn, dead::put(&row)).map(drop)
}

/// A dead letter was tried and failed once more.
pub(crate) fn still_dead(conn: &mut Conn<'_>, row: &DeadRow, error: &Error, now: Instant) -> Result<()> {
    let last = failed(error.reason, &error.message, error.is_temporary(), now);
    add(conn, row.clone(), tries_of(row), last).map(drop)
}

fn failed(reason: &str, message: &str, temporary: bool, at: Instant) -> Try {
    Try {
        at,
        reason: reason.to_owned(),
        message: message.to_owned(),
        temporary,
    }
}

fn bound(rules: &Rules) -> i32 {
    i32::try_from(rules.tries).unwrap_or(i32::MAX)
}
