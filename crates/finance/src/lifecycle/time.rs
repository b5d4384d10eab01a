//! Whether a time entry may go on an invoice.

use strata_kernel::{Error, Result};

use crate::reason;

/// State of a time entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimeState {
    /// Being written.
    Draft,
    /// Handed in.
    Submitted,
    /// Sent back.
    Rejected,
    /// Approved: minutes, role and billable flag are frozen.
    Approved,
    /// On an invoice.
    Invoiced,
    /// A correction took its place.
    Superseded,
}

impl TimeState {
    /// Reads a state by its name. Another word is `INVALID_FIELD`.
    pub fn parse(name: &str) -> Result<Self> {
        Ok(match name {
            "draft" => Self::Draft,
            "submitted" => Self::Submitted,
            "rejected" => Self::Rejected,
            "approved" => Self::Approved,
            "invoiced" => Self::Invoiced,
            "superseded" => Self::Superseded,
            _ => return Err(Error::invalid("state", format!("\"{name}\" is not a state of time"))),
        })
    }
}

/// Lets approved time that is on no invoice pass. What is on one is `TIME_ALREADY_INVOICED`, and anything else
/// that is not approved is `TIME_NOT_APPROVED`.
/// Source: the timesheet of ERPNext, which validates the same when an invoice is submitted.
pub fn invoice_guard(state: TimeState, already_invoiced: bool) -> Result<()> {
    match state {
        TimeState::Approved if !already_invoiced => Ok(()),
        TimeState::Approved | TimeState::Invoiced => Err(Error::precondition(
            reason::TIME_ALREADY_INVOICED,
            "this time is on an invoice; credit that line first",
        )),
        TimeState::Draft | TimeState::Submitted | TimeState::Rejected | TimeState::Superseded => Err(Error::precondition(
            reason::TIME_NOT_APPROVED,
            "only approved time goes on an invoice",
        )),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_approved_and_not_yet() {
        let guard = |state, already| invoice_guard(TimeState::parse(state).unwrap(), already).map_err(|error| error.reason);
        assert_eq!(guard("approved", false), Ok(()));
        assert_eq!(guard("approved", true), Err(reason::TIME_ALREADY_INVOICED));
        assert_eq!(guard("invoiced", false), Err(reason::TIME_ALREADY_INVOICED));
        for state in ["draft", "submitted", "rejected", "superseded"] {
            assert_eq!(guard(state, false), Err(reason::TIME_NOT_APPROVED), "{state}");
            assert_eq!(guard(state, true), Err(reason::TIME_NOT_APPROVED), "{state}");
        }
        assert_eq!(TimeState::parse("lost").unwrap_err().field, "state");
    }
}
