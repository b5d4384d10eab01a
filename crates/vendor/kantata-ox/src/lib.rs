//! Kantata OX behind the PSA port: REST, API version 1.
//!
//! The vendor has no upsert and no idempotency key. Every create carries our key as an external reference and looks for it
//! first (`once`). Which resource and field holds which fact is `docs/system-of-record.md`; custom and unverified names are in
//! `fields`. Start at [`KantataOx::new`]; what works is listed in `docs.md` beside this crate's manifest.

mod api;
mod approved;
mod auth;
mod changes;
mod config;
mod cursor;
mod errors;
mod feed;
mod fields;
mod invoices;
mod map;
mod once;
mod people;
mod projects;
mod psa;
mod rates;
pub mod records;
mod wire;

pub use config::Config;
pub use psa::KantataOx;
