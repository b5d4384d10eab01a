#![doc = include_str!("../docs.md")]

mod auth;
mod booked;
mod changes;
mod client;
mod config;
mod cursor;
mod document;
mod erp;
mod errors;
mod feed;
mod fields;
mod journal;
mod lookup;
mod masters;
mod periods;
pub mod records;
mod reference;
mod suiteql;
mod time;
mod wire;

pub use config::Config;
pub use erp::{NetSuite, new};

/// Name of the vendor, for the log and for capabilities.
pub(crate) const VENDOR: &str = "netsuite";
