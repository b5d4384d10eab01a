//! Records as PSA and ERP held them when they were read last.

use diesel::prelude::*;

use super::Conn;
use crate::store::rows_books::BookRow;
use crate::store::schema_books::book_record as t;

/// Keeps records as a reading saw them. Two servers may read a month at once: what a later reading saw stays.
pub(crate) fn put(conn: &mut Conn, rows: &[BookRow]) -> QueryResult<()> {
    for row in rows {
        let put = diesel::insert_into(t::table)
            .values(row)
            .on_conflict((t::system, t::kind, t::vendor_id))
            .do_update()
            .set(row);
        diesel::query_dsl::methods::FilterDsl::filter(put, t::scan.le(row.scan)).execute(conn)?;
    }
    Ok(())
}

/// Forgets what a reading of a month did not find any more. What a later one found stays.
pub(crate) fn sweep(conn: &mut Conn, system: &str, kind: &str, month: &str, scan: i64) -> QueryResult<usize> {
    let stale = t::table
        .filter(t::month.eq(month).and(t::system.eq(system)))
        .filter(t::kind.eq(kind).and(t::scan.lt(scan)));
    diesel::delete(stale).execute(conn)
}

/// Records of lines, by system and id.
pub(crate) fn of_lines(conn: &mut Conn, kind: &str, lines: &[String]) -> QueryResult<Vec<BookRow>> {
    t::table
        .filter(t::kind.eq(kind).and(t::line.eq_any(lines)))
        .order((t::system, t::vendor_id))
        .select(BookRow::as_select())
        .load(conn)
}

/// Lines that a month's records of a system are of, in pages by line.
pub(crate) fn lines(conn: &mut Conn, system: &str, kind: &str, month: &str, after: &str, limit: i64) -> QueryResult<Vec<String>> {
    t::table
        .filter(t::month.eq(month).and(t::system.eq(system)))
        .filter(t::kind.eq(kind).and(t::line.gt(after)))
        .select(t::line)
        .distinct()
        .order(t::line)
        .limit(limit)
        .load(conn)
}
