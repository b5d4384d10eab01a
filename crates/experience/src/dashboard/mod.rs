//! Dashboards: the sums that the process tier keeps, as portals see them. One file per verb.

mod ask;
mod list_margins;
mod list_unbilled_time;
mod list_work_in_progress;

use strata_contract::Transport;
use strata_contract::strata::experience::dashboard::v1 as pb;
use strata_contract::strata::process::position::v1::position_service_client::PositionServiceClient;
use strata_rpc::status;
use tonic::{Request, Response, Status};

/// What a partner or a controller looks at. Cloning shares the transport.
#[derive(Clone)]
pub(crate) struct Dashboard {
    positions: PositionServiceClient<Transport>,
}

impl Dashboard {
    /// Dashboards over the process tier. Nothing is called before a portal asks.
    pub(crate) fn new(process: Transport) -> Self {
        Self {
            positions: PositionServiceClient::new(process),
        }
    }
}

#[tonic::async_trait]
impl pb::dashboard_service_server::DashboardService for Dashboard {
    async fn list_unbilled_time(
        &self,
        request: Request<pb::ListUnbilledTimeRequest>,
    ) -> Result<Response<pb::ListUnbilledTimeResponse>, Status> {
        let answer = self.unbilled_time(request.into_inner()).await;
        answer.map(Response::new).map_err(status)
    }

    async fn list_work_in_progress(
        &self,
        request: Request<pb::ListWorkInProgressRequest>,
    ) -> Result<Response<pb::ListWorkInProgressResponse>, Status> {
        let answer = self.work_in_progress(request.into_inner()).await;
        answer.map(Response::new).map_err(status)
    }

    async fn list_margins(&self, request: Request<pb::ListMarginsRequest>) -> Result<Response<pb::ListMarginsResponse>, Status> {
        let answer = self.margins(request.into_inner()).await;
        answer.map(Response::new).map_err(status)
    }
}
