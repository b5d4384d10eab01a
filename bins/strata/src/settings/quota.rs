//! The `quota` section: which vendors' accounts several processes share.

use serde::Deserialize;
use strata_settings::{Fault, Section};

use crate::vendor::Vendor;

/// Names of the accounts that this process shares with others on the same `[store]`. Who names the same account shares one allowance: the
/// first of them sets it by its vendor's `limits`, `strata quota set` changes it. A vendor that is not named is limited by its `limits`,
/// in each process by itself.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuotaSettings {
    /// Salesforce org. Default: not shared.
    pub salesforce: Option<String>,
    /// Kantata OX account. Default: not shared.
    pub kantata_ox: Option<String>,
    /// NetSuite account. Default: not shared.
    pub netsuite: Option<String>,
    /// Workday tenant. Default: not shared.
    pub workday: Option<String>,
}

impl QuotaSettings {
    /// The account of a vendor, with the vendor's name before it: two vendors may number their accounts alike. None: it is not shared.
    pub fn account(&self, vendor: Vendor) -> Option<String> {
        self.named(vendor).map(|name| format!("{vendor}/{name}"))
    }

    fn named(&self, vendor: Vendor) -> Option<&str> {
        let account = match vendor {
            Vendor::Salesforce => &self.salesforce,
            Vendor::KantataOx => &self.kantata_ox,
            Vendor::NetSuite => &self.netsuite,
            Vendor::Workday => &self.workday,
        };
        account.as_deref()
    }
}

impl Section for QuotaSettings {
    const NAME: &'static str = "quota";

    fn check(&self) -> Result<(), Fault> {
        for vendor in Vendor::ALL {
            if self.named(vendor).is_some_and(|name| name.trim().is_empty()) {
                return Err(Fault::new(vendor.section(), "names an account, or is left out"));
            }
        }
        Ok(())
    }
}
