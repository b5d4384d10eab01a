//! Rows of the tables of the books: what both systems held, what was compared, and what people did about it.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::rows::row;
use super::schema_books::{balance, balance_line, book_record, line_repair, period_close, period_close_event, posting_event};

row!(/// A record as PSA or ERP held it when it was read last. `month`: the one it was read for. `scan`: the reading.
BookRow, book_record {
    system: String, kind: String, vendor_id: String, month: String, posting_key: String, line: String, supersedes: String,
    subject: String, period: String, day: NaiveDate, currency_code: String, minutes: i64, minor_units: i64,
    changed_at: Option<NaiveDateTime>, scan: i64,
});
row!(/// One line of the books, as compared last. `erp_ids` are joined by ';'. `unexplained`: what the ERP holds less what is posted.
LineRow, balance_line {
    period: String, kind: String, line: String, currency_code: String, subject: String, reference: String,
    legal_entity_code: String, engagement_id: String, correlation_id: String, psa_minutes: i64, approved_minutes: i64,
    approved_minor: i64, posted_minutes: i64, posted_minor: i64, erp_minutes: i64, erp_minor: i64, in_flight_minutes: i64,
    in_flight_minor: i64, excepted_minutes: i64, excepted_minor: i64, unexplained_minutes: i64, unexplained_minor: i64,
    state: String, difference: String, cause: String, exception_id: String, erp_ids: String,
    in_flight_since: Option<NaiveDateTime>, digest: String, as_of: NaiveDateTime, scan: i64,
});
row!(/// The equation of one cell, summed over its lines.
BalanceRow, balance {
    period: String, kind: String, subject: String, currency_code: String, psa_minutes: i64, approved_minutes: i64,
    approved_minor: i64, posted_minutes: i64, posted_minor: i64, erp_minutes: i64, erp_minor: i64, in_flight_minutes: i64,
    in_flight_minor: i64, excepted_minutes: i64, excepted_minor: i64, unexplained_minutes: i64, unexplained_minor: i64,
    line_count: i64, differing: i64, accepted: i64, in_flight_since: Option<NaiveDateTime>, as_of: NaiveDateTime,
});
row!(/// What a person did about a line. Append-only.
RepairRow, line_repair {
    request_id: String, period: String, kind: String, line: String, currency_code: String, repair: String, digest: String,
    actor: String, reason: String, body_hash: String, answer: Vec<u8>, correlation_id: String, repaired_at: NaiveDateTime,
    subject: String,
});
row!(/// The close of a month. `version` rises with each change.
CloseRow, period_close {
    id: String, legal_entity_code: String, period: String, state: String, version: i32, frozen_at: NaiveDateTime,
    frozen_by: String, signed_at: Option<NaiveDateTime>, signed_by: String, digest: String,
    frozen_subject: String,
});
row!(/// What somebody did about a close. Append-only.
CloseEventRow, period_close_event {
    request_id: String, close_id: String, version: i32, action: String, actor: String, reason: String, state_before: String,
    state_after: String, digest: String, body_hash: String, answer: Vec<u8>, correlation_id: String, happened_at: NaiveDateTime,
});

/// A change of a posting, as it is stored.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = posting_event)]
pub(crate) struct PostingEventRow {
    pub(crate) sequence: i64,
    pub(crate) posting_key: String,
    pub(crate) from_state: String,
    pub(crate) to_state: String,
    pub(crate) attempts: i32,
    pub(crate) lookup: String,
    pub(crate) reason: String,
    pub(crate) posting_date: Option<NaiveDate>,
    pub(crate) happened_at: NaiveDateTime,
}

/// A change of a posting to store.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = posting_event, treat_none_as_default_value = false)]
pub(crate) struct NewPostingEvent {
    pub(crate) posting_key: String,
    pub(crate) from_state: String,
    pub(crate) to_state: String,
    pub(crate) attempts: i32,
    pub(crate) lookup: String,
    pub(crate) reason: String,
    pub(crate) posting_date: Option<NaiveDate>,
    pub(crate) happened_at: NaiveDateTime,
    pub(crate) correlation_id: String,
}
