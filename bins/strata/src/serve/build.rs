//! What stands behind a server's port.

use std::time::Duration;

use strata_experience::Delivery;
use strata_kernel::{Clock, SimClock, SystemClock};
use strata_master::Master;
use strata_process::Process;
use strata_rpc::Server;
use strata_sandbox::SandboxClock;
use tokio::net::TcpListener;

use super::Options;
use crate::allinone::{self, Adapters};
use crate::control::Time;
use crate::identity::{Calls, Rules};
use crate::incarnation;
use crate::quota::Shares;
use crate::sandbox::{self, BaseUrls, Sandboxes};
use crate::settings::Settings;
use crate::stop::Stop;
use crate::vendor::Role;
use crate::wiring;

/// How often the vendors' clock is set by the machine's, where nobody simulates the time.
const TICK: Duration = Duration::from_millis(50);

/// A server that is ready to open its port.
pub(super) struct Ready {
    pub(super) server: Server,
    /// The process tier behind it.
    process: Option<Process>,
    /// It looks at the vendors by itself.
    acts: bool,
    sandboxes: Option<Sandboxes>,
    /// What it holds of accounts that others use as well.
    shares: Shares,
}

/// Builds the server of a role, with its database and what it calls.
pub(super) async fn server(options: &Options, settings: Settings, stop: &Stop) -> anyhow::Result<Ready> {
    let time = Time::of(options.dev_clock);
    let rules = Rules::of(&settings)?;
    let store = || async {
        let db = wiring::open_store(&settings.store, options.migrate).await?;
        wiring::check_rights(&db, options.role, &time).await?;
        anyhow::Ok(db)
    };
    let mut shares = Shares::default();
    let server = match options.role {
        Role::Sandbox => return sandboxes(options, &settings, stop).await,
        Role::System(vendor) => {
            let (adapter, gate) = options.sources.gated(vendor, time.clock())?;
            if settings.quota.account(vendor).is_some() {
                shares = Shares::take(&store().await?, &[(vendor, gate)], &settings.quota).await?;
            }
            wiring::system_server(&adapter, &rules, &time).await?
        }
        Role::Master => wiring::master_server(&Master::new(store().await?, time.clock()), &rules, &time).await?,
        Role::Process => {
            let below = wiring::connect(&settings.clients, &Calls::of(&settings)?)?;
            let (own, bus) = (incarnation::new(), settings.bus.wire().await?);
            let process = Process::start(store().await?, below, time.clock(), settings.process.clone(), bus, &own).await?;
            let server = wiring::process_server(&process, &rules, &time).await?;
            return Ok(Ready::working(server, process, &time));
        }
        Role::Experience => {
            let calls = Calls::of(&settings)?;
            let process = calls.connect("process", &settings.clients.process)?;
            let master = calls.connect("master", &settings.clients.master)?;
            wiring::experience_server(&Delivery::new(process, master), &rules, &time).await?
        }
        Role::All => {
            let Adapters { adapters, gates } = allinone::adapters(&options.sources, &time)?;
            let (db, bus) = (store().await?, settings.bus.wire().await?);
            let shares = Shares::take(&db, &gates, &settings.quota).await?;
            let tiers = wiring::tiers(&adapters, &db, &rules, settings.process.clone(), bus, &time).await?;
            let ready = Ready::working(tiers.edge, tiers.worker, &time);
            return Ok(Ready { shares, ..ready });
        }
    };
    let ready = Ready::passive(server);
    Ok(Ready { shares, ..ready })
}

/// Serves the vendors' protocols, and the clock that drives them.
async fn sandboxes(options: &Options, settings: &Settings, stop: &Stop) -> anyhow::Result<Ready> {
    let start = options.dev_clock.unwrap_or_else(|| SystemClock.now());
    let clock = SandboxClock::new(start);
    let time = if options.dev_clock.is_some() {
        Time::Simulated {
            clock: SimClock::new(start),
            sandboxes: Some(clock.clone()),
        }
    } else {
        tokio::spawn(follow_machine(clock.clone(), stop.clone()));
        Time::Machine
    };
    let started = sandbox::start(&options.vendors, &settings.sandbox, &settings.server, &clock, stop).await?;
    let server = wiring::control_server(&Rules::of(settings)?, started.faults.clone(), &time).await?;
    Ok(Ready {
        sandboxes: Some(started),
        ..Ready::passive(server)
    })
}

async fn follow_machine(clock: SandboxClock, stop: Stop) {
    let mut tick = tokio::time::interval(TICK);
    while stop.run_until_cancelled(tick.tick()).await.is_some() {
        clock.set(SystemClock.now());
    }
}

impl Ready {
    /// A server that only answers.
    fn passive(server: Server) -> Self {
        Self {
            server,
            process: None,
            acts: false,
            sandboxes: None,
            shares: Shares::default(),
        }
    }

    /// A server with the process tier behind it. In simulated time it acts only when it is told to settle.
    fn working(server: Server, process: Process, time: &Time) -> Self {
        Self {
            process: Some(process),
            acts: !time.is_simulated(),
            ..Self::passive(server)
        }
    }

    /// Where its sandboxes are.
    pub(super) fn base_urls(&self) -> BaseUrls {
        self.sandboxes.as_ref().map(|s| s.base_urls.clone()).unwrap_or_default()
    }

    /// Serves until `stop`, then lets calls in flight and the work under way end. A process server that lost its place
    /// to another ends by itself.
    pub(super) async fn serve(self, listener: TcpListener, stop: &Stop) -> anyhow::Result<()> {
        let work = work(self.process.as_ref(), self.acts, stop);
        let (served, worked) = tokio::join!(self.server.serve(listener, stop.cancelled()), work);
        // Calls in flight have ended.
        self.shares.give_back().await;
        served?;
        worked?;
        match self.sandboxes {
            Some(sandboxes) => sandboxes.stopped().await,
            None => Ok(()),
        }
    }
}

async fn work(process: Option<&Process>, acts: bool, stop: &Stop) -> anyhow::Result<()> {
    let Some(process) = process else { return Ok(()) };
    if acts {
        let end = async {
            stop.cancelled().await;
            process.end();
            std::future::pending().await
        };
        tokio::select! {
            biased;
            () = end => {}
            () = process.clone().run(stop.cancelled()) => {}
        }
    } else {
        tokio::select! {
            () = stop.cancelled() => {}
            () = process.lost() => {}
        }
    }
    if stop.is_cancelled() {
        return Ok(process.leave().await?);
    }
    stop.cancel();
    anyhow::bail!("this process server was silent for too long and lost its place to another; start it again")
}
