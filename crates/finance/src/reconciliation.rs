//! Comparing two systems by key, and what is late between them.
