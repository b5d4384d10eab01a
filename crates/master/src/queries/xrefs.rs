//! Cross-references.

use diesel::prelude::*;

use super::Conn;
use crate::store::rows::CrossReferenceRow;
use crate::store::schema::cross_reference as x;

pub(crate) fn add(conn: &mut Conn, rows: &[CrossReferenceRow]) -> QueryResult<usize> {
    diesel::insert_into(x::table)
        .values(rows)
        .on_conflict((x::system, x::kind, x::external_id))
        .do_nothing()
        .execute(conn)
}

pub(crate) fn by_external(conn: &mut Conn, system: &str, kind: &str, external: &[String]) -> QueryResult<Vec<CrossReferenceRow>> {
    x::table
        .filter(
            x::system
                .eq(system)
                .and(x::kind.eq(kind))
                .and(x::external_id.eq_any(external)),
        )
        .order(x::external_id)
        .select(CrossReferenceRow::as_select())
        .load(conn)
}

pub(crate) fn by_id(conn: &mut Conn, system: &str, kind: &str, ids: &[String]) -> QueryResult<Vec<CrossReferenceRow>> {
    x::table
        .filter(x::system.eq(system).and(x::kind.eq(kind)).and(x::id.eq_any(ids)))
        .order((x::id, x::external_id))
        .select(CrossReferenceRow::as_select())
        .load(conn)
}
