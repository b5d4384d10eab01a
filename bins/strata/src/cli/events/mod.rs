//! `strata events`.

mod dead_letters;
mod redrive;
mod replay;
mod show;

use std::process;

use clap::{Args, Subcommand};
use prost_reflect::{DynamicMessage, ReflectMessage, SerializeOptions};
use strata_contract::Transport;
use strata_contract::strata::process::operations::v1::event_service_client::EventServiceClient;
use strata_kernel::{Clock, SystemClock, derive_id};
use tonic::Status;

use crate::cli::token::Token;
use crate::serve::Output;

/// Shows events that could not be taken, and delivers events again.
///
/// What is delivered again is planned first: without --yes the plan is printed and nothing else happens. Consumers remember what
/// they handled, so an event that is delivered again has no second effect.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  strata events dead-letters
  strata events dead-letters dlt_0123456789abcdefghjk --output json
  strata events redrive dlt_0123456789abcdefghjk --yes
  strata events redrive --all --consumer invoice-status
  strata events replay --consumer invoice-status --from 2025-03-01T00:00:00Z --to 2025-04-01T00:00:00Z --yes")]
pub(super) struct EventsArguments {
    #[command(subcommand)]
    command: EventsCommand,
}

#[derive(Debug, Subcommand)]
enum EventsCommand {
    /// Lists events that a consumer could not take, or shows one with every try
    DeadLetters(dead_letters::DeadLettersArguments),
    /// Delivers dead letters again
    Redrive(redrive::RedriveArguments),
    /// Shows published events to a consumer again
    Replay(replay::ReplayArguments),
}

/// What every command takes.
#[derive(Debug, Args)]
struct Common {
    /// Process server
    #[arg(long, value_name = "ADDR", env = "STRATA_PROCESS", default_value = "127.0.0.1:7430")]
    server: String,
    /// Form of what is printed
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    output: Output,
    #[command(flatten)]
    token: Token,
}

/// What a command that changes something takes.
#[derive(Debug, Args)]
struct Change {
    /// Carry the plan out at once
    #[arg(long)]
    yes: bool,
    /// Carry out the plan with this token, which an earlier call printed
    #[arg(long, value_name = "TOKEN")]
    plan: Option<String>,
    /// Key of the command: a repeat with the same key has no second effect. Default: a new one
    #[arg(long, value_name = "ID")]
    request_id: Option<String>,
}

pub(super) async fn run(arguments: EventsArguments) -> anyhow::Result<u8> {
    match arguments.command {
        EventsCommand::DeadLetters(arguments) => dead_letters::run(arguments).await,
        EventsCommand::Redrive(arguments) => redrive::run(arguments).await,
        EventsCommand::Replay(arguments) => replay::run(arguments).await,
    }
}

impl Common {
    fn client(&self) -> anyhow::Result<EventServiceClient<Transport>> {
        Ok(EventServiceClient::new(self.token.connect(&self.server)?))
    }

    /// Prints an answer: as JSON, or as `text` says.
    fn print<M: ReflectMessage>(&self, answer: &M, text: impl FnOnce(&M) -> String) -> anyhow::Result<()> {
        match self.output {
            Output::Text => print!("{}", text(answer)),
            Output::Json => println!("{}", json(answer)?),
        }
        Ok(())
    }
}

impl Change {
    /// Key of this command.
    fn request_id(&self) -> String {
        self.request_id.clone().unwrap_or_else(|| {
            let now = SystemClock.now().timestamp_micros().to_string();
            derive_id("cli", &[&process::id().to_string(), &now])
        })
    }
}

/// A message in the JSON form of Protobuf, with the names of the contract.
fn json<M: ReflectMessage>(message: &M) -> anyhow::Result<String> {
    let mut dynamic = DynamicMessage::new(message.descriptor());
    dynamic.transcode_from(message)?;
    let mut out = serde_json::Serializer::pretty(Vec::new());
    let options = SerializeOptions::new().use_proto_field_name(true).skip_default_fields(false);
    dynamic.serialize_with_options(&mut out, &options)?;
    Ok(String::from_utf8(out.into_inner())?)
}

/// What a server refuses, in the words of an error of ours.
fn refused(status: Status) -> anyhow::Error {
    strata_rpc::error(status).into()
}
