//! Dead letters.

use diesel::prelude::*;

use super::Conn;
use crate::store::rows::{DeadRow, Filter};
use crate::store::schema::dead_letter as t;

pub(crate) fn get(conn: &mut Conn, id: &str) -> QueryResult<Option<DeadRow>> {
    t::table
        .filter(t::id.eq(id))
        .select(DeadRow::as_select())
        .first(conn)
        .optional()
}

pub(crate) fn put(conn: &mut Conn, row: &DeadRow) -> QueryResult<usize> {
    diesel::insert_into(t::table)
        .values(row)
        .on_conflict(t::id)
        .do_update()
        .set(row)
        .execute(conn)
}

pub(crate) fn remove(conn: &mut Conn, id: &str) -> QueryResult<usize> {
    diesel::delete(t::table.filter(t::id.eq(id))).execute(conn)
}

pub(crate) fn list(conn: &mut Conn, filter: &Filter, after: &str, limit: i64) -> QueryResult<Vec<DeadRow>> {
    let mut query = t::table.filter(t::id.gt(after)).into_boxed();
    if !filter.state.is_empty() {
        query = query.filter(t::state.eq(&filter.state));
    }
    if !filter.consumer.is_empty() {
        query = query.filter(t::consumer.eq(&filter.consumer));
    }
    if !filter.kind.is_empty() {
        query = query.filter(t::kind.eq(&filter.kind));
    }
    if !filter.reason.is_empty() {
        query = query.filter(t::reason.eq(&filter.reason));
    }
    if !filter.ids.is_empty() {
        query = query.filter(t::id.eq_any(&filter.ids));
    }
    query.order(t::id).limit(limit).select(DeadRow::as_select()).load(conn)
}
