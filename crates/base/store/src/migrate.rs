//! Migrations: equally named folders for each back end, embedded in the program.

use std::collections::BTreeSet;

use diesel::Connection;
use diesel::backend::Backend;
use diesel::migration::{Migration, MigrationSource};
use diesel::sql_types::{BigInt, Text};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use strata_kernel::{Error, Kind, Result};

use crate::note::{self, PROGRAM};
use crate::unit::Rollback;
use crate::{Conn, Db, db_error};

const SQLITE: EmbeddedMigrations = embed_migrations!("../../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../../migrations/postgres");

/// Version of this program, as the store remembers it.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Held in PostgreSQL while migrations run: servers that are started together wait for each other.
const LOCK: i64 = 0x7374_7261_7461;

/// Runs every migration that is missing, all of them or none, and returns their versions. Whoever else does the same meanwhile waits.
///
/// # Errors
/// When the database belongs to a newer program, or a migration fails.
pub fn run(db: &Db) -> Result<Vec<String>> {
    db.with(|conn| match conn {
        Conn::Pg(c) => c
            .transaction(|c| {
                sql_query("SELECT pg_advisory_xact_lock($1)")
                    .bind::<BigInt, _>(LOCK)
                    .execute(c)?;
                run_on(&mut Conn::Pg(c)).map_err(Rollback)
            })
            .map_err(|rollback: Rollback| rollback.0),
        Conn::Lite(c) => c
            .exclusive_transaction(|c| run_on(&mut Conn::Lite(c)).map_err(Rollback))
            .map_err(|rollback: Rollback| rollback.0),
    })
}

/// Runs every migration that is missing, in the caller's transaction.
fn run_on(conn: &mut Conn<'_>) -> Result<Vec<String>> {
    run_until(conn, |_| true)
}

/// Runs the missing migrations whose version `is_wanted`, in the caller's transaction.
pub(crate) fn run_until(conn: &mut Conn<'_>, is_wanted: impl Fn(&str) -> bool) -> Result<Vec<String>> {
    refuse_newer(conn)?;
    let held = applied(conn)?;
    if known().is_subset(&held) {
        // Nor is a right to change tables asked for.
        return Ok(Vec::new());
    }
    let wanted = |version: &str| !held.contains(version) && is_wanted(version);
    let done = match conn {
        Conn::Pg(c) => run_some(*c, POSTGRES, wanted),
        Conn::Lite(c) => run_some(*c, SQLITE, wanted),
    }
    .map_err(|cause| Error::internal(format!("migrations: {cause}")))?;
    let is_there = applied(conn)?.last().map(String::as_str) == known().last().map(String::as_str);
    if is_there && !done.is_empty() {
        note::put(conn, PROGRAM, VERSION)?;
    }
    Ok(done)
}

fn run_some<B: Backend, C: MigrationHarness<B>>(
    conn: &mut C,
    source: EmbeddedMigrations,
    wanted: impl Fn(&str) -> bool,
) -> diesel::migration::Result<Vec<String>>
where
    EmbeddedMigrations: MigrationSource<B>,
{
    let mut done = Vec::new();
    // Also makes the table that remembers what ran.
    for migration in conn.pending_migrations(source)? {
        let version = migration.name().version().to_string();
        if wanted(&version) {
            conn.run_migration(&migration)?;
            done.push(version);
        }
    }
    Ok(done)
}

/// Refuses a database whose tables are older or newer than the program. It needs no right but to read.
///
/// # Errors
/// Says what to do.
pub fn check(db: &Db) -> Result<()> {
    db.with(|conn| {
        refuse_newer(conn)?;
        let held = applied(conn)?;
        let missing = known().iter().filter(|version| !held.contains(*version)).count();
        if missing == 0 {
            return Ok(());
        }
        Err(Error::new(
            Kind::FailedPrecondition,
            "INTERNAL",
            format!(
                "the database is older than this program: {missing} migrations are missing; run `strata migrate` first, or start the \
                 server with --migrate"
            ),
        ))
    })
}

/// A newer program may have changed what tables mean. Whoever does not know how must not write into them.
fn refuse_newer(conn: &mut Conn<'_>) -> Result<()> {
    let known = known();
    let unknown: Vec<String> = applied(conn)?
        .into_iter()
        .filter(|version| !known.contains(version))
        .collect();
    if unknown.is_empty() {
        return Ok(());
    }
    // The note stands in a table of a migration; a database may be of a program that never had it.
    let program = note::get_if_any(conn, PROGRAM)?;
    let install = program.map_or_else(
        || "install the newer version again".to_owned(),
        |program| format!("install strata {program} or newer"),
    );
    Err(Error::new(
        Kind::FailedPrecondition,
        "INTERNAL",
        format!(
            "the database belongs to a newer program: strata {VERSION} does not know its migrations {}; {install}",
            unknown.join(", ")
        ),
    ))
}

/// Versions that this program knows.
pub(crate) fn known() -> BTreeSet<String> {
    let migrations: Vec<Box<dyn Migration<diesel::sqlite::Sqlite>>> = SQLITE.migrations().unwrap_or_default();
    migrations
        .iter()
        .map(|migration| migration.name().version().to_string())
        .collect()
}

/// Versions that ran on this database, whoever ran them.
pub(crate) fn applied(conn: &mut Conn<'_>) -> Result<BTreeSet<String>> {
    if !note::has_table(conn, "__diesel_schema_migrations")? {
        return Ok(BTreeSet::new());
    }
    let query = sql_query("SELECT version AS text FROM __diesel_schema_migrations");
    let rows: Vec<Version> = match conn {
        Conn::Pg(c) => query.load(*c),
        Conn::Lite(c) => query.load(*c),
    }
    .map_err(db_error)?;
    Ok(rows.into_iter().map(|row| row.text).collect())
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    text: String,
}
