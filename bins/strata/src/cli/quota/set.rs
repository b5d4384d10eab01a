//! `strata quota set`.

use clap::Args;
use clap::builder::RangedU64ValueParser;
use serde_json::json;
use strata_kernel::Kind;
use strata_quota::Allowance;

use super::list::words;
use crate::cli::migrate::store_url;
use crate::error::{DONE, Usage};
use crate::serve::Output;
use crate::settings::StoreSettings;

/// Changes what an account allows to all servers that share it. They follow within a moment.
///
/// When the vendor allows less from now on, say it here first, wait until `strata quota list` shows no more held than that, and then
/// let the vendor change it: no request is refused. When the vendor allows more, it is the other way round.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  strata quota set netsuite/1234567 --at-once 15 --store sqlite:strata.db
  strata quota set workday/firm --at-once 8 --per-second 10 --store postgres://strata@db.example/strata -o json")]
pub(super) struct SetArguments {
    /// Account, as `strata quota list` shows it
    #[arg(value_name = "ACCOUNT")]
    account: String,
    /// Requests under way at once. 0 stops them
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<u32>::new().range(..=100_000))]
    at_once: u32,
    /// Requests that start in any one second. Left out: no limit
    #[arg(long, value_name = "M", value_parser = RangedU64ValueParser::<u32>::new().range(1..=100_000))]
    per_second: Option<u32>,
    /// Database: sqlite:PATH or postgres://...
    #[arg(long, value_name = "URL", env = "STRATA_STORE", hide_env_values = true, value_parser = store_url)]
    store: String,
    /// Form of what is printed
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    output: Output,
}

pub(super) async fn run(arguments: SetArguments) -> anyhow::Result<u8> {
    let db = StoreSettings::at(&arguments.store).open().await.map_err(Usage::error)?;
    let allowance = Allowance {
        at_once: arguments.at_once,
        per_second: arguments.per_second,
    };
    match strata_quota::set(&db, &arguments.account, allowance).await {
        Err(unknown) if unknown.kind == Kind::NotFound => return Err(Usage::error(unknown.message)),
        set => set?,
    }
    match arguments.output {
        Output::Json => println!(
            "{}",
            json!({"account": arguments.account, "at_once": allowance.at_once, "per_second": allowance.per_second})
        ),
        Output::Text => println!("{}  {}", arguments.account, words(allowance)),
    }
    Ok(DONE)
}
