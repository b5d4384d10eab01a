//! Reads facts, and says what each adds.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use strata_kernel::Result;
use strata_store::{Conn, both};

use super::{kind, line};
use crate::billing::posting;
use crate::billing::work_of::time_source;
use crate::store::rows::{PostingRow, TimeEntryRow};
use crate::store::rows_positions::{OwnerRow, PositionLine};
use crate::store::{lite, pg};

/// Keys in one question.
const CHUNK: usize = 500;

/// Whose a fact is: its contract, or the project of internal work.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Asked {
    pub(super) contract_id: String,
    /// Empty: it is the contract's.
    pub(super) project_id: String,
}

impl Asked {
    fn contract(id: &str) -> Self {
        Self {
            contract_id: id.to_owned(),
            project_id: String::new(),
        }
    }

    fn of_time(entry: &TimeEntryRow) -> Self {
        if entry.contract_id.is_empty() {
            return Self {
                contract_id: String::new(),
                project_id: entry.project_id.clone(),
            };
        }
        Self::contract(&entry.contract_id)
    }

    /// Id of the row that answers.
    pub(super) fn id(&self) -> &str {
        if self.contract_id.is_empty() {
            &self.project_id
        } else {
            &self.contract_id
        }
    }
}

/// What facts add.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// By fact. A fact that is not there adds nothing.
    pub(super) lines: BTreeMap<String, Vec<PositionLine>>,
    /// Whose facts are, where nobody knows it yet.
    pub(super) missing: BTreeSet<Asked>,
    /// Facts that wait for that.
    pub(super) waiting: BTreeSet<String>,
}

impl Read {
    fn put(
        &mut self,
        key: &str,
        owner: Option<&OwnerRow>,
        asked: Asked,
        lines: impl FnOnce(&OwnerRow) -> Result<Vec<PositionLine>>,
    ) -> Result<()> {
        match owner {
            Some(owner) => {
                self.lines.insert(key.to_owned(), lines(owner)?);
            }
            None => {
                self.missing.insert(asked);
                self.waiting.insert(key.to_owned());
            }
        }
        Ok(())
    }
}

/// What facts of a kind add now.
pub(super) fn read(conn: &mut Conn<'_>, kind: &str, keys: &[String]) -> Result<Read> {
    let mut read = Read::default();
    for keys in keys.chunks(CHUNK) {
        match kind {
            kind::TIME => time(conn, keys, &mut read)?,
            kind::DOCUMENT => documents(conn, keys, &mut read)?,
            _ => revenue(conn, keys, &mut read)?,
        }
    }
    for key in keys {
        if !read.waiting.contains(key) {
            read.lines.entry(key.clone()).or_default();
        }
    }
    Ok(read)
}

fn owners(conn: &mut Conn<'_>, asked: impl Iterator<Item = Asked>) -> Result<HashMap<String, OwnerRow>> {
    let ids: BTreeSet<String> = asked.map(|asked| asked.id().to_owned()).collect();
    let ids: Vec<String> = ids.into_iter().collect();
    let rows = both!(conn, positions::owners(&ids))?;
    Ok(rows.into_iter().map(|row| (row.id.clone(), row)).collect())
}

fn time(conn: &mut Conn<'_>, ids: &[String], read: &mut Read) -> Result<()> {
    let entries = both!(conn, work::entries(ids))?;
    let owners = owners(conn, entries.iter().map(Asked::of_time))?;
    let mut postings: HashMap<String, Vec<PostingRow>> = HashMap::new();
    for row in both!(conn, postings::of_lines(posting::TIME, ids))? {
        postings.entry(row.line.clone()).or_default().push(row);
    }
    let sources: Vec<String> = ids.iter().map(|id| time_source(id)).collect();
    let mut states: HashMap<String, Vec<String>> = HashMap::new();
    for (source, state) in both!(conn, positions::states_of(&sources))? {
        states.entry(source).or_default().push(state);
    }
    for entry in &entries {
        let asked = Asked::of_time(entry);
        let of = postings.get(&entry.id).map(Vec::as_slice).unwrap_or_default();
        let states = states.get(&time_source(&entry.id)).map(Vec::as_slice).unwrap_or_default();
        let owner = owners.get(asked.id());
        read.put(&entry.id, owner, asked, |owner| line::of_time(entry, of, states, owner))?;
    }
    Ok(())
}

fn documents(conn: &mut Conn<'_>, keys: &[String], read: &mut Read) -> Result<()> {
    let rows = both!(conn, documents::with_keys(keys))?;
    let owners = owners(conn, rows.iter().map(|row| Asked::contract(&row.contract_id)))?;
    for row in &rows {
        let lines = both!(conn, documents::lines(&row.key))?;
        let projects = projects(conn, lines.iter().map(|line| line.source.as_str()))?;
        let asked = Asked::contract(&row.contract_id);
        let owner = owners.get(asked.id());
        read.put(&row.key, owner, asked, |owner| {
            line::of_document(row, &lines, &projects, owner)
        })?;
    }
    Ok(())
}

/// Project codes of those sources that have one.
fn projects<'a>(conn: &mut Conn<'_>, sources: impl Iterator<Item = &'a str>) -> Result<BTreeMap<String, String>> {
    let (mut time, mut expenses) = (BTreeSet::new(), BTreeSet::new());
    for source in sources {
        if let Some(id) = source.strip_prefix("time:") {
            time.insert(id.to_owned());
        } else if let Some(id) = source.strip_prefix("expense:") {
            expenses.insert(id.to_owned());
        }
    }
    let (time, expenses): (Vec<String>, Vec<String>) = (time.into_iter().collect(), expenses.into_iter().collect());
    let mut found = BTreeMap::new();
    for ids in time.chunks(CHUNK) {
        let rows = both!(conn, positions::projects_of_time(ids))?;
        found.extend(rows.into_iter().map(|(id, code)| (format!("time:{id}"), code)));
    }
    for ids in expenses.chunks(CHUNK) {
        let rows = both!(conn, positions::projects_of_expenses(ids))?;
        found.extend(rows.into_iter().map(|(id, code)| (format!("expense:{id}"), code)));
    }
    Ok(found)
}

fn revenue(conn: &mut Conn<'_>, keys: &[String], read: &mut Read) -> Result<()> {
    let rows = both!(conn, positions::revenue_with(keys))?;
    let owners = owners(conn, rows.iter().map(|row| Asked::contract(&row.contract_id)))?;
    for row in &rows {
        let asked = Asked::contract(&row.contract_id);
        let owner = owners.get(asked.id());
        read.put(&row.key, owner, asked, |owner| Ok(line::of_revenue(row, owner)))?;
    }
    Ok(())
}
