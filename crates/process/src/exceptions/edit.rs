//! What people say of a line instead of the PSA.
//!
//! An edit lies over the PSA's record and never changes it. It counts as long as the PSA says what it said when the edit was
//! made: a record that changes there is taken as it is, because whoever keeps it has spoken later.

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use strata_contract::strata::process::exception::v1 as pb;
use strata_contract::strata::process::exception::v1::edit_and_retry_exception_request::Edit as Asked;
use strata_contract::strata::system::psa::v1 as psa;
use strata_contract::{pb_date, require_date};
use strata_kernel::{Date, Error, Instant, Result, digest};
use strata_store::{Conn, both};

use super::lines;
use crate::core::Core;
use crate::engine::kind;
use crate::store::rows::{EditRow, RunRow};
use crate::store::{lite, pg};
use crate::{json as messages, masters, xrefs};

/// The receipt is there.
pub(super) const RECEIPT: &str = "receipt";
/// Another project.
pub(super) const PROJECT: &str = "project";
/// Another day.
pub(super) const DATE: &str = "date";

/// What people say, by the line's id.
pub(crate) type Edits = HashMap<String, EditRow>;

/// An edit with the PSA's ids in it.
#[derive(Debug, Clone)]
pub(crate) struct Edit {
    /// Which alternative of the contract.
    pub(super) name: &'static str,
    pub(super) words: String,
    body: Map<String, Value>,
}

impl Edit {
    fn new(name: &'static str, words: String, body: Value) -> Self {
        let body = body.as_object().cloned().unwrap_or_default();
        Self { name, words, body }
    }
}

/// Reads an edit, and finds what it names.
pub(crate) async fn resolve(core: &Core, asked: Option<Asked>) -> Result<Edit> {
    match asked {
        Some(Asked::Receipt(edit)) => {
            let words = format!("the receipt is kept at {}", edit.location);
            Ok(Edit::new(RECEIPT, words, json!({ "receipt": true })))
        }
        Some(Asked::Date(edit)) => {
            let day = require_date(edit.date.as_ref(), "date.date")?;
            Ok(Edit::new(
                DATE,
                format!("its day is {day}"),
                json!({ "date": day.to_string() }),
            ))
        }
        Some(Asked::Project(edit)) => project(core, &edit).await,
        None => Err(Error::invalid("edit", "says nothing; name what is edited")),
    }
}

async fn project(core: &Core, edit: &pb::ProjectEdit) -> Result<Edit> {
    let found = masters::projects(core, [edit.project_id.clone()])
        .await?
        .remove(&edit.project_id);
    let project = found.ok_or_else(|| Error::not_found("project", &edit.project_id).at("project.project_id"))?;
    let unknown = |what: &str, field: &str| {
        let text = format!("{what} of project {} has no record in the PSA", project.code);
        Error::precondition("UNKNOWN_REFERENCE", text).at(field)
    };
    let psa = &core.systems().await?.psa;
    let ids = xrefs::find(core, psa, xrefs::kind::PROJECT, [project.id.as_str()]).await?;
    let project_id = ids
        .get(&project.id)
        .ok_or_else(|| unknown("the whole", "project.project_id"))?;
    let mut body = json!({ "project_id": project_id });
    let mut words = format!("it belongs to project {}", project.code);
    if !edit.task_code.is_empty() {
        let task = project.tasks.iter().find(|task| task.code == edit.task_code);
        let task = task.ok_or_else(|| Error::not_found("task", &edit.task_code).at("project.task_code"))?;
        let ids = xrefs::find(core, psa, xrefs::kind::TASK, [task.id.as_str()]).await?;
        let id = ids.get(&task.id).ok_or_else(|| unknown("the task", "project.task_code"))?;
        body["task_id"] = json!(id);
        words = format!("{words}, task {}", task.code);
    }
    Ok(Edit::new(PROJECT, words, body))
}

/// The row of an edit of the line of a run. Edits of the same record add up.
pub(super) fn row(conn: &mut Conn<'_>, run: &RunRow, edit: &Edit, exception_id: &str, now: Instant) -> Result<EditRow> {
    let (kind, base_hash) = match run.kind.as_str() {
        kind::TIME_ENTRY => {
            if edit.name == PROJECT && !edit.body.contains_key("task_id") {
                return Err(Error::invalid("project.task_code", "is empty; time belongs to a task"));
            }
            (lines::TIME, base_of_time(&messages::message(&run.input)?)?)
        }
        _ => (lines::EXPENSE, base_of_expense(&messages::message(&run.input)?)?),
    };
    let held = both!(conn, lines::edits(kind, std::slice::from_ref(&run.subject)))?.pop();
    let held = held.filter(|held| held.base_hash == base_hash);
    let mut body: Map<String, Value> = match held {
        Some(held) => serde_json::from_str(&held.body).map_err(Error::internal)?,
        None => Map::new(),
    };
    body.extend(edit.body.clone());
    Ok(EditRow {
        kind: kind.to_owned(),
        line_id: run.subject.clone(),
        base_hash,
        body: Value::Object(body).to_string(),
        exception_id: exception_id.to_owned(),
        edited_at: now.naive_utc(),
    })
}

/// What the PSA says, whenever it says it.
fn base_of_time(entry: &psa::TimeEntry) -> Result<String> {
    let base = psa::TimeEntry {
        modified_time: None,
        ..entry.clone()
    };
    Ok(digest(messages::text(&base)?.as_bytes()))
}

fn base_of_expense(expense: &psa::Expense) -> Result<String> {
    let base = psa::Expense {
        modified_time: None,
        ..expense.clone()
    };
    Ok(digest(messages::text(&base)?.as_bytes()))
}

/// Entries as people say they are.
pub(crate) async fn of_time(core: &Core, entries: &[psa::TimeEntry]) -> Result<Vec<psa::TimeEntry>> {
    let ids: Vec<String> = entries.iter().map(|entry| entry.id.clone()).collect();
    let edits = core.db.read(move |c| edits_of_time(c, &ids)).await?;
    edited_time(entries, &edits)
}

/// What people say of entries, by the entry's id.
pub(crate) fn edits_of_time(conn: &mut Conn<'_>, ids: &[String]) -> Result<Edits> {
    edits(conn, lines::TIME, ids)
}

/// Entries with what people say of them.
pub(crate) fn edited_time(entries: &[psa::TimeEntry], edits: &Edits) -> Result<Vec<psa::TimeEntry>> {
    let edited = entries.iter().map(|entry| {
        let Some(edit) = edits.get(&entry.id) else {
            return Ok(entry.clone());
        };
        let Some(body) = body(edit, &base_of_time(entry)?)? else {
            return Ok(entry.clone());
        };
        let mut entry = entry.clone();
        over(&body, "project_id", &mut entry.project_id);
        over(&body, "task_id", &mut entry.task_id);
        entry.work_date = day(&body).map(pb_date).or(entry.work_date);
        Ok(entry)
    });
    edited.collect()
}

/// Expenses as people say they are.
pub(crate) async fn of_expenses(core: &Core, expenses: &[psa::Expense]) -> Result<Vec<psa::Expense>> {
    let ids: Vec<String> = expenses.iter().map(|expense| expense.id.clone()).collect();
    let edits = core.db.read(move |c| edits(c, lines::EXPENSE, &ids)).await?;
    let edited = expenses.iter().map(|expense| {
        let Some(edit) = edits.get(&expense.id) else {
            return Ok(expense.clone());
        };
        let Some(body) = body(edit, &base_of_expense(expense)?)? else {
            return Ok(expense.clone());
        };
        let mut expense = expense.clone();
        over(&body, "project_id", &mut expense.project_id);
        expense.receipt |= body.get("receipt") == Some(&Value::Bool(true));
        expense.incurred_date = day(&body).map(pb_date).or(expense.incurred_date);
        Ok(expense)
    });
    edited.collect()
}

fn edits(conn: &mut Conn<'_>, kind: &str, ids: &[String]) -> Result<Edits> {
    let mut edits = HashMap::new();
    for ids in ids.chunks(500) {
        let rows = both!(conn, lines::edits(kind, ids))?;
        edits.extend(rows.into_iter().map(|row| (row.line_id.clone(), row)));
    }
    Ok(edits)
}

/// What an edit says of a record. None: the PSA says something else now.
fn body(edit: &EditRow, base: &str) -> Result<Option<Map<String, Value>>> {
    if edit.base_hash != base {
        return Ok(None);
    }
    serde_json::from_str(&edit.body).map(Some).map_err(Error::internal)
}

fn over(body: &Map<String, Value>, name: &str, field: &mut String) {
    if let Some(said) = body.get(name).and_then(Value::as_str) {
        said.clone_into(field);
    }
}

fn day(body: &Map<String, Value>) -> Option<Date> {
    body.get("date")?.as_str()?.parse().ok()
}
