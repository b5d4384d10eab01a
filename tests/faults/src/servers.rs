//! What servers stand on: the database, the broker, the disk.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use strata_kernel::Error;
use strata_store::Db;

/// Longest time until a server that crashed has been started again.
const BACK: Duration = Duration::from_secs(60);
/// Pause between two looks.
const LOOK: Duration = Duration::from_millis(50);
/// A file that fills a disk.
const FILLER: &str = "filler";
/// What it is written in, largest first: the last gap is small.
const CHUNKS: [usize; 3] = [1 << 20, 1 << 12, 1];

/// Ends a server that its keeper starts again, and waits until that is done.
///
/// # Errors
/// When it is not there, or does not come back.
pub(crate) async fn crash(pid_file: &Path, signal: &str) -> Result<()> {
    let before = pid(pid_file).with_context(|| format!("{} holds no process id", pid_file.display()))?;
    let killed = Command::new("kill").args([signal, &before]).status()?;
    ensure!(killed.success(), "process {before} cannot be ended");
    let back = async {
        while pid(pid_file).is_none_or(|now| now == before) {
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(BACK, back)
        .await
        .with_context(|| format!("the server of {} does not come back", pid_file.display()))
}

/// The first line of a file of this kind is the process id.
fn pid(file: &Path) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let first = text.lines().next()?.trim();
    (!first.is_empty()).then(|| first.to_owned())
}

/// Holds the lock of a SQLite database for a while.
///
/// # Errors
/// When it cannot be opened or locked.
pub(crate) async fn hold_lock(store: &str, lasts: Duration) -> Result<()> {
    let db = Db::open(store, &strata_store::Options::default())?;
    // A transaction that writes nothing and is taken back.
    let held = db
        .write(move |_| {
            std::thread::sleep(lasts);
            Err::<(), _>(Error::internal("taken back"))
        })
        .await;
    match held {
        Err(error) if error.is_temporary() => bail!("the lock cannot be had: {error}"),
        _ => Ok(()),
    }
}

/// Fills a file system for a while.
///
/// # Errors
/// When it cannot be written to for another reason than that it is full, or cannot be emptied.
pub(crate) async fn fill(disk: &Path, lasts: Duration) -> Result<()> {
    let path = disk.join(FILLER);
    let filled = write_until_full(&path);
    if filled.is_ok() {
        // What is freed meanwhile is taken, too: logs are recycled, pages are given back.
        let until = tokio::time::Instant::now() + lasts;
        while tokio::time::Instant::now() < until {
            tokio::time::sleep(LOOK).await;
        }
    }
    fs::remove_file(&path).context("the disk cannot be emptied")?;
    filled
}

fn write_until_full(path: &Path) -> Result<()> {
    let mut file = File::create(path)?;
    for size in CHUNKS {
        let chunk = vec![0; size];
        loop {
            match file.write(&chunk) {
                Ok(0) => break,
                Ok(_) => {}
                Err(full) if full.kind() == ErrorKind::StorageFull => break,
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}
