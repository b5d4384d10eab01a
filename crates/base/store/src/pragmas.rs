//! How every connection to SQLite is set up, and proof that it is.

use diesel::connection::SimpleConnection;
use diesel::r2d2::CustomizeConnection;
use diesel::sql_types::{BigInt, Text};
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use strata_kernel::{Error, Kind, Result};

use crate::error::db_error;

/// Longest wait for another process that writes, in milliseconds.
const BUSY_MS: i64 = 10_000;
/// `PRAGMA synchronous` = FULL: an acknowledged write survives power loss, not only a killed process.
const FULL: i64 = 2;
const ON: i64 = 1;

#[derive(QueryableByName)]
struct Mode {
    #[diesel(sql_type = Text)]
    mode: String,
}

#[derive(QueryableByName)]
struct Switches {
    #[diesel(sql_type = BigInt)]
    synchronous: i64,
    #[diesel(sql_type = BigInt)]
    foreign_keys: i64,
    #[diesel(sql_type = BigInt)]
    busy: i64,
}

/// Sets a new connection up.
#[derive(Debug)]
pub(crate) struct SetUp;

impl CustomizeConnection<SqliteConnection, diesel::r2d2::Error> for SetUp {
    fn on_acquire(&self, conn: &mut SqliteConnection) -> Result<(), diesel::r2d2::Error> {
        set_up(conn)
            .map_err(|refused| diesel::r2d2::Error::ConnectionError(diesel::ConnectionError::BadConnection(refused.to_string())))
    }
}

/// Opens the file once, so that what is wrong with it is said at once and in words.
pub(crate) fn probe(path: &str) -> Result<()> {
    let opened = SqliteConnection::establish(path);
    let mut conn = opened.map_err(|cause| refused(path, "it cannot be opened").because(cause))?;
    set_up(&mut conn).map_err(|error| {
        let cause = error.internal.clone();
        refused(path, &error.message).because(cause)
    })
}

fn refused(path: &str, why: &str) -> Error {
    let text = format!("the database sqlite:{path} cannot be used: {why}");
    Error::new(Kind::FailedPrecondition, "STORE_UNAVAILABLE", text)
}

/// Sets what durability stands on, and reads it back: SQLite answers a setting that it cannot keep with the one it keeps.
fn set_up(conn: &mut SqliteConnection) -> Result<()> {
    let set = format!(
        "PRAGMA busy_timeout = {BUSY_MS}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
    );
    conn.batch_execute(&set).map_err(db_error)?;
    let mode: Mode = sql_query("SELECT journal_mode AS mode FROM pragma_journal_mode")
        .get_result(conn)
        .map_err(db_error)?;
    let query = "SELECT s.synchronous, f.foreign_keys, b.timeout AS busy FROM pragma_synchronous s, pragma_foreign_keys f, \
        pragma_busy_timeout b";
    let held: Switches = sql_query(query).get_result(conn).map_err(db_error)?;
    let wanted = [
        ("synchronous", held.synchronous, FULL),
        ("foreign_keys", held.foreign_keys, ON),
        ("busy_timeout", held.busy, BUSY_MS),
    ];
    if !mode.mode.eq_ignore_ascii_case("wal") {
        return Err(answers("journal_mode", &mode.mode, "wal"));
    }
    match wanted.iter().find(|(_, held, wanted)| held != wanted) {
        Some((name, held, wanted)) => Err(answers(name, &held.to_string(), &wanted.to_string())),
        None => Ok(()),
    }
}

fn answers(name: &str, held: &str, wanted: &str) -> Error {
    let text = format!(
        "SQLite keeps {name} = {held} there where {wanted} is asked for; put the file on a local disk with locks and shared memory"
    );
    Error::new(Kind::FailedPrecondition, "STORE_UNAVAILABLE", text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_file_is_set_up_and_what_cannot_be_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.db");
        let path = path.to_str().unwrap();
        probe(path).unwrap();
        // Memory keeps no log that could outlive the process.
        let refused = probe(":memory:").unwrap_err();
        assert!(refused.message.contains("journal_mode = memory"), "{refused}");
        // Another process keeps the old mode for as long as it reads.
        let other = folder.path().join("other.db");
        let mut reader = SqliteConnection::establish(other.to_str().unwrap()).unwrap();
        reader
            .batch_execute("CREATE TABLE t (x); INSERT INTO t VALUES (1); BEGIN; SELECT * FROM t;")
            .unwrap();
        let mut conn = SqliteConnection::establish(other.to_str().unwrap()).unwrap();
        conn.batch_execute("PRAGMA busy_timeout = 1").unwrap();
        assert!(conn.batch_execute("PRAGMA journal_mode = WAL").is_err());
        drop(reader);
        set_up(&mut conn).unwrap();
    }

    #[test]
    fn a_setting_that_is_not_kept_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.db");
        let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        // Inside a transaction SQLite leaves foreign keys as they are, without an error.
        conn.batch_execute("PRAGMA journal_mode = WAL; PRAGMA foreign_keys = OFF; BEGIN")
            .unwrap();
        let error = set_up(&mut conn).unwrap_err();
        assert!(
            error.internal.contains("transaction") || error.message.contains("foreign_keys = 0"),
            "{error}"
        );
    }
}
