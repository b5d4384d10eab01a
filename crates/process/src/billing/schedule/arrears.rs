//! Billing in arrears: each month's work on a day of the month after.

use strata_contract::strata::master::v1::Contract;
use strata_kernel::{Date, Error, Result, period_of};

use super::{InvoiceInput, Timing};
use crate::core::Core;
use crate::engine::{NewRun, NewStep, kind};
use crate::{masters, monthly};

/// Name of the cursor that remembers the last run.
const CURSOR: &str = "billing-schedule";

/// Starts an invoice run per contract for the next billing day that has come.
pub(crate) async fn schedule(core: &Core) -> Result<u64> {
    let Some(run_date) = monthly::due(core, CURSOR, core.settings.billing_day).await? else {
        return Ok(0);
    };
    let contracts = masters::contracts(core).await?;
    let runs: Vec<NewRun> = contracts
        .iter()
        .map(|contract| run(contract, run_date))
        .collect::<Result<_>>()?;
    monthly::worked(core, CURSOR, run_date, runs).await
}

fn run(contract: &Contract, run_date: Date) -> Result<NewRun> {
    let number = contract.terms.as_ref().map_or("", |terms| terms.contract_number.as_str());
    let month_end = monthly::month_before(run_date);
    let input = InvoiceInput {
        contract_id: contract.id.clone(),
        run_date,
        month_end,
        timing: Timing::Arrears,
    };
    Ok(NewRun {
        kind: kind::INVOICE,
        subject: format!("{number}:{}", period_of(month_end)),
        ordering_key: format!("invoice:{number}"),
        engagement_id: contract.engagement_id.clone(),
        input: serde_json::to_string(&input).map_err(Error::internal)?,
        steps: vec![NewStep::new("compute")],
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_run_bills_the_month_before() {
        let new = run(&Contract::default(), "2025-03-05".parse().unwrap()).unwrap();
        let input: InvoiceInput = serde_json::from_str(&new.input).unwrap();
        assert_eq!(
            (input.month_end.to_string(), new.subject),
            ("2025-02-28".to_owned(), ":2025-02".to_owned())
        );
    }
}
