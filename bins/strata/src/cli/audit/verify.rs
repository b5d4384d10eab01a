//! `strata audit verify`.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use serde_json::json;
use strata_audit::{Audit, Report};
use strata_kernel::SystemClock;

use crate::cli::migrate::store_url;
use crate::error::{DONE, FAILED, Usage};
use crate::serve::Output;
use crate::settings::StoreSettings;

/// Follows the chain of an audit log from its first row to its last, and every seal. Changes nothing.
///
/// Keep the hash of the last seal where those who administer the database cannot write, and give it back with --kept: then rows that
/// were cut off at the end show, too. Exit code 1 when something does not fit.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  strata audit verify --store sqlite:strata.db
  strata audit verify --store sqlite:strata.db --key-file /run/secrets/audit --kept 5f0c -o json")]
pub(super) struct VerifyArguments {
    /// Database: sqlite:PATH or postgres://...
    #[arg(long, value_name = "URL", env = "STRATA_STORE", hide_env_values = true, value_parser = store_url)]
    store: String,
    /// File with the key of the seals, as in process.audit_key. Without it seals that have a key are followed and not checked
    #[arg(long, value_name = "PATH")]
    key_file: Option<PathBuf>,
    /// Hash of a seal that was kept elsewhere
    #[arg(long, value_name = "HASH")]
    kept: Option<String>,
    /// Form of what is printed
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    output: Output,
}

pub(super) async fn run(arguments: VerifyArguments) -> anyhow::Result<u8> {
    let key = match &arguments.key_file {
        None => None,
        Some(path) => {
            Some(std::fs::read_to_string(path).with_context(|| format!("the key cannot be read from {}", path.display()))?)
        }
    };
    // As references to secrets are read: one line break at the end does not count.
    let key = key.as_deref().map(|key| key.strip_suffix('\n').unwrap_or(key));
    let db = StoreSettings::at(&arguments.store).open().await.map_err(Usage::error)?;
    let report = Audit::new(db, Arc::new(SystemClock), key)
        .verify(arguments.kept.as_deref())
        .await?;
    match arguments.output {
        Output::Json => println!("{}", as_json(&report)),
        Output::Text => print!("{}", as_text(&report, key.is_some())),
    }
    Ok(if report.damage.is_some() { FAILED } else { DONE })
}

fn as_json(report: &Report) -> serde_json::Value {
    json!({
        "events": report.events,
        "seals": report.seals,
        "keyed_seals": report.keyed,
        "sealed_until": report.sealed_until.map(|day| day.to_string()),
        "last_seal": report.last_seal,
        "open_calls": report.open,
        "damage": report.damage.as_ref().map(|damage| json!({"sequence": damage.sequence, "what": damage.what})),
    })
}

fn as_text(report: &Report, has_key: bool) -> String {
    let mut out = format!("{} rows and {} seals fit", report.events, report.seals);
    if let Some(day) = report.sealed_until {
        out.push_str(&format!("; sealed until {day}\nlast seal {}", report.last_seal));
    }
    out.push('\n');
    if report.open > 0 {
        out.push_str(&format!(
            "{} calls began and did not end: under way, or their server was killed\n",
            report.open
        ));
    }
    if report.keyed > 0 && !has_key {
        out.push_str(&format!(
            "{} seals have a key and were not checked with it; give --key-file\n",
            report.keyed
        ));
    }
    match &report.damage {
        None => out.push_str("THE LOG IS WHOLE\n"),
        Some(damage) => out.push_str(&format!("THE LOG IS DAMAGED at row {}: {}\n", damage.sequence, damage.what)),
    }
    out
}
