//! Putting a backup into a database.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection, QueryableByName, RunQueryDsl, sql_query};
use sha2::{Digest, Sha256};
use strata_kernel::{Error, Result};

use super::read_back::lines;
use super::{Manifest, Progress, RESTORED, TableFile, refused, rows, verify};
use crate::migrate::{self, VERSION};
use crate::tables::{Shape, Tables, of_database};
use crate::unit::Rollback;
use crate::{Conn, Db, db_error, note};

/// Rows put in at a time.
const BATCH: usize = 500;

/// What was restored.
#[derive(Debug)]
pub struct Restored {
    /// What the backup says.
    pub manifest: Manifest,
    /// Migrations that it lacked, and that ran after it was in.
    pub migrated: Vec<String>,
}

/// Puts a backup into a database, all of it or nothing, compares every table with what was taken, and brings it up to date. `before` is
/// asked while the old content is still there, unless there are no tables yet; `after` does, in the same transaction, what a store
/// needs that goes on from the past.
///
/// # Errors
/// When the folder is damaged or of a newer program, when the database holds something and `replace` is not set, or it fails.
pub fn restore(
    db: &Db,
    tables: &[Tables],
    folder: &Path,
    replace: bool,
    mut progress: impl FnMut(Progress<'_>),
    before: impl Fn(&mut Conn<'_>) -> Result<()>,
    after: impl Fn(&mut Conn<'_>) -> Result<()>,
) -> Result<Restored> {
    let manifest = verify(folder)?;
    let known = migrate::known();
    if let Some(unknown) = manifest.migrations.iter().find(|version| !known.contains(*version)) {
        let text = format!(
            "strata {} took this backup with migration {unknown}, which strata {VERSION} does not know; install that version or a newer one",
            manifest.program
        );
        return Err(refused(text));
    }
    let put = |conn: &mut Conn<'_>| {
        if !of_database(conn)?.is_empty() {
            before(conn)?;
        }
        make_room(conn, tables, &manifest, replace)?;
        for table in &manifest.tables {
            put_table(conn, folder, table, &mut progress)?;
        }
        let migrated = migrate::run_until(conn, |_| true)?;
        after(conn)?;
        note::put(conn, RESTORED, &manifest.taken_at)?;
        Ok(migrated)
    };
    let migrated = db.exclusively(put)?;
    Ok(Restored { manifest, migrated })
}

/// Leaves the empty tables that the backup was taken from.
fn make_room(conn: &mut Conn<'_>, tables: &[Tables], manifest: &Manifest, replace: bool) -> Result<()> {
    let there = of_database(conn)?;
    let ours: Vec<&str> = tables
        .iter()
        .flat_map(Tables::all)
        .filter(|table| there.iter().any(|name| name == table))
        .collect();
    if let Some(foreign) = there.iter().find(|name| !ours.contains(&name.as_str())) {
        let text = format!("the database holds a table {foreign} that is not of strata; restore into a database of its own");
        return Err(refused(text));
    }
    for table in tables
        .iter()
        .flat_map(|tables| tables.kept)
        .filter(|table| ours.contains(table))
    {
        if !replace && !is_empty(conn, table)? {
            let text =
                format!("the database is not empty ({table} has rows); use an empty one, or --replace to give up what it holds");
            return Err(refused(text));
        }
    }
    let held: Vec<String> = migrate::applied(conn)?.into_iter().collect();
    if held == manifest.migrations {
        return clear(conn, &ours);
    }
    // Of another version: the tables are made anew as they were.
    let drops = ours.iter().rev().map(|table| format!("DROP TABLE \"{table}\";"));
    let drops: String = drops
        .chain(["DROP TABLE IF EXISTS __diesel_schema_migrations;".to_owned()])
        .collect();
    run(conn, &drops)?;
    migrate::run_until(conn, |version| manifest.migrations.iter().any(|held| held == version))?;
    Ok(())
}

/// Empties tables, also those whose triggers refuse it: what they keep is given up as a whole, which whoever restores has asked for.
/// The store's own notes go with them: they are about what was here.
fn clear(conn: &mut Conn<'_>, tables: &[&str]) -> Result<()> {
    if tables.is_empty() {
        return Ok(());
    }
    match conn {
        Conn::Pg(_) => {
            let names: Vec<String> = tables.iter().map(|table| format!("\"{table}\"")).collect();
            let triggers = |word: &str| -> String {
                let each = names.iter().map(|name| format!("ALTER TABLE {name} {word} TRIGGER USER;"));
                each.collect()
            };
            let truncate = format!("TRUNCATE {} RESTART IDENTITY;", names.join(", "));
            run(conn, &(triggers("DISABLE") + &truncate + &triggers("ENABLE")))
        }
        Conn::Lite(_) => {
            let triggers = triggers(conn)?;
            let drops = triggers.iter().map(|trigger| format!("DROP TRIGGER \"{}\";", trigger.name));
            let deletes = tables.iter().rev().map(|table| format!("DELETE FROM \"{table}\";"));
            let again = triggers.iter().map(|trigger| format!("{};", trigger.sql));
            run(conn, &drops.chain(deletes).chain(again).collect::<String>())
        }
    }
}

/// A trigger of SQLite.
#[derive(QueryableByName)]
struct Trigger {
    #[diesel(sql_type = Text)]
    name: String,
    /// What makes it.
    #[diesel(sql_type = Text)]
    sql: String,
}

fn triggers(conn: &mut Conn<'_>) -> Result<Vec<Trigger>> {
    let statement = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name";
    match conn {
        Conn::Pg(_) => Ok(Vec::new()),
        Conn::Lite(c) => sql_query(statement).load(*c).map_err(db_error),
    }
}

fn run(conn: &mut Conn<'_>, statements: &str) -> Result<()> {
    match conn {
        Conn::Pg(c) => c.batch_execute(statements),
        Conn::Lite(c) => c.batch_execute(statements),
    }
    .map_err(db_error)
}

fn is_empty(conn: &mut Conn<'_>, table: &str) -> Result<bool> {
    let shape = Shape::read(conn, table)?;
    let mut count = 0;
    let looked = rows::each(conn, &shape, |_| {
        count += 1;
        Err(Error::internal("one is enough"))
    });
    if count == 0 { looked.map(|()| true) } else { Ok(false) }
}

fn put_table(conn: &mut Conn<'_>, folder: &Path, table: &TableFile, progress: &mut impl FnMut(Progress<'_>)) -> Result<()> {
    let shape = Shape::read(conn, &table.name)?;
    if shape.columns.is_empty() {
        return Err(refused(format!(
            "the backup has a table {} that there is none of",
            table.name
        )));
    }
    let (mut done, mut batch) = (0, Vec::new());
    let mut flush = |conn: &mut Conn<'_>, batch: &mut Vec<String>| {
        done += rows::put(conn, &shape, &format!("[{}]", batch.join(",")))? as u64;
        batch.clear();
        progress(Progress {
            table: &table.name,
            rows: done,
        });
        Ok::<(), Error>(())
    };
    lines(folder, &table.name, |line| {
        batch.push(line.to_owned());
        if batch.len() == BATCH {
            flush(conn, &mut batch)?;
        }
        Ok(())
    })?;
    if !batch.is_empty() {
        flush(conn, &mut batch)?;
    }
    if let Some(last) = table.last_number {
        rows::go_on_from(conn, &shape, last)?;
    }
    compare(conn, &shape, table)
}

/// What arrived is what was taken, to the byte.
fn compare(conn: &mut Conn<'_>, shape: &Shape, table: &TableFile) -> Result<()> {
    let mut digest = Sha256::new();
    rows::each(conn, shape, |line| {
        digest.update(line.as_bytes());
        digest.update(b"\n");
        Ok(())
    })?;
    if hex::encode(digest.finalize()) == table.digest {
        return Ok(());
    }
    Err(Error::internal(format!(
        "table {} does not hold what was put into it",
        table.name
    )))
}

impl Db {
    /// Runs one transaction that nobody else writes beside.
    fn exclusively<R>(&self, work: impl FnOnce(&mut Conn<'_>) -> Result<R>) -> Result<R> {
        self.with(|conn| {
            match conn {
                Conn::Pg(c) => c.transaction(|c| work(&mut Conn::Pg(c)).map_err(Rollback)),
                Conn::Lite(c) => c.exclusive_transaction(|c| {
                    // Rows come before those that they refer to only where a table refers to itself.
                    c.batch_execute("PRAGMA defer_foreign_keys = ON")?;
                    work(&mut Conn::Lite(c)).map_err(Rollback)
                }),
            }
            .map_err(|rollback: Rollback| rollback.0)
        })
    }
}
