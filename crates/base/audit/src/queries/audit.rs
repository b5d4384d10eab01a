//! The audit log and its seals. Nothing here changes a row.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::max;
use diesel::prelude::*;
use strata_store::in_arrays;

use super::Conn;
use crate::list::Filter;
use crate::store::rows::{EventRow, SealRow};
use crate::store::schema::{audit_event as e, audit_seal as s};

pub(crate) fn append(conn: &mut Conn, rows: &[EventRow]) -> QueryResult<usize> {
    let mut done = 0;
    in_arrays!(rows, |some| done +=
        diesel::insert_into(e::table).values(some).execute(conn)?);
    Ok(done)
}

pub(crate) fn last(conn: &mut Conn) -> QueryResult<Option<EventRow>> {
    e::table
        .order(e::sequence.desc())
        .select(EventRow::as_select())
        .first(conn)
        .optional()
}

pub(crate) fn get(conn: &mut Conn, sequence: i64) -> QueryResult<Option<EventRow>> {
    e::table.find(sequence).select(EventRow::as_select()).first(conn).optional()
}

/// Rows in their order, behind one.
pub(crate) fn after(conn: &mut Conn, sequence: i64, limit: i64) -> QueryResult<Vec<EventRow>> {
    e::table
        .filter(e::sequence.gt(sequence))
        .order(e::sequence)
        .limit(limit)
        .select(EventRow::as_select())
        .load(conn)
}

/// Rows newest first, before one.
pub(crate) fn list(conn: &mut Conn, asked: &Filter, before: Option<i64>, limit: i64) -> QueryResult<Vec<EventRow>> {
    let mut query = e::table.into_boxed();
    if !asked.subject.is_empty() {
        query = query.filter(e::subject.eq(&asked.subject));
    }
    if !asked.method.is_empty() {
        query = query.filter(e::method.eq(&asked.method));
    }
    if !asked.object.is_empty() {
        query = query.filter(e::object.eq(&asked.object));
    }
    if !asked.correlation_id.is_empty() {
        query = query.filter(e::correlation_id.eq(&asked.correlation_id));
    }
    if let Some(before) = before {
        query = query.filter(e::sequence.lt(before));
    }
    query
        .order(e::sequence.desc())
        .limit(limit)
        .select(EventRow::as_select())
        .load(conn)
}

/// The last row of before an instant.
pub(crate) fn last_before(conn: &mut Conn, time: NaiveDateTime) -> QueryResult<Option<i64>> {
    e::table.filter(e::happened_at.lt(time)).select(max(e::sequence)).first(conn)
}

pub(crate) fn last_seal(conn: &mut Conn) -> QueryResult<Option<SealRow>> {
    s::table
        .order(s::day.desc())
        .select(SealRow::as_select())
        .first(conn)
        .optional()
}

pub(crate) fn add_seal(conn: &mut Conn, row: &SealRow) -> QueryResult<usize> {
    diesel::insert_into(s::table).values(row).execute(conn)
}

/// Seals in their order, behind a day.
pub(crate) fn seals(conn: &mut Conn, after: Option<NaiveDate>, limit: i64) -> QueryResult<Vec<SealRow>> {
    let mut query = s::table.into_boxed();
    if let Some(day) = after {
        query = query.filter(s::day.gt(day));
    }
    query.order(s::day).limit(limit).select(SealRow::as_select()).load(conn)
}
