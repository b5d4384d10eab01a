//! The gRPC service. Each verb has its own file; here names become ids, and errors become statuses.

use futures::StreamExt;
use futures::stream::BoxStream;
use strata_contract::strata::experience::delivery::v2 as pb;
use strata_kernel::Error;
use strata_rpc::status;
use tonic::{Request, Response, Status};

use crate::Delivery;
use crate::below::named;
use crate::names::engagement_id;
use crate::whose::whose;

#[tonic::async_trait]
impl pb::delivery_service_server::DeliveryService for Delivery {
    async fn list_engagements(
        &self,
        request: Request<pb::ListEngagementsRequest>,
    ) -> Result<Response<pb::ListEngagementsResponse>, Status> {
        let answer = self.engagements(request.into_inner()).await;
        answer.map(Response::new).map_err(status)
    }

    async fn get_engagement(
        &self,
        request: Request<pb::GetEngagementRequest>,
    ) -> Result<Response<pb::GetEngagementResponse>, Status> {
        let q = request.into_inner();
        let engagement = self.one_engagement(engagement_id(&q.name)).await;
        let engagement = engagement.map_err(|error| at(error, "name"))?;
        Ok(Response::new(pb::GetEngagementResponse {
            engagement: Some(engagement),
        }))
    }

    async fn list_timeline_entries(
        &self,
        request: Request<pb::ListTimelineEntriesRequest>,
    ) -> Result<Response<pb::ListTimelineEntriesResponse>, Status> {
        let q = request.into_inner();
        let id = engagement_id(&q.parent);
        let answer = async {
            // First, so that an unknown engagement has one answer whatever else is wrong.
            let whose = whose(&self.engagement(id).await?);
            self.timeline(whose, id, q.page_size, q.page_token).await
        };
        answer.await.map(Response::new).map_err(|error| at(error, "parent"))
    }

    async fn list_invoices(
        &self,
        request: Request<pb::ListInvoicesRequest>,
    ) -> Result<Response<pb::ListInvoicesResponse>, Status> {
        let q = request.into_inner();
        let id = engagement_id(&q.parent);
        let answer = async {
            let whose = whose(&self.engagement(id).await?);
            self.invoices(whose, id, q.page_size, q.page_token).await
        };
        answer.await.map(Response::new).map_err(|error| at(error, "parent"))
    }

    async fn list_unbilled_time(
        &self,
        request: Request<pb::ListUnbilledTimeRequest>,
    ) -> Result<Response<pb::ListUnbilledTimeResponse>, Status> {
        let answer = self.unbilled_time(request.into_inner()).await;
        answer.map(Response::new).map_err(|error| at(error, "engagement"))
    }

    type WatchEngagementStream = BoxStream<'static, Result<pb::WatchEngagementResponse, Status>>;

    async fn watch_engagement(
        &self,
        request: Request<pb::WatchEngagementRequest>,
    ) -> Result<Response<Self::WatchEngagementStream>, Status> {
        let q = request.into_inner();
        let stream = self.watch(engagement_id(&q.name), q.after_sequence).await;
        let stream = stream.map_err(|error| at(error, "name"))?;
        Ok(Response::new(
            stream.map(|told| told.map_err(|error| at(error, "name"))).boxed(),
        ))
    }
}

/// A refusal, with the engagement as the field that names it here.
fn at(error: Error, field: &str) -> Status {
    status(named(error, field))
}
