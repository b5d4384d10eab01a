//! Milestones.

use diesel::prelude::*;

use super::Conn;
use crate::store::rows::{ContractRow, MilestoneRow};
use crate::store::schema::{amendment, contract, milestone};

pub(crate) fn add(conn: &mut Conn, rows: &[MilestoneRow]) -> QueryResult<usize> {
    diesel::insert_into(milestone::table)
        .values(rows)
        .on_conflict(milestone::code)
        .do_nothing()
        .execute(conn)
}

/// Those of the codes, and those of the contracts.
pub(crate) fn get(conn: &mut Conn, codes: &[String], contract_numbers: &[String]) -> QueryResult<Vec<MilestoneRow>> {
    milestone::table
        .filter(
            milestone::code
                .eq_any(codes)
                .or(milestone::contract_number.eq_any(contract_numbers)),
        )
        .order((milestone::contract_number, milestone::sequence, milestone::code))
        .select(MilestoneRow::as_select())
        .load(conn)
}

pub(crate) fn contracts(conn: &mut Conn, numbers: &[String]) -> QueryResult<Vec<ContractRow>> {
    contract::table
        .filter(contract::number.eq_any(numbers))
        .select(ContractRow::as_select())
        .load(conn)
}

/// Amendments that are signed, each with the contract it changes.
pub(crate) fn amendments(conn: &mut Conn, numbers: &[String]) -> QueryResult<Vec<(String, String)>> {
    amendment::table
        .filter(amendment::number.eq_any(numbers))
        .select((amendment::number, amendment::contract_number))
        .load(conn)
}
