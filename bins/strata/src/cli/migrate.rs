//! `strata migrate`.

use clap::Args;
use strata_store::migrate;

use crate::error::{DONE, Usage};
use crate::serve::Output;
use crate::settings::{StoreSettings, is_url, without_password};

/// Runs every migration that is missing, and names it. A database that is up to date stays as it is.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  strata migrate --store sqlite:strata.db
  strata migrate --store postgres://strata@db.example/strata --output json")]
pub(super) struct MigrateArguments {
    /// Database: sqlite:PATH or postgres://...
    #[arg(long, value_name = "URL", env = "STRATA_STORE", hide_env_values = true, value_parser = store_url)]
    store: String,
    /// Form of what is printed
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    output: Output,
}

/// Reads a database's URL.
pub(super) fn store_url(text: &str) -> Result<String, String> {
    if is_url(text) {
        Ok(text.to_owned())
    } else {
        Err("starts with sqlite: or postgres://".to_owned())
    }
}

pub(super) async fn run(arguments: MigrateArguments) -> anyhow::Result<u8> {
    let db = StoreSettings::at(&arguments.store).open().await.map_err(Usage::error)?;
    let names = tokio::task::spawn_blocking(move || migrate::run(&db)).await??;
    match arguments.output {
        Output::Json => println!("{}", serde_json::json!({ "migrations": names })),
        Output::Text if names.is_empty() => println!("{} is up to date", without_password(&arguments.store)),
        Output::Text => {
            for name in names {
                println!("{name}");
            }
        }
    }
    Ok(DONE)
}
