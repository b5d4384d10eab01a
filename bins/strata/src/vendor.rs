//! Which vendors there are, and which servers.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// A vendor whose API is spoken, one for each category of system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Vendor {
    /// The CRM.
    Salesforce,
    /// The PSA.
    KantataOx,
    /// The ERP.
    #[value(name = "netsuite")]
    #[serde(rename = "netsuite")]
    NetSuite,
    /// The HR system.
    Workday,
}

impl Vendor {
    /// Every vendor.
    pub const ALL: [Self; 4] = [Self::Salesforce, Self::KantataOx, Self::NetSuite, Self::Workday];

    /// Name on the command line, in the log and of folders.
    pub fn name(self) -> &'static str {
        match self {
            Self::Salesforce => "salesforce",
            Self::KantataOx => "kantata-ox",
            Self::NetSuite => "netsuite",
            Self::Workday => "workday",
        }
    }

    /// Its section of the settings.
    pub fn section(self) -> &'static str {
        match self {
            Self::KantataOx => "kantata_ox",
            other => other.name(),
        }
    }

    /// Key of its server in the `clients` section.
    pub fn category(self) -> &'static str {
        match self {
            Self::Salesforce => "crm",
            Self::KantataOx => "psa",
            Self::NetSuite => "erp",
            Self::Workday => "hr",
        }
    }

    /// Port of its sandbox, unless the settings say otherwise.
    pub fn sandbox_port(self) -> u16 {
        match self {
            Self::Salesforce => 7501,
            Self::KantataOx => 7502,
            Self::NetSuite => 7503,
            Self::Workday => 7504,
        }
    }
}

impl fmt::Display for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A server of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The vendors' protocols, for development.
    Sandbox,
    /// One vendor behind the contract of its category.
    System(Vendor),
    /// Master data.
    Master,
    /// Business flows.
    Process,
    /// What portals see.
    Experience,
    /// Every tier in one process, on one port.
    All,
}

impl Role {
    /// Name in addresses, logs and file names.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::System(vendor) => vendor.category(),
            Self::Master => "master",
            Self::Process => "process",
            Self::Experience => "experience",
            Self::All => "all",
        }
    }

    /// Port it listens on, unless told otherwise.
    pub fn default_port(self) -> u16 {
        match self {
            Self::All => 7400,
            Self::System(Vendor::Salesforce) => 7411,
            Self::System(Vendor::KantataOx) => 7412,
            Self::System(Vendor::NetSuite) => 7413,
            Self::System(Vendor::Workday) => 7414,
            Self::Master => 7420,
            Self::Process => 7430,
            Self::Experience => 7440,
            Self::Sandbox => 7500,
        }
    }

    /// Address it listens on, unless told otherwise: this machine only.
    pub fn default_address(self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.default_port()).into()
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_servers_share_a_port_or_a_name() {
        let systems = Vendor::ALL.map(Role::System);
        let others = [Role::Sandbox, Role::Master, Role::Process, Role::Experience, Role::All];
        let roles: Vec<Role> = systems.into_iter().chain(others).collect();
        let sandboxes = Vendor::ALL.map(Vendor::sandbox_port);
        let ports: HashSet<u16> = roles.iter().map(|role| role.default_port()).chain(sandboxes).collect();
        let names: HashSet<&str> = roles.iter().map(|role| role.name()).collect();
        assert_eq!((ports.len(), names.len()), (roles.len() + sandboxes.len(), roles.len()));
    }

    #[test]
    fn names_on_the_command_line_are_names_everywhere() {
        for vendor in Vendor::ALL {
            assert_eq!(Vendor::from_str(vendor.name(), false), Ok(vendor));
            assert_eq!(serde_json::to_value(vendor).ok(), Some(vendor.name().into()));
        }
    }
}
