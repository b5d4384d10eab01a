//! The story of each engagement.

use diesel::prelude::*;
use strata_store::in_arrays;

use super::Conn;
use crate::store::rows::{HandOffRow, NewHandOff};
use crate::store::schema::hand_off as t;

pub(crate) fn add(conn: &mut Conn, rows: &[NewHandOff]) -> QueryResult<()> {
    in_arrays!(rows, |some| diesel::insert_into(t::table)
        .values(some)
        .on_conflict(t::dedupe_key)
        .do_nothing()
        .execute(conn)?);
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
