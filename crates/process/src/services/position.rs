//! What is unbilled, in progress and earned.

use strata_contract::strata::common::v1::Money;
use strata_contract::strata::process::position::v1 as pb;
use strata_contract::strata::process::position::v1::position_service_server::PositionService;
use strata_kernel::{Error, Result};
use strata_rpc::status;
use tonic::{Request, Response, Status};

use super::Services;
use super::audit::touching;
use crate::positions::{self, Measure, Sums};
use crate::store::rows_positions::PositionCell;

#[tonic::async_trait]
impl PositionService for Services {
    async fn list_unbilled_positions(
        &self,
        request: Request<pb::ListUnbilledPositionsRequest>,
    ) -> Result<Response<pb::ListUnbilledPositionsResponse>, Status> {
        self.unbilled(request.into_inner()).await.map(Response::new).map_err(status)
    }

    async fn list_wip_positions(
        &self,
        request: Request<pb::ListWipPositionsRequest>,
    ) -> Result<Response<pb::ListWipPositionsResponse>, Status> {
        self.wip(request.into_inner()).await.map(Response::new).map_err(status)
    }

    async fn list_margin_positions(
        &self,
        request: Request<pb::ListMarginPositionsRequest>,
    ) -> Result<Response<pb::ListMarginPositionsResponse>, Status> {
        self.margins(request.into_inner()).await.map(Response::new).map_err(status)
    }

    async fn get_position_status(
        &self,
        _request: Request<pb::GetPositionStatusRequest>,
    ) -> Result<Response<pb::GetPositionStatusResponse>, Status> {
        positions::status(&self.0).await.map(Response::new).map_err(status)
    }

    async fn check_positions(
        &self,
        _request: Request<pb::CheckPositionsRequest>,
    ) -> Result<Response<pb::CheckPositionsResponse>, Status> {
        positions::check(&self.0).await.map(Response::new).map_err(status)
    }

    async fn rebuild_positions(
        &self,
        request: Request<pb::RebuildPositionsRequest>,
    ) -> Result<Response<pb::RebuildPositionsResponse>, Status> {
        let before = positions::status(&self.0).await.map_err(status)?;
        let building = positions::rebuild(&self.0, &request.get_ref().reason).await.map_err(status)?;
        let answer = pb::RebuildPositionsResponse { building };
        let after = building.to_string();
        Ok(touching(answer, "positions".to_owned(), before.building.to_string(), after))
    }
}

impl Services {
    async fn unbilled(&self, asked: pb::ListUnbilledPositionsRequest) -> Result<pb::ListUnbilledPositionsResponse> {
        let page = (asked.page_size, asked.page_token.as_str());
        let listed = positions::list(&self.0, Measure::Unbilled, asked.filter, page).await?;
        let position = |cell: &PositionCell| {
            Ok(pb::UnbilledPosition {
                of: Some(of(cell)),
                entries: count(cell.unbilled_entries)?,
                billable_minutes: cell.unbilled_minutes,
                amount: money(&cell.currency_code, cell.unbilled_minor),
            })
        };
        let total = |(currency, sums): &(String, Sums)| {
            Ok(pb::UnbilledTotal {
                entries: count(sums.unbilled_entries)?,
                billable_minutes: sums.unbilled_minutes,
                amount: money(currency, sums.unbilled_minor),
            })
        };
        Ok(pb::ListUnbilledPositionsResponse {
            positions: listed.cells.iter().map(position).collect::<Result<_>>()?,
            next_page_token: listed.next_page_token,
            totals: listed.totals.iter().map(total).collect::<Result<_>>()?,
            freshness: Some(listed.freshness),
        })
    }

    async fn wip(&self, asked: pb::ListWipPositionsRequest) -> Result<pb::ListWipPositionsResponse> {
        let page = (asked.page_size, asked.page_token.as_str());
        let listed = positions::list(&self.0, Measure::Wip, asked.filter, page).await?;
        let position = |cell: &PositionCell| pb::WipPosition {
            of: Some(of(cell)),
            earned: money(&cell.currency_code, cell.earned_minor),
            billed: money(&cell.currency_code, cell.billed_minor),
            earned_not_billed: money(&cell.currency_code, cell.wip_minor.max(0)),
            billed_not_earned: money(&cell.currency_code, cell.wip_minor.min(0).saturating_neg()),
        };
        let total = |(currency, sums): &(String, Sums)| pb::WipTotal {
            earned: money(currency, sums.earned_minor),
            billed: money(currency, sums.billed_minor),
            earned_not_billed: money(currency, sums.earned_not_billed),
            billed_not_earned: money(currency, sums.billed_not_earned),
        };
        Ok(pb::ListWipPositionsResponse {
            positions: listed.cells.iter().map(position).collect(),
            next_page_token: listed.next_page_token,
            totals: listed.totals.iter().map(total).collect(),
            freshness: Some(listed.freshness),
        })
    }

    async fn margins(&self, asked: pb::ListMarginPositionsRequest) -> Result<pb::ListMarginPositionsResponse> {
        let page = (asked.page_size, asked.page_token.as_str());
        let listed = positions::list(&self.0, Measure::Margin, asked.filter, page).await?;
        let position = |cell: &PositionCell| pb::MarginPosition {
            of: Some(of(cell)),
            minutes: cell.cost_minutes,
            revenue: money(&cell.currency_code, cell.earned_minor),
            labour_cost: money(&cell.currency_code, cell.cost_minor),
            margin: money(&cell.currency_code, cell.earned_minor.saturating_sub(cell.cost_minor)),
        };
        let total = |(currency, sums): &(String, Sums)| pb::MarginTotal {
            minutes: sums.cost_minutes,
            revenue: money(currency, sums.earned_minor),
            labour_cost: money(currency, sums.cost_minor),
            margin: money(currency, sums.earned_minor.saturating_sub(sums.cost_minor)),
        };
        Ok(pb::ListMarginPositionsResponse {
            positions: listed.cells.iter().map(position).collect(),
            next_page_token: listed.next_page_token,
            totals: listed.totals.iter().map(total).collect(),
            freshness: Some(listed.freshness),
        })
    }
}

fn of(cell: &PositionCell) -> pb::PositionOf {
    pb::PositionOf {
        contract_number: cell.contract_number.clone(),
        project_code: cell.project_code.clone(),
        legal_entity_code: cell.legal_entity_code.clone(),
        customer_id: cell.customer_id.clone(),
        engagement_id: cell.engagement_id.clone(),
        period: cell.period.clone(),
    }
}

fn money(currency: &str, minor_units: i64) -> Option<Money> {
    Some(Money {
        currency_code: currency.to_owned(),
        minor_units,
    })
}

fn count(entries: i64) -> Result<u64> {
    u64::try_from(entries).map_err(Error::internal)
}
