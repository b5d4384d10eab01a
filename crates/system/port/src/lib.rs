//! Ports of the system tier: one trait per category of system. An adapter implements the trait of
//! its category in the contract's own messages; vendor JSON and XML never cross it.
//!
//! Errors are [`strata_kernel::Error`]: `VENDOR_UNAVAILABLE`, `VENDOR_THROTTLED` (temporary),
//! `VENDOR_UNAUTHENTICATED`, `VENDOR_REJECTED`, `NOT_FOUND`, `UNSUPPORTED_OPERATION`. A write that may
//! or may not have happened is not an error but an outcome: [`outcome::unknown`].

mod crm;
mod erp;
mod hr;
pub mod journal;
pub mod outcome;
mod psa;

pub use crm::CrmSystem;
pub use erp::ErpSystem;
pub use hr::HrSystem;
pub use psa::PsaSystem;

use strata_kernel::{Error, Kind};

/// The vendor cannot do this; its capabilities say so.
pub fn unsupported(operation: &str) -> Error {
    Error::new(
        Kind::Unsupported,
        "UNSUPPORTED_OPERATION",
        format!("this system cannot do {operation}; see its capabilities"),
    )
}
