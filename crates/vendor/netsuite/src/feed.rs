//! Change feeds over SuiteQL: records ordered by (modified stamp, id), read in pages that overlap in time.
//!
//! One condition cannot say "after this stamp, or at it with a higher id" without OR, which SuiteQL answers slowly.
//! Two plain queries can: first the rest of the second where the last page ended, then the seconds after it.

use std::fmt::Write as _;

use chrono::TimeDelta;
use serde_json::Value;
use strata_kernel::{Instant, Result};
use strata_vendor_http::{Reader, unavailable};

use crate::client::Client;
use crate::cursor::Cursor;
use crate::suiteql::{read_stamp, stamp};
use crate::wire;

/// What is read from one table.
pub(crate) struct Feed {
    /// Columns beside `id` and the stamp.
    pub(crate) columns: &'static str,
    /// Table.
    pub(crate) table: &'static str,
    /// Condition every row meets. None: every row is meant.
    pub(crate) only: Option<&'static str>,
}

/// One page of a feed.
pub(crate) struct Batch {
    pub(crate) rows: Vec<Value>,
    pub(crate) next: Cursor,
    pub(crate) more: bool,
}

impl Feed {
    /// Reads the page after a cursor: at most `size` rows, fewer when a second would be torn.
    pub(crate) async fn page(&self, client: &Client, cursor: Cursor, size: usize, clock: (Instant, TimeDelta)) -> Result<Batch> {
        let mut rows = Vec::new();
        let mut from = cursor.since;
        if let Some((at, id)) = cursor.after {
            rows = client.query(&self.rest_of_second(at, id), size, 0).await?.items;
            if rows.len() >= size {
                return batch(cursor, rows, None, clock);
            }
            from = at + TimeDelta::seconds(1);
        }
        let room = size - rows.len();
        let mut later = client.query(&self.from(from), room, 0).await?.items;
        if later.len() < room {
            rows.append(&mut later);
            return finished(cursor, rows, clock);
        }
        // The last second may go on beyond the page, in an order that ids do not tell: it is left for the next page.
        let torn = later.last().map(position).transpose()?.map(|(at, _)| at);
        for row in later {
            if Some(position(&row)?.0) != torn {
                rows.push(row);
            }
        }
        let Some(torn) = torn else {
            return finished(cursor, rows, clock);
        };
        if rows.is_empty() {
            // One second fills the page: it is read by id.
            rows = client.query(&self.rest_of_second(torn, 0), size, 0).await?.items;
            return batch(cursor, rows, None, clock);
        }
        batch(cursor, rows, Some((torn, 0)), clock)
    }

    fn rest_of_second(&self, at: Instant, id: u64) -> String {
        let mut sql = self.select();
        let (from, to) = (stamp(at), stamp(at + TimeDelta::seconds(1)));
        // Writing to a String cannot fail.
        let _ = write!(
            sql,
            "lastmodifieddate >= {from} AND lastmodifieddate < {to} AND id > {id} ORDER BY id"
        );
        sql
    }

    fn from(&self, at: Instant) -> String {
        format!(
            "{}lastmodifieddate >= {} ORDER BY lastmodifieddate, id",
            self.select(),
            stamp(at)
        )
    }

    fn select(&self) -> String {
        let only = self.only.map_or_else(String::new, |only| format!("{only} AND "));
        format!(
            "SELECT id, lastmodifieddate, {} FROM {} WHERE {only}",
            self.columns, self.table
        )
    }
}

/// A page with more behind it, which begins after `next`, or else after the last row.
fn batch(cursor: Cursor, rows: Vec<Value>, next: Option<(Instant, u64)>, clock: (Instant, TimeDelta)) -> Result<Batch> {
    let after = match next {
        Some(next) => Some(next),
        None => rows.last().map(position).transpose()?,
    };
    Ok(Batch {
        next: cursor.next(after, true, clock.0, clock.1),
        rows,
        more: true,
    })
}

/// The last page of a pass.
fn finished(cursor: Cursor, rows: Vec<Value>, clock: (Instant, TimeDelta)) -> Result<Batch> {
    let last = rows.last().map(position).transpose()?;
    Ok(Batch {
        next: cursor.next(last, false, clock.0, clock.1),
        rows,
        more: false,
    })
}

/// Where a row stands. A row that does not even say that would stop the feed for ever, so it is an error, not a quarantine.
fn position(row: &Value) -> Result<(Instant, u64)> {
    let row = Reader(row);
    let broken = || unavailable("a row without id or lastmodifieddate: the feed cannot go on after it");
    let at = row.text("lastmodifieddate").ok().flatten().and_then(|text| read_stamp(&text));
    Ok((at.ok_or_else(broken)?, wire::id(row).map_err(|_| broken())?))
}
