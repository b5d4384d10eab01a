//! Sums over time, revenue and documents.

use diesel::dsl::{min, sql};
use diesel::expression::BoxableExpression;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use diesel::upsert::excluded;

use super::Conn;
use crate::positions::{After, CellFilter, Measure, Sums};
use crate::store::rows_positions::PositionCell;
use crate::store::schema_positions::{position_cell as c, position_line as l, position_state as s};

type Backend = <Conn as diesel::Connection>::Backend;
type Condition = Box<dyn BoxableExpression<c::table, Backend, SqlType = Bool>>;

/// Adds to sums. Those that are not there begin at nothing.
pub(crate) fn add(conn: &mut Conn, rows: &[PositionCell]) -> QueryResult<usize> {
    let mut done = 0;
    for chunk in rows.chunks(200) {
        done += diesel::insert_into(c::table)
            .values(chunk)
            .on_conflict((
                c::generation,
                c::level,
                c::contract_number,
                c::project_code,
                c::period,
                c::currency_code,
            ))
            .do_update()
            .set((
                c::unbilled_entries.eq(c::unbilled_entries + excluded(c::unbilled_entries)),
                c::unbilled_minutes.eq(c::unbilled_minutes + excluded(c::unbilled_minutes)),
                c::unbilled_minor.eq(c::unbilled_minor + excluded(c::unbilled_minor)),
                c::value_minor.eq(c::value_minor + excluded(c::value_minor)),
                c::earned_minor.eq(c::earned_minor + excluded(c::earned_minor)),
                c::billed_minor.eq(c::billed_minor + excluded(c::billed_minor)),
                c::wip_minor.eq(c::wip_minor + excluded(c::wip_minor)),
                c::cost_minutes.eq(c::cost_minutes + excluded(c::cost_minutes)),
                c::cost_minor.eq(c::cost_minor + excluded(c::cost_minor)),
            ))
            .execute(conn)?;
    }
    Ok(done)
}

/// Sums of contracts in months, on a level.
pub(crate) fn of_months(
    conn: &mut Conn,
    (generation, level): (i64, &str),
    contracts: &[String],
    periods: &[String],
) -> QueryResult<Vec<PositionCell>> {
    c::table
        .filter(c::generation.eq(generation).and(c::level.eq(level)))
        .filter(c::contract_number.eq_any(contracts).and(c::period.eq_any(periods)))
        .order((c::contract_number, c::project_code, c::period, c::currency_code))
        .select(PositionCell::as_select())
        .load(conn)
}

/// Contract, month, currency and revenue of the sums of a level that have some.
pub(crate) fn earning(
    conn: &mut Conn,
    (generation, level): (i64, &str),
    contracts: &[String],
    periods: &[String],
) -> QueryResult<Vec<(String, String, String, i64)>> {
    c::table
        .filter(
            c::generation
                .eq(generation)
                .and(c::level.eq(level))
                .and(c::earned_minor.ne(0)),
        )
        .filter(c::contract_number.eq_any(contracts).and(c::period.eq_any(periods)))
        .select((c::contract_number, c::period, c::currency_code, c::earned_minor))
        .load(conn)
}

/// Every sum of contracts.
pub(crate) fn of_contracts(conn: &mut Conn, generation: i64, contracts: &[String]) -> QueryResult<Vec<PositionCell>> {
    c::table
        .filter(c::generation.eq(generation).and(c::contract_number.eq_any(contracts)))
        .select(PositionCell::as_select())
        .load(conn)
}

/// Numbers of contracts behind one that have a line or a sum. Internal work has an empty one.
pub(crate) fn contracts(conn: &mut Conn, generation: i64, after: Option<&str>, limit: i64) -> QueryResult<Vec<String>> {
    let mut lines = l::table.filter(l::generation.eq(generation)).into_boxed();
    let mut cells = c::table.filter(c::generation.eq(generation)).into_boxed();
    if let Some(after) = after {
        lines = lines.filter(l::contract_number.gt(after));
        cells = cells.filter(c::contract_number.gt(after));
    }
    let lines = lines.select(l::contract_number).distinct().order(l::contract_number);
    let cells = cells.select(c::contract_number).distinct().order(c::contract_number);
    let mut found: Vec<String> = lines.limit(limit).load(conn)?;
    found.extend(cells.limit(limit).load::<String>(conn)?);
    found.sort();
    found.dedup();
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found)
}

/// What lines add up to: entries, minutes and amount unbilled, value, earned, billed, minutes and amount of cost.
pub(crate) type LineSums = (LineKey, (i64, i64, i64, i64, i64, i64, i64, i64));

/// Kind, contract, project, month, currency and currency of the cost.
pub(crate) type LineKey = (String, String, String, String, String, String);

/// What the lines of contracts add up to.
pub(crate) fn summed_lines(conn: &mut Conn, generation: i64, contracts: &[String]) -> QueryResult<Vec<LineSums>> {
    let key = (
        l::kind,
        l::contract_number,
        l::project_code,
        l::period,
        l::currency_code,
        l::cost_currency_code,
    );
    l::table
        .filter(l::generation.eq(generation).and(l::contract_number.eq_any(contracts)))
        .group_by(key)
        .select((
            key,
            (
                sum("unbilled_entries"),
                sum("unbilled_minutes"),
                sum("unbilled_minor"),
                sum("value_minor"),
                sum("earned_minor"),
                sum("billed_minor"),
                sum("cost_minutes"),
                sum("cost_minor"),
            ),
        ))
        .load(conn)
}

fn sum(column: &str) -> diesel::expression::SqlLiteral<BigInt> {
    sql::<BigInt>(&format!("CAST(COALESCE(SUM({column}), 0) AS BIGINT)"))
}

/// The oldest generation that has lines or sums.
pub(crate) fn oldest(conn: &mut Conn) -> QueryResult<Option<i64>> {
    let lines: Option<i64> = l::table.select(min(l::generation)).first(conn)?;
    let cells: Option<i64> = c::table.select(min(c::generation)).first(conn)?;
    Ok(lines.into_iter().chain(cells).min())
}

/// Takes some sums of generations before one away. Returns how many.
pub(crate) fn forget_before(conn: &mut Conn, generation: i64, limit: i64) -> QueryResult<usize> {
    let first: Option<i64> = c::table.select(min(c::generation)).first(conn)?;
    let Some(old) = first.filter(|old| *old < generation) else {
        return Ok(0);
    };
    let some: Vec<(String, String)> = c::table
        .filter(c::generation.eq(old))
        .order((c::level, c::contract_number))
        .limit(limit)
        .select((c::level, c::contract_number))
        .load(conn)?;
    let Some((level, _)) = some.first() else { return Ok(0) };
    let until = some
        .iter()
        .rev()
        .find(|(other, _)| other == level)
        .map(|(_, number)| number.as_str());
    let until = until.unwrap_or_default();
    diesel::delete(
        c::table.filter(
            c::generation
                .eq(old)
                .and(c::level.eq(level))
                .and(c::contract_number.le(until)),
        ),
    )
    .execute(conn)
}

/// The amount that a list is ordered by.
fn amount(measure: Measure) -> Box<dyn BoxableExpression<c::table, Backend, SqlType = BigInt>> {
    match measure {
        Measure::Unbilled => Box::new(c::unbilled_minor),
        Measure::Wip => Box::new(c::wip_minor),
        Measure::Margin => Box::new(c::earned_minor),
    }
}

/// What a filter lets through and is not nothing. The generation is asked for in the same statement: another one may take its place
/// between two.
fn matching(measure: Measure, asked: &CellFilter) -> Condition {
    let shown = s::table.select(s::generation).single_value();
    let of_level = c::level.eq(asked.level.clone()).and(c::period.eq(asked.period.clone()));
    let mut all: Condition = Box::new(c::generation.nullable().eq(shown).assume_not_null().and(of_level));
    all = match measure {
        Measure::Unbilled => Box::new(all.and(c::unbilled_entries.ne(0))),
        Measure::Wip => Box::new(all.and(c::earned_minor.ne(0).or(c::billed_minor.ne(0)))),
        Measure::Margin => Box::new(all.and(c::earned_minor.ne(0).or(c::cost_minutes.ne(0)).or(c::cost_minor.ne(0)))),
    };
    if !asked.contract_number.is_empty() {
        all = Box::new(all.and(c::contract_number.eq(asked.contract_number.clone())));
    }
    if !asked.project_code.is_empty() {
        all = Box::new(all.and(c::project_code.eq(asked.project_code.clone())));
    }
    if !asked.legal_entity_code.is_empty() {
        all = Box::new(all.and(c::legal_entity_code.eq(asked.legal_entity_code.clone())));
    }
    if !asked.customer_id.is_empty() {
        all = Box::new(all.and(c::customer_id.eq(asked.customer_id.clone())));
    }
    if !asked.currency_code.is_empty() {
        all = Box::new(all.and(c::currency_code.eq(asked.currency_code.clone())));
    }
    all
}

/// Sums behind the place of the page before: by currency, then by amount.
pub(crate) fn list(
    conn: &mut Conn,
    measure: Measure,
    asked: &CellFilter,
    after: Option<&After>,
    limit: i64,
) -> QueryResult<Vec<PositionCell>> {
    let mut query = c::table.filter(matching(measure, asked)).into_boxed();
    if let Some(after) = after {
        let same = c::currency_code.eq(&after.currency_code);
        let tie = amount(measure).eq(after.minor_units).and(
            c::contract_number.gt(&after.contract_number).or(c::contract_number
                .eq(&after.contract_number)
                .and(c::project_code.gt(&after.project_code))),
        );
        query = query.filter(c::currency_code.ge(&after.currency_code));
        query = if asked.smallest_first {
            let behind = same.and(amount(measure).gt(after.minor_units).or(tie));
            query.filter(c::currency_code.gt(&after.currency_code).or(behind))
        } else {
            let behind = same.and(amount(measure).lt(after.minor_units).or(tie));
            query.filter(c::currency_code.gt(&after.currency_code).or(behind))
        };
    }
    query = query.order(c::currency_code);
    query = if asked.smallest_first {
        query.then_order_by(amount(measure).asc())
    } else {
        query.then_order_by(amount(measure).desc())
    };
    query
        .then_order_by((c::contract_number, c::project_code))
        .limit(limit)
        .select(PositionCell::as_select())
        .load(conn)
}

/// Entries, minutes and amount unbilled, earned, billed, earned more than billed, less than billed, minutes and amount of cost.
type Totals = (i64, i64, i64, i64, i64, i64, i64, i64, i64);

/// Everything that a filter lets through, by currency. Only what the measure shows is added up: its index has all of it.
pub(crate) fn totals(conn: &mut Conn, measure: Measure, asked: &CellFilter) -> QueryResult<Vec<(String, Sums)>> {
    let of = |measures: &[Measure], column: &str| sum(if measures.contains(&measure) { column } else { "0" });
    let (unbilled, wip, margin) = (&[Measure::Unbilled][..], &[Measure::Wip][..], &[Measure::Margin][..]);
    let rows: Vec<(String, Totals)> = c::table
        .filter(matching(measure, asked))
        .group_by(c::currency_code)
        .order(c::currency_code)
        .select((
            c::currency_code,
            (
                of(unbilled, "unbilled_entries"),
                of(unbilled, "unbilled_minutes"),
                of(unbilled, "unbilled_minor"),
                of(&[Measure::Wip, Measure::Margin], "earned_minor"),
                of(wip, "billed_minor"),
                of(wip, "CASE WHEN wip_minor > 0 THEN wip_minor ELSE 0 END"),
                of(wip, "CASE WHEN wip_minor < 0 THEN wip_minor ELSE 0 END"),
                of(margin, "cost_minutes"),
                of(margin, "cost_minor"),
            ),
        ))
        .load(conn)?;
    let sums = |row: Totals| Sums {
        unbilled_entries: row.0,
        unbilled_minutes: row.1,
        unbilled_minor: row.2,
        earned_minor: row.3,
        billed_minor: row.4,
        earned_not_billed: row.5,
        billed_not_earned: row.6.saturating_neg(),
        cost_minutes: row.7,
        cost_minor: row.8,
    };
    Ok(rows.into_iter().map(|(currency, row)| (currency, sums(row))).collect())
}
