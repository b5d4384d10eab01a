//! Consultants write time and expenses, managers decide, customers pay.

use strata_kernel::Date;

use super::day::Day;
use crate::calendar::HIRE_AHEAD_DAYS;
use crate::data::{Entry, Expense};
use crate::people::{ExpenseToEnter, Paid, SheetToSubmit, TimeToEnter};
use crate::{Error, Result};

/// Outcome of a payment that was refused, followed by a colon and the reason.
pub(super) const REFUSED: &str = "refused";

impl Day<'_> {
    /// Writes a sheet's time without handing it in.
    pub(super) async fn write_sheet(&self, at: u32) -> Result<String> {
        self.write_entries(at).await?;
        Ok(String::new())
    }

    /// Writes a sheet's time and hands it in.
    pub(super) async fn submit_sheet(&self, at: u32) -> Result<String> {
        let time = &self.firm.time;
        let sheet = time.sheet(at);
        let (workspace, user, entries) = self.write_entries(at).await?;
        let dates = || sheet.entries.iter().map(|&entry| time.entry(entry).work_date);
        let submission = SheetToSubmit {
            workspace: &workspace,
            user: &user,
            title: format!("{} {}", sheet.timesheet, self.firm.projects[sheet.project as usize].id),
            from: dates().min().unwrap_or(self.date),
            to: dates().max().unwrap_or(self.date),
            items: &entries,
        };
        self.people.psa.submit_time(&submission, self.careful).await
    }

    /// Writes the entries of a sheet. Returns the workspace, the user and the entries as the PSA calls them.
    async fn write_entries(&self, at: u32) -> Result<(String, String, Vec<String>)> {
        let time = &self.firm.time;
        let sheet = time.sheet(at);
        let project = &self.firm.projects[sheet.project as usize].id;
        let employee = &self.firm.employees[sheet.employee as usize].id;
        let workspace = self.workspace(employee, project).await?;
        let user = self.user(employee).await?;
        let mut ids = Vec::with_capacity(sheet.entries.len());
        for &position in &sheet.entries {
            let entry = time.entry(position);
            let story = self.story(entry, project, &workspace).await?;
            let entered = TimeToEnter {
                workspace: &workspace,
                story: &story,
                user: &user,
                date: entry.work_date,
                minutes: entry.minutes.into(),
                billable: entry.billable,
                reference: &entry.id,
                role: time.role(entry),
                overtime: entry.overtime,
                write_down_minutes: entry.write_down_minutes.into(),
                supersedes: None,
            };
            let id = self.people.psa.enter_time(&entered, self.careful).await?;
            if time.corrected.contains_key(entry.id.as_ref()) {
                // Who corrects the entry months from now must know what the PSA calls it.
                self.journal.note(&format!("entry:{}", entry.id), &id)?;
            }
            ids.push(id);
        }
        Ok((workspace, user, ids))
    }

    pub(super) async fn decide_sheet(&self, at: u32, approve: bool) -> Result<String> {
        let sheet = self.result_of(&self.firm.time.sheet(at).timesheet, &format!("SubmitSheet:{at}"))?;
        self.people.psa.decide_time(&sheet, approve).await?;
        Ok(String::new())
    }

    /// An entry that replaces another: written, handed in and approved in one go. It takes no write-down over.
    pub(super) async fn correct(&self, at: usize) -> Result<String> {
        let correction = &self.firm.corrections[at];
        let time = &self.firm.time;
        let Some(&position) = time.corrected.get(&correction.time_entry_id) else {
            return Err(self.missing(&correction.id, &correction.time_entry_id));
        };
        let entry = time.entry(position);
        let project = &self.firm.projects[entry.project as usize].id;
        let employee = &self.firm.employees[entry.employee as usize].id;
        let workspace = self.workspace(employee, project).await?;
        let user = self.user(employee).await?;
        let story = self.story(entry, project, &workspace).await?;
        let replaced = self.result_of(&correction.id, &format!("entry:{}", entry.id))?;
        let entered = TimeToEnter {
            workspace: &workspace,
            story: &story,
            user: &user,
            date: entry.work_date,
            minutes: correction.corrected_minutes,
            billable: entry.billable,
            reference: &correction.id,
            role: time.role(entry),
            overtime: entry.overtime,
            write_down_minutes: 0,
            supersedes: Some(&replaced),
        };
        let id = self.people.psa.enter_time(&entered, self.careful).await?;
        let submission = SheetToSubmit {
            workspace: &workspace,
            user: &user,
            title: correction.id.clone(),
            from: entry.work_date,
            to: entry.work_date,
            items: std::slice::from_ref(&id),
        };
        let submission = self.people.psa.submit_time(&submission, self.careful).await?;
        self.people.psa.decide_time(&submission, true).await?;
        // A second correction replaces this one.
        self.journal.note(&format!("entry:{}", entry.id), &id)?;
        Ok(id)
    }

    pub(super) async fn submit_expense(&self, at: usize) -> Result<String> {
        let expense: &Expense = &self.firm.expenses[at];
        let workspace = self.workspace(&expense.employee_id, &expense.project_id).await?;
        let user = self.user(&expense.employee_id).await?;
        let entered = ExpenseToEnter {
            workspace: &workspace,
            user: &user,
            expense,
            number: u32::try_from(at).unwrap_or(u32::MAX),
        };
        let id = self.people.psa.enter_expense(&entered, self.careful).await?;
        let submission = SheetToSubmit {
            workspace: &workspace,
            user: &user,
            title: expense.id.clone(),
            from: expense.incurred_on,
            to: expense.incurred_on,
            items: std::slice::from_ref(&id),
        };
        self.people.psa.submit_expense(&submission, self.careful).await
    }

    pub(super) async fn approve_expense(&self, at: usize) -> Result<String> {
        let expense = &self.firm.expenses[at];
        let submission = self.result_of(&expense.id, &format!("SubmitExpense:{}", expense.id))?;
        self.people.psa.approve_expense(&submission).await?;
        Ok(String::new())
    }

    /// Whoever runs a fixed fee says what it takes in all.
    pub(super) async fn estimate(&self, at: usize) -> Result<String> {
        let estimate = &self.firm.estimates[at];
        let workspace = self.first_workspace(&estimate.id, &estimate.contract_id).await?;
        self.people.psa.estimate(&workspace, estimate).await?;
        Ok(String::new())
    }

    /// The customer accepted a milestone; whoever runs the project notes it.
    pub(super) async fn accept_milestone(&self, at: usize) -> Result<String> {
        let milestone = &self.firm.milestones[at];
        let workspace = self.first_workspace(&milestone.id, &milestone.contract_id).await?;
        let found = self.people.psa.milestone(&workspace, &milestone.id).await?;
        let story = found.ok_or_else(|| self.missing(&milestone.id, "its milestone in the PSA"))?;
        let day = milestone.accepted_on.unwrap_or(self.date);
        self.people.psa.accept(&story, day, &format!("protocol of {day}")).await?;
        Ok(story)
    }

    /// The PSA project on which milestones and estimates of a contract are kept.
    async fn first_workspace(&self, who: &str, contract: &str) -> Result<String> {
        let project = self.firm.first_project(contract);
        let project = project.ok_or_else(|| self.missing(who, format!("a project of {contract}")))?;
        self.workspace(who, &project.id).await
    }

    /// A customer pays. What cannot be booked is noted with its reason: the comparison of the books judges it.
    pub(super) async fn pay(&self, at: usize) -> Result<String> {
        let payment = &self.firm.payments[at];
        match self.people.erp.pay(payment).await {
            Ok(Paid::Booked(id)) => Ok(id),
            Ok(Paid::NoDocument) => {
                let of = [&payment.contract_id, &payment.period, &payment.document]
                    .map(String::as_str)
                    .join(" ");
                Ok(format!("{REFUSED}: no document for {of}"))
            }
            Err(Error::Refused { status: 400, body, .. }) => Ok(format!("{REFUSED}: {body}")),
            Err(failed) => Err(failed),
        }
    }

    /// The PSA project of a code. The platform, or the PMO, has to have made it.
    async fn workspace(&self, who: &str, code: &str) -> Result<String> {
        let found = self.people.psa.workspace(code).await?;
        found.ok_or_else(|| self.missing(who, format!("project {code} in the PSA")))
    }

    /// The task of an entry, found by its title.
    async fn story(&self, entry: &Entry, project: &str, workspace: &str) -> Result<String> {
        let title = &self.firm.tasks[entry.task as usize].name;
        let found = self.people.psa.story(workspace, title).await?;
        found.ok_or_else(|| self.missing(&entry.id, format!("task \"{title}\" of {project} in the PSA")))
    }

    /// The PSA user of a person. The platform has to have made it from the hire.
    async fn user(&self, employee: &str) -> Result<String> {
        let email = crate::people::email(employee);
        let found = self.people.psa.user(&email).await?;
        found.ok_or_else(|| {
            let hired: Option<Date> = self.firm.employee(employee, employee).ok().map(|e| e.hired_on);
            let hired = hired.map_or_else(String::new, |day| format!(", hired {HIRE_AHEAD_DAYS} days before {day}"));
            self.missing(employee, format!("the PSA user {email}{hired}"))
        })
    }
}
