//! Balanced ledger entries.
