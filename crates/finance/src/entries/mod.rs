//! Sub-ledger rows and balanced ledger entries.

pub mod accrual;
pub mod actuals;
pub mod advance;
pub mod posting;
