//! The sandbox as its callers see it: over HTTP.
#![allow(clippy::unwrap_used, unreachable_pub)]

mod access;
mod batches;
mod org;
mod queries;
mod records;
