//! Employee -> resource: a person of HR as a user of the PSA and an employee of the ERP.
//!
//! Every step writes what master data holds now, so an older run that comes late undoes nothing.

mod end;
mod erp_employee;
mod psa_cost;
mod psa_resource;
mod time_entries;
mod utilization;

pub(crate) use time_entries::time_entries;
pub(crate) use utilization::utilization;

use std::collections::BTreeSet;

use chrono::{Days, NaiveTime};
use prost::Message;
use strata_contract::date;
use strata_contract::strata::master::v1::Employee;
use strata_kernel::{Date, Error, Instant, Result, digest};

use crate::core::Core;
use crate::engine::{Done, Job, NewRun, NewStep, Stop, kind};
use crate::masters;

/// The run that brings the other systems up to date with a version of a person.
pub(crate) fn run(employee: &Employee, ahead: &BTreeSet<Date>) -> NewRun {
    let mut steps = vec![
        NewStep::new("psa-resource"),
        NewStep::new("psa-cost").after(["psa-resource"]),
        NewStep::new("erp-employee"),
    ];
    for day in ahead {
        steps.push(NewStep::new(format!("psa-resource:{day}")).not_before(midnight(*day)));
        steps.push(NewStep::new(format!("erp-employee:{day}")).not_before(midnight(*day)));
    }
    let last = employee.termination_date.as_ref().and_then(|day| date(day).ok());
    if let Some(after) = last.and_then(|day| day.checked_add_days(Days::new(1))) {
        steps.push(NewStep::new("psa-end").not_before(midnight(after)));
    }
    NewRun {
        kind: kind::WORKER,
        subject: format!("{}:{}", employee.id, digest(&employee.encode_to_vec())),
        ordering_key: employee.id.clone(),
        engagement_id: String::new(),
        input: "{}".to_owned(),
        steps,
    }
}

pub(crate) async fn step(job: &Job<'_>) -> Result<Done, Stop> {
    let employee = employee(job.core, &job.run.ordering_key).await?;
    match job.step.name.split(':').next().unwrap_or_default() {
        "psa-resource" => psa_resource::put(job.core, &employee).await,
        "psa-cost" => psa_cost::put(job.core, &employee).await,
        "psa-end" => end::end(job.core, &employee).await,
        "erp-employee" => erp_employee::put(job.core, &employee).await,
        _ => Err(crate::engine::unknown(job.run, job.step)),
    }
}

async fn employee(core: &Core, id: &str) -> Result<Employee> {
    let found = masters::people(core, [id.to_owned()]).await?.remove(id);
    found.ok_or_else(|| Error::not_found("employee", id))
}

fn midnight(day: Date) -> Instant {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// The last of the versions that hold on a day, or the first of all before they begin.
fn holding<T>(versions: &[T], day: Date, since: impl Fn(&T) -> Option<Date>) -> Option<&T> {
    let mut sorted: Vec<&T> = versions.iter().collect();
    sorted.sort_by_key(|version| since(version));
    let held = sorted
        .iter()
        .rev()
        .find(|version| since(version).is_some_and(|from| from <= day));
    held.or(sorted.first()).copied()
}
