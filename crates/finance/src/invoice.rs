//! Invoice documents: grouping and totals.
