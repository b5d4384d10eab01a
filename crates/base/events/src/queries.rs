//! Compiled once for each back end.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::Conn;
use crate::Event;
use crate::store::OutboxRow;
use crate::store::schema::{inbox, outbox};

pub(crate) fn append(conn: &mut Conn, event: &Event) -> QueryResult<usize> {
    diesel::insert_into(outbox::table)
        .values((
            outbox::id.eq(&event.id),
            outbox::kind.eq(&event.kind),
            outbox::subject.eq(&event.subject),
            outbox::ordering_key.eq(&event.ordering_key),
            outbox::body.eq(&event.body),
            outbox::correlation_id.eq(&event.correlation_id),
            outbox::happened_at.eq(event.time.naive_utc()),
        ))
        .on_conflict(outbox::id)
        .do_nothing()
        .execute(conn)
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

pub(crate) fn unpublished(conn: &mut Conn, limit: i64) -> QueryResult<Vec<OutboxRow>> {
    outbox::table
        .filter(outbox::published_at.is_null())
        .order(outbox::sequence)
        .limit(limit)
        .select(OutboxRow::as_select())
        .load(conn)
}

pub(crate) fn mark(conn: &mut Conn, sequences: &[i64], now: NaiveDateTime) -> QueryResult<usize> {
    diesel::update(outbox::table.filter(outbox::sequence.eq_any(sequences)))
        .set(outbox::published_at.eq(now))
        .execute(conn)
}
