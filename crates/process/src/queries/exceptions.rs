//! The exceptions desk.

use diesel::prelude::*;

use super::Conn;
use crate::store::rows::ExceptionRow;
use crate::store::schema::exception as t;

pub(crate) fn get(conn: &mut Conn, id: &str) -> QueryResult<Option<ExceptionRow>> {
    t::table
        .filter(t::id.eq(id))
        .select(ExceptionRow::as_select())
        .first(conn)
        .optional()
}

pub(crate) fn put(conn: &mut Conn, row: &ExceptionRow) -> QueryResult<usize> {
    diesel::insert_into(t::table)
        .values(row)
        .on_conflict(t::id)
        .do_update()
        .set(row)
        .execute(conn)
}

pub(crate) fn open_of(conn: &mut Conn, object_kind: &str, object_id: &str) -> QueryResult<Vec<String>> {
    t::table
        .filter(
            t::object_kind
                .eq(object_kind)
                .and(t::object_id.eq(object_id))
                .and(t::state.eq("OPEN")),
        )
        .select(t::id)
        .load(conn)
}

/// Open ones of time entries and expenses, by what people call them.
pub(crate) fn open_of_work(conn: &mut Conn, names: &[String]) -> QueryResult<Vec<String>> {
    t::table
        .filter(
            t::object_kind
                .eq_any(["time_entry", "expense"])
                .and(t::object_id.eq_any(names))
                .and(t::state.eq("OPEN")),
        )
        .select(t::id)
        .load(conn)
}

/// Of these names of time entries, those that an open exception is about.
pub(crate) fn stopped_work(conn: &mut Conn, names: &[String]) -> QueryResult<Vec<String>> {
    t::table
        .filter(t::object_kind.eq("time_entry").and(t::object_id.eq_any(names)))
        .filter(t::state.eq("OPEN"))
        .select(t::object_id)
        .load(conn)
}

/// Those of the ids that are open.
pub(crate) fn open_among(conn: &mut Conn, ids: &[String]) -> QueryResult<Vec<String>> {
    t::table
        .filter(t::id.eq_any(ids).and(t::state.eq("OPEN")))
        .select(t::id)
        .load(conn)
}

pub(crate) fn list(conn: &mut Conn, state: &str, engagement: &str, after: &str, limit: i64) -> QueryResult<Vec<ExceptionRow>> {
    let mut query = t::table.filter(t::id.gt(after)).into_boxed();
    if !state.is_empty() {
        query = query.filter(t::state.eq(state));
    }
    if !engagement.is_empty() {
        query = query.filter(t::engagement_id.eq(engagement));
    }
    query.order(t::id).limit(limit).select(ExceptionRow::as_select()).load(conn)
}
