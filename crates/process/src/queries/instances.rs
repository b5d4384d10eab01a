//! Which process servers are alive, and what each has claimed.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::Conn;
use crate::store::schema::{claim, instance};

/// Incarnation of a node, and until when it is alive.
pub(crate) fn get(conn: &mut Conn, node: &str) -> QueryResult<Option<(String, NaiveDateTime)>> {
    instance::table
        .filter(instance::node.eq(node))
        .select((instance::incarnation, instance::alive_until))
        .first(conn)
        .optional()
}

/// A node that is said to be alive.
pub(crate) fn alive(conn: &mut Conn, now: NaiveDateTime) -> QueryResult<Option<String>> {
    instance::table
        .filter(instance::alive_until.ge(now))
        .order(instance::node)
        .select(instance::node)
        .first(conn)
        .optional()
}

pub(crate) fn insert(conn: &mut Conn, node: &str, incarnation: &str, until: NaiveDateTime) -> QueryResult<usize> {
    diesel::insert_into(instance::table)
        .values((
            instance::node.eq(node),
            instance::incarnation.eq(incarnation),
            instance::alive_until.eq(until),
        ))
        .execute(conn)
}

pub(crate) fn renew(conn: &mut Conn, incarnation: &str, until: NaiveDateTime) -> QueryResult<usize> {
    diesel::update(instance::table.filter(instance::incarnation.eq(incarnation)))
        .set(instance::alive_until.eq(until))
        .execute(conn)
}

/// Ends an incarnation. What it claimed is free again.
pub(crate) fn remove(conn: &mut Conn, incarnation: &str) -> QueryResult<usize> {
    diesel::delete(instance::table.filter(instance::incarnation.eq(incarnation))).execute(conn)
}

/// Ends every incarnation that is not alive any more, but this one.
pub(crate) fn remove_dead(conn: &mut Conn, but: &str, now: NaiveDateTime) -> QueryResult<usize> {
    diesel::delete(instance::table.filter(instance::alive_until.lt(now).and(instance::incarnation.ne(but)))).execute(conn)
}

/// True while nobody ended this incarnation.
pub(crate) fn is_there(conn: &mut Conn, incarnation: &str) -> QueryResult<bool> {
    diesel::select(diesel::dsl::exists(
        instance::table.filter(instance::incarnation.eq(incarnation)),
    ))
    .get_result(conn)
}

/// Claims what is free of `keys`, and returns which of them are this incarnation's now. Everybody claims in the order
/// of the keys, so that nobody waits for somebody who waits for him.
pub(crate) fn claim(conn: &mut Conn, kind: &str, keys: &[String], incarnation: &str) -> QueryResult<Vec<String>> {
    let mut sorted: Vec<&String> = keys.iter().collect();
    sorted.sort_unstable();
    let rows: Vec<_> = sorted
        .into_iter()
        .map(|key| (claim::kind.eq(kind), claim::key.eq(key), claim::incarnation.eq(incarnation)))
        .collect();
    diesel::insert_into(claim::table)
        .values(&rows)
        .on_conflict((claim::kind, claim::key))
        .do_nothing()
        .execute(conn)?;
    claim::table
        .filter(
            claim::kind
                .eq(kind)
                .and(claim::key.eq_any(keys))
                .and(claim::incarnation.eq(incarnation)),
        )
        .select(claim::key)
        .load(conn)
}

/// Gives back every claim of a kind.
pub(crate) fn release(conn: &mut Conn, kind: &str, incarnation: &str) -> QueryResult<usize> {
    diesel::delete(claim::table.filter(claim::kind.eq(kind).and(claim::incarnation.eq(incarnation)))).execute(conn)
}

/// True when others hold claims of a kind.
pub(crate) fn others_claim(conn: &mut Conn, kind: &str, incarnation: &str) -> QueryResult<bool> {
    diesel::select(diesel::dsl::exists(
        claim::table.filter(claim::kind.eq(kind).and(claim::incarnation.ne(incarnation))),
    ))
    .get_result(conn)
}
