//! Cases of `fixed_fee_billing.json`.

mod works;

use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use strata_finance::amount::{quantity_amount, sum};
use strata_finance::fixed_fee::{
    CategoryBudget, Milestone, MilestoneState, RetentionPhase, Share, UnitContract, bill_categories, bill_milestones,
    bill_progress, bill_units, retain, schedule_amounts,
};
use strata_kernel::{Currency, Decimal, Error, Money, Result, round_half_away};

use crate::given::{Dec, Operation, run, two_decimals};

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("milestone_billing", |given| run(given, milestone_billing)),
    ("schedule_amounts", |given| run(given, schedule)),
    ("unit_billing", |given| run(given, unit_billing)),
    ("progress_billing", |given| run(given, progress_billing)),
    ("progress_categories", |given| run(given, progress_categories)),
    ("work_invoice_runs", |given| run(given, works::work_invoice_runs)),
    ("timesheet_runs", |given| run(given, works::timesheet_runs)),
    ("group_invoices", |given| run(given, works::group)),
    ("retention", |given| run(given, retention)),
    ("project_revenue", |given| run(given, works::project_revenue)),
];

/// The currency that amounts of a case are in, named by its code or by its number of decimals.
#[derive(Debug, Clone, Copy)]
pub(crate) struct In(pub(crate) Currency);

impl Default for In {
    fn default() -> Self {
        Self(two_decimals())
    }
}

impl<'de> Deserialize<'de> for In {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(from)?;
        let code = match (value.as_str(), value.as_u64()) {
            (Some(code), _) => code,
            (_, Some(0)) => "JPY",
            (_, Some(2)) => "USD",
            (_, Some(3)) => "KWD",
            (_, Some(4)) => "CLF",
            _ => return Err(serde::de::Error::custom(format!("{value} is no currency"))),
        };
        Currency::parse(code).map(In).map_err(serde::de::Error::custom)
    }
}

impl In {
    /// The amount in this currency. More decimals than it has are refused.
    pub(crate) fn money(self, amount: Dec) -> Result<Money> {
        Money::parse(&amount.0.to_string(), self.0)
    }
}

/// What is not given where nothing was billed, carried or measured before.
pub(crate) fn zero() -> Dec {
    Dec(Decimal::ZERO)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Milestones {
    contract_value: Dec,
    milestones: Vec<MilestoneGiven>,
    #[serde(default)]
    currency: In,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MilestoneGiven {
    #[serde(default)]
    id: String,
    amount: Option<Dec>,
    percent: Option<Dec>,
    #[serde(default)]
    accepted: bool,
    #[serde(default, alias = "invoiced")]
    billed: bool,
}

fn milestone_billing(given: Milestones) -> Result<Value> {
    let read = |milestone: MilestoneGiven| {
        let share = match (milestone.amount, milestone.percent) {
            (Some(amount), None) => Share::Amount(given.currency.money(amount)?),
            (None, Some(percent)) => Share::Percent(percent.0),
            _ => return Err(Error::invalid("milestones", "a milestone has an amount or a percent")),
        };
        let state = match (milestone.billed, milestone.accepted) {
            (true, _) => MilestoneState::Invoiced,
            (false, true) => MilestoneState::Accepted,
            (false, false) => MilestoneState::Open,
        };
        Ok(Milestone {
            id: milestone.id,
            share,
            state,
        })
    };
    let milestones = given.milestones.into_iter().map(read).collect::<Result<Vec<_>>>()?;
    let billing = bill_milestones(given.currency.money(given.contract_value)?, &milestones)?;
    let ids: Vec<&str> = billing.lines.iter().map(|line| line.id.as_str()).collect();
    Ok(json!({
        "invoice_now": billing.invoice_now.to_string(),
        "remaining": billing.remaining.to_string(),
        "milestones": ids,
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Schedule {
    contract_value: Dec,
    percents: Vec<Dec>,
    #[serde(default)]
    currency: In,
}

fn schedule(given: Schedule) -> Result<Value> {
    let percents: Vec<Decimal> = given.percents.iter().map(|percent| percent.0).collect();
    let amounts = schedule_amounts(given.currency.money(given.contract_value)?, &percents)?;
    Ok(json!({"amounts": texts(&amounts)}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Units {
    units_total: Dec,
    unit_price: Dec,
    delivered: Dec,
    #[serde(default = "zero")]
    billed: Dec,
    #[serde(default)]
    currency: In,
}

fn unit_billing(given: Units) -> Result<Value> {
    let contract = UnitContract {
        units: given.units_total.0,
        unit_price: given.unit_price.0,
        currency: given.currency.0,
    };
    let billing = bill_units(contract, given.delivered.0, given.billed.0)?;
    Ok(json!({"invoice_now": billing.invoice_now.to_string(), "remaining": billing.remaining.to_string()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Progress {
    contract_value: Dec,
    percent: Dec,
    #[serde(default = "zero")]
    billed_before: Dec,
    #[serde(default)]
    currency: In,
}

fn progress_billing(given: Progress) -> Result<Value> {
    let unit = given.currency;
    let invoice = bill_progress(
        unit.money(given.contract_value)?,
        given.percent.0,
        unit.money(given.billed_before)?,
    )?;
    Ok(json!({"invoice_now": invoice.to_string()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Categories {
    categories: Vec<Category>,
    #[serde(default = "zero")]
    billed_before: Dec,
    #[serde(default)]
    currency: In,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Category {
    #[serde(default, rename = "name")]
    _name: String,
    cost_budget: Dec,
    revenue_budget: Dec,
    actual_cost: Dec,
}

fn progress_categories(given: Categories) -> Result<Value> {
    let unit = given.currency;
    let read = |category: &Category| {
        Ok(CategoryBudget {
            cost_budget: unit.money(category.cost_budget)?,
            revenue_budget: unit.money(category.revenue_budget)?,
            actual_cost: unit.money(category.actual_cost)?,
        })
    };
    let categories = given.categories.iter().map(read).collect::<Result<Vec<_>>>()?;
    let invoice = bill_categories(&categories, unit.money(given.billed_before)?)?;
    // The publisher prints whole major units.
    let published = round_half_away(invoice.major())?;
    Ok(json!({"invoice_now": invoice.to_string(), "published": published}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Retention {
    unit_price: Dec,
    phases: Vec<Phase>,
    #[serde(default)]
    currency: In,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Phase {
    units: Dec,
    retain_percent: Dec,
    release_percent: Dec,
}

fn retention(given: Retention) -> Result<Value> {
    let read = |phase: &Phase| {
        Ok(RetentionPhase {
            gross: quantity_amount(given.unit_price.0, phase.units.0, given.currency.0)?,
            retain_percent: phase.retain_percent.0,
            release_percent: phase.release_percent.0,
        })
    };
    let phases = given.phases.iter().map(read).collect::<Result<Vec<_>>>()?;
    let steps = retain(&phases)?;
    let gross: Vec<String> = phases.iter().map(|phase| phase.gross.to_string()).collect();
    let retained: Vec<String> = steps.iter().map(|step| step.retained.to_string()).collect();
    let released: Vec<String> = steps.iter().map(|step| step.released.to_string()).collect();
    let paid: Vec<Money> = steps.iter().map(|step| step.payable).collect();
    Ok(json!({
        "gross": gross,
        "retained": retained,
        "released": released,
        "paid": texts(&paid),
        "total_paid": sum(paid.iter().copied(), given.currency.0)?.to_string(),
    }))
}

/// Amounts as cases print them.
fn texts(amounts: &[Money]) -> Vec<String> {
    amounts.iter().map(Money::to_string).collect()
}
