//! Builds each server from what it needs: settings, the time, and transports to the servers below.
//!
//! One process or many: the same functions build the same servers with the same layers.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::FutureExt;
use strata_contract::Transport;
use strata_events::Wire;
use strata_experience::Delivery;
use strata_kernel::Kind;
use strata_master::Master;
use strata_process::{Process, ProcessSettings, Transports};
use strata_rpc::{Server, ServerBuilder, Settle};
use strata_sandbox::Faults;
use strata_store::{Db, migrate, roles};

use crate::control::Time;
use crate::error::Usage;
use crate::fault_service::FaultServer;
use crate::identity::{Calls, Rules};
use crate::incarnation;
use crate::parts::written_by;
use crate::settings::{Adapter, ClientSettings, StoreSettings};
use crate::vendor::{Role, Vendor};

/// A system server: one adapter behind the contract of its category.
///
/// # Errors
/// When the server cannot be built.
pub async fn system_server(adapter: &Adapter, rules: &Rules, time: &Time) -> anyhow::Result<Server> {
    finish(adapter.add_to(builder(rules)), time, None).await
}

/// The server of master data, on a database whose migrations ran.
///
/// # Errors
/// When the server cannot be built.
pub async fn master_server(master: &Master, rules: &Rules, time: &Time) -> anyhow::Result<Server> {
    finish(master.add_to(builder(rules)), time, None).await
}

/// The server of the process tier. In simulated time its control service lets it come to rest.
///
/// # Errors
/// When the server cannot be built.
pub async fn process_server(process: &Process, rules: &Rules, time: &Time) -> anyhow::Result<Server> {
    let server = process.add_to(builder(rules));
    finish(server, time, Some(settle(process))).await
}

/// The server of the experience tier.
///
/// # Errors
/// When the server cannot be built.
pub async fn experience_server(delivery: &Delivery, rules: &Rules, time: &Time) -> anyhow::Result<Server> {
    finish(delivery.add_to(builder(rules)), time, None).await
}

/// A server without services of its own but the clock and the faults: what drives the sandboxes.
///
/// # Errors
/// When the server cannot be built.
pub async fn control_server(rules: &Rules, faults: BTreeMap<Vendor, Faults>, time: &Time) -> anyhow::Result<Server> {
    finish_with(builder(rules), time, None, faults).await
}

/// Every tier in one process.
pub struct Tiers {
    /// Transports to the system servers and to master data.
    pub below: Transports,
    /// Transport to the process server.
    pub process: Transport,
    /// Transport to the experience server.
    pub experience: Transport,
    /// Every service of every tier on one port, as gRPC and gRPC-Web.
    pub edge: Server,
    /// The process tier itself, to be run or settled.
    pub worker: Process,
}

/// Wires every tier in this process: each is a server of its own, called without a socket between.
///
/// # Errors
/// When a server cannot be built, or the process tier cannot take up its work.
pub async fn tiers(
    adapters: &[(Vendor, Adapter)],
    db: &Db,
    rules: &Rules,
    process: ProcessSettings,
    bus: Wire,
    time: &Time,
) -> anyhow::Result<Tiers> {
    let mut edge = builder(rules);
    let mut systems = Vec::new();
    for (vendor, adapter) in adapters {
        let system = system_server(adapter, rules, time).await?;
        systems.push((*vendor, system.in_process()));
        edge = adapter.add_to(edge);
    }
    let master = Master::new(db.clone(), time.clock());
    let to_master = master_server(&master, rules, time).await?.in_process();
    let below = transports(to_master.clone(), |vendor| {
        let found = systems.iter().find(|(of, _)| *of == vendor);
        found
            .map(|(_, transport)| transport.clone())
            .ok_or_else(|| anyhow::anyhow!("no adapter for {vendor}"))
    })?;
    let worker = Process::start(db.clone(), below.clone(), time.clock(), process, bus, &incarnation::new()).await?;
    let process = process_server(&worker, rules, time).await?.in_process();
    let delivery = Delivery::new(process.clone(), to_master);
    let experience = experience_server(&delivery, rules, time).await?.in_process();
    let edge = delivery.add_to(worker.add_to(master.add_to(edge)));
    let edge = finish(edge, time, Some(settle(&worker))).await?;
    Ok(Tiers {
        below,
        process,
        experience,
        edge,
        worker,
    })
}

/// Transports to servers elsewhere, called as `calls` say. Nothing is connected before the first call.
///
/// # Errors
/// When an address is none.
pub fn connect(clients: &ClientSettings, calls: &Calls) -> anyhow::Result<Transports> {
    let system = |vendor: Vendor| Ok(calls.connect(vendor.category(), clients.system(vendor))?);
    transports(calls.connect("master", &clients.master)?, system)
}

fn transports(master: Transport, system: impl Fn(Vendor) -> anyhow::Result<Transport>) -> anyhow::Result<Transports> {
    Ok(Transports {
        crm: system(Vendor::Salesforce)?,
        psa: system(Vendor::KantataOx)?,
        erp: system(Vendor::NetSuite)?,
        hr: system(Vendor::Workday)?,
        master,
    })
}

/// Opens the database of a server, and refuses one that is newer than the program, or older unless it may be migrated.
///
/// # Errors
/// When it cannot be opened, or is too old or too new.
pub async fn open_store(settings: &StoreSettings, may_migrate: bool) -> anyhow::Result<Db> {
    let db = settings.open().await?;
    let opened = db.clone();
    let checked = tokio::task::spawn_blocking(move || {
        if may_migrate {
            migrate::run(&opened).map(drop)
        } else {
            migrate::check(&opened)
        }
    });
    match checked.await? {
        Ok(()) => Ok(db),
        Err(error) if error.kind == Kind::FailedPrecondition => Err(Usage::error(error.message)),
        Err(error) => Err(error.into()),
    }
}

/// Refuses a database's user that may not write what the server has to. In real time one that may write more is named in the log: a server
/// that is broken into, or a bug in it, could then write into another's tables.
///
/// # Errors
/// Names the table that it may not write.
pub async fn check_rights(db: &Db, server: Role, time: &Time) -> anyhow::Result<()> {
    let db = db.clone();
    let checked = tokio::task::spawn_blocking(move || roles::check(&db, written_by(server))).await?;
    let beyond = match checked {
        Err(refused) if refused.kind == Kind::FailedPrecondition => return Err(Usage::error(refused.message)),
        checked => checked?,
    };
    if matches!(time, Time::Machine) {
        for more in beyond {
            tracing::warn!(
                server = server.name(),
                "the database's user may do more than this server needs: {more}; see docs/backup.md"
            );
        }
    }
    Ok(())
}

fn settle(process: &Process) -> Settle {
    let process = process.clone();
    Arc::new(move || {
        let process = process.clone();
        async move { process.settle().await }.boxed()
    })
}

fn builder(rules: &Rules) -> ServerBuilder {
    ServerBuilder::new(rules.server.clone())
        .guard(rules.guard.clone())
        .tls(rules.tls.clone())
        .rules(rules.rows.clone())
}

/// Adds the services for development in simulated time, health and reflection always.
async fn finish(server: ServerBuilder, time: &Time, settle: Option<Settle>) -> anyhow::Result<Server> {
    finish_with(server, time, settle, BTreeMap::new()).await
}

async fn finish_with(
    server: ServerBuilder,
    time: &Time,
    settle: Option<Settle>,
    faults: BTreeMap<Vendor, Faults>,
) -> anyhow::Result<Server> {
    let server = server.timed(time.clock());
    let server = match time.control(settle) {
        Some(control) => server.add_service(control).add_service(FaultServer::over(faults)),
        None => server,
    };
    Ok(server.build().await?)
}
