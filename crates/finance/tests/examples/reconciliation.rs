//! Cases of `reconciliation.json`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use strata_finance::lifecycle::TimeState;
use strata_finance::reconciliation::{
    AcceptedMilestone, ApprovedTime, BillingBasis, Compared, ErpLink, EventLag, InvoiceLine, LinkState, ProjectLink, Record,
    SyncEvent, in_flight_since, milestone_delay, missing_erp, sync_lag, tie_out, unbilled_approved,
};
use strata_kernel::{Date, Error, Instant, Result};

use crate::given::{Dec, Operation, count, currency_of, run};

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("milestone_delay", |given| run(given, delays)),
    ("missing_erp", |given| run(given, without_structure)),
    ("sync_lag", |given| run(given, lags)),
    ("tie_out", |given| run(given, compare)),
    ("unbilled_approved", |given| run(given, unbilled)),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Backlog {
    as_of: Date,
    contract_type: String,
    entries: Vec<Entry>,
    #[serde(default)]
    currency: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    status: String,
    approved_at: Option<Approved>,
    billable_minutes: i64,
    #[serde(default)]
    overage_minutes: i64,
    #[serde(default)]
    over_cap_minutes: i64,
    rate: Dec,
    invoice: Option<String>,
    #[serde(default)]
    invoice_posted_on: Option<Date>,
}

/// The day of an approval, or its instant.
#[derive(Deserialize, Clone, Copy)]
#[serde(untagged)]
enum Approved {
    On(Date),
    At(Instant),
}

impl Approved {
    fn day(self) -> Date {
        match self {
            Self::On(day) => day,
            Self::At(instant) => instant.date_naive(),
        }
    }
}

impl Entry {
    fn time(&self) -> Result<ApprovedTime> {
        Ok(ApprovedTime {
            id: self.id.clone(),
            approved_on: self.approved_at.map(Approved::day),
            state: TimeState::parse(&self.status)?,
            billable_minutes: self.billable_minutes,
            overage_minutes: self.overage_minutes,
            over_cap_minutes: self.over_cap_minutes,
            rate: self.rate.0,
            invoice: InvoiceLine::of_invoice(self.invoice.as_deref(), self.invoice_posted_on)?,
        })
    }
}

fn unbilled(given: Backlog) -> Result<Value> {
    let entries = given.entries.iter().map(Entry::time).collect::<Result<Vec<_>>>()?;
    let basis = BillingBasis::of_contract_type(&given.contract_type)?;
    let found = unbilled_approved(&entries, basis, given.as_of, currency_of(given.currency.as_deref())?)?;
    Ok(json!({
        "entries": found.entries,
        "minutes": found.minutes,
        "amount": found.amount.to_string(),
        "on_draft": found.on_draft.to_string(),
        "over_cap": found.over_cap.to_string(),
        "oldest_days": found.oldest_days,
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Projects {
    now: Instant,
    #[serde(default = "an_hour")]
    grace_minutes: i64,
    projects: Vec<Project>,
}

fn an_hour() -> i64 {
    60
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Project {
    id: String,
    activated_at: Option<Instant>,
    #[serde(default)]
    has_approved_time: bool,
    erp_link: Option<Link>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Link {
    state: String,
    #[serde(default)]
    dimensions_complete: bool,
}

impl Link {
    fn read(&self) -> Result<ErpLink> {
        Ok(ErpLink {
            state: LinkState::parse(&self.state)?,
            dimensions_complete: self.dimensions_complete,
        })
    }
}

fn without_structure(given: Projects) -> Result<Value> {
    let project = |project: &Project| {
        Ok(ProjectLink {
            id: project.id.clone(),
            activated_at: project.activated_at,
            has_approved_time: project.has_approved_time,
            link: project.erp_link.as_ref().map(Link::read).transpose()?,
        })
    };
    let projects = given.projects.iter().map(project).collect::<Result<Vec<_>>>()?;
    Ok(json!({"missing": missing_erp(&projects, given.now, count("grace_minutes", given.grace_minutes)?)}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stream {
    now: Instant,
    #[serde(default)]
    window_from: Option<Instant>,
    events: Vec<Event>,
}

/// An event may tell when it was sent and how often. None of it is read: only the acknowledgement counts.
#[derive(Deserialize)]
struct Event {
    id: String,
    source_committed_at: Instant,
    acknowledged_at: Option<Instant>,
}

fn lags(given: Stream) -> Result<Value> {
    let event = |event: Event| SyncEvent {
        id: event.id,
        committed_at: event.source_committed_at,
        acknowledged_at: event.acknowledged_at,
    };
    let events: Vec<_> = given.events.into_iter().map(event).collect();
    let lag = sync_lag(&events, given.window_from, given.now);
    let (mut finished, mut pending) = (BTreeMap::new(), BTreeMap::new());
    for (id, lag) in &lag.events {
        match lag {
            EventLag::Finished(seconds) => finished.insert(*id, *seconds),
            EventLag::Pending(seconds) => pending.insert(*id, *seconds),
        };
    }
    Ok(json!({"lag_seconds": finished, "pending_seconds": pending, "worst_seconds": lag.worst_seconds}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Milestones {
    as_of: Date,
    milestones: Vec<Milestone>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Milestone {
    id: String,
    accepted_on: Option<Date>,
    invoice_posted_on: Option<Date>,
    #[serde(default)]
    credited_on: Option<Date>,
}

fn delays(given: Milestones) -> Result<Value> {
    let milestone = |milestone: Milestone| AcceptedMilestone {
        id: milestone.id,
        accepted_on: milestone.accepted_on,
        invoiced_on: milestone.invoice_posted_on,
        credited_on: milestone.credited_on,
    };
    let milestones: Vec<_> = given.milestones.into_iter().map(milestone).collect();
    let delay = milestone_delay(&milestones, given.as_of)?;
    let days = |list: &[(&str, i64)]| json!(list.iter().copied().collect::<BTreeMap<_, _>>());
    Ok(json!({
        "closed_days": days(&delay.closed_days),
        "open_days": days(&delay.open_days),
        "average_closed": delay.average_closed.map(|days| days.to_string()),
    }))
}

/// Two lists of records under the names of their systems.
#[derive(Deserialize)]
struct TwoSystems {
    #[serde(default)]
    now: Option<Instant>,
    #[serde(default)]
    allowed_lag_seconds: i64,
    #[serde(flatten)]
    systems: BTreeMap<String, Vec<Row>>,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    #[serde(default)]
    committed_at: Option<Instant>,
    #[serde(flatten)]
    values: BTreeMap<String, Value>,
}

impl Row {
    fn record(self) -> Result<Record> {
        let values = self.values.into_iter().filter(|(_, value)| !value.is_null());
        Ok(Record {
            key: self.id,
            committed_at: self.committed_at,
            values: values
                .map(|(name, value)| Ok((name, compared(value)?)))
                .collect::<Result<_>>()?,
        })
    }
}

/// Numbers may be written as text: a text that is a number, or a day, is compared as one.
fn compared(value: Value) -> Result<Compared> {
    if let Ok(number) = Dec::deserialize(&value) {
        return Ok(Compared::Number(number.0));
    }
    match value {
        Value::String(text) => Ok(text.parse().map_or(Compared::Text(text), Compared::Day)),
        other => Err(Error::invalid("values", format!("{other} is not compared"))),
    }
}

fn compare(given: TwoSystems) -> Result<Value> {
    let lag = count("allowed_lag_seconds", given.allowed_lag_seconds)?;
    let since = given.now.and_then(|now| in_flight_since(now, lag));
    // Any two systems: their names are sorted, and the result does not depend on which of them is left.
    let systems: Vec<_> = given.systems.into_iter().collect();
    let [(left, left_rows), (right, right_rows)] =
        <[_; 2]>::try_from(systems).map_err(|_| Error::invalid("systems", "two systems are compared"))?;
    let records = |rows: Vec<Row>| rows.into_iter().map(Row::record).collect::<Result<Vec<_>>>();
    let found = tie_out(&records(left_rows)?, &records(right_rows)?, since);
    let mut answer = json!({
        format!("missing_in_{left}"): found.missing_left,
        format!("missing_in_{right}"): found.missing_right,
        format!("duplicate_in_{left}"): found.duplicate_left,
        format!("duplicate_in_{right}"): found.duplicate_right,
        "in_flight": found.in_flight,
    });
    for attribute in ["minutes", "amount", "currency", "date", "project", "period"] {
        answer[format!("{attribute}_differ")] = json!([]);
    }
    for (attribute, keys) in found.differs {
        answer[format!("{attribute}_differ")] = json!(keys);
    }
    Ok(answer)
}
