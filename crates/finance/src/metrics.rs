//! Figures that the trade steers by. A ratio without a denominator has no value.
