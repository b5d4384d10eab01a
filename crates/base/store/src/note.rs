//! What a store says of itself, in the table `store_note`.

use diesel::sql_types::{Bool, Text};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl, sql_query};
use strata_kernel::Result;

use crate::{Conn, db_error};

/// Version of the program that ran the last migration.
pub(crate) const PROGRAM: &str = "program";
const TABLE: &str = "store_note";

#[derive(QueryableByName)]
struct Note {
    #[diesel(sql_type = Text)]
    value: String,
}

#[derive(QueryableByName)]
struct Has {
    #[diesel(sql_type = Bool)]
    it: bool,
}

/// The same in a store that may have no table of notes yet.
pub(crate) fn get_if_any(conn: &mut Conn<'_>, name: &str) -> Result<Option<String>> {
    if has_table(conn, TABLE)? { get(conn, name) } else { Ok(None) }
}

/// What is noted under a name, in a store whose migrations have run.
///
/// # Errors
/// When the database cannot be read.
pub fn get(conn: &mut Conn<'_>, name: &str) -> Result<Option<String>> {
    let found: Option<Note> = match conn {
        Conn::Pg(c) => sql_query("SELECT value FROM store_note WHERE name = $1")
            .bind::<Text, _>(name)
            .get_result(*c),
        Conn::Lite(c) => sql_query("SELECT value FROM store_note WHERE name = ?")
            .bind::<Text, _>(name)
            .get_result(*c),
    }
    .optional()
    .map_err(db_error)?;
    Ok(found.map(|note| note.value))
}

/// Notes something, instead of what was noted under the name before.
///
/// # Errors
/// When the database cannot be written.
pub fn put(conn: &mut Conn<'_>, name: &str, value: &str) -> Result<()> {
    let text = "INSERT INTO store_note (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    let query = sql_query(text).bind::<Text, _>(name).bind::<Text, _>(value);
    match conn {
        Conn::Pg(c) => query.execute(*c),
        Conn::Lite(c) => query.execute(*c),
    }
    .map(|_| ())
    .map_err(db_error)
}

/// Whether a table is there.
pub(crate) fn has_table(conn: &mut Conn<'_>, table: &str) -> Result<bool> {
    let has: Has = match conn {
        Conn::Pg(c) => sql_query("SELECT to_regclass($1) IS NOT NULL AS it")
            .bind::<Text, _>(table)
            .get_result(*c),
        Conn::Lite(c) => sql_query("SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?) AS it")
            .bind::<Text, _>(table)
            .get_result(*c),
    }
    .map_err(db_error)?;
    Ok(has.it)
}
