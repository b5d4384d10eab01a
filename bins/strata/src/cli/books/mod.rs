//! `strata books`.

mod close;
mod print;
mod repair;
mod show;

use clap::{Args, Subcommand, ValueEnum};
use strata_contract::Transport;
use strata_contract::strata::process::reconciliation::v1 as pb;
use strata_contract::strata::process::reconciliation::v1::reconciliation_service_client::ReconciliationServiceClient;

use crate::cli::token::Token;

type Client = ReconciliationServiceClient<Transport>;

/// Whether PSA, platform and ERP say the same, line by line, and the close of months.
///
/// approved = posted + excepted + in flight, per project or contract, month and currency.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  strata books reconcile --from 2025-01 --to 2025-03
  strata books balance --from 2025-01 --differing
  strata books lines 2025-01 --state differs
  strata books backlog
  strata books close begin 2025-01 --as eva@firm.example

Exit codes: 0 done; 1 something differs; 2 wrong arguments; 64 and the gRPC code when the server refuses (69 not found, 73 not in
this state, 78 not reachable).")]
pub(super) struct BooksArguments {
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
    /// Reads PSA and ERP, and compares them with the ledger
    #[command(after_help = "Examples:
  strata books reconcile --from 2025-01
  strata books reconcile --from 2025-01 --to 2025-12 -o json")]
    Reconcile(show::Range),
    /// Shows the equation of each cell, as it was reconciled last
    #[command(after_help = "Examples:
  strata books balance --from 2025-01
  strata books balance --from 2025-01 --to 2025-03 --kind time --subject PR-00001
  strata books balance --from 2025-01 --differing -o json")]
    Balance(show::BalanceArguments),
    /// Shows the lines of a month, and what puts each right
    #[command(after_help = "Examples:
  strata books lines 2025-01 --state differs
  strata books lines 2025-01 --kind document --subject CT-00001")]
    Lines(show::LinesArguments),
    /// Shows what happened to a posting in the ledger
    #[command(after_help = "Examples:
  strata books history inv:CT-00001:2025-01")]
    History {
        /// Key of the posting
        key: String,
    },
    /// Shows what waits to be posted, how fast it goes, and when it will be done
    #[command(after_help = "Examples:
  strata books backlog
  strata books backlog -o json")]
    Backlog,
    /// Does what puts a line right: retry, look-up, read-again or accept
    #[command(after_help = "Examples:
  strata books repair 2025-01 journal rev:CT-00001:2025-01 look-up --reason checked
  strata books repair 2025-01 time 4711 accept --reason immaterial --as eva@firm.example")]
    Repair(repair::RepairArguments),
    /// Freezes a month, shows how far its close is, signs it off, or reopens it
    #[command(after_help = "Examples:
  strata books close begin 2025-01
  strata books close show 2025-01
  strata books close sign-off 2025-01 --as eva@firm.example
  strata books close reopen 2025-01 --reason correction")]
    Close(close::CloseArguments),
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Approved time, by project.
    Time,
    /// Invoices and credit memos, by contract.
    Document,
    /// Journals of revenue and of charges between companies.
    Journal,
}

impl Kind {
    fn message(self) -> pb::BookKind {
        match self {
            Self::Time => pb::BookKind::Time,
            Self::Document => pb::BookKind::Document,
            Self::Journal => pb::BookKind::Journal,
        }
    }
}

/// A month as people write it.
fn month(text: &str) -> Result<String, String> {
    let is_month = format!("{text}-01").parse::<chrono::NaiveDate>().is_ok() && text.len() == 7;
    is_month
        .then(|| text.to_owned())
        .ok_or_else(|| "write a month as 2025-03".to_owned())
}

pub(super) async fn run(arguments: BooksArguments) -> anyhow::Result<u8> {
    let client = ReconciliationServiceClient::new(arguments.token.connect(&arguments.server)?);
    let form = arguments.output;
    match arguments.command {
        Command::Reconcile(range) => show::reconcile(client, form, range).await,
        Command::Balance(arguments) => show::balance(client, form, arguments).await,
        Command::Lines(arguments) => show::lines(client, form, arguments).await,
        Command::Backlog => show::backlog(client, form).await,
        Command::History { key } => show::history(client, form, key).await,
        Command::Repair(arguments) => repair::repair(client, form, arguments).await,
        Command::Close(arguments) => close::close(client, form, arguments).await,
    }
}
