//! Asks for the sums, and shows them.

use clap::{Args, ValueEnum};
use strata_contract::strata::process::position::v1 as pb;

use super::{Client, Form, print};
use crate::cli::exceptions::print::json;
use crate::error::{DONE, FAILED};

/// Records on one page of the answer.
const PAGE: i32 = 1000;

/// Which sums.
#[derive(Debug, Args)]
pub(super) struct Filter {
    /// By what is added up
    #[arg(long, value_name = "LEVEL", default_value = "project")]
    by: Level,
    /// The smallest amount first
    #[arg(long)]
    smallest_first: bool,
    /// Only of this contract
    #[arg(long, value_name = "NUMBER", default_value = "")]
    contract: String,
    /// Only of this project
    #[arg(long, value_name = "CODE", default_value = "")]
    project: String,
    /// Only of this legal entity
    #[arg(long, value_name = "CODE", default_value = "")]
    entity: String,
    /// Only of this customer, by our id
    #[arg(long, value_name = "ID", default_value = "")]
    customer: String,
    /// Only this month. Default: everything to date
    #[arg(long, value_name = "YYYY-MM", default_value = "")]
    period: String,
    /// Only this currency
    #[arg(long, value_name = "CODE", default_value = "")]
    currency: String,
    /// All of them rather than the first 50
    #[arg(long)]
    all: bool,
}

/// By what is added up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Level {
    /// A row for each project.
    Project,
    /// A row for each contract.
    Contract,
}

impl Filter {
    fn page_size(&self) -> i32 {
        if self.all { PAGE } else { 0 }
    }

    fn message(&self) -> pb::PositionFilter {
        let level = match self.by {
            Level::Project => pb::PositionLevel::Project,
            Level::Contract => pb::PositionLevel::Contract,
        };
        let order = if self.smallest_first {
            pb::PositionOrder::SmallestFirst
        } else {
            pb::PositionOrder::LargestFirst
        };
        pb::PositionFilter {
            level: level.into(),
            order: order.into(),
            contract_number: self.contract.clone(),
            project_code: self.project.clone(),
            legal_entity_code: self.entity.clone(),
            customer_id: self.customer.clone(),
            period: self.period.clone(),
            currency_code: self.currency.clone(),
        }
    }
}

pub(super) async fn unbilled(mut client: Client, form: Form, filter: Filter) -> anyhow::Result<u8> {
    let mut all = pb::ListUnbilledPositionsResponse::default();
    loop {
        let request = pb::ListUnbilledPositionsRequest {
            page_size: filter.page_size(),
            page_token: std::mem::take(&mut all.next_page_token),
            filter: Some(filter.message()),
        };
        let page = client.list_unbilled_positions(request).await?.into_inner();
        all.positions.extend(page.positions);
        all.totals.extend(page.totals);
        all.freshness = page.freshness;
        all.next_page_token = page.next_page_token;
        if !filter.all || all.next_page_token.is_empty() {
            break;
        }
    }
    match form {
        Form::Json => json(&all)?,
        Form::Table => print::unbilled(&all),
    }
    Ok(DONE)
}

pub(super) async fn wip(mut client: Client, form: Form, filter: Filter) -> anyhow::Result<u8> {
    let mut all = pb::ListWipPositionsResponse::default();
    loop {
        let request = pb::ListWipPositionsRequest {
            page_size: filter.page_size(),
            page_token: std::mem::take(&mut all.next_page_token),
            filter: Some(filter.message()),
        };
        let page = client.list_wip_positions(request).await?.into_inner();
        all.positions.extend(page.positions);
        all.totals.extend(page.totals);
        all.freshness = page.freshness;
        all.next_page_token = page.next_page_token;
        if !filter.all || all.next_page_token.is_empty() {
            break;
        }
    }
    match form {
        Form::Json => json(&all)?,
        Form::Table => print::wip(&all),
    }
    Ok(DONE)
}

pub(super) async fn margins(mut client: Client, form: Form, filter: Filter) -> anyhow::Result<u8> {
    let mut all = pb::ListMarginPositionsResponse::default();
    loop {
        let request = pb::ListMarginPositionsRequest {
            page_size: filter.page_size(),
            page_token: std::mem::take(&mut all.next_page_token),
            filter: Some(filter.message()),
        };
        let page = client.list_margin_positions(request).await?.into_inner();
        all.positions.extend(page.positions);
        all.totals.extend(page.totals);
        all.freshness = page.freshness;
        all.next_page_token = page.next_page_token;
        if !filter.all || all.next_page_token.is_empty() {
            break;
        }
    }
    match form {
        Form::Json => json(&all)?,
        Form::Table => print::margins(&all),
    }
    Ok(DONE)
}

pub(super) async fn status(mut client: Client, form: Form) -> anyhow::Result<u8> {
    let answer = client
        .get_position_status(pb::GetPositionStatusRequest {})
        .await?
        .into_inner();
    match form {
        Form::Json => json(&answer)?,
        Form::Table => print::status(&answer),
    }
    Ok(DONE)
}

pub(super) async fn check(mut client: Client, form: Form) -> anyhow::Result<u8> {
    let answer = client.check_positions(pb::CheckPositionsRequest {}).await?.into_inner();
    match form {
        Form::Json => json(&answer)?,
        Form::Table => print::check(&answer),
    }
    Ok(if answer.differing == 0 { DONE } else { FAILED })
}

pub(super) async fn rebuild(mut client: Client, form: Form, reason: String) -> anyhow::Result<u8> {
    let request = pb::RebuildPositionsRequest { reason };
    let answer = client.rebuild_positions(request).await?.into_inner();
    match form {
        Form::Json => json(&answer)?,
        Form::Table => println!(
            "generation {} is being built; strata dashboard status shows when it is shown",
            answer.building
        ),
    }
    Ok(DONE)
}
