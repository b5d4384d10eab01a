//! Revenue by contract and period.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::Conn;
use crate::store::rows::RevenueRow;
use crate::store::schema::{document, revenue_event as t};

pub(crate) fn insert(conn: &mut Conn, rows: &[RevenueRow]) -> QueryResult<usize> {
    diesel::insert_into(t::table).values(rows).execute(conn)
}

/// Cumulative revenue of a contract until the period before one, by kind: what its newest event says.
pub(crate) fn before(conn: &mut Conn, contract_id: &str, kind: &str, period: &str) -> QueryResult<Option<i64>> {
    t::table
        .filter(t::contract_id.eq(contract_id).and(t::kind.eq(kind)).and(t::period.lt(period)))
        .order(t::period.desc())
        .select(t::cumulative)
        .first(conn)
        .optional()
}

/// Events by key. `contract` and `period` empty: all.
pub(crate) fn list(conn: &mut Conn, contract: &str, period: &str, after: &str, limit: i64) -> QueryResult<Vec<RevenueRow>> {
    let mut query = t::table.filter(t::key.gt(after)).into_boxed();
    if !contract.is_empty() {
        query = query.filter(t::contract_number.eq(contract));
    }
    if !period.is_empty() {
        query = query.filter(t::period.eq(period));
    }
    query.order(t::key).limit(limit).select(RevenueRow::as_select()).load(conn)
}

/// Numbers of contracts for which a period is closed.
pub(crate) fn closed(conn: &mut Conn, kind: &str, period: &str, after: &str, limit: i64) -> QueryResult<Vec<String>> {
    t::table
        .filter(t::period.eq(period).and(t::kind.eq(kind)).and(t::contract_number.gt(after)))
        .order(t::contract_number)
        .limit(limit)
        .select(t::contract_number)
        .load(conn)
}

/// Events of contracts in a period.
pub(crate) fn of_period(conn: &mut Conn, contracts: &[String], period: &str) -> QueryResult<Vec<RevenueRow>> {
    t::table
        .filter(t::contract_number.eq_any(contracts).and(t::period.eq(period)))
        .order(t::key)
        .select(RevenueRow::as_select())
        .load(conn)
}

/// Net of each document of contracts that was issued by a day and not voided.
pub(crate) fn billed(conn: &mut Conn, contracts: &[String], by: NaiveDate) -> QueryResult<Vec<(String, i64)>> {
    document::table
        .filter(
            document::contract_number
                .eq_any(contracts)
                .and(document::issue_date.le(by))
                .and(document::state.ne("VOIDED")),
        )
        .select((document::contract_number, document::net))
        .load(conn)
}

/// The journal of events is in the books.
pub(crate) fn posted(conn: &mut Conn, journal_key: &str, erp_id: &str) -> QueryResult<usize> {
    diesel::update(t::table.filter(t::journal_key.eq(journal_key)))
        .set((t::state.eq("POSTED"), t::erp_id.eq(erp_id)))
        .execute(conn)
}
