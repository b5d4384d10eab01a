//! Balances, their lines, and the history of postings.

use clap::{Args, ValueEnum};
use strata_contract::strata::process::reconciliation::v1 as pb;

use super::{Client, Form, Kind, month, print};
use crate::error::{DONE, FAILED};

/// Most records on one page of the answer.
const PAGE: i32 = 1000;

/// A range of months.
#[derive(Debug, Args)]
pub(super) struct Range {
    /// First month
    #[arg(long, value_name = "YYYY-MM", value_parser = month)]
    from: String,
    /// Last month. Default: the first
    #[arg(long, value_name = "YYYY-MM", value_parser = month)]
    to: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct BalanceArguments {
    #[command(flatten)]
    range: Range,
    /// Only this kind
    #[arg(long, value_name = "KIND")]
    kind: Option<Kind>,
    /// Only this project, contract or pair of companies
    #[arg(long, value_name = "CODE", default_value = "")]
    subject: String,
    /// Only cells that differ
    #[arg(long)]
    differing: bool,
}

#[derive(Debug, Args)]
pub(super) struct LinesArguments {
    /// Month
    #[arg(value_name = "YYYY-MM", value_parser = month)]
    period: String,
    /// Only this kind
    #[arg(long, value_name = "KIND")]
    kind: Option<Kind>,
    /// Only this project, contract or pair of companies
    #[arg(long, value_name = "CODE", default_value = "")]
    subject: String,
    /// Only lines that stand so
    #[arg(long, value_name = "STATE")]
    state: Option<State>,
}

/// How a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum State {
    /// All systems say the same.
    Agrees,
    /// Something is on its way.
    InFlight,
    /// An exception or a person's decision stands for it.
    Excepted,
    /// The systems differ.
    Differs,
    /// A person accepted the difference.
    Accepted,
}

impl State {
    fn message(self) -> pb::LineState {
        match self {
            Self::Agrees => pb::LineState::Agrees,
            Self::InFlight => pb::LineState::InFlight,
            Self::Excepted => pb::LineState::Excepted,
            Self::Differs => pb::LineState::Differs,
            Self::Accepted => pb::LineState::Accepted,
        }
    }
}

pub(super) async fn reconcile(mut client: Client, form: Form, range: Range) -> anyhow::Result<u8> {
    let request = pb::ReconcileBooksRequest {
        to_period: range.to.unwrap_or_else(|| range.from.clone()),
        from_period: range.from,
    };
    let answer = client.reconcile_books(request).await?.into_inner();
    match form {
        Form::Json => print::json(&answer)?,
        Form::Table => println!(
            "{} lines in {} cells: {} differ, {} in flight, {} excepted",
            answer.lines, answer.cells, answer.differing, answer.in_flight, answer.excepted
        ),
    }
    Ok(if answer.differing == 0 { DONE } else { FAILED })
}

pub(super) async fn balance(mut client: Client, form: Form, asked: BalanceArguments) -> anyhow::Result<u8> {
    let mut all = pb::ListBalancesResponse::default();
    loop {
        let request = pb::ListBalancesRequest {
            page_size: PAGE,
            page_token: all.next_page_token,
            from_period: asked.range.from.clone(),
            to_period: asked.range.to.clone().unwrap_or_else(|| asked.range.from.clone()),
            kind: asked.kind.map(Kind::message).unwrap_or_default().into(),
            subject: asked.subject.clone(),
            differing: asked.differing,
        };
        let page = client.list_balances(request).await?.into_inner();
        all.balances.extend(page.balances);
        all.next_page_token = page.next_page_token;
        if all.next_page_token.is_empty() {
            break;
        }
    }
    match form {
        Form::Json => print::json(&all)?,
        Form::Table => print::balances(&all),
    }
    let differs = all.balances.iter().any(|cell| cell.differing > 0);
    Ok(if differs { FAILED } else { DONE })
}

pub(super) async fn lines(mut client: Client, form: Form, asked: LinesArguments) -> anyhow::Result<u8> {
    let mut all = pb::ListBalanceLinesResponse::default();
    loop {
        let request = pb::ListBalanceLinesRequest {
            page_size: PAGE,
            page_token: all.next_page_token,
            period: asked.period.clone(),
            kind: asked.kind.map(Kind::message).unwrap_or_default().into(),
            subject: asked.subject.clone(),
            state: asked.state.map(State::message).unwrap_or_default().into(),
        };
        let page = client.list_balance_lines(request).await?.into_inner();
        all.lines.extend(page.lines);
        all.next_page_token = page.next_page_token;
        if all.next_page_token.is_empty() {
            break;
        }
    }
    match form {
        Form::Json => print::json(&all)?,
        Form::Table => print::lines(&all),
    }
    Ok(DONE)
}

pub(super) async fn history(mut client: Client, form: Form, key: String) -> anyhow::Result<u8> {
    let mut all = pb::ListPostingEventsResponse::default();
    loop {
        let request = pb::ListPostingEventsRequest {
            key: key.clone(),
            page_size: PAGE,
            page_token: all.next_page_token,
        };
        let page = client.list_posting_events(request).await?.into_inner();
        all.events.extend(page.events);
        all.next_page_token = page.next_page_token;
        if all.next_page_token.is_empty() {
            break;
        }
    }
    match form {
        Form::Json => print::json(&all)?,
        Form::Table => print::events(&all),
    }
    Ok(DONE)
}

pub(super) async fn backlog(mut client: Client, form: Form) -> anyhow::Result<u8> {
    let answer = client
        .get_posting_backlog(pb::GetPostingBacklogRequest {})
        .await?
        .into_inner();
    match form {
        Form::Json => print::json(&answer)?,
        Form::Table => print::backlogs(&answer),
    }
    Ok(DONE)
}
