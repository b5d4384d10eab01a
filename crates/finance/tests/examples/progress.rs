//! Cases of `revenue_progress.json`.

use serde::Deserialize;
use serde_json::{Value, json};
use strata_finance::revenue::balances::{LineToDate, Right, position};
use strata_finance::revenue::cost_to_cost::{
    CostEstimate, UninstalledMaterials, budget_usage, cost_to_cost_series, percent_spent, uninstalled_materials,
};
use strata_finance::revenue::method::{Method, Recognised, recognise, recognise_series};
use strata_finance::revenue::milestone::{Milestone, milestones};
use strata_finance::revenue::progress::Progress;
use strata_finance::revenue::straight_line::straight_line;
use strata_finance::revenue::wip::{
    JobTotals, WipMethod, invoiced_percent, recognised_cost, recognised_sales, wip_cost, wip_sales,
};
use strata_kernel::{Currency, Date, Decimal, Error, Money, Result};

use crate::given::{Dec, Operation, currency_of, run};

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("poc_uninstalled", |given| run(given, poc_uninstalled)),
    ("cost_to_cost", |given| run(given, cost_to_cost)),
    ("cost_to_cost_series", |given| run(given, cost_series)),
    ("progress_ratio", |given| run(given, progress_ratio)),
    ("percent_spent", |given| run(given, percent_spent_event)),
    ("wip_percent", |given| run(given, wip_percent)),
    ("wip_sales", |given| run(given, wip_sales_value)),
    ("wip_cost", |given| run(given, wip_cost_value)),
    ("hours_input_series", |given| run(given, hours_input_series)),
    ("straight_line", |given| run(given, straight_line_month)),
    ("milestone_output", |given| run(given, milestone_output)),
    ("tm_revenue", |given| run(given, tm_revenue)),
];

/// The texts of a column of amounts.
pub(crate) fn texts<R>(rows: &[R], amount: impl Fn(&R) -> Money) -> Vec<String> {
    rows.iter().map(|row| amount(row).to_string()).collect()
}

/// An amount that a case may leave out.
pub(crate) fn amount_or_zero(amount: Option<Dec>, currency: Currency) -> Result<Money> {
    Ok(optional(amount, currency)?.unwrap_or(Money::zero(currency)))
}

/// An amount that a case may leave out.
pub(crate) fn optional(amount: Option<Dec>, currency: Currency) -> Result<Option<Money>> {
    amount.map(|amount| amount.money_in(currency)).transpose()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Uninstalled {
    currency: Option<String>,
    transaction_price: Dec,
    uninstalled_cost: Dec,
    uninstalled_cost_to_date: Option<Dec>,
    other_cost_total: Option<Dec>,
    other_cost_to_date: Dec,
}

fn poc_uninstalled(given: Uninstalled) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let material = given.uninstalled_cost.money_in(currency)?;
    let cost = UninstalledMaterials {
        material_total: material,
        material_to_date: optional(given.uninstalled_cost_to_date, currency)?.unwrap_or(material),
        other: CostEstimate {
            to_date: given.other_cost_to_date.money_in(currency)?,
            at_completion: optional(given.other_cost_total, currency)?,
        },
    };
    let (progress, row) = uninstalled_materials(given.transaction_price.money_in(currency)?, &cost)?;
    Ok(json!({
        "progress": progress.share()?,
        "revenue": row.revenue.to_string(),
        "cost": row.cost.to_string(),
        "profit": row.profit.to_string(),
        "warning": row.warning,
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CostToCost {
    currency: Option<String>,
    transaction_price: Dec,
    cost_total: Option<Dec>,
    cost_to_date: Dec,
    revenue_before: Option<Dec>,
}

fn cost_to_cost(given: CostToCost) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let before = amount_or_zero(given.revenue_before, currency)?;
    let (done, estimate) = (given.cost_to_date.0, given.cost_total.map(|total| total.0));
    let price = given.transaction_price.money_in(currency)?;
    let row = recognise(&Method::Input { price, done, estimate }, before)?;
    Ok(json!({
        "progress": Progress::input(done, estimate)?.share()?,
        "revenue_period": row.period.to_string(),
        "revenue_to_date": row.cumulative.to_string(),
        "warning": row.warning,
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CostSeries {
    currency: Option<String>,
    transaction_price: Dec,
    periods: Vec<CostPeriod>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CostPeriod {
    transaction_price: Option<Dec>,
    cost_to_date: Dec,
    cost_total: Option<Dec>,
}

/// Price and cost estimate of each period.
pub(crate) fn cost_periods(given: CostSeries) -> Result<Vec<(Money, CostEstimate)>> {
    let currency = currency_of(given.currency.as_deref())?;
    let period = |period: CostPeriod| {
        let price = period.transaction_price.unwrap_or(given.transaction_price);
        let estimate = CostEstimate {
            to_date: period.cost_to_date.money_in(currency)?,
            at_completion: optional(period.cost_total, currency)?,
        };
        Ok((price.money_in(currency)?, estimate))
    };
    given.periods.into_iter().map(period).collect()
}

fn cost_series(given: CostSeries) -> Result<Value> {
    let periods = cost_periods(given)?;
    let rows = cost_to_cost_series(&periods)?;
    Ok(json!({
        "revenue": texts(&rows, |row| row.revenue),
        "cost": texts(&rows, |row| row.cost),
        "gross_profit": texts(&rows, |row| row.profit),
        "warnings": rows.iter().map(|row| row.warning).collect::<Vec<_>>(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProgressRatio {
    cost_to_date: Dec,
    estimate: Option<Dec>,
}

fn progress_ratio(given: ProgressRatio) -> Result<Value> {
    let progress = Progress::input(given.cost_to_date.0, given.estimate.map(|estimate| estimate.0))?;
    Ok(json!({"percent": progress.percent()?, "warning": progress.warning()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PercentSpent {
    currency: Option<String>,
    cost_to_date: Dec,
    cost_budget: Dec,
    funded: Dec,
    events_before: Option<Dec>,
}

fn percent_spent_event(given: PercentSpent) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let before = amount_or_zero(given.events_before, currency)?;
    let funded = given.funded.money_in(currency)?;
    let amount = percent_spent(funded, given.cost_to_date.0, given.cost_budget.0, before)?;
    Ok(json!({"amount": amount.to_string()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WipPercent {
    currency: Option<String>,
    budget_hours: Dec,
    used_hours: Dec,
    unit_cost: Dec,
}

fn wip_percent(given: WipPercent) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let (progress, cost) = budget_usage(given.budget_hours.0, given.used_hours.0, given.unit_cost.0, currency)?;
    Ok(json!({"completed_percent": progress.percent()?, "recognized_cost": cost.to_string()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wip {
    currency: Option<String>,
    method: String,
    actual_cost: Option<Dec>,
    actual_price: Option<Dec>,
    budget_cost: Option<Dec>,
    budget_price: Option<Dec>,
    billable_price: Option<Dec>,
    invoiced_price: Option<Dec>,
}

impl Wip {
    fn read(&self) -> Result<(WipMethod, JobTotals)> {
        let currency = currency_of(self.currency.as_deref())?;
        let method = match self.method.as_str() {
            "cost_value" => WipMethod::CostValue,
            "cost_of_sales" => WipMethod::CostOfSales,
            "sales_value" => WipMethod::SalesValue,
            "percentage_of_completion" => WipMethod::PercentageOfCompletion,
            "completed_contract" => WipMethod::CompletedContract,
            other => return Err(Error::invalid("method", format!("there is no WIP method {other}"))),
        };
        let job = JobTotals {
            actual_cost: optional(self.actual_cost, currency)?,
            actual_price: optional(self.actual_price, currency)?,
            budget_cost: optional(self.budget_cost, currency)?,
            budget_price: optional(self.budget_price, currency)?,
            billable_price: optional(self.billable_price, currency)?,
            invoiced_price: optional(self.invoiced_price, currency)?,
        };
        Ok((method, job))
    }
}

fn wip_sales_value(given: Wip) -> Result<Value> {
    let (method, job) = given.read()?;
    Ok(json!({
        "recognized_sales": recognised_sales(method, &job)?.to_string(),
        "wip_sales": wip_sales(method, &job).ok().map(|amount| amount.to_string()),
    }))
}

fn wip_cost_value(given: Wip) -> Result<Value> {
    let (method, job) = given.read()?;
    Ok(json!({
        "result": wip_cost(method, &job)?.to_string(),
        "recognized_cost": recognised_cost(method, &job)?.to_string(),
        "invoiced_percent": invoiced_percent(&job).ok(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HoursInput {
    currency: Option<String>,
    transaction_price: Dec,
    months: Vec<HoursMonth>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HoursMonth {
    transaction_price: Option<Dec>,
    hours_to_date: Dec,
    eac: Option<Dec>,
}

fn hours_input_series(given: HoursInput) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let month = |month: HoursMonth| {
        Ok(Method::Input {
            price: month
                .transaction_price
                .unwrap_or(given.transaction_price)
                .money_in(currency)?,
            done: month.hours_to_date.0,
            estimate: month.eac.map(|eac| eac.0),
        })
    };
    let months = given.months.into_iter().map(month).collect::<Result<Vec<_>>>()?;
    let rows = recognise_series(&months)?;
    Ok(json!({
        "revenue": texts(&rows, |row: &Recognised| row.period),
        "cumulative": texts(&rows, |row| row.cumulative),
        "warnings": rows.iter().map(|row| row.warning).collect::<Vec<_>>(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StraightLine {
    currency: Option<String>,
    amount: Dec,
    from: Date,
    to: Date,
    month: String,
}

/// The last day of the term is inclusive, as contracts print it.
fn straight_line_month(given: StraightLine) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let bad = |field: &str| Error::invalid(field, "this is no day of the calendar");
    let start: Date = format!("{}-01", given.month).parse().map_err(|_| bad("month"))?;
    let end = start.checked_add_months(chrono::Months::new(1)).ok_or_else(|| bad("month"))?;
    let to = given.to.succ_opt().ok_or_else(|| bad("to"))?;
    let revenue = straight_line(given.amount.money_in(currency)?, given.from, to, start, end)?;
    Ok(json!({"revenue": revenue.to_string()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MilestoneOutput {
    currency: Option<String>,
    transaction_price: Dec,
    weights: Vec<Dec>,
    accepted: Vec<bool>,
    revenue_before: Option<Dec>,
}

fn milestone_output(given: MilestoneOutput) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let weights: Vec<Decimal> = given.weights.iter().map(|weight| weight.0).collect();
    let milestones: Vec<Milestone> = milestones(&weights, &given.accepted)?;
    let price = given.transaction_price.money_in(currency)?;
    let method = Method::Output {
        price,
        milestones: &milestones,
    };
    let row = recognise(&method, amount_or_zero(given.revenue_before, currency)?)?;
    Ok(json!({"revenue_to_date": row.cumulative.to_string(), "revenue_period": row.period.to_string()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TimeAndMaterial {
    currency: Option<String>,
    approved_value_to_date: Dec,
    cap: Option<Dec>,
    invoiced_to_date: Option<Dec>,
    revenue_before: Option<Dec>,
}

fn tm_revenue(given: TimeAndMaterial) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let method = Method::RightToInvoice {
        approved: given.approved_value_to_date.money_in(currency)?,
        cap: optional(given.cap, currency)?,
    };
    let row = recognise(&method, amount_or_zero(given.revenue_before, currency)?)?;
    let line = LineToDate {
        revenue: row.cumulative,
        billed: amount_or_zero(given.invoiced_to_date, currency)?,
        right: Right::OnlyTimeMissing,
    };
    let position = position(currency, &[line])?;
    Ok(json!({
        "revenue_to_date": row.cumulative.to_string(),
        "revenue_period": row.period.to_string(),
        "unbilled_receivable": position.unbilled_receivable.to_string(),
        "contract_liability": position.contract_liability.to_string(),
    }))
}
