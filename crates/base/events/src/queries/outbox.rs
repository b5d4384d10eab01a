//! Outbox and inbox.

use chrono::NaiveDateTime;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use strata_store::in_arrays;

use super::Conn;
use crate::Event;
use crate::store::rows::{Candidate, NewOutboxRow, OutboxRow, Unpublished, Window};
use crate::store::schema::{inbox, outbox};

pub(crate) fn append(conn: &mut Conn, events: &[Event]) -> QueryResult<usize> {
    let rows: Vec<NewOutboxRow<'_>> = events.iter().map(NewOutboxRow::of).collect();
    let mut done = 0;
    in_arrays!(rows, |some| done += diesel::insert_into(outbox::table)
        .values(some)
        .on_conflict(outbox::id)
        .do_nothing()
        .execute(conn)?);
    Ok(done)
}

pub(crate) fn note(conn: &mut Conn, consumer: &str, event_id: &str, now: NaiveDateTime) -> QueryResult<usize> {
    diesel::insert_into(inbox::table)
        .values((
            inbox::consumer.eq(consumer),
            inbox::event_id.eq(event_id),
            inbox::handled_at.eq(now),
        ))
        .on_conflict((inbox::consumer, inbox::event_id))
        .do_nothing()
        .execute(conn)
}

pub(crate) fn is_noted(conn: &mut Conn, consumer: &str, event_id: &str) -> QueryResult<bool> {
    let row = inbox::table.filter(inbox::consumer.eq(consumer).and(inbox::event_id.eq(event_id)));
    diesel::select(exists(row)).get_result(conn)
}

pub(crate) fn forget(conn: &mut Conn, consumer: &str, event_id: &str) -> QueryResult<usize> {
    let row = inbox::table.filter(inbox::consumer.eq(consumer).and(inbox::event_id.eq(event_id)));
    diesel::delete(row).execute(conn)
}

/// Unpublished rows behind one, in order.
pub(crate) fn unpublished(conn: &mut Conn, after: i64, limit: i64) -> QueryResult<Vec<Unpublished>> {
    outbox::table
        .filter(outbox::published_at.is_null())
        .filter(outbox::sequence.gt(after))
        .order(outbox::sequence)
        .limit(limit)
        .select((outbox::sequence, outbox::ordering_key, outbox::stopped, outbox::held_until))
        .load(conn)
}

/// Of these rows those that may still be claimed. Locked, where the database locks rows; rows that another relay is just claiming
/// are left out, with what is behind them: see `waiting`.
pub(crate) fn candidates(conn: &mut Conn, sequences: &[i64], now: NaiveDateTime) -> QueryResult<Vec<Candidate>> {
    let rows = outbox::table
        .filter(outbox::sequence.eq_any(sequences))
        .filter(outbox::published_at.is_null())
        .filter(not(outbox::stopped))
        .filter(outbox::held_until.is_null().nullable().or(outbox::held_until.le(now)))
        .order(outbox::sequence)
        .select((outbox::sequence, outbox::ordering_key, outbox::held_until));
    lock!(rows).load(conn)
}

/// Every unpublished row of these keys up to a sequence, in order: who claims one claims all before it.
pub(crate) fn waiting(conn: &mut Conn, keys: &[&str], up_to: i64) -> QueryResult<Vec<(i64, String)>> {
    outbox::table
        .filter(outbox::published_at.is_null())
        .filter(outbox::ordering_key.eq_any(keys))
        .filter(outbox::sequence.le(up_to))
        .order(outbox::sequence)
        .select((outbox::sequence, outbox::ordering_key))
        .load(conn)
}

pub(crate) fn claim(conn: &mut Conn, sequences: &[i64], me: &str, until: NaiveDateTime) -> QueryResult<usize> {
    diesel::update(outbox::table.filter(outbox::sequence.eq_any(sequences)))
        .set((outbox::claimed_by.eq(me), outbox::held_until.eq(until)))
        .execute(conn)
}

pub(crate) fn rows(conn: &mut Conn, sequences: &[i64]) -> QueryResult<Vec<OutboxRow>> {
    outbox::table
        .filter(outbox::sequence.eq_any(sequences))
        .order(outbox::sequence)
        .select(OutboxRow::as_select())
        .load(conn)
}

pub(crate) fn renew(conn: &mut Conn, sequences: &[i64], me: &str, until: NaiveDateTime) -> QueryResult<usize> {
    diesel::update(outbox::table.filter(outbox::sequence.eq_any(sequences)))
        .filter(outbox::claimed_by.eq(me).and(outbox::published_at.is_null()))
        .set(outbox::held_until.eq(until))
        .execute(conn)
}

pub(crate) fn mark(conn: &mut Conn, sequences: &[i64], me: &str, now: NaiveDateTime) -> QueryResult<usize> {
    diesel::update(outbox::table.filter(outbox::sequence.eq_any(sequences)))
        .filter(outbox::claimed_by.eq(me).and(outbox::published_at.is_null()))
        .set((
            outbox::published_at.eq(now),
            outbox::claimed_by.eq(None::<String>),
            outbox::held_until.eq(None::<NaiveDateTime>),
        ))
        .execute(conn)
}

/// Gives rows back: at once, or not before a time.
pub(crate) fn release(conn: &mut Conn, sequences: &[i64], me: &str, until: Option<NaiveDateTime>) -> QueryResult<usize> {
    diesel::update(outbox::table.filter(outbox::sequence.eq_any(sequences)))
        .filter(outbox::claimed_by.eq(me).and(outbox::published_at.is_null()))
        .set((outbox::claimed_by.eq(None::<String>), outbox::held_until.eq(until)))
        .execute(conn)
}

pub(crate) fn stop(conn: &mut Conn, sequence: i64) -> QueryResult<usize> {
    diesel::update(outbox::table.filter(outbox::sequence.eq(sequence)))
        .set((
            outbox::stopped.eq(true),
            outbox::claimed_by.eq(None::<String>),
            outbox::held_until.eq(None::<NaiveDateTime>),
        ))
        .execute(conn)
}

pub(crate) fn start(conn: &mut Conn, id: &str) -> QueryResult<usize> {
    diesel::update(outbox::table.filter(outbox::id.eq(id).and(outbox::stopped)))
        .set(outbox::stopped.eq(false))
        .execute(conn)
}

pub(crate) fn by_id(conn: &mut Conn, id: &str) -> QueryResult<Option<OutboxRow>> {
    outbox::table
        .filter(outbox::id.eq(id))
        .select(OutboxRow::as_select())
        .first(conn)
        .optional()
}

/// Published rows of a window, by sequence, after one.
pub(crate) fn published(
    conn: &mut Conn,
    window: &Window,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<(i64, String, String, String)>> {
    let mut query = outbox::table
        .filter(outbox::published_at.is_not_null())
        .filter(outbox::sequence.gt(after))
        .filter(outbox::happened_at.ge(window.from).and(outbox::happened_at.lt(window.to)))
        .into_boxed();
    if !window.kinds.is_empty() {
        query = query.filter(outbox::kind.eq_any(&window.kinds));
    }
    query
        .order(outbox::sequence)
        .limit(limit)
        .select((outbox::sequence, outbox::id, outbox::kind, outbox::subject))
        .load(conn)
}

/// Removes rows published before a time, the oldest first.
pub(crate) fn sweep(conn: &mut Conn, before: NaiveDateTime, limit: i64) -> QueryResult<usize> {
    let old: Vec<i64> = outbox::table
        .filter(outbox::published_at.lt(before))
        .order((outbox::published_at, outbox::sequence))
        .limit(limit)
        .select(outbox::sequence)
        .load(conn)?;
    diesel::delete(outbox::table.filter(outbox::sequence.eq_any(old))).execute(conn)
}

/// Removes inbox rows of events that are gone: what cannot come again needs no memory.
pub(crate) fn sweep_inbox(conn: &mut Conn, before: NaiveDateTime, limit: i64) -> QueryResult<usize> {
    let kept = outbox::table.filter(outbox::id.eq(inbox::event_id));
    let old: Vec<(String, String)> = inbox::table
        .filter(inbox::handled_at.lt(before))
        .filter(not(exists(kept)))
        .limit(limit)
        .select((inbox::consumer, inbox::event_id))
        .load(conn)?;
    let mut gone = 0;
    for (consumer, event_id) in &old {
        gone += forget(conn, consumer, event_id)?;
    }
    Ok(gone)
}
