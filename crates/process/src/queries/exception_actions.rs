//! What was done about exceptions.

use diesel::prelude::*;

use super::Conn;
use crate::store::rows::ActionRow;
use crate::store::schema::exception_action as t;

pub(crate) fn insert(conn: &mut Conn, row: &ActionRow) -> QueryResult<usize> {
    diesel::insert_into(t::table).values(row).execute(conn)
}

pub(crate) fn by_request(conn: &mut Conn, request_id: &str) -> QueryResult<Option<ActionRow>> {
    t::table
        .filter(t::request_id.eq(request_id))
        .select(ActionRow::as_select())
        .first(conn)
        .optional()
}

/// Newest first.
pub(crate) fn of_exception(conn: &mut Conn, exception_id: &str, limit: i64) -> QueryResult<Vec<ActionRow>> {
    t::table
        .filter(t::exception_id.eq(exception_id))
        .order((t::acted_at.desc(), t::request_id.desc()))
        .limit(limit)
        .select(ActionRow::as_select())
        .load(conn)
}
