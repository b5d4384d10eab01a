//! `strata events dead-letters`.

use clap::{Args, ValueEnum};
use strata_contract::strata::process::operations::v1::{
    DeadLetterFilter, DeadLetterState, GetDeadLetterRequest, ListDeadLettersRequest, ListDeadLettersResponse,
};

use super::{Common, refused, show};
use crate::error::DONE;

/// Lists events that a consumer could not take, or shows one with its body and every try.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  strata events dead-letters
  strata events dead-letters --state retrying --consumer invoice-status
  strata events dead-letters dlt_0123456789abcdefghjk
  strata events dead-letters --all --output json --server 10.0.0.7:7430")]
pub(super) struct DeadLettersArguments {
    /// Show this one
    #[arg(value_name = "ID", conflicts_with_all = ["consumer", "event_type", "state", "all"])]
    id: Option<String>,
    /// Of this consumer
    #[arg(long, value_name = "NAME", default_value = "")]
    consumer: String,
    /// Of this kind of event, with its version
    #[arg(long = "type", id = "event_type", value_name = "TYPE", default_value = "")]
    event_type: String,
    /// In this state. Default: any
    #[arg(long)]
    state: Option<State>,
    /// All of them rather than the first 50
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    common: Common,
}

/// State of a dead letter.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum State {
    /// Tried again by itself.
    Retrying,
    /// Given up.
    Dead,
    /// Taken after all.
    Redriven,
}

pub(super) async fn run(arguments: DeadLettersArguments) -> anyhow::Result<u8> {
    let mut client = arguments.common.client()?;
    if let Some(dead_letter_id) = arguments.id {
        let answer = client.get_dead_letter(GetDeadLetterRequest { dead_letter_id }).await;
        let answer = answer.map_err(refused)?.into_inner();
        arguments.common.print(&answer, |answer| {
            answer.dead_letter.as_ref().map(show::letter).unwrap_or_default()
        })?;
        return Ok(DONE);
    }
    let state = match arguments.state {
        None => DeadLetterState::Unspecified,
        Some(State::Retrying) => DeadLetterState::Retrying,
        Some(State::Dead) => DeadLetterState::Dead,
        Some(State::Redriven) => DeadLetterState::Redriven,
    };
    let mut request = ListDeadLettersRequest {
        filter: Some(DeadLetterFilter {
            consumer: arguments.consumer,
            event_type: arguments.event_type,
            ..DeadLetterFilter::default()
        }),
        state: state.into(),
        page_size: if arguments.all { 1000 } else { 0 },
        ..ListDeadLettersRequest::default()
    };
    let mut whole = ListDeadLettersResponse::default();
    loop {
        let page = client.list_dead_letters(request.clone()).await.map_err(refused)?.into_inner();
        whole.dead_letters.extend(page.dead_letters);
        whole.next_page_token = page.next_page_token;
        if !arguments.all || whole.next_page_token.is_empty() {
            break;
        }
        request.page_token.clone_from(&whole.next_page_token);
    }
    arguments.common.print(&whole, |whole| {
        show::letters(&whole.dead_letters, !whole.next_page_token.is_empty())
    })?;
    Ok(DONE)
}
