//! Reference data.

use diesel::prelude::*;

use super::Conn;
use crate::store::rows::{CostCenterRow, ExchangeRateRow, LegalEntityRow, ReceiptLimitRow};
use crate::store::schema::{cost_center, exchange_rate, legal_entity, receipt_limit};

pub(crate) fn replace(
    conn: &mut Conn,
    entities: &[LegalEntityRow],
    centers: &[CostCenterRow],
    limits: &[ReceiptLimitRow],
) -> QueryResult<()> {
    diesel::delete(legal_entity::table).execute(conn)?;
    diesel::delete(cost_center::table).execute(conn)?;
    diesel::delete(receipt_limit::table).execute(conn)?;
    diesel::insert_into(legal_entity::table).values(entities).execute(conn)?;
    for chunk in centers.chunks(500) {
        diesel::insert_into(cost_center::table).values(chunk).execute(conn)?;
    }
    diesel::insert_into(receipt_limit::table).values(limits).execute(conn)?;
    Ok(())
}

pub(crate) fn legal_entities(conn: &mut Conn) -> QueryResult<Vec<LegalEntityRow>> {
    legal_entity::table
        .order(legal_entity::code)
        .select(LegalEntityRow::as_select())
        .load(conn)
}

pub(crate) fn cost_centers(conn: &mut Conn) -> QueryResult<Vec<CostCenterRow>> {
    cost_center::table
        .order(cost_center::code)
        .select(CostCenterRow::as_select())
        .load(conn)
}

pub(crate) fn receipt_limits(conn: &mut Conn) -> QueryResult<Vec<ReceiptLimitRow>> {
    receipt_limit::table
        .order(receipt_limit::currency_code)
        .select(ReceiptLimitRow::as_select())
        .load(conn)
}

pub(crate) fn add_rates(conn: &mut Conn, rows: &[ExchangeRateRow]) -> QueryResult<usize> {
    diesel::insert_into(exchange_rate::table)
        .values(rows)
        .on_conflict((exchange_rate::from_currency, exchange_rate::to_currency, exchange_rate::date))
        .do_nothing()
        .execute(conn)
}

pub(crate) fn newest_rate(conn: &mut Conn, from: &str, to: &str, on: chrono::NaiveDate) -> QueryResult<Option<ExchangeRateRow>> {
    exchange_rate::table
        .filter(
            exchange_rate::from_currency
                .eq(from)
                .and(exchange_rate::to_currency.eq(to))
                .and(exchange_rate::date.le(on)),
        )
        .order(exchange_rate::date.desc())
        .select(ExchangeRateRow::as_select())
        .first(conn)
        .optional()
}
