//! Pages of a change feed.

use std::time::Duration;

use serde_json::Value;
use strata_contract::strata::common::v1::Malformed;
use strata_kernel::{Instant, Result};
use strata_vendor_http::{Misfit, Reader, unavailable};

use crate::client::Org;
use crate::cursor::Cursor;
use crate::fields as f;
use crate::map;
use crate::soql::Query;

/// Records on a page when the caller does not say.
const PAGE: usize = 200;
/// Most records on a page (`strata.system.crm.v1`).
pub(crate) const MOST: usize = 500;

/// A page of a change feed.
pub(crate) struct Page {
    pub(crate) rows: Vec<Value>,
    pub(crate) malformed: Vec<Malformed>,
    pub(crate) next_cursor: String,
    pub(crate) more: bool,
}

/// Which feed is read, and from where.
pub(crate) struct Ask<'a> {
    pub(crate) query: Query,
    /// Field whose order the feed has.
    pub(crate) stamp: &'static str,
    /// Name of a record in quarantine.
    pub(crate) kind: &'a str,
    pub(crate) cursor: &'a str,
    pub(crate) limit: usize,
    pub(crate) overlap: Duration,
}

/// Reads the next page. A row without id or stamp goes to quarantine: it has no place in the feed.
pub(crate) async fn read(org: &Org, ask: Ask<'_>) -> Result<Page> {
    let cursor = Cursor::parse(ask.cursor)?;
    let query = cursor.narrow(ask.query, ask.stamp).by(&[ask.stamp, f::ID]).most(ask.limit);
    let rows = org.query(&query).await?;
    let mut malformed = Vec::new();
    let mut seen = Vec::with_capacity(rows.len());
    for row in &rows {
        match place(row, ask.stamp) {
            Ok(place) => seen.push(place),
            Err(misfit) => malformed.push(misfit.malformed(ask.kind, &map::row_id(row))),
        }
    }
    let full = rows.len() >= ask.limit;
    if full && seen.is_empty() {
        return Err(unavailable(format!("a page of {} without one stamp", ask.kind)));
    }
    // A full page stays full although some of its rows cannot be placed.
    let (next, more) = cursor.after(&seen, if full { seen.len() } else { ask.limit }, ask.overlap);
    let rows = rows.iter().filter(|row| place(row, ask.stamp).is_ok()).cloned().collect();
    Ok(Page {
        rows,
        malformed,
        next_cursor: next.text(),
        more,
    })
}

/// Id and stamp of a row: its place in the feed.
fn place<'a>(row: &'a Value, stamp: &str) -> Result<(Instant, &'a str), Misfit> {
    let id = row.get(f::ID).and_then(Value::as_str).filter(|id| map::is_id(id));
    let id = id.ok_or_else(|| Misfit::new(f::ID, "an id of 15 or 18 letters and digits"))?;
    Ok((Reader::required(stamp, Reader(row).instant(stamp))?, id))
}

/// Records to ask for: what the caller says, within what is allowed.
pub(crate) fn limit(page_size: u32, most: usize) -> usize {
    match usize::try_from(page_size).unwrap_or(most) {
        0 => PAGE.min(most),
        size => size.min(most),
    }
}

/// Maps the rows of a page; those that do not fit join its quarantine.
pub(crate) fn mapped<T>(page: &mut Page, kind: &str, map: impl Fn(&Value) -> Result<T, Misfit>) -> Vec<T> {
    let mut fit = Vec::with_capacity(page.rows.len());
    for row in &page.rows {
        match map(row) {
            Ok(record) => fit.push(record),
            Err(misfit) => page.malformed.push(misfit.malformed(kind, &map::row_id(row))),
        }
    }
    fit
}

/// Rows of `query` that refer to rows of a page, in one call.
pub(crate) async fn children(org: &Org, parents: &[Value], query: Query, reference: &str) -> Result<Vec<Value>> {
    let ids: Vec<String> = parents.iter().map(map::row_id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let query = query.one_of(reference, ids.iter().map(String::as_str)).by(&[f::ID]);
    org.query(&query).await
}
