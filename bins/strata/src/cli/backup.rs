//! `strata backup`.

use std::path::PathBuf;

use clap::Args;
use strata_kernel::Kind;
use strata_store::backup::{self, Manifest};

use super::migrate::store_url;
use super::rows::Rows;
use crate::error::{DONE, Usage};
use crate::parts::TABLES;
use crate::serve::Output;
use crate::settings::{StoreSettings, without_password};

/// Takes a backup of a database while servers work on it, and reads it back before it gets its name.
///
/// A backup is a folder: a manifest, and a file for each table with one row a line. Everything in it is from one moment. It holds what
/// people earn and what customers pay: keep it where only you can read it. It can be restored into SQLite and into PostgreSQL.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  strata backup --store sqlite:strata.db --to backups/2026-11-21
  strata backup --store postgres://strata_backup@db.example/strata --to /srv/backups/2026-11-21 --output json
  strata backup --verify backups/2026-11-21  reads a backup back, without a database")]
pub(super) struct BackupArguments {
    /// Database: sqlite:PATH or postgres://...
    #[arg(long, value_name = "URL", env = "STRATA_STORE", hide_env_values = true, value_parser = store_url, required_unless_present = "verify")]
    store: Option<String>,
    /// Folder to write it to. It must not be there yet
    #[arg(long, value_name = "DIR", required_unless_present = "verify")]
    to: Option<PathBuf>,
    /// Read this backup back, and take none
    #[arg(long, value_name = "DIR", conflicts_with = "to")]
    verify: Option<PathBuf>,
    /// Form of what is printed
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    output: Output,
}

pub(super) async fn run(arguments: BackupArguments) -> anyhow::Result<u8> {
    if let Some(folder) = arguments.verify {
        let read = tokio::task::spawn_blocking(move || backup::verify(&folder)).await?;
        let manifest = read.map_err(|damaged| anyhow::anyhow!(damaged.message))?;
        print(arguments.output, &manifest, "is whole");
        return Ok(DONE);
    }
    let (Some(store), Some(to)) = (arguments.store, arguments.to) else {
        return Err(Usage::error("--store and --to are needed"));
    };
    let db = StoreSettings::at(&store).open().await.map_err(Usage::error)?;
    let mut shown = Rows::new("read");
    let taken = tokio::task::spawn_blocking(move || backup::take(&db, &TABLES, &to, |progress| shown.show(progress))).await?;
    let manifest = match taken {
        Err(refused) if refused.kind == Kind::FailedPrecondition => return Err(Usage::error(refused.message)),
        taken => taken?,
    };
    print(
        arguments.output,
        &manifest,
        &format!("of {} is taken, and was read back", without_password(&store)),
    );
    Ok(DONE)
}

fn print(output: Output, manifest: &Manifest, what: &str) {
    match output {
        Output::Json => println!("{}", serde_json::json!(manifest)),
        Output::Text => println!(
            "the backup {what}: {} rows in {} tables, as of {} UTC",
            manifest.rows(),
            manifest.tables.len(),
            manifest.taken_at
        ),
    }
}
