//! Projects: active under a contract or at risk, without new time while they rest, closed when nothing is left.

use strata_kernel::{Error, Result};

use super::not_now;
use crate::lifecycle::machine;

/// What an active project may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Activation {
    /// Its work costs, earns and bills.
    UnderContract,
    /// Work before the signature: cost, but neither revenue nor bills.
    AtRisk,
}

/// Lets a project become active under a contract that is signed or active, or at risk when it is flagged so.
///
/// Without either it is `INVALID_TRANSITION`; a word that is no state of a contract is `INVALID_FIELD`.
/// Source: cost before a contract exists, IFRS 15.9 and 15.15-16, ASC 606-10-25-1 and 25-7.
pub fn check_activation(contract_state: &str, at_risk: bool) -> Result<Activation> {
    if !machine("contract")?.has_state(contract_state) {
        return Err(Error::invalid(
            "contract_state",
            format!("\"{contract_state}\" is no state of a contract"),
        ));
    }
    match contract_state {
        "signed" | "active" => Ok(Activation::UnderContract),
        _ if at_risk => Ok(Activation::AtRisk),
        _ => Err(not_now(format!(
            "the contract is {contract_state}; have it signed, or flag the project as at risk"
        ))),
    }
}

/// Lets time be booked on an active project. On one that is planned, on hold or closed it is `INVALID_TRANSITION`; a
/// word that is no state of a project is `INVALID_FIELD`.
/// Source: the platform's transition table, guard of `hold`.
pub fn check_booking(project_state: &str) -> Result<()> {
    if !machine("project")?.has_state(project_state) {
        return Err(Error::invalid(
            "project_state",
            format!("\"{project_state}\" is no state of a project"),
        ));
    }
    match project_state {
        "active" => Ok(()),
        _ => Err(not_now(format!("a project that is {project_state} takes no time"))),
    }
}

/// Time and expenses of a project that are not settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OpenWork {
    /// Entries being written.
    pub draft: usize,
    /// Entries handed in.
    pub submitted: usize,
    /// Entries approved, billable and on no posted invoice.
    pub approved_unbilled: usize,
}

/// Lets a project be closed on which no entry is draft, submitted, or approved and unbilled; else it is
/// `INVALID_TRANSITION`. The ERP's project is closed after it, never before.
/// Source: the platform's transition table, guard of `close`.
pub fn check_closing(open: OpenWork) -> Result<()> {
    if open == OpenWork::default() {
        return Ok(());
    }
    Err(not_now(format!(
        "{} entries are drafts, {} submitted, {} approved and not billed",
        open.draft, open.submitted, open.approved_unbilled
    )))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::reason::INVALID_TRANSITION;

    #[test]
    fn is_active_under_a_contract_or_at_risk() {
        let check = |state, at_risk| check_activation(state, at_risk).map_err(|error| error.reason);
        for state in ["signed", "active"] {
            assert_eq!(check(state, false), Ok(Activation::UnderContract));
            assert_eq!(check(state, true), Ok(Activation::UnderContract));
        }
        for state in ["draft", "completed", "terminated"] {
            assert_eq!(check(state, false), Err(INVALID_TRANSITION), "{state}");
            assert_eq!(check(state, true), Ok(Activation::AtRisk), "{state}");
        }
        assert_eq!(check("lost", true), Err("INVALID_FIELD"));
    }

    #[test]
    fn takes_time_while_it_is_active() {
        assert_eq!(check_booking("active"), Ok(()));
        for state in ["planned", "on_hold", "closed"] {
            assert_eq!(check_booking(state).unwrap_err().reason, INVALID_TRANSITION, "{state}");
        }
        assert_eq!(check_booking("gone").unwrap_err().field, "project_state");
    }

    #[test]
    fn closes_when_nothing_is_open() {
        let open = |draft, submitted, approved_unbilled| OpenWork {
            draft,
            submitted,
            approved_unbilled,
        };
        assert_eq!(check_closing(open(0, 0, 0)), Ok(()));
        for left in [open(1, 0, 0), open(0, 1, 0), open(0, 0, 1)] {
            assert_eq!(check_closing(left).unwrap_err().reason, INVALID_TRANSITION, "{left:?}");
        }
    }
}
