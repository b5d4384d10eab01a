//! Cases of `contract_balances.json`.

use serde::Deserialize;
use serde_json::{Value, json};
use strata_finance::revenue::balances::{
    Balances, EventKind, LineToDate, Right, accrual_imbalance, balance_steps, balances, positions,
};
use strata_finance::revenue::price::bundle_price;
use strata_kernel::{Date, Result};

use crate::given::{Dec, Operation, currency_of, run};
use crate::progress::amount_or_zero;

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("contract_balance_steps", |given| run(given, steps)),
    ("contract_asset", |given| run(given, asset)),
    ("sum_price", |given| run(given, bundle)),
    ("contract_net", |given| run(given, net)),
    ("accrual_imbalance", |given| run(given, imbalance)),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Steps {
    currency: Option<String>,
    #[serde(default)]
    cancellable: bool,
    events: Vec<Event>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    #[serde(rename = "date")]
    _date: Option<Date>,
    event: String,
    amount: Dec,
}

fn state(row: &Balances) -> Value {
    json!({
        "receivable": row.receivable.to_string(),
        "contract_asset": row.contract_asset.to_string(),
        "contract_liability": row.contract_liability.to_string(),
        "revenue": row.revenue.to_string(),
    })
}

fn steps(given: Steps) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let event = |event: &Event| Ok((event.event.parse::<EventKind>()?, event.amount.money_in(currency)?));
    let events = given.events.iter().map(event).collect::<Result<Vec<_>>>()?;
    let rows = balance_steps(currency, given.cancellable, &events)?;
    Ok(json!({"states": rows.iter().map(state).collect::<Vec<_>>()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asset {
    currency: Option<String>,
    allocated: Dec,
    unconditional_now: Dec,
    paid: Option<Dec>,
}

fn asset(given: Asset) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let (revenue, right) = (
        given.allocated.money_in(currency)?,
        given.unconditional_now.money_in(currency)?,
    );
    Ok(state(&balances(revenue, right, amount_or_zero(given.paid, currency)?)?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bundle {
    currency: Option<String>,
    upfront: Option<Dec>,
    monthly: Option<Dec>,
    #[serde(default)]
    months: u32,
}

fn bundle(given: Bundle) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let (upfront, monthly) = (
        amount_or_zero(given.upfront, currency)?,
        amount_or_zero(given.monthly, currency)?,
    );
    let price = bundle_price(upfront, monthly, given.months)?;
    Ok(json!({"transaction_price": price.to_string()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Net {
    currency: Option<String>,
    contracts: Vec<Contract>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Contract {
    id: String,
    revenue: Dec,
    billed: Dec,
}

fn net(given: Net) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let line = |contract: &Contract| {
        Ok(LineToDate {
            revenue: contract.revenue.money_in(currency)?,
            billed: contract.billed.money_in(currency)?,
            right: Right::Conditional,
        })
    };
    let lines = given.contracts.iter().map(line).collect::<Result<Vec<_>>>()?;
    let lines = given.contracts.iter().map(|contract| contract.id.as_str()).zip(lines);
    let (_, total) = positions(currency, lines)?;
    Ok(json!({
        "contract_asset": total.contract_asset.to_string(),
        "contract_liability": total.contract_liability.to_string(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Imbalance {
    currency: Option<String>,
    accrued: Dec,
    reversed: Dec,
}

fn imbalance(given: Imbalance) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let left = accrual_imbalance(given.accrued.money_in(currency)?, given.reversed.money_in(currency)?)?;
    Ok(json!({"imbalance": left.to_string()}))
}
