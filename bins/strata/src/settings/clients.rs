//! The `clients` section: where the servers below are.

use serde::Deserialize;
use strata_settings::{Fault, Section};

use crate::vendor::{Role, Vendor};

/// Addresses of the servers a tier calls, each `host:port`, `http://host:port`, or `https://host:port` for TLS. Default: their default ports on this machine.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClientSettings {
    /// Server of the CRM. The process tier calls it.
    pub crm: String,
    /// Server of the PSA. The process tier calls it.
    pub psa: String,
    /// Server of the ERP. The process tier calls it.
    pub erp: String,
    /// Server of the HR system. The process tier calls it.
    pub hr: String,
    /// Server of master data. The process and the experience tier call it.
    pub master: String,
    /// Server of the process tier. The experience tier calls it.
    pub process: String,
}

impl Default for ClientSettings {
    fn default() -> Self {
        let address = |role: Role| role.default_address().to_string();
        Self {
            crm: address(Role::System(Vendor::Salesforce)),
            psa: address(Role::System(Vendor::KantataOx)),
            erp: address(Role::System(Vendor::NetSuite)),
            hr: address(Role::System(Vendor::Workday)),
            master: address(Role::Master),
            process: address(Role::Process),
        }
    }
}

impl ClientSettings {
    /// Keys of all servers that are called.
    pub(crate) const KEYS: [&str; 6] = ["crm", "psa", "erp", "hr", "master", "process"];

    /// Keys and addresses of the servers that one of a role calls.
    pub(crate) fn called_by(&self, role: Role) -> Vec<(&'static str, &str)> {
        let master = ("master", self.master.as_str());
        match role {
            Role::Process => {
                let systems = Vendor::ALL.map(|vendor| (vendor.category(), self.system(vendor)));
                systems.into_iter().chain([master]).collect()
            }
            Role::Experience => vec![("process", self.process.as_str()), master],
            Role::Sandbox | Role::System(_) | Role::Master | Role::All => Vec::new(),
        }
    }

    /// Address of a vendor's server.
    pub fn system(&self, vendor: Vendor) -> &str {
        match vendor {
            Vendor::Salesforce => &self.crm,
            Vendor::KantataOx => &self.psa,
            Vendor::NetSuite => &self.erp,
            Vendor::Workday => &self.hr,
        }
    }
}

impl Section for ClientSettings {
    const NAME: &'static str = "clients";

    fn check(&self) -> Result<(), Fault> {
        let systems = Vendor::ALL.map(|vendor| (vendor.category(), self.system(vendor)));
        let others = [("master", self.master.as_str()), ("process", self.process.as_str())];
        for (key, address) in systems.into_iter().chain(others) {
            strata_rpc::is_encrypted(address).map_err(|error| Fault::new(key, error.to_string()))?;
        }
        Ok(())
    }
}
