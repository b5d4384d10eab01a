//! Plans of redrives and replays.

use diesel::prelude::*;

use super::Conn;
use crate::store::rows::{ItemRow, PlanRow};
use crate::store::schema::{event_plan as p, event_plan_item as i};

pub(crate) fn get(conn: &mut Conn, id: &str) -> QueryResult<Option<PlanRow>> {
    p::table
        .filter(p::id.eq(id))
        .select(PlanRow::as_select())
        .first(conn)
        .optional()
}

pub(crate) fn insert(conn: &mut Conn, plan: &PlanRow, items: &[ItemRow]) -> QueryResult<usize> {
    diesel::insert_into(p::table).values(plan).execute(conn)?;
    let mut made = 0;
    for item in items {
        made += diesel::insert_into(i::table).values(item).execute(conn)?;
    }
    Ok(made)
}

pub(crate) fn items(conn: &mut Conn, id: &str) -> QueryResult<Vec<ItemRow>> {
    i::table
        .filter(i::plan_id.eq(id))
        .order(i::position)
        .select(ItemRow::as_select())
        .load(conn)
}

/// Takes the plan for a request. 0: another request has it.
pub(crate) fn begin(conn: &mut Conn, id: &str, request_id: &str) -> QueryResult<usize> {
    diesel::update(p::table.filter(p::id.eq(id)))
        .filter(p::request_id.eq("").or(p::request_id.eq(request_id)))
        .set(p::request_id.eq(request_id))
        .execute(conn)
}

pub(crate) fn end(conn: &mut Conn, id: &str, position: i32, outcome: &str, message: &str) -> QueryResult<usize> {
    diesel::update(i::table.filter(i::plan_id.eq(id).and(i::position.eq(position))))
        .set((i::outcome.eq(outcome), i::message.eq(message)))
        .execute(conn)
}

pub(crate) fn sweep(conn: &mut Conn, before: chrono::NaiveDateTime, limit: i64) -> QueryResult<usize> {
    let old: Vec<String> = p::table.filter(p::made_at.lt(before)).limit(limit).select(p::id).load(conn)?;
    diesel::delete(i::table.filter(i::plan_id.eq_any(&old))).execute(conn)?;
    diesel::delete(p::table.filter(p::id.eq_any(&old))).execute(conn)
}
