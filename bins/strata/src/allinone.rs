//! Everything in one process: tiers call each other without a socket, the vendors' sandboxes are HTTP servers on loopback, and
//! one port serves every tier as gRPC and gRPC-Web.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use strata_kernel::{Instant, SimClock, derive_id};
use strata_process::{Process, Transports};
use strata_rpc::RpcError;
use strata_sandbox::{Faults, SandboxClock};
use strata_vendor_http::Gate;
use tokio::task::JoinHandle;
use tokio_util::sync::DropGuard;
use toml::Table;

use crate::control::Time;
use crate::identity::Rules;
use crate::installation::{Addresses, Installation};
use crate::quota::Shares;
use crate::sandbox::{self, Pace, Sandboxes};
use crate::settings::{Adapter, BusSettings, SandboxSettings, Settings, Sources};
use crate::stop::Stop;
use crate::vendor::{Role, Vendor};
use crate::wiring::{self, Tiers};

/// What an installation in one process, or in many, is started with.
#[derive(Debug, Clone)]
pub struct Options {
    /// Folder that keeps everything: the sandboxes' records, settings, logs. An earlier start's is taken up again.
    pub folder: PathBuf,
    /// Database, `sqlite:PATH` or `postgres://...`. Migrations are run.
    pub store: String,
    /// How events travel: `inproc` or `nats://...`. On NATS every folder has a stream of its own.
    pub bus: String,
    /// Where the simulated clocks start.
    pub start: Instant,
    /// Address of the one port, or of the experience server when every server has its own process.
    pub listen: SocketAddr,
    /// Process servers beside each other, at least 1. In one process there is one, whatever this says.
    pub process_servers: u16,
}

/// A simulated year is lived in minutes: its books are compared by themselves each week of it, and not each day.
const BOOKS_MINUTES: i64 = 7 * 24 * 60;

/// A running installation in this process. Dropping it stops it without waiting.
pub struct AllInOne {
    /// Transports and addresses.
    pub installation: Installation,
    /// Faults a test may arm in each sandbox.
    pub faults: BTreeMap<Vendor, Faults>,
    /// Transports to the system servers and to master data.
    pub below: Transports,
    edge: JoinHandle<Result<(), RpcError>>,
    worker: Process,
    shares: Shares,
    sandboxes: Sandboxes,
    stop_edge: DropGuard,
    stop_sandboxes: DropGuard,
}

/// Starts sandboxes and every tier in this process.
///
/// # Errors
/// When records, database or addresses cannot be used.
pub async fn start(options: &Options) -> anyhow::Result<AllInOne> {
    start_with(options, Table::new()).await
}

/// The same, with further sections of the settings.
///
/// # Errors
/// When records, database or addresses cannot be used, or the sections do not do.
pub async fn start_with(options: &Options, sections: Table) -> anyhow::Result<AllInOne> {
    let (stop_edge, stop_sandboxes) = (Stop::new(), Stop::new());
    let guards = (stop_edge.clone().drop_guard(), stop_sandboxes.clone().drop_guard());
    let vendors_clock = SandboxClock::new(options.start);
    let time = Time::Simulated {
        clock: SimClock::new(options.start),
        sandboxes: Some(vendors_clock.clone()),
    };
    let mut settings = Settings::default();
    settings.sandbox = any_port(options);
    let sandboxes = sandbox::start(
        &Vendor::ALL,
        &settings.sandbox,
        &settings.server,
        &vendors_clock,
        &stop_sandboxes,
    )
    .await?;

    let folder = options.folder.join("settings");
    let file = {
        let mut known = stores(options, &folder)?;
        known.extend(sections);
        sandbox::write_settings(&folder, &sandboxes.base_urls, Pace::Simulated, known)?
    };
    let sources = Sources {
        file: Some(file),
        ..Sources::default()
    };
    let settings = sources.settings_of(Role::All, options.listen)?;
    let db = wiring::open_store(&settings.store, true).await?;
    let Adapters { adapters, gates } = adapters(&sources, &time)?;
    let shares = Shares::take(&db, &gates, &settings.quota).await?;
    let bus = settings.bus.wire().await?;
    let tiers = wiring::tiers(&adapters, &db, &Rules::of(&settings)?, settings.process, bus, &time).await?;
    let Tiers {
        below,
        process,
        experience,
        edge,
        worker,
    } = tiers;

    let listener = edge.bind(options.listen).await?;
    let addresses = Addresses {
        servers: [(Role::All.name().to_owned(), listener.local_addr()?)].into(),
        sandboxes: sandboxes.base_urls.clone(),
    };
    Ok(AllInOne {
        installation: Installation {
            access: sandbox::access(&sandboxes.base_urls),
            clocks: Vec::new(),
            process,
            more_processes: Vec::new(),
            master: below.master.clone(),
            experience,
            addresses,
        },
        faults: sandboxes.faults.clone(),
        below,
        worker,
        shares,
        edge: tokio::spawn(edge.serve(listener, stop_edge.cancelled_owned())),
        sandboxes,
        stop_edge: guards.0,
        stop_sandboxes: guards.1,
    })
}

impl AllInOne {
    /// Lets calls in flight end, then stops the tiers, then the sandboxes.
    ///
    /// # Errors
    /// When a listening socket failed.
    pub async fn stop(self) -> anyhow::Result<()> {
        drop(self.stop_edge);
        self.edge.await??;
        self.worker.leave().await?;
        self.shares.give_back().await;
        drop(self.stop_sandboxes);
        self.sandboxes.stopped().await
    }
}

impl fmt::Debug for AllInOne {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AllInOne")
            .field("installation", &self.installation)
            .finish_non_exhaustive()
    }
}

/// An adapter for each vendor, and what admits its requests.
pub(crate) struct Adapters {
    pub(crate) adapters: Vec<(Vendor, Adapter)>,
    pub(crate) gates: Vec<(Vendor, Gate)>,
}

/// Makes an adapter for each vendor.
///
/// # Errors
/// When a vendor's section does not do.
pub(crate) fn adapters(sources: &Sources, time: &Time) -> anyhow::Result<Adapters> {
    let (mut adapters, mut gates) = (Vec::new(), Vec::new());
    for vendor in Vendor::ALL {
        let (adapter, gate) = sources.gated(vendor, time.clock())?;
        adapters.push((vendor, adapter));
        gates.push((vendor, gate));
    }
    Ok(Adapters { adapters, gates })
}

/// The sections of a simulated installation. The URLs of database and bus may hold passwords, so they stand in files of their own.
pub(crate) fn stores(options: &Options, folder: &Path) -> anyhow::Result<Table> {
    std::fs::create_dir_all(folder)?;
    let folder = folder.canonicalize()?;
    let store = sandbox::write_secret(&folder, "store.url", &options.store)?;
    let store = Table::from_iter([("url".to_owned(), store.into())]);
    let bus = options.bus_settings()?;
    let url = sandbox::write_secret(&folder, "bus.url", &bus.url)?;
    let bus = [("url", url), ("stream", bus.stream), ("subject", bus.subject)];
    let bus = Table::from_iter(bus.map(|(key, value)| (key.to_owned(), value.into())));
    let process = Table::from_iter([("books_minutes".to_owned(), BOOKS_MINUTES.into())]);
    Ok(Table::from_iter([
        ("store".to_owned(), store.into()),
        ("bus".to_owned(), bus.into()),
        ("process".to_owned(), process.into()),
    ]))
}

impl Options {
    /// The bus of this folder: two installations on one NATS server must not hear each other.
    ///
    /// # Errors
    /// When the folder cannot be found.
    pub fn bus_settings(&self) -> anyhow::Result<BusSettings> {
        let folder = self.folder.canonicalize()?;
        let name = derive_id("strata", &[&folder.to_string_lossy()]);
        Ok(BusSettings {
            url: self.bus.clone(),
            subject: name.clone(),
            stream: name,
            ..BusSettings::default()
        })
    }
}

/// Sandboxes on ports that the system chooses, with their records in the folder.
fn any_port(options: &Options) -> SandboxSettings {
    let any: SocketAddr = (Ipv4Addr::LOCALHOST, 0).into();
    SandboxSettings {
        salesforce: any,
        kantata_ox: any,
        netsuite: any,
        workday: any,
        folder: Some(options.folder.join("sandbox")),
    }
}
