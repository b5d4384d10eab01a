//! What a transition asks beyond the state: who, when, and with what at hand. The tables say which transitions
//! there are ([`super::machine`]); a guard is asked before one is taken, and a refusal changes nothing.
//!
//! A field that is wrong in itself is `INVALID_FIELD`; a transition that the moment does not allow is
//! `INVALID_TRANSITION`, unless a guard names a reason of its own.

mod contract;
mod milestone;
mod people;
mod project;
mod proposal;
mod time;

pub use contract::{Completion, PlannedRole, Signing, check_completion, check_signing};
pub use milestone::check_acceptance;
pub use people::{AssignmentEnd, Employed, Staffing, check_assignment, check_employed, end_of_assignment};
pub use project::{Activation, OpenWork, check_activation, check_booking, check_closing};
pub use proposal::{LineReferences, check_line, check_sources};
pub use time::{Assignment, DAY_MINUTES, Submission, check_approver, check_submission};

use strata_kernel::Error;

use crate::reason;

fn not_now(message: impl Into<String>) -> Error {
    Error::precondition(reason::INVALID_TRANSITION, message)
}
