//! Caps and not-to-exceed amounts: how much of a backlog may be billed, and what waits.
