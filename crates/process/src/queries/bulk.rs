//! Bulk actions on exceptions.

use diesel::prelude::*;

use super::Conn;
use crate::store::rows::{BulkItemRow, BulkRow};
use crate::store::schema::{bulk_action, bulk_item};

pub(crate) fn insert(conn: &mut Conn, row: &BulkRow, items: &[BulkItemRow]) -> QueryResult<usize> {
    let fresh = diesel::insert_into(bulk_action::table)
        .values(row)
        .on_conflict(bulk_action::token)
        .do_nothing()
        .execute(conn)?;
    if fresh > 0 {
        for chunk in items.chunks(200) {
            diesel::insert_into(bulk_item::table).values(chunk).execute(conn)?;
        }
    }
    Ok(fresh)
}

pub(crate) fn get(conn: &mut Conn, token: &str) -> QueryResult<Option<BulkRow>> {
    bulk_action::table
        .filter(bulk_action::token.eq(token))
        .select(BulkRow::as_select())
        .first(conn)
        .optional()
}

/// The bulk action that a command applies.
pub(crate) fn by_request(conn: &mut Conn, request_id: &str) -> QueryResult<Option<BulkRow>> {
    bulk_action::table
        .filter(bulk_action::request_id.eq(request_id))
        .select(BulkRow::as_select())
        .first(conn)
        .optional()
}

/// The first command that asks applies it. 0: another one did.
pub(crate) fn bind(conn: &mut Conn, token: &str, request_id: &str) -> QueryResult<usize> {
    diesel::update(bulk_action::table.filter(bulk_action::token.eq(token).and(bulk_action::request_id.is_null())))
        .set(bulk_action::request_id.eq(Some(request_id)))
        .execute(conn)
}

pub(crate) fn items(conn: &mut Conn, token: &str) -> QueryResult<Vec<BulkItemRow>> {
    bulk_item::table
        .filter(bulk_item::token.eq(token))
        .order(bulk_item::position)
        .select(BulkItemRow::as_select())
        .load(conn)
}

/// Items that are still only planned.
pub(crate) fn planned(conn: &mut Conn, token: &str, limit: i64) -> QueryResult<Vec<BulkItemRow>> {
    bulk_item::table
        .filter(bulk_item::token.eq(token).and(bulk_item::outcome.eq("PLANNED")))
        .order(bulk_item::position)
        .limit(limit)
        .select(BulkItemRow::as_select())
        .load(conn)
}

pub(crate) fn update(conn: &mut Conn, row: &BulkItemRow) -> QueryResult<usize> {
    diesel::update(bulk_item::table.filter(bulk_item::token.eq(&row.token).and(bulk_item::position.eq(row.position))))
        .set(row)
        .execute(conn)
}
