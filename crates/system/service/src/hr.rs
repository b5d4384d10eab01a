//! The HR contract over its port: each method is one line into the adapter.

use std::sync::Arc;

use strata_contract::strata::system::hr::v1 as pb;
use strata_port::HrSystem;
use strata_rpc::status;
use tonic::{Request, Response, Status};

/// Serves a HR adapter.
pub struct HrServer(pub Arc<dyn HrSystem>);

#[tonic::async_trait]
impl pb::hr_service_server::HrService for HrServer {
    async fn get_capabilities(
        &self,
        _: Request<pb::GetCapabilitiesRequest>,
    ) -> Result<Response<pb::GetCapabilitiesResponse>, Status> {
        Ok(Response::new(pb::GetCapabilitiesResponse {
            capabilities: Some(self.0.capabilities()),
        }))
    }

    async fn list_worker_changes(
        &self,
        request: Request<pb::ListWorkerChangesRequest>,
    ) -> Result<Response<pb::ListWorkerChangesResponse>, Status> {
        self.0
            .list_worker_changes(request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }
}
