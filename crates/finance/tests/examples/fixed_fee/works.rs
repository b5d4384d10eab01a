//! Cases of works, timesheets and invoices of several parties.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::Deserialize;
use serde_json::{Value, json};
use strata_finance::amount::sum;
use strata_finance::fixed_fee::{
    TimesheetLine, Work, WorkMethod, WorkPrice, bill_timesheet_runs, bill_work_runs, planned_revenue, timesheet_cost,
};
use strata_finance::invoice::{BillableLine, DocumentPer, group_invoices};
use strata_kernel::{Date, Decimal, Error, Money, Result};

use super::{In, texts};
use crate::given::Dec;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WorkRuns {
    method: String,
    tasks: Vec<Task>,
    runs: Vec<WorkRun>,
    #[serde(default)]
    currency: In,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Task {
    id: String,
    hours: Option<Dec>,
    rate: Option<Dec>,
    fixed: Option<Dec>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WorkRun {
    progress: BTreeMap<String, Dec>,
}

/// A price as cases write it: hours and a rate, or one fixed amount.
fn work_price(hours: Option<Dec>, rate: Option<Dec>, fixed: Option<Dec>, unit: In) -> Result<WorkPrice> {
    match (fixed, rate) {
        (Some(fixed), _) => unit.money(fixed).map(WorkPrice::Fixed),
        (None, Some(rate)) => Ok(WorkPrice::Effort {
            hours: hours.map(|hours| hours.0),
            rate: rate.0,
        }),
        (None, None) => Err(Error::invalid("rate", "a work has a rate or a fixed price")),
    }
}

pub(super) fn work_invoice_runs(given: WorkRuns) -> Result<Value> {
    let method = match given.method.as_str() {
        "effort" => WorkMethod::Effort,
        "progress" => WorkMethod::Progress,
        _ => return Err(Error::invalid("method", "a work is billed by effort or by progress")),
    };
    let read = |task: Task| {
        Ok(Work {
            id: task.id,
            price: work_price(task.hours, task.rate, task.fixed, given.currency)?,
        })
    };
    let works = given.tasks.into_iter().map(read).collect::<Result<Vec<_>>>()?;
    let shares = |run: WorkRun| run.progress.into_iter().map(|(id, share)| (id, share.0)).collect();
    let runs: Vec<_> = given.runs.into_iter().map(shares).collect();
    invoices(&bill_work_runs(method, &works, &runs, given.currency.0)?, given.currency)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TimesheetRuns {
    rate: Dec,
    lines: Vec<TimesheetGiven>,
    runs: Vec<TimesheetRun>,
    #[serde(default)]
    currency: In,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TimesheetGiven {
    day: i64,
    hours: Dec,
    #[serde(default)]
    added_after_run: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TimesheetRun {
    #[serde(default)]
    up_to_day: Option<i64>,
}

/// Cases count days from any first one.
fn on_day(day: i64) -> Result<Date> {
    let away = TimeDelta::try_days(day).and_then(|days| Date::default().checked_add_signed(days));
    away.ok_or_else(|| Error::invalid("day", "a day out of reach"))
}

pub(super) fn timesheet_runs(given: TimesheetRuns) -> Result<Value> {
    let read = |line: &TimesheetGiven| {
        Ok(TimesheetLine {
            work_date: on_day(line.day)?,
            hours: line.hours.0,
            recorded_after_run: line.added_after_run,
        })
    };
    let lines = given.lines.iter().map(read).collect::<Result<Vec<_>>>()?;
    let cutoffs = given
        .runs
        .iter()
        .map(|run| run.up_to_day.map(on_day).transpose())
        .collect::<Result<Vec<_>>>()?;
    invoices(
        &bill_timesheet_runs(given.rate.0, &lines, &cutoffs, given.currency.0)?,
        given.currency,
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lines {
    lines: Vec<PartyLine>,
    #[serde(default)]
    currency: In,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartyLine {
    party: String,
    #[serde(default)]
    entity: String,
    #[serde(default)]
    contract: String,
    #[serde(default)]
    period: String,
    #[serde(default)]
    purchase_order: String,
    hours: Option<Dec>,
    rate: Option<Dec>,
    #[serde(alias = "amount")]
    fixed: Option<Dec>,
}

pub(super) fn group(given: Lines) -> Result<Value> {
    let unit = given.currency;
    let read = |line: PartyLine| {
        Ok(BillableLine {
            source: String::new(),
            entity: line.entity,
            bill_to: line.party,
            contract: line.contract,
            period: line.period,
            purchase_order: line.purchase_order,
            amount: work_price(line.hours, line.rate, line.fixed, unit)?.amount(unit.0)?,
        })
    };
    let lines = given.lines.into_iter().map(read).collect::<Result<Vec<_>>>()?;
    let groups = group_invoices(lines, DocumentPer::Contract)?;
    let of_party = |party: &str| {
        sum(
            groups
                .iter()
                .filter(|group| group.key.bill_to == party)
                .map(|group| group.net),
            unit.0,
        )
    };
    let mut totals = BTreeMap::new();
    for group in &groups {
        totals.insert(&group.key.bill_to, of_party(&group.key.bill_to)?.to_string());
    }
    let all = sum(groups.iter().map(|group| group.net), unit.0)?;
    Ok(json!({"invoice_count": groups.len(), "totals": totals, "total": all.to_string()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Project {
    works: Vec<Effort>,
    cost_rate: Dec,
    timesheet_hours: Vec<Dec>,
    #[serde(default)]
    currency: In,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Effort {
    hours: Option<Dec>,
    rate: Option<Dec>,
    fixed: Option<Dec>,
}

pub(super) fn project_revenue(given: Project) -> Result<Value> {
    let read = |work: &Effort| work_price(work.hours, work.rate, work.fixed, given.currency);
    let works = given.works.iter().map(read).collect::<Result<Vec<_>>>()?;
    let hours: Vec<Decimal> = given.timesheet_hours.iter().map(|hours| hours.0).collect();
    Ok(json!({
        "revenue": planned_revenue(&works, given.currency.0)?.to_string(),
        "cost": timesheet_cost(&hours, given.cost_rate.0, given.currency.0)?.to_string(),
    }))
}

fn invoices(amounts: &[Money], unit: In) -> Result<Value> {
    let all = sum(amounts.iter().copied(), unit.0)?;
    Ok(json!({"invoices": texts(amounts), "invoiced_total": all.to_string()}))
}
