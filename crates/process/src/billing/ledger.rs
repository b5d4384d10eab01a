//! Writing into the posting ledger. Keys never expire: a key stands for one body, for ever.

use std::collections::HashMap;

use strata_kernel::{Error, Instant, Kind, Result};
use strata_store::{Conn, both};

use crate::restored;
use crate::store::rows::PostingRow;
use crate::store::{lite, pg};

/// Writes postings that are meant, in the caller's transaction. One that is there already stays as it is; the
/// same key with another body is refused. In a store that comes from a backup nobody knows what was sent since it was taken: there they
/// begin as UNKNOWN, so that each is looked up before it is sent.
pub(crate) fn intend(conn: &mut Conn<'_>, rows: &[PostingRow]) -> Result<()> {
    let doubted: Vec<PostingRow>;
    let rows = if restored::is_restored(conn)? {
        doubted = rows
            .iter()
            .map(|row| PostingRow {
                state: "UNKNOWN".to_owned(),
                ..row.clone()
            })
            .collect();
        &doubted
    } else {
        rows
    };
    if both!(conn, postings::insert(rows))? == rows.len() {
        return Ok(());
    }
    let keys: Vec<String> = rows.iter().map(|row| row.key.clone()).collect();
    let held = both!(conn, postings::hashes(&keys))?;
    let held: HashMap<String, String> = held.into_iter().collect();
    match rows.iter().find(|row| held.get(&row.key) != Some(&row.body_hash)) {
        None => Ok(()),
        Some(row) => {
            let text = format!("posting {} is in the ledger with another content", row.key);
            Err(Error::new(Kind::AlreadyExists, "IDEMPOTENCY_CONFLICT", text))
        }
    }
}

/// The books hold a posting under our key, in the caller's transaction: it is certain.
pub(crate) fn certain(conn: &mut Conn<'_>, key: &str, vendor_id: &str, vendor_number: &str, now: Instant) -> Result<()> {
    let Some(held) = both!(conn, postings::get(key))? else {
        return Ok(());
    };
    if held.state == "CONFIRMED" || held.state == "RESOLVED" {
        return Ok(());
    }
    let state = if held.state == "UNKNOWN" { "RESOLVED" } else { "CONFIRMED" };
    let row = PostingRow {
        state: state.to_owned(),
        vendor_id: vendor_id.to_owned(),
        vendor_number: vendor_number.to_owned(),
        reason: String::new(),
        message: String::new(),
        updated_at: now.naive_utc(),
        ..held
    };
    both!(conn, postings::update(std::slice::from_ref(&row))).map(|_| ())
}
