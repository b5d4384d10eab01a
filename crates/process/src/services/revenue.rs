//! What contracts earn.

use std::collections::BTreeSet;

use strata_contract::strata::common::v1::{ContractType, Money as PbMoney};
use strata_contract::strata::error::v1::Reason;
use strata_contract::strata::process::revenue::v1 as pb;
use strata_contract::strata::process::revenue::v1::revenue_service_server::RevenueService;
use strata_contract::strata::system::erp::v1::Journal;
use strata_contract::{date, pb_date, pb_money};
use strata_kernel::{Date, Error, Result, month_of};
use strata_rpc::{page::Page, status};
use strata_store::both;
use tonic::{Request, Response, Status};

use super::Services;
use crate::periods;
use crate::revenue::{self, Part, Position};
use crate::store::rows::RevenueRow;
use crate::store::{lite, pg};

#[tonic::async_trait]
impl RevenueService for Services {
    async fn list_revenue(&self, request: Request<pb::ListRevenueRequest>) -> Result<Response<pb::ListRevenueResponse>, Status> {
        self.revenue(request.into_inner()).await.map(Response::new).map_err(status)
    }

    async fn get_contract_position(
        &self,
        request: Request<pb::GetContractPositionRequest>,
    ) -> Result<Response<pb::GetContractPositionResponse>, Status> {
        self.position(request.into_inner()).await.map(Response::new).map_err(status)
    }

    async fn list_contract_positions(
        &self,
        request: Request<pb::ListContractPositionsRequest>,
    ) -> Result<Response<pb::ListContractPositionsResponse>, Status> {
        self.positions(request.into_inner()).await.map(Response::new).map_err(status)
    }

    async fn preview_revenue(
        &self,
        request: Request<pb::PreviewRevenueRequest>,
    ) -> Result<Response<pb::PreviewRevenueResponse>, Status> {
        self.preview(request.into_inner()).await.map(Response::new).map_err(status)
    }
}

impl Services {
    async fn revenue(&self, asked: pb::ListRevenueRequest) -> Result<pb::ListRevenueResponse> {
        let page = Page::ask(
            asked.page_size,
            &asked.page_token,
            &format!("{}|{}", asked.contract_number, asked.period),
        )?;
        let (after, limit) = (page.after().to_owned(), page.limit());
        let (contract, period) = (asked.contract_number, asked.period);
        let mut rows = self
            .0
            .db
            .read(move |c| both!(c, revenue::list(&contract, &period, &after, limit)))
            .await?;
        let next_page_token = page.cut(&mut rows, |row| row.key.clone());
        let keys = rows.iter().map(|row| row.journal_key.clone()).filter(|key| !key.is_empty());
        let mut journals = periods::booked_on(&self.0, keys.collect::<BTreeSet<_>>().into_iter().collect()).await?;
        for journal in journals.values_mut() {
            journal.lines.clear();
        }
        let event = |row: RevenueRow| {
            let journal = journals.get(&row.journal_key).cloned().unwrap_or_default();
            event(row, journal)
        };
        Ok(pb::ListRevenueResponse {
            events: rows.into_iter().map(event).collect(),
            next_page_token,
        })
    }

    async fn position(&self, asked: pb::GetContractPositionRequest) -> Result<pb::GetContractPositionResponse> {
        let end = month_end(&asked.period)?;
        let found = revenue::positions(&self.0, vec![asked.contract_number.clone()], &asked.period, end).await?;
        let name = format!("{} {}", asked.contract_number, asked.period);
        let held = found.into_iter().next().ok_or_else(|| Error::not_found("position", &name))?;
        Ok(pb::GetContractPositionResponse {
            position: Some(position(held, &asked.period, end)),
        })
    }

    async fn positions(&self, asked: pb::ListContractPositionsRequest) -> Result<pb::ListContractPositionsResponse> {
        let end = month_end(&asked.period)?;
        let page = Page::ask(asked.page_size, &asked.page_token, &asked.period)?;
        let (after, limit, period) = (page.after().to_owned(), page.limit(), asked.period.clone());
        let mut numbers = self
            .0
            .db
            .read(move |c| both!(c, revenue::closed(revenue::kind::REVENUE, &period, &after, limit)))
            .await?;
        let next_page_token = page.cut(&mut numbers, String::clone);
        let found = revenue::positions(&self.0, numbers, &asked.period, end).await?;
        Ok(pb::ListContractPositionsResponse {
            positions: found.into_iter().map(|held| position(held, &asked.period, end)).collect(),
            next_page_token,
        })
    }

    async fn preview(&self, asked: pb::PreviewRevenueRequest) -> Result<pb::PreviewRevenueResponse> {
        let known = asked.known_date.as_ref();
        let known = known.map_or_else(
            || Ok(self.0.today()),
            |day| date(day).map_err(|refusal| refusal.at("known_date")),
        )?;
        let parts = revenue::preview(&self.0, &asked.contract_number, month_end(&asked.period)?, known).await?;
        Ok(pb::PreviewRevenueResponse {
            parts: parts.into_iter().map(previewed).collect(),
        })
    }
}

/// Last day of a period.
fn month_end(period: &str) -> Result<Date> {
    let first = format!("{period}-01").parse::<Date>();
    let first = first.map_err(|cause| Error::invalid("period", format!("\"{period}\" is no month")).because(cause))?;
    Ok(month_of(first).1)
}

fn event(row: RevenueRow, journal: Journal) -> pb::RevenueEvent {
    let amount = |minor_units| {
        Some(PbMoney {
            currency_code: row.currency_code.clone(),
            minor_units,
        })
    };
    let state = match row.state.as_str() {
        "RECOGNISED" => pb::RevenueState::Recognised,
        "POSTED" => pb::RevenueState::Posted,
        _ => pb::RevenueState::Nothing,
    };
    pb::RevenueEvent {
        kind: kind(&row.kind).into(),
        contract_type: ContractType::from_str_name(&row.contract_type).unwrap_or_default().into(),
        measure: measure(&row.measure).into(),
        cumulative_before: amount(row.cumulative_before),
        cumulative: amount(row.cumulative),
        amount: amount(row.amount),
        known_date: Some(pb_date(row.known_on)),
        warning: warning(&row.warning).into(),
        state: state.into(),
        key: row.key,
        contract_number: row.contract_number,
        engagement_id: row.engagement_id,
        period: row.period,
        basis: row.basis,
        journal_key: row.journal_key,
        erp_id: row.erp_id,
        posting_date: journal.posting_date,
        original_period: journal.original_period,
    }
}

fn position(held: Position, period: &str, end: Date) -> pb::ContractPosition {
    pb::ContractPosition {
        contract_number: held.contract_number,
        engagement_id: held.engagement_id,
        period: period.to_owned(),
        period_end_date: Some(pb_date(end)),
        cumulative_revenue: Some(pb_money(held.revenue)),
        cumulative_billed: Some(pb_money(held.billed)),
        unbilled_receivable: Some(pb_money(held.balances.unbilled_receivable)),
        contract_asset: Some(pb_money(held.balances.contract_asset)),
        contract_liability: Some(pb_money(held.balances.contract_liability)),
    }
}

fn previewed(part: Part) -> pb::RevenuePreview {
    pb::RevenuePreview {
        kind: kind(part.kind).into(),
        measure: measure(part.earned.measure).into(),
        cumulative_before: Some(pb_money(part.before)),
        cumulative: Some(pb_money(part.earned.cumulative)),
        amount: Some(pb_money(part.amount)),
        basis: part.earned.basis,
        warning: warning(part.earned.warning.unwrap_or_default()).into(),
    }
}

fn kind(name: &str) -> pb::RevenueKind {
    match name {
        revenue::kind::EXPENSE => pb::RevenueKind::ExpenseRevenue,
        _ => pb::RevenueKind::Revenue,
    }
}

fn measure(name: &str) -> pb::RevenueMeasure {
    pb::RevenueMeasure::from_str_name(&format!("REVENUE_MEASURE_{name}")).unwrap_or_default()
}

fn warning(name: &str) -> Reason {
    Reason::from_str_name(&format!("REASON_{name}")).unwrap_or_default()
}
