//! People, as HR has them: every version of a worker that changed. One that master data refuses, as when nobody has told it the
//! company yet, becomes a run of its own, which stops at an exception and takes the person when that is mended.

use std::collections::{BTreeMap, BTreeSet};

use strata_contract::strata::master::v1 as master;
use strata_contract::strata::system::hr::v1 as hr;
use strata_contract::{date, require_date};
use strata_kernel::{Date, Error, Instant, Result, derive_id};
use strata_rpc::error;
use strata_store::both;

use super::feed::{Feed, Page, Store, seen};
use crate::core::{Core, Systems};
use crate::engine::{self, Done, Job, NewRun, NewStep, Problem, Stop, kind};
use crate::exceptions::{self, Owner};
use crate::store::{lite, pg};
use crate::{json, workforce, xrefs};

/// What exceptions about a person are about.
const OBJECT: &str = "employee";

/// People.
pub(super) struct Workers;

impl Feed for Workers {
    const NAME: &'static str = "hr-workers";
    type Item = hr::Worker;

    fn system(systems: &Systems) -> &str {
        &systems.hr
    }

    fn fitting(item: &Self::Item) -> Vec<(&'static str, &str)> {
        vec![("worker", item.id.as_str())]
    }

    async fn list(core: &Core, cursor: String) -> Result<Page<Self::Item>> {
        let request = hr::ListWorkerChangesRequest { cursor, page_size: 0 };
        let page = core
            .clients
            .hr
            .clone()
            .list_worker_changes(request)
            .await
            .map_err(error)?
            .into_inner();
        Ok(Page {
            seen: seen(&page),
            items: page.workers,
            malformed: page.malformed,
            next_cursor: page.next_cursor,
            more: page.more,
        })
    }

    async fn take(core: &Core, items: Vec<Self::Item>) -> Result<Store> {
        let system = core.systems().await?.hr.clone();
        let (mut taken, mut refused) = (Vec::new(), Vec::new());
        for (id, versions) in by_worker(&items) {
            let again = again(&system, id, &versions)?;
            match take(core, &system, id, &versions).await {
                Ok(run) => taken.push((number(id, &versions).to_owned(), run, again)),
                Err(refusal) if refusal.is_temporary() => return Err(refusal),
                Err(_) => refused.push(again),
            }
        }
        let now = core.now();
        Ok(Box::new(move |c| {
            let mut news = 0;
            for (number, run, again) in &taken {
                let open = both!(c, exceptions::open_of(OBJECT, number))?;
                exceptions::resolve_unneeded(c, &open, now)?;
                // An earlier version may still wait: it must not come after this one.
                let id = std::slice::from_ref(&again.subject);
                if !both!(c, runs::unfinished(kind::WORKER_RECORD, id))?.is_empty() {
                    engine::restart(c, again, now)?;
                }
                news += u64::from(engine::insert(c, run, now)?);
            }
            for again in &refused {
                news += u64::from(engine::restart(c, again, now)?);
            }
            Ok(news)
        }))
    }
}

/// Versions by worker, oldest first as they came.
fn by_worker(rows: &[hr::Worker]) -> BTreeMap<&str, Vec<&hr::Worker>> {
    let mut workers: BTreeMap<&str, Vec<&hr::Worker>> = BTreeMap::new();
    for row in rows {
        workers.entry(&row.id).or_default().push(row);
    }
    workers
}

/// What a person is called by.
fn number<'a>(id: &'a str, versions: &[&'a hr::Worker]) -> &'a str {
    versions.first().map_or(id, |version| version.employee_number.as_str())
}

/// The run that tries again to take a person who was refused.
fn again(system: &str, id: &str, versions: &[&hr::Worker]) -> Result<NewRun> {
    let page = hr::ListWorkerChangesResponse {
        workers: versions.iter().map(|version| (*version).clone()).collect(),
        ..hr::ListWorkerChangesResponse::default()
    };
    Ok(NewRun {
        kind: kind::WORKER_RECORD,
        subject: id.to_owned(),
        ordering_key: derive_id("emp", &[system, id]),
        engagement_id: String::new(),
        input: json::text(&page)?,
        steps: vec![NewStep::new("take")],
    })
}

/// Tries again to take a person who was refused.
pub(crate) async fn retry(job: &Job<'_>) -> Result<Done, Stop> {
    let (core, id) = (job.core, job.run.subject.as_str());
    let page: hr::ListWorkerChangesResponse = json::message(&job.run.input)?;
    let versions: Vec<&hr::Worker> = page.workers.iter().collect();
    let system = core.systems().await?.hr.clone();
    let run = take(core, &system, id, &versions)
        .await
        .map_err(|refusal| match refusal.is_temporary() {
            true => Stop::Later(refusal),
            false => Problem::of(&refusal, OBJECT, number(id, &versions), Owner::Integration).into(),
        })?;
    let now = core.now();
    Ok(Done::note("taken").also(move |c| engine::insert(c, &run, now).map(|_| ())))
}

/// Records a person with the whole history, and says which run brings the other systems up to date.
async fn take(core: &Core, system: &str, id: &str, versions: &[&hr::Worker]) -> Result<NewRun> {
    let employee = employee(&derive_id("emp", &[system, id]), versions, core.today())?;
    let request = master::PutEmployeeRequest {
        employee: Some(employee.clone()),
    };
    core.clients.workforce.clone().put_employee(request).await.map_err(error)?;
    xrefs::put(core, system, xrefs::kind::EMPLOYEE, [(employee.id.clone(), id.to_owned())]).await?;
    let ahead = ahead(&employee, core.now())?;
    Ok(workforce::run(&employee, &ahead))
}

/// The person: the newest version of each effective date, and what holds today.
fn employee(id: &str, versions: &[&hr::Worker], today: Date) -> Result<master::Employee> {
    let mut employments = BTreeMap::new();
    let mut cost_rates = BTreeMap::new();
    let mut present: Option<(Date, &hr::Worker)> = None;
    for version in versions {
        let since = require_date(version.employment_effective_date.as_ref(), "employment_effective_date")?;
        let employment = master::Employment {
            effective_date: version.employment_effective_date,
            legal_entity_code: version.legal_entity_code.clone(),
            fte_percent: version.fte_percent,
        };
        employments.insert(since, employment);
        if let (Some(day), Some(cost)) = (version.cost_effective_date.as_ref(), version.hourly_cost.clone()) {
            let rate = master::CostRate {
                effective_date: Some(*day),
                hourly_cost: Some(cost),
            };
            cost_rates.insert(date(day)?, rate);
        }
        // Before the first day, the first job is the present one.
        if present.is_none_or(|(held, _)| since <= today.max(held)) {
            present = Some((since, version));
        }
    }
    let (_, present) = present.ok_or_else(|| Error::internal("a worker without versions"))?;
    Ok(master::Employee {
        id: id.to_owned(),
        number: present.employee_number.clone(),
        name: present.name.clone(),
        email: present.email.clone(),
        role: present.role.clone(),
        hire_date: present.hire_date,
        termination_date: present.termination_date,
        employments: employments.into_values().collect(),
        cost_rates: cost_rates.into_values().collect(),
    })
}

/// Days still to come on which something changes: the other systems show what holds on a day.
fn ahead(employee: &master::Employee, now: Instant) -> Result<BTreeSet<Date>> {
    let jobs = employee.employments.iter().map(|job| job.effective_date.as_ref());
    let costs = employee.cost_rates.iter().map(|cost| cost.effective_date.as_ref());
    let days = jobs.chain(costs).flatten().map(date).collect::<Result<BTreeSet<_>>>()?;
    Ok(days.into_iter().filter(|day| *day > now.date_naive()).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_contract::pb_date;
    use strata_contract::strata::common::v1::Money;

    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn version(since: &str, role: &str, cost: Option<i64>) -> hr::Worker {
        hr::Worker {
            role: role.into(),
            legal_entity_code: "US01".into(),
            employment_effective_date: Some(pb_date(day(since))),
            hourly_cost: cost.map(|minor_units| Money {
                currency_code: "USD".into(),
                minor_units,
            }),
            cost_effective_date: cost.map(|_| pb_date(day(since))),
            ..hr::Worker::default()
        }
    }

    #[test]
    fn the_present_role_is_that_of_today_and_not_of_a_later_version() {
        let rows = [
            version("2025-01-01", "analyst", Some(100)),
            version("2025-07-01", "consultant", Some(120)),
        ];
        let versions: Vec<&hr::Worker> = rows.iter().collect();
        assert_eq!(employee("emp", &versions, day("2025-03-01")).unwrap().role, "analyst");
        assert_eq!(employee("emp", &versions, day("2025-07-01")).unwrap().role, "consultant");
        assert_eq!(employee("emp", &versions, day("2024-12-01")).unwrap().role, "analyst");
        let whole = employee("emp", &versions, day("2025-03-01")).unwrap();
        assert_eq!((whole.employments.len(), whole.cost_rates.len()), (2, 2));
    }

    #[test]
    fn a_person_without_pay_has_no_cost() {
        let rows = [version("2025-01-01", "analyst", None)];
        assert!(employee("emp", &[&rows[0]], day("2025-03-01")).unwrap().cost_rates.is_empty());
    }
}
