//! Sums over time, revenue and documents, kept beside them: what is unbilled, in progress and earned.
//!
//! Whoever writes a fact leaves a touch in the same transaction ([`touch`]). A pass adds up again what was touched ([`fold`]): it reads
//! the fact ([`facts`]), says what it adds now ([`line`]), and puts the difference to what it added before into the sums ([`delta`]),
//! whose touches go in the same transaction. So it does not matter how often, in which order or how late a fact is added up. A new
//! generation is built beside the one that is shown by going through all facts ([`build`]); [`check`] compares, and mends nothing.

mod build;
mod check;
mod delta;
mod facts;
mod fold;
mod line;
mod list;
mod owners;
mod share;

use strata_kernel::{Error, Instant, Kind, Result};
use strata_store::{Conn, both};

use crate::store::{lite, pg};

pub(crate) use build::rebuild;
pub(crate) use check::check;
pub(crate) use fold::{fold, keep_fresh};
pub(crate) use list::{After, CellFilter, Measure, Sums, list, status};

/// A kind of fact, as rows name it.
pub(crate) mod kind {
    /// A time entry with its postings, by its id.
    pub(crate) const TIME: &str = "time";
    /// A document with its lines, by its key.
    pub(crate) const DOCUMENT: &str = "document";
    /// What a contract earned in a month, by its key.
    pub(crate) const REVENUE: &str = "revenue";
    /// In the order in which a generation is built: revenue is shared by the time that is there.
    pub(crate) const ALL: [&str; 3] = [TIME, DOCUMENT, REVENUE];
}

/// By what is added up, as rows name it.
pub(crate) mod level {
    pub(crate) const PROJECT: &str = "project";
    pub(crate) const CONTRACT: &str = "contract";
}

/// Facts of a kind changed, in the caller's transaction: they are added up again.
pub(crate) fn touch(conn: &mut Conn<'_>, kind: &str, lines: &[String], now: Instant) -> Result<()> {
    both!(conn, positions::touch(kind, lines, now.naive_utc())).map(drop)
}

/// The sums go one after the other, whoever adds them up.
fn in_turn(conn: &mut Conn<'_>) -> Result<()> {
    strata_store::in_turn(conn, "positions", "")
}

fn plus(a: i64, b: i64) -> Result<i64> {
    a.checked_add(b).ok_or_else(|| Error::internal("a sum is out of range"))
}

/// Nothing is added up yet.
fn not_built() -> Error {
    let text = "the sums are added up for the first time; ask again in a minute";
    Error::new(Kind::Unavailable, "POSITION_NOT_BUILT", text)
}

#[cfg(test)]
mod tests;
