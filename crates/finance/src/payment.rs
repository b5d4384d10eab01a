//! Payments: what is open, discounts, tolerances.
