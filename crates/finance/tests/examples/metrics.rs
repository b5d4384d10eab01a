//! Cases of `metrics.json`.

use serde::Deserialize;
use serde_json::{Value, json};
use strata_finance::metrics::{
    BacklogContract, ContractState, Fraction, PercentBilled, PersonTime, backlog, margin, percent_billed, rate_per_hour,
    utilization,
};
use strata_kernel::{Decimal, Result};

use crate::given::{Dec, Operation, currency_of, run};

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("backlog", |given| run(given, signed_and_not_earned)),
    ("divide_money", |given| run(given, divide)),
    ("margin", |given| run(given, of_revenue)),
    ("percent_billed", |given| run(given, billed)),
    ("ratio", |given| run(given, ratio)),
    ("utilization", |given| run(given, of_people)),
];

fn text(value: Option<Decimal>) -> Option<String> {
    value.map(|value| value.to_string())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    numerator: Dec,
    denominator: Dec,
}

fn ratio(given: Parts) -> Result<Value> {
    Ok(json!({"percent": text(Fraction::new(given.numerator.0, given.denominator.0).percent()?)}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct People {
    people: Vec<Person>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Person {
    active: bool,
    capacity: Dec,
    hours: Dec,
}

fn of_people(given: People) -> Result<Value> {
    let time = |person: &Person| PersonTime {
        active: person.active,
        capacity: person.capacity.0,
        worked: person.hours.0,
    };
    let share = utilization(&given.people.iter().map(time).collect::<Vec<_>>())?;
    Ok(json!({"hours": share.numerator.to_string(), "utilization": text(share.share()?)}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Earned {
    revenue: Dec,
    cost: Dec,
    #[serde(default)]
    currency: Option<String>,
}

fn of_revenue(given: Earned) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let margin = margin(given.revenue.money_in(currency)?, given.cost.money_in(currency)?)?;
    Ok(json!({"margin": margin.amount.to_string(), "percent": text(margin.of_revenue.percent()?)}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Contracts {
    contracts: Vec<Contract>,
    #[serde(default)]
    currency: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Contract {
    transaction_price: Dec,
    revenue_to_date: Dec,
    state: String,
    #[serde(default)]
    cap: Option<Dec>,
    #[serde(default)]
    fund: Option<Dec>,
}

fn signed_and_not_earned(given: Contracts) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let contract = |contract: &Contract| {
        let limit = |limit: Option<Dec>| limit.map(|limit| limit.money_in(currency)).transpose();
        Ok(BacklogContract {
            state: ContractState::parse(&contract.state)?,
            transaction_price: contract.transaction_price.money_in(currency)?,
            revenue_to_date: contract.revenue_to_date.money_in(currency)?,
            cap: limit(contract.cap)?,
            fund: limit(contract.fund)?,
        })
    };
    let contracts = given.contracts.iter().map(contract).collect::<Result<Vec<_>>>()?;
    let backlog = backlog(&contracts, currency)?;
    Ok(json!({"backlog": backlog.total.to_string(), "funded_backlog": backlog.funded.to_string()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Work {
    billable_amount: Dec,
    billed_amount: Dec,
    #[serde(default = "none")]
    billable_hours: Dec,
    #[serde(default = "none")]
    billed_hours: Dec,
}

fn none() -> Dec {
    Dec(Decimal::ZERO)
}

fn billed(given: Work) -> Result<Value> {
    let share = percent_billed(PercentBilled {
        billable_amount: given.billable_amount.money()?,
        billed_amount: given.billed_amount.money()?,
        billable_hours: given.billable_hours.0,
        billed_hours: given.billed_hours.0,
    })?;
    Ok(json!({"percent": text(share.percent()?)}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PerHour {
    amount: Dec,
    hours: Dec,
    #[serde(default)]
    currency: Option<String>,
}

fn divide(given: PerHour) -> Result<Value> {
    let amount = given.amount.money_in(currency_of(given.currency.as_deref())?)?;
    Ok(json!({"rate": text(rate_per_hour(amount, given.hours.0)?)}))
}
