//! Migrations: equally named folders for each back end, embedded in the program.

use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use strata_kernel::{Error, Kind, Result};

use crate::{Conn, Db};

const SQLITE: EmbeddedMigrations = embed_migrations!("../../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../../migrations/postgres");

/// Runs every migration that is missing, and returns their names.
pub fn run(db: &Db) -> Result<Vec<String>> {
    db.with(|conn| {
        let done = match conn {
            Conn::Pg(c) => c.run_pending_migrations(POSTGRES),
            Conn::Lite(c) => c.run_pending_migrations(SQLITE),
        };
        done.map(|names| names.iter().map(ToString::to_string).collect())
            .map_err(|cause| Error::internal(format!("migrations: {cause}")))
    })
}

/// Refuses a database whose tables are older than the program.
pub fn check(db: &Db) -> Result<()> {
    db.with(|conn| {
        let pending = match conn {
            Conn::Pg(c) => c.has_pending_migration(POSTGRES),
            Conn::Lite(c) => c.has_pending_migration(SQLITE),
        };
        match pending {
            Ok(false) => Ok(()),
            Ok(true) => Err(Error::new(
                Kind::FailedPrecondition,
                "INTERNAL",
                "the database is older than this program: run `strata migrate` first",
            )),
            Err(cause) => Err(Error::internal(format!("migrations: {cause}"))),
        }
    })
}
