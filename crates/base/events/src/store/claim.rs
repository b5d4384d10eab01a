//! Claims: which rows of the outbox a relay takes, and what becomes of them.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::NaiveDateTime;
use strata_kernel::{Error, Result};
use strata_store::{Conn, both};

use super::rows::{Candidate, OutboxRow, Unpublished};
use super::{lite, pg};
use crate::Event;

/// Rows read in one step of the walk through what is unpublished.
const WALK: i64 = 500;

/// A row that a relay has claimed.
#[derive(Debug)]
pub struct Claimed {
    /// Its place in the outbox.
    pub sequence: i64,
    /// The event.
    pub event: Event,
    /// It was claimed or tried before, and nobody took it.
    pub again: bool,
}

/// What a relay got hold of.
#[derive(Debug, Default)]
pub(crate) struct Catch {
    pub(crate) rows: Vec<Claimed>,
    /// Rows that cannot be read at all, by sequence, with what the database says.
    pub(crate) torn: Vec<(i64, String, String)>,
}

/// Claims rows until a time. Of each key it claims what comes first, or nothing.
pub(crate) fn claim(conn: &mut Conn<'_>, me: &str, now: NaiveDateTime, until: NaiveDateTime, limit: i64) -> Result<Catch> {
    let most = usize::try_from(limit).map_err(Error::internal)?;
    let free = first(conn, most, |(_, _, is_stopped, held_until)| {
        *is_stopped || held_until.is_some_and(|until| until > now)
    })?;
    if free.is_empty() {
        return Ok(Catch::default());
    }
    let candidates = both!(conn, outbox::candidates(&free, now))?;
    let Some(up_to) = candidates.iter().map(|(sequence, ..)| *sequence).max() else {
        return Ok(Catch::default());
    };
    let keys: BTreeSet<&str> = candidates.iter().map(|(_, key, _)| key.as_str()).collect();
    let keys: Vec<&str> = keys.into_iter().collect();
    let waiting = both!(conn, outbox::waiting(&keys, up_to))?;
    let mine = firsts(&candidates, &waiting);
    both!(conn, outbox::claim(&mine, me, until))?;
    let again: HashMap<i64, bool> = candidates.iter().map(|(at, _, held)| (*at, held.is_some())).collect();
    let mut catch = Catch::default();
    let rows = match both!(conn, outbox::rows(&mine)) {
        Ok(rows) => rows,
        Err(_) => one_by_one(conn, &mine, &candidates, &mut catch)?,
    };
    catch.rows = rows
        .into_iter()
        .map(|row| Claimed {
            sequence: row.sequence,
            again: again.get(&row.sequence).copied().unwrap_or_default(),
            event: row.event(),
        })
        .collect();
    Ok(catch)
}

/// True when a row waits that nobody has to mend first.
pub(crate) fn is_waiting(conn: &mut Conn<'_>) -> Result<bool> {
    let waiting = first(conn, 1, |(_, _, is_stopped, _)| *is_stopped)?;
    Ok(!waiting.is_empty())
}

/// The first rows that do not block their key, and have none of it before them that does. Walked in order, with the blocked keys in
/// hand: a query that looks for each row at what stands before it is quadratic when much waits, because a table of which nearly
/// everything is published tells the database that nothing waits.
fn first(conn: &mut Conn<'_>, most: usize, blocks: impl Fn(&Unpublished) -> bool) -> Result<Vec<i64>> {
    let (mut first, mut blocked) = (Vec::new(), HashSet::new());
    let mut after = i64::MIN;
    loop {
        let rows = both!(conn, outbox::unpublished(after, WALK))?;
        let is_last = rows.len() < WALK as usize;
        for row in rows {
            after = row.0;
            if blocks(&row) {
                blocked.insert(row.1);
            } else if !blocked.contains(&row.1) {
                first.push(row.0);
            }
            if first.len() >= most {
                return Ok(first);
            }
        }
        if is_last {
            return Ok(first);
        }
    }
}

/// Of each key the candidates that nobody else stands before.
fn firsts(candidates: &[Candidate], waiting: &[(i64, String)]) -> Vec<i64> {
    let free: HashSet<i64> = candidates.iter().map(|(sequence, ..)| *sequence).collect();
    let mut blocked = HashSet::new();
    let mut mine = Vec::with_capacity(free.len());
    for (sequence, key) in waiting {
        if !free.contains(sequence) {
            blocked.insert(key);
        } else if !blocked.contains(key) {
            mine.push(*sequence);
        }
    }
    mine
}

/// Reads rows of which one cannot be read.
fn one_by_one(conn: &mut Conn<'_>, mine: &[i64], candidates: &[Candidate], catch: &mut Catch) -> Result<Vec<OutboxRow>> {
    let mut rows = Vec::with_capacity(mine.len());
    for sequence in mine {
        match both!(conn, outbox::rows(&[*sequence])) {
            Ok(row) => rows.extend(row),
            Err(error) if error.is_temporary() => return Err(error),
            Err(Error { internal, .. }) => {
                let key = candidates
                    .iter()
                    .find(|(at, ..)| at == sequence)
                    .map(|(_, key, _)| key.clone());
                catch.torn.push((*sequence, key.unwrap_or_default(), internal));
            }
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_claimed_from_its_beginning_or_not_at_all() {
        let row = |sequence: i64, key: &str| (sequence, key.to_owned(), None);
        let waits = |sequence: i64, key: &str| (sequence, key.to_owned());
        let candidates = [row(2, "a"), row(3, "b"), row(5, "b"), row(6, "c")];
        // 1 of key a is somebody else's; 4 of key b too.
        let waiting = [
            waits(1, "a"),
            waits(2, "a"),
            waits(3, "b"),
            waits(4, "b"),
            waits(5, "b"),
            waits(6, "c"),
        ];
        assert_eq!(firsts(&candidates, &waiting), [3, 6]);
    }
}
