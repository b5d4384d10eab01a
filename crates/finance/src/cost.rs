//! What work costs: burden on raw cost.
