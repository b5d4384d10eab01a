//! Accounts and what their members hold.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::Conn;
use crate::store::rows::{QuotaRow, ShareRow};
use crate::store::schema::{vendor_quota as q, vendor_quota_share as s};

/// Puts an account there, unless it is there.
pub(crate) fn add(conn: &mut Conn, row: &QuotaRow) -> QueryResult<usize> {
    diesel::insert_into(q::table)
        .values(row)
        .on_conflict(q::account)
        .do_nothing()
        .execute(conn)
}

/// Puts an account there, or in the place of what is there.
pub(crate) fn put(conn: &mut Conn, row: &QuotaRow) -> QueryResult<usize> {
    diesel::insert_into(q::table)
        .values(row)
        .on_conflict(q::account)
        .do_update()
        .set(row)
        .execute(conn)
}

pub(crate) fn get(conn: &mut Conn, account: &str) -> QueryResult<Option<QuotaRow>> {
    q::table.find(account).select(QuotaRow::as_select()).first(conn).optional()
}

pub(crate) fn accounts(conn: &mut Conn) -> QueryResult<Vec<QuotaRow>> {
    q::table.order(q::account).select(QuotaRow::as_select()).load(conn)
}

/// Who lives, by their names.
pub(crate) fn shares(conn: &mut Conn, account: &str, now: NaiveDateTime) -> QueryResult<Vec<ShareRow>> {
    s::table
        .filter(s::account.eq(account).and(s::expires_at.gt(now)))
        .order(s::member)
        .select(ShareRow::as_select())
        .load(conn)
}

/// Forgets who does not live any more.
pub(crate) fn remove_expired(conn: &mut Conn, account: &str, now: NaiveDateTime) -> QueryResult<usize> {
    diesel::delete(s::table.filter(s::account.eq(account).and(s::expires_at.le(now)))).execute(conn)
}

pub(crate) fn put_share(conn: &mut Conn, row: &ShareRow) -> QueryResult<usize> {
    diesel::insert_into(s::table)
        .values(row)
        .on_conflict((s::account, s::member))
        .do_update()
        .set(row)
        .execute(conn)
}

pub(crate) fn remove_share(conn: &mut Conn, account: &str, member: &str) -> QueryResult<usize> {
    diesel::delete(s::table.find((account, member))).execute(conn)
}
