//! The PSA contract over its port: each method is one line into the adapter.

use std::sync::Arc;

use strata_contract::strata::system::psa::v1 as pb;
use strata_port::PsaSystem;
use strata_rpc::status;
use tonic::{Request, Response, Status};

/// Serves a PSA adapter.
pub struct PsaServer(pub Arc<dyn PsaSystem>);

#[tonic::async_trait]
impl pb::psa_service_server::PsaService for PsaServer {
    async fn get_capabilities(
        &self,
        _: Request<pb::GetCapabilitiesRequest>,
    ) -> Result<Response<pb::GetCapabilitiesResponse>, Status> {
        Ok(Response::new(pb::GetCapabilitiesResponse {
            capabilities: Some(self.0.capabilities()),
        }))
    }

    async fn put_client(&self, request: Request<pb::PutClientRequest>) -> Result<Response<pb::PutClientResponse>, Status> {
        self.0
            .put_client(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn create_project(
        &self,
        request: Request<pb::CreateProjectRequest>,
    ) -> Result<Response<pb::CreateProjectResponse>, Status> {
        self.0
            .create_project(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn create_tasks(&self, request: Request<pb::CreateTasksRequest>) -> Result<Response<pb::CreateTasksResponse>, Status> {
        self.0
            .create_tasks(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn create_milestone(
        &self,
        request: Request<pb::CreateMilestoneRequest>,
    ) -> Result<Response<pb::CreateMilestoneResponse>, Status> {
        self.0
            .create_milestone(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn put_rate_card(&self, request: Request<pb::PutRateCardRequest>) -> Result<Response<pb::PutRateCardResponse>, Status> {
        self.0
            .put_rate_card(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn create_staffing_demand(
        &self,
        request: Request<pb::CreateStaffingDemandRequest>,
    ) -> Result<Response<pb::CreateStaffingDemandResponse>, Status> {
        self.0
            .create_staffing_demand(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn put_resource(&self, request: Request<pb::PutResourceRequest>) -> Result<Response<pb::PutResourceResponse>, Status> {
        self.0
            .put_resource(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn put_cost_rate(&self, request: Request<pb::PutCostRateRequest>) -> Result<Response<pb::PutCostRateResponse>, Status> {
        self.0
            .put_cost_rate(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn end_resource(&self, request: Request<pb::EndResourceRequest>) -> Result<Response<pb::EndResourceResponse>, Status> {
        self.0
            .end_resource(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn list_project_changes(
        &self,
        request: Request<pb::ListProjectChangesRequest>,
    ) -> Result<Response<pb::ListProjectChangesResponse>, Status> {
        self.0
            .list_project_changes(request.into_inner())
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

    async fn list_time_entry_changes(
        &self,
        request: Request<pb::ListTimeEntryChangesRequest>,
    ) -> Result<Response<pb::ListTimeEntryChangesResponse>, Status> {
        self.0
            .list_time_entry_changes(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn list_approved_time(
        &self,
        request: Request<pb::ListApprovedTimeRequest>,
    ) -> Result<Response<pb::ListApprovedTimeResponse>, Status> {
        self.0
            .list_approved_time(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn list_expense_changes(
        &self,
        request: Request<pb::ListExpenseChangesRequest>,
    ) -> Result<Response<pb::ListExpenseChangesResponse>, Status> {
        self.0
            .list_expense_changes(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn put_invoice(&self, request: Request<pb::PutInvoiceRequest>) -> Result<Response<pb::PutInvoiceResponse>, Status> {
        self.0
            .put_invoice(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn lookup_by_key(&self, request: Request<pb::LookupByKeyRequest>) -> Result<Response<pb::LookupByKeyResponse>, Status> {
        self.0
            .lookup_by_key(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }
}
