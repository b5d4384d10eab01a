//! `strata quota list`.

use std::fmt::Write;

use clap::Args;
use serde_json::json;
use strata_quota::{Account, Allowance};

use crate::cli::migrate::store_url;
use crate::error::{DONE, Usage};
use crate::serve::Output;
use crate::settings::StoreSettings;

/// Shows what each account allows to all servers that share it, and what they want and hold of it now. A server that wants nothing
/// is not shown.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  strata quota list --store sqlite:strata.db
  strata quota list --store postgres://strata_reader@db.example/strata -o json")]
pub(super) struct ListArguments {
    /// Database: sqlite:PATH or postgres://...
    #[arg(long, value_name = "URL", env = "STRATA_STORE", hide_env_values = true, value_parser = store_url)]
    store: String,
    /// Form of what is printed
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    output: Output,
}

pub(super) async fn run(arguments: ListArguments) -> anyhow::Result<u8> {
    let db = StoreSettings::at(&arguments.store).open().await.map_err(Usage::error)?;
    let accounts = strata_quota::list(&db).await?;
    match arguments.output {
        Output::Json => println!("{}", json!({ "accounts": accounts.iter().map(as_json).collect::<Vec<_>>() })),
        Output::Text => print!("{}", as_text(&accounts)),
    }
    Ok(DONE)
}

fn as_json(account: &Account) -> serde_json::Value {
    let shares: Vec<_> = account
        .shares
        .iter()
        .map(|share| {
            json!({
                "member": share.member,
                "wanted": share.wanted,
                "held": share.held,
                "held_per_second": account.allowance.per_second.map(|_| share.held_per_second),
            })
        })
        .collect();
    json!({
        "account": account.account,
        "at_once": account.allowance.at_once,
        "per_second": account.allowance.per_second,
        "changed_at": account.changed_at.and_utc().to_rfc3339(),
        "shares": shares,
    })
}

fn as_text(accounts: &[Account]) -> String {
    if accounts.is_empty() {
        return "no account is shared; see [quota] in the settings\n".to_owned();
    }
    let mut out = String::new();
    for account in accounts {
        let held: u32 = account.shares.iter().map(|share| share.held).sum();
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{}  {}, {held} held", account.account, words(account.allowance));
        for share in &account.shares {
            let _ = writeln!(
                out,
                "  {:<36}  wants {:>4}  holds {:>4}",
                share.member, share.wanted, share.held
            );
        }
    }
    out
}

/// What is allowed, in words.
pub(super) fn words(allowance: Allowance) -> String {
    let pace = allowance.per_second.map(|most| format!(", {most} a second"));
    format!("{} at once{}", allowance.at_once, pace.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_quota::Share;

    use super::*;

    #[test]
    fn an_account_is_shown_with_its_shares() {
        let account = Account {
            account: "netsuite/7".into(),
            allowance: Allowance {
                at_once: 5,
                per_second: Some(10),
            },
            changed_at: "2025-03-01T09:00:00".parse().unwrap(),
            shares: vec![Share {
                member: "a".into(),
                wanted: 5,
                held: 3,
                held_per_second: 6,
            }],
        };
        let text = as_text(std::slice::from_ref(&account));
        assert!(text.starts_with("netsuite/7  5 at once, 10 a second, 3 held\n  a "), "{text}");
        let json = as_json(&account);
        assert_eq!(json["shares"][0]["held_per_second"], 6);
        assert_eq!(json["changed_at"], "2025-03-01T09:00:00+00:00");
    }
}
