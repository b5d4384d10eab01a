//! Writing into the posting ledger. Keys never expire: a key stands for one body, for ever. Every change of a posting leaves an event
//! in the same transaction, and nothing leaves UNKNOWN without a look-up: the table refuses it too.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use strata_contract::strata::system::erp::v1 as erp;
use strata_kernel::{Error, Instant, Result};
use strata_store::{Conn, both, db_error};

use super::compare::{Difference, difference};
use super::posting as kind;
use super::value::valued;
use crate::engine::Problem;
use crate::exceptions::{self, Owner};
use crate::hand_offs;
use crate::positions;
use crate::restored;
use crate::store::rows::PostingRow;
use crate::store::rows_books::NewPostingEvent;
use crate::store::schema::posting;
use crate::store::{lite, pg};

/// A posting that the books hold with other content is looked at again after this time, in minutes.
const HELD_PAUSE: i64 = 360;

/// What a look-up said of a posting before it changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// Nobody looked.
    None,
    /// The books hold it under its key.
    Found,
    /// They do not.
    NotFound,
    /// They hold something else under its key.
    Differs,
    /// The feed of the books showed it.
    Feed,
}

impl Lookup {
    fn as_str(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Found => "FOUND",
            Self::NotFound => "NOT_FOUND",
            Self::Differs => "DIFFERS",
            Self::Feed => "FEED",
        }
    }
}

/// Writes postings that are meant, in the caller's transaction. One that is there already stays as it is; the
/// same key with another body is refused. In a store that comes from a backup nobody knows what was sent since it was taken: there they
/// begin as UNKNOWN, so that each is looked up before it is sent.
pub(crate) fn intend(conn: &mut Conn<'_>, rows: &[PostingRow]) -> Result<()> {
    let mut rows: Vec<PostingRow> = rows.iter().cloned().map(valued).collect::<Result<_>>()?;
    if restored::is_restored(conn)? {
        rows.iter_mut().for_each(|row| row.state = "UNKNOWN".to_owned());
    }
    let new = if both!(conn, postings::insert(&rows))? == rows.len() {
        rows
    } else {
        without_known(conn, rows)?
    };
    let events: Vec<NewPostingEvent> = new.iter().map(|row| event(row, "", Lookup::None)).collect();
    both!(conn, postings::add_events(&events))?;
    add_up(conn, &new)?;
    touch(conn, &new)
}

/// Of postings that were just written, those that were not there before: nothing has happened to them yet. CONFLICT when one was there
/// with another body.
fn without_known(conn: &mut Conn<'_>, rows: Vec<PostingRow>) -> Result<Vec<PostingRow>> {
    let keys: Vec<String> = rows.iter().map(|row| row.key.clone()).collect();
    let held: HashMap<String, String> = both!(conn, postings::hashes(&keys))?.into_iter().collect();
    let other = |row: &&PostingRow| held.get(&row.key).is_some_and(|hash| *hash != row.body_hash);
    if let Some(row) = rows.iter().find(other) {
        let text = format!("posting {} is in the ledger with another content", row.key);
        return Err(Error::conflict(&held[&row.key], &row.body_hash, text));
    }
    let known: HashSet<String> = both!(conn, postings::with_events(&keys))?.into_iter().collect();
    Ok(rows.into_iter().filter(|row| !known.contains(&row.key)).collect())
}

/// Those of the postings that are INTENDED and stay so until the transaction ends, unless it changes them.
pub(crate) fn still_intended(conn: &mut Conn<'_>, keys: &[String]) -> Result<HashSet<String>> {
    let rows = posting::table
        .filter(posting::key.eq_any(keys).and(posting::state.eq("INTENDED")))
        .order(posting::key)
        .select(posting::key);
    let keys: Vec<String> = match conn {
        Conn::Pg(c) => rows.for_update().load(*c),
        // One writer: nobody else changes them meanwhile.
        Conn::Lite(c) => rows.load(*c),
    }
    .map_err(db_error)?;
    Ok(keys.into_iter().collect())
}

/// Writes postings back, in the caller's transaction, and an event for each that changed its state. INTERNAL when one leaves
/// UNKNOWN, and nobody looked.
pub(crate) fn put(conn: &mut Conn<'_>, rows: &[PostingRow], lookup: Lookup) -> Result<()> {
    for some in rows.chunks(500) {
        let keys: Vec<String> = some.iter().map(|row| row.key.clone()).collect();
        let held: HashMap<String, String> = both!(conn, postings::state_of(&keys))?.into_iter().collect();
        if let Some(row) = some.iter().find(|row| !held.contains_key(&row.key)) {
            return Err(Error::internal(format!("posting {} was never written", row.key)));
        }
        let changed = some.iter().filter_map(|row| {
            let from = held.get(&row.key)?;
            (*from != row.state).then_some((row, from.as_str()))
        });
        let changed: Vec<(&PostingRow, &str)> = changed.collect();
        if let Some((row, _)) = changed.iter().find(|(_, from)| *from == "UNKNOWN" && lookup == Lookup::None) {
            return Err(Error::internal(format!(
                "posting {} leaves UNKNOWN without a look-up",
                row.key
            )));
        }
        let events: Vec<NewPostingEvent> = changed.iter().map(|(row, from)| event(row, from, lookup)).collect();
        both!(conn, postings::add_events(&events))?;
        both!(conn, postings::update(some))?;
        // What people leave out, or take up again, adds something else to the sums.
        let is_out = |state: &str| matches!(state, "SKIPPED" | "WITHDRAWN");
        let left = changed.iter().filter(|(row, from)| is_out(from) != is_out(&row.state));
        let left: Vec<PostingRow> = left.map(|(row, _)| (*row).clone()).collect();
        add_up(conn, &left)?;
        let moved: Vec<PostingRow> = changed.into_iter().map(|(row, _)| row.clone()).collect();
        touch(conn, &moved)?;
    }
    Ok(())
}

fn event(row: &PostingRow, from: &str, lookup: Lookup) -> NewPostingEvent {
    NewPostingEvent {
        posting_key: row.key.clone(),
        from_state: from.to_owned(),
        to_state: row.state.clone(),
        attempts: row.attempts,
        lookup: lookup.as_str().to_owned(),
        reason: row.reason.clone(),
        posting_date: row.posting_date,
        happened_at: row.updated_at,
        correlation_id: row.correlation_id.clone(),
    }
}

/// The time of postings is to be added up again.
fn add_up(conn: &mut Conn<'_>, rows: &[PostingRow]) -> Result<()> {
    let time = rows.iter().filter(|row| row.kind == kind::TIME);
    let mut by_time: BTreeMap<NaiveDateTime, BTreeSet<&String>> = BTreeMap::new();
    for row in time {
        by_time.entry(row.updated_at).or_default().insert(&row.line);
    }
    for (at, lines) in by_time {
        let lines: Vec<String> = lines.into_iter().cloned().collect();
        positions::touch(conn, positions::kind::TIME, &lines, at.and_utc())?;
    }
    Ok(())
}

/// The months of postings are to be reconciled again.
fn touch(conn: &mut Conn<'_>, rows: &[PostingRow]) -> Result<()> {
    let periods: BTreeSet<&str> = rows.iter().map(|row| row.period.as_str()).collect();
    let periods: Vec<&str> = periods.into_iter().filter(|period| !period.is_empty()).collect();
    both!(conn, balances::touch(&periods)).map(drop)
}

/// The books hold a posting under our key, in the caller's transaction: it is certain, unless they hold something else than was
/// sent. `held` None: nobody says what they hold.
pub(crate) fn certain(
    conn: &mut Conn<'_>,
    key: &str,
    (vendor_id, vendor_number): (&str, &str),
    held: Option<&erp::BookedPosting>,
    lookup: Lookup,
    now: Instant,
) -> Result<()> {
    let Some(row) = both!(conn, postings::get(key))? else {
        return Ok(());
    };
    let row = PostingRow {
        vendor_id: vendor_id.to_owned(),
        vendor_number: vendor_number.to_owned(),
        updated_at: now.naive_utc(),
        ..row
    };
    let differs = held.map(|held| difference(&row, held)).transpose()?.flatten();
    match differs {
        Some(differs) => hold(conn, row, &differs, now).map(|_| ()),
        None if row.state == "CONFIRMED" || row.state == "RESOLVED" => Ok(()),
        None => {
            let looked = matches!(row.state.as_str(), "UNKNOWN" | "HELD") || lookup == Lookup::Found;
            let state = if looked { "RESOLVED" } else { "CONFIRMED" };
            agrees(conn, row, state, lookup, now)
        }
    }
}

/// Postings are in the books as they were sent, in the caller's transaction. Returns them as they are now.
pub(crate) fn settled(
    conn: &mut Conn<'_>,
    rows: Vec<PostingRow>,
    state: &str,
    lookup: Lookup,
    now: Instant,
) -> Result<Vec<PostingRow>> {
    let settled = rows.into_iter().map(|row| PostingRow {
        state: state.to_owned(),
        reason: String::new(),
        message: String::new(),
        updated_at: now.naive_utc(),
        ..row
    });
    let settled: Vec<PostingRow> = settled.collect();
    put(conn, &settled, lookup)?;
    Ok(settled)
}

/// The books and the ledger agree on a posting, in the caller's transaction: that they did not is resolved.
pub(crate) fn agrees(conn: &mut Conn<'_>, row: PostingRow, state: &str, lookup: Lookup, now: Instant) -> Result<()> {
    for row in settled(conn, vec![row], state, lookup, now)? {
        let id = problem(&row, "", None).exception_id();
        let story = exceptions::resolve(conn, &id, now)?;
        hand_offs::record(conn, &row.engagement_id, &row.correlation_id, story.as_slice(), now)?;
    }
    Ok(())
}

/// The books hold something else under our key than was sent, in the caller's transaction: the posting is HELD, and finance is told
/// both sides. Nothing is sent again. Returns the id of the exception.
pub(crate) fn hold(conn: &mut Conn<'_>, row: PostingRow, differs: &Difference, now: Instant) -> Result<String> {
    let text = format!("{} ({}): {}", row.key, row.natural_key, differs.text);
    let problem = problem(&row, &text, Some(differs));
    let said = row.state == "HELD" && row.message == text;
    let row = PostingRow {
        state: "HELD".to_owned(),
        reason: problem.cause.to_owned(),
        message: text,
        due_at: now.naive_utc() + TimeDelta::minutes(HELD_PAUSE),
        updated_at: now.naive_utc(),
        ..row
    };
    put(conn, std::slice::from_ref(&row), Lookup::Differs)?;
    if said {
        // A person may have accepted exactly that meanwhile.
        return Ok(problem.exception_id());
    }
    let (id, _, story) = exceptions::open(conn, &problem, &row.engagement_id, now)?;
    hand_offs::record(conn, &row.engagement_id, &row.correlation_id, story.as_slice(), now)?;
    Ok(id)
}

/// The problem of a posting that the books hold otherwise.
pub(crate) fn problem(row: &PostingRow, text: &str, differs: Option<&Difference>) -> Problem {
    Problem::new("POSTING_DIFFERS", "posting", &row.key, Owner::Finance, text)
        .at(differs.map_or("", |differs| differs.field))
        .worth(differs.and_then(|differs| differs.sent))
}

/// Puts what a posting is about into the columns of those that were made before there were any. Returns how many.
pub(crate) fn value_some(conn: &mut Conn<'_>) -> Result<u64> {
    let rows = both!(conn, postings::unvalued(500))?;
    let rows: Vec<PostingRow> = rows.into_iter().map(valued).collect::<Result<_>>()?;
    both!(conn, postings::update(&rows))?;
    add_up(conn, &rows)?;
    touch(conn, &rows)?;
    Ok(rows.len() as u64)
}
