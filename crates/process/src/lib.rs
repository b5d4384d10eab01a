//! The process tier: coordinates the systems into business flows.
//!
//! Feeds learn what changed ([`feeds`]), runs with steps carry it from system to system ([`engine`]), the
//! posting ledger keeps what goes into the books ([`billing`]), [`revenue`] says what is earned, and whatever cannot go on by itself becomes an
//! exception with an owner ([`exceptions`]). Everything is on the story of its engagement ([`hand_offs`]).

mod approved;
mod billing;
mod clients;
mod core;
mod engine;
mod exceptions;
mod feeds;
mod guard;
mod hand_offs;
mod intercompany;
mod json;
mod masters;
mod milestones;
mod mobilisation;
mod monthly;
mod months;
mod pass;
mod reconciliation;
mod revenue;
mod services;
mod settings;
mod store;
mod workforce;
mod xrefs;

pub use clients::Transports;
pub use settings::ProcessSettings;

use std::future::Future;
use std::sync::Arc;

use strata_events::{Bus, Wire};
use strata_kernel::{Clock, Result};
use strata_rpc::{ServerBuilder, SettleReport};
use strata_store::{Db, both};

use crate::billing::StatusRuns;
use crate::clients::Clients;
use crate::core::Core;
use crate::pass::Worker;
use crate::services::{EventDesk, Services};
use crate::store::{lite, pg};

/// The process tier on a database. Cloning shares it.
#[derive(Clone)]
pub struct Process {
    core: Core,
    bus: Bus,
    worker: Arc<Worker>,
}

impl Process {
    /// Takes up the work where it was left. The migrations must have run, and no other process may work on the
    /// same database. Events travel by `wire`.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn start(db: Db, to: Transports, clock: Arc<dyn Clock>, settings: ProcessSettings, wire: Wire) -> Result<Self> {
        let core = Core::new(db, Clients::new(to), clock, settings);
        let now = core.now().naive_utc();
        let orphans = core.db.write(move |c| both!(c, postings::orphaned_to_unknown(now))).await?;
        if orphans > 0 {
            tracing::warn!(orphans, "postings were under way when the process stopped; each is looked up");
        }
        let bus = Bus::new(core.db.clone(), vec![Arc::new(StatusRuns(core.clone()))], wire);
        Ok(Self {
            worker: Arc::new(Worker::new(core.clone(), bus.clone())),
            bus,
            core,
        })
    }

    /// Adds the services of the process tier to a server.
    #[must_use]
    pub fn add_to(&self, server: ServerBuilder) -> ServerBuilder {
        EventDesk(self.bus.clone()).add_to(Services(self.core.clone()).add_to(server))
    }

    /// Works until nothing is left to do at the present time.
    ///
    /// # Errors
    /// When the database or a server below cannot be used. What was stored stays, the rest is done again.
    pub async fn settle(&self) -> Result<SettleReport> {
        self.worker.settle().await
    }

    /// Works until `shutdown` is done: a pass, a pause, and again.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        self.worker.run(shutdown).await;
    }
}
