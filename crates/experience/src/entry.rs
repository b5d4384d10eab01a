//! A hand-off as a portal sees it.

use strata_contract::strata::experience::delivery::v1::TimelineEntry;
use strata_contract::strata::process::mobilisation::v1::HandOff;

/// Drops the engagement id: every entry of a timeline belongs to the one asked for.
pub(crate) fn entry(h: HandOff) -> TimelineEntry {
    TimelineEntry {
        sequence: h.sequence,
        event: h.event,
        system: h.system,
        kind: h.kind,
        vendor_id: h.vendor_id,
        state: h.state,
        detail: h.detail,
        time: h.time,
        correlation_id: h.correlation_id,
    }
}
