//! Whether systems that hold the same facts agree.

use strata_contract::require_date;
use strata_contract::strata::process::reconciliation::v1 as pb;
use strata_contract::strata::process::reconciliation::v1::reconciliation_service_server::ReconciliationService;
use strata_kernel::Result;
use strata_rpc::status;
use tonic::{Request, Response, Status};

use super::Services;
use crate::reconciliation;

#[tonic::async_trait]
impl ReconciliationService for Services {
    async fn reconcile_time(
        &self,
        request: Request<pb::ReconcileTimeRequest>,
    ) -> Result<Response<pb::ReconcileTimeResponse>, Status> {
        self.reconcile(request.into_inner()).await.map(Response::new).map_err(status)
    }

    async fn list_findings(
        &self,
        request: Request<pb::ListFindingsRequest>,
    ) -> Result<Response<pb::ListFindingsResponse>, Status> {
        reconciliation::findings(&self.0, request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }
}

impl Services {
    async fn reconcile(&self, asked: pb::ReconcileTimeRequest) -> Result<pb::ReconcileTimeResponse> {
        let from = require_date(asked.from_date.as_ref(), "from_date")?;
        let to = require_date(asked.to_date.as_ref(), "to_date")?;
        reconciliation::reconcile_time(&self.0, from, to).await
    }
}
