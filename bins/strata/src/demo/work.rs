//! The folder a firm's year is kept in, so that a killed demo goes on where it was.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::error::Usage;
use crate::split;

/// File that one demo at a time holds.
const LOCK: &str = "strata.lock";
/// File that says whose folder it is.
const OWNER: &str = "strata.json";
/// Longest time that servers of a demo that died may take to end.
const LEFTOVERS: Duration = Duration::from_secs(30);
/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(100);

/// A work folder, held until it is dropped.
#[derive(Debug)]
pub(super) struct Work {
    /// Where it is, absolute.
    pub(super) path: PathBuf,
    /// It was made for this run, and nobody asked to keep it.
    pub(super) is_temporary: bool,
    _lock: File,
}

/// Whose folder it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Owner {
    /// Time entries of the firm.
    pub(super) entries: u64,
    /// Its seed.
    pub(super) seed: i64,
    /// SHA-256 of its manifest, which holds the sums of all its files.
    pub(super) manifest: String,
    /// Its database, without password. `None`: the one in this folder.
    pub(super) store: Option<String>,
}

impl Work {
    /// Opens a folder, or makes one; `None` makes a temporary one.
    pub(super) async fn open(folder: Option<&Path>) -> anyhow::Result<Self> {
        let path = match folder {
            Some(folder) => {
                fs::create_dir_all(folder)
                    .map_err(|error| Usage::error(format!("--work {} cannot be used: {error}", folder.display())))?;
                folder.canonicalize()?
            }
            // Kept for now: it is removed at a clean end, and a run that ends otherwise can go on from it.
            None => tempfile::Builder::new().prefix("strata-demo-").tempdir()?.keep(),
        };
        let lock = lock_file(&path.join(LOCK))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let text = format!("another strata works in {}; use another --work folder", path.display());
                return Err(Usage::error(text));
            }
            Err(TryLockError::Error(error)) => return Err(error).context(path.display().to_string()),
        }
        wait_for_leftovers(&path).await?;
        Ok(Self {
            path,
            is_temporary: folder.is_none(),
            _lock: lock,
        })
    }

    /// Whose folder it is, if it was used before.
    pub(super) fn owner(&self) -> anyhow::Result<Option<Owner>> {
        let path = self.path.join(OWNER);
        match fs::read(&path) {
            Ok(text) => {
                let owner = serde_json::from_slice(&text);
                owner
                    .map(Some)
                    .map_err(|error| Usage::error(format!("{} cannot be read: {error}", path.display())))
            }
            Err(none) if none.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).context(path.display().to_string()),
        }
    }

    /// Claims a new folder for a firm and its database.
    pub(super) fn claim(&self, claim: &Owner) -> anyhow::Result<()> {
        // In place at once, or not at all: half a file would lock its owner out.
        let part = self.path.join(format!("{OWNER}.part"));
        fs::write(&part, serde_json::to_vec_pretty(claim)?)?;
        Ok(fs::rename(&part, self.path.join(OWNER))?)
    }

    /// Refuses a folder that belongs to another firm or database, and says whether it is new.
    pub(super) fn is_new_to(&self, claim: &Owner) -> anyhow::Result<bool> {
        let Some(owner) = self.owner()? else {
            return Ok(true);
        };
        self.check_firm(&owner, claim.entries, claim.seed)?;
        if owner.manifest != claim.manifest {
            let text = "belongs to another firm of the same size and seed; use another --work folder";
            return Err(self.refusal(text));
        }
        if owner.store != claim.store {
            let text = format!(
                "belongs to the database {}, not {}; use another --work folder, or the same --store",
                shown(owner.store.as_deref()),
                shown(claim.store.as_deref())
            );
            return Err(self.refusal(&text));
        }
        Ok(false)
    }

    /// Refuses a firm of another size or seed than the folder's.
    pub(super) fn check_firm(&self, owner: &Owner, entries: u64, seed: i64) -> anyhow::Result<()> {
        if (owner.entries, owner.seed) == (entries, seed) {
            return Ok(());
        }
        let text = format!(
            "belongs to the firm with {} entries and seed {}, not to that with {entries} and {seed}; use another --work folder, \
             or name the same firm",
            owner.entries, owner.seed
        );
        Err(self.refusal(&text))
    }

    /// Removes the folder.
    pub(super) fn remove(&self) -> anyhow::Result<()> {
        fs::remove_dir_all(&self.path).with_context(|| format!("{} cannot be removed", self.path.display()))
    }

    fn refusal(&self, text: &str) -> anyhow::Error {
        Usage::error(format!("{} {text}", self.path.display()))
    }
}

/// Servers of a demo that was killed end by themselves; until they have, its records are not ours.
async fn wait_for_leftovers(folder: &Path) -> anyhow::Result<()> {
    let path = folder.join(split::LOCK);
    let servers = lock_file(&path)?;
    let mut waited = Duration::ZERO;
    while let Err(held) = servers.try_lock() {
        if let TryLockError::Error(error) = held {
            return Err(error).context(path.display().to_string());
        }
        if waited >= LEFTOVERS {
            let text = format!("servers of an earlier demo still run in {}; end them first", folder.display());
            return Err(Usage::error(text));
        }
        tokio::time::sleep(PAUSE).await;
        waited += PAUSE;
    }
    Ok(())
}

fn lock_file(path: &Path) -> anyhow::Result<File> {
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.with_context(|| path.display().to_string())
}

fn shown(store: Option<&str>) -> &str {
    store.unwrap_or("in its own folder")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::error::{USAGE, exit_code};

    fn owner() -> Owner {
        Owner {
            entries: 1000,
            seed: 7,
            manifest: "aa".to_owned(),
            store: None,
        }
    }

    #[tokio::test]
    async fn a_folder_keeps_to_its_firm_and_its_database() {
        let folder = tempfile::tempdir().unwrap();
        let work = Work::open(Some(folder.path())).await.unwrap();
        assert!(work.is_new_to(&owner()).unwrap());
        work.claim(&owner()).unwrap();
        assert!(!work.is_new_to(&owner()).unwrap());
        let other = |change: fn(&mut Owner)| {
            let mut claim = owner();
            change(&mut claim);
            let refused = work.is_new_to(&claim).unwrap_err();
            assert_eq!(exit_code(&refused), USAGE);
            refused.to_string()
        };
        assert!(other(|o| o.seed = 8).contains("1000 entries and seed 7"));
        assert!(other(|o| o.manifest = "bb".to_owned()).contains("another firm"));
        let refused = other(|o| o.store = Some("postgres://db/strata".to_owned()));
        assert!(
            refused.contains("in its own folder") && refused.contains("postgres://db/strata"),
            "{refused}"
        );
    }

    #[tokio::test]
    async fn one_demo_at_a_time_works_in_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let first = Work::open(Some(folder.path())).await.unwrap();
        let second = Work::open(Some(folder.path())).await.unwrap_err();
        assert!(second.to_string().contains("another strata works in"), "{second}");
        drop(first);
        Work::open(Some(folder.path())).await.unwrap();
    }

    #[tokio::test]
    async fn a_temporary_folder_is_removed_on_demand_only() {
        let work = Work::open(None).await.unwrap();
        let path = work.path.clone();
        assert!(work.is_temporary && path.is_dir());
        work.remove().unwrap();
        assert!(!path.exists());
    }
}
