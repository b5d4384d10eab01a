//! The vendors: four systems in memory behind the contracts of the system tier, each with what its people do.
//!
//! They know nothing of the product's rules. What they keep is what the oracle reads.

pub(crate) mod books;
mod crm;
mod erp;
mod erp_port;
mod feed;
mod hr;
mod psa;

pub(crate) use crm::{Crm, Deal};
pub(crate) use erp::{COST_CENTER, CURRENCY, ENTITY, Erp};
pub(crate) use hr::Hr;
pub(crate) use psa::{Entry, Psa};

use std::sync::Arc;

use strata_contract::strata::common::v1::{Capabilities, ChangeFeed, WriteOutcome, WriteStrategy};
use strata_contract::strata::system::crm::v1::crm_service_server::CrmServiceServer;
use strata_contract::strata::system::erp::v1::erp_service_server::ErpServiceServer;
use strata_contract::strata::system::hr::v1::hr_service_server::HrServiceServer;
use strata_contract::strata::system::psa::v1::psa_service_server::PsaServiceServer;
use strata_contract::{Transport, transport};
use strata_kernel::{Error, Kind, Result};
use strata_port::outcome;
use strata_process::Transports;
use strata_system::{CrmServer, ErpServer, HrServer, PsaServer};

use crate::fault::Fault;
use crate::link::link;
use crate::seat::Seat;
use crate::world::{Fate, World};

/// All four.
#[derive(Clone)]
pub(crate) struct Vendors {
    /// Where deals are won.
    pub(crate) crm: Arc<Crm>,
    /// Where people enter time.
    pub(crate) psa: Arc<Psa>,
    /// Where the books are.
    pub(crate) erp: Arc<Erp>,
    /// Where people are hired.
    pub(crate) hr: Arc<Hr>,
}

impl Vendors {
    /// Four empty systems.
    pub(crate) fn new(world: &Arc<World>) -> Self {
        Self {
            crm: Arc::new(Crm::new(world)),
            psa: Arc::new(Psa::new(world)),
            erp: Arc::new(Erp::new(world)),
            hr: Arc::new(Hr::new(world)),
        }
    }

    /// The ways of one process server to the servers below. The system servers are the product's own.
    pub(crate) fn transports(&self, master: &Transport, seat: &Arc<Seat>) -> Transports {
        let crm = CrmServiceServer::new(CrmServer(Arc::clone(&self.crm) as _));
        let psa = PsaServiceServer::new(PsaServer(Arc::clone(&self.psa) as _));
        let erp = ErpServiceServer::new(ErpServer(Arc::clone(&self.erp) as _));
        let hr = HrServiceServer::new(HrServer(Arc::clone(&self.hr) as _));
        Transports {
            crm: link(strata_rpc::carry(transport(crm)), seat),
            psa: link(strata_rpc::carry(transport(psa)), seat),
            erp: link(strata_rpc::carry(transport(erp)), seat),
            hr: link(strata_rpc::carry(transport(hr)), seat),
            master: link(strata_rpc::carry(master.clone()), seat),
        }
    }
}

fn capabilities(vendor: &str) -> Capabilities {
    Capabilities {
        vendor: vendor.to_owned(),
        operations: Vec::new(),
        write_strategy: WriteStrategy::UpsertByExternalId.into(),
        batch_size: 100,
        change_feed: ChangeFeed::TransactionLog.into(),
    }
}

/// Refuses when the vendor is busy: nothing was done.
fn busy(world: &World) -> Result<()> {
    if world.strikes(Fault::VendorBusy) {
        let text = "the vendor is busy; try again later";
        return Err(Error::new(Kind::ResourceExhausted, "VENDOR_THROTTLED", text));
    }
    Ok(())
}

/// Writes once for a key by `put`, which says the record's id and may be called again, and says how it ended. What happens
/// later, or twice, is left to whoever keeps the records of money: here it would not differ.
fn write(world: &World, what: &str, key: &str, put: impl FnOnce() -> String) -> WriteOutcome {
    let fate = world.fate();
    world.say(format_args!("{what} {key} {fate:?}"));
    match fate {
        Fate::Done | Fate::Twice(_) => outcome::confirmed(key, put()),
        Fate::Lost | Fate::Later(_) => outcome::unknown(key),
        Fate::Unsaid => {
            put();
            outcome::unknown(key)
        }
    }
}
