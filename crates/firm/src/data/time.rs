//! Time entries, held compactly and gathered into the sheets people hand in.

use std::collections::HashMap;

use serde::Deserialize;
use strata_kernel::Date;

use super::Firm;
use super::lines::Folder;
use crate::{Error, Result};

/// All time of a firm.
#[derive(Debug, Default)]
pub struct Time {
    /// Entries, in the order of the file.
    pub entries: Vec<Entry>,
    /// Sheets, in the order of their first entry.
    pub sheets: Vec<Sheet>,
    /// Position of the entries that are corrected, by id.
    pub corrected: HashMap<String, u32>,
    roles: Vec<Box<str>>,
}

/// Hours of one person on one task and day. People, projects and tasks are positions in the firm's lists.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Firm's id.
    pub id: Box<str>,
    /// Person.
    pub employee: u32,
    /// Project.
    pub project: u32,
    /// Task.
    pub task: u32,
    /// Day of work.
    pub work_date: Date,
    /// Minutes worked.
    pub minutes: u16,
    /// Minutes not to be billed.
    pub write_down_minutes: u16,
    /// Overtime, not regular.
    pub overtime: bool,
    /// Marked billable.
    pub billable: bool,
    role: u16,
}

/// What becomes of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SheetState {
    /// Never handed in.
    Draft,
    /// Handed in, not looked at.
    Submitted,
    /// Sent back.
    Rejected,
    /// Approved.
    Approved,
}

/// Entries of one person, timesheet and project with one fate: what is handed in together.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// Firm's id of the timesheet. A timesheet over several projects is handed in once per project.
    pub timesheet: Box<str>,
    /// Person.
    pub employee: u32,
    /// Project.
    pub project: u32,
    /// What becomes of it.
    pub state: SheetState,
    /// Day it is handed in.
    pub submitted_on: Option<Date>,
    /// Day it is approved.
    pub approved_on: Option<Date>,
    /// Positions of its entries.
    pub entries: Vec<u32>,
}

impl Time {
    /// Role an entry was worked in.
    #[must_use]
    pub fn role(&self, entry: &Entry) -> &str {
        self.roles.get(usize::from(entry.role)).map_or("", AsRef::as_ref)
    }

    /// Approved entries, in the order of the file.
    #[must_use]
    pub fn approved(&self) -> Vec<&Entry> {
        let approved = self.sheets.iter().filter(|sheet| sheet.state == SheetState::Approved);
        let mut positions: Vec<u32> = approved.flat_map(|sheet| sheet.entries.iter().copied()).collect();
        positions.sort_unstable();
        positions.into_iter().map(|at| self.entry(at)).collect()
    }

    /// The entry at a position.
    #[must_use]
    pub fn entry(&self, at: u32) -> &Entry {
        &self.entries[at as usize]
    }

    /// The sheet at a position.
    #[must_use]
    pub fn sheet(&self, at: u32) -> &Sheet {
        &self.sheets[at as usize]
    }
}

#[derive(Deserialize)]
struct Row {
    id: Box<str>,
    timesheet_id: Box<str>,
    employee_id: String,
    project_id: String,
    task_id: String,
    role: Box<str>,
    work_date: Date,
    minutes: u16,
    work_type: String,
    billable: bool,
    write_down_minutes: u16,
    status: String,
    submitted_on: Option<Date>,
    approved_on: Option<Date>,
}

#[derive(PartialEq, Eq, Hash)]
struct SheetKey {
    timesheet: Box<str>,
    project: u32,
    state: SheetState,
    submitted_on: Option<Date>,
    approved_on: Option<Date>,
    /// Drafts are written on the day of the work, so each day is a sheet of its own.
    drafted_on: Option<Date>,
}

/// Streams the time entries of a folder into compact form.
pub(super) fn read(folder: &Folder, firm: &Firm) -> Result<Time> {
    let mut gathered = Gathered {
        firm,
        tasks: firm
            .tasks
            .iter()
            .zip(0u32..)
            .map(|(task, at)| (task.id.as_str(), at))
            .collect(),
        roles: HashMap::new(),
        sheets: HashMap::new(),
        wanted: firm.corrections.iter().map(|c| c.time_entry_id.as_str()).collect(),
        time: Time::default(),
    };
    folder.each("time_entries", |row: Row| gathered.add(row))?;
    for correction in &firm.corrections {
        if !gathered.time.corrected.contains_key(&correction.time_entry_id) {
            return Err(super::dangling(&correction.id, "time entry", &correction.time_entry_id));
        }
    }
    Ok(gathered.time)
}

struct Gathered<'a> {
    firm: &'a Firm,
    tasks: HashMap<&'a str, u32>,
    roles: HashMap<Box<str>, u16>,
    sheets: HashMap<SheetKey, u32>,
    wanted: std::collections::HashSet<&'a str>,
    time: Time,
}

impl Gathered<'_> {
    fn add(&mut self, row: Row) -> Result<()> {
        let at = position(self.time.entries.len(), &row.id)?;
        let employee = self.firm.employee_at(&row.id, &row.employee_id)?;
        let project = self.firm.project_at(&row.id, &row.project_id)?;
        let task = *self
            .tasks
            .get(row.task_id.as_str())
            .ok_or_else(|| super::dangling(&row.id, "task", &row.task_id))?;
        let role = self.role(&row)?;
        if self.wanted.contains(row.id.as_ref()) {
            self.time.corrected.insert(row.id.clone().into(), at);
        }
        self.hand_in(&row, at, employee, project)?;
        self.time.entries.push(Entry {
            id: row.id,
            employee,
            project,
            task,
            work_date: row.work_date,
            minutes: row.minutes,
            write_down_minutes: row.write_down_minutes,
            overtime: row.work_type == "overtime",
            billable: row.billable,
            role,
        });
        Ok(())
    }

    fn role(&mut self, row: &Row) -> Result<u16> {
        if let Some(&at) = self.roles.get(&row.role) {
            return Ok(at);
        }
        let at = u16::try_from(self.time.roles.len()).map_err(|_| odd(&row.id, "the firm has too many roles"))?;
        self.time.roles.push(row.role.clone());
        self.roles.insert(row.role.clone(), at);
        Ok(at)
    }

    /// Puts an entry on its sheet.
    fn hand_in(&mut self, row: &Row, entry: u32, employee: u32, project: u32) -> Result<()> {
        let state = state(row)?;
        let key = SheetKey {
            timesheet: row.timesheet_id.clone(),
            project,
            state,
            submitted_on: row.submitted_on,
            approved_on: row.approved_on,
            drafted_on: (state == SheetState::Draft).then_some(row.work_date),
        };
        if let Some(&at) = self.sheets.get(&key) {
            self.time.sheets[at as usize].entries.push(entry);
            return Ok(());
        }
        let at = position(self.time.sheets.len(), &row.id)?;
        self.sheets.insert(key, at);
        self.time.sheets.push(Sheet {
            timesheet: row.timesheet_id.clone(),
            employee,
            project,
            state,
            submitted_on: row.submitted_on,
            approved_on: row.approved_on,
            entries: vec![entry],
        });
        Ok(())
    }
}

fn state(row: &Row) -> Result<SheetState> {
    let state = match row.status.as_str() {
        "draft" => SheetState::Draft,
        "submitted" => SheetState::Submitted,
        "rejected" => SheetState::Rejected,
        "approved" => SheetState::Approved,
        other => return Err(odd(&row.id, &format!("status \"{other}\" is not known"))),
    };
    if state != SheetState::Draft && row.submitted_on.is_none() {
        return Err(odd(&row.id, "handed in, but no day of submission"));
    }
    if (state == SheetState::Approved) != row.approved_on.is_some() {
        return Err(odd(&row.id, "status and day of approval disagree"));
    }
    Ok(state)
}

fn position(len: usize, id: &str) -> Result<u32> {
    u32::try_from(len).map_err(|_| odd(id, "the firm has too much time"))
}

fn odd(id: &str, what: &str) -> Error {
    Error::Record {
        file: "time_entries.jsonl".to_owned(),
        line: 0,
        detail: format!("{id}: {what}"),
    }
}
