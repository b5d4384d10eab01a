//! Master data: engagements.

use strata_contract::strata::master::v1::*;
use strata_kernel::Error;
use strata_rpc::status;
use tonic::{Request, Response, Status};

use super::{Below, page};

#[tonic::async_trait]
impl engagement_service_server::EngagementService for Below {
    async fn get_engagement(&self, request: Request<GetEngagementRequest>) -> Result<Response<GetEngagementResponse>, Status> {
        self.call("GetEngagement")?;
        let id = request.into_inner().engagement_id;
        let held = self.held().engagements.iter().find(|e| e.id == id).cloned();
        let engagement = held.ok_or_else(|| status(Error::not_found("engagement", &id)))?;
        Ok(Response::new(GetEngagementResponse {
            engagement: Some(engagement),
        }))
    }

    async fn list_engagements(
        &self,
        request: Request<ListEngagementsRequest>,
    ) -> Result<Response<ListEngagementsResponse>, Status> {
        self.call("ListEngagements")?;
        let q = request.into_inner();
        let mut rows = self.held().engagements.clone();
        let customer = |e: &Engagement| e.customer.as_ref().is_some_and(|who| who.id == q.customer_id);
        rows.retain(|e| q.customer_id.is_empty() || customer(e));
        let (engagements, next_page_token) = page(rows, |e| e.id.clone(), q.page_size, &q.page_token, "")?;
        Ok(Response::new(ListEngagementsResponse {
            engagements,
            next_page_token,
        }))
    }

    async fn put_engagement(&self, _: Request<PutEngagementRequest>) -> Result<Response<PutEngagementResponse>, Status> {
        Err(Status::unimplemented("not asked for"))
    }

    async fn put_internal_project(
        &self,
        _: Request<PutInternalProjectRequest>,
    ) -> Result<Response<PutInternalProjectResponse>, Status> {
        Err(Status::unimplemented("not asked for"))
    }

    async fn batch_get_projects(
        &self,
        _: Request<BatchGetProjectsRequest>,
    ) -> Result<Response<BatchGetProjectsResponse>, Status> {
        Err(Status::unimplemented("not asked for"))
    }
}
