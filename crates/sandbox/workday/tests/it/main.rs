//! The sandbox as its callers see it: over HTTP.
#![allow(clippy::unwrap_used, unreachable_pub)]

mod access;
mod log;
mod readme;
mod refusals;
mod story;
mod tenant;
