//! `strata contracts`.

mod callers;
mod source;

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use self::source::Source;
use crate::cli::token::Token;

/// Version of the program, for documents.
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Exit code of a check that found something.
const FOUND: u8 = 100;

/// What the contracts promise, what changed in them, and whether they say what they must.
///
/// Contracts come from a descriptor set, from a folder of protos, or by name: built-in (of this program), released (of the last release
/// before it was built).
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  strata contracts catalog
  strata contracts catalog proto -o html
  strata contracts diff released proto
  strata contracts check proto
  strata contracts asyncapi

Exit codes: 0 done; 2 wrong arguments, or no contracts there; 64 and the gRPC code when a server refuses; 100 something was found.")]
pub(super) struct ContractsArguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists services with their policies, events, records and states
    #[command(after_help = "Examples:
  strata contracts catalog
  strata contracts catalog released -o json
  strata contracts catalog -o html
  strata contracts catalog --server 127.0.0.1:7400")]
    Catalog {
        /// Contracts to list
        #[arg(default_value = "built-in", value_name = "CONTRACTS")]
        of: Source,
        /// Form of what is printed; html has everything
        #[arg(short, long, value_name = "FORM", default_value = "table")]
        output: CatalogForm,
        /// Also says who still calls what goes, as this server has counted since it started
        #[arg(long, value_name = "ADDR")]
        server: Option<String>,
        #[command(flatten)]
        token: Token,
    },
    /// Says what changed, as a client feels it: breaking, stricter, policy, looser, added
    #[command(after_help = "Examples:
  strata contracts diff released built-in
  strata contracts diff proto/released.binpb proto -o json")]
    Diff {
        /// Contracts before
        #[arg(value_name = "BEFORE")]
        before: Source,
        /// Contracts after
        #[arg(value_name = "AFTER")]
        after: Source,
        /// Form of what is printed
        #[arg(short, long, value_name = "FORM", default_value = "table")]
        output: Form,
    },
    /// Finds what the architects would: policies that are missing, and what clients may notice since the release
    #[command(after_help = "Examples:
  strata contracts check proto
  strata contracts check proto --against none
  strata contracts check proto --against proto/released.binpb -o json")]
    Check {
        /// Contracts to check
        #[arg(default_value = "built-in", value_name = "CONTRACTS")]
        of: Source,
        /// Contracts to compare with; none: compare with nothing
        #[arg(long, value_name = "CONTRACTS", default_value = "released")]
        against: Against,
        /// Form of what is printed
        #[arg(short, long, value_name = "FORM", default_value = "table")]
        output: Form,
    },
    /// Prints the events as an AsyncAPI 3 document
    #[command(after_help = "Examples:
  strata contracts asyncapi
  strata contracts asyncapi proto")]
    Asyncapi {
        /// Contracts whose events are printed
        #[arg(default_value = "built-in", value_name = "CONTRACTS")]
        of: Source,
    },
}

/// Form of a catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CatalogForm {
    /// For people at a terminal: services and events.
    Table,
    /// For programs.
    Json,
    /// For a browser: one page.
    Html,
}

/// Form of what is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people.
    Table,
    /// For programs.
    Json,
}

/// What a check compares with.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Against(Option<Source>);

impl std::str::FromStr for Against {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let source = (text != "none").then(|| text.parse()).transpose()?;
        Ok(Self(source))
    }
}

pub(super) async fn run(arguments: ContractsArguments) -> anyhow::Result<u8> {
    match arguments.command {
        Command::Catalog {
            of,
            output,
            server,
            token,
        } => {
            let mut catalogue = strata_catalog::read(&of.pool()?);
            if let Some(server) = server {
                catalogue.usage = Some(callers::ask(&server, &token).await?);
            }
            match output {
                CatalogForm::Table => print!("{}", strata_catalog::table(&catalogue)),
                CatalogForm::Json => json(&catalogue)?,
                CatalogForm::Html => print!("{}", strata_catalog::html(&catalogue, VERSION)),
            }
            Ok(0)
        }
        Command::Diff { before, after, output } => {
            let changes = strata_catalog::diff(&before.pool()?, &after.pool()?);
            match output {
                Form::Table => print!("{}", strata_catalog::changes(&changes)),
                Form::Json => json(&changes)?,
            }
            Ok(found(changes.iter().any(|change| change.class.needs_a_decision())))
        }
        Command::Check { of, against, output } => {
            let against = against.0.map(|source| source.pool()).transpose()?;
            let findings = strata_catalog::check(&of.pool()?, against.as_ref());
            match output {
                Form::Table => print!("{}", strata_catalog::findings(&findings)),
                Form::Json => json(&findings)?,
            }
            Ok(found(!findings.is_empty()))
        }
        Command::Asyncapi { of } => {
            let pool = of.pool()?;
            json(&strata_catalog::asyncapi(&pool, &strata_catalog::read(&pool), VERSION))?;
            Ok(0)
        }
    }
}

fn found(something: bool) -> u8 {
    if something { FOUND } else { 0 }
}

fn json(value: &impl Serialize) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}
