//! When revenue is recognised: each month's on a day of the month after.

use serde::{Deserialize, Serialize};
use strata_contract::strata::master::v1::Contract;
use strata_kernel::{Date, Error, Result, period_of};

use crate::core::Core;
use crate::engine::{NewRun, NewStep, kind};
use crate::{masters, monthly};

/// Name of the cursor that remembers the last closing day.
const CURSOR: &str = "revenue-schedule";

/// Input of a revenue run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct RevenueInput {
    pub(super) contract_id: String,
    /// Closing day: what is known.
    pub(super) known_on: Date,
    /// Last day of the month that is closed.
    pub(super) month_end: Date,
}

/// Starts a revenue run per contract for the next closing day that has come. Before its first day a contract earns nothing: what
/// was done before is earned with its first month.
pub(crate) async fn schedule(core: &Core) -> Result<u64> {
    let Some(known_on) = monthly::due(core, CURSOR, core.settings.close_day).await? else {
        return Ok(0);
    };
    let contracts = masters::contracts(core).await?;
    let begun = contracts
        .iter()
        .filter(|contract| has_begun(contract, monthly::month_before(known_on)));
    let runs: Vec<NewRun> = begun.map(|contract| run(contract, known_on)).collect::<Result<_>>()?;
    monthly::worked(core, CURSOR, known_on, runs).await
}

/// A contract that does not say when it begins has.
fn has_begun(contract: &Contract, by: Date) -> bool {
    let start = contract.terms.as_ref().and_then(|terms| terms.start_date.as_ref());
    let start = start.and_then(|start| strata_contract::date(start).ok());
    start.is_none_or(|start| start <= by)
}

fn run(contract: &Contract, known_on: Date) -> Result<NewRun> {
    let number = contract.terms.as_ref().map_or("", |terms| terms.contract_number.as_str());
    let month_end = monthly::month_before(known_on);
    let input = RevenueInput {
        contract_id: contract.id.clone(),
        known_on,
        month_end,
    };
    Ok(NewRun {
        kind: kind::REVENUE,
        subject: format!("{number}:{}", period_of(month_end)),
        ordering_key: format!("revenue:{number}"),
        engagement_id: contract.engagement_id.clone(),
        input: serde_json::to_string(&input).map_err(Error::internal)?,
        steps: vec![NewStep::new("compute")],
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_contract::strata::common::v1::ContractTerms;

    use super::*;

    #[test]
    fn a_contract_begins_within_a_month_that_it_touches() {
        let contract = |start: &str| Contract {
            terms: Some(ContractTerms {
                start_date: Some(strata_contract::pb_date(start.parse().unwrap())),
                ..ContractTerms::default()
            }),
            ..Contract::default()
        };
        let january = "2025-01-31".parse().unwrap();
        assert!(has_begun(&contract("2025-01-31"), january));
        assert!(!has_begun(&contract("2025-02-01"), january));
        assert!(has_begun(&Contract::default(), january));
    }

    #[test]
    fn a_run_closes_the_month_before() {
        let new = run(&Contract::default(), "2026-01-08".parse().unwrap()).unwrap();
        let input: RevenueInput = serde_json::from_str(&new.input).unwrap();
        assert_eq!(
            (input.month_end.to_string(), new.subject),
            ("2025-12-31".to_owned(), ":2025-12".to_owned())
        );
    }
}
