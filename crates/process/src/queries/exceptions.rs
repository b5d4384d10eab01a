//! The exceptions desk.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::Conn;
use crate::exceptions::Filter;
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

/// Open ones of several objects of a kind: the object's id, and the exception's.
pub(crate) fn open_of_all(conn: &mut Conn, object_kind: &str, object_ids: &[String]) -> QueryResult<Vec<(String, String)>> {
    t::table
        .filter(t::object_kind.eq(object_kind).and(t::object_id.eq_any(object_ids)))
        .filter(t::state.eq("OPEN"))
        .order((t::object_id, t::id))
        .select((t::object_id, t::id))
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

/// Of these names of time entries, those that an exception is about that is not mended.
pub(crate) fn stopped_work(conn: &mut Conn, names: &[String]) -> QueryResult<Vec<String>> {
    t::table
        .filter(t::object_kind.eq("time_entry").and(t::object_id.eq_any(names)))
        .filter(t::state.ne("RESOLVED"))
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

/// Those due first before the others, behind the due time and id of the page before.
pub(crate) fn list(
    conn: &mut Conn,
    asked: &Filter,
    after: Option<&(NaiveDateTime, String)>,
    limit: i64,
) -> QueryResult<Vec<ExceptionRow>> {
    let mut query = t::table.into_boxed();
    if let Some((due, id)) = after {
        query = query.filter(t::due_at.gt(due).or(t::due_at.eq(due).and(t::id.gt(id))));
    }
    if !asked.state.is_empty() {
        query = query.filter(t::state.eq(&asked.state));
    }
    if !asked.cause.is_empty() {
        query = query.filter(t::cause.eq(&asked.cause));
    }
    if !asked.owner_role.is_empty() {
        query = query.filter(t::owner_role.eq(&asked.owner_role));
    }
    if !asked.assignee.is_empty() {
        query = query.filter(t::assignee.eq(&asked.assignee));
    }
    if !asked.engagement.is_empty() {
        query = query.filter(t::engagement_id.eq(&asked.engagement));
    }
    if let Some(now) = asked.overdue {
        query = query.filter(t::state.eq("OPEN").and(t::due_at.lt(now)));
    }
    query
        .order((t::due_at, t::id))
        .limit(limit)
        .select(ExceptionRow::as_select())
        .load(conn)
}
