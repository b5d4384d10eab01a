//! Closing a month.

use clap::{Args, Subcommand};
use strata_contract::strata::process::reconciliation::v1 as pb;
use strata_kernel::derive_id;
use tonic::Code;

use super::{Client, Form, month, print};
use crate::cli::actor::Actor;
use crate::error::DONE;

#[derive(Debug, Args)]
pub(super) struct CloseArguments {
    #[command(subcommand)]
    command: Deed,
}

#[derive(Debug, Subcommand)]
enum Deed {
    /// Freezes a month: new postings go to the next open period
    #[command(after_help = "Examples:
  strata books close begin 2025-01
  strata books close begin 2025-01 --entity US01 --as eva@firm.example")]
    Begin(Common),
    /// Shows how far the close of a month is
    #[command(after_help = "Examples:
  strata books close show 2025-01 --entity US01 -o json")]
    Show(Which),
    /// Signs a month off. Refused while something is left open
    #[command(after_help = "Examples:
  strata books close sign-off 2025-01 --as eva@firm.example")]
    SignOff(Common),
    /// Thaws a month
    #[command(after_help = "Examples:
  strata books close reopen 2025-01 --reason correction")]
    Reopen(Reasoned),
}

/// A month of a legal entity.
#[derive(Debug, Args)]
struct Which {
    /// Month
    #[arg(value_name = "YYYY-MM", value_parser = month)]
    period: String,
    /// Legal entity. Default: all of them
    #[arg(long, value_name = "CODE", default_value = "")]
    entity: String,
}

#[derive(Debug, Args)]
struct Common {
    #[command(flatten)]
    which: Which,
    /// Why, for the audit
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
    /// Key of the command. The same key has no second effect. Default: one that follows from the close as it is now
    #[arg(long, value_name = "KEY")]
    request_id: Option<String>,
    #[command(flatten)]
    actor: Actor,
}

#[derive(Debug, Args)]
struct Reasoned {
    #[command(flatten)]
    which: Which,
    /// Why, for the audit
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Key of the command. The same key has no second effect. Default: one that follows from the close as it is now
    #[arg(long, value_name = "KEY")]
    request_id: Option<String>,
    #[command(flatten)]
    actor: Actor,
}

pub(super) async fn close(mut client: Client, form: Form, asked: CloseArguments) -> anyhow::Result<u8> {
    let close = match asked.command {
        Deed::Show(which) => {
            let request = get(&which);
            client.get_close(request).await?.into_inner().close
        }
        Deed::Begin(common) => {
            let (request_id, etag) = command(&mut client, "begin", &common.which, common.request_id).await?;
            let request = pb::BeginCloseRequest {
                request_id,
                etag,
                actor: common.actor.name()?,
                reason: common.reason,
                period: common.which.period,
                legal_entity_code: common.which.entity,
            };
            client.begin_close(request).await?.into_inner().close
        }
        Deed::SignOff(common) => {
            let (request_id, etag) = command(&mut client, "sign-off", &common.which, common.request_id).await?;
            let request = pb::SignOffCloseRequest {
                request_id,
                etag,
                actor: common.actor.name()?,
                reason: common.reason,
                period: common.which.period,
                legal_entity_code: common.which.entity,
            };
            client.sign_off_close(request).await?.into_inner().close
        }
        Deed::Reopen(common) => {
            let (request_id, etag) = command(&mut client, "reopen", &common.which, common.request_id).await?;
            let request = pb::ReopenCloseRequest {
                request_id,
                etag,
                actor: common.actor.name()?,
                reason: common.reason,
                period: common.which.period,
                legal_entity_code: common.which.entity,
            };
            client.reopen_close(request).await?.into_inner().close
        }
    };
    let close = close.unwrap_or_default();
    match form {
        Form::Json => print::json(&close)?,
        Form::Table => print::close(&close),
    }
    Ok(DONE)
}

fn get(which: &Which) -> pb::GetCloseRequest {
    pb::GetCloseRequest {
        period: which.period.clone(),
        legal_entity_code: which.entity.clone(),
    }
}

/// Key and etag of a command: both follow from the close as it was read, so a repeat after a lost answer is the same command.
async fn command(client: &mut Client, what: &str, which: &Which, request_id: Option<String>) -> anyhow::Result<(String, String)> {
    let etag = match client.get_close(get(which)).await {
        Ok(answer) => answer.into_inner().close.unwrap_or_default().etag,
        Err(refusal) if refusal.code() == Code::NotFound => String::new(),
        Err(refusal) => return Err(refusal.into()),
    };
    let usual = derive_id("req", &["close", what, &which.period, &which.entity, &etag]);
    Ok((request_id.unwrap_or(usual), etag))
}
