//! Estimates at completion, every version of them.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::Conn;
use crate::store::rows::EstimateRow;
use crate::store::schema::project_estimate as t;

pub(crate) fn add(conn: &mut Conn, row: &EstimateRow) -> QueryResult<usize> {
    diesel::insert_into(t::table)
        .values(row)
        .on_conflict((t::project_id, t::version))
        .do_nothing()
        .execute(conn)
}

/// Versions of projects, oldest first.
pub(crate) fn of_projects(conn: &mut Conn, ids: &[String]) -> QueryResult<Vec<EstimateRow>> {
    t::table
        .filter(t::project_id.eq_any(ids))
        .order((t::project_id, t::version))
        .select(EstimateRow::as_select())
        .load(conn)
}

/// Versions of a contract's projects that were made until a day, oldest first.
pub(crate) fn of_contract(conn: &mut Conn, contract_id: &str, until: NaiveDate) -> QueryResult<Vec<EstimateRow>> {
    t::table
        .filter(t::contract_id.eq(contract_id).and(t::recorded_on.le(until)))
        .order((t::recorded_on, t::version))
        .select(EstimateRow::as_select())
        .load(conn)
}

/// In pages by project code and version. `engagement` empty: all.
pub(crate) fn list(conn: &mut Conn, engagement: &str, after: (&str, i32), limit: i64) -> QueryResult<Vec<EstimateRow>> {
    let (code, version) = after;
    let mut query = t::table
        .filter(
            t::project_code
                .gt(code)
                .or(t::project_code.eq(code).and(t::version.gt(version))),
        )
        .into_boxed();
    if !engagement.is_empty() {
        query = query.filter(t::engagement_id.eq(engagement));
    }
    query
        .order((t::project_code, t::version))
        .limit(limit)
        .select(EstimateRow::as_select())
        .load(conn)
}
