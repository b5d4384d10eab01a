//! Outcomes of writes: confirmed, rejected or unknown, never a bare OK.

use strata_contract::strata::common::v1::WriteOutcome;
use strata_contract::strata::common::v1::write_outcome::State;

/// The vendor holds the record under our key.
pub fn confirmed(key: &str, vendor_id: impl Into<String>) -> WriteOutcome {
    WriteOutcome {
        state: State::Confirmed.into(),
        key: key.to_owned(),
        vendor_id: vendor_id.into(),
        ..WriteOutcome::default()
    }
}

/// The vendor refused it: sending the same again will be refused again. `message` is ours, never the vendor's text.
pub fn rejected(key: &str, reason: &str, message: impl Into<String>) -> WriteOutcome {
    WriteOutcome {
        state: State::Rejected.into(),
        key: key.to_owned(),
        reason: reason.to_owned(),
        message: message.into(),
        ..WriteOutcome::default()
    }
}

/// The answer was lost: look it up by key before anything is sent again.
pub fn unknown(key: &str) -> WriteOutcome {
    WriteOutcome {
        state: State::Unknown.into(),
        key: key.to_owned(),
        reason: "VENDOR_UNAVAILABLE".to_owned(),
        message: "the answer was lost; it is looked up by key before it is sent again".to_owned(),
        ..WriteOutcome::default()
    }
}
