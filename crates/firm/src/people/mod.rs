//! The firm's people, as their vendors see them: small HTTP clients that speak each vendor's public API.
//!
//! Nothing here is shared with the platform's adapters: what they get wrong must show.

mod crm;
mod erp;
mod erp_damage;
mod erp_read;
mod hr;
mod numbers;
mod psa;
mod psa_read;
mod session;
mod soap;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde::Deserialize;
use strata_kernel::Clock;

pub use crm::Crm;
pub(crate) use crm::Sold;
pub use erp::Erp;
pub(crate) use erp::{EXPENSE_REVENUE_ACCOUNT, INTERCOMPANY_PAYABLE, INTERCOMPANY_RECEIVABLE, Paid, REVENUE_ACCOUNT};
pub use hr::Hr;
pub use psa::Psa;
pub(crate) use psa::{ExpenseToEnter, SheetToSubmit, TimeToEnter};

use crate::Result;

/// Times a person tries again after a lost answer, each time after looking the record up.
const TRIES: u32 = 4;

/// Requests under way at once at a vendor that sets no limit of its own.
const CONCURRENCY: usize = 16;

/// Work email of a person: what HR enters, and what the PSA knows the user by.
#[must_use]
pub(crate) fn email(employee: &str) -> String {
    format!("{}@firm.example", employee.to_lowercase())
}

/// Where the vendors are and how the firm's people sign in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// Salesforce: base address, as `http://127.0.0.1:7001`. Required.
    pub salesforce: BasicAccess,
    /// Kantata OX. Required.
    pub kantata: BasicAccess,
    /// NetSuite. Required.
    pub netsuite: KeyAccess,
    /// Workday. Required.
    pub workday: RefreshAccess,
}

/// Client credentials.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BasicAccess {
    /// Base address. Required.
    pub base_url: String,
    /// Client id. Required.
    pub client_id: String,
    /// Client secret. Required.
    pub client_secret: String,
}

/// A signed assertion.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyAccess {
    /// Base address. Required.
    pub base_url: String,
    /// Client id. Required.
    pub client_id: String,
    /// Id of the certificate that belongs to the key. Required.
    pub certificate_id: String,
    /// RSA private key, PEM. Required.
    pub private_key_pem: String,
}

/// A refresh token that never ends.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefreshAccess {
    /// Base address. Required.
    pub base_url: String,
    /// Tenant. Required.
    pub tenant: String,
    /// Client id. Required.
    pub client_id: String,
    /// Client secret. Required.
    pub client_secret: String,
    /// Refresh token. Required.
    pub refresh_token: String,
}

macro_rules! hide_secrets {
    ($($name:ident),+) => {$(
        impl std::fmt::Debug for $name {
            /// Shows the address and the client only.
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name))
                    .field("base_url", &self.base_url)
                    .field("client_id", &self.client_id)
                    .finish_non_exhaustive()
            }
        }
    )+};
}
hide_secrets!(BasicAccess, KeyAccess, RefreshAccess);

/// Everybody who acts in the firm.
#[derive(Debug)]
pub struct People {
    /// Sales.
    pub crm: Crm,
    /// Consultants and their managers.
    pub psa: Psa,
    /// HR.
    pub hr: Hr,
    /// Finance.
    pub erp: Erp,
}

impl People {
    /// Gives everybody an access. `clock` is the simulated time: assertions are dated by it.
    ///
    /// # Errors
    /// When a key or an address cannot be used.
    pub fn new(access: Access, clock: Arc<dyn Clock>) -> Result<Self> {
        Ok(Self {
            crm: Crm::new(access.salesforce)?,
            psa: Psa::new(access.kantata)?,
            hr: Hr::new(access.workday)?,
            erp: Erp::new(access.netsuite, clock)?,
        })
    }
}
