//! The gRPC service. Each verb has its own file; here errors become statuses.

use futures::stream::BoxStream;
use strata_contract::strata::experience::delivery::v1 as pb;
use strata_rpc::status;
use tonic::{Request, Response, Status};

use crate::Delivery;

#[tonic::async_trait]
impl pb::delivery_service_server::DeliveryService for Delivery {
    async fn list_engagements(
        &self,
        request: Request<pb::ListEngagementsRequest>,
    ) -> Result<Response<pb::ListEngagementsResponse>, Status> {
        let answer = self.engagements(request.into_inner()).await;
        answer.map(Response::new).map_err(status)
    }

    async fn get_timeline(&self, request: Request<pb::GetTimelineRequest>) -> Result<Response<pb::GetTimelineResponse>, Status> {
        let answer = self.timeline(request.into_inner()).await;
        answer.map(Response::new).map_err(status)
    }

    async fn list_unbilled_time(
        &self,
        request: Request<pb::ListUnbilledTimeRequest>,
    ) -> Result<Response<pb::ListUnbilledTimeResponse>, Status> {
        let answer = self.unbilled_time(request.into_inner()).await;
        answer.map(Response::new).map_err(status)
    }

    type WatchEngagementStream = BoxStream<'static, Result<pb::WatchEngagementResponse, Status>>;

    async fn watch_engagement(
        &self,
        request: Request<pb::WatchEngagementRequest>,
    ) -> Result<Response<Self::WatchEngagementStream>, Status> {
        let stream = self.watch(request.into_inner()).await;
        stream.map(Response::new).map_err(status)
    }
}
