//! What is known of fixed fees: accepted milestones, and estimates of the work in all.

use std::collections::{BTreeMap, BTreeSet};

use strata_kernel::{Date, Money, Result};
use strata_store::both;

use super::agreement::{Agreement, Measure};
use crate::core::Core;
use crate::store::rows::EstimateRow;
use crate::store::{lite, pg};

/// Milestones accepted until a day, each with its amount. The day of acceptance counts, whenever the platform learned of it.
pub(super) async fn accepted(core: &Core, agreement: &Agreement, until: Date) -> Result<Vec<(String, Money)>> {
    if agreement.measure != Measure::Milestone {
        return Ok(Vec::new());
    }
    let contract = agreement.pricing.contract_id.clone();
    let codes = core
        .db
        .read(move |c| both!(c, milestones::accepted(&contract, until)))
        .await?;
    let prices = &agreement.pricing.milestones;
    // One without a price is not part of the contract.
    Ok(codes
        .into_iter()
        .filter_map(|code| Some((code.clone(), *prices.get(&code)?)))
        .collect())
}

/// Minutes that the projects of a contract take in all, by the newest estimate of each that was made until a day. None: one of
/// those that were worked on was not estimated by then.
pub(super) async fn estimated_minutes(
    core: &Core,
    agreement: &Agreement,
    worked: &BTreeSet<String>,
    known_on: Date,
) -> Result<Option<i64>> {
    if agreement.measure != Measure::HoursInput {
        return Ok(None);
    }
    let contract = agreement.pricing.contract_id.clone();
    let rows = core
        .db
        .read(move |c| both!(c, estimates::of_contract(&contract, known_on)))
        .await?;
    Ok(in_all(&rows, worked))
}

/// Sum of the newest estimates. `rows` come oldest first.
fn in_all(rows: &[EstimateRow], worked: &BTreeSet<String>) -> Option<i64> {
    let newest: BTreeMap<&str, i64> = rows.iter().map(|row| (row.project_id.as_str(), row.minutes)).collect();
    let known = !newest.is_empty() && worked.iter().all(|project| newest.contains_key(project.as_str()));
    known.then(|| newest.values().sum())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn estimate(project: &str, version: i32, minutes: i64) -> EstimateRow {
        EstimateRow {
            project_id: project.into(),
            version,
            project_code: String::new(),
            contract_id: String::new(),
            engagement_id: String::new(),
            recorded_on: "2025-01-31".parse().unwrap(),
            minutes,
            known_at: "2025-01-31T10:00:00".parse().unwrap(),
        }
    }

    #[test]
    fn the_newest_of_each_project_counts_and_all_that_were_worked_on_need_one() {
        let rows = [estimate("a", 1, 600), estimate("b", 1, 300), estimate("a", 2, 900)];
        let worked = |projects: &[&str]| projects.iter().map(|project| (*project).to_owned()).collect();
        assert_eq!(in_all(&rows, &worked(&["a"])), Some(1200));
        assert_eq!(in_all(&rows, &worked(&["a", "c"])), None);
        assert_eq!(in_all(&[], &worked(&[])), None);
    }
}
