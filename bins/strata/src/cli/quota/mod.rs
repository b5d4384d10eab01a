//! `strata quota`.

mod list;
mod set;

use clap::{Args, Subcommand};

/// What vendors' accounts allow to all servers that share them, and who holds how much of it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  strata quota list --store sqlite:strata.db
  strata quota set netsuite/1234567 --at-once 15 --store postgres://strata@db.example/strata")]
pub(super) struct QuotaArguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Shows accounts, and what is held of them
    List(list::ListArguments),
    /// Changes what an account allows
    Set(set::SetArguments),
}

pub(super) async fn run(arguments: QuotaArguments) -> anyhow::Result<u8> {
    match arguments.command {
        Command::List(arguments) => list::run(arguments).await,
        Command::Set(arguments) => set::run(arguments).await,
    }
}
