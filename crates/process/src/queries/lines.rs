//! Lines that are left out of the books, and what people say of lines instead of the PSA.

use diesel::prelude::*;

use super::Conn;
use crate::store::rows::{EditRow, ExceptedRow};
use crate::store::schema::{excepted_line, line_edit};

pub(crate) fn except(conn: &mut Conn, row: &ExceptedRow) -> QueryResult<usize> {
    diesel::insert_into(excepted_line::table)
        .values(row)
        .on_conflict((excepted_line::kind, excepted_line::line_id))
        .do_update()
        .set(row)
        .execute(conn)
}

/// Takes a line up again that was skipped. One that was withdrawn stays out.
pub(crate) fn take_up(conn: &mut Conn, kind: &str, line_id: &str) -> QueryResult<usize> {
    let line = excepted_line::table.filter(
        excepted_line::kind
            .eq(kind)
            .and(excepted_line::line_id.eq(line_id))
            .and(excepted_line::state.eq("SKIPPED")),
    );
    diesel::delete(line).execute(conn)
}

/// Those of the lines that are left out.
pub(crate) fn excepted_among(conn: &mut Conn, kind: &str, line_ids: &[String]) -> QueryResult<Vec<String>> {
    excepted_line::table
        .filter(excepted_line::kind.eq(kind).and(excepted_line::line_id.eq_any(line_ids)))
        .select(excepted_line::line_id)
        .load(conn)
}

pub(crate) fn put_edit(conn: &mut Conn, row: &EditRow) -> QueryResult<usize> {
    diesel::insert_into(line_edit::table)
        .values(row)
        .on_conflict((line_edit::kind, line_edit::line_id))
        .do_update()
        .set(row)
        .execute(conn)
}

pub(crate) fn edits(conn: &mut Conn, kind: &str, line_ids: &[String]) -> QueryResult<Vec<EditRow>> {
    line_edit::table
        .filter(line_edit::kind.eq(kind).and(line_edit::line_id.eq_any(line_ids)))
        .select(EditRow::as_select())
        .load(conn)
}
