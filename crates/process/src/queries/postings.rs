//! The posting ledger.

use chrono::NaiveDateTime;
use diesel::dsl::count_star;
use diesel::prelude::*;

use super::Conn;
use crate::store::rows::PostingRow;
use crate::store::schema::posting as t;

pub(crate) fn insert(conn: &mut Conn, rows: &[PostingRow]) -> QueryResult<usize> {
    let mut done = 0;
    for chunk in rows.chunks(200) {
        done += diesel::insert_into(t::table)
            .values(chunk)
            .on_conflict(t::key)
            .do_nothing()
            .execute(conn)?;
    }
    Ok(done)
}

pub(crate) fn get(conn: &mut Conn, key: &str) -> QueryResult<Option<PostingRow>> {
    t::table
        .filter(t::key.eq(key))
        .select(PostingRow::as_select())
        .first(conn)
        .optional()
}

pub(crate) fn of_keys(conn: &mut Conn, keys: &[String]) -> QueryResult<Vec<PostingRow>> {
    t::table
        .filter(t::key.eq_any(keys))
        .select(PostingRow::as_select())
        .load(conn)
}

/// Digest of the body of each posting.
pub(crate) fn hashes(conn: &mut Conn, keys: &[String]) -> QueryResult<Vec<(String, String)>> {
    t::table.filter(t::key.eq_any(keys)).select((t::key, t::body_hash)).load(conn)
}

/// Key, state and what each posting waits for.
pub(crate) fn states(conn: &mut Conn, keys: &[String]) -> QueryResult<Vec<(String, String, String)>> {
    t::table
        .filter(t::key.eq_any(keys))
        .select((t::key, t::state, t::waits_for))
        .load(conn)
}

pub(crate) fn due(conn: &mut Conn, kind: &str, states: &[&str], now: NaiveDateTime, limit: i64) -> QueryResult<Vec<PostingRow>> {
    t::table
        .filter(t::kind.eq(kind).and(t::state.eq_any(states)).and(t::due_at.le(now)))
        .order((t::due_at, t::created_at, t::key))
        .limit(limit)
        .select(PostingRow::as_select())
        .load(conn)
}

pub(crate) fn update(conn: &mut Conn, rows: &[PostingRow]) -> QueryResult<usize> {
    let mut done = 0;
    for row in rows {
        done += diesel::update(t::table.filter(t::key.eq(&row.key))).set(row).execute(conn)?;
    }
    Ok(done)
}

/// Doubts every posting that is not certain.
pub(crate) fn doubt(conn: &mut Conn) -> QueryResult<usize> {
    diesel::update(t::table.filter(t::state.ne_all(["CONFIRMED", "RESOLVED"])))
        .set(t::state.eq("UNKNOWN"))
        .execute(conn)
}

pub(crate) fn release(conn: &mut Conn, waits_for: &str, now: NaiveDateTime) -> QueryResult<usize> {
    diesel::update(t::table.filter(t::waits_for.eq(waits_for).and(t::state.eq("INTENDED"))))
        .set((t::waits_for.eq(""), t::due_at.eq(now)))
        .execute(conn)
}

pub(crate) fn summary(conn: &mut Conn) -> QueryResult<Vec<(String, String, i64)>> {
    t::table
        .group_by((t::kind, t::state))
        .order((t::kind, t::state))
        .select((t::kind, t::state, count_star()))
        .load(conn)
}
