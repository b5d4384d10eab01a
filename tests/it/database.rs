//! Databases to test on: a SQLite file, or a PostgreSQL database of the test's own.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

/// Names a PostgreSQL server, by the URL of its database `postgres`.
const SERVER: &str = "STRATA_TEST_POSTGRES";

/// A SQLite database in a folder.
pub(crate) fn sqlite(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("strata.db").display())
}

/// An empty PostgreSQL database. It is dropped with this, whichever way the test ends.
pub(crate) struct Postgres {
    server: String,
    name: String,
}

impl Postgres {
    /// Makes one for the test of this name, or says that the test is skipped because there is no server.
    pub(crate) fn of(test: &str) -> Option<Self> {
        let Ok(server) = std::env::var(SERVER) else {
            println!("SKIPPED: {test}: {SERVER} names no PostgreSQL server");
            return None;
        };
        let name = format!("it_{test}_{}", std::process::id());
        let database = Self { server, name };
        database.tell(&format!("CREATE DATABASE {}", database.name));
        Some(database)
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        let (server, _) = self.server.rsplit_once('/').unwrap();
        format!("{server}/{}", self.name)
    }

    fn tell(&self, statement: &str) {
        let mut server = PgConnection::establish(&self.server).unwrap();
        server.batch_execute(statement).unwrap();
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // A killed server's connections must not keep it.
        self.tell(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}
