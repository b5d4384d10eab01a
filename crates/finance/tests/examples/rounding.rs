//! Cases of `rounding_and_allocation.json`.

use serde::Deserialize;
use serde_json::{Value, json};
use strata_finance::allocate::{allocate_by, residual_last, running_residual};
use strata_finance::quantum::{RoundingMode, WideDecimal};
use strata_kernel::{Currency, Decimal, Money, Result};

use crate::given::{Dec, Operation, count, currency_of, run};

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("allocate", |given| run(given, split_by_weights)),
    ("currency_exponent", |given| run(given, exponent)),
    ("residual_last", |given| run(given, |given| split(given, residual_last))),
    ("round_money", |given| run(given, round_money)),
    ("running_residual", |given| run(given, |given| split(given, running_residual))),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rounding {
    value: Value,
    quantum: Dec,
    mode: String,
}

fn round_money(given: Rounding) -> Result<Value> {
    // Beyond the digits of an amount: read as it is written.
    let text = given.value.as_str().map_or_else(|| given.value.to_string(), str::to_owned);
    let rounded = WideDecimal::parse(&text)?.round_to(given.quantum.0, RoundingMode::parse(&given.mode)?)?;
    Ok(json!({"result": rounded.to_string()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Weights {
    total_minor: i64,
    weights: Vec<Dec>,
}

fn split_by_weights(given: Weights) -> Result<Value> {
    let weights: Vec<Decimal> = given.weights.iter().map(|weight| weight.0).collect();
    Ok(json!({"parts_minor": allocate_by(given.total_minor, &weights)?}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EvenParts {
    total: Dec,
    parts: i64,
    #[serde(default)]
    currency: Option<String>,
}

fn split(given: EvenParts, rule: impl Fn(Money, u32) -> Result<Vec<Money>>) -> Result<Value> {
    let total = given.total.money_in(currency_of(given.currency.as_deref())?)?;
    let parts = rule(total, count("parts", given.parts)?)?;
    Ok(json!({"parts": parts.iter().map(Money::to_string).collect::<Vec<_>>()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Code {
    currency: String,
}

fn exponent(given: Code) -> Result<Value> {
    Ok(json!({"exponent": Currency::listed_exponent(&given.currency)?}))
}
