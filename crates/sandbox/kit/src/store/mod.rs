//! The document store of a sandbox.

mod index;
mod log;
mod stamps;
mod table;
mod text;
mod tx;
mod view;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Utc};

pub use tx::Tx;
pub use view::View;

use log::Log;
use table::Table;

/// A document: the fields of one object. Its id and stamps are kept beside it, see [`Record`].
pub type Body = serde_json::Map<String, serde_json::Value>;

/// A kind of document and the fields it can be found by.
#[derive(Debug)]
pub struct Kind {
    /// Its name, the first argument of every read and write.
    pub name: &'static str,
    /// Indexed fields: text, numbers and booleans, compared by their text; of a list, each element; null is not indexed.
    /// A dot steps into an object: `"entity.id"`.
    pub indexes: &'static [&'static str],
}

/// A stored document with its id and stamps.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Number within its kind, from 1; never used again after a delete.
    pub id: u64,
    /// When it was inserted, whole milliseconds.
    pub created: DateTime<Utc>,
    /// When it was last written, whole milliseconds.
    pub modified: DateTime<Utc>,
    /// Its fields.
    pub body: Body,
}

/// Document store; a clone is the same store. With a folder, each committed write is one line appended to
/// `<dir>/<name>.log`, handed to the operating system before [`Store::write`] returns, so it survives the death of the process;
/// in memory are the indexes, and where in the log a document is. Without a folder everything is in memory.
#[derive(Clone, Debug)]
pub struct Store {
    state: Arc<RwLock<State>>,
}

/// What the lock protects. Writers change it in place and undo on failure, so readers never see half a write.
#[derive(Debug)]
struct State {
    tables: Vec<Table>,
    sequences: HashMap<String, u64>,
    log: Option<Log>,
}

impl Store {
    /// Opens the store `name` in `dir`, reading back what its log holds; `None` keeps it in memory only.
    ///
    /// # Errors
    /// When the folder or log cannot be read or written, when another process holds the log, or when a line other than a
    /// torn last one makes no sense (`InvalidData`).
    pub fn open(dir: Option<&Path>, name: &str, kinds: &'static [Kind]) -> std::io::Result<Self> {
        let tables = kinds.iter().map(Table::new).collect();
        let mut state = State {
            tables,
            sequences: HashMap::new(),
            log: None,
        };
        if let Some(dir) = dir {
            let log = Log::open(dir, name, &mut |line| state.replay(line))?;
            state.log = Some(log);
        }
        Ok(Self {
            state: Arc::new(RwLock::new(state)),
        })
    }

    /// Reads a consistent state: no write happens meanwhile.
    pub fn read<R>(&self, f: impl FnOnce(&View<'_>) -> R) -> R {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        f(&View::new(&state))
    }

    /// Runs `f` alone. When it answers `Ok` its writes are logged as one line and kept; when it answers `Err`, panics, or
    /// the log cannot be written, nothing happened.
    ///
    /// # Errors
    /// What `f` returned, or the log's error.
    pub fn write<R, E>(&self, f: impl FnOnce(&mut Tx<'_>) -> Result<R, E>) -> Result<R, E>
    where
        E: From<std::io::Error>,
    {
        // A panic inside `f` rolls back while unwinding, so the state behind a poisoned lock is whole.
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let mut tx = Tx::new(&mut state);
        let answer = f(&mut tx)?;
        tx.commit()?;
        Ok(answer)
    }

    /// The newest write stamp of any document; see [`crate::SandboxClock::resume_after`].
    #[must_use]
    pub fn newest(&self) -> Option<DateTime<Utc>> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        state.tables.iter().filter_map(Table::newest).max()
    }
}

impl State {
    /// The table of `kind`.
    ///
    /// # Panics
    /// When the kind was not declared: that is a slip of the pen in the sandbox, not something a caller can cause.
    fn table(&self, kind: &str) -> &Table {
        self.tables
            .iter()
            .find(|t| t.name() == kind)
            .unwrap_or_else(|| panic!("kind {kind:?} is not declared"))
    }

    fn table_mut(&mut self, kind: &str) -> &mut Table {
        self.tables
            .iter_mut()
            .find(|t| t.name() == kind)
            .unwrap_or_else(|| panic!("kind {kind:?} is not declared"))
    }

    fn replay(&mut self, line: log::Line) -> Result<(), String> {
        for change in line.changes {
            let table = self.tables.iter_mut().find(|t| t.name() == change.kind);
            let table = table.ok_or_else(|| format!("unknown kind {:?}", change.kind))?;
            table.replace(change.id, change.row);
        }
        self.sequences.extend(line.sequences);
        Ok(())
    }
}
