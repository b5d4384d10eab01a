//! NetSuite's SuiteTalk REST Record service and SuiteQL as a real HTTP server, for development and tests.
//!
//! It keeps what an accounting department keeps (legal entities, accounts, tax codes, rates, customers, projects, time,
//! invoices, credit memos, payments, journals), follows NetSuite's protocol and its habits: empty answers with the id in `Location`, unknown
//! fields dropped unless the client asks otherwise, batches as asynchronous jobs, closed periods, a concurrency limit.
//! Fields outside `docs/system-of-record.md` are not known; neither are transforms, the `q` filter of lists, and joins,
//! functions or `OR` in SuiteQL: they are refused, never half done.
//!
//! ```
//! use strata_sandbox::Setup;
//! use strata_sandbox_netsuite::{Options, router, router_with};
//!
//! # fn main() -> std::io::Result<()> {
//! let setup = Setup::in_memory(chrono::DateTime::UNIX_EPOCH);
//! let standard = router(setup.clone())?;
//! let larger_account = router_with(setup, Options { concurrency: 15 })?;
//! # Ok(())
//! # }
//! ```

mod app;
mod auth;
mod documents;
mod errors;
mod jobs;
mod journals;
mod keys;
mod payments;
mod periods;
mod rates;
mod record;
mod request;
mod schema;
mod suiteql;
mod values;

use strata_sandbox::Setup;

pub use keys::{DEV_CERTIFICATE_ID, DEV_CLIENT_ID, DEV_PRIVATE_KEY_PEM};

/// What an account is like, beside the [`Setup`].
#[derive(Clone, Debug)]
pub struct Options {
    /// Requests that may be under way at once; one more is answered 429. The standard tier allows five.
    pub concurrency: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { concurrency: 5 }
    }
}

/// The server for an account of the standard tier.
///
/// # Errors
/// When the store in `setup.dir` cannot be opened.
pub fn router(setup: Setup) -> std::io::Result<axum::Router> {
    router_with(setup, Options::default())
}

/// The server for an account with these options.
///
/// # Errors
/// As [`router`].
pub fn router_with(setup: Setup, options: Options) -> std::io::Result<axum::Router> {
    app::routes(setup, &options)
}
