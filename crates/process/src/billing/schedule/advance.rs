//! Billing in advance: the fees of a retainer, from the day its sale is found whole.

use chrono::NaiveTime;
use strata_contract::strata::common::v1::{ContractTerms, ContractType};
use strata_contract::strata::master::v1::Contract;
use strata_contract::{require_date, require_money};
use strata_finance::retainer::fees_due;
use strata_kernel::{Date, Error, Instant, Result, month_of, period_of};

use super::{InvoiceInput, Timing};
use crate::ProcessSettings;
use crate::engine::{NewRun, NewStep, kind};

/// Day of the month on which fees are billed.
pub(crate) const INVOICE_DAY: u32 = 1;

/// The invoice runs of a retainer's fees, each due on its day. None for other contracts.
///
/// A sale that is found whole after its first day is billed for the days behind it at once.
pub(crate) fn advance_runs(settings: &ProcessSettings, contract: &Contract) -> Result<Vec<NewRun>> {
    let Some(terms) = &contract.terms else { return Ok(Vec::new()) };
    let start = || require_date(terms.start_date.as_ref(), "start_date");
    let days = match terms.r#type() {
        ContractType::RetainerMonthly => fee_days(start()?, terms)?,
        ContractType::RetainerPrepaid => vec![start()?],
        _ => Vec::new(),
    };
    let number = &terms.contract_number;
    days.into_iter().map(|day| run(settings, contract, number, day)).collect()
}

/// Days on which the fees of a monthly retainer are billed: the first of each month, and the start of the contract.
fn fee_days(start: Date, terms: &ContractTerms) -> Result<Vec<Date>> {
    let last = require_date(terms.end_date.as_ref(), "end_date")?;
    let after = last.succ_opt().ok_or_else(|| Error::internal("the calendar ends"))?;
    let fee = require_money(terms.monthly_fee.as_ref(), "monthly_fee")?;
    let due = fees_due(fee, start, after, INVOICE_DAY)?;
    Ok(due.into_iter().map(|fee| fee.issue_on).collect())
}

fn run(settings: &ProcessSettings, contract: &Contract, number: &str, day: Date) -> Result<NewRun> {
    let month_end = month_of(day).1;
    let input = InvoiceInput {
        contract_id: contract.id.clone(),
        run_date: day,
        month_end,
        timing: Timing::Advance,
    };
    Ok(NewRun {
        kind: kind::INVOICE,
        subject: format!("{number}:{}:advance", period_of(month_end)),
        ordering_key: format!("advance:{number}"),
        engagement_id: contract.engagement_id.clone(),
        input: serde_json::to_string(&input).map_err(Error::internal)?,
        steps: vec![NewStep::new("compute").not_before(billing_hour(settings, day))],
    })
}

/// By then the day's exchange rates are known.
fn billing_hour(settings: &ProcessSettings, day: Date) -> Instant {
    let hour = NaiveTime::from_hms_opt(settings.billing_hour, 0, 0).unwrap_or_default();
    day.and_time(hour).and_utc()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_contract::pb_date;
    use strata_contract::strata::common::v1::Money;

    use super::*;

    fn contract(kind: ContractType) -> Contract {
        let day = |text: &str| Some(pb_date(text.parse().unwrap()));
        let terms = ContractTerms {
            contract_number: "CT-1".into(),
            r#type: kind.into(),
            start_date: day("2025-01-15"),
            end_date: day("2025-03-01"),
            monthly_fee: Some(Money {
                currency_code: "EUR".into(),
                minor_units: 100_000,
            }),
            ..ContractTerms::default()
        };
        Contract {
            terms: Some(terms),
            ..Contract::default()
        }
    }

    #[test]
    fn a_retainer_has_a_run_for_each_fee() {
        let due = |kind| -> Vec<String> {
            let runs = advance_runs(&ProcessSettings::default(), &contract(kind)).unwrap();
            runs.iter()
                .map(|run| format!("{} {}", run.subject, run.steps[0].not_before.unwrap().date_naive()))
                .collect()
        };
        let monthly = [
            "CT-1:2025-01:advance 2025-01-15",
            "CT-1:2025-02:advance 2025-02-01",
            "CT-1:2025-03:advance 2025-03-01",
        ];
        assert_eq!(due(ContractType::RetainerMonthly), monthly);
        assert_eq!(due(ContractType::RetainerPrepaid), [monthly[0]]);
        assert!(due(ContractType::Time).is_empty());
    }
}
