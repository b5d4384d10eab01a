//! The vendors' protocols as real HTTP servers on this machine, for development and tests.

mod credentials;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use strata_rpc::ServerSettings;
use strata_sandbox::{Faults, SandboxClock, Setup};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::settings::SandboxSettings;
use crate::stop::Stop;
use crate::vendor::Vendor;

pub(crate) use credentials::write_secret;
pub use credentials::{Pace, access, write_settings};

/// Longest time a sandbox waits for another process to let go of its records.
const HANDOVER: Duration = Duration::from_secs(10);
/// Pause between two looks.
const HANDOVER_PAUSE: Duration = Duration::from_millis(100);

/// Base URLs of sandboxes, as `http://127.0.0.1:7501`.
pub type BaseUrls = BTreeMap<Vendor, String>;

/// Sandboxes that are being served.
#[derive(Debug)]
pub struct Sandboxes {
    /// Where they are.
    pub base_urls: BaseUrls,
    /// What a test may arm in each.
    pub faults: BTreeMap<Vendor, Faults>,
    tasks: JoinSet<io::Result<()>>,
}

/// Serves the protocols of `vendors` until `stop`. Their records are read back from the settings' folder.
///
/// # Errors
/// When an address is taken or public, or when records cannot be read or belong to another process.
pub async fn start(
    vendors: &[Vendor],
    settings: &SandboxSettings,
    server: &ServerSettings,
    clock: &SandboxClock,
    stop: &Stop,
) -> anyhow::Result<Sandboxes> {
    let mut sandboxes = Sandboxes {
        base_urls: BTreeMap::new(),
        faults: BTreeMap::new(),
        tasks: JoinSet::new(),
    };
    for &vendor in vendors {
        let (address, faults) = (settings.address(vendor), Faults::default());
        let listener = strata_rpc::bind(address, server)
            .await
            .with_context(|| format!("{vendor} sandbox"))?;
        let setup = Setup {
            clock: clock.clone(),
            dir: settings.folder.as_deref().map(|folder| folder.join(vendor.name())),
            faults: faults.clone(),
        };
        let router = tokio::task::spawn_blocking(move || open(vendor, setup)).await??;
        let address = serve(&mut sandboxes.tasks, listener, router, stop)?;
        sandboxes.base_urls.insert(vendor, format!("http://{address}"));
        sandboxes.faults.insert(vendor, faults);
    }
    Ok(sandboxes)
}

impl Sandboxes {
    /// Waits until every sandbox has stopped.
    ///
    /// # Errors
    /// When a listening socket failed.
    pub async fn stopped(mut self) -> anyhow::Result<()> {
        while let Some(ended) = self.tasks.join_next().await {
            ended?.context("a sandbox")?;
        }
        Ok(())
    }
}

fn serve(tasks: &mut JoinSet<io::Result<()>>, listener: TcpListener, router: Router, stop: &Stop) -> anyhow::Result<SocketAddr> {
    let address = listener.local_addr()?;
    tasks.spawn(strata_sandbox::serve(listener, router, stop.clone().cancelled_owned()));
    Ok(address)
}

/// Opens a sandbox's records. A process that was killed a moment ago may still hold them.
fn open(vendor: Vendor, setup: Setup) -> anyhow::Result<Router> {
    let mut waited = Duration::ZERO;
    loop {
        match router(vendor, setup.clone()) {
            Err(held) if held.kind() == io::ErrorKind::WouldBlock && waited < HANDOVER => {
                std::thread::sleep(HANDOVER_PAUSE);
                waited += HANDOVER_PAUSE;
            }
            opened => return opened.with_context(|| unreadable(vendor, setup.dir.as_deref())),
        }
    }
}

fn unreadable(vendor: Vendor, folder: Option<&Path>) -> String {
    let folder = folder.map(|folder| format!(" in {}", folder.display())).unwrap_or_default();
    format!("the records of the {vendor} sandbox{folder} cannot be used")
}

fn router(vendor: Vendor, setup: Setup) -> io::Result<Router> {
    match vendor {
        Vendor::Salesforce => strata_sandbox_salesforce::router(setup),
        Vendor::KantataOx => strata_sandbox_kantata_ox::router(setup),
        Vendor::NetSuite => strata_sandbox_netsuite::router(setup),
        Vendor::Workday => strata_sandbox_workday::router(setup),
    }
}
