//! Rows of the audit log.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::schema::{audit_event, audit_seal};

/// A row of the log. `begun`: 0 in the row before a call, the sequence of that row in the one after it, and its own in a row that stands
/// for a whole call. Digests are SHA-256 in hex,
/// empty where there is nothing to digest.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_event, treat_none_as_default_value = false)]
pub(crate) struct EventRow {
    pub(crate) sequence: i64,
    pub(crate) happened_at: NaiveDateTime,
    pub(crate) begun: i64,
    pub(crate) subject: String,
    pub(crate) method: String,
    pub(crate) correlation_id: String,
    pub(crate) request_digest: String,
    pub(crate) code: String,
    pub(crate) answer_digest: String,
    pub(crate) object: String,
    pub(crate) before_digest: String,
    pub(crate) after_digest: String,
    pub(crate) hash: String,
}

/// A day that is sealed: everything up to `last_sequence`.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_seal)]
pub(crate) struct SealRow {
    pub(crate) day: NaiveDate,
    pub(crate) last_sequence: i64,
    pub(crate) events: i64,
    pub(crate) is_keyed: bool,
    pub(crate) hash: String,
    pub(crate) sealed_at: NaiveDateTime,
}
