//! A connection inside a unit of work.

use diesel::{PgConnection, SqliteConnection};

/// A connection to one of the two back ends, inside a transaction when it comes from `write`.
pub enum Conn<'a> {
    /// PostgreSQL.
    Pg(&'a mut PgConnection),
    /// SQLite.
    Lite(&'a mut SqliteConnection),
}
