#![doc = include_str!("../docs.md")]

mod auth;
mod client;
mod config;
mod cursor;
mod faults;
mod fields;
mod hr;
mod map;
mod versions;
mod xml;

pub use config::Config;
pub use hr::{Workday, new};

/// Name of the vendor, for the log and for capabilities.
pub(crate) const VENDOR: &str = "workday";
