//! How often master data changed.

use diesel::prelude::*;

use super::Conn;
use crate::store::schema::master_revision as r;

/// The one row.
const NAME: &str = "master";

pub(crate) fn get(conn: &mut Conn) -> QueryResult<i64> {
    let held = r::table.find(NAME).select(r::revision).first(conn).optional();
    held.map(Option::unwrap_or_default)
}

/// Something changes, in the caller's transaction: the last thing it does, as others wait for its end from here on.
pub(crate) fn raise(conn: &mut Conn) -> QueryResult<usize> {
    diesel::insert_into(r::table)
        .values((r::name.eq(NAME), r::revision.eq(1)))
        .on_conflict(r::name)
        .do_update()
        .set(r::revision.eq(r::revision + 1))
        .execute(conn)
}
