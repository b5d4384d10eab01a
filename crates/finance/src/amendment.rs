//! Amendments and corrections: what is re-rated, what is credited and rebilled.
