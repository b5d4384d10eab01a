//! Change feeds: time, expenses, projects with their tasks.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use serde_json::Value;
use strata_contract::strata::common::v1::Malformed;
use strata_contract::strata::system::psa::v1 as pb;
use strata_kernel::{Instant, Result};
use strata_vendor_http::{Misfit, unavailable};

use crate::api::PAGE;
use crate::cursor::{Cursor, Place, wrong};
use crate::feed::{Step, step};
use crate::fields as f;
use crate::map;
use crate::once::Keyed;
use crate::wire::{Envelope, text};

/// Which of the two lists a project feed reads next. A task that is added does not move the stamp of its project, so both are read.
const OF_PROJECTS: &str = "p";
const OF_TASKS: &str = "t";

/// A page of a change feed.
pub(crate) struct Changes<T> {
    pub(crate) records: Vec<T>,
    pub(crate) malformed: Vec<Malformed>,
    pub(crate) next_cursor: String,
    pub(crate) more: bool,
}

/// One list that is read by its stamps.
struct List {
    collection: &'static str,
    include: &'static str,
    show_all: &'static str,
    /// Name of a record in quarantine.
    kind: &'static str,
    /// Only records for which a parameter has this value.
    only: Option<(&'static str, &'static str)>,
}

const TIME: List = List {
    collection: f::TIME_ENTRIES,
    include: "workspace,user,story,timesheet_submission,custom_field_values",
    show_all: f::FROM_ARCHIVED,
    kind: "time_entry",
    only: None,
};
const EXPENSE: List = List {
    collection: f::EXPENSES,
    include: "workspace,user,expense_report_submission",
    show_all: f::FROM_ARCHIVED,
    kind: "expense",
    only: None,
};
const PROJECTS: List = List {
    collection: "workspaces",
    include: "primary_workspace_group,stories,custom_field_values,external_references",
    show_all: "include_archived",
    kind: "project",
    only: None,
};
const TASKS: List = List {
    collection: "stories",
    include: "workspace",
    show_all: "show_from_archived_workspaces",
    kind: "task",
    only: None,
};
const MILESTONES: List = List {
    collection: "stories",
    include: "workspace,custom_field_values,external_references",
    show_all: "show_from_archived_workspaces",
    kind: "milestone",
    only: Some((f::STORY_TYPE, f::MILESTONE_TYPE)),
};

/// Records on a page: at most what the vendor serves at once.
fn limit(page_size: u32) -> usize {
    match usize::try_from(page_size).unwrap_or(PAGE) {
        0 => PAGE,
        size => size.min(PAGE),
    }
}

/// Time entries changed since a cursor.
pub(crate) async fn time_entries(keyed: &Keyed, cursor: &str, size: u32, overlap: Duration) -> Result<Changes<pb::TimeEntry>> {
    let step = advance(keyed, &TIME, &Cursor::parse(cursor)?, limit(size), overlap).await?;
    Ok(mapped(&step, &TIME, map::time_entry))
}

/// Expenses changed since a cursor.
pub(crate) async fn expenses(keyed: &Keyed, cursor: &str, size: u32, overlap: Duration) -> Result<Changes<pb::Expense>> {
    let step = advance(keyed, &EXPENSE, &Cursor::parse(cursor)?, limit(size), overlap).await?;
    Ok(mapped(&step, &EXPENSE, map::expense))
}

/// Milestones of contracts changed since a cursor. Milestones that people keep for themselves are left out.
pub(crate) async fn milestones(
    keyed: &Keyed,
    cursor: &str,
    size: u32,
    overlap: Duration,
) -> Result<Changes<pb::ProjectMilestone>> {
    let step = advance(keyed, &MILESTONES, &Cursor::parse(cursor)?, limit(size), overlap).await?;
    let service = keyed.service();
    let Changes {
        records,
        malformed,
        next_cursor,
        more,
    } = mapped(&step, &MILESTONES, |page, row| map::milestone(page, row, service));
    Ok(Changes {
        records: records.into_iter().flatten().collect(),
        malformed,
        next_cursor,
        more,
    })
}

/// Projects changed since a cursor, and projects with a task changed since then. The cursor holds both places.
pub(crate) async fn projects(keyed: &Keyed, cursor: &str, size: u32, overlap: Duration) -> Result<Changes<pb::Project>> {
    let (turn, mut of_projects, mut of_tasks) = both(cursor)?;
    let (page, fresh, mut malformed, turn, more) = if turn == OF_PROJECTS {
        let step = advance(keyed, &PROJECTS, &of_projects, limit(size), overlap).await?;
        of_projects = step.next;
        let (fresh, malformed) = fresh_ids(&step.page, step.fresh, &PROJECTS);
        // When this list is done, the other one is read at once.
        (
            step.page,
            fresh,
            malformed,
            if step.more { OF_PROJECTS } else { OF_TASKS },
            true,
        )
    } else {
        let step = advance(keyed, &TASKS, &of_tasks, limit(size), overlap).await?;
        of_tasks = step.next;
        let (fresh, malformed) = fresh_ids(&step.page, step.fresh, &TASKS);
        let owners: BTreeSet<String> = fresh
            .iter()
            .filter_map(|id| text(step.page.side(TASKS.collection, id)?, "workspace_id"))
            .collect();
        let owners: Vec<String> = owners.into_iter().collect();
        let page = only(keyed, &PROJECTS, &owners, PROJECTS.include).await?;
        let fresh = page.ids().to_vec();
        (
            page,
            fresh,
            malformed,
            if step.more { OF_TASKS } else { OF_PROJECTS },
            step.more,
        )
    };
    let (tasks, bad_tasks) = tasks_of(keyed, &page, &fresh).await?;
    malformed.extend(bad_tasks);
    let mut records = Vec::with_capacity(fresh.len());
    for id in &fresh {
        let row = page.side(PROJECTS.collection, id).unwrap_or(&Value::Null);
        match map::project(&page, row, keyed.service(), tasks.get(id).cloned().unwrap_or_default()) {
            Ok(project) => records.push(project),
            Err(misfit) => malformed.push(misfit.malformed(PROJECTS.kind, id)),
        }
    }
    let next_cursor = format!("{turn};{};{}", of_projects.text(), of_tasks.text());
    Ok(Changes {
        records,
        malformed,
        next_cursor,
        more,
    })
}

fn both(cursor: &str) -> Result<(&'static str, Cursor, Cursor)> {
    if cursor.is_empty() {
        return Ok((OF_PROJECTS, Cursor::default(), Cursor::default()));
    }
    let mut parts = cursor.split(';');
    let turn = match parts.next() {
        Some(OF_PROJECTS) => OF_PROJECTS,
        Some(OF_TASKS) => OF_TASKS,
        _ => return Err(wrong()),
    };
    match (parts.next(), parts.next(), parts.next()) {
        (Some(projects), Some(tasks), None) => Ok((turn, Cursor::parse(projects)?, Cursor::parse(tasks)?)),
        _ => Err(wrong()),
    }
}

/// Takes one step in a list.
async fn advance(keyed: &Keyed, list: &List, cursor: &Cursor, limit: usize, overlap: Duration) -> Result<Step<Envelope>> {
    let fetch = |after: Option<Instant>, skip: usize| fetch(keyed, list, after, skip);
    step(fetch, cursor, limit, overlap).await
}

async fn fetch(keyed: &Keyed, list: &List, after: Option<Instant>, skip: usize) -> Result<(Envelope, Vec<Place>)> {
    let (size, skip) = (PAGE.to_string(), skip.to_string());
    let since = after.map(|at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string());
    let mut query = vec![
        ("order", "updated_at:asc"),
        ("include", list.include),
        (list.show_all, "true"),
    ];
    query.extend([("limit", size.as_str()), ("offset", skip.as_str())]);
    query.extend(since.as_deref().map(|since| ("updated_after", since)));
    query.extend(list.only);
    let page = keyed.api.list(list.collection, &query).await?;
    let places = places(&page, after);
    if places.is_empty() && !page.ids().is_empty() {
        return Err(unavailable(format!("a page of {} without one stamp", list.collection)));
    }
    Ok((page, places))
}

/// Places of the records of a page. One whose stamp cannot be read stands where its neighbour stands, or at the start of the
/// window; its mapping will name it. Empty when a full page has no stamp at all: it cannot be read on from there.
fn places(page: &Envelope, start: Option<Instant>) -> Vec<Place> {
    let stamps: Vec<Option<Instant>> = page.rows().map(|(_, row)| map::modified(row).ok()).collect();
    let first = stamps.iter().flatten().next().copied();
    if first.is_none() && stamps.len() >= PAGE {
        return Vec::new();
    }
    let mut stamp = first.or(start).unwrap_or_default();
    let mut places = Vec::with_capacity(stamps.len());
    for ((id, _), own) in page.rows().zip(stamps) {
        stamp = own.unwrap_or(stamp);
        places.push(Place {
            stamp,
            id: id.to_owned(),
        });
    }
    places
}

/// Maps what is new on a page; what does not fit goes to quarantine.
fn mapped<T>(step: &Step<Envelope>, list: &List, map: impl Fn(&Envelope, &Value) -> Result<T, Misfit>) -> Changes<T> {
    let (mut records, mut malformed) = (Vec::with_capacity(step.fresh.len()), Vec::new());
    for (id, row) in step.page.rows().skip(step.fresh.start).take(step.fresh.len()) {
        match map(&step.page, row) {
            Ok(record) => records.push(record),
            Err(misfit) => malformed.push(misfit.malformed(list.kind, id)),
        }
    }
    Changes {
        records,
        malformed,
        next_cursor: step.next.text(),
        more: step.more,
    }
}

/// Ids of what is new on a page, and the records that are named but missing.
fn fresh_ids(page: &Envelope, fresh: std::ops::Range<usize>, list: &List) -> (Vec<String>, Vec<Malformed>) {
    let (mut ids, mut malformed) = (Vec::new(), Vec::new());
    for (id, row) in page.rows().skip(fresh.start).take(fresh.len()) {
        match map::modified(row) {
            Ok(_) => ids.push(id.to_owned()),
            Err(misfit) => malformed.push(misfit.malformed(list.kind, id)),
        }
    }
    (ids, malformed)
}

/// Records by id, archived ones too.
async fn only(keyed: &Keyed, list: &List, ids: &[String], include: &str) -> Result<Envelope> {
    if ids.is_empty() {
        return Ok(Envelope::default());
    }
    let (ids, size) = (ids.join(","), PAGE.to_string());
    let query = [
        ("only", ids.as_str()),
        ("include", include),
        (list.show_all, "true"),
        ("per_page", size.as_str()),
    ];
    keyed.api.list(list.collection, &query).await
}

/// Tasks by the id of their project, with our keys. The rows that come along with a project lack their references.
async fn tasks_of(
    keyed: &Keyed,
    page: &Envelope,
    projects: &[String],
) -> Result<(HashMap<String, Vec<pb::Task>>, Vec<Malformed>)> {
    let rows = projects.iter().filter_map(|id| page.side(PROJECTS.collection, id));
    let ids: Vec<String> = rows
        .flat_map(|row| page.listed(row, "story_ids", TASKS.collection).filter_map(|t| text(t, "id")))
        .collect();
    let (mut tasks, mut malformed) = (HashMap::<String, Vec<pb::Task>>::new(), Vec::new());
    for chunk in ids.chunks(PAGE) {
        let stories = only(keyed, &TASKS, chunk, "workspace,external_references").await?;
        for (id, row) in stories.rows() {
            if text(row, f::STORY_TYPE).as_deref() == Some(f::MILESTONE_TYPE) {
                continue;
            }
            match map::task(&stories, row, keyed.service()) {
                Ok(task) => tasks
                    .entry(text(row, "workspace_id").unwrap_or_default())
                    .or_default()
                    .push(task),
                Err(misfit) => malformed.push(misfit.malformed(TASKS.kind, id)),
            }
        }
    }
    Ok((tasks, malformed))
}
