//! What the figures were measured on.

use std::fmt;
use std::process::Command;

use serde::Serialize;

/// A machine and what ran on it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Machine {
    processor: String,
    cores: usize,
    memory_mib: u64,
    kernel: String,
    versions: Vec<String>,
    commit: String,
}

impl Machine {
    /// This one. `versions` of the servers beside us.
    pub(crate) fn here(versions: Vec<String>) -> Self {
        let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let processor = info.lines().find_map(|line| line.strip_prefix("model name"));
        let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let total = memory.lines().find_map(|line| line.strip_prefix("MemTotal:"));
        let total = total.and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok());
        Self {
            processor: processor.map_or_else(
                || "unknown".to_owned(),
                |text| text.trim_start_matches([' ', '\t', ':']).to_owned(),
            ),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            memory_mib: total.unwrap_or_default() / 1024,
            kernel: said("uname", &["-sr"]),
            versions,
            commit: said("git", &["describe", "--always", "--dirty"]),
        }
    }
}

/// The first line that a program prints. Empty: it is not there.
pub(crate) fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    text.unwrap_or_default().lines().next().unwrap_or_default().trim().to_owned()
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}, {} cores, {} MiB; {}; {}; commit {}",
            self.processor,
            self.cores,
            self.memory_mib,
            self.kernel,
            self.versions.join(", "),
            self.commit
        )
    }
}
