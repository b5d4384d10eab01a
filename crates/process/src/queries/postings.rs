//! The posting ledger.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::upsert::excluded;
use strata_store::in_arrays;

use super::Conn;
use crate::store::rows::PostingRow;
use crate::store::rows_books::{NewPostingEvent, PostingEventRow};
use crate::store::schema::posting as t;
use crate::store::schema_books::posting_event as e;

pub(crate) fn insert(conn: &mut Conn, rows: &[PostingRow]) -> QueryResult<usize> {
    let mut done = 0;
    in_arrays!(rows, |some| done += diesel::insert_into(t::table)
        .values(some)
        .on_conflict(t::key)
        .do_nothing()
        .execute(conn)?);
    Ok(done)
}

pub(crate) fn get(conn: &mut Conn, key: &str) -> QueryResult<Option<PostingRow>> {
    t::table
        .filter(t::key.eq(key))
        .select(PostingRow::as_select())
        .first(conn)
        .optional()
}

pub(crate) fn of_keys(conn: &mut Conn, keys: &[String]) -> QueryResult<Vec<PostingRow>> {
    t::table
        .filter(t::key.eq_any(keys))
        .select(PostingRow::as_select())
        .load(conn)
}

/// Digest of the body of each posting.
pub(crate) fn hashes(conn: &mut Conn, keys: &[String]) -> QueryResult<Vec<(String, String)>> {
    t::table.filter(t::key.eq_any(keys)).select((t::key, t::body_hash)).load(conn)
}

/// Key, state and what each posting waits for.
pub(crate) fn states(conn: &mut Conn, keys: &[String]) -> QueryResult<Vec<(String, String, String)>> {
    t::table
        .filter(t::key.eq_any(keys))
        .select((t::key, t::state, t::waits_for))
        .load(conn)
}

/// Of one state: the index then gives them in order, and however many wait, only those asked for are read.
pub(crate) fn due(conn: &mut Conn, kind: &str, state: &str, now: NaiveDateTime, limit: i64) -> QueryResult<Vec<PostingRow>> {
    t::table
        .filter(t::kind.eq(kind).and(t::state.eq(state)).and(t::due_at.le(now)))
        .order((t::due_at, t::created_at, t::key))
        .limit(limit)
        .select(PostingRow::as_select())
        .load(conn)
}

/// State of each posting.
pub(crate) fn state_of(conn: &mut Conn, keys: &[String]) -> QueryResult<Vec<(String, String)>> {
    t::table.filter(t::key.eq_any(keys)).select((t::key, t::state)).load(conn)
}

/// Postings of lines, the oldest of each first.
pub(crate) fn of_lines(conn: &mut Conn, kind: &str, lines: &[String]) -> QueryResult<Vec<PostingRow>> {
    t::table
        .filter(t::kind.eq(kind).and(t::line.eq_any(lines)))
        .order((t::line, t::created_at, t::key))
        .select(PostingRow::as_select())
        .load(conn)
}

/// Postings of a kind and month, in pages by key.
pub(crate) fn of_period(conn: &mut Conn, period: &str, kind: &str, after: &str, limit: i64) -> QueryResult<Vec<PostingRow>> {
    t::table
        .filter(t::period.eq(period).and(t::kind.eq(kind)).and(t::line.gt(after)))
        .order(t::line)
        .limit(limit)
        .select(PostingRow::as_select())
        .load(conn)
}

/// First and last day on which postings of a kind and month are posted.
pub(crate) fn days_of(conn: &mut Conn, period: &str, kind: &str) -> QueryResult<(Option<NaiveDate>, Option<NaiveDate>)> {
    t::table
        .filter(t::period.eq(period).and(t::kind.eq(kind)))
        .select((diesel::dsl::min(t::posting_date), diesel::dsl::max(t::posting_date)))
        .first(conn)
}

/// Postings that do not say yet what they are about.
pub(crate) fn unvalued(conn: &mut Conn, limit: i64) -> QueryResult<Vec<PostingRow>> {
    t::table
        .filter(t::period.eq(""))
        .order(t::key)
        .limit(limit)
        .select(PostingRow::as_select())
        .load(conn)
}

pub(crate) fn add_events(conn: &mut Conn, rows: &[NewPostingEvent]) -> QueryResult<usize> {
    let mut done = 0;
    in_arrays!(rows, |some| done +=
        diesel::insert_into(e::table).values(some).execute(conn)?);
    Ok(done)
}

/// Those of the postings that something happened to.
pub(crate) fn with_events(conn: &mut Conn, keys: &[String]) -> QueryResult<Vec<String>> {
    e::table
        .filter(e::posting_key.eq_any(keys))
        .select(e::posting_key)
        .distinct()
        .load(conn)
}

/// What happened to a posting, behind a sequence number.
pub(crate) fn events(conn: &mut Conn, key: &str, after: i64, limit: i64) -> QueryResult<Vec<PostingEventRow>> {
    e::table
        .filter(e::posting_key.eq(key).and(e::sequence.gt(after)))
        .order(e::sequence)
        .limit(limit)
        .select(PostingEventRow::as_select())
        .load(conn)
}

/// Writes postings that are there back, in one statement for many.
pub(crate) fn update(conn: &mut Conn, rows: &[PostingRow]) -> QueryResult<usize> {
    let mut done = 0;
    for chunk in rows.chunks(200) {
        // None is new: an insert that finds its key there is an update of many rows that both databases know.
        done += diesel::insert_into(t::table)
            .values(chunk)
            .on_conflict(t::key)
            .do_update()
            .set((
                (
                    t::kind.eq(excluded(t::kind)),
                    t::natural_key.eq(excluded(t::natural_key)),
                    t::body_hash.eq(excluded(t::body_hash)),
                    t::body.eq(excluded(t::body)),
                    t::state.eq(excluded(t::state)),
                    t::waits_for.eq(excluded(t::waits_for)),
                    t::attempts.eq(excluded(t::attempts)),
                    t::due_at.eq(excluded(t::due_at)),
                    t::vendor_id.eq(excluded(t::vendor_id)),
                    t::vendor_number.eq(excluded(t::vendor_number)),
                    t::reason.eq(excluded(t::reason)),
                    t::message.eq(excluded(t::message)),
                ),
                (
                    t::engagement_id.eq(excluded(t::engagement_id)),
                    t::correlation_id.eq(excluded(t::correlation_id)),
                    t::created_at.eq(excluded(t::created_at)),
                    t::updated_at.eq(excluded(t::updated_at)),
                    t::original_period.eq(excluded(t::original_period)),
                    t::line.eq(excluded(t::line)),
                    t::subject.eq(excluded(t::subject)),
                    t::period.eq(excluded(t::period)),
                    t::legal_entity_code.eq(excluded(t::legal_entity_code)),
                    t::posting_date.eq(excluded(t::posting_date)),
                    t::currency_code.eq(excluded(t::currency_code)),
                    t::minutes.eq(excluded(t::minutes)),
                    t::minor_units.eq(excluded(t::minor_units)),
                ),
            ))
            .execute(conn)?;
    }
    Ok(done)
}

/// Some postings that may have been sent without our knowing. What is in the books, or was taken out by people, is not among them.
pub(crate) fn doubtful(conn: &mut Conn, limit: i64) -> QueryResult<Vec<PostingRow>> {
    t::table
        .filter(t::state.eq_any(["INTENDED", "SENT", "REJECTED"]))
        .order(t::key)
        .limit(limit)
        .select(PostingRow::as_select())
        .load(conn)
}

pub(crate) fn release(conn: &mut Conn, waits_for: &str, now: NaiveDateTime) -> QueryResult<usize> {
    diesel::update(t::table.filter(t::waits_for.eq(waits_for).and(t::state.eq("INTENDED"))))
        .set((t::waits_for.eq(""), t::due_at.eq(now)))
        .execute(conn)
}

/// What is not in the books of each kind: kind, state, how many, and how many of them wait for something.
pub(crate) fn open_counts(conn: &mut Conn, kinds: &[&str]) -> QueryResult<Vec<(String, String, i64, i64)>> {
    t::table
        .filter(t::kind.eq_any(kinds))
        .filter(t::state.eq_any(["INTENDED", "SENT", "UNKNOWN", "REJECTED", "HELD"]))
        .group_by((t::kind, t::state))
        .select((
            t::kind,
            t::state,
            count_star(),
            sql::<BigInt>("COUNT(CASE WHEN waits_for <> '' THEN 1 END)"),
        ))
        .load(conn)
}

/// When postings became certain since a time, with their kind: among the last so many events.
pub(crate) fn certain_since(conn: &mut Conn, since: NaiveDateTime, last: i64) -> QueryResult<Vec<(String, NaiveDateTime)>> {
    let newest: Option<i64> = e::table.select(diesel::dsl::max(e::sequence)).first(conn)?;
    e::table
        .inner_join(t::table.on(t::key.eq(e::posting_key)))
        .filter(e::sequence.gt(newest.unwrap_or_default() - last))
        .filter(e::to_state.eq_any(["CONFIRMED", "RESOLVED"]).and(e::happened_at.ge(since)))
        .select((t::kind, e::happened_at))
        .load(conn)
}

pub(crate) fn summary(conn: &mut Conn) -> QueryResult<Vec<(String, String, i64)>> {
    t::table
        .group_by((t::kind, t::state))
        .order((t::kind, t::state))
        .select((t::kind, t::state, count_star()))
        .load(conn)
}
