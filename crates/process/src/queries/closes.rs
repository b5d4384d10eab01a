//! Closes of months, and what people did about them.

use diesel::prelude::*;

use super::Conn;
use crate::store::rows_books::{CloseEventRow, CloseRow};
use crate::store::schema_books::{period_close as c, period_close_event as e};

pub(crate) fn get(conn: &mut Conn, period: &str, legal_entity: &str) -> QueryResult<Option<CloseRow>> {
    c::table
        .filter(c::period.eq(period).and(c::legal_entity_code.eq(legal_entity)))
        .select(CloseRow::as_select())
        .first(conn)
        .optional()
}

/// Those that hold their month frozen.
pub(crate) fn frozen(conn: &mut Conn) -> QueryResult<Vec<CloseRow>> {
    c::table
        .filter(c::state.ne("REOPENED"))
        .order((c::period, c::legal_entity_code))
        .select(CloseRow::as_select())
        .load(conn)
}

pub(crate) fn put(conn: &mut Conn, row: &CloseRow) -> QueryResult<usize> {
    diesel::insert_into(c::table)
        .values(row)
        .on_conflict(c::id)
        .do_update()
        .set(row)
        .execute(conn)
}

pub(crate) fn add_event(conn: &mut Conn, row: &CloseEventRow) -> QueryResult<usize> {
    diesel::insert_into(e::table).values(row).execute(conn)
}

pub(crate) fn event(conn: &mut Conn, request_id: &str) -> QueryResult<Option<CloseEventRow>> {
    e::table
        .find(request_id)
        .select(CloseEventRow::as_select())
        .first(conn)
        .optional()
}

/// What was done about a close, oldest first.
pub(crate) fn history(conn: &mut Conn, close_id: &str) -> QueryResult<Vec<CloseEventRow>> {
    e::table
        .filter(e::close_id.eq(close_id))
        .order(e::version)
        .select(CloseEventRow::as_select())
        .load(conn)
}
