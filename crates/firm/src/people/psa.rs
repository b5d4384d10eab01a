//! Consultants, their managers and the PMO, in Kantata OX.

use std::collections::HashMap;
use std::sync::{Mutex as SyncMutex, PoisonError};

use reqwest::Method;
use serde_json::{Map, Value, json};
use strata_kernel::Date;
use tokio::sync::Mutex;

use super::numbers::{minor, text};
use super::psa_read::Row;
use super::session::{Call, Grant, Session};
use super::{BasicAccess, TRIES};
use crate::data::{Estimate, Expense, LegalEntity, Project, Task};
use crate::{Error, Result};

/// Root of the API.
pub(super) const API: &str = "/api/v1";

/// The PSA's people.
#[derive(Debug)]
pub struct Psa {
    pub(super) session: Session,
    pub(super) known: Mutex<Known>,
    recalled: SyncMutex<HashMap<(&'static str, String), String>>,
}

/// What people found in the PSA before, by the names they know.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Workspaces by project code.
    pub(super) workspaces: HashMap<String, String>,
    /// Stories by workspace and title.
    pub(super) stories: HashMap<(String, String), String>,
    /// Users by email.
    pub(super) users: HashMap<String, String>,
}

/// Time as a consultant writes it down. Ids are the PSA's.
#[derive(Debug)]
pub(crate) struct TimeToEnter<'a> {
    /// Project.
    pub workspace: &'a str,
    /// Task.
    pub story: &'a str,
    /// Person.
    pub user: &'a str,
    /// Day of work.
    pub date: Date,
    /// Minutes worked.
    pub minutes: u32,
    /// Marked billable.
    pub billable: bool,
    /// The person's own reference, in the notes.
    pub reference: &'a str,
    /// Role the work was done in.
    pub role: &'a str,
    /// Overtime, not regular.
    pub overtime: bool,
    /// Minutes not to be billed.
    pub write_down_minutes: u32,
    /// The entry this one replaces.
    pub supersedes: Option<&'a str>,
}

/// An expense as a consultant writes it down.
pub(crate) struct ExpenseToEnter<'a> {
    pub(crate) workspace: &'a str,
    pub(crate) user: &'a str,
    pub(crate) expense: &'a Expense,
    /// Number of the receipt's picture.
    pub(crate) number: u32,
}

/// What is handed in together: time, or expenses, of one person and project.
#[derive(Debug)]
pub(crate) struct SheetToSubmit<'a> {
    /// Project.
    pub workspace: &'a str,
    /// Person.
    pub user: &'a str,
    /// Title. People find the sheet by it.
    pub title: String,
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
    /// Entries.
    pub items: &'a [String],
}

impl Psa {
    /// Connects.
    pub(super) fn new(access: BasicAccess) -> Result<Self> {
        let grant = Grant::Client {
            path: "/oauth/token".to_owned(),
            basic: (access.client_id, access.client_secret),
        };
        Ok(Self {
            session: Session::new("kantata-ox", &access.base_url, grant, super::CONCURRENCY)?,
            known: Mutex::default(),
            recalled: SyncMutex::default(),
        })
    }

    /// Opens a workspace for internal work, with its tasks.
    pub(crate) async fn internal_workspace(
        &self,
        project: &Project,
        entity: &LegalEntity,
        tasks: &[&Task],
        careful: bool,
    ) -> Result<String> {
        let found = match careful {
            true => self.workspace(&project.id).await?,
            false => None,
        };
        let workspace = match found {
            Some(id) => id,
            None => {
                let body = json!({
                    "title": format!("{} Internal", project.id),
                    "creator_role": "maven",
                    "stage": "project",
                    "currency": entity.functional_currency,
                    "start_date": project.activated_on,
                    "custom_fields": {
                        "Project Code": project.id,
                        "Legal Entity": entity.id,
                        "Cost Center": project.cost_center_id,
                    },
                });
                self.create_workspace(&project.id, &body).await?
            }
        };
        for task in tasks {
            if careful && self.story(&workspace, &task.name).await?.is_some() {
                continue;
            }
            let body = json!({
                "title": task.name,
                "story_type": "task",
                "workspace_id": id(&workspace)?,
                "billable": task.billable,
            });
            self.post("stories", "story", &body).await?;
        }
        Ok(workspace)
    }

    async fn create_workspace(&self, code: &str, body: &Value) -> Result<String> {
        for _ in 0..TRIES {
            match self.post("workspaces", "workspace", body).await {
                Err(lost) if lost.is_lost() => {
                    if let Some(id) = self.workspace(code).await? {
                        return Ok(id);
                    }
                }
                outcome => return outcome,
            }
        }
        self.post("workspaces", "workspace", body).await
    }

    /// Writes time down.
    pub(crate) async fn enter_time(&self, time: &TimeToEnter<'_>, careful: bool) -> Result<String> {
        let mut custom = Map::new();
        custom.insert("Role".to_owned(), time.role.into());
        custom.insert(
            "Work Type".to_owned(),
            if time.overtime { "overtime" } else { "regular" }.into(),
        );
        custom.insert("Write Down Minutes".to_owned(), time.write_down_minutes.into());
        if let Some(replaced) = time.supersedes {
            custom.insert("Supersedes Entry".to_owned(), replaced.into());
        }
        let body = json!({
            "workspace_id": id(time.workspace)?,
            "story_id": id(time.story)?,
            "user_id": id(time.user)?,
            "date_performed": time.date,
            "time_in_minutes": time.minutes,
            "billable": time.billable,
            "notes": time.reference,
            "custom_fields": custom,
        });
        let day = format!("{}:{}", time.date, time.date);
        let look_up = Call::get(format!("{API}/time_entries"))
            .with("workspace_id", time.workspace)
            .with("date_performed_between", day);
        self.ensure(
            "time_entries",
            "time_entry",
            &body,
            ("notes", time.reference),
            look_up,
            careful,
        )
        .await
    }

    /// Hands time in.
    pub(crate) async fn submit_time(&self, sheet: &SheetToSubmit<'_>, careful: bool) -> Result<String> {
        self.submit(
            "timesheet_submissions",
            "timesheet_submission",
            "time_entry_ids",
            sheet,
            careful,
        )
        .await
    }

    /// Approves time, or sends it back.
    pub(crate) async fn decide_time(&self, sheet: &str, approve: bool) -> Result<()> {
        self.decide("timesheet_submissions", sheet, approve).await
    }

    /// Writes an expense down.
    pub(crate) async fn enter_expense(&self, entered: &ExpenseToEnter<'_>, careful: bool) -> Result<String> {
        let expense = entered.expense;
        let body = json!({
            "workspace_id": id(entered.workspace)?,
            "user_id": id(entered.user)?,
            "date": expense.incurred_on,
            "category": expense.category,
            "amount_in_cents": minor(&expense.amount, &expense.currency)?,
            "currency": expense.currency,
            "billable": expense.billable,
            "reimbursable": expense.reimbursable,
            "receipt_id": expense.receipt.then(|| u64::from(entered.number) + 1),
            "notes": expense.id,
        });
        let look_up = Call::get(format!("{API}/expenses")).with("workspace_id", entered.workspace);
        self.ensure("expenses", "expense", &body, ("notes", &expense.id), look_up, careful)
            .await
    }

    /// Hands an expense in.
    pub(crate) async fn submit_expense(&self, sheet: &SheetToSubmit<'_>, careful: bool) -> Result<String> {
        self.submit(
            "expense_report_submissions",
            "expense_report_submission",
            "expense_ids",
            sheet,
            careful,
        )
        .await
    }

    /// Approves an expense.
    pub(crate) async fn approve_expense(&self, sheet: &str) -> Result<()> {
        self.decide("expense_report_submissions", sheet, true).await
    }

    /// Writes down what a project takes in all.
    pub(crate) async fn estimate(&self, workspace: &str, estimate: &Estimate) -> Result<()> {
        let fields = json!({"EAC Minutes": estimate.eac_minutes, "EAC Recorded On": estimate.recorded_on});
        let body = json!({"workspace": {"custom_fields": fields}});
        self.put(&format!("workspaces/{workspace}"), &body).await
    }

    /// Completes a milestone that the customer accepted on a day.
    pub(crate) async fn accept(&self, story: &str, day: Date, evidence: &str) -> Result<()> {
        let fields = json!({"Accepted On": day, "Acceptance Evidence": evidence});
        let body = json!({"story": {"state": "completed", "custom_fields": fields}});
        self.put(&format!("stories/{story}"), &body).await
    }

    /// Changes a record. Twice is as good as once.
    async fn put(&self, path: &str, body: &Value) -> Result<()> {
        let call = Call::write(Method::PUT, format!("{API}/{path}"), body);
        self.session.send(&call).await.map(drop)
    }

    async fn submit(
        &self,
        kind: &'static str,
        singular: &str,
        items: &str,
        sheet: &SheetToSubmit<'_>,
        careful: bool,
    ) -> Result<String> {
        let ids = sheet.items.iter().map(|item| id(item)).collect::<Result<Vec<u64>>>()?;
        let mut body = json!({
            "workspace_id": id(sheet.workspace)?,
            "user_id": id(sheet.user)?,
            "start_date": sheet.from,
            "end_date": sheet.to,
            "title": sheet.title,
        });
        body[items] = json!(ids);
        let look_up = Call::get(format!("{API}/{kind}")).with("workspace_id", sheet.workspace);
        self.ensure(kind, singular, &body, ("title", &sheet.title), look_up, careful)
            .await
    }

    /// Approves or rejects. A sheet that is decided already, the same way, is left alone.
    async fn decide(&self, kind: &str, sheet: &str, approve: bool) -> Result<()> {
        let (verb, state) = if approve {
            ("approve", "approved")
        } else {
            ("reject", "rejected")
        };
        let call = Call::write(Method::PUT, format!("{API}/{kind}/{sheet}/{verb}"), &json!({}));
        match self.session.send(&call).await {
            Err(refused @ Error::Refused { status: 422, .. }) => {
                let row = self.one(&Call::get(format!("{API}/{kind}/{sheet}")), kind, sheet).await?;
                if text(row.get("status")) == state {
                    Ok(())
                } else {
                    Err(refused)
                }
            }
            outcome => outcome.map(drop),
        }
    }

    /// Creates a record, unless it is there already under the text people put on it.
    async fn ensure(
        &self,
        kind: &'static str,
        singular: &str,
        body: &Value,
        (field, value): (&str, &str),
        look_up: Call,
        careful: bool,
    ) -> Result<String> {
        if careful && let Some(id) = self.recalled().get(&(kind, value.to_owned())) {
            return Ok(id.clone());
        }
        for _ in 0..TRIES {
            match self.post(kind, singular, body).await {
                Err(lost) if lost.is_lost() => {
                    let rows = self.list(look_up.clone(), kind).await?;
                    if let Some(Row { id, .. }) = rows.iter().find(|row| text(row.body.get(field)) == value) {
                        return Ok(id.clone());
                    }
                }
                outcome => return outcome,
            }
        }
        self.post(kind, singular, body).await
    }

    async fn post(&self, kind: &str, singular: &str, body: &Value) -> Result<String> {
        let mut wrapped = Map::new();
        wrapped.insert(singular.to_owned(), body.clone());
        let call = Call::write(Method::POST, format!("{API}/{kind}"), &Value::Object(wrapped));
        let reply = self.session.send(&call).await?;
        let answer = reply.json()?;
        match text(answer.pointer("/results/0/id")) {
            id if id.is_empty() => Err(reply.odd("results")),
            id => Ok(id),
        }
    }

    /// Reads what was written on a day, for a day that is acted again.
    pub(crate) async fn recall(&self, day: Date) -> Result<()> {
        let kinds = [
            ("time_entries", "notes"),
            ("timesheet_submissions", "title"),
            ("expenses", "notes"),
            ("expense_report_submissions", "title"),
        ];
        for (kind, field) in kinds {
            let call = Call::get(format!("{API}/{kind}"))
                .with("updated_after", format!("{day}T00:00:00Z"))
                .with("order", "updated_at:asc");
            let rows = self.list(call, kind).await?;
            self.recalled()
                .extend(rows.into_iter().map(|row| ((kind, text(row.body.get(field))), row.id)));
        }
        Ok(())
    }

    /// Forgets what was recalled.
    pub(crate) fn forget_recalled(&self) {
        self.recalled().clear();
    }

    fn recalled(&self) -> std::sync::MutexGuard<'_, HashMap<(&'static str, String), String>> {
        self.recalled.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ids are texts in answers and numbers in requests.
fn id(text: &str) -> Result<u64> {
    text.parse()
        .map_err(|_| Error::Setup(format!("kantata-ox named a record \"{text}\", which is no number")))
}
