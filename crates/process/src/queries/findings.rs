//! What differs between systems.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::Conn;
use crate::store::rows::FindingRow;
use crate::store::schema::finding as t;

pub(crate) fn put(conn: &mut Conn, row: &FindingRow) -> QueryResult<usize> {
    diesel::insert_into(t::table)
        .values(row)
        .on_conflict(t::id)
        .do_update()
        .set(row)
        .execute(conn)
}

pub(crate) fn open_between(conn: &mut Conn, from: NaiveDate, to: NaiveDate) -> QueryResult<Vec<FindingRow>> {
    t::table
        .filter(t::state.eq("OPEN").and(t::work_date.ge(from)).and(t::work_date.le(to)))
        .order(t::id)
        .select(FindingRow::as_select())
        .load(conn)
}

/// Open ones that an exception stands for.
pub(crate) fn open_of(conn: &mut Conn, exception_id: &str) -> QueryResult<Vec<String>> {
    t::table
        .filter(t::state.eq("OPEN").and(t::exception_id.eq(exception_id)))
        .select(t::id)
        .load(conn)
}

pub(crate) fn list(conn: &mut Conn, state: &str, after: &str, limit: i64) -> QueryResult<Vec<FindingRow>> {
    let mut query = t::table.filter(t::id.gt(after)).into_boxed();
    if !state.is_empty() {
        query = query.filter(t::state.eq(state));
    }
    query.order(t::id).limit(limit).select(FindingRow::as_select()).load(conn)
}
