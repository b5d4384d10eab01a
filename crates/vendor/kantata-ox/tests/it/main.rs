//! The adapter against a small account of its own.

#![allow(clippy::unwrap_used)]

mod account;
mod feeds;
mod writes;
