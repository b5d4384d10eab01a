//! Rounding a number to a multiple of a quantum.
