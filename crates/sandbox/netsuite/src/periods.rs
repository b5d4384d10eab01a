//! Accounting periods: what is closed, or locked for a subsidiary, takes no more entries.

use chrono::NaiveDate;
use serde_json::Value;
use strata_sandbox::{Body, View};

use crate::errors::{Answer, NsError};
use crate::record::find::referred;
use crate::schema::Rule;
use crate::values;

/// Kind of document that holds the periods.
const KIND: &str = "accountingPeriod";

/// Kind of document that holds the tasks of closing a period.
const TASK: &str = "taskItemStatus";
/// The task that locks a period for everything of one subsidiary. UNVERIFIED.
const LOCKS_EVERYTHING: &str = "PCP_LOCKALL";

/// Refuses a record whose `tranDate` lies in a period that is closed, or locked for its subsidiary. A day without a period is open. Time
/// posts nothing to the ledger, so a period with `allowNonGLChanges` still takes it.
pub(crate) fn check(view: View<'_>, rule: Rule, body: &Body) -> Answer<()> {
    let Some(on) = values::text(body, "tranDate").and_then(values::day) else {
        return Err(NsError::rule("Please enter value(s) for: tranDate"));
    };
    let closed = view.find(KIND, "closed", "true").into_iter().map(|id| (id, "closed"));
    let locked = view.find(KIND, "allLocked", "true").into_iter().map(|id| (id, "locked"));
    let own = locked_for(view, body).into_iter().map(|id| (id, "locked"));
    for (id, state) in closed.chain(locked).chain(own) {
        let Some(period) = view.get(KIND, id) else { continue };
        if !takes_postings(&period) || !covers(&period, on) {
            continue;
        }
        if rule == Rule::Time && flag(&period, "allowNonGLChanges") {
            continue;
        }
        let name = values::text(&period, "periodName").unwrap_or_default();
        return Err(NsError::rule(format!(
            "The transaction date you specified is not within an open period: {name} is {state}."
        )));
    }
    Ok(())
}

/// Periods that are locked for the subsidiary of a record: its own, or that of the person or customer it is of.
fn locked_for(view: View<'_>, body: &Body) -> Vec<u64> {
    let party = [("employee", "employee"), ("customer", "customer"), ("customer", "entity")];
    let of = |(kind, field): (&str, &str)| values::reference(&referred(view, kind, body, field)?, "subsidiary");
    let own = values::reference(body, "subsidiary");
    let Some(subsidiary) = own.or_else(|| party.into_iter().find_map(of)) else {
        return Vec::new();
    };
    let tasks = view.find(TASK, "subsidiary.id", &subsidiary.to_string());
    let tasks = tasks.into_iter().filter_map(|id| view.get(TASK, id));
    tasks
        .filter(|task| values::text(task, "itemType") == Some(LOCKS_EVERYTHING) && flag(task, "complete"))
        .filter_map(|task| values::reference(&task, "period"))
        .collect()
}

/// Checks a period itself.
pub(crate) fn derive(body: &mut Body) -> Answer<()> {
    let bounds = |name| values::text(body, name).and_then(values::day);
    if bounds("startDate") > bounds("endDate") {
        return Err(NsError::content("endDate", "The period ends before it starts."));
    }
    body.entry("closed").or_insert(Value::Bool(false));
    Ok(())
}

/// Years and quarters only group the periods that are posted to.
fn takes_postings(period: &Body) -> bool {
    !flag(period, "isYear") && !flag(period, "isQuarter")
}

fn covers(period: &Body, on: NaiveDate) -> bool {
    let bound = |name| values::text(period, name).and_then(values::day);
    matches!((bound("startDate"), bound("endDate")), (Some(from), Some(to)) if (from..=to).contains(&on))
}

fn flag(body: &Body, name: &str) -> bool {
    body.get(name).and_then(Value::as_bool).unwrap_or(false)
}
