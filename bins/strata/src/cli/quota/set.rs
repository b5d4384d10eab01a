//! `strata quota set`.

use clap::Args;
use clap::builder::RangedU64ValueParser;
use serde_json::json;
use strata_audit::Done;
use strata_kernel::{Clock, Kind, SystemClock};
use strata_quota::Allowance;
use strata_rpc::{AuditedCall, AuditedEnd, Touched};
use strata_store::Db;

use super::list::words;
use crate::cli::actor::Actor;
use crate::cli::migrate::store_url;
use crate::error::{DONE, Usage};
use crate::serve::Output;
use crate::settings::StoreSettings;

/// Changes what an account allows to all servers that share it. They follow within a moment.
///
/// When the vendor allows less from now on, say it here first, wait until `strata quota list` shows no more held than that, and then
/// let the vendor change it: no request is refused. When the vendor allows more, it is the other way round.
///
/// Who changed it, from what to what, is a row of the audit log in the same transaction: the database's user has to be allowed to write both.
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
    #[command(flatten)]
    actor: Actor,
    /// Form of what is printed
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    output: Output,
}

pub(super) async fn run(arguments: SetArguments) -> anyhow::Result<u8> {
    let actor = arguments.actor.name()?;
    let db = StoreSettings::at(&arguments.store).open().await.map_err(Usage::error)?;
    let allowance = Allowance {
        at_once: arguments.at_once,
        per_second: arguments.per_second,
    };
    let before = match set(&db, &arguments.account, allowance, actor).await {
        Err(unknown) if unknown.kind == Kind::NotFound => return Err(Usage::error(unknown.message)),
        set => set?,
    };
    match arguments.output {
        Output::Json => println!(
            "{}",
            json!({
                "account": arguments.account,
                "at_once": allowance.at_once,
                "per_second": allowance.per_second,
                "before": {"at_once": before.at_once, "per_second": before.per_second},
            })
        ),
        Output::Text => println!("{}  {}, before {}", arguments.account, words(allowance), words(before)),
    }
    Ok(DONE)
}

/// The allowance, and who changed it. Says what it was before.
async fn set(db: &Db, account: &str, allowance: Allowance, subject: String) -> strata_kernel::Result<Allowance> {
    let account = account.to_owned();
    db.write(move |c| {
        let before = strata_quota::set(c, &account, allowance)?;
        let done = Done {
            call: AuditedCall {
                subject: subject.clone(),
                method: "strata quota set".to_owned(),
                correlation_id: String::new(),
                request_digest: String::new(),
            },
            end: AuditedEnd {
                code: "OK".to_owned(),
                answer_digest: String::new(),
                touched: Some(Touched {
                    object: format!("quota/{account}"),
                    before: words(before),
                    after: words(allowance),
                }),
            },
        };
        strata_audit::keep_within(c, &[done], SystemClock.now())?;
        Ok(before)
    })
    .await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;
    use std::time::Duration;

    use strata_audit::{Audit, Filter};
    use strata_quota::Member;
    use strata_store::migrate;

    use super::*;

    fn at_once(at_once: u32) -> Allowance {
        Allowance {
            at_once,
            per_second: None,
        }
    }

    #[tokio::test]
    async fn who_changed_an_account_stands_in_the_audit_log() {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("q.db").display());
        let db = StoreSettings::at(&url).open().await.unwrap();
        migrate::run(&db).unwrap();
        let audit = Audit::new(db.clone(), Arc::new(SystemClock), None);

        let unknown = set(&db, "netsuite/7", at_once(15), "ann".into()).await.unwrap_err();
        assert_eq!(unknown.kind, Kind::NotFound);
        assert!(audit.list(&Filter::default(), None, 9).await.unwrap().is_empty());

        Member::join(db.clone(), "netsuite/7", "one", at_once(5), Duration::from_secs(6))
            .await
            .unwrap();
        let before = set(&db, "netsuite/7", at_once(15), "ann".into()).await.unwrap();
        assert_eq!(before, at_once(5));
        let kept = audit.list(&Filter::default(), None, 9).await.unwrap();
        let [row] = kept.as_slice() else { panic!("{kept:?}") };
        assert_eq!(
            [&row.subject, &row.object, &row.before_digest, &row.after_digest],
            ["ann", "quota/netsuite/7", "5 at once", "15 at once"]
        );
        assert!(audit.verify(None).await.unwrap().damage.is_none());
    }
}
