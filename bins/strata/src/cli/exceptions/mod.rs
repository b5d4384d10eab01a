//! `strata exceptions`.

mod act;
mod ask;
pub(in crate::cli) mod print;

use clap::{Args, Subcommand, ValueEnum};
use strata_contract::Transport;
use strata_contract::strata::process::exception::v1 as pb;
use strata_contract::strata::process::exception::v1::exception_service_client::ExceptionServiceClient;

use crate::cli::token::Token;
use crate::error::DONE;
use act::{AssignArguments, EditArguments, ReasonArguments, RetryArguments};
use ask::{Filter, Owner};

/// Most exceptions on one page of the answer.
const PAGE: i32 = 1000;

type Client = ExceptionServiceClient<Transport>;

/// What is stuck, who mends it, and what may be done.
///
/// Every action is audited under the name of --as. With --dry-run it says what it would do, and does nothing.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  strata exceptions group
  strata exceptions list --owner finance --overdue
  strata exceptions show exc_3f8k2m9qw7xz1v5b6n4c
  strata exceptions retry --cause PERIOD_CLOSED --reason reopened --dry-run

Exit codes: 0 done; 1 some of a bulk action were not done; 2 wrong arguments; 64 and the gRPC code when the server refuses
(69 not found, 73 not in this state, 78 not reachable).")]
pub(super) struct ExceptionArguments {
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
    /// Lists exceptions, those due first before the others
    #[command(after_help = "Examples:
  strata exceptions list
  strata exceptions list --owner finance --overdue
  strata exceptions list --state skipped --output json")]
    List {
        #[command(flatten)]
        filter: Filter,
        /// Most exceptions to show. Default: all
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        limit: Option<u32>,
    },
    /// Counts open exceptions by cause and owner, with what is at stake
    #[command(after_help = "Examples:
  strata exceptions group
  strata exceptions group --owner pmo")]
    Group {
        /// Only what this role mends
        #[arg(long, value_name = "ROLE")]
        owner: Option<Owner>,
    },
    /// Shows one exception, what may be done about it, and what was done
    #[command(after_help = "Examples:
  strata exceptions show exc_3f8k2m9qw7xz1v5b6n4c")]
    Show {
        /// Id
        id: String,
    },
    /// Tries again now: one exception, or all that fit a filter
    #[command(after_help = "Examples:
  strata exceptions retry exc_3f8k2m9qw7xz1v5b6n4c
  strata exceptions retry --cause PERIOD_CLOSED --reason reopened --yes")]
    Retry(RetryArguments),
    /// Edits our own data and tries again. The vendor's record stays as it is
    #[command(after_help = "Examples:
  strata exceptions edit exc_3f8k2m9qw7xz1v5b6n4c --receipt DMS-2025-0117 --reason scanned
  strata exceptions edit exc_3f8k2m9qw7xz1v5b6n4c --date 2025-01-06 --reason typo
  strata exceptions edit exc_3f8k2m9qw7xz1v5b6n4c --project prj_3f8k2m9qw7xz1v5b6n4c --task T1 --reason moved")]
    Edit(EditArguments),
    /// Leaves lines out of the books, with a reason. A retry takes them up again
    #[command(after_help = "Examples:
  strata exceptions skip exc_3f8k2m9qw7xz1v5b6n4c --reason immaterial
  strata exceptions skip --cause RECEIPT_MISSING --owner finance --reason waived --dry-run")]
    Skip(ReasonArguments),
    /// Gives exceptions to a person
    #[command(after_help = "Examples:
  strata exceptions assign exc_3f8k2m9qw7xz1v5b6n4c --to eva@firm.example
  strata exceptions assign --owner finance --to eva@firm.example --yes")]
    Assign(AssignArguments),
    /// Calls lines off for good, and withdraws what was meant
    #[command(after_help = "Examples:
  strata exceptions cancel exc_3f8k2m9qw7xz1v5b6n4c --reason duplicate")]
    Cancel(ReasonArguments),
}

pub(super) async fn run(arguments: ExceptionArguments) -> anyhow::Result<u8> {
    let client = ExceptionServiceClient::new(arguments.token.connect(&arguments.server)?);
    let form = arguments.output;
    match arguments.command {
        Command::List { filter, limit } => list(client, form, &filter, limit).await,
        Command::Group { owner } => group(client, form, owner).await,
        Command::Show { id } => show(client, form, id).await,
        Command::Retry(arguments) => act::retry(client, form, arguments).await,
        Command::Edit(arguments) => act::edit(client, form, arguments).await,
        Command::Skip(arguments) => act::skip(client, form, arguments).await,
        Command::Assign(arguments) => act::assign(client, form, arguments).await,
        Command::Cancel(arguments) => act::cancel(client, form, arguments).await,
    }
}

async fn list(mut client: Client, form: Form, filter: &Filter, limit: Option<u32>) -> anyhow::Result<u8> {
    let most = limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let mut all = pb::ListExceptionsResponse::default();
    let asked = filter.read();
    loop {
        let request = pb::ListExceptionsRequest {
            page_size: i32::try_from(most - all.exceptions.len()).unwrap_or(PAGE).min(PAGE),
            page_token: all.next_page_token,
            state: asked.state,
            engagement_id: asked.engagement_id.clone(),
            cause: asked.cause,
            owner_role: asked.owner_role,
            assignee: asked.assignee.clone(),
            overdue: asked.overdue,
        };
        let page = client.list_exceptions(request).await?.into_inner();
        all.exceptions.extend(page.exceptions);
        all.next_page_token = page.next_page_token;
        if all.next_page_token.is_empty() || all.exceptions.len() >= most {
            break;
        }
    }
    match form {
        Form::Json => print::json(&all)?,
        Form::Table => print::list(&all),
    }
    Ok(DONE)
}

async fn group(mut client: Client, form: Form, owner: Option<Owner>) -> anyhow::Result<u8> {
    let request = pb::GroupExceptionsRequest {
        owner_role: owner.map(Owner::role).unwrap_or_default().into(),
        ..pb::GroupExceptionsRequest::default()
    };
    let answer = client.group_exceptions(request).await?.into_inner();
    match form {
        Form::Json => print::json(&answer)?,
        Form::Table => print::groups(&answer),
    }
    Ok(DONE)
}

async fn show(mut client: Client, form: Form, exception_id: String) -> anyhow::Result<u8> {
    let answer = client
        .get_exception(pb::GetExceptionRequest { exception_id })
        .await?
        .into_inner();
    match form {
        Form::Json => print::json(&answer)?,
        Form::Table => print::one(&answer),
    }
    Ok(DONE)
}
