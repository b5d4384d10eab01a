//! `strata audit list`.

use std::fmt::Write;

use clap::Args;
use strata_contract::instant;
use strata_contract::strata::process::operations::v1::audit_service_client::AuditServiceClient;
use strata_contract::strata::process::operations::v1::{AuditEvent, ListAuditEventsRequest, ListAuditEventsResponse};

use crate::cli::exceptions::print;
use crate::cli::token::Token;
use crate::error::DONE;
use crate::serve::Output;

/// Shows who did what, newest first. A call has two rows: one from before it, one from after it with the code of its answer.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  strata audit list
  strata audit list --subject eva@firm.example --all
  strata audit list --method /strata.process.reconciliation.v1.ReconciliationService/SignOffClose -o json")]
pub(super) struct ListArguments {
    /// Of this caller
    #[arg(long, value_name = "NAME", default_value = "")]
    subject: String,
    /// Of this method, as /package.Service/Method
    #[arg(long, value_name = "PATH", default_value = "")]
    method: String,
    /// What changed this, as exception/ID, close/MONTH/COMPANY or line/MONTH/LINE/CURRENCY
    #[arg(long, value_name = "NAME", default_value = "")]
    object: String,
    /// Of the calls with this correlation id
    #[arg(long, value_name = "ID", default_value = "")]
    correlation_id: String,
    /// All of them rather than the newest 50
    #[arg(long)]
    all: bool,
    /// Process server
    #[arg(long, value_name = "ADDR", env = "STRATA_PROCESS", default_value = "127.0.0.1:7430")]
    server: String,
    /// Form of what is printed
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    output: Output,
    #[command(flatten)]
    token: Token,
}

pub(super) async fn run(arguments: ListArguments) -> anyhow::Result<u8> {
    let mut client = AuditServiceClient::new(arguments.token.connect(&arguments.server)?);
    let mut request = ListAuditEventsRequest {
        page_size: if arguments.all { 1000 } else { 0 },
        page_token: String::new(),
        subject: arguments.subject,
        method: arguments.method,
        object: arguments.object,
        correlation_id: arguments.correlation_id,
    };
    let mut whole = ListAuditEventsResponse::default();
    loop {
        let page = client
            .list_audit_events(request.clone())
            .await
            .map_err(strata_rpc::error)?
            .into_inner();
        whole.audit_events.extend(page.audit_events);
        whole.next_page_token = page.next_page_token;
        if !arguments.all || whole.next_page_token.is_empty() {
            break;
        }
        request.page_token.clone_from(&whole.next_page_token);
    }
    match arguments.output {
        Output::Json => print::json(&whole)?,
        Output::Text => print!("{}", rows(&whole)),
    }
    Ok(DONE)
}

fn rows(whole: &ListAuditEventsResponse) -> String {
    if whole.audit_events.is_empty() {
        return "nobody did anything\n".to_owned();
    }
    let mut out = String::new();
    for event in &whole.audit_events {
        let _ = writeln!(out, "{}", row(event).trim_end());
    }
    if !whole.next_page_token.is_empty() {
        out.push_str("there are more: --all lists them\n");
    }
    out
}

fn row(event: &AuditEvent) -> String {
    let time = event.time.as_ref().and_then(|time| instant(time).ok());
    let time = time
        .map(|time| time.format("%Y-%m-%d %H:%M:%S").to_string())
        .unwrap_or_default();
    let method = event.method.rsplit('.').next().unwrap_or_default();
    let code = if event.begun_sequence == 0 {
        "begins"
    } else {
        event.code.as_str()
    };
    format!(
        "{:>6}  {time}  {:<20}  {method:<44}  {code:<20}  {}",
        event.sequence, event.subject, event.object
    )
}
