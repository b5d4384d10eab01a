//! One server in a process of its own.

use std::fs::{File, OpenOptions};
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use super::Seat;
use crate::serve::Announcement;

/// Longest time a server may take until it serves: a sandbox reads its records back first.
const READY: Duration = Duration::from_secs(120);
/// Longest time a server may take to end by itself: its own drain time, and a little more.
const END: Duration = Duration::from_secs(20);
/// Settings that a child takes from the environment. The others are given to it.
const INHERITED: &str = "STRATA__TELEMETRY__";
/// What all variables of the program start with.
const OURS: &str = "STRATA_";

/// A running server.
#[derive(Debug)]
pub(super) struct Child {
    pub(super) seat: Seat,
    pub(super) announcement: Announcement,
    process: tokio::process::Child,
    /// The child ends when this closes: on purpose, or because we died.
    stdin: ChildStdin,
    /// Kept open, so that the child can always write.
    _stdout: Lines<BufReader<ChildStdout>>,
    /// It was killed on purpose.
    is_killed: bool,
}

impl Child {
    /// Starts the program and waits for its announcement.
    pub(super) async fn spawn(seat: Seat, program: &Path, arguments: &[String], log: &Path) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(append(log)?);
        let not_theirs = |name: &str| name.starts_with(OURS) && !name.starts_with(INHERITED);
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(not_theirs) {
                command.env_remove(name);
            }
        }
        // A ctrl-c at the terminal is for the parent, which ends its children in their order.
        #[cfg(unix)]
        command.process_group(0);
        let mut process = command
            .spawn()
            .with_context(|| format!("{} cannot be started", program.display()))?;
        let (Some(stdin), Some(stdout)) = (process.stdin.take(), process.stdout.take()) else {
            bail!("the {seat} server has no pipes");
        };
        let mut stdout = BufReader::new(stdout).lines();
        let announcement = timeout(READY, stdout.next_line()).await;
        let line = match announcement {
            Ok(Ok(Some(line))) => line,
            _ => bail!("the {seat} server did not start; its log is {}", kept(log)),
        };
        Ok(Self {
            seat,
            announcement: serde_json::from_str(&line).with_context(|| format!("the {seat} server says: {line}"))?,
            process,
            stdin,
            _stdout: stdout,
            is_killed: false,
        })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.announcement.address
    }

    /// Whether it runs.
    pub(super) fn is_running(&mut self) -> anyhow::Result<bool> {
        let is_running = self.process.try_wait()?.is_none();
        // Whoever ended by itself was seen to: its end is no surprise any more.
        self.is_killed |= !is_running;
        Ok(is_running)
    }

    /// The signal that ended it, if one did.
    pub(super) fn signal(&mut self) -> anyhow::Result<Option<i32>> {
        Ok(self.process.try_wait()?.and_then(|status| status.signal()))
    }

    /// Its process id, while it runs.
    pub(super) fn id(&self) -> Option<u32> {
        self.process.id()
    }

    /// Kills it, unless it is dead already, and waits until it is.
    pub(super) async fn kill(&mut self) -> anyhow::Result<()> {
        if self.process.try_wait()?.is_none() {
            self.process.kill().await?;
        }
        self.is_killed = true;
        Ok(())
    }

    /// Asks it to end, and waits for it.
    pub(super) async fn stop(mut self) -> anyhow::Result<()> {
        drop(self.stdin);
        let Ok(ended) = timeout(END, self.process.wait()).await else {
            self.process.kill().await?;
            bail!("the {} server had to be killed", self.seat);
        };
        if ended?.success() || self.is_killed {
            return Ok(());
        }
        bail!("the {} server failed at its end", self.seat)
    }
}

fn append(log: &Path) -> anyhow::Result<File> {
    let folder = log.parent().map(PathBuf::from).unwrap_or_default();
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let file = OpenOptions::new().create(true).append(true).open(log);
    file.with_context(|| log.display().to_string())
}

/// The log's name, and its last line.
fn kept(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let last = text.lines().rev().find(|line| !line.trim().is_empty());
    last.map_or_else(
        || log.display().to_string(),
        |line| format!("{}, which ends with: {line}", log.display()),
    )
}
