//! Sub-ledger rows and balanced ledger entries.

pub mod actuals;
