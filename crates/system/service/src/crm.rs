//! The CRM contract over its port: each method is one line into the adapter.

use std::sync::Arc;

use strata_contract::strata::system::crm::v1 as pb;
use strata_port::CrmSystem;
use strata_rpc::status;
use tonic::{Request, Response, Status};

/// Serves a CRM adapter.
pub struct CrmServer(pub Arc<dyn CrmSystem>);

#[tonic::async_trait]
impl pb::crm_service_server::CrmService for CrmServer {
    async fn get_capabilities(
        &self,
        _: Request<pb::GetCapabilitiesRequest>,
    ) -> Result<Response<pb::GetCapabilitiesResponse>, Status> {
        Ok(Response::new(pb::GetCapabilitiesResponse {
            capabilities: Some(self.0.capabilities()),
        }))
    }

    async fn list_opportunity_changes(
        &self,
        request: Request<pb::ListOpportunityChangesRequest>,
    ) -> Result<Response<pb::ListOpportunityChangesResponse>, Status> {
        self.0
            .list_opportunity_changes(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn get_sale(&self, request: Request<pb::GetSaleRequest>) -> Result<Response<pb::GetSaleResponse>, Status> {
        self.0.get_sale(request.into_inner()).await.map(Response::new).map_err(status)
    }

    async fn list_rate_line_changes(
        &self,
        request: Request<pb::ListRateLineChangesRequest>,
    ) -> Result<Response<pb::ListRateLineChangesResponse>, Status> {
        self.0
            .list_rate_line_changes(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn list_amendment_changes(
        &self,
        request: Request<pb::ListAmendmentChangesRequest>,
    ) -> Result<Response<pb::ListAmendmentChangesResponse>, Status> {
        self.0
            .list_amendment_changes(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn list_milestone_changes(
        &self,
        request: Request<pb::ListMilestoneChangesRequest>,
    ) -> Result<Response<pb::ListMilestoneChangesResponse>, Status> {
        self.0
            .list_milestone_changes(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn record_engagement(
        &self,
        request: Request<pb::RecordEngagementRequest>,
    ) -> Result<Response<pb::RecordEngagementResponse>, Status> {
        self.0
            .record_engagement(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn put_invoice_status(
        &self,
        request: Request<pb::PutInvoiceStatusRequest>,
    ) -> Result<Response<pb::PutInvoiceStatusResponse>, Status> {
        self.0
            .put_invoice_status(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }
}
