//! Salesforce behind the CRM port: REST, SOQL and composite calls.
//!
//! Which object and field holds which fact is `docs/system-of-record.md`; every custom name is in `fields`. The vendor's JSON
//! never leaves this crate. Start at [`Salesforce::new`]; what works is listed in `docs.md` beside this crate's manifest.

mod auth;
mod budget;
mod client;
mod config;
mod crm;
mod cursor;
mod errors;
mod feed;
mod fields;
mod map;
mod sale;
mod soql;
mod wire;
mod writes;

pub use config::Config;
pub use crm::Salesforce;
