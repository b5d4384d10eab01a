//! `strata restore`.

use std::path::PathBuf;

use clap::Args;
use strata_kernel::Kind;
use strata_process::restored;
use strata_store::backup;

use super::migrate::store_url;
use super::rows::Rows;
use crate::error::{DONE, Usage};
use crate::parts::TABLES;
use crate::serve::Output;
use crate::settings::{StoreSettings, without_password};

/// Puts a backup into a database, all of it or nothing, and compares every table with what was taken.
///
/// Stop every server first. When they are started again they read from the vendors what happened since the backup was taken, and look
/// everything up in the books before they send it. What people decided at the platform's own desks since then has to be decided again.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  strata restore backups/2026-11-21 --store sqlite:strata.db
  strata restore backups/2026-11-21 --store postgres://strata@db.example/strata --replace
  strata restore backups/2026-11-21 --store sqlite:drill.db --output json")]
pub(super) struct RestoreArguments {
    /// Folder of the backup
    #[arg(value_name = "DIR")]
    from: PathBuf,
    /// Database: sqlite:PATH or postgres://... The user has to own its tables
    #[arg(long, value_name = "URL", env = "STRATA_STORE", hide_env_values = true, value_parser = store_url)]
    store: String,
    /// Give up what the database holds
    #[arg(long)]
    replace: bool,
    /// Form of what is printed
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    output: Output,
}

pub(super) async fn run(arguments: RestoreArguments) -> anyhow::Result<u8> {
    let db = StoreSettings::at(&arguments.store).open().await.map_err(Usage::error)?;
    let (from, replace, mut shown) = (arguments.from, arguments.replace, Rows::new("stored"));
    let restored = tokio::task::spawn_blocking(move || {
        backup::restore(
            &db,
            &TABLES,
            &from,
            replace,
            |progress| shown.show(progress),
            restored::refuse_while_working,
            restored::take_up,
        )
    });
    let restored = match restored.await? {
        Err(refused) if refused.kind == Kind::FailedPrecondition => return Err(Usage::error(refused.message)),
        restored => restored?,
    };
    let manifest = &restored.manifest;
    match arguments.output {
        Output::Json => println!(
            "{}",
            serde_json::json!({ "manifest": manifest, "migrations": restored.migrated })
        ),
        Output::Text => {
            println!(
                "{} holds what it held on {} UTC: {} rows in {} tables, compared",
                without_password(&arguments.store),
                manifest.taken_at,
                manifest.rows(),
                manifest.tables.len()
            );
            if !restored.migrated.is_empty() {
                println!("and was brought up to date: {}", restored.migrated.join(", "));
            }
        }
    }
    Ok(DONE)
}
