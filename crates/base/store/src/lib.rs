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

/// Does something with rows, in arrays of fixed sizes: the statement of each size stays prepared in its connection. One for as many rows as
/// there happen to be would be parsed and planned anew every time, which took as long as it took to run.
#[macro_export]
macro_rules! in_arrays {
    ($rows:expr, |$some:ident| $insert:expr) => {
        $crate::in_arrays!(@ $rows, $some, $insert, 64 32 16 8 4 2 1)
    };
    (@ $rows:expr, $some:ident, $insert:expr, $($size:literal)+) => {{
        let mut left = &$rows[..];
        $(while let Some(($some, rest)) = left.split_first_chunk::<$size>() {
            left = rest;
            $insert;
        })+
    }};
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

#[cfg(test)]
mod tests {
    #[test]
    fn every_row_is_in_one_array_and_in_order() {
        for many in 0..300 {
            let rows: Vec<usize> = (0..many).collect();
            let (mut seen, mut arrays) = (Vec::new(), 0);
            in_arrays!(rows, |some| {
                seen.extend_from_slice(some);
                arrays += 1;
            });
            assert_eq!(seen, rows);
            assert_eq!(
                arrays,
                many / 64 + usize::try_from((many % 64).count_ones()).unwrap_or_default()
            );
        }
    }
}
