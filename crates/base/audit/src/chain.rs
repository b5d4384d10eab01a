//! What hashes are made of.

use chrono::NaiveDateTime;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use strata_kernel::{Error, Result, digest};

use crate::store::rows::{EventRow, SealRow};

/// Microseconds, which both databases keep.
fn time(at: NaiveDateTime) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.6f").to_string()
}

/// Hash of a row behind another: SHA-256 of a JSON array of the hash before and of every column but its own hash.
/// The first row follows an empty hash.
pub(crate) fn hash_of(before: &str, row: &EventRow) -> String {
    let parts = serde_json::json!([
        before,
        row.sequence,
        time(row.happened_at),
        row.begun,
        row.subject,
        row.method,
        row.correlation_id,
        row.request_digest,
        row.code,
        row.answer_digest,
        row.object,
        row.before_digest,
        row.after_digest,
    ]);
    digest(parts.to_string().as_bytes())
}

/// Hash of a seal behind another, over the hash of the last row that it covers. With a key: HMAC-SHA-256 of the same.
///
/// # Errors
/// Never in fact: HMAC takes keys of any length.
pub(crate) fn seal_of(key: Option<&[u8]>, before: &str, row: &SealRow, last_hash: &str) -> Result<String> {
    let parts = serde_json::json!([before, row.day.to_string(), row.last_sequence, row.events, last_hash]).to_string();
    let Some(key) = key else {
        return Ok(digest(parts.as_bytes()));
    };
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(Error::internal)?;
    mac.update(parts.as_bytes());
    Ok(hex::encode(mac.finalize().into_bytes()))
}
