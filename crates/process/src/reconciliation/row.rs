//! The row of a line: what it is called before anything is counted, and the seal of what both sides say.

use strata_kernel::digest;

use super::line::{Facts, View};
use crate::billing::posting;
use crate::store::rows_books::{BookRow, LineRow};

/// A line of which nothing is counted yet, by the names that the platform, or else a record, has for it.
pub(super) fn empty(line: &str, currency: &str, facts: &Facts, view: View<'_>) -> LineRow {
    let posting = facts.postings.last();
    let record = facts.records.first();
    let approved = facts.approved.as_ref();
    let reference = approved
        .map(|approved| approved.reference.clone())
        .or_else(|| posting.map(|row| row.natural_key.clone()))
        .or_else(|| record.map(|row| row.subject.clone()).filter(|_| view.kind == posting::TIME));
    let subject = approved
        .map(|approved| approved.project_code.clone())
        .or_else(|| posting.map(|row| row.subject.clone()))
        .or_else(|| record.map(|row| row.subject.clone()).filter(|_| view.kind != posting::TIME));
    LineRow {
        period: view.period.to_owned(),
        kind: view.kind.to_owned(),
        line: line.to_owned(),
        currency_code: currency.to_owned(),
        subject: subject.unwrap_or_default(),
        reference: reference.unwrap_or_default(),
        legal_entity_code: posting.map(|row| row.legal_entity_code.clone()).unwrap_or_default(),
        engagement_id: approved
            .map(|approved| approved.engagement_id.clone())
            .or_else(|| posting.map(|row| row.engagement_id.clone()))
            .unwrap_or_default(),
        correlation_id: approved
            .map(|approved| approved.correlation_id.clone())
            .or_else(|| posting.map(|row| row.correlation_id.clone()))
            .unwrap_or_default(),
        psa_minutes: 0,
        approved_minutes: 0,
        approved_minor: 0,
        posted_minutes: 0,
        posted_minor: 0,
        erp_minutes: 0,
        erp_minor: 0,
        in_flight_minutes: 0,
        in_flight_minor: 0,
        excepted_minutes: 0,
        excepted_minor: 0,
        unexplained_minutes: 0,
        unexplained_minor: 0,
        state: String::new(),
        difference: String::new(),
        cause: String::new(),
        exception_id: String::new(),
        erp_ids: String::new(),
        in_flight_since: None,
        digest: String::new(),
        as_of: view.now,
        scan: view.scan,
    }
}

/// Ids of records, as a row holds them.
pub(super) fn ids(records: &[&BookRow]) -> String {
    let ids: Vec<&str> = records.iter().map(|row| row.vendor_id.as_str()).collect();
    ids.join(";")
}

/// What both sides say, so that an acceptance holds for exactly that.
pub(super) fn seal(row: &LineRow) -> String {
    let said = [
        row.difference.clone(),
        row.erp_ids.clone(),
        row.psa_minutes.to_string(),
        row.approved_minutes.to_string(),
        row.approved_minor.to_string(),
        row.posted_minutes.to_string(),
        row.posted_minor.to_string(),
        row.erp_minutes.to_string(),
        row.erp_minor.to_string(),
        row.excepted_minutes.to_string(),
        row.excepted_minor.to_string(),
        row.cause.clone(),
    ];
    digest(said.join("|").as_bytes())
}
