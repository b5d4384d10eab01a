//! Contracts, rate lines and amendments.

use diesel::prelude::*;

use super::Conn;
use crate::store::rows::{AmendmentRow, ContractRow, CustomerRow, RateLineRow};
use crate::store::schema::{amendment, contract, customer, rate_line};

/// Contracts by number. `number` empty: all.
pub(crate) fn list(conn: &mut Conn, number: &str, after: &str, limit: i64) -> QueryResult<Vec<ContractRow>> {
    let mut query = contract::table.filter(contract::number.gt(after)).into_boxed();
    if !number.is_empty() {
        query = query.filter(contract::number.eq(number));
    }
    query
        .order(contract::number)
        .limit(limit)
        .select(ContractRow::as_select())
        .load(conn)
}

pub(crate) fn get(conn: &mut Conn, ids: &[String]) -> QueryResult<Vec<(ContractRow, CustomerRow)>> {
    contract::table
        .inner_join(customer::table.on(customer::id.eq(contract::customer_id)))
        .filter(contract::id.eq_any(ids))
        .order(contract::number)
        .select(<(ContractRow, CustomerRow)>::as_select())
        .load(conn)
}

/// Engagement of each contract.
pub(crate) fn engagements_of(conn: &mut Conn, ids: &[String]) -> QueryResult<Vec<(String, String)>> {
    contract::table
        .filter(contract::id.eq_any(ids))
        .select((contract::id, contract::engagement_id))
        .load(conn)
}

pub(crate) fn id_of(conn: &mut Conn, number: &str) -> QueryResult<Option<String>> {
    contract::table
        .filter(contract::number.eq(number))
        .select(contract::id)
        .first(conn)
        .optional()
}

pub(crate) fn add_lines(conn: &mut Conn, rows: &[RateLineRow]) -> QueryResult<usize> {
    diesel::insert_into(rate_line::table)
        .values(rows)
        .on_conflict(rate_line::id)
        .do_nothing()
        .execute(conn)
}

pub(crate) fn lines(conn: &mut Conn, ids: &[String]) -> QueryResult<Vec<RateLineRow>> {
    rate_line::table
        .filter(rate_line::id.eq_any(ids))
        .select(RateLineRow::as_select())
        .load(conn)
}

pub(crate) fn lines_of(conn: &mut Conn, level: i32, keys: &[String]) -> QueryResult<Vec<RateLineRow>> {
    rate_line::table
        .filter(rate_line::level.eq(level).and(rate_line::level_key.eq_any(keys)))
        .order(rate_line::id)
        .select(RateLineRow::as_select())
        .load(conn)
}

pub(crate) fn add_amendment(conn: &mut Conn, row: &AmendmentRow) -> QueryResult<usize> {
    diesel::insert_into(amendment::table)
        .values(row)
        .on_conflict(amendment::number)
        .do_nothing()
        .execute(conn)
}

pub(crate) fn amendment(conn: &mut Conn, number: &str) -> QueryResult<Option<AmendmentRow>> {
    amendment::table
        .filter(amendment::number.eq(number))
        .select(AmendmentRow::as_select())
        .first(conn)
        .optional()
}

pub(crate) fn amendments_of(conn: &mut Conn, numbers: &[String]) -> QueryResult<Vec<AmendmentRow>> {
    amendment::table
        .filter(amendment::contract_number.eq_any(numbers))
        .order((amendment::effective_date, amendment::number))
        .select(AmendmentRow::as_select())
        .load(conn)
}
