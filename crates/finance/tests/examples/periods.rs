//! Cases of `periods.json`.

use serde::Deserialize;
use serde_json::{Value, json};
use strata_finance::period::{ApprovedWork, DateRule, Month, Period, PeriodState, posting, revenue_known_at};
use strata_kernel::{Date, Result};

use crate::given::{Dec, Operation, count, currency_of, run};

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("period_posting", |given| run(given, posting_day)),
    ("revenue_known_at", |given| run(given, revenue)),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    event_date: Date,
    kind: String,
    #[serde(default)]
    scope: Option<String>,
    periods: Vec<PeriodRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PeriodRow {
    period: String,
    state: String,
}

fn posting_day(given: Event) -> Result<Value> {
    let period = |row: &PeriodRow| Period::month(&row.period, PeriodState::parse(&row.state)?);
    let periods = given.periods.iter().map(period).collect::<Result<Vec<_>>>()?;
    let scopes: Vec<_> = given.scope.as_deref().into_iter().collect();
    let posting = posting(given.event_date, DateRule::of_kind(&given.kind)?, &scopes, &periods)?;
    Ok(json!({"posting_date": posting.date, "original_period": posting.original_period}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Months {
    close_day: i64,
    entries: Vec<Entry>,
    months: Vec<String>,
    #[serde(default)]
    currency: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    work_date: Date,
    approved_on: Option<Date>,
    value: Dec,
}

fn revenue(given: Months) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let work = |entry: &Entry| {
        Ok(ApprovedWork {
            work_date: entry.work_date,
            approved_on: entry.approved_on,
            value: entry.value.money_in(currency)?,
        })
    };
    let work = given.entries.iter().map(work).collect::<Result<Vec<_>>>()?;
    let months = given
        .months
        .iter()
        .map(|month| Month::parse(month))
        .collect::<Result<Vec<_>>>()?;
    let revenue = revenue_known_at(&work, &months, count("close_day", given.close_day)?, currency)?;
    Ok(json!({"revenue": revenue.iter().map(|amount| amount.to_string()).collect::<Vec<_>>()}))
}
