//! The process tier: coordinates the systems into business flows.
//!
//! Feeds learn what changed ([`feeds`]), runs with steps carry it from system to system ([`engine`]), the
//! posting ledger keeps what goes into the books ([`billing`]), [`revenue`] says what is earned, and whatever cannot go on by itself becomes an
//! exception with an owner ([`exceptions`]). Everything is on the story of its engagement ([`hand_offs`]).

mod approved;
mod billing;
mod clients;
mod closes;
mod core;
mod engine;
mod exceptions;
mod feeds;
mod guard;
mod hand_offs;
mod instances;
mod intake;
mod intercompany;
mod json;
mod master_view;
mod masters;
mod milestones;
mod mobilisation;
mod monthly;
mod months;
mod pass;
mod periods;
mod positions;
mod reconciliation;
pub mod restored;
mod revenue;
mod services;
mod settings;
mod store;
mod workforce;
mod xrefs;

pub use clients::Transports;
pub use settings::ProcessSettings;
pub use store::TABLES;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use strata_audit::Audit;
use strata_events::{Bus, Wire};
use strata_kernel::{Clock, Result};
use strata_rpc::{ServerBuilder, SettleReport};
use strata_settings::Secret;
use strata_store::Db;

use crate::billing::StatusRuns;
use crate::clients::Clients;
use crate::core::Core;
use crate::instances::Instance;
use crate::intake::Intake;
use crate::pass::Worker;
use crate::services::{AuditDesk, EventDesk, Services, TimeDesk};

/// The process tier on a database. Cloning shares it.
#[derive(Clone)]
pub struct Process {
    core: Core,
    bus: Bus,
    audit: Audit,
    intake: Intake,
    worker: Arc<Worker>,
}

impl Process {
    /// Takes up the work where it was left. The migrations must have run. `incarnation` is a name that no other start
    /// has, anywhere. Several servers may work on one PostgreSQL database, each with a `process.node` of its own.
    /// Events travel by `wire`.
    ///
    /// # Errors
    /// When the database cannot be used, or a server with the same node's name works on it.
    pub async fn start(
        db: Db,
        to: Transports,
        clock: Arc<dyn Clock>,
        settings: ProcessSettings,
        wire: Wire,
        incarnation: &str,
    ) -> Result<Self> {
        let lease = Duration::from_secs(settings.lease_seconds);
        let instance = Instance::register(&db, &settings.node, incarnation, lease).await?;
        let beating = tokio::spawn(Arc::clone(&instance).beat(db.clone()));
        let audit = Audit::new(
            db.clone(),
            Arc::clone(&clock),
            settings.audit_key.as_ref().map(Secret::reveal),
        );
        let core = Core::new(&db, instance, Clients::new(to), clock, settings);
        let bus = Bus::new(core.db.clone(), vec![Arc::new(StatusRuns(core.clone()))], wire, incarnation);
        Ok(Self {
            worker: Arc::new(Worker::new(core.clone(), bus.clone(), audit.clone(), beating.abort_handle())),
            bus,
            audit,
            intake: Intake::start(&core),
            core,
        })
    }

    /// Ends when this server lost its place to another: it was silent for too long, and writes nothing any more.
    pub async fn lost(&self) {
        self.core.instance.lost().await;
    }

    /// Gives back what this server had claimed, so that nobody waits for it. The last call.
    ///
    /// # Errors
    /// When the database cannot be used.
    pub async fn leave(&self) -> Result<()> {
        self.worker.end_beat();
        self.core.instance.leave(&self.core.db).await
    }

    /// Adds the services of the process tier to a server.
    #[must_use]
    pub fn add_to(&self, server: ServerBuilder) -> ServerBuilder {
        let server = Services(self.core.clone()).add_to(server);
        let server = EventDesk(self.bus.clone()).add_to(server);
        let server = TimeDesk(self.intake.clone()).add_to(server);
        AuditDesk(self.audit.clone()).add_to(server)
    }

    /// Works until nothing is left to do at the present time.
    ///
    /// # Errors
    /// When the database or a server below cannot be used. What was stored stays, the rest is done again.
    pub async fn settle(&self) -> Result<SettleReport> {
        self.worker.settle().await
    }

    /// This server is about to end: what is being sent is sent, and nothing is begun any more that takes long. There is no way back.
    pub fn end(&self) {
        self.core.end();
    }

    /// Works until `shutdown` is done: a pass, a pause, and again.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        self.worker.run(shutdown).await;
    }
}
