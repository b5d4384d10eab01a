//! Reopening what is closed: by a person, with a reason, never by a program.

use strata_kernel::{Error, Kind, Result};

use super::{PeriodState, REOPEN_SCOPE};
use crate::reason;

/// Who wants a period open again, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReopenRequest<'a> {
    /// True when a person asks.
    pub by_person: bool,
    /// What the caller may do.
    pub scopes: &'a [&'a str],
    /// Why, for the audit.
    pub audit_reason: &'a str,
}

/// The state of a period after it is reopened. A soft-closed one opens to everybody who may ask; a closed one
/// needs a person with [`REOPEN_SCOPE`] (`PERMISSION_DENIED` else) and a reason (`INVALID_FIELD` else). A period
/// that is not closed is `INVALID_TRANSITION`.
///
/// Source: segregation of duties over closed periods, COSO Internal Control - Integrated Framework (2013), principle
/// 10.
pub fn reopen(state: PeriodState, request: ReopenRequest<'_>) -> Result<PeriodState> {
    match state {
        PeriodState::SoftClosed => Ok(PeriodState::Open),
        PeriodState::Closed if !request.by_person || !request.scopes.contains(&REOPEN_SCOPE) => Err(Error::new(
            Kind::PermissionDenied,
            reason::PERIOD_CLOSED,
            format!("a closed period is reopened by a person with {REOPEN_SCOPE}"),
        )),
        PeriodState::Closed if request.audit_reason.trim().is_empty() => {
            Err(Error::invalid("audit_reason", "say why the period is reopened"))
        }
        PeriodState::Closed => Ok(PeriodState::Open),
        PeriodState::Future | PeriodState::Open => Err(Error::precondition(
            reason::INVALID_TRANSITION,
            format!("a period that is {} cannot be reopened", state.name()),
        )),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_closed_period_needs_a_person_a_scope_and_a_reason() {
        let all = ReopenRequest {
            by_person: true,
            scopes: &[REOPEN_SCOPE],
            audit_reason: "the auditor found a double",
        };
        assert_eq!(reopen(PeriodState::Closed, all), Ok(PeriodState::Open));
        let program = ReopenRequest { by_person: false, ..all };
        assert_eq!(reopen(PeriodState::Closed, program).unwrap_err().kind, Kind::PermissionDenied);
        let unscoped = ReopenRequest { scopes: &[], ..all };
        assert_eq!(
            reopen(PeriodState::Closed, unscoped).unwrap_err().kind,
            Kind::PermissionDenied
        );
        let silent = ReopenRequest {
            audit_reason: " ",
            ..all
        };
        assert_eq!(reopen(PeriodState::Closed, silent).unwrap_err().field, "audit_reason");
    }

    #[test]
    fn only_what_is_closed_opens_again() {
        let request = ReopenRequest {
            by_person: false,
            scopes: &[],
            audit_reason: "",
        };
        assert_eq!(reopen(PeriodState::SoftClosed, request), Ok(PeriodState::Open));
        for state in [PeriodState::Future, PeriodState::Open] {
            assert_eq!(reopen(state, request).unwrap_err().reason, reason::INVALID_TRANSITION);
        }
    }
}
