//! A small file system of its own for the database, so that it can be filled.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::run::ask;
use crate::tools;

/// What a database takes whatever is in it, in KiB.
const EMPTY: u64 = 256 * 1024;
/// What a time entry and all that follows from it takes, in KiB.
const ENTRY: u64 = 48;

/// A folder, on a file system of its own where that can be had. It is taken away when this is dropped.
pub(super) struct Disk {
    path: PathBuf,
    is_small: bool,
}

impl Disk {
    /// Mounts a file system in memory. Without the right to, it is an ordinary folder, and cannot be filled.
    pub(super) fn mount(path: &Path, entries: u64) -> Result<Self> {
        fs::create_dir_all(path).with_context(|| format!("{} cannot be made", path.display()))?;
        let size = format!("size={}k", EMPTY + entries * ENTRY);
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(path);
        let is_small = tools::is_root() && ask(&mut mount).is_some();
        if !is_small {
            println!("no disk can be filled here: that needs the right to mount one");
        }
        Ok(Self {
            path: path.to_owned(),
            is_small,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// It can be filled without harm to anything else.
    pub(super) fn is_small(&self) -> bool {
        self.is_small
    }

    /// Copies what is on it to a folder that stays.
    pub(super) fn keep(&self, to: &Path) {
        if ask(Command::new("cp").arg("-r").arg(&self.path).arg(to)).is_none() {
            eprintln!("{} cannot be kept", self.path.display());
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.is_small && ask(Command::new("umount").arg(&self.path)).is_none() {
            eprintln!("{} is left mounted", self.path.display());
        }
    }
}
