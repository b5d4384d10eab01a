//! The tables, made once for each thread and copied for each seed: migrating takes longer than living a seed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use strata_kernel::{Clock, Instant, SimClock};
use strata_store::{Db, migrate};
use tempfile::TempDir;

/// A folder with an empty database, and room for those of the seeds.
#[derive(Debug)]
pub struct Template {
    folder: TempDir,
}

impl Template {
    /// Runs the migrations. The folder is in memory where the machine has such a place.
    ///
    /// # Errors
    /// When there is no place for it.
    pub fn new() -> Result<Self> {
        let memory = Path::new("/dev/shm");
        let made = tempfile::Builder::new().prefix("strata-sim-").tempdir_in(memory);
        let folder = made.or_else(|_| tempfile::tempdir()).context("no place for databases")?;
        let this = Self { folder };
        let clock = Arc::new(SimClock::new(Instant::default()));
        migrate::run(&open(&this.path("empty"), clock)?)?;
        Ok(this)
    }

    /// An empty database of a seed's own.
    ///
    /// # Errors
    /// When it cannot be copied.
    pub(crate) fn database(&self, seed: u64, clock: Arc<dyn Clock>) -> Result<Copy> {
        let path = self.path(&format!("seed-{seed}"));
        std::fs::copy(self.path("empty"), &path).context("the empty database cannot be copied")?;
        Ok(Copy {
            db: open(&path, clock)?,
            path,
        })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.db"))
    }
}

/// A seed's database. Its file is removed with it.
pub(crate) struct Copy {
    /// The database.
    pub(crate) db: Db,
    path: PathBuf,
}

impl Drop for Copy {
    fn drop(&mut self) {
        // The folder is removed with what is left in it.
        std::fs::remove_file(&self.path).ok();
    }
}

fn open(path: &Path, clock: Arc<dyn Clock>) -> Result<Db> {
    let path = path.to_str().context("a folder without a name in letters")?;
    Ok(Db::inline(path, clock)?)
}
