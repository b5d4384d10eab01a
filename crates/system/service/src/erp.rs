//! The ERP contract over its port: each method is a line or two into the adapter.

use std::sync::Arc;

use strata_contract::strata::system::erp::v1 as pb;
use strata_port::{ErpSystem, journal};
use strata_rpc::status;
use tonic::{Request, Response, Status};

/// Serves a ERP adapter.
pub struct ErpServer(pub Arc<dyn ErpSystem>);

#[tonic::async_trait]
impl pb::erp_service_server::ErpService for ErpServer {
    async fn get_capabilities(
        &self,
        _: Request<pb::GetCapabilitiesRequest>,
    ) -> Result<Response<pb::GetCapabilitiesResponse>, Status> {
        Ok(Response::new(pb::GetCapabilitiesResponse {
            capabilities: Some(self.0.capabilities()),
        }))
    }

    async fn get_reference_data(
        &self,
        request: Request<pb::GetReferenceDataRequest>,
    ) -> Result<Response<pb::GetReferenceDataResponse>, Status> {
        self.0
            .get_reference_data(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn list_exchange_rate_changes(
        &self,
        request: Request<pb::ListExchangeRateChangesRequest>,
    ) -> Result<Response<pb::ListExchangeRateChangesResponse>, Status> {
        self.0
            .list_exchange_rate_changes(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn list_transfer_rate_changes(
        &self,
        request: Request<pb::ListTransferRateChangesRequest>,
    ) -> Result<Response<pb::ListTransferRateChangesResponse>, Status> {
        self.0
            .list_transfer_rate_changes(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn list_accounting_periods(
        &self,
        request: Request<pb::ListAccountingPeriodsRequest>,
    ) -> Result<Response<pb::ListAccountingPeriodsResponse>, Status> {
        self.0
            .list_accounting_periods(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn put_customer(&self, request: Request<pb::PutCustomerRequest>) -> Result<Response<pb::PutCustomerResponse>, Status> {
        self.0
            .put_customer(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn put_contract(&self, request: Request<pb::PutContractRequest>) -> Result<Response<pb::PutContractResponse>, Status> {
        self.0
            .put_contract(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn put_project(&self, request: Request<pb::PutProjectRequest>) -> Result<Response<pb::PutProjectResponse>, Status> {
        self.0
            .put_project(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn put_employee(&self, request: Request<pb::PutEmployeeRequest>) -> Result<Response<pb::PutEmployeeResponse>, Status> {
        self.0
            .put_employee(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn post_time(&self, request: Request<pb::PostTimeRequest>) -> Result<Response<pb::PostTimeResponse>, Status> {
        self.0
            .post_time(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn list_time_postings(
        &self,
        request: Request<pb::ListTimePostingsRequest>,
    ) -> Result<Response<pb::ListTimePostingsResponse>, Status> {
        self.0
            .list_time_postings(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn post_document(
        &self,
        request: Request<pb::PostDocumentRequest>,
    ) -> Result<Response<pb::PostDocumentResponse>, Status> {
        self.0
            .post_document(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn post_journal(&self, request: Request<pb::PostJournalRequest>) -> Result<Response<pb::PostJournalResponse>, Status> {
        let request = request.into_inner();
        let journal = request.journal.as_ref();
        journal.map_or(Ok(()), journal::check).map_err(status)?;
        self.0.post_journal(request).await.map(Response::new).map_err(status)
    }

    async fn list_document_changes(
        &self,
        request: Request<pb::ListDocumentChangesRequest>,
    ) -> Result<Response<pb::ListDocumentChangesResponse>, Status> {
        self.0
            .list_document_changes(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn list_postings(
        &self,
        request: Request<pb::ListPostingsRequest>,
    ) -> Result<Response<pb::ListPostingsResponse>, Status> {
        self.0
            .list_postings(request.into_inner())
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
