//! Accounting periods: what is closed takes no more entries.

use chrono::NaiveDate;
use serde_json::Value;
use strata_sandbox::{Body, View};

use crate::errors::{Answer, NsError};
use crate::schema::Rule;
use crate::values;

/// Kind of document that holds the periods.
const KIND: &str = "accountingPeriod";

/// Refuses a record whose `tranDate` lies in a closed period. A day without a period is open. Time posts nothing to the
/// ledger, so a period closed with `allowNonGLChanges` still takes it.
pub(crate) fn check(view: View<'_>, rule: Rule, body: &Body) -> Answer<()> {
    let Some(on) = values::text(body, "tranDate").and_then(values::day) else {
        return Err(NsError::rule("Please enter value(s) for: tranDate"));
    };
    for id in view.find(KIND, "closed", "true") {
        let Some(period) = view.get(KIND, id) else { continue };
        if !takes_postings(&period) || !covers(&period, on) {
            continue;
        }
        if rule == Rule::Time && flag(&period, "allowNonGLChanges") {
            continue;
        }
        let name = values::text(&period, "periodName").unwrap_or_default();
        return Err(NsError::rule(format!(
            "The transaction date you specified is not within an open period: {name} is closed."
        )));
    }
    Ok(())
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
