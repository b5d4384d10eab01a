//! People, with the history of job and cost.

use diesel::prelude::*;

use super::Conn;
use crate::store::rows::{CostRateRow, EmployeeRow, EmploymentRow};
use crate::store::schema::{cost_rate, employee, employment};

pub(crate) fn put(conn: &mut Conn, row: &EmployeeRow) -> QueryResult<usize> {
    diesel::insert_into(employee::table)
        .values(row)
        .on_conflict(employee::id)
        .do_update()
        .set(row)
        .execute(conn)
}

pub(crate) fn add_employment(conn: &mut Conn, row: &EmploymentRow) -> QueryResult<usize> {
    diesel::insert_into(employment::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn)
}

pub(crate) fn add_cost(conn: &mut Conn, row: &CostRateRow) -> QueryResult<usize> {
    diesel::insert_into(cost_rate::table)
        .values(row)
        .on_conflict_do_nothing()
        .execute(conn)
}

pub(crate) fn employees(conn: &mut Conn, ids: &[String]) -> QueryResult<Vec<EmployeeRow>> {
    employee::table
        .filter(employee::id.eq_any(ids))
        .order(employee::id)
        .select(EmployeeRow::as_select())
        .load(conn)
}

/// People by id. `number` empty: everybody.
pub(crate) fn list(conn: &mut Conn, number: &str, after: &str, limit: i64) -> QueryResult<Vec<EmployeeRow>> {
    let mut query = employee::table.filter(employee::id.gt(after)).into_boxed();
    if !number.is_empty() {
        query = query.filter(employee::number.eq(number));
    }
    query
        .order(employee::id)
        .limit(limit)
        .select(EmployeeRow::as_select())
        .load(conn)
}

pub(crate) fn employments(conn: &mut Conn, ids: &[String]) -> QueryResult<Vec<EmploymentRow>> {
    employment::table
        .filter(employment::employee_id.eq_any(ids))
        .order((employment::employee_id, employment::effective_date, employment::recorded_at))
        .select(EmploymentRow::as_select())
        .load(conn)
}

pub(crate) fn costs(conn: &mut Conn, ids: &[String]) -> QueryResult<Vec<CostRateRow>> {
    cost_rate::table
        .filter(cost_rate::employee_id.eq_any(ids))
        .order((cost_rate::employee_id, cost_rate::effective_date, cost_rate::recorded_at))
        .select(CostRateRow::as_select())
        .load(conn)
}
