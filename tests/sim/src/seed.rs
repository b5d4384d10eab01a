//! One seed, from its first call to the verdict.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result};
use strata_contract::strata::master::v1::contract_service_server::ContractServiceServer;
use strata_contract::strata::master::v1::cross_reference_service_server::CrossReferenceServiceServer;
use strata_contract::strata::master::v1::engagement_service_server::EngagementServiceServer;
use strata_contract::strata::master::v1::reference_data_service_server::ReferenceDataServiceServer;
use strata_contract::strata::master::v1::workforce_service_server::WorkforceServiceServer;
use strata_contract::{Transport, transport};
use strata_kernel::{Clock, Instant};
use strata_master::Master;
use strata_store::Db;
use tonic::service::Routes;

use crate::fault::Fault;
use crate::firm::quarter;
use crate::live::Life;
use crate::oracle;
use crate::server::Ground;
use crate::template::Template;
use crate::vendor::{COST_CENTER, CURRENCY, ENTITY, Vendors};
use crate::world::World;

/// What is wanted of a seed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// The lines of its trace.
    pub trace: bool,
    /// Every row of every table as a part of its hash.
    pub tables: bool,
}

/// How a seed ended.
#[derive(Debug)]
pub struct Ended {
    /// The seed.
    pub seed: u64,
    /// Hash of its trace, and of its tables when that was wanted.
    pub hash: String,
    /// How often each kind of fault struck.
    pub faults: BTreeMap<Fault, u64>,
    /// Promises that were broken.
    pub wrong: Vec<String>,
    /// The trace, when it was wanted.
    pub trace: Vec<String>,
}

/// Lives a seed, and looks at what came of it.
///
/// # Errors
/// When the machine gives no database. What the product does wrong is no error, but in the result.
pub fn run(template: &Template, seed: u64, options: Options) -> Result<Ended> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .context("no runtime")?;
    runtime.block_on(live(template, seed, options))
}

async fn live(template: &Template, seed: u64, options: Options) -> Result<Ended> {
    let begin: Instant = "2025-01-02T08:00:00Z".parse().context("a day")?;
    let world = World::new(seed, begin, options.trace);
    let held = template.database(seed, Arc::new(world.machine))?;
    let moments = world.draw(|chance| quarter(chance, ENTITY, COST_CENTER, CURRENCY));
    world.say(format_args!("{:?}", world.plan));
    let vendors = Vendors::new(&world);
    let ground = Ground {
        world: Arc::clone(&world),
        db: held.db.clone(),
        vendors: vendors.clone(),
        master: master(&held.db, Arc::clone(&world.firm) as _),
    };
    let (work, contracts) = Life::new(ground).live(moments).await;
    let seen = oracle::Seen {
        world: &world,
        vendors: &vendors,
        work: &work,
        contracts: &contracts,
    };
    held.db.read(oracle::at).await.map(|rows| oracle::judge(&seen, &rows))?;
    if options.tables {
        for line in held.db.read(oracle::tables).await? {
            world.say(format_args!("{line}"));
        }
    }
    Ok(world.trace(|trace| Ended {
        seed,
        hash: trace.digest(),
        faults: trace.faults().clone(),
        wrong: Vec::new(),
        trace: trace.lines().to_vec(),
    }))
    .map(|ended| Ended {
        wrong: world.all_wrong(),
        ..ended
    })
}

/// The server of master data, without the layers that a server has towards the world.
fn master(db: &Db, clock: Arc<dyn Clock>) -> Transport {
    let master = Master::new(db.clone(), clock);
    let routes = Routes::new(ReferenceDataServiceServer::new(master.clone()))
        .add_service(EngagementServiceServer::new(master.clone()))
        .add_service(ContractServiceServer::new(master.clone()))
        .add_service(WorkforceServiceServer::new(master.clone()))
        .add_service(CrossReferenceServiceServer::new(master));
    transport(routes.prepare())
}
