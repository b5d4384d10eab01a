#![doc = include_str!("../README.md")]

mod auth;
mod compensation;
mod fault;
mod history;
mod request;
mod rest;
mod server;
mod soap;
mod staffing;
mod worker_data;
mod workers;
mod xml;

use axum::Router;
use strata_sandbox::Setup;

/// The tenant the sandbox serves.
pub const TENANT: &str = "firm";
/// Client id of the API client.
pub const CLIENT_ID: &str = "strata";
/// Secret of [`CLIENT_ID`].
pub const CLIENT_SECRET: &str = "sandbox-secret";
/// The refresh token bound to the integration user; it does not expire.
pub const REFRESH_TOKEN: &str = "strata-refresh";

/// How the tenant is set up.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Codes of the companies that exist (`Company_Reference_ID`). `None`: whatever code is named exists.
    pub companies: Option<Vec<String>>,
    /// Job profiles that exist (`Job_Profile_ID`). `None`: whatever profile is named exists.
    pub job_profiles: Option<Vec<String>>,
}

/// A tenant in which every company and job profile that is named exists.
///
/// # Errors
/// When the log in `setup.dir` cannot be read or written.
pub fn router(setup: Setup) -> std::io::Result<Router> {
    router_with(setup, Options::default())
}

/// A tenant set up by `options`.
///
/// # Errors
/// As [`router`].
pub fn router_with(setup: Setup, options: Options) -> std::io::Result<Router> {
    server::router(setup, options)
}
