//! Milestones that are part of a contract.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::Conn;
use crate::store::rows::MilestoneRow;
use crate::store::schema::milestone_acceptance as t;

pub(crate) fn add(conn: &mut Conn, row: &MilestoneRow) -> QueryResult<usize> {
    diesel::insert_into(t::table)
        .values(row)
        .on_conflict(t::code)
        .do_nothing()
        .execute(conn)
}

pub(crate) fn get(conn: &mut Conn, code: &str) -> QueryResult<Option<MilestoneRow>> {
    t::table
        .filter(t::code.eq(code))
        .select(MilestoneRow::as_select())
        .first(conn)
        .optional()
}

/// Codes of a contract's milestones that were accepted until a day.
pub(crate) fn accepted(conn: &mut Conn, contract_id: &str, until: NaiveDate) -> QueryResult<Vec<String>> {
    t::table
        .filter(t::contract_id.eq(contract_id).and(t::accepted_on.le(until)))
        .order(t::code)
        .select(t::code)
        .load(conn)
}

pub(crate) fn by_request(conn: &mut Conn, request_id: &str) -> QueryResult<Option<MilestoneRow>> {
    t::table
        .filter(t::approval_request_id.eq(request_id))
        .select(MilestoneRow::as_select())
        .first(conn)
        .optional()
}

pub(crate) fn set_psa_id(conn: &mut Conn, code: &str, psa_id: &str) -> QueryResult<usize> {
    diesel::update(t::table.filter(t::code.eq(code)))
        .set(t::psa_id.eq(psa_id))
        .execute(conn)
}

/// Stores what the PSA says. 0: finance approved it meanwhile, and it stays as it was approved.
pub(crate) fn set_acceptance(conn: &mut Conn, row: &MilestoneRow) -> QueryResult<usize> {
    diesel::update(t::table.filter(t::code.eq(&row.code).and(t::approved_on.is_null())))
        .set((
            t::psa_id.eq(&row.psa_id),
            t::delivered.eq(row.delivered),
            t::accepted_on.eq(row.accepted_on),
            t::evidence.eq(&row.evidence),
            t::known_on.eq(row.known_on),
        ))
        .execute(conn)
}

/// Stores the approval. 0: it is not accepted any more, or approved already.
pub(crate) fn approve(conn: &mut Conn, code: &str, on: NaiveDate, by: &str, request_id: &str) -> QueryResult<usize> {
    diesel::update(
        t::table.filter(
            t::code
                .eq(code)
                .and(t::accepted_on.is_not_null())
                .and(t::approved_on.is_null()),
        ),
    )
    .set((
        t::approved_on.eq(Some(on)),
        t::approved_by.eq(by),
        t::approval_request_id.eq(Some(request_id)),
    ))
    .execute(conn)
}

/// Those of a contract that finance approved by a day, billed or not.
pub(crate) fn approved(conn: &mut Conn, contract_id: &str, known: NaiveDate) -> QueryResult<Vec<MilestoneRow>> {
    t::table
        .filter(t::contract_id.eq(contract_id).and(t::approved_on.le(known)))
        .order(t::code)
        .select(MilestoneRow::as_select())
        .load(conn)
}

/// Remembers the run that first billed them.
pub(crate) fn consider(conn: &mut Conn, codes: &[String], run: NaiveDate) -> QueryResult<usize> {
    diesel::update(t::table.filter(t::code.eq_any(codes).and(t::first_run.is_null())))
        .set(t::first_run.eq(Some(run)))
        .execute(conn)
}

/// In pages by code. `contract`, `engagement` empty: all. `state`: one of those below, or empty for all.
pub(crate) fn list(
    conn: &mut Conn,
    contract: &str,
    engagement: &str,
    state: &str,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<MilestoneRow>> {
    let mut query = t::table.filter(t::code.gt(after)).into_boxed();
    if !contract.is_empty() {
        query = query.filter(t::contract_number.eq(contract));
    }
    if !engagement.is_empty() {
        query = query.filter(t::engagement_id.eq(engagement));
    }
    query = match state {
        "PLANNED" => query.filter(t::accepted_on.is_null().and(t::delivered.eq(false))),
        "DELIVERED" => query.filter(t::accepted_on.is_null().and(t::delivered.eq(true))),
        "ACCEPTED" => query.filter(t::accepted_on.is_not_null().and(t::approved_on.is_null())),
        "APPROVED" => query.filter(t::approved_on.is_not_null().and(t::first_run.is_null())),
        "BILLED" => query.filter(t::first_run.is_not_null()),
        _ => query,
    };
    query.order(t::code).limit(limit).select(MilestoneRow::as_select()).load(conn)
}
