//! Payments: what is open, discounts, tolerances.

mod apply;
mod receivable;
mod tolerance;

pub use apply::{Application, Applied, OpenItem, PaymentStep, apply, apply_in_turn};
pub use receivable::{Receivable, ReceivableState};
pub use tolerance::{PaymentTerms, ToleranceKind, ToleranceOutcome, settle_within_tolerance};
