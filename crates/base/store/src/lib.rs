//! The database: PostgreSQL or SQLite, chosen by the URL's scheme, one closure per unit of work.
//!
//! A write is one transaction in one blocking closure, so no vendor call can ever sit inside it.
//! Queries are plain Diesel, written once and compiled for each back end: see [`both`].

mod conn;
mod inline;
pub mod migrate;
mod now;
mod open;

pub use conn::Conn;
pub use inline::{Moment, Pace};
pub use now::now;
pub use open::{Db, Options};

use strata_kernel::{Error, Kind};

/// Turns a database error into ours. The detail goes to the log only.
pub fn db_error(cause: diesel::result::Error) -> Error {
    use diesel::result::{DatabaseErrorKind, Error as Db};
    match &cause {
        Db::DatabaseError(DatabaseErrorKind::SerializationFailure | DatabaseErrorKind::ClosedConnection, _) => {
            Error::new(Kind::Unavailable, "INTERNAL", "the database is busy; try again").because(&cause)
        }
        _ => Error::internal(format!("database: {cause}")),
    }
}

/// Calls a query function that was compiled for both back ends, with the connection's own version.
///
/// `both!(conn, runs::insert(&row))` calls `pg::runs::insert` or `lite::runs::insert`. The calling
/// crate has those two modules, made from the same files by `#[path]`.
#[macro_export]
macro_rules! both {
    ($conn:expr, $module:ident :: $function:ident ( $($argument:expr),* $(,)? )) => {
        match $conn {
            $crate::Conn::Pg(c) => pg::$module::$function(c, $($argument),*),
            $crate::Conn::Lite(c) => lite::$module::$function(c, $($argument),*),
        }
        .map_err($crate::db_error)
    };
}
