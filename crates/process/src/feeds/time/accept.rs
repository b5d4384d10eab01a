//! Whether an entry fits, and what it names.

use std::collections::HashMap;
use std::sync::Arc;

use strata_contract::strata::master::v1::Project;
use strata_contract::strata::system::psa::v1 as psa;
use strata_contract::{instant, require_date};
use strata_kernel::{Result, derive_id};

use super::{Problem, name};
use crate::exceptions::Owner;
use crate::master_view::View;
use crate::store::rows::{TimeEntryRow, TimeVersionRow};
use crate::xrefs::kind;

/// An entry that fits, as rows. The version number and the entry it belongs to are found when it is stored.
pub(super) struct Accepted {
    pub(super) entry: TimeEntryRow,
    pub(super) version: TimeVersionRow,
    /// Empty: it is an entry of its own.
    pub(super) supersedes: String,
}

/// Our ids of what entries name.
struct Known {
    projects: HashMap<String, String>,
    tasks: HashMap<String, String>,
    employees: HashMap<String, String>,
    held: HashMap<String, Arc<Project>>,
}

/// Checks entries, in their order, with a handful of questions for all of them.
pub(super) async fn accept(view: &View<'_>, entries: &[psa::TimeEntry]) -> Result<Vec<Result<Accepted, Problem>>> {
    if entries.is_empty() {
        return Ok(Vec::new());
    }
    let (projects, tasks, employees) = tokio::try_join!(
        view.ours(kind::PROJECT, entries.iter().map(|e| e.project_id.as_str())),
        view.ours(kind::TASK, entries.iter().map(|e| e.task_id.as_str())),
        view.ours(kind::EMPLOYEE, entries.iter().map(|e| e.resource_id.as_str())),
    )?;
    let held = view.projects(projects.values().map(String::as_str)).await?;
    let known = Known {
        projects,
        tasks,
        employees,
        held,
    };
    Ok(entries.iter().map(|entry| check(entry, &known)).collect())
}

fn check(entry: &psa::TimeEntry, known: &Known) -> Result<Accepted, Problem> {
    let unknown = |field: &str, what: &str, id: &str| {
        let text = format!("time on {what} {id}, which the platform does not know; make it known, or book the time elsewhere");
        Problem::new("UNKNOWN_REFERENCE", "time_entry", name(entry), Owner::Pmo, text).at(field)
    };
    let malformed = |field: &str, text: &str| {
        Problem::new(
            "VENDOR_RECORD_MALFORMED",
            "time_entry",
            name(entry),
            Owner::Pmo,
            format!("{text}; mend the entry in the PSA"),
        )
        .at(field)
    };
    let project = known.projects.get(&entry.project_id).and_then(|id| known.held.get(id));
    let project = project.ok_or_else(|| unknown("project_id", "project", &entry.project_id))?;
    let employee = known
        .employees
        .get(&entry.resource_id)
        .ok_or_else(|| unknown("resource_id", "person", &entry.resource_id))?;
    let task = known
        .tasks
        .get(&entry.task_id)
        .and_then(|id| project.tasks.iter().find(|task| task.id == *id));
    let task = task.ok_or_else(|| unknown("task_id", "task", &entry.task_id))?;
    let work_date = require_date(entry.work_date.as_ref(), "work_date").map_err(|_| malformed("work_date", "no day of work"))?;
    let approved = entry.approved_time.as_ref().and_then(|time| instant(time).ok());
    let approved_at = approved.ok_or_else(|| malformed("approved_time", "approved, and no instant says when"))?;
    let approved_on = approved_at.date_naive();
    if entry.role.is_empty() {
        return Err(malformed("role", "no role, which prices it"));
    }
    if entry.work_type() == psa::WorkType::Unspecified {
        return Err(malformed("work_type", "neither regular nor overtime"));
    }
    if entry.minutes > 1440 || entry.minutes == 0 && entry.supersedes_id.is_empty() {
        return Err(malformed("minutes", "0 or more than a day of minutes"));
    }
    let count =
        |minutes: u32| i32::try_from(minutes).map_err(|_| malformed("write_down_minutes", "more minutes than a year has"));
    Ok(Accepted {
        entry: TimeEntryRow {
            id: entry.id.clone(),
            employee_id: employee.clone(),
            project_id: project.id.clone(),
            project_code: project.code.clone(),
            contract_id: project.contract_id.clone(),
            engagement_id: project.engagement_id.clone(),
            work_date,
            approved_on,
            first_run: None,
            reference: name(entry).to_owned(),
            correlation_id: derive_id("cor", &["time", &entry.id]),
        },
        version: TimeVersionRow {
            psa_id: entry.id.clone(),
            entry_id: entry.id.clone(),
            version: 1,
            minutes: count(entry.minutes)?,
            write_down_minutes: count(entry.write_down_minutes)?,
            role: entry.role.clone(),
            overtime: entry.work_type() == psa::WorkType::Overtime,
            // Billable takes all three: the person, the task, and a contract that pays.
            billable: entry.billable && task.billable && !project.contract_id.is_empty(),
            approved_on,
            posted: false,
            approved_at: approved_at.naive_utc(),
        },
        supersedes: entry.supersedes_id.clone(),
    })
}
