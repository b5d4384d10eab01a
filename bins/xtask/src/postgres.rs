//! A PostgreSQL that lives as long as one test run: own folder, free port, loopback only, nothing kept.

use std::fs::{self, File};
use std::io::Read;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::run::{Given, ask, show};
use crate::{Workspace, tools};

/// Longest time the server may take to answer.
const START: Duration = Duration::from_secs(60);

/// Variable under which tests find the server.
pub(crate) const VARIABLE: &str = "STRATA_TEST_POSTGRES";

pub(crate) fn run(workspace: &Workspace, given: &Given) -> Result<()> {
    let postgres = Postgres::start(workspace)?;
    show(given.command()?.env(VARIABLE, postgres.url()))
}

/// A running server. It is stopped, and its folder removed, when this is dropped.
pub(crate) struct Postgres {
    url: String,
    port: u16,
    cluster: Cluster,
    server: Child,
}

/// What becomes of what a server was told to keep.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keeps {
    /// Whatever is in memory when it dies is lost: a test run starts again anyhow.
    WhileItRuns,
    /// What is committed survives its death.
    Always,
    /// The same, with memory and space enough.
    AtSpeed,
}

/// Programs, folder and account of a server.
struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    account: Option<Account>,
    keeps: Keeps,
}

/// The server refuses to run as root, so it runs as somebody else then.
#[derive(Clone, Copy)]
struct Account {
    user: u32,
    group: u32,
}

impl Postgres {
    /// A server for tests, in the target folder.
    pub(crate) fn start(workspace: &Workspace) -> Result<Self> {
        Self::start_in(&workspace.target.join("pg"), Keeps::WhileItRuns)
    }

    /// A server that is killed and started again, in a folder that is given.
    pub(crate) fn durable(home: &Path) -> Result<Self> {
        Self::start_in(home, Keeps::Always)
    }

    /// A server whose speed is measured, in a folder that is given: it keeps what it acknowledged, and has room.
    pub(crate) fn measured(home: &Path) -> Result<Self> {
        Self::start_in(home, Keeps::AtSpeed)
    }

    fn start_in(home: &Path, keeps: Keeps) -> Result<Self> {
        let programs = tools::postgres()?;
        let account = tools::is_root().then(Account::find).transpose()?;
        clear(home, &programs, account);
        let cluster = Cluster::make(programs, home, account, keeps)?;
        let started = cluster.start();
        if started.is_err() {
            cluster.remove();
        }
        let (server, port, url) = started?;
        println!(
            "PostgreSQL listens on {} (process {})",
            url.rsplit('@').next().unwrap_or_default(),
            server.id()
        );
        Ok(Self {
            url,
            port,
            cluster,
            server,
        })
    }

    /// Starts the server again when it has ended. Says whether it had.
    pub(crate) fn revive(&mut self) -> Result<bool> {
        if self.server.try_wait()?.is_none() {
            return Ok(false);
        }
        self.server = self.cluster.serve(self.port)?;
        Ok(true)
    }

    /// File whose first line is the server's process id.
    pub(crate) fn pid_file(&self) -> PathBuf {
        self.cluster.data().join("postmaster.pid")
    }

    /// One of the programs that came with the server.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.cluster.programs.join(name)
    }

    /// Where tests find it.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.cluster.stop();
        // It is gone already when it stopped as asked.
        self.server.kill().ok();
        self.server.wait().ok();
        self.cluster.remove();
        println!("PostgreSQL is stopped, its folder removed");
    }
}

impl Account {
    /// Debian's account of the server, or the one that owns nothing.
    fn find() -> Result<Self> {
        let id = |flag: &str, name: &str| ask(Command::new("id").args([flag, name])).and_then(|id| id.parse().ok());
        ["postgres", "nobody"]
            .iter()
            .find_map(|name| {
                Some(Self {
                    user: id("-u", name)?,
                    group: id("-g", name)?,
                })
            })
            .context("there is neither an account postgres nor nobody to run the server as")
    }
}

impl Cluster {
    /// A folder that the account can reach: under the target folder, or else among the temporary files.
    fn make(programs: PathBuf, home: &Path, account: Option<Account>, keeps: Keeps) -> Result<Self> {
        for base in [home.to_owned(), std::env::temp_dir().join("strata-pg")] {
            let folder = base.join(std::process::id().to_string());
            fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
            let cluster = Self {
                programs: programs.clone(),
                folder,
                account,
                keeps,
            };
            if let Some(account) = account {
                chown(&cluster.folder, Some(account.user), Some(account.group))?;
            }
            fs::set_permissions(&cluster.folder, fs::Permissions::from_mode(0o700))?;
            let reach = cluster.as_account("test").arg("-w").arg(&cluster.folder).status();
            if reach.is_ok_and(|status| status.success()) {
                return Ok(cluster);
            }
            cluster.remove();
        }
        bail!("no folder can be reached by the account that PostgreSQL must run as")
    }

    fn as_account(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/").stdin(Stdio::null());
        if let Some(account) = self.account {
            command.uid(account.user).gid(account.group);
        }
        command
    }

    fn program(&self, name: &str) -> Command {
        self.as_account(self.programs.join(name))
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn start(&self) -> Result<(Child, u16, String)> {
        let password = secret()?;
        let word = self.folder.join("password");
        fs::write(&word, &password)?;
        if let Some(account) = self.account {
            chown(&word, Some(account.user), Some(account.group))?;
        }
        let mut initdb = self.program("initdb");
        initdb.args([
            "--username=strata",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ]);
        initdb.arg("--pwfile").arg(&word).arg("--pgdata").arg(self.data());
        let made = initdb.output().context("initdb cannot be started")?;
        if !made.status.success() {
            bail!("initdb failed:\n{}", String::from_utf8_lossy(&made.stderr));
        }
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut server = self.serve(port)?;
        if let Err(error) = self.wait(port, &mut server) {
            server.kill().ok();
            server.wait().ok();
            return Err(error);
        }
        Ok((
            server,
            port,
            format!("postgres://strata:{password}@127.0.0.1:{port}/postgres"),
        ))
    }

    fn serve(&self, port: u16) -> Result<Child> {
        let log = File::options().create(true).append(true).open(self.folder.join("log"))?;
        let mut postgres = self.program("postgres");
        postgres.arg("-D").arg(self.data()).stdout(log.try_clone()?).stderr(log);
        let common = [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "timezone=UTC",
            "max_connections=200",
        ];
        let more: &[&str] = match self.keeps {
            Keeps::WhileItRuns => &["fsync=off", "synchronous_commit=off", "full_page_writes=off"],
            // Its disk is small.
            Keeps::Always => &["fsync=on", "synchronous_commit=on", "min_wal_size=32MB", "max_wal_size=64MB"],
            Keeps::AtSpeed => &[
                "fsync=on",
                "synchronous_commit=on",
                "shared_buffers=512MB",
                "max_wal_size=4GB",
            ],
        };
        for setting in common.iter().chain(more) {
            postgres.args(["-c", setting]);
        }
        postgres.arg("-c").arg(format!("port={port}"));
        postgres.spawn().context("postgres cannot be started")
    }

    fn wait(&self, port: u16, server: &mut Child) -> Result<()> {
        let begin = Instant::now();
        while begin.elapsed() < START {
            let gone = server.try_wait()?.is_some();
            let mut ready = self.program("pg_isready");
            ready
                .args(["--quiet", "--host=127.0.0.1", "--timeout=1"])
                .arg(format!("--port={port}"));
            if !gone && ready.status()?.success() {
                return Ok(());
            }
            if gone {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        bail!("PostgreSQL does not start:\n{log}")
    }

    fn stop(&self) {
        let mut stop = self.program("pg_ctl");
        stop.args(["stop", "--mode=immediate", "--wait", "--silent", "--pgdata"])
            .arg(self.data());
        stop.status().ok();
    }

    fn remove(&self) {
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            eprintln!("{} is left behind: {error}", self.folder.display());
        }
    }
}

/// Stops and removes what runs that were killed left behind. Folders are named for their process.
fn clear(home: &Path, programs: &Path, account: Option<Account>) {
    for left in fs::read_dir(home).into_iter().flatten().flatten() {
        let name = left.file_name();
        let owner = name.to_str().and_then(|name| name.parse::<u32>().ok());
        if owner.is_none_or(|process| Path::new("/proc").join(process.to_string()).exists()) {
            continue;
        }
        let cluster = Cluster {
            programs: programs.to_owned(),
            folder: left.path(),
            account,
            keeps: Keeps::WhileItRuns,
        };
        if cluster.data().join("postmaster.pid").exists() {
            cluster.stop();
        }
        cluster.remove();
    }
}

/// A password that nobody else on this machine knows.
fn secret() -> Result<String> {
    let mut bytes = [0u8; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
