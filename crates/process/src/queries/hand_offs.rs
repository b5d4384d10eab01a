//! The story of each engagement.

use diesel::prelude::*;

use super::Conn;
use crate::store::rows::{HandOffRow, NewHandOff};
use crate::store::schema::hand_off as t;

pub(crate) fn add(conn: &mut Conn, rows: &[NewHandOff]) -> QueryResult<()> {
    for chunk in rows.chunks(200) {
        diesel::insert_into(t::table)
            .values(chunk)
            .on_conflict(t::dedupe_key)
            .do_nothing()
            .execute(conn)?;
    }
    Ok(())
}

pub(crate) fn list(conn: &mut Conn, engagement: &str, after: i64, limit: i64) -> QueryResult<Vec<HandOffRow>> {
    t::table
        .filter(t::engagement_id.eq(engagement).and(t::sequence.gt(after)))
        .order(t::sequence)
        .limit(limit)
        .select(HandOffRow::as_select())
        .load(conn)
}
