//! A hand-off as a portal sees it.

use strata_contract::strata::experience::delivery::v2::{ExternalRecord, TimelineEntry};
use strata_contract::strata::process::mobilisation::v1::HandOff;

use crate::words::{EVENTS, RECORDS, STATES};

/// Drops the engagement id: every entry of a timeline belongs to the one asked for.
pub(crate) fn entry(h: HandOff) -> TimelineEntry {
    let (event, other_event) = EVENTS.read(h.event);
    let (kind, other_kind) = RECORDS.read(h.kind);
    let (state, other_state) = STATES.read(h.state);
    TimelineEntry {
        sequence: h.sequence,
        r#type: event,
        other_type: other_event,
        record: Some(ExternalRecord {
            system: h.system,
            r#type: kind,
            other_type: other_kind,
            id: h.vendor_id,
        }),
        state,
        other_state,
        detail: h.detail,
        event_time: h.time,
        correlation_id: h.correlation_id,
    }
}
