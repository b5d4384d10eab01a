//! The database: PostgreSQL or SQLite, chosen by the URL's scheme, one closure per unit of work.
//!
//! A write is one transaction in one blocking closure, so no vendor call can ever sit inside it.
//! Queries are plain Diesel, written once and compiled for each back end: see [`both`].

pub mod backup;
mod conn;
mod error;
mod inline;
pub mod migrate;
pub mod note;
mod now;
mod open;
mod pragmas;
mod retry;
pub mod roles;
mod tables;
mod turn;
mod unit;

pub use conn::Conn;
pub use error::db_error;
pub use inline::{Moment, Pace};
pub use now::now;
pub use open::{Db, Options};
pub use tables::{TABLES, Tables, of_database};
pub use turn::{in_turn, in_turns};

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
