//! Cases of `hours_to_amount.json`.

use serde::Deserialize;
use serde_json::{Value, json};
use strata_finance::hours::{
    LogPrice, OvertimePay, overtime_markup, overtime_multiplier, price_log, price_per_unit, seconds_amount, seconds_amount_sum,
};
use strata_kernel::Result;

use crate::given::{Dec, Operation, currency_of, run};

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("hours_amount", |given| run(given, amount)),
    ("hours_amount_sum", |given| run(given, amount_sum)),
    ("overtime_markup", |given| run(given, markup)),
    ("overtime_multiplier", |given| run(given, multiplier)),
    ("price_time", |given| run(given, log)),
    ("unit_rate", |given| run(given, unit)),
];

/// Decimals of an amount when a case names none.
fn two() -> u32 {
    2
}

fn one() -> Dec {
    Dec(1.into())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seconds<S> {
    seconds: S,
    rate: Dec,
    #[serde(default)]
    hours_places: Option<u32>,
    #[serde(default = "two")]
    amount_places: u32,
}

fn amount(given: Seconds<i64>) -> Result<Value> {
    let amount = seconds_amount(given.rate.0, given.seconds, given.hours_places, given.amount_places)?;
    Ok(json!({"amount": amount.to_string()}))
}

fn amount_sum(given: Seconds<Vec<i64>>) -> Result<Value> {
    let (seconds, total) = seconds_amount_sum(given.rate.0, &given.seconds, given.hours_places, given.amount_places)?;
    Ok(json!({"total_seconds": seconds, "total": total.to_string()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Overtime {
    base_rate: Dec,
    regular_hours: Dec,
    overtime_hours: Dec,
    markup_percent: Dec,
    #[serde(default)]
    currency: Option<String>,
}

fn markup(given: Overtime) -> Result<Value> {
    let pay = OvertimePay {
        base_rate: given.base_rate.0,
        regular_hours: given.regular_hours.0,
        overtime_hours: given.overtime_hours.0,
        markup_percent: given.markup_percent.0,
    };
    let price = overtime_markup(pay, currency_of(given.currency.as_deref())?)?;
    Ok(json!({
        "regular_amount": price.regular.to_string(),
        "overtime_rate": price.overtime_rate.to_string(),
        "overtime_amount": price.overtime.to_string(),
        "total": price.total.to_string(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Multiplier {
    rate: Dec,
    seconds: i64,
    multiplier: Dec,
    #[serde(default = "two")]
    amount_places: u32,
}

fn multiplier(given: Multiplier) -> Result<Value> {
    let amount = |multiplier| overtime_multiplier(given.rate.0, given.seconds, multiplier, given.amount_places);
    Ok(json!({"base_amount": amount(1.into())?.to_string(), "amount": amount(given.multiplier.0)?.to_string()}))
}

/// A log may carry amounts of its own, under any name. They are not read: the rule has no place for them.
#[derive(Deserialize)]
struct Log {
    minutes: i64,
    rate: Dec,
    cost_rate: Dec,
    billable: bool,
    #[serde(default = "one")]
    exchange_rate: Dec,
    #[serde(default)]
    currency: Option<String>,
    #[serde(default)]
    base_currency: Option<String>,
}

fn log(given: Log) -> Result<Value> {
    let amounts = price_log(&LogPrice {
        minutes: given.minutes,
        rate: given.rate.0,
        cost_rate: given.cost_rate.0,
        billable: given.billable,
        currency: currency_of(given.currency.as_deref())?,
        base_currency: currency_of(given.base_currency.as_deref().or(given.currency.as_deref()))?,
        exchange_rate: given.exchange_rate.0,
    })?;
    Ok(json!({
        "billing_amount": amounts.billing.to_string(),
        "costing_amount": amounts.costing.to_string(),
        "base_billing_amount": amounts.base_billing.to_string(),
        "base_costing_amount": amounts.base_costing.to_string(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unit {
    price: Dec,
    unit_hours: Dec,
    minutes: i64,
    #[serde(default)]
    currency: Option<String>,
}

fn unit(given: Unit) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let price = price_per_unit(given.price.0, given.unit_hours.0, given.minutes, currency)?;
    Ok(json!({"hourly_rate": price.hourly_rate.to_string(), "amount": price.amount.to_string()}))
}
