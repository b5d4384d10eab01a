//! Where each feed was left.

use diesel::prelude::*;

use super::Conn;
use crate::store::schema::feed_cursor as t;

pub(crate) fn get(conn: &mut Conn, feed: &str) -> QueryResult<Option<String>> {
    t::table.filter(t::feed.eq(feed)).select(t::value).first(conn).optional()
}

pub(crate) fn put(conn: &mut Conn, feed: &str, value: &str) -> QueryResult<usize> {
    diesel::insert_into(t::table)
        .values((t::feed.eq(feed), t::value.eq(value)))
        .on_conflict(t::feed)
        .do_update()
        .set(t::value.eq(value))
        .execute(conn)
}
