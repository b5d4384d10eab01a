//! Rows of the tables, one struct for reading and writing.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use strata_kernel::{Instant, digest};

use super::schema::{
    bulk_action, bulk_item, document, document_line, excepted_line, exception, exception_action, expense_item, finding, hand_off,
    intercompany_charge, line_edit, milestone_acceptance, posting, project_estimate, revenue_event, run, step, time_entry,
    time_version,
};

macro_rules! row {
    ($(#[$doc:meta])* $name:ident, $table:ident { $($field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
        #[diesel(table_name = $table, treat_none_as_default_value = false, treat_none_as_null = true)]
        pub(crate) struct $name { $(pub(crate) $field: $type),* }
    };
}

pub(crate) use row;

row!(/// A run of a flow. One per kind and subject, for ever.
RunRow, run {
    id: String, kind: String, subject: String, ordering_key: String, engagement_id: String, state: String, input: String,
    correlation_id: String, created_at: NaiveDateTime, updated_at: NaiveDateTime,
});
row!(/// A step of a run. `after` names the steps it waits for, joined by ';'.
StepRow, step {
    run_id: String, name: String, position: i32, after: String, state: String, attempts: i32, due_at: NaiveDateTime,
    reason: String, message: String, exception_id: String, result: String,
});
row!(/// Something somebody must mend.
ExceptionRow, exception {
    id: String, cause: String, object_kind: String, object_id: String, engagement_id: String, owner_role: String,
    state: String, message: String, field: String, opened_at: NaiveDateTime, due_at: NaiveDateTime,
    resolved_at: Option<NaiveDateTime>, retry_at: Option<NaiveDateTime>, assignee: String, occurrences: i32,
    last_seen_at: NaiveDateTime, currency_code: String, minor_units: i64,
});
row!(/// What somebody did about an exception, by the key of the command. Append-only. `effects` are joined by line breaks;
/// `answer` is what the command answered, for its repeats.
ActionRow, exception_action {
    request_id: String, exception_id: String, action: String, actor: String, reason: String, body_hash: String,
    state_before: String, state_after: String, effects: String, answer: Vec<u8>, bulk_token: String,
    correlation_id: String, acted_at: NaiveDateTime,
});
row!(/// A version of time, or an expense, that is left out of the books, by the PSA's id: SKIPPED until somebody takes it up
/// again, WITHDRAWN for good.
ExceptedRow, excepted_line {
    kind: String, line_id: String, state: String, exception_id: String, excepted_at: NaiveDateTime,
});
row!(/// What somebody says instead of the PSA about a line, while the PSA says what hashes to `base_hash`.
EditRow, line_edit {
    kind: String, line_id: String, base_hash: String, body: String, exception_id: String, edited_at: NaiveDateTime,
});
row!(/// A bulk action that was previewed. `request_id`: the command that applies it.
BulkRow, bulk_action {
    token: String, action: String, actor: String, reason: String, assignee: String, request_id: Option<String>,
    created_at: NaiveDateTime,
});
row!(/// An exception of a bulk action, as it was when it was previewed.
BulkItemRow, bulk_item {
    token: String, position: i32, exception_id: String, etag: String, outcome: String, message: String,
});
row!(/// An approved time entry, by the PSA id of its first version. `first_run`: the run that first considered it.
TimeEntryRow, time_entry {
    id: String, employee_id: String, project_id: String, project_code: String, contract_id: String, engagement_id: String,
    work_date: NaiveDate, approved_on: NaiveDate, first_run: Option<NaiveDate>,
    reference: String, correlation_id: String,
});
row!(/// What an entry says from an approval on. Version 1 is the entry, later ones are corrections.
TimeVersionRow, time_version {
    psa_id: String, entry_id: String, version: i32, minutes: i32, write_down_minutes: i32, role: String,
    overtime: bool, billable: bool, approved_on: NaiveDate, posted: bool, approved_at: NaiveDateTime,
});
row!(/// An approved expense.
ExpenseRow, expense_item {
    id: String, project_id: String, project_code: String, contract_id: String, engagement_id: String, incurred_on: NaiveDate,
    category: String, currency_code: String, minor_units: i64, receipt: bool, billable: bool, approved_on: NaiveDate,
    first_run: Option<NaiveDate>, reference: String, correlation_id: String,
});
row!(/// A milestone that is part of a contract: what the PSA says of it, and what finance approved. Its price is master data.
MilestoneRow, milestone_acceptance {
    code: String, contract_id: String, contract_number: String, engagement_id: String, psa_id: String, delivered: bool,
    accepted_on: Option<NaiveDate>, evidence: String, known_on: Option<NaiveDate>, approved_on: Option<NaiveDate>,
    approved_by: String, approval_request_id: Option<String>, first_run: Option<NaiveDate>,
});
row!(/// An estimate at completion of a project, in the order the platform learned of them. Append-only.
EstimateRow, project_estimate {
    project_id: String, version: i32, project_code: String, contract_id: String, engagement_id: String,
    recorded_on: NaiveDate, minutes: i64, known_at: NaiveDateTime,
});
row!(/// An invoice or credit memo. Amounts in minor units, negative on a credit memo.
DocumentRow, document {
    key: String, engagement_id: String, contract_id: String, contract_number: String, period: String, credit_memo: bool,
    state: String, number: String, erp_id: String, issue_date: NaiveDate, due_date: NaiveDate, currency_code: String,
    net: i64, tax: i64, gross: i64, open: i64, line_count: i32, correlation_id: String, timing: String,
    customer_id: String, legal_entity_code: String,
});
row!(/// A line of a document. Append-only: net billed per source is the sum of its lines.
DocumentLineRow, document_line {
    document_key: String, line_no: i32, contract_id: String, kind: String, source: String, minor_units: i64,
});
row!(/// A posting in the ledger. Keys never expire. `original_period`: the accounting period it belongs to, when it is posted in a
/// later one. From `line` on, what it is about, as `billing/value.rs` reads it from the body.
PostingRow, posting {
    key: String, kind: String, natural_key: String, body_hash: String, body: Vec<u8>, state: String, waits_for: String,
    attempts: i32, due_at: NaiveDateTime, vendor_id: String, vendor_number: String, reason: String, message: String,
    engagement_id: String, correlation_id: String, created_at: NaiveDateTime, updated_at: NaiveDateTime,
    original_period: String, line: String, subject: String, period: String, legal_entity_code: String,
    posting_date: Option<NaiveDate>, currency_code: String, minutes: i64, minor_units: i64,
});
row!(/// What a contract earned in a period, of one kind. Append-only, but for its way into the books.
RevenueRow, revenue_event {
    key: String, contract_id: String, contract_number: String, engagement_id: String, period: String, kind: String,
    contract_type: String, measure: String, currency_code: String, cumulative_before: i64, cumulative: i64, amount: i64,
    known_on: NaiveDate, basis: String, warning: String, state: String, journal_key: String, erp_id: String,
    correlation_id: String,
});

row!(/// What a run charged one company of the firm for another's work of a month. Never changed: the next run charges the rest.
ChargeRow, intercompany_charge {
    run_period: String, delivering_entity_code: String, contracting_entity_code: String, work_period: String,
    currency_code: String, minutes: i64, minor_units: i64, known_on: NaiveDate, correlation_id: String,
});
row!(/// One way in which the books differ from approved time. `subject` is what people call the entry; `erp_ids` are joined by ';'.
FindingRow, finding {
    id: String, kind: String, state: String, subject: String, psa_id: String, project_code: String, work_date: NaiveDate,
    psa_minutes: i32, erp_minutes: i32, erp_ids: String, exception_id: String, found_at: NaiveDateTime,
    mended_at: Option<NaiveDateTime>,
});

impl PostingRow {
    /// What people call what it posts, and where it belongs when it is posted later.
    pub(crate) fn said(&self) -> String {
        if self.original_period.is_empty() {
            return self.natural_key.clone();
        }
        format!(
            "{}, in the period after {}, which is closed",
            self.natural_key, self.original_period
        )
    }

    /// A posting that is meant and not sent. `name` is what people call what it posts.
    pub(crate) fn intended(kind: &str, key: &str, name: &str, body: Vec<u8>, now: Instant) -> Self {
        Self {
            key: key.to_owned(),
            kind: kind.to_owned(),
            natural_key: name.to_owned(),
            body_hash: digest(&body),
            body,
            state: "INTENDED".to_owned(),
            waits_for: String::new(),
            attempts: 0,
            due_at: now.naive_utc(),
            vendor_id: String::new(),
            vendor_number: String::new(),
            reason: String::new(),
            message: String::new(),
            engagement_id: String::new(),
            correlation_id: String::new(),
            created_at: now.naive_utc(),
            updated_at: now.naive_utc(),
            original_period: String::new(),
            line: String::new(),
            subject: String::new(),
            period: String::new(),
            legal_entity_code: String::new(),
            posting_date: None,
            currency_code: String::new(),
            minutes: 0,
            minor_units: 0,
        }
    }
}

/// A hand-off as it is stored.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = hand_off)]
pub(crate) struct HandOffRow {
    pub(crate) sequence: i64,
    pub(crate) engagement_id: String,
    pub(crate) event: String,
    pub(crate) system: String,
    pub(crate) kind: String,
    pub(crate) vendor_id: String,
    pub(crate) state: String,
    pub(crate) detail: String,
    pub(crate) happened_at: NaiveDateTime,
    pub(crate) correlation_id: String,
}

/// A hand-off to store. The same `dedupe_key` is stored once.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = hand_off, treat_none_as_default_value = false)]
pub(crate) struct NewHandOff {
    pub(crate) engagement_id: String,
    pub(crate) dedupe_key: String,
    pub(crate) event: String,
    pub(crate) system: String,
    pub(crate) kind: String,
    pub(crate) vendor_id: String,
    pub(crate) state: String,
    pub(crate) detail: String,
    pub(crate) happened_at: NaiveDateTime,
    pub(crate) correlation_id: String,
}
