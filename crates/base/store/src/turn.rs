//! Transactions about one thing go one after the other.

use std::collections::BTreeSet;

use diesel::RunQueryDsl;
use diesel::sql_types::{Array, BigInt};
use strata_kernel::{Result, digest};

use crate::{Conn, db_error};

/// Waits until every other transaction that named the same thing has ended, and lets none begin with it before this one has.
/// What they stored is seen by every query that follows: whoever comes second finds what the first one did, and need not
/// fail on it. `scope` says what kind of thing `name` is. SQLite has one writer, so there is nothing to wait for.
///
/// A transaction that names several things of a scope does it in their order, or two of them may stop each other.
///
/// # Errors
/// When the database cannot be used, or undid the transaction because two waited for each other.
pub fn in_turn(conn: &mut Conn<'_>, scope: &str, name: &str) -> Result<()> {
    match conn {
        Conn::Lite(_) => Ok(()),
        Conn::Pg(c) => diesel::sql_query("SELECT pg_advisory_xact_lock($1)")
            .bind::<BigInt, _>(number(scope, name))
            .execute(*c)
            .map(|_| ())
            .map_err(db_error),
    }
}

/// The same for several things of a scope, in one question to the database. They are locked in the order of their numbers, whatever
/// order they come in, so two transactions that name the same things this way never stop each other.
///
/// # Errors
/// When the database cannot be used, or undid the transaction because two waited for each other.
pub fn in_turns<'a>(conn: &mut Conn<'_>, scope: &str, names: impl IntoIterator<Item = &'a str>) -> Result<()> {
    let Conn::Pg(c) = conn else { return Ok(()) };
    let numbers: BTreeSet<i64> = names.into_iter().map(|name| number(scope, name)).collect();
    let numbers: Vec<i64> = numbers.into_iter().collect();
    diesel::sql_query("SELECT pg_advisory_xact_lock(one) FROM unnest($1) AS one")
        .bind::<Array<BigInt>, _>(numbers)
        .execute(*c)
        .map(|_| ())
        .map_err(db_error)
}

/// Advisory locks have numbers. Two names with one number wait for each other without need, and that is all.
fn number(scope: &str, name: &str) -> i64 {
    let hash = digest(format!("{scope}\n{name}").as_bytes());
    let number = hash.get(..16).and_then(|first| u64::from_str_radix(first, 16).ok());
    i64::from_be_bytes(number.unwrap_or_default().to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_number_within_its_scope() {
        assert_eq!(number("request", "r-1"), number("request", "r-1"));
        assert_ne!(number("request", "r-1"), number("request", "r-2"));
        assert_ne!(number("request", "r-1"), number("event", "r-1"));
    }
}
