//! Every server its own process, calling each other over TCP on loopback.

mod certificates;
mod child;
mod seat;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono::{SecondsFormat, TimeDelta};
use strata_contract::Transport;
use strata_kernel::Instant;
use toml::{Table, Value};

use crate::allinone::{self, Options};
use crate::identity::Calls;
use crate::installation::{Addresses, Installation, time_of};
use crate::sandbox::{self, BaseUrls, Pace};
use crate::settings::{Sources, StoreSettings};
use crate::vendor::{Role, Vendor};
use crate::wiring;

use certificates::Certificates;
use child::Child;
pub use seat::Seat;

/// Name of the file in the work folder that every child holds a lock on.
pub(crate) const LOCK: &str = "servers.lock";

/// A running installation of many processes. When it is dropped, or its process dies, the children end by themselves.
#[derive(Debug)]
pub struct Split {
    /// Transports and addresses.
    pub installation: Installation,
    plan: Plan,
    children: Vec<Child>,
}

/// What children are started with.
#[derive(Debug)]
struct Plan {
    program: PathBuf,
    options: Options,
    /// Servers that are let into the database by an URL of their own, and the secret it stands in.
    stores: Vec<(Role, String)>,
    /// Sections of the settings that are known so far.
    settings: Table,
    file: PathBuf,
    base_urls: BaseUrls,
    /// As whom the servers are called, and how.
    calls: Calls,
    /// Certificates of the servers. None: plain text.
    certificates: Option<Certificates>,
}

/// Starts a process for each server: sandboxes, the four system servers, master data, process, experience. `program` is the
/// `strata` program; `None` means the running one.
///
/// # Errors
/// When a server does not start; the message says where its log is.
pub async fn start(options: &Options, program: Option<PathBuf>) -> anyhow::Result<Split> {
    start_as(options, program, &[]).await
}

/// The same, with servers that are let into the database as users of their own: a role and its URL each. The URL of the options is the
/// owner's then, who migrates.
///
/// # Errors
/// When a server does not start; the message says where its log is.
pub async fn start_as(options: &Options, program: Option<PathBuf>, users: &[(Role, String)]) -> anyhow::Result<Split> {
    start_with(options, program, users, Table::new()).await
}

/// The same, with further sections of the settings. When they ask for tokens, the servers are called as their account.
///
/// # Errors
/// When a server does not start, or the sections do not do.
pub async fn start_with(
    options: &Options,
    program: Option<PathBuf>,
    users: &[(Role, String)],
    sections: Table,
) -> anyhow::Result<Split> {
    start_plan(options, program, users, sections, None).await
}

/// The same, with servers that call each other over TLS and know each other by their certificates: those of a folder as `strata certs dev`
/// writes it. The installation's own calls are the operator's.
///
/// # Errors
/// When a server does not start, or the sections or certificates do not do.
pub async fn start_encrypted(
    options: &Options,
    program: Option<PathBuf>,
    sections: Table,
    certificates: &Path,
) -> anyhow::Result<Split> {
    start_plan(options, program, &[], sections, Some(Certificates::of(certificates)?)).await
}

async fn start_plan(
    options: &Options,
    program: Option<PathBuf>,
    users: &[(Role, String)],
    sections: Table,
    certificates: Option<Certificates>,
) -> anyhow::Result<Split> {
    let program = match program {
        Some(program) => program,
        None => std::env::current_exe().context("this program does not know where it is")?,
    };
    // The servers refuse a database that is older than they are; here somebody is there to bring it up to date.
    drop(wiring::open_store(&StoreSettings::at(&options.store), true).await?);
    let folder = options.folder.join("settings");
    std::fs::create_dir_all(&folder)?;
    let mut stores = Vec::new();
    for (role, url) in users {
        stores.push((
            *role,
            sandbox::write_secret(&folder.canonicalize()?, &format!("store.{role}.url"), url)?,
        ));
    }
    let mut plan = Plan {
        stores,
        program,
        options: options.clone(),
        settings: allinone::stores(options, &folder)?,
        file: PathBuf::new(),
        base_urls: BaseUrls::new(),
        calls: Calls::default(),
        certificates,
    };
    plan.settings.extend(sections);

    let any: SocketAddr = (Ipv4Addr::LOCALHOST, 0).into();
    let start = options.start;
    let sandboxes = plan.spawn(Role::Sandbox.into(), any, start).await?;
    plan.base_urls = sandboxes.announcement.sandboxes.clone();
    plan.write()?;
    let sources = Sources {
        file: Some(plan.file.clone()),
        overrides: plan
            .certificates
            .iter()
            .flat_map(|folder| folder.of_caller("operator"))
            .collect(),
        ..Sources::default()
    };
    plan.calls = Calls::of(&sources.settings()?)?;
    let mut children = vec![sandboxes];
    let first = Vendor::ALL.map(Role::System).into_iter().chain([Role::Master]);
    for child in futures::future::try_join_all(first.map(|role| plan.spawn(role.into(), any, start))).await? {
        plan.found(&child);
        children.push(child);
    }
    plan.write()?;
    for number in 1..=options.process_servers.max(1) {
        let role = Role::Process;
        let process = plan.spawn(Seat { role, number }, any, start).await?;
        plan.found(&process);
        children.push(process);
    }
    plan.write()?;
    children.push(plan.spawn(Role::Experience.into(), options.listen, start).await?);
    Ok(Split {
        installation: plan.installation(&children)?,
        plan,
        children,
    })
}

impl Split {
    /// Kills a server as a crash would, without a word.
    ///
    /// # Errors
    /// When there is no such server, or it cannot be killed.
    pub async fn kill(&mut self, seat: impl Into<Seat>) -> anyhow::Result<()> {
        self.child(seat.into())?.kill().await
    }

    /// The process id of a server that runs.
    pub fn process_id(&mut self, seat: impl Into<Seat>) -> Option<u32> {
        self.child(seat.into()).ok()?.id()
    }

    /// Whether a server runs.
    ///
    /// # Errors
    /// When there is no such server.
    pub fn is_running(&mut self, seat: impl Into<Seat>) -> anyhow::Result<bool> {
        self.child(seat.into())?.is_running()
    }

    /// The signal that ended a server, if one did.
    ///
    /// # Errors
    /// When there is no such server.
    pub fn signal(&mut self, seat: impl Into<Seat>) -> anyhow::Result<Option<i32>> {
        self.child(seat.into())?.signal()
    }

    /// Every server there is, callers after those they call.
    pub fn seats(&self) -> impl Iterator<Item = Seat> {
        self.children.iter().map(|child| child.seat)
    }

    /// A transport to a server. Nothing is connected before the first call.
    ///
    /// # Errors
    /// When there is no such server.
    pub fn transport(&self, seat: Seat) -> anyhow::Result<Transport> {
        let child = self.children.iter().find(|child| child.seat == seat);
        self.plan
            .connect(child.with_context(|| format!("there is no {seat} server"))?.address())
    }

    /// Starts a server again, whether it was killed or still runs, at its old address and at the present simulated time.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn restart(&mut self, seat: impl Into<Seat>) -> anyhow::Result<()> {
        self.restart_ahead(seat, TimeDelta::zero()).await
    }

    /// Starts a server again as [`Split::restart`] does, with a clock that is ahead of the others'.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn restart_ahead(&mut self, seat: impl Into<Seat>, ahead: TimeDelta) -> anyhow::Result<()> {
        let seat = seat.into();
        let now = self.now_beside(seat).await? + ahead;
        let child = self.child(seat)?;
        let address = child.address();
        child.kill().await?;
        let again = self.plan.spawn(seat, address, now).await?;
        *self.child(seat)? = again;
        Ok(())
    }

    /// Lets calls in flight end and stops every server, callers before those they call.
    ///
    /// # Errors
    /// When a server had to be killed.
    pub async fn stop(self) -> anyhow::Result<()> {
        let mut stopped = Ok(());
        for child in self.children.into_iter().rev() {
            stopped = stopped.and(child.stop().await);
        }
        stopped
    }

    /// Asks another server for the time: master data or the process tier, and when those are away, too, whoever answers.
    async fn now_beside(&self, seat: Seat) -> anyhow::Result<Instant> {
        let tells = |role: Role| matches!(role, Role::Master | Role::Process);
        let others = || self.children.iter().filter(|child| child.seat != seat);
        let first = others().filter(|child| tells(child.seat.role) && child.seat.role != seat.role);
        let then = others().filter(|child| tells(child.seat.role) && child.seat.role == seat.role);
        let last = others().filter(|child| !tells(child.seat.role));
        let mut told = Err(anyhow::anyhow!("no server to ask for the time"));
        for child in first.chain(then).chain(last) {
            told = time_of(&self.plan.connect(child.address())?).await;
            if told.is_ok() {
                break;
            }
        }
        told
    }

    fn child(&mut self, seat: Seat) -> anyhow::Result<&mut Child> {
        let child = self.children.iter_mut().find(|child| child.seat == seat);
        child.with_context(|| format!("there is no {seat} server"))
    }
}

impl Plan {
    /// Starts a server and waits until it serves.
    async fn spawn(&self, seat: Seat, listen: SocketAddr, now: Instant) -> anyhow::Result<Child> {
        let role = seat.role;
        let mut arguments: Vec<String> = vec!["serve".to_owned()];
        match role {
            Role::System(vendor) => arguments.extend(["system", "--vendor", vendor.name()].map(str::to_owned)),
            other => arguments.push(other.name().to_owned()),
        }
        let mut put = |flag: &str, value: String| arguments.extend([flag.to_owned(), value]);
        put("--listen", listen.to_string());
        put("--dev-clock", now.to_rfc3339_opts(SecondsFormat::Micros, true));
        put("--output", "json".to_owned());
        put("--hold-lock", text(&self.options.folder.join(LOCK))?);
        if role == Role::Sandbox {
            put(
                "--set",
                format!("sandbox.folder={}", text(&self.options.folder.join("sandbox"))?),
            );
            for vendor in Vendor::ALL {
                put(
                    "--set",
                    format!("sandbox.{}={}", vendor.section(), self.sandbox_address(vendor)),
                );
            }
        } else {
            put("--config", text(&self.file)?);
            if role == Role::Process {
                put("--set", format!("process.node={seat}"));
            }
            if let Some((_, secret)) = self.stores.iter().find(|(of, _)| *of == role) {
                put("--set", format!("store.url={secret}"));
            }
        }
        for (key, value) in self.certificates.iter().flat_map(|folder| folder.of_server(role)) {
            put("--set", format!("{key}={value}"));
        }
        arguments.push("--exit-with-stdin".to_owned());
        let log = self.options.folder.join("logs").join(format!("{seat}.log"));
        Child::spawn(seat, &self.program, &arguments, &log).await
    }

    /// Where a sandbox was, or any port on this machine.
    fn sandbox_address(&self, vendor: Vendor) -> String {
        let known = self.base_urls.get(&vendor).and_then(|url| url.strip_prefix("http://"));
        known.unwrap_or("127.0.0.1:0").to_owned()
    }

    /// Takes note of where a server is, for those that call it.
    fn found(&mut self, child: &Child) {
        if child.seat.number > 1 {
            return;
        }
        let url = self.url(child.address());
        let clients = self.settings.entry("clients").or_insert_with(|| Value::Table(Table::new()));
        if let Value::Table(clients) = clients {
            clients.insert(child.seat.to_string(), url.into());
        }
    }

    fn write(&mut self) -> anyhow::Result<()> {
        let folder = self.options.folder.join("settings");
        self.file = sandbox::write_settings(&folder, &self.base_urls, Pace::Simulated, self.settings.clone())?;
        Ok(())
    }

    fn connect(&self, address: SocketAddr) -> anyhow::Result<Transport> {
        Ok(self.calls.connect("", &self.url(address))?)
    }

    fn url(&self, address: SocketAddr) -> String {
        match self.certificates {
            Some(_) => format!("https://{address}"),
            None => address.to_string(),
        }
    }

    fn installation(&self, children: &[Child]) -> anyhow::Result<Installation> {
        let servers = children.iter().map(|child| (child.seat.to_string(), child.address()));
        let addresses = Addresses {
            servers: servers.collect(),
            sandboxes: self.base_urls.clone(),
        };
        let to = |role: Role| self.connect(addresses.of(role).with_context(|| format!("no {role} server"))?);
        let below = Vendor::ALL.map(Role::System).into_iter();
        let clocks = [Role::Sandbox]
            .into_iter()
            .chain(below)
            .chain([Role::Master, Role::Experience]);
        let more = children
            .iter()
            .filter(|child| child.seat.number > 1)
            .map(|child| self.connect(child.address()));
        Ok(Installation {
            access: sandbox::access(&self.base_urls),
            clocks: clocks.map(to).collect::<anyhow::Result<_>>()?,
            process: to(Role::Process)?,
            more_processes: more.collect::<anyhow::Result<_>>()?,
            master: to(Role::Master)?,
            experience: to(Role::Experience)?,
            addresses,
        })
    }
}

/// A path as an argument: absolute, because the child decides by itself where it stands.
fn text(path: &Path) -> anyhow::Result<String> {
    let path = std::path::absolute(path)?;
    let text = path.to_str().map(str::to_owned);
    text.with_context(|| format!("{} is not written in UTF-8", path.display()))
}
