//! Servers in processes of their own: this program, called with `serve`. They end when we do.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

/// A server in a process of its own.
pub(crate) struct Server {
    child: Child,
    address: String,
}

/// What a server says when it listens.
pub(crate) const READY: &str = "listening ";

impl Server {
    /// Starts one and waits until it listens.
    ///
    /// # Errors
    /// When it ends before that.
    pub(crate) fn start(arguments: &[&str]) -> Result<Self> {
        Self::of(Command::new(std::env::current_exe()?).arg("serve").args(arguments))
    }

    /// The same with another program, which says `listening ADDRESS` and ends with its standard input.
    ///
    /// # Errors
    /// When it ends before that.
    pub(crate) fn of(command: &mut Command) -> Result<Self> {
        let line = format!("{command:?}");
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{line} cannot be started"))?;
        let out = child.stdout.take().context("no output")?;
        for said in BufReader::new(out).lines() {
            if let Some(address) = said?.strip_prefix(READY) {
                let address = address.to_owned();
                return Ok(Self { child, address });
            }
        }
        let ended = child.wait()?;
        bail!("{line} ended before it listened: {ended}")
    }

    /// Its process id.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // It ended by itself, or it ends now.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A figure of `/proc/PID/status`, in MiB: `VmRSS`, `VmHWM`.
pub(crate) fn memory(process: u32, name: &str) -> Result<f64> {
    let text = std::fs::read_to_string(Path::new("/proc").join(process.to_string()).join("status"))?;
    let mut wanted = String::new();
    write!(wanted, "{name}:")?;
    let line = text
        .lines()
        .find(|line| line.starts_with(&wanted))
        .context("no such figure")?;
    let kib: f64 = line.split_whitespace().nth(1).context("no number")?.parse()?;
    Ok(kib / 1024.0)
}
