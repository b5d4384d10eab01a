//! A vendor's section becomes the adapter that stands behind the contract of its category.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use strata_contract::strata::system::crm::v1::crm_service_server::CrmServiceServer;
use strata_contract::strata::system::erp::v1::erp_service_server::ErpServiceServer;
use strata_contract::strata::system::hr::v1::hr_service_server::HrServiceServer;
use strata_contract::strata::system::psa::v1::psa_service_server::PsaServiceServer;
use strata_kernel::Clock;
use strata_port::{CrmSystem, ErpSystem, HrSystem, PsaSystem};
use strata_rpc::ServerBuilder;
use strata_settings::{Fault, Place, SettingsError};
use strata_system::{CrmServer, ErpServer, HrServer, PsaServer};
use strata_vendor_http::Gate;

use super::{Sources, secrets};
use crate::vendor::Vendor;

/// A vendor's adapter. Cloning shares it, with its tokens and its limits.
#[derive(Clone)]
pub enum Adapter {
    /// Behind the CRM contract.
    Crm(Arc<dyn CrmSystem>),
    /// Behind the PSA contract.
    Psa(Arc<dyn PsaSystem>),
    /// Behind the ERP contract.
    Erp(Arc<dyn ErpSystem>),
    /// Behind the HR contract.
    Hr(Arc<dyn HrSystem>),
}

/// Each reads its own section, and passes over the others.
#[derive(Deserialize)]
struct Salesforce {
    #[serde(deserialize_with = "secrets::resolved")]
    salesforce: strata_salesforce::Config,
}

#[derive(Deserialize)]
struct KantataOx {
    #[serde(deserialize_with = "secrets::resolved")]
    kantata_ox: strata_kantata_ox::Config,
}

#[derive(Deserialize)]
struct NetSuite {
    #[serde(deserialize_with = "secrets::resolved")]
    netsuite: strata_netsuite::Config,
}

#[derive(Deserialize)]
struct Workday {
    #[serde(deserialize_with = "secrets::resolved")]
    workday: strata_workday::Config,
}

impl Sources {
    /// Reads a vendor's section and makes its adapter. Nothing is connected before the first call.
    ///
    /// # Errors
    /// Names the key at fault, and the line or variable it was written in.
    pub fn adapter(&self, vendor: Vendor, clock: Arc<dyn Clock>) -> Result<Adapter, SettingsError> {
        self.gated(vendor, clock).map(|(adapter, _)| adapter)
    }

    /// The same, with what admits its requests.
    pub(crate) fn gated(&self, vendor: Vendor, clock: Arc<dyn Clock>) -> Result<(Adapter, Gate), SettingsError> {
        match vendor {
            Vendor::Salesforce => self.connect(vendor, |s: Salesforce| {
                let made = strata_salesforce::Salesforce::new(s.salesforce, clock)?;
                let gate = made.gate();
                Ok((Adapter::Crm(Arc::new(made)), gate))
            }),
            Vendor::KantataOx => self.connect(vendor, |s: KantataOx| {
                let made = strata_kantata_ox::KantataOx::new(s.kantata_ox, clock)?;
                let gate = made.gate();
                Ok((Adapter::Psa(Arc::new(made)), gate))
            }),
            Vendor::NetSuite => self.connect(vendor, |s: NetSuite| {
                let made = strata_netsuite::new(s.netsuite, clock)?;
                let gate = made.gate();
                Ok((Adapter::Erp(Arc::new(made)), gate))
            }),
            Vendor::Workday => self.connect(vendor, |s: Workday| {
                let made = strata_workday::new(s.workday, clock)?;
                let gate = made.gate();
                Ok((Adapter::Hr(Arc::new(made)), gate))
            }),
        }
    }

    /// The adapter itself knows which settings do not do; what it says is reported where the setting was written.
    fn connect<T: DeserializeOwned>(
        &self,
        vendor: Vendor,
        make: impl FnOnce(T) -> strata_kernel::Result<(Adapter, Gate)>,
    ) -> Result<(Adapter, Gate), SettingsError> {
        let section: T = self.load(|_| Ok(()))?;
        make(section).map_err(|error| {
            let key = match error.field.as_str() {
                "" => vendor.section().to_owned(),
                field => format!("{}.{field}", vendor.section()),
            };
            self.locate(Fault::new(key, error.message))
        })
    }

    /// Finds the place a key at fault was written at.
    fn locate(&self, fault: Fault) -> SettingsError {
        let unplaced = SettingsError {
            key: fault.key.clone(),
            place: Place::Nowhere,
            message: fault.message.clone(),
        };
        self.load(|_: &IgnoredAny| Err(fault)).err().unwrap_or(unplaced)
    }
}

impl Adapter {
    /// Adds the service of its category to a server.
    #[must_use]
    pub fn add_to(&self, server: ServerBuilder) -> ServerBuilder {
        match self.clone() {
            Self::Crm(system) => server.add_service(CrmServiceServer::new(CrmServer(system))),
            Self::Psa(system) => server.add_service(PsaServiceServer::new(PsaServer(system))),
            Self::Erp(system) => server.add_service(ErpServiceServer::new(ErpServer(system))),
            Self::Hr(system) => server.add_service(HrServiceServer::new(HrServer(system))),
        }
    }
}

impl fmt::Debug for Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Crm(_) => "Adapter::Crm",
            Self::Psa(_) => "Adapter::Psa",
            Self::Erp(_) => "Adapter::Erp",
            Self::Hr(_) => "Adapter::Hr",
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Write;

    use strata_kernel::SystemClock;

    use super::*;

    const SOUND: &str =
        "[salesforce]\nbase_url = \"https://firm.my.salesforce.com\"\nclient_id = \"strata\"\nclient_secret = \"env:SECRET\"\n";

    fn adapter(text: &str, vendor: Vendor) -> Result<Adapter, SettingsError> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let sources = Sources {
            file: Some(file.path().to_owned()),
            environment: vec![("SECRET".to_owned(), "hunter2".to_owned())],
            overrides: Vec::new(),
        };
        sources.adapter(vendor, Arc::new(SystemClock))
    }

    fn fault(text: &str) -> (String, Option<usize>, String) {
        let error = adapter(text, Vendor::Salesforce).unwrap_err();
        let line = match error.place {
            Place::Line(_, line) => Some(line),
            _ => None,
        };
        (error.key, line, error.message)
    }

    #[test]
    fn a_section_becomes_an_adapter() {
        assert!(matches!(adapter(SOUND, Vendor::Salesforce), Ok(Adapter::Crm(_))));
        let token = "[kantata_ox]\naccess_token = \"env:SECRET\"\n";
        assert!(matches!(adapter(token, Vendor::KantataOx), Ok(Adapter::Psa(_))));
        let workday = "[workday]\nbase_url = \"https://wd3.workday.com\"\ntenant = \"firm\"\nclient_id = \"a\"\n\
            client_secret = \"env:SECRET\"\nrefresh_token = \"env:SECRET\"\nlimits = { concurrency = 2, timeout_ms = 900 }\n";
        assert!(matches!(adapter(workday, Vendor::Workday), Ok(Adapter::Hr(_))));
    }

    #[test]
    fn a_mistake_names_its_key_and_line() {
        let plain_http = SOUND.replace("https:", "http:");
        assert_eq!(fault(&plain_http).0, "salesforce.base_url");
        assert_eq!(fault(&plain_http).1, Some(2));
        let unknown = SOUND.replace("client_id", "client_identity");
        assert_eq!(
            (fault(&unknown).0.as_str(), fault(&unknown).1),
            ("salesforce.client_identity", Some(3))
        );
        let wrong_type = format!("{SOUND}overlap_seconds = \"many\"\n");
        assert_eq!(
            (fault(&wrong_type).0.as_str(), fault(&wrong_type).1),
            ("salesforce.overlap_seconds", Some(5))
        );
        assert_eq!(fault("[clients]\n").0, "salesforce");
    }

    #[test]
    fn a_secret_that_is_written_out_is_refused_and_not_repeated() {
        let (key, line, message) = fault(&SOUND.replace("env:SECRET", "hunter2"));
        assert_eq!((key.as_str(), line), ("salesforce.client_secret", Some(4)));
        assert!(message.contains("env:NAME") && !message.contains("hunter2"), "{message}");
        let (key, _, message) = fault(&SOUND.replace("env:SECRET", "env:ABSENT"));
        assert!(key == "salesforce.client_secret" && message.contains("ABSENT"), "{message}");
    }
}
