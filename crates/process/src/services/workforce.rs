//! Reports on people's time.

use strata_contract::strata::process::workforce::v1 as pb;
use strata_contract::strata::process::workforce::v1::workforce_report_service_server::WorkforceReportService;
use strata_kernel::Result;
use strata_rpc::status;
use tonic::{Request, Response, Status};

use super::Services;
use crate::{months, workforce};

#[tonic::async_trait]
impl WorkforceReportService for Services {
    async fn list_utilization(
        &self,
        request: Request<pb::ListUtilizationRequest>,
    ) -> Result<Response<pb::ListUtilizationResponse>, Status> {
        self.utilization(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn list_time_entries(
        &self,
        request: Request<pb::ListTimeEntriesRequest>,
    ) -> Result<Response<pb::ListTimeEntriesResponse>, Status> {
        let listed = workforce::time_entries(&self.0, request.into_inner()).await;
        listed.map(Response::new).map_err(status)
    }
}

impl Services {
    async fn utilization(&self, asked: pb::ListUtilizationRequest) -> Result<pb::ListUtilizationResponse> {
        let months = months::between(&asked.from_period, &asked.to_period)?;
        let known = self.day(asked.known_date.as_ref(), "known_date")?;
        let utilization = workforce::utilization(&self.0, &months, &asked.legal_entity_code, known).await?;
        Ok(pb::ListUtilizationResponse { utilization })
    }
}
