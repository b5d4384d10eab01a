//! One server, run for operations: settings, database, port, announcement, drain.

mod announce;
mod build;

use std::fs::{File, OpenOptions};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use strata_kernel::{Instant, SystemClock};
use toml::Table;

use crate::sandbox::{self, Pace};
use crate::settings::{Settings, Sources};
use crate::stop::{self, Stop};
use crate::vendor::{Role, Vendor};

pub use announce::{Announcement, Output};

/// What a server is started with.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which server.
    pub role: Role,
    /// Vendors of a sandbox server.
    pub vendors: Vec<Vendor>,
    /// Where it listens. `None`: its default port on this machine.
    pub listen: Option<SocketAddr>,
    /// Where its settings come from.
    pub sources: Sources,
    /// Run missing migrations instead of refusing an old database.
    pub migrate: bool,
    /// Simulated time to start at. Development only: it adds the control service, and nothing moves but by it.
    pub dev_clock: Option<Instant>,
    /// Folder to write settings to, with which other servers reach these sandboxes.
    pub write_settings: Option<PathBuf>,
    /// Form of the announcement.
    pub output: Output,
    /// End when stdin ends.
    pub exit_with_stdin: bool,
    /// File to hold a shared lock on for as long as the server runs.
    pub hold_lock: Option<PathBuf>,
}

impl Options {
    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.listen.unwrap_or_else(|| self.role.default_address())
    }
}

/// Reads and checks every setting the server would use, and opens nothing.
///
/// # Errors
/// Names the key at fault, and the line or variable it was written in.
pub fn check_settings(role: Role, listen: SocketAddr, sources: &Sources) -> anyhow::Result<()> {
    sources.settings_of(role, listen)?;
    let vendors = match role {
        Role::System(vendor) => vec![vendor],
        Role::All => Vendor::ALL.to_vec(),
        Role::Sandbox | Role::Master | Role::Process | Role::Experience => Vec::new(),
    };
    for vendor in vendors {
        sources.adapter(vendor, Arc::new(SystemClock))?;
    }
    Ok(())
}

/// Runs a server until it is asked to stop: by ctrl-c, SIGTERM, or the end of stdin.
///
/// # Errors
/// When settings do not do, or the server cannot be started or fails.
pub async fn run(options: Options) -> anyhow::Result<()> {
    check_settings(options.role, options.address(), &options.sources)?;
    let settings = options.sources.settings_of(options.role, options.address())?;
    let telemetry = strata_telemetry::init(&settings.telemetry, &format!("strata-{}", options.role))?;
    let stop = Stop::new();
    stop::on_signal(&stop);
    if options.exit_with_stdin {
        stop::on_stdin_end(&stop);
    }
    let lock = options.hold_lock.as_deref().map(hold).transpose()?;
    let ended = serve(&options, settings, &stop).await;
    drop(lock);
    if let Err(error) = &ended {
        tracing::error!(error = format!("{error:#}"), "the server failed");
    }
    telemetry.shutdown().await;
    ended
}

async fn serve(options: &Options, settings: Settings, stop: &Stop) -> anyhow::Result<()> {
    let ready = tokio::select! {
        // Asked to stop before it serves: nothing is under way yet.
        () = stop.cancelled() => return Ok(()),
        ready = build::server(options, settings, stop) => ready?,
    };
    // The port opens when everything behind it is ready, so health never says what is not so.
    let listener = ready.server.bind(options.address()).await?;
    let announcement = Announcement {
        server: options.role.name().to_owned(),
        address: listener.local_addr()?,
        sandboxes: ready.base_urls(),
    };
    if let Some(folder) = &options.write_settings {
        let file = sandbox::write_settings(folder, &announcement.sandboxes, Pace::Machine, Table::new())?;
        tracing::info!(file = %file.display(), "settings written");
    }
    announcement.print(options.output)?;
    ready.serve(listener, stop).await
}

/// Holds a shared lock: whoever wants the file for himself waits for this process to end.
fn hold(path: &Path) -> anyhow::Result<File> {
    let file = OpenOptions::new().create(true).append(true).open(path);
    let file = file.with_context(|| path.display().to_string())?;
    file.lock_shared().with_context(|| path.display().to_string())?;
    Ok(file)
}
