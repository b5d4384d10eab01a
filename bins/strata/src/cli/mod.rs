//! The command line.

mod actor;
mod audit;
mod backup;
mod books;
mod certs;
mod contracts;
mod dashboard;
mod demo;
mod events;
mod examples;
mod exceptions;
mod migrate;
mod progress;
mod quota;
mod restore;
mod rows;
mod serve;
mod table;
mod token;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::{FAILED, exit_code};

/// Typed gRPC integration platform for professional-services firms.
#[derive(Debug, Parser)]
#[command(
    name = "strata",
    version,
    about,
    max_term_width = 110,
    after_help = "Exit codes: 0 done; 1 the books differ, or the work failed; 2 wrong arguments or settings; 64 and the gRPC \
                  code when a server refuses; 100 a check found something.\n\n\
                  Start with: strata demo"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lives a firm's year on this machine, and compares its books with what must have come out
    Demo(Box<demo::DemoArguments>),
    /// Runs a server
    Serve(serve::ServeArguments),
    /// Brings a database up to date
    Migrate(migrate::MigrateArguments),
    /// Takes a backup of a database, and reads it back
    Backup(backup::BackupArguments),
    /// Puts a backup into a database
    Restore(restore::RestoreArguments),
    /// Shows events that could not be taken, and delivers events again
    Events(events::EventsArguments),
    /// Whether PSA, platform and ERP say the same, and the close of months
    Books(books::BooksArguments),
    /// What is unbilled, in progress and earned
    Dashboard(dashboard::DashboardArguments),
    /// What the contracts promise, and what changed in them
    Contracts(contracts::ContractsArguments),
    /// What is stuck, and what to do about it
    Exceptions(exceptions::ExceptionArguments),
    /// Who did what
    Audit(audit::AuditArguments),
    /// What vendors' accounts allow, and who holds how much of it
    Quota(quota::QuotaArguments),
    /// Certificates for development
    Certs(certs::CertsArguments),
}

/// Runs the program.
pub fn main() -> ExitCode {
    let command = Arguments::parse().command;
    strata_rpc::hide_panics();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("strata: the runtime cannot be started: {error}");
            return ExitCode::from(FAILED);
        }
    };
    let ended = runtime.block_on(async {
        match command {
            Command::Demo(arguments) => demo::run(*arguments).await,
            Command::Serve(arguments) => serve::run(arguments).await,
            Command::Migrate(arguments) => migrate::run(arguments).await,
            Command::Backup(arguments) => backup::run(arguments).await,
            Command::Restore(arguments) => restore::run(arguments).await,
            Command::Events(arguments) => events::run(arguments).await,
            Command::Books(arguments) => books::run(arguments).await,
            Command::Dashboard(arguments) => dashboard::run(arguments).await,
            Command::Contracts(arguments) => contracts::run(arguments).await,
            Command::Exceptions(arguments) => exceptions::run(arguments).await,
            Command::Audit(arguments) => audit::run(arguments).await,
            Command::Quota(arguments) => quota::run(arguments).await,
            Command::Certs(arguments) => certs::run(&arguments),
        }
    });
    // A unit of work that hangs must not keep the program from ending.
    runtime.shutdown_background();
    match ended {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("strata: {error:#}");
            ExitCode::from(exit_code(&error))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_example_of_the_help_is_understood() {
        let mut seen = 0;
        let mut waiting = vec![Arguments::command()];
        while let Some(command) = waiting.pop() {
            waiting.extend(command.get_subcommands().cloned());
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            for line in help.lines().filter_map(|line| line.strip_prefix("  strata ")) {
                // What stands after two blanks explains the example.
                let words = line.split("  ").next().unwrap_or_default().split_whitespace();
                let parsed = Arguments::try_parse_from(["strata"].into_iter().chain(words));
                assert!(parsed.is_ok(), "{line}: {parsed:?}");
                seen += 1;
            }
        }
        assert!(seen >= 12, "{seen} examples");
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        for wrong in [
            "strata demo --data x --entries 5",
            "strata demo --entries 0",
            "strata demo --entries 1000001",
            "strata demo --store mysql://db",
            "strata demo --json --output table",
            "strata serve system",
            "strata serve system --vendor sap",
            "strata serve master --dev-clock yesterday",
            "strata serve master --set store.url",
            "strata migrate",
            "strata migrate --store sqlite:a.db --roles --print-roles",
            "strata backup --store sqlite:a.db",
            "strata backup --verify a --to b",
            "strata restore --store sqlite:a.db",
            "strata restore a",
            "strata demo --bus kafka://x",
            "strata events",
            "strata events dead-letters dlt_1 --state dead",
            "strata events redrive",
            "strata events redrive dlt_1 --all",
            "strata events redrive --plan epl_1 --all",
            "strata events replay --from yesterday --consumer c",
            "strata events replay",
            "strata books balance",
            "strata books balance --from 2025-1",
            "strata books lines 2025-13",
            "strata books close reopen 2025-01",
            "strata books repair 2025-01 time 7 reverse --reason x",
            "strata contracts",
            "strata contracts diff released",
            "strata contracts catalog -o yaml",
            "strata exceptions skip exc_00000000000000000000",
            "strata audit",
            "strata audit verify",
            "strata audit list --certificate-file a.pem",
            "strata certs",
            "strata quota",
            "strata quota list",
            "strata quota set --store sqlite:a.db --at-once 5",
            "strata quota set 7 --store sqlite:a.db",
            "strata quota set 7 --store sqlite:a.db --at-once 5 --per-second 0",
            "strata exceptions retry",
            "strata exceptions retry exc_00000000000000000000 --cause PERIOD_CLOSED",
            "strata exceptions list --cause NO_SUCH_THING",
            "strata exceptions edit exc_00000000000000000000 --reason x",
            "strata exceptions edit exc_00000000000000000000 --reason mended --date yesterday",
        ] {
            let parsed = Arguments::try_parse_from(wrong.split_whitespace());
            assert_eq!(parsed.unwrap_err().exit_code(), 2, "{wrong}");
        }
    }
}
