//! Writing the store.

use std::collections::HashSet;

use chrono::{DateTime, SubsecRound, Utc};

use super::log;
use super::table::Row;
use super::text::Text;
use super::{Body, Record, State, View};

/// A write under way. It reads its own changes; dropped without a commit, it takes them back.
#[derive(Debug)]
pub struct Tx<'a> {
    state: &'a mut State,
    undo: Vec<Undo>,
}

#[derive(Debug)]
enum Undo {
    Row {
        kind: &'static str,
        id: u64,
        old: Option<Row>,
        last_id: u64,
    },
    Sequence {
        name: String,
        old: Option<u64>,
    },
}

impl<'a> Tx<'a> {
    pub(super) fn new(state: &'a mut State) -> Self {
        Self { state, undo: Vec::new() }
    }

    /// Stores a new document written at `at` and answers its id.
    pub fn insert(&mut self, kind: &str, body: Body, at: DateTime<Utc>) -> u64 {
        let id = self.state.table(kind).last_id() + 1;
        let at = at.trunc_subsecs(3);
        self.replace(
            kind,
            id,
            Some(Row {
                created: at,
                modified: at,
                text: Text::of(body),
            }),
        );
        id
    }

    /// Replaces the fields of a document, written at `at`. When it was created stays; an id not stored yet is created.
    pub fn put(&mut self, kind: &str, id: u64, body: Body, at: DateTime<Utc>) {
        let at = at.trunc_subsecs(3);
        let created = self.state.table(kind).row(id).map_or(at, |row| row.created);
        self.replace(
            kind,
            id,
            Some(Row {
                created,
                modified: at,
                text: Text::of(body),
            }),
        );
    }

    /// Removes a document; one that is not there is left so.
    pub fn delete(&mut self, kind: &str, id: u64) {
        if self.state.table(kind).row(id).is_some() {
            self.replace(kind, id, None);
        }
    }

    /// The next number of a named sequence: 1, 2, 3, without gaps, kept with the documents.
    pub fn next(&mut self, sequence: &str) -> u64 {
        let old = self.state.sequences.get(sequence).copied();
        let next = old.unwrap_or(0) + 1;
        self.state.sequences.insert(sequence.to_owned(), next);
        self.undo.push(Undo::Sequence {
            name: sequence.to_owned(),
            old,
        });
        next
    }

    /// Everything as this write left it so far.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        View::new(self.state)
    }

    /// As [`View::get`].
    #[must_use]
    pub fn get(&self, kind: &str, id: u64) -> Option<Body> {
        self.view().get(kind, id)
    }

    /// As [`View::record`].
    #[must_use]
    pub fn record(&self, kind: &str, id: u64) -> Option<Record> {
        self.view().record(kind, id)
    }

    /// As [`View::exists`].
    #[must_use]
    pub fn exists(&self, kind: &str, id: u64) -> bool {
        self.view().exists(kind, id)
    }

    /// As [`View::find`].
    #[must_use]
    pub fn find(&self, kind: &str, index: &str, value: &str) -> Vec<u64> {
        self.view().find(kind, index, value)
    }

    /// As [`View::all`].
    #[must_use]
    pub fn all(&self, kind: &str) -> Vec<u64> {
        self.view().all(kind)
    }

    /// As [`View::changed`].
    #[must_use]
    pub fn changed(&self, kind: &str, since: DateTime<Utc>, limit: usize, after: Option<(DateTime<Utc>, u64)>) -> Vec<Record> {
        self.view().changed(kind, since, limit, after)
    }

    /// Logs the changes as one line and keeps them.
    pub(super) fn commit(mut self) -> std::io::Result<()> {
        if !self.undo.is_empty() {
            self.log()?;
            self.undo.clear();
        }
        Ok(())
    }

    fn replace(&mut self, kind: &str, id: u64, row: Option<Row>) {
        let table = self.state.table_mut(kind);
        let kind = table.name();
        let last_id = table.last_id();
        let old = table.replace(id, row);
        self.undo.push(Undo::Row { kind, id, old, last_id });
    }

    /// Appends one line: what every touched document and sequence is now, each once.
    fn log(&mut self) -> std::io::Result<()> {
        if self.state.log.is_none() {
            return Ok(());
        }
        let mut writer = log::Writer::default();
        let mut rows = HashSet::new();
        for undo in &self.undo {
            match undo {
                Undo::Row { kind, id, .. } if rows.insert((*kind, *id)) => {
                    writer.row(kind, *id, self.state.table(kind).row(*id));
                }
                Undo::Row { .. } => {}
                Undo::Sequence { name, .. } => {
                    writer.sequence(name, self.state.sequences.get(name).copied().unwrap_or(0));
                }
            }
        }
        let written = self.state.log.as_mut().map(|log| log.append(writer));
        for (kind, id, text) in written.transpose()?.into_iter().flatten() {
            self.state.table_mut(kind).logged(id, text);
        }
        Ok(())
    }
}

impl Drop for Tx<'_> {
    fn drop(&mut self) {
        while let Some(undo) = self.undo.pop() {
            match undo {
                Undo::Row { kind, id, old, last_id } => {
                    let table = self.state.table_mut(kind);
                    table.replace(id, old);
                    table.rewind(last_id);
                }
                Undo::Sequence { name, old: Some(old) } => {
                    self.state.sequences.insert(name, old);
                }
                Undo::Sequence { name, old: None } => {
                    self.state.sequences.remove(&name);
                }
            }
        }
    }
}
