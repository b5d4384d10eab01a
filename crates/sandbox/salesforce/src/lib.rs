#![doc = include_str!("../README.md")]

mod auth;
mod call;
mod collections;
mod composite;
mod describe;
mod errors;
mod ids;
mod meter;
mod objects;
mod query;
mod records;
mod resources;
mod schema;
mod server;
mod soql;
mod values;

use axum::Router;
use chrono::TimeDelta;
use strata_sandbox::Setup;

/// Client id the sandbox accepts.
pub const CLIENT_ID: &str = "strata";
/// Secret of [`CLIENT_ID`].
pub const CLIENT_SECRET: &str = "sandbox-secret";

/// How the org is configured.
#[derive(Clone, Debug)]
pub struct Options {
    /// Calls allowed in any 24 hours of the sandbox clock. An Enterprise org has 100,000 and 1,000 more per licence.
    pub daily_calls: u64,
    /// How long an access token is good for. The vendor's session policy; 2 hours unless an administrator changed it
    /// (UNVERIFIED).
    pub session_life: TimeDelta,
    /// Whether the administrator also ticked "Unique" on external id fields. When not, two records can have the same key
    /// and an upsert by it answers 300.
    pub unique_external_ids: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            daily_calls: 5_000_000,
            session_life: TimeDelta::hours(2),
            unique_external_ids: true,
        }
    }
}

/// An org with the usual configuration.
///
/// # Errors
/// When the log in `setup.dir` cannot be read or written.
pub fn router(setup: Setup) -> std::io::Result<Router> {
    router_with(setup, Options::default())
}

/// An org configured by `options`.
///
/// # Errors
/// As [`router`].
pub fn router_with(setup: Setup, options: Options) -> std::io::Result<Router> {
    server::router(setup, options)
}
