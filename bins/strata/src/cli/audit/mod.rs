//! `strata audit`.

mod list;
mod verify;

use clap::{Args, Subcommand};

/// Who did what: shows the audit log, and verifies that nothing of it was changed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  strata audit list
  strata audit list --object exception/exc_0123456789abcdefghjk -o json
  strata audit verify --store sqlite:strata.db
  strata audit verify --store postgres://strata_reader@db.example/strata --key-file /run/secrets/audit --kept 5f0c")]
pub(super) struct AuditArguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Shows who did what, newest first
    List(list::ListArguments),
    /// Follows the chain of a database's log, and its seals
    Verify(verify::VerifyArguments),
}

pub(super) async fn run(arguments: AuditArguments) -> anyhow::Result<u8> {
    match arguments.command {
        Command::List(arguments) => list::run(arguments).await,
        Command::Verify(arguments) => verify::run(arguments).await,
    }
}
