//! The equation of the books: lines, cells, the months they are of, and what people did about lines.

use chrono::NaiveDateTime;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Timestamp};
use strata_store::in_arrays;

use super::Conn;
use crate::reconciliation::{CellFilter, LineFilter};
use crate::store::rows_books::{BalanceRow, LineRow, RepairRow};
use crate::store::schema_books::{balance as b, balance_line as l, balance_month as m, balance_touch as t, line_repair as r};

/// Something happened in months. Nobody waits for others who touch the same.
pub(crate) fn touch(conn: &mut Conn, periods: &[&str]) -> QueryResult<usize> {
    let mut done = 0;
    let rows: Vec<_> = periods.iter().map(|period| t::period.eq((*period).to_owned())).collect();
    in_arrays!(rows, |some| done +=
        diesel::insert_into(t::table).values(some).execute(conn)?);
    Ok(done)
}

/// The first month that something happened in since it was compared, and that was not compared since a time.
pub(crate) fn due(conn: &mut Conn, before: NaiveDateTime) -> QueryResult<Option<String>> {
    let touched = || t::table.select(t::period);
    let known: Option<String> = m::table
        .filter(m::as_of.is_null().or(m::as_of.le(before)))
        .filter(
            m::as_of
                .is_null()
                .or(m::touches.gt(m::compared))
                .or(m::period.eq_any(touched())),
        )
        .order(m::period)
        .select(m::period)
        .first(conn)
        .optional()?;
    let new: Option<String> = touched()
        .filter(t::period.ne_all(m::table.select(m::period)))
        .order(t::period)
        .first(conn)
        .optional()?;
    Ok(known.into_iter().chain(new).min())
}

/// How often something happened in a month, as far as it can be seen now: what is stored later touches the month again.
pub(crate) fn touches(conn: &mut Conn, period: &str) -> QueryResult<i64> {
    let taken = diesel::delete(t::table.filter(t::period.eq(period))).execute(conn)?;
    let taken = i64::try_from(taken).unwrap_or(i64::MAX);
    diesel::insert_into(m::table)
        .values((m::period.eq(period), m::touches.eq(taken), m::compared.eq(0)))
        .on_conflict(m::period)
        .do_update()
        .set(m::touches.eq(m::touches + taken))
        .execute(conn)?;
    m::table.find(period).select(m::touches).first(conn)
}

/// A month was compared, up to something that happened in it.
pub(crate) fn reconciled(conn: &mut Conn, period: &str, touches: i64, at: NaiveDateTime) -> QueryResult<usize> {
    diesel::insert_into(m::table)
        .values((
            m::period.eq(period),
            m::touches.eq(touches),
            m::compared.eq(touches),
            m::as_of.eq(at),
        ))
        .on_conflict(m::period)
        .do_update()
        .set((m::compared.eq(touches), m::as_of.eq(at)))
        .execute(conn)
}

pub(crate) fn put_lines(conn: &mut Conn, rows: &[LineRow]) -> QueryResult<()> {
    for row in rows {
        diesel::insert_into(l::table)
            .values(row)
            .on_conflict((l::period, l::kind, l::line, l::currency_code))
            .do_update()
            .set(row)
            .execute(conn)?;
    }
    Ok(())
}

pub(crate) fn lines_of(conn: &mut Conn, period: &str, kind: &str, lines: &[String]) -> QueryResult<Vec<LineRow>> {
    l::table
        .filter(l::period.eq(period).and(l::kind.eq(kind)))
        .filter(l::line.eq_any(lines))
        .select(LineRow::as_select())
        .load(conn)
}

pub(crate) fn line(conn: &mut Conn, key: (&str, &str, &str, &str)) -> QueryResult<Option<LineRow>> {
    let (period, kind, line, currency) = key;
    l::table
        .find((period, kind, line, currency))
        .select(LineRow::as_select())
        .first(conn)
        .optional()
}

/// Lines of a month that the last comparison did not see any more.
pub(crate) fn stale(conn: &mut Conn, period: &str, scan: i64, limit: i64) -> QueryResult<Vec<LineRow>> {
    l::table
        .filter(l::period.eq(period).and(l::scan.lt(scan)))
        .order((l::kind, l::line, l::currency_code))
        .limit(limit)
        .select(LineRow::as_select())
        .load(conn)
}

pub(crate) fn remove_line(conn: &mut Conn, row: &LineRow) -> QueryResult<usize> {
    let key = (&row.period, &row.kind, &row.line, &row.currency_code);
    diesel::delete(l::table.find(key)).execute(conn)
}

/// Lines behind the kind, key and currency of the page before.
pub(crate) fn list_lines(
    conn: &mut Conn,
    asked: &LineFilter,
    after: Option<&(String, String, String)>,
    limit: i64,
) -> QueryResult<Vec<LineRow>> {
    let mut query = l::table.filter(l::period.eq(&asked.period)).into_boxed();
    if !asked.kind.is_empty() {
        query = query.filter(l::kind.eq(&asked.kind));
    }
    if !asked.subject.is_empty() {
        query = query.filter(l::subject.eq(&asked.subject));
    }
    if !asked.state.is_empty() {
        query = query.filter(l::state.eq(&asked.state));
    }
    if !asked.legal_entity_code.is_empty() {
        query = query.filter(
            l::legal_entity_code
                .eq(&asked.legal_entity_code)
                .or(l::legal_entity_code.eq("")),
        );
    }
    if let Some((kind, line, currency)) = after {
        let behind = l::kind.gt(kind).or(l::kind.eq(kind).and(l::line.gt(line)));
        query = query.filter(behind.or(l::kind.eq(kind).and(l::line.eq(line)).and(l::currency_code.gt(currency))));
    }
    query
        .order((l::kind, l::line, l::currency_code))
        .limit(limit)
        .select(LineRow::as_select())
        .load(conn)
}

type Key = (String, String, String);
type First = (i64, i64, i64, i64, i64, i64, i64);
type Second = (i64, i64, i64, i64, i64, i64);
type Counts = (i64, i64, i64, Option<NaiveDateTime>);

/// Adds up the lines of a month by kind, subject and currency.
pub(crate) fn sums(conn: &mut Conn, period: &str, as_of: NaiveDateTime) -> QueryResult<Vec<BalanceRow>> {
    let sum = |column: &str| sql::<BigInt>(&format!("CAST(COALESCE(SUM({column}), 0) AS BIGINT)"));
    let count = |state: &str| sql::<BigInt>(&format!("COUNT(CASE WHEN state = '{state}' THEN 1 END)"));
    let rows: Vec<(Key, First, Second, Counts)> = l::table
        .filter(l::period.eq(period))
        .group_by((l::kind, l::subject, l::currency_code))
        .order((l::kind, l::subject, l::currency_code))
        .select((
            (l::kind, l::subject, l::currency_code),
            (
                sum("psa_minutes"),
                sum("approved_minutes"),
                sum("approved_minor"),
                sum("posted_minutes"),
                sum("posted_minor"),
                sum("erp_minutes"),
                sum("erp_minor"),
            ),
            (
                sum("in_flight_minutes"),
                sum("in_flight_minor"),
                sum("excepted_minutes"),
                sum("excepted_minor"),
                sum("unexplained_minutes"),
                sum("unexplained_minor"),
            ),
            (
                sql::<BigInt>("COUNT(*)"),
                count("DIFFERS"),
                count("ACCEPTED"),
                sql::<Nullable<Timestamp>>("MIN(in_flight_since)"),
            ),
        ))
        .load(conn)?;
    let row = |(key, first, second, counts): (Key, First, Second, Counts)| BalanceRow {
        period: period.to_owned(),
        kind: key.0,
        subject: key.1,
        currency_code: key.2,
        psa_minutes: first.0,
        approved_minutes: first.1,
        approved_minor: first.2,
        posted_minutes: first.3,
        posted_minor: first.4,
        erp_minutes: first.5,
        erp_minor: first.6,
        in_flight_minutes: second.0,
        in_flight_minor: second.1,
        excepted_minutes: second.2,
        excepted_minor: second.3,
        unexplained_minutes: second.4,
        unexplained_minor: second.5,
        line_count: counts.0,
        differing: counts.1,
        accepted: counts.2,
        in_flight_since: counts.3,
        as_of,
    };
    Ok(rows.into_iter().map(row).collect())
}

/// The cells of a month become these.
pub(crate) fn replace(conn: &mut Conn, period: &str, rows: &[BalanceRow]) -> QueryResult<()> {
    diesel::delete(b::table.filter(b::period.eq(period))).execute(conn)?;
    for chunk in rows.chunks(500) {
        diesel::insert_into(b::table).values(chunk).execute(conn)?;
    }
    Ok(())
}

/// Cells behind the key of the page before: month, kind, subject, currency.
pub(crate) fn list(conn: &mut Conn, asked: &CellFilter, after: Option<&[String; 4]>, limit: i64) -> QueryResult<Vec<BalanceRow>> {
    let mut query = b::table
        .filter(b::period.ge(&asked.from).and(b::period.le(&asked.to)))
        .into_boxed();
    if !asked.kind.is_empty() {
        query = query.filter(b::kind.eq(&asked.kind));
    }
    if !asked.subject.is_empty() {
        query = query.filter(b::subject.eq(&asked.subject));
    }
    if asked.differing {
        query = query.filter(b::differing.gt(0));
    }
    if let Some([period, kind, subject, currency]) = after {
        let same_period = b::period.eq(period);
        let same_kind = same_period.and(b::kind.eq(kind));
        let same_subject = same_kind.and(b::subject.eq(subject));
        query = query.filter(
            b::period
                .gt(period)
                .or(same_period.and(b::kind.gt(kind)))
                .or(same_kind.and(b::subject.gt(subject)))
                .or(same_subject.and(b::currency_code.gt(currency))),
        );
    }
    query
        .order((b::period, b::kind, b::subject, b::currency_code))
        .limit(limit)
        .select(BalanceRow::as_select())
        .load(conn)
}

/// Kind, subject, currency and cause of excepted lines, and how many there are.
pub(crate) type Cause = (String, String, String, String, i64);

/// Counts the excepted lines of a month and some subjects.
pub(crate) fn causes(conn: &mut Conn, period: &str, subjects: &[String]) -> QueryResult<Vec<Cause>> {
    l::table
        .filter(l::period.eq(period).and(l::cause.ne("")))
        .filter(l::subject.eq_any(subjects))
        .group_by((l::kind, l::subject, l::currency_code, l::cause))
        .order((l::kind, l::subject, l::currency_code, l::cause))
        .select((l::kind, l::subject, l::currency_code, l::cause, diesel::dsl::count_star()))
        .load(conn)
}

/// Lines of a month that are in flight, excepted, excepted without an owner, differing and accepted, and since when the oldest is in
/// flight.
pub(crate) type Progress = (i64, i64, i64, i64, i64, Option<NaiveDateTime>);

/// Counts the lines of a month and legal entity; lines of nobody count for everybody. Empty: all legal entities.
pub(crate) fn progress(conn: &mut Conn, period: &str, legal_entity: &str) -> QueryResult<Progress> {
    let count = |condition: &str| sql::<BigInt>(&format!("COUNT(CASE WHEN {condition} THEN 1 END)"));
    let mut query = l::table
        .filter(l::period.eq(period))
        .select((
            count("in_flight_since IS NOT NULL"),
            count("state = 'EXCEPTED'"),
            count("state = 'EXCEPTED' AND exception_id = '' AND cause NOT IN ('SKIPPED', 'WITHDRAWN')"),
            count("state = 'DIFFERS' AND difference <> 'OVERDUE'"),
            count("state = 'ACCEPTED'"),
            sql::<Nullable<Timestamp>>("MIN(in_flight_since)"),
        ))
        .into_boxed();
    if !legal_entity.is_empty() {
        query = query.filter(
            l::legal_entity_code
                .eq(legal_entity.to_owned())
                .or(l::legal_entity_code.eq("")),
        );
    }
    query.first(conn)
}

/// How often something happened in a month, up to which of that it was compared, and when.
pub(crate) fn month(conn: &mut Conn, period: &str) -> QueryResult<Option<(i64, i64, Option<NaiveDateTime>)>> {
    let held: Option<(i64, i64, Option<NaiveDateTime>)> = m::table
        .find(period)
        .select((m::touches, m::compared, m::as_of))
        .first(conn)
        .optional()?;
    let since: i64 = t::table.filter(t::period.eq(period)).count().get_result(conn)?;
    Ok(held.map(|(touches, compared, as_of)| (touches + since, compared, as_of)))
}

/// A month is to be compared in the next pass, however short ago it was.
pub(crate) fn at_once(conn: &mut Conn, period: &str) -> QueryResult<usize> {
    touch(conn, &[period])?;
    touches(conn, period)?;
    diesel::update(m::table.find(period))
        .set(m::as_of.eq(None::<NaiveDateTime>))
        .execute(conn)
}

pub(crate) fn add_repair(conn: &mut Conn, row: &RepairRow) -> QueryResult<usize> {
    diesel::insert_into(r::table).values(row).execute(conn)
}

pub(crate) fn repair(conn: &mut Conn, request_id: &str) -> QueryResult<Option<RepairRow>> {
    r::table
        .find(request_id)
        .select(RepairRow::as_select())
        .first(conn)
        .optional()
}

/// Who accepted differences of a month, by subject.
pub(crate) fn accepted_by(conn: &mut Conn, period: &str) -> QueryResult<Vec<String>> {
    r::table
        .filter(r::period.eq(period).and(r::repair.eq("ACCEPT")))
        .select(r::subject)
        .distinct()
        .load(conn)
}

/// Line, currency and digest of what people accepted, of some lines.
pub(crate) fn accepted(
    conn: &mut Conn,
    period: &str,
    kind: &str,
    lines: &[String],
) -> QueryResult<Vec<(String, String, String)>> {
    r::table
        .filter(r::period.eq(period).and(r::kind.eq(kind)))
        .filter(r::line.eq_any(lines).and(r::repair.eq("ACCEPT")))
        .select((r::line, r::currency_code, r::digest))
        .load::<(String, String, String)>(conn)
}
