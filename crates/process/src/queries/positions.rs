//! Facts to be added up, what each adds, and how far the sums are.

use chrono::NaiveDateTime;
use diesel::dsl::min;
use diesel::prelude::*;
use strata_store::in_arrays;

use super::Conn;
use crate::store::rows::RevenueRow;
use crate::store::rows_positions::{NewTouch, OwnerRow, PositionLine, StateRow};
use crate::store::schema::{document, document_line, expense_item, revenue_event, time_entry};
use crate::store::schema_positions::{position_line as l, position_owner as o, position_state as s, position_touch as t};

/// The one row of the state.
const STATE: &str = "positions";

/// Facts of a kind changed.
pub(crate) fn touch(conn: &mut Conn, kind: &str, lines: &[String], at: NaiveDateTime) -> QueryResult<usize> {
    let mut done = 0;
    let touches = lines.iter().map(|line| NewTouch {
        kind: kind.to_owned(),
        line: line.clone(),
        touched_at: at,
    });
    let rows: Vec<NewTouch> = touches.collect();
    in_arrays!(rows, |some| done +=
        diesel::insert_into(t::table).values(some).execute(conn)?);
    Ok(done)
}

/// The oldest touches: number, kind and line.
pub(crate) fn touches(conn: &mut Conn, limit: i64) -> QueryResult<Vec<(i64, String, String)>> {
    t::table
        .order(t::sequence)
        .limit(limit)
        .select((t::sequence, t::kind, t::line))
        .load(conn)
}

/// Those of the touches that are still there.
pub(crate) fn waiting(conn: &mut Conn, sequences: &[i64]) -> QueryResult<Vec<(i64, String, String)>> {
    t::table
        .filter(t::sequence.eq_any(sequences))
        .order(t::sequence)
        .select((t::sequence, t::kind, t::line))
        .load(conn)
}

pub(crate) fn untouch(conn: &mut Conn, sequences: &[i64]) -> QueryResult<usize> {
    diesel::delete(t::table.filter(t::sequence.eq_any(sequences))).execute(conn)
}

/// Since when the oldest change waits, and how many wait, at most `most` counted.
pub(crate) fn lag(conn: &mut Conn, most: i64) -> QueryResult<(Option<NaiveDateTime>, usize)> {
    let since = t::table.select(min(t::touched_at)).first(conn)?;
    let pending: Vec<i64> = t::table.select(t::sequence).limit(most).load(conn)?;
    Ok((since, pending.len()))
}

/// Those of the lines that wait to be added up.
pub(crate) fn touched_among(conn: &mut Conn, kind: &str, lines: &[String]) -> QueryResult<Vec<String>> {
    t::table
        .filter(t::kind.eq(kind).and(t::line.eq_any(lines)))
        .select(t::line)
        .distinct()
        .load(conn)
}

pub(crate) fn owners(conn: &mut Conn, ids: &[String]) -> QueryResult<Vec<OwnerRow>> {
    o::table.filter(o::id.eq_any(ids)).select(OwnerRow::as_select()).load(conn)
}

/// Lead projects of contracts, by the contracts' numbers.
pub(crate) fn leads(conn: &mut Conn, contracts: &[String]) -> QueryResult<Vec<(String, String)>> {
    o::table
        .filter(o::contract_number.eq_any(contracts))
        .select((o::contract_number, o::lead_project_code))
        .load(conn)
}

pub(crate) fn add_owners(conn: &mut Conn, rows: &[OwnerRow]) -> QueryResult<usize> {
    let mut done = 0;
    for chunk in rows.chunks(200) {
        done += diesel::insert_into(o::table)
            .values(chunk)
            .on_conflict(o::id)
            .do_nothing()
            .execute(conn)?;
    }
    Ok(done)
}

pub(crate) fn lines(conn: &mut Conn, generation: i64, kind: &str, lines: &[String]) -> QueryResult<Vec<PositionLine>> {
    l::table
        .filter(l::generation.eq(generation).and(l::kind.eq(kind)).and(l::line.eq_any(lines)))
        .order((l::line, l::project_code, l::currency_code, l::cost_currency_code))
        .select(PositionLine::as_select())
        .load(conn)
}

/// Names of lines behind one, up to another. `until` empty: to the end.
pub(crate) fn names(
    conn: &mut Conn,
    generation: i64,
    kind: &str,
    after: &str,
    until: &str,
    limit: i64,
) -> QueryResult<Vec<String>> {
    let mut query = l::table
        .filter(l::generation.eq(generation).and(l::kind.eq(kind)).and(l::line.gt(after)))
        .into_boxed();
    if !until.is_empty() {
        query = query.filter(l::line.le(until));
    }
    query.select(l::line).distinct().order(l::line).limit(limit).load(conn)
}

/// Takes what lines added away.
pub(crate) fn forget(conn: &mut Conn, generation: i64, kind: &str, lines: &[String]) -> QueryResult<usize> {
    diesel::delete(l::table.filter(l::generation.eq(generation).and(l::kind.eq(kind)).and(l::line.eq_any(lines)))).execute(conn)
}

pub(crate) fn remember(conn: &mut Conn, rows: &[PositionLine]) -> QueryResult<usize> {
    let mut done = 0;
    in_arrays!(rows, |some| done +=
        diesel::insert_into(l::table).values(some).execute(conn)?);
    Ok(done)
}

/// Takes some lines of generations before one away. Returns how many.
pub(crate) fn forget_before(conn: &mut Conn, generation: i64, limit: i64) -> QueryResult<usize> {
    let first: Option<i64> = l::table.select(min(l::generation)).first(conn)?;
    let Some(old) = first.filter(|old| *old < generation) else {
        return Ok(0);
    };
    let some: Vec<(String, String)> = l::table
        .filter(l::generation.eq(old))
        .order((l::kind, l::line))
        .limit(limit)
        .select((l::kind, l::line))
        .load(conn)?;
    let Some((kind, _)) = some.first() else { return Ok(0) };
    let until = some
        .iter()
        .rev()
        .find(|(other, _)| other == kind)
        .map(|(_, line)| line.as_str());
    let until = until.unwrap_or_default();
    diesel::delete(l::table.filter(l::generation.eq(old).and(l::kind.eq(kind)).and(l::line.le(until)))).execute(conn)
}

pub(crate) fn state(conn: &mut Conn) -> QueryResult<Option<StateRow>> {
    s::table
        .filter(s::name.eq(STATE))
        .select(StateRow::as_select())
        .first(conn)
        .optional()
}

pub(crate) fn put_state(conn: &mut Conn, row: &StateRow) -> QueryResult<usize> {
    let row = StateRow {
        name: STATE.to_owned(),
        ..row.clone()
    };
    diesel::insert_into(s::table)
        .values(&row)
        .on_conflict(s::name)
        .do_update()
        .set(&row)
        .execute(conn)
}

/// Ids of time entries behind one.
pub(crate) fn time_after(conn: &mut Conn, after: &str, limit: i64) -> QueryResult<Vec<String>> {
    time_entry::table
        .filter(time_entry::id.gt(after))
        .order(time_entry::id)
        .limit(limit)
        .select(time_entry::id)
        .load(conn)
}

/// Keys of documents behind one.
pub(crate) fn documents_after(conn: &mut Conn, after: &str, limit: i64) -> QueryResult<Vec<String>> {
    document::table
        .filter(document::key.gt(after))
        .order(document::key)
        .limit(limit)
        .select(document::key)
        .load(conn)
}

/// Keys of revenue behind one.
pub(crate) fn revenue_after(conn: &mut Conn, after: &str, limit: i64) -> QueryResult<Vec<String>> {
    revenue_event::table
        .filter(revenue_event::key.gt(after))
        .order(revenue_event::key)
        .limit(limit)
        .select(revenue_event::key)
        .load(conn)
}

/// Sources with the state of each document that has a line of them.
pub(crate) fn states_of(conn: &mut Conn, sources: &[String]) -> QueryResult<Vec<(String, String)>> {
    document_line::table
        .inner_join(document::table.on(document::key.eq(document_line::document_key)))
        .filter(document_line::source.eq_any(sources))
        .select((document_line::source, document::state))
        .load(conn)
}

/// Project codes of expenses.
pub(crate) fn projects_of_expenses(conn: &mut Conn, ids: &[String]) -> QueryResult<Vec<(String, String)>> {
    expense_item::table
        .filter(expense_item::id.eq_any(ids))
        .select((expense_item::id, expense_item::project_code))
        .load(conn)
}

/// Project codes of time entries.
pub(crate) fn projects_of_time(conn: &mut Conn, ids: &[String]) -> QueryResult<Vec<(String, String)>> {
    time_entry::table
        .filter(time_entry::id.eq_any(ids))
        .select((time_entry::id, time_entry::project_code))
        .load(conn)
}

pub(crate) fn revenue_with(conn: &mut Conn, keys: &[String]) -> QueryResult<Vec<RevenueRow>> {
    revenue_event::table
        .filter(revenue_event::key.eq_any(keys))
        .select(RevenueRow::as_select())
        .load(conn)
}
