//! Revenue is recognised by contract. Its projects share it, month by month: by the value of the work of the month, by its minutes when
//! none of it has a value, and the lead project has what nobody worked for.

use std::collections::{BTreeMap, BTreeSet};

use strata_finance::allocate::allocate;
use strata_kernel::Result;
use strata_store::{Conn, both};

use super::{level, plus};
use crate::store::rows_positions::PositionCell;
use crate::store::{lite, pg};

/// Contracts in one question.
const CHUNK: usize = 200;

/// By how much the share of a project changed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) contract_number: String,
    pub(super) project_code: String,
    pub(super) period: String,
    pub(super) currency_code: String,
    pub(super) difference: i64,
}

/// A contract and a month.
type Month = (String, String);

/// What has to be added to the shares of projects in contracts and months, in the caller's transaction.
pub(super) fn changed(conn: &mut Conn<'_>, generation: i64, months: &BTreeSet<Month>) -> Result<Vec<Share>> {
    let contracts: BTreeSet<&String> = months.iter().map(|(contract, _)| contract).collect();
    let contracts: Vec<String> = contracts.into_iter().cloned().collect();
    let mut found = Vec::new();
    for contracts in contracts.chunks(CHUNK) {
        let periods = months.iter().filter(|(contract, _)| contracts.contains(contract));
        let periods: BTreeSet<String> = periods.map(|(_, period)| period.clone()).collect();
        let periods: Vec<String> = periods.into_iter().collect();
        let earned = earned(conn, generation, (contracts, &periods))?;
        let earned: BTreeMap<Month, BTreeMap<String, i64>> =
            earned.into_iter().filter(|(month, _)| months.contains(month)).collect();
        if earned.is_empty() {
            continue;
        }
        let numbers: BTreeSet<String> = earned.keys().map(|(contract, _)| contract.clone()).collect();
        let numbers: Vec<String> = numbers.into_iter().collect();
        let mut projects: BTreeMap<Month, Vec<PositionCell>> = BTreeMap::new();
        for cell in both!(
            conn,
            position_cells::of_months((generation, level::PROJECT), &numbers, &periods)
        )? {
            let month = (cell.contract_number.clone(), cell.period.clone());
            projects.entry(month).or_default().push(cell);
        }
        let leads: BTreeMap<String, String> = both!(conn, positions::leads(&numbers))?.into_iter().collect();
        for (month, earned) in &earned {
            let cells = projects.get(month).map(Vec::as_slice).unwrap_or_default();
            let lead = leads.get(&month.0).map(String::as_str).unwrap_or_default();
            found.extend(of_month(month, earned, cells, lead)?);
        }
    }
    Ok(found)
}

/// Revenue of contracts by month and currency, with nothing where it was taken back and projects still have shares of it.
fn earned(
    conn: &mut Conn<'_>,
    generation: i64,
    (contracts, periods): (&[String], &[String]),
) -> Result<BTreeMap<Month, BTreeMap<String, i64>>> {
    let mut found: BTreeMap<Month, BTreeMap<String, i64>> = BTreeMap::new();
    for (contract, period, currency, _) in both!(
        conn,
        position_cells::earning((generation, level::PROJECT), contracts, periods)
    )? {
        found.entry((contract, period)).or_default().insert(currency, 0);
    }
    for (contract, period, currency, minor) in both!(
        conn,
        position_cells::earning((generation, level::CONTRACT), contracts, periods)
    )? {
        found.entry((contract, period)).or_default().insert(currency, minor);
    }
    Ok(found)
}

/// Differences of one contract and month. `cells`: the sums of its projects.
fn of_month(
    (contract, period): &Month,
    earned: &BTreeMap<String, i64>,
    cells: &[PositionCell],
    lead: &str,
) -> Result<Vec<Share>> {
    let mut found = Vec::new();
    for (currency, amount) in earned {
        let shares = shares(*amount, currency, cells, lead)?;
        let held = cells.iter().filter(|cell| cell.currency_code == *currency);
        let held: BTreeMap<&str, i64> = held.map(|cell| (cell.project_code.as_str(), cell.earned_minor)).collect();
        let projects: BTreeSet<&str> = shares.keys().copied().chain(held.keys().copied()).collect();
        for project in projects {
            let (now, before) = (shares.get(project).unwrap_or(&0), held.get(project).unwrap_or(&0));
            let difference = plus(*now, -before)?;
            if difference != 0 {
                found.push(Share {
                    contract_number: contract.clone(),
                    project_code: project.to_owned(),
                    period: period.clone(),
                    currency_code: currency.clone(),
                    difference,
                });
            }
        }
    }
    Ok(found)
}

/// What each project has of an amount of its contract.
pub(super) fn shares<'a>(
    amount: i64,
    currency: &str,
    cells: &'a [PositionCell],
    lead: &'a str,
) -> Result<BTreeMap<&'a str, i64>> {
    let (mut values, mut minutes): (BTreeMap<&str, i64>, BTreeMap<&str, i64>) = Default::default();
    for cell in cells {
        if cell.currency_code == currency {
            let held = values.entry(&cell.project_code).or_default();
            *held = plus(*held, cell.value_minor)?;
        }
        let held = minutes.entry(&cell.project_code).or_default();
        *held = plus(*held, cell.cost_minutes)?;
    }
    // Work that was taken back leaves a month below zero: it has no share.
    for weights in [&mut values, &mut minutes] {
        weights.retain(|_, weight| *weight > 0);
    }
    let weights = if values.is_empty() { minutes } else { values };
    if weights.is_empty() {
        return Ok(BTreeMap::from([(lead, amount)]));
    }
    let parts = allocate(amount, &weights.values().copied().collect::<Vec<_>>())?;
    Ok(weights.into_keys().zip(parts).collect())
}
