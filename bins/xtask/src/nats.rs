//! A NATS server that lives as long as one test run: own folder, free port, loopback only, nothing kept.

use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::run::{Given, show};
use crate::{Workspace, tools};

/// Longest time the server may take to answer.
const START: Duration = Duration::from_secs(30);

/// Holds the process id, in the server's folder.
const PID: &str = "pid";

/// Variable under which tests find the server.
pub(crate) const VARIABLE: &str = "STRATA_TEST_NATS";
/// Variable under which tests find the program, to start and kill servers of their own.
pub(crate) const PROGRAM: &str = "STRATA_TEST_NATS_PROGRAM";

pub(crate) fn run(workspace: &Workspace, given: &Given) -> Result<()> {
    let nats = Nats::start(workspace)?;
    show(nats.tell(&mut given.command()?))
}

/// A running server. It is stopped, and its folder removed, when this is dropped.
pub(crate) struct Nats {
    program: PathBuf,
    folder: PathBuf,
    server: Child,
    port: u16,
    url: String,
}

impl Nats {
    pub(crate) fn start(workspace: &Workspace) -> Result<Self> {
        let program = tools::nats(workspace)?;
        let home = workspace.target.join("nats");
        clear(&home);
        let folder = home.join(std::process::id().to_string());
        fs::create_dir_all(&folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let server = serve(&program, &folder, port)?;
        let mut nats = Self {
            program,
            folder,
            server,
            port,
            url: format!("nats://127.0.0.1:{port}"),
        };
        nats.wait(port)?;
        println!("NATS listens on 127.0.0.1:{port} (process {})", nats.server.id());
        Ok(nats)
    }

    /// Starts the server again when it has ended. Says whether it had.
    pub(crate) fn revive(&mut self) -> Result<bool> {
        if self.server.try_wait()?.is_none() {
            return Ok(false);
        }
        self.server = serve(&self.program, &self.folder, self.port)?;
        Ok(true)
    }

    /// File whose first line is the server's process id.
    pub(crate) fn pid_file(&self) -> PathBuf {
        self.folder.join(PID)
    }

    /// Where it listens.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Tells a command where the server and its program are.
    pub(crate) fn tell<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env(VARIABLE, &self.url).env(PROGRAM, &self.program)
    }

    fn wait(&mut self, port: u16) -> Result<()> {
        let begin = Instant::now();
        while begin.elapsed() < START && self.server.try_wait()?.is_none() {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        bail!("NATS does not start:\n{log}")
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.server.kill().ok();
        self.server.wait().ok();
        match fs::remove_dir_all(&self.folder) {
            Ok(()) => println!("NATS is stopped, its folder removed"),
            Err(error) => eprintln!("{} is left behind: {error}", self.folder.display()),
        }
    }
}

fn serve(program: &Path, folder: &Path, port: u16) -> Result<Child> {
    let log = File::options().create(true).append(true).open(folder.join("log"))?;
    Command::new(program)
        .args([
            "--addr",
            "127.0.0.1",
            "--port",
            &port.to_string(),
            "--jetstream",
            "--store_dir",
        ])
        .arg(folder)
        .arg("--pid")
        .arg(folder.join(PID))
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .with_context(|| format!("{} cannot be started", program.display()))
}

/// Removes what runs that were killed left behind. Folders are named for their process.
fn clear(home: &Path) {
    for left in fs::read_dir(home).into_iter().flatten().flatten() {
        let name = left.file_name();
        let owner = name.to_str().and_then(|name| name.parse::<u32>().ok());
        if owner.is_some_and(|process| !PathBuf::from("/proc").join(process.to_string()).exists()) {
            fs::remove_dir_all(left.path()).ok();
        }
    }
}
