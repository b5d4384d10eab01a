//! Invoice documents: grouping and totals.

pub mod group;
