//! Transfer rates, every version of each.

use diesel::prelude::*;

use super::Conn;
use crate::store::rows::TransferRateRow;
use crate::store::schema::transfer_rate as t;

pub(crate) fn add(conn: &mut Conn, rows: &[TransferRateRow]) -> QueryResult<usize> {
    let mut done = 0;
    for chunk in rows.chunks(200) {
        done += diesel::insert_into(t::table).values(chunk).execute(conn)?;
    }
    Ok(done)
}

/// Every version of rates, oldest first.
pub(crate) fn versions(conn: &mut Conn, ids: &[String]) -> QueryResult<Vec<TransferRateRow>> {
    t::table
        .filter(t::id.eq_any(ids))
        .order((t::id, t::recorded_at))
        .select(TransferRateRow::as_select())
        .load(conn)
}

/// Every version of the rates at which companies deliver, oldest first.
pub(crate) fn of_deliverers(conn: &mut Conn, codes: &[String]) -> QueryResult<Vec<TransferRateRow>> {
    t::table
        .filter(t::delivering_entity_code.eq_any(codes))
        .order((t::id, t::recorded_at))
        .select(TransferRateRow::as_select())
        .load(conn)
}
