//! The adapter against a small server that answers as the org would.
#![allow(clippy::unwrap_used)]

mod feeds;
mod org;
mod session;
mod writes;
