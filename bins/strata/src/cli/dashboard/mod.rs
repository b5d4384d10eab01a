//! `strata dashboard`.

mod print;
mod show;

use clap::{Args, Subcommand, ValueEnum};
use strata_contract::Transport;
use strata_contract::strata::process::position::v1::position_service_client::PositionServiceClient;

use crate::cli::token::Token;

type Client = PositionServiceClient<Transport>;

/// What is unbilled, in progress and earned, by project or contract.
///
/// The sums are kept beside the facts: each answer says up to when everything is in it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  strata dashboard unbilled
  strata dashboard wip --by contract --smallest-first
  strata dashboard margins --period 2025-03 --entity US01 -o json
  strata dashboard check

Exit codes: 0 done; 1 a sum differs from its facts; 2 wrong arguments; 64 and the gRPC code when the server refuses (71 allowed to
nobody with this token, 78 not reachable, or the sums are not added up yet).")]
pub(super) struct DashboardArguments {
    #[command(subcommand)]
    command: Command,
    /// Process server
    #[arg(
        long,
        value_name = "ADDR",
        env = "STRATA_PROCESS",
        default_value = "127.0.0.1:7430",
        global = true
    )]
    server: String,
    /// Form of what is printed
    #[arg(short, long, value_name = "FORM", default_value = "table", global = true)]
    output: Form,
    #[command(flatten)]
    token: Token,
}

/// Form of what is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people.
    Table,
    /// For programs: the answer of the server as proto3 JSON.
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Approved time that no posted document bills
    #[command(after_help = "Examples:
  strata dashboard unbilled --contract CT-00001
  strata dashboard unbilled --by contract --all -o json")]
    Unbilled(show::Filter),
    /// Earned and not billed, billed and not earned
    #[command(after_help = "Examples:
  strata dashboard wip --by contract
  strata dashboard wip --by contract --smallest-first --currency USD")]
    Wip(show::Filter),
    /// Revenue less what the work cost. Cost is left out for those who may not see it
    #[command(after_help = "Examples:
  strata dashboard margins --period 2025-03
  strata dashboard margins --project PR-00001 -o json")]
    Margins(show::Filter),
    /// How fresh the sums are, and whether they are being built
    Status,
    /// Compares every line with its facts, and every sum with its lines
    Check,
    /// Adds everything up anew from the facts, beside the sums that are shown
    #[command(after_help = "Examples:
  strata dashboard rebuild --reason restored")]
    Rebuild {
        /// Why, for the log
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

pub(super) async fn run(arguments: DashboardArguments) -> anyhow::Result<u8> {
    let client = PositionServiceClient::new(arguments.token.connect(&arguments.server)?);
    let form = arguments.output;
    match arguments.command {
        Command::Unbilled(filter) => show::unbilled(client, form, filter).await,
        Command::Wip(filter) => show::wip(client, form, filter).await,
        Command::Margins(filter) => show::margins(client, form, filter).await,
        Command::Status => show::status(client, form).await,
        Command::Check => show::check(client, form).await,
        Command::Rebuild { reason } => show::rebuild(client, form, reason).await,
    }
}
