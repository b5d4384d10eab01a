//! Cases of `loss_contracts.json`.

use serde::Deserialize;
use serde_json::{Value, json};
use strata_finance::revenue::cost_to_cost::CostEstimate;
use strata_finance::revenue::loss::{LossPosition, loss_provision, loss_series};
use strata_finance::revenue::method::period_revenue;
use strata_finance::revenue::progress::Progress;
use strata_kernel::{Decimal, Result};

use crate::given::{Dec, Operation, currency_of, run};
use crate::progress::{CostSeries, amount_or_zero, cost_periods, optional, texts};

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("loss_recognition", |given| run(given, series)),
    ("loss_series", |given| run(given, series)),
    ("loss_provision", |given| run(given, provision)),
];

fn series(given: CostSeries) -> Result<Value> {
    let rows = loss_series(&cost_periods(given)?)?;
    let profit = texts(&rows, |row: &LossPosition| row.profit);
    Ok(json!({
        "provision": texts(&rows, |row| row.provision),
        "profit": profit,
        "gross_profit": profit,
        "cumulative_profit": texts(&rows, |row| row.cumulative_profit),
        "warnings": rows.iter().map(|row| row.warning).collect::<Vec<_>>(),
    }))
}

/// Progress is that of cost, unless hours or a share are given.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Provision {
    currency: Option<String>,
    transaction_price: Dec,
    cost_to_date: Option<Dec>,
    cost_total: Option<Dec>,
    hours_to_date: Option<Dec>,
    eac: Option<Dec>,
    progress: Option<Dec>,
    revenue_before: Option<Dec>,
}

fn provision(given: Provision) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let price = given.transaction_price.money_in(currency)?;
    let estimate = CostEstimate {
        to_date: amount_or_zero(given.cost_to_date, currency)?,
        at_completion: optional(given.cost_total, currency)?,
    };
    let progress = match (given.hours_to_date, given.progress) {
        (Some(hours), _) => Progress::input(hours.0, given.eac.map(|eac| eac.0))?,
        (None, Some(share)) => Progress::part_of(share.0, Decimal::ONE)?,
        (None, None) => estimate.progress()?,
    };
    let provision = loss_provision(price, estimate.expected()?, &progress)?;
    let revenue = period_revenue(progress.earned(price)?, amount_or_zero(given.revenue_before, currency)?)?;
    Ok(json!({
        "provision": provision.to_string(),
        "revenue_period": revenue.to_string(),
        "progress": progress.share()?,
        "warning": progress.warning(),
    }))
}
