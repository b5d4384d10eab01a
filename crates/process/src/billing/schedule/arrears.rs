//! Billing in arrears: each month's work on a day of the month after.

use chrono::{Datelike, Months, NaiveTime};
use strata_contract::strata::master::v1::{Contract, ListContractsRequest};
use strata_kernel::{Date, Error, Instant, Result, month_of, period_of};
use strata_rpc::error;
use strata_store::both;

use super::{InvoiceInput, Timing};
use crate::ProcessSettings;
use crate::core::Core;
use crate::engine::{self, NewRun, NewStep, kind};
use crate::store::{lite, pg};

/// Name of the cursor that remembers the last run.
const CURSOR: &str = "billing-schedule";
/// Most contracts on a page.
const PAGE: i32 = 1000;

/// Starts an invoice run per contract for every billing day that has come. What was billed before the platform
/// was there is not its business: the first look only remembers where it stands.
pub(crate) async fn schedule(core: &Core) -> Result<u64> {
    let now = core.now();
    let latest = latest_run(&core.settings, now);
    let held = core.db.read(|c| both!(c, cursors::get(CURSOR))).await?;
    let Some(last) = held.map(|held| held.parse::<Date>().map_err(Error::internal)).transpose()? else {
        core.db
            .write(move |c| both!(c, cursors::put(CURSOR, &latest.to_string())).map(|_| ()))
            .await?;
        return Ok(0);
    };
    if last >= latest {
        return Ok(0);
    }
    let run_date = last
        .checked_add_months(Months::new(1))
        .ok_or_else(|| Error::internal("the calendar ends"))?;
    let contracts = contracts(core).await?;
    let runs: Vec<NewRun> = contracts
        .iter()
        .map(|contract| run(contract, run_date))
        .collect::<Result<_>>()?;
    let count = runs.len() as u64;
    core.db
        .write(move |c| {
            runs.iter().try_for_each(|run| engine::insert(c, run, now).map(|_| ()))?;
            both!(c, cursors::put(CURSOR, &run_date.to_string())).map(|_| ())
        })
        .await?;
    // Even a month without contracts was work: there may be another month behind it.
    Ok(count + 1)
}

/// The last billing day whose hour has come.
fn latest_run(settings: &ProcessSettings, now: Instant) -> Date {
    let this_month = now.date_naive().with_day(settings.billing_day).unwrap_or(now.date_naive());
    let hour = NaiveTime::from_hms_opt(settings.billing_hour, 0, 0).unwrap_or_default();
    if this_month.and_time(hour).and_utc() <= now {
        return this_month;
    }
    this_month.checked_sub_months(Months::new(1)).unwrap_or(this_month)
}

async fn contracts(core: &Core) -> Result<Vec<Contract>> {
    let mut found = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListContractsRequest {
            page_size: PAGE,
            page_token,
        };
        let answer = core
            .clients
            .contracts
            .clone()
            .list_contracts(request)
            .await
            .map_err(error)?
            .into_inner();
        found.extend(answer.contracts);
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            return Ok(found);
        }
    }
}

fn run(contract: &Contract, run_date: Date) -> Result<NewRun> {
    let number = contract.terms.as_ref().map_or("", |terms| terms.contract_number.as_str());
    let month = run_date.checked_sub_months(Months::new(1)).unwrap_or(run_date);
    let month_end = month_of(month).1;
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
    fn a_run_is_due_when_its_hour_has_come() {
        let settings = ProcessSettings::default();
        let on = |text: &str| latest_run(&settings, text.parse().unwrap()).to_string();
        assert_eq!(on("2025-02-05T17:59:59Z"), "2025-01-05");
        assert_eq!(on("2025-02-05T18:00:00Z"), "2025-02-05");
        assert_eq!(on("2025-01-01T00:00:00Z"), "2024-12-05");
    }

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
