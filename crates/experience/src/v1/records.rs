//! Records of v2 as v1 says them.

use strata_contract::strata::experience::delivery::{v1, v2};

use crate::names;
use crate::words::{EVENTS, INVOICES, RECORDS, STATES};

/// v1 tells only whether every step is done.
pub(super) fn engagement(e: v2::Engagement) -> v1::EngagementSummary {
    v1::EngagementSummary {
        mobilised: e.mobilisation_state() == v2::MobilisationState::Done,
        engagement_id: names::engagement_id(&e.name).to_owned(),
        name: e.display_name,
        customer_name: e.customer_display_name,
        contract_number: e.contract_number,
        project_codes: e.project_codes,
        open_exceptions: e.open_exception_count,
        customer_id: e.customer_id,
        legal_entity_code: e.legal_entity_code,
    }
}

pub(super) fn entry(e: v2::TimelineEntry) -> v1::TimelineEntry {
    let record = e.record.unwrap_or_default();
    v1::TimelineEntry {
        sequence: e.sequence,
        event: EVENTS.write(e.r#type, e.other_type),
        system: record.system,
        kind: RECORDS.write(record.r#type, record.other_type),
        vendor_id: record.id,
        state: STATES.write(e.state, e.other_state),
        detail: e.detail,
        time: e.event_time,
        correlation_id: e.correlation_id,
    }
}

/// v1 has no word for what is a credit memo, but amounts below nothing.
pub(super) fn invoice(i: v2::Invoice) -> v1::InvoiceSummary {
    v1::InvoiceSummary {
        number: i.number,
        period: i.period,
        state: INVOICES.write(i.state, String::new()),
        issue_date: i.issue_date,
        due_date: i.due_date,
        gross: i.gross,
        open: i.open,
    }
}

pub(super) fn unbilled(u: v2::UnbilledTime) -> v1::UnbilledTime {
    v1::UnbilledTime {
        project_code: u.project_code,
        contract_number: u.contract_number,
        entries: u.entry_count,
        billable_minutes: u.billable_minutes,
        amount: u.amount,
        customer_id: u.customer_id,
        legal_entity_code: u.legal_entity_code,
    }
}

pub(super) fn told(t: v2::WatchEngagementResponse) -> v1::WatchEngagementResponse {
    v1::WatchEngagementResponse {
        entry: t.timeline_entry.map(entry),
        customer_id: t.customer_id,
        legal_entity_code: t.legal_entity_code,
    }
}
