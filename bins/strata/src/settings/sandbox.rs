//! The `sandbox` section: where the vendors' protocols are served for development.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde::Deserialize;

use crate::vendor::Vendor;

/// Where the sandboxes listen and keep their records.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SandboxSettings {
    /// Address of the Salesforce sandbox. Port 0 lets the system choose. Default `127.0.0.1:7501`.
    pub salesforce: SocketAddr,
    /// Address of the Kantata OX sandbox. Default `127.0.0.1:7502`.
    pub kantata_ox: SocketAddr,
    /// Address of the NetSuite sandbox. Default `127.0.0.1:7503`.
    pub netsuite: SocketAddr,
    /// Address of the Workday sandbox. Default `127.0.0.1:7504`.
    pub workday: SocketAddr,
    /// Folder that keeps the records, a folder per vendor. Default: none, they are forgotten at the end.
    pub folder: Option<PathBuf>,
}

impl Default for SandboxSettings {
    fn default() -> Self {
        let at = |vendor: Vendor| (Ipv4Addr::LOCALHOST, vendor.sandbox_port()).into();
        Self {
            salesforce: at(Vendor::Salesforce),
            kantata_ox: at(Vendor::KantataOx),
            netsuite: at(Vendor::NetSuite),
            workday: at(Vendor::Workday),
            folder: None,
        }
    }
}

impl SandboxSettings {
    /// Address of a vendor's sandbox.
    pub fn address(&self, vendor: Vendor) -> SocketAddr {
        match vendor {
            Vendor::Salesforce => self.salesforce,
            Vendor::KantataOx => self.kantata_ox,
            Vendor::NetSuite => self.netsuite,
            Vendor::Workday => self.workday,
        }
    }
}
