//! Backups: a folder with a manifest and a file for each table, one row a line, the same for both databases.
//!
//! [`take`] reads all tables in one snapshot while servers write. [`verify`] reads a folder back. [`restore`] puts it into a
//! database, whole or not at all, and compares what arrived with what was taken. The form is ours and not `pg_dump`'s: one
//! form moves a store from SQLite to PostgreSQL, needs no program beside this one, and its digests prove that a restored store
//! holds what the other did.

mod line;
mod read_back;
mod restore;
mod rows;
mod take;

use serde::{Deserialize, Serialize};
use strata_kernel::{Error, Kind};

pub use read_back::verify;
pub use restore::{Restored, restore};
pub use take::take;

/// Form of the folder that this program writes and reads.
const FORMAT: u32 = 1;
/// Name of the manifest.
const MANIFEST: &str = "manifest.json";
/// Note in a restored store: when its backup was taken, by the clock of the database it was taken from. While it stands, nothing is
/// sent to the books before it is looked up there.
pub const RESTORED: &str = "restored";

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Form of the folder.
    pub format: u32,
    /// Version of the program that took it.
    pub program: String,
    /// When it was taken: UTC, by the database's clock.
    pub taken_at: String,
    /// Migrations that the store had.
    pub migrations: Vec<String>,
    /// Its tables, each behind those that it refers to.
    pub tables: Vec<TableFile>,
}

/// A table of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableFile {
    /// Its name; the file is named for it.
    pub name: String,
    /// Rows.
    pub rows: u64,
    /// SHA-256 of the file, in hex.
    pub digest: String,
    /// Last number that the database gave to a row, where it numbers them: none is given twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_number: Option<i64>,
}

impl Manifest {
    /// Rows in all.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).sum()
    }
}

/// What is going on: a table, and how many of its rows are done.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// The table.
    pub table: &'a str,
    /// Rows so far.
    pub rows: u64,
}

fn file_of(table: &str) -> String {
    format!("{table}.jsonl")
}

/// A folder that cannot be used, or does not hold what it should.
fn refused(text: impl Into<String>) -> Error {
    Error::new(Kind::FailedPrecondition, "INTERNAL", text)
}

fn io(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Error + '_ {
    move |cause| refused(format!("{}: {cause}", path.display()))
}
