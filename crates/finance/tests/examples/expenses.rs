//! Cases of `expenses.json`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use strata_finance::amount::sum;
use strata_finance::expense::{
    DailyAllowance, ExpenseSwitches, ExpenseTax, MileageTier, TaxRecovery, billable_price, check_receipt, cost_with_tax, mileage,
    per_diem_by_day, per_diem_by_meal, sales_price, settle,
};
use strata_finance::fx::convert;
use strata_kernel::{Decimal, Money, Result};

use crate::fixed_fee::{In, zero};
use crate::given::{Dec, Operation, run};

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("per_diem", |given| run(given, per_diem)),
    ("per_diem_count", |given| run(given, per_diem_count)),
    ("mileage", |given| run(given, mileage_parts)),
    ("expense_price", |given| run(given, expense_price)),
    ("expense_simple", |given| run(given, expense_simple)),
    ("expense_policy", |given| run(given, expense_policy)),
    ("expense_fx", |given| run(given, expense_fx)),
];

/// What a policy says that says nothing of travel days.
fn all_of_it() -> Dec {
    Dec(Decimal::ONE_HUNDRED)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ByMeal {
    days: u32,
    lodging: Dec,
    meals: Dec,
    incidentals: Dec,
    reduction: BTreeMap<String, Dec>,
    provided: BTreeMap<String, u32>,
    #[serde(default = "all_of_it")]
    travel_day_percent: Dec,
    #[serde(default)]
    currency: In,
}

fn per_diem(given: ByMeal) -> Result<Value> {
    let unit = given.currency;
    let allowance = DailyAllowance {
        lodging: unit.money(given.lodging)?,
        meals: unit.money(given.meals)?,
        incidentals: unit.money(given.incidentals)?,
        travel_day_percent: given.travel_day_percent.0,
    };
    let reduction = given.reduction.into_iter().map(|(meal, percent)| (meal, percent.0)).collect();
    let trip = per_diem_by_meal(allowance, given.days, &reduction, &given.provided)?;
    Ok(json!({
        "gross": trip.gross.to_string(),
        "meal_reduction": trip.meal_reduction.to_string(),
        "payable": trip.payable.to_string(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ByCount {
    days: u32,
    lodging: Dec,
    meals: Dec,
    incidentals: Dec,
    reduction_by_count: BTreeMap<u32, Dec>,
    meals_per_day: Vec<u32>,
    #[serde(default = "all_of_it")]
    travel_day_percent: Dec,
    #[serde(default)]
    currency: In,
}

fn per_diem_count(given: ByCount) -> Result<Value> {
    let unit = given.currency;
    let allowance = DailyAllowance {
        lodging: unit.money(given.lodging)?,
        meals: unit.money(given.meals)?,
        incidentals: unit.money(given.incidentals)?,
        travel_day_percent: given.travel_day_percent.0,
    };
    let reductions = given
        .reduction_by_count
        .into_iter()
        .map(|(count, percent)| (count, percent.0))
        .collect();
    let by_day = per_diem_by_day(allowance, given.days, &reductions, &given.meals_per_day)?;
    let left: Vec<String> = by_day.meals_and_incidentals.iter().map(Money::to_string).collect();
    Ok(json!({
        "gross": by_day.trip.gross.to_string(),
        "meal_reduction": by_day.trip.meal_reduction.to_string(),
        "meals_and_incidentals": left,
        "payable": by_day.trip.payable.to_string(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mileage {
    distance: Dec,
    #[serde(default = "zero")]
    distance_before: Dec,
    tiers: Vec<Tier>,
    #[serde(default)]
    currency: In,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tier {
    up_to: Option<Dec>,
    rate: Dec,
}

fn mileage_parts(given: Mileage) -> Result<Value> {
    let read = |tier: &Tier| MileageTier {
        up_to: tier.up_to.map(|limit| limit.0),
        rate: tier.rate.0,
    };
    let tiers: Vec<MileageTier> = given.tiers.iter().map(read).collect();
    let parts = mileage(given.distance.0, given.distance_before.0, &tiers, given.currency.0)?;
    let amount = sum(parts.iter().copied(), given.currency.0)?;
    let parts: Vec<String> = parts.iter().map(Money::to_string).collect();
    Ok(json!({"parts": parts, "amount": amount.to_string()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Price {
    amount: Dec,
    #[serde(default = "zero")]
    markup_percent: Dec,
    #[serde(default = "zero")]
    tax_percent: Dec,
    #[serde(default)]
    apply_sales_taxation_rules: bool,
    #[serde(default)]
    amount_includes_tax: bool,
    #[serde(default = "zero")]
    non_deductible_percent: Dec,
    #[serde(default)]
    currency: In,
}

fn expense_price(given: Price) -> Result<Value> {
    let recovery = match given.apply_sales_taxation_rules {
        true => TaxRecovery::Nothing,
        false => TaxRecovery::AllBut(given.non_deductible_percent.0),
    };
    let tax = ExpenseTax {
        percent: given.tax_percent.0,
        included: given.amount_includes_tax,
        recovery,
    };
    let cost = cost_with_tax(given.currency.money(given.amount)?, tax)?;
    let price = sales_price(cost, given.markup_percent.0)?;
    Ok(json!({"project_cost": cost.to_string(), "sales_price": price.to_string()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Simple {
    cost: Dec,
    #[serde(default = "zero")]
    markup_percent: Dec,
    reimbursable: bool,
    billable: bool,
    #[serde(default)]
    currency: In,
}

fn expense_simple(given: Simple) -> Result<Value> {
    let switches = ExpenseSwitches {
        reimbursable: given.reimbursable,
        billable: given.billable,
    };
    let settled = settle(given.currency.money(given.cost)?, given.markup_percent.0, switches)?;
    Ok(json!({
        "reimburse_employee": settled.reimburse_employee.to_string(),
        "bill_customer": settled.bill_customer.to_string(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Policy {
    cost: Dec,
    receipt: bool,
    receipt_required_over: Option<Dec>,
    #[serde(default)]
    currency: In,
}

fn expense_policy(given: Policy) -> Result<Value> {
    let limit = given
        .receipt_required_over
        .map(|limit| given.currency.money(limit))
        .transpose()?;
    check_receipt(given.currency.money(given.cost)?, given.receipt, limit)?;
    Ok(json!({"status": "ok"}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Foreign {
    cost: Dec,
    currency: In,
    contract_currency: In,
    rate: Dec,
    #[serde(default = "zero")]
    markup_percent: Dec,
}

fn expense_fx(given: Foreign) -> Result<Value> {
    let cost = given.currency.money(given.cost)?;
    let converted = convert(cost, given.rate.0, given.contract_currency.0)?;
    let price = billable_price(cost, given.rate.0, given.contract_currency.0, given.markup_percent.0)?;
    Ok(json!({"converted": converted.to_string(), "bill_customer": price.to_string()}))
}
