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
//! let larger_account = router_with(setup, Options { concurrency: 15, ..Options::default() })?;
//! # Ok(())
//! # }
//! ```

mod account;
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

use std::time::Duration;

use strata_sandbox::Setup;

pub use account::{Account, Figures};
pub use keys::{DEV_CERTIFICATE_ID, DEV_CLIENT_ID, DEV_PRIVATE_KEY_PEM};

/// What an account is like, beside the [`Setup`].
#[derive(Clone, Debug)]
pub struct Options {
    /// Requests that may be under way at once; one more is answered 429. The standard tier allows five.
    pub concurrency: usize,
    /// The least time a request takes, real time. Default: none. NetSuite itself takes some 300 ms.
    pub takes: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            concurrency: 5,
            takes: Duration::ZERO,
        }
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
    account_with(setup, options).map(|(router, _)| router)
}

/// The same, with the account behind it, whose limit can be changed while the server runs.
///
/// # Errors
/// As [`router`].
pub fn account_with(setup: Setup, options: Options) -> std::io::Result<(axum::Router, Account)> {
    let account = Account::new(options.concurrency);
    Ok((app::routes(setup, &options, account.clone())?, account))
}
