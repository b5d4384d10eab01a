//! What every part of the process tier shares.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use strata_contract::strata::common::v1::Capabilities;
use strata_contract::strata::system::{crm, erp, hr, psa};
use strata_kernel::{Clock, Date, Error, Instant, Result};
use strata_store::Db;
use tokio::sync::{OnceCell, watch};

use crate::ProcessSettings;
use crate::clients::Clients;
use crate::instances::Instance;
use crate::master_view::Remembered;

/// The shared parts. Cloning shares them.
#[derive(Clone)]
pub(crate) struct Core {
    pub(crate) db: Db,
    pub(crate) clients: Clients,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) settings: ProcessSettings,
    /// This server among those of the database. `db` is fenced by it.
    pub(crate) instance: Arc<Instance>,
    /// Master data that was asked for before.
    pub(crate) remembered: Arc<Remembered>,
    systems: Arc<OnceCell<Systems>>,
    /// Counts commits that added hand-offs: whoever watches an engagement looks again.
    told: Arc<watch::Sender<u64>>,
    ending: Arc<AtomicBool>,
}

/// Names of the vendors behind the four systems, as their capabilities say them. Cross-references and
/// hand-offs carry them.
#[derive(Debug, Clone)]
pub(crate) struct Systems {
    pub(crate) crm: String,
    pub(crate) psa: String,
    pub(crate) erp: String,
    pub(crate) hr: String,
}

impl Core {
    pub(crate) fn new(
        db: &Db,
        instance: Arc<Instance>,
        clients: Clients,
        clock: Arc<dyn Clock>,
        settings: ProcessSettings,
    ) -> Self {
        Self {
            db: instance.fence(db),
            instance,
            clients,
            clock,
            settings,
            remembered: Arc::default(),
            systems: Arc::default(),
            told: Arc::new(watch::Sender::new(0)),
            ending: Arc::default(),
        }
    }

    pub(crate) fn now(&self) -> Instant {
        self.clock.now()
    }

    pub(crate) fn today(&self) -> Date {
        self.now().date_naive()
    }

    /// The vendors' names, asked for once.
    pub(crate) async fn systems(&self) -> Result<&Systems> {
        self.systems.get_or_try_init(|| self.ask_systems()).await
    }

    async fn ask_systems(&self) -> Result<Systems> {
        let mut to = self.clients.clone();
        let (crm, psa, erp, hr) = tokio::try_join!(
            to.crm.get_capabilities(crm::v1::GetCapabilitiesRequest {}),
            to.psa.get_capabilities(psa::v1::GetCapabilitiesRequest {}),
            to.erp.get_capabilities(erp::v1::GetCapabilitiesRequest {}),
            to.hr.get_capabilities(hr::v1::GetCapabilitiesRequest {}),
        )
        .map_err(strata_rpc::error)?;
        Ok(Systems {
            crm: vendor(crm.into_inner().capabilities)?,
            psa: vendor(psa.into_inner().capabilities)?,
            erp: vendor(erp.into_inner().capabilities)?,
            hr: vendor(hr.into_inner().capabilities)?,
        })
    }

    /// The server ends: what takes long stops where it can be taken up again.
    pub(crate) fn end(&self) {
        self.ending.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Relaxed)
    }

    /// Tells whoever watches that there may be new hand-offs.
    pub(crate) fn tell(&self) {
        self.told.send_modify(|count| *count += 1);
    }

    pub(crate) fn listen(&self) -> watch::Receiver<u64> {
        self.told.subscribe()
    }
}

fn vendor(capabilities: Option<Capabilities>) -> Result<String> {
    let name = capabilities.unwrap_or_default().vendor;
    if name.is_empty() {
        return Err(Error::internal("a system server does not say which vendor it wraps"));
    }
    Ok(name)
}
