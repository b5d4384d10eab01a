//! Cases of `lifecycle.json`.

use serde::Deserialize;
use serde_json::{Value, json};
use strata_finance::lifecycle::{
    OpportunityEvent, SheetStep, Span, TimeState, Timesheet, check_overlap, invoice_guard, provision,
};
use strata_finance::reason::OPPORTUNITY_REOPENED;
use strata_kernel::{Error, Result};

use crate::given::{Operation, run};

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("invoice_guard", |given| run(given, guard)),
    ("provision", |given| run(given, won)),
    ("time_overlap", |given| run(given, overlap)),
    ("timesheet_states", |given| run(given, sheet)),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sheet {
    logs: usize,
    steps: Vec<String>,
}

fn sheet(given: Sheet) -> Result<Value> {
    let mut sheet = Timesheet::approved(given.logs);
    let mut step = |words: &String| Ok(sheet.apply(SheetStep::parse(words)?)?.name());
    Ok(json!({"states": given.steps.iter().map(&mut step).collect::<Result<Vec<_>>>()?}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    time_state: String,
    #[serde(default)]
    already_invoiced: bool,
}

fn guard(given: Line) -> Result<Value> {
    invoice_guard(TimeState::parse(&given.time_state)?, given.already_invoiced)?;
    Ok(json!({"status": "ok", "allowed": true}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Logs {
    logs: Vec<(String, String)>,
}

fn overlap(given: Logs) -> Result<Value> {
    // A clock time alone is of one and the same day.
    let time = |text: &str| {
        let on_a_day = [text.to_owned(), format!("2025-01-01T{text}"), format!("2025-01-01T{text}:00")];
        let read = on_a_day.iter().find_map(|text| text.parse().ok());
        read.ok_or_else(|| Error::invalid("logs", format!("\"{text}\" is no time")))
    };
    let span = |(begin, end): &(String, String)| {
        Ok(Span {
            begin: time(begin)?,
            end: time(end)?,
        })
    };
    check_overlap(&given.logs.iter().map(span).collect::<Result<Vec<_>>>()?)?;
    Ok(json!({"status": "ok", "overlap": false, "allowed": true}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Events {
    events: Vec<Event>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    opportunity: String,
    key: String,
    #[serde(default)]
    account: Option<String>,
    #[serde(default)]
    reopened: bool,
}

fn won(given: Events) -> Result<Value> {
    let event = |event: Event| OpportunityEvent {
        opportunity: event.opportunity,
        account: event.account,
        key: event.key,
        reopened: event.reopened,
    };
    let made = provision(&given.events.into_iter().map(event).collect::<Vec<_>>())?;
    Ok(json!({
        "customers": made.customers.len(),
        "engagements": made.engagements.len(),
        "contracts": made.engagements.len(),
        "projects": made.engagements.len(),
        "exceptions": made.reopened.iter().map(|_| OPPORTUNITY_REOPENED).collect::<Vec<_>>(),
    }))
}
