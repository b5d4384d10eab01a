//! Putting a line right.

use clap::{Args, ValueEnum};
use strata_contract::strata::process::reconciliation::v1 as pb;
use strata_kernel::derive_id;

use super::{Client, Form, Kind, month, print};
use crate::cli::actor::Actor;
use crate::error::{DONE, Usage};

#[derive(Debug, Args)]
pub(super) struct RepairArguments {
    /// Month of the line
    #[arg(value_name = "YYYY-MM", value_parser = month)]
    period: String,
    /// Kind of the line
    kind: Kind,
    /// Key of the line
    line: String,
    /// What to do
    repair: Repair,
    /// Why, for the audit
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Key of the command. The same key has no second effect. Default: one that follows from the line as it is now
    #[arg(long, value_name = "KEY")]
    request_id: Option<String>,
    #[command(flatten)]
    actor: Actor,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Repair {
    /// Retries its exception.
    Retry,
    /// Looks its postings up; nothing is sent.
    LookUp,
    /// Reads the PSA's time again.
    ReadAgain,
    /// Accepts the difference.
    Accept,
}

impl Repair {
    fn message(self) -> pb::RepairKind {
        match self {
            Self::Retry => pb::RepairKind::RetryPosting,
            Self::LookUp => pb::RepairKind::LookUp,
            Self::ReadAgain => pb::RepairKind::ReadAgain,
            Self::Accept => pb::RepairKind::Accept,
        }
    }
}

pub(super) async fn repair(mut client: Client, form: Form, asked: RepairArguments) -> anyhow::Result<u8> {
    let held = find(&mut client, &asked).await?;
    let repair = asked.repair.message();
    let usual = derive_id(
        "req",
        &[
            repair.as_str_name(),
            &asked.period,
            &held.line,
            &held.currency_code,
            &held.etag,
        ],
    );
    let request = pb::ApplyRepairRequest {
        request_id: asked.request_id.clone().unwrap_or(usual),
        actor: asked.actor.name()?,
        reason: asked.reason,
        period: asked.period,
        kind: held.kind,
        line: held.line,
        currency_code: held.currency_code,
        repair: repair.into(),
        etag: held.etag,
    };
    let answer = client.apply_repair(request).await?.into_inner();
    match form {
        Form::Json => print::json(&answer)?,
        Form::Table => {
            for effect in &answer.effects {
                println!("{effect}");
            }
        }
    }
    Ok(DONE)
}

/// The line as it is now: what is done is done to what was read.
async fn find(client: &mut Client, asked: &RepairArguments) -> anyhow::Result<pb::BalanceLine> {
    let mut page_token = String::new();
    loop {
        let request = pb::ListBalanceLinesRequest {
            page_size: 1000,
            page_token,
            period: asked.period.clone(),
            kind: asked.kind.message().into(),
            ..pb::ListBalanceLinesRequest::default()
        };
        let page = client.list_balance_lines(request).await?.into_inner();
        // A line has a row for each currency of its postings: the one with something to do is meant.
        let mut own = page.lines.into_iter().filter(|line| line.line == asked.line);
        if let Some(first) = own.next() {
            let other = own.find(|line| !line.repairs.is_empty());
            return Ok(if first.repairs.is_empty() {
                other.unwrap_or(first)
            } else {
                first
            });
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Err(Usage::error(format!(
                "{} has no line {}; see strata books lines",
                asked.period, asked.line
            )));
        }
    }
}
