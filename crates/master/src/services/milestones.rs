//! Milestones and what they are part of. One that is recorded before its contract or its amendment waits for it.

use std::collections::{BTreeMap, HashMap, HashSet};

use strata_contract::strata::common::v1 as common;
use strata_contract::strata::master::v1 as pb;
use strata_contract::strata::master::v1::MilestoneStanding as Standing;
use strata_kernel::{Error, Result};
use strata_store::{Conn, both};

use crate::convert::{contract, milestone_row, stored};
use crate::store::rows::MilestoneRow;
use crate::store::{lite, pg};

/// Records milestones, and says how many are new. A milestone is immutable: a repeat is welcome, another content under the
/// same code is refused, and so is an amount that its contract is not in.
pub(super) fn put(conn: &mut Conn<'_>, new: &[common::Milestone]) -> Result<u32> {
    let rows = new
        .iter()
        .enumerate()
        .map(|(i, m)| milestone_row(m, &format!("milestones[{i}]")))
        .collect::<Result<Vec<_>>>()?;
    let created = both!(conn, milestones::add(&rows))?;
    let codes: Vec<String> = rows.iter().map(|row| row.code.clone()).collect();
    let held = both!(conn, milestones::get(&codes, &[]))?;
    let digests: HashMap<&str, &str> = held.iter().map(|row| (row.code.as_str(), row.digest.as_str())).collect();
    for (i, row) in rows.iter().enumerate() {
        let held = digests.get(row.code.as_str()).copied().unwrap_or_default();
        if held != row.digest {
            let text = format!(
                "milestone {} is recorded with another content; milestones are never changed, record a new one",
                row.code
            );
            return Err(Error::conflict(held, &row.digest, text).at(format!("milestones[{i}]")));
        }
    }
    for known in with_standing(conn, held)? {
        if known.standing() == Standing::ForeignCurrency {
            let code = known.milestone.map(|m| m.code).unwrap_or_default();
            let i = rows.iter().position(|row| row.code == code).unwrap_or_default();
            let text = format!("milestone {code} is not in the currency of its contract; record it in that currency");
            return Err(Error::invalid(format!("milestones[{i}].amount"), text));
        }
    }
    Ok(u32::try_from(created).unwrap_or(u32::MAX))
}

/// Milestones by code, and those of contracts.
pub(super) fn get(conn: &mut Conn<'_>, codes: &[String], contract_numbers: &[String]) -> Result<Vec<pb::ContractMilestone>> {
    let held = both!(conn, milestones::get(codes, contract_numbers))?;
    with_standing(conn, held)
}

/// Milestones that count, by contract number.
pub(super) fn in_force(conn: &mut Conn<'_>, contract_numbers: &[String]) -> Result<HashMap<String, Vec<common::Milestone>>> {
    let mut found: HashMap<String, Vec<common::Milestone>> = HashMap::new();
    for held in get(conn, &[], contract_numbers)? {
        if held.standing() == Standing::InForce
            && let Some(milestone) = held.milestone
        {
            found.entry(milestone.contract_number.clone()).or_default().push(milestone);
        }
    }
    Ok(found)
}

fn with_standing(conn: &mut Conn<'_>, rows: Vec<MilestoneRow>) -> Result<Vec<pb::ContractMilestone>> {
    let distinct = |of: fn(&MilestoneRow) -> &String| -> Vec<String> {
        let set: HashSet<String> = rows
            .iter()
            .map(|row| of(row).clone())
            .filter(|text| !text.is_empty())
            .collect();
        set.into_iter().collect()
    };
    let (numbers, changes) = (distinct(|row| &row.contract_number), distinct(|row| &row.amendment_number));
    let contracts = both!(conn, milestones::contracts(&numbers))?.into_iter().map(contract);
    let contracts: BTreeMap<String, pb::Contract> = contracts
        .map(|held| held.map(|held| (number(&held), held)))
        .collect::<Result<_>>()?;
    let signed: HashSet<(String, String)> = both!(conn, milestones::amendments(&changes))?.into_iter().collect();
    rows.into_iter()
        .map(|row| {
            let milestone: common::Milestone = stored(&row.body)?;
            let of = contracts.get(&row.contract_number);
            let standing = match of {
                None => Standing::AwaitsContract,
                Some(held) if !is_in_currency_of(&milestone, held) => Standing::ForeignCurrency,
                Some(_) if row.amendment_number.is_empty() => Standing::InForce,
                Some(_) if signed.contains(&(row.amendment_number, row.contract_number)) => Standing::InForce,
                Some(_) => Standing::AwaitsAmendment,
            };
            Ok(pb::ContractMilestone {
                milestone: Some(milestone),
                standing: standing.into(),
                contract_id: of.map(|held| held.id.clone()).unwrap_or_default(),
                engagement_id: of.map(|held| held.engagement_id.clone()).unwrap_or_default(),
            })
        })
        .collect()
}

fn number(held: &pb::Contract) -> String {
    held.terms
        .as_ref()
        .map(|terms| terms.contract_number.clone())
        .unwrap_or_default()
}

fn is_in_currency_of(milestone: &common::Milestone, held: &pb::Contract) -> bool {
    let said = milestone.amount.as_ref().map(|amount| &amount.currency_code);
    said.is_some() && said == held.terms.as_ref().map(|terms| &terms.currency_code)
}
