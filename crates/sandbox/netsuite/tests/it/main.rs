//! Stories over HTTP: what a client of NetSuite sees.
#![allow(clippy::unwrap_used, clippy::panic)]

mod auth;
mod documents;
mod firm;
mod harness;
mod jobs;
mod journals;
mod limits;
mod payments;
mod records;
mod suiteql;
mod time;
