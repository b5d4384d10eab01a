//! Cases of `transaction_price.json`.

use serde::Deserialize;
use serde_json::{Value, json};
use strata_finance::revenue::price::{
    Outcome, VolumePeriod, all_or_nothing, allocate_price, contract_variance, expected_value, most_likely, volume_rebate,
};
use strata_kernel::{Currency, Result};

use crate::given::{Dec, Operation, currency_of, run};
use crate::progress::{amount_or_zero, texts};

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("volume_rebate", |given| run(given, volume)),
    ("expected_value", |given| run(given, expected)),
    ("most_likely", |given| run(given, likely)),
    ("allocate_price", |given| run(given, allocation)),
    ("contract_variance", |given| run(given, variance)),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Volume {
    currency: Option<String>,
    price: Dec,
    price_after_threshold: Dec,
    quarters: Vec<Quarter>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Quarter {
    units: Dec,
    threshold_expected: bool,
}

fn volume(given: Volume) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let period = |quarter: &Quarter| VolumePeriod {
        units: quarter.units.0,
        threshold_expected: quarter.threshold_expected,
    };
    let periods: Vec<VolumePeriod> = given.quarters.iter().map(period).collect();
    let revenue = volume_rebate(given.price.0, given.price_after_threshold.0, &periods, currency)?;
    Ok(json!({"revenue": texts(&revenue, |amount| *amount)}))
}

/// Percent and amount.
type Row = (Dec, Dec);

fn outcomes(rows: &[Row], currency: Currency) -> Result<Vec<Outcome>> {
    let outcome = |(percent, amount): &Row| {
        Ok(Outcome {
            percent: percent.0,
            amount: amount.money_in(currency)?,
        })
    };
    rows.iter().map(outcome).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    currency: Option<String>,
    base: Option<Dec>,
    outcomes: Vec<Row>,
}

fn expected(given: Expected) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let bonus = expected_value(currency, &outcomes(&given.outcomes, currency)?)?;
    let price = amount_or_zero(given.base, currency)?.plus(bonus)?;
    Ok(json!({"expected_bonus": bonus.to_string(), "transaction_price": price.to_string()}))
}

/// A bonus with its probability, or outcomes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Likely {
    currency: Option<String>,
    base: Option<Dec>,
    #[serde(default)]
    outcomes: Vec<Row>,
    bonus: Option<Dec>,
    probability_percent: Option<Dec>,
    #[serde(default = "met")]
    constraint_met: bool,
}

fn met() -> bool {
    true
}

fn likely(given: Likely) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let outcomes = match (given.bonus, given.probability_percent) {
        (Some(bonus), Some(percent)) => all_or_nothing(bonus.money_in(currency)?, percent.0)?.to_vec(),
        _ => outcomes(&given.outcomes, currency)?,
    };
    let bonus = most_likely(&outcomes, given.constraint_met)?;
    let price = amount_or_zero(given.base, currency)?.plus(bonus)?;
    Ok(json!({"bonus": bonus.to_string(), "transaction_price": price.to_string()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Allocation {
    currency: Option<String>,
    transaction_price: Dec,
    standalone: Vec<Dec>,
}

fn allocation(given: Allocation) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let standalone = given
        .standalone
        .iter()
        .map(|price| price.money_in(currency))
        .collect::<Result<Vec<_>>>()?;
    let parts = allocate_price(given.transaction_price.money_in(currency)?, &standalone)?;
    Ok(json!({"allocation": texts(&parts, |part| *part)}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Variance {
    currency: Option<String>,
    allocated_total: Dec,
    billed_total: Dec,
}

fn variance(given: Variance) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let allocated = given.allocated_total.money_in(currency)?;
    let variance = contract_variance(allocated, given.billed_total.money_in(currency)?)?;
    Ok(json!({"variance": variance.to_string()}))
}
