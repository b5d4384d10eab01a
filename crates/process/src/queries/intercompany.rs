//! What companies of the firm were charged for each other's work.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::Conn;
use crate::store::rows::ChargeRow;
use crate::store::schema::intercompany_charge as t;

pub(crate) fn add(conn: &mut Conn, rows: &[ChargeRow]) -> QueryResult<usize> {
    diesel::insert_into(t::table).values(rows).execute(conn)
}

/// Everything that one company was charged by another.
pub(crate) fn of_pair(conn: &mut Conn, delivering: &str, contracting: &str) -> QueryResult<Vec<ChargeRow>> {
    t::table
        .filter(t::delivering_entity_code.eq(delivering))
        .filter(t::contracting_entity_code.eq(contracting))
        .order((t::work_period, t::run_period))
        .select(ChargeRow::as_select())
        .load(conn)
}

/// Everything that was charged by a day for the work of some months.
pub(crate) fn charged(conn: &mut Conn, from: &str, to: &str, known: NaiveDate) -> QueryResult<Vec<ChargeRow>> {
    t::table
        .filter(t::work_period.ge(from).and(t::work_period.le(to)).and(t::known_on.le(known)))
        .select(ChargeRow::as_select())
        .load(conn)
}
