//! `strata.experience.delivery.v1`, which goes: the same verbs, told in its words. Nothing is asked or decided here.
//!
//! What v2 says and v1 has no place for is left out: the type of an invoice and its key, the engagement of unbilled time, and why an
//! engagement is not mobilised. Values that v1 has no word for are empty.

mod records;
#[cfg(test)]
mod round_trip_tests;

use futures::StreamExt;
use futures::stream::BoxStream;
use strata_contract::strata::experience::delivery::v1 as pb;
use strata_contract::strata::experience::delivery::v2;
use strata_kernel::Result as Answer;
use strata_rpc::status;
use tonic::{Request, Response, Status};

use crate::Delivery;
use crate::pages::{self, PAGE};
use crate::whose::{Owners, whose};

/// The verbs of v2 in the words of v1.
#[derive(Clone)]
pub(crate) struct Translated(pub(crate) Delivery);

impl Translated {
    /// A page of the story, and on its first page every invoice.
    async fn timeline(&self, q: pb::GetTimelineRequest) -> Answer<pb::GetTimelineResponse> {
        let Self(v2) = self;
        let whose = whose(&v2.engagement(&q.engagement_id).await?);
        let is_first = q.page_token.is_empty();
        let entries = v2.timeline(whose.clone(), &q.engagement_id, q.page_size, q.page_token);
        let (page, invoices) = if is_first {
            futures::try_join!(entries, self.invoices(&whose, &q.engagement_id))?
        } else {
            (entries.await?, Vec::new())
        };
        Ok(pb::GetTimelineResponse {
            entries: page.timeline_entries.into_iter().map(records::entry).collect(),
            invoices: invoices.into_iter().map(records::invoice).collect(),
            next_page_token: page.next_page_token,
            customer_id: page.customer_id,
            legal_entity_code: page.legal_entity_code,
        })
    }

    async fn invoices(&self, whose: &Owners, engagement_id: &str) -> Answer<Vec<v2::Invoice>> {
        pages::all(|token| async move {
            let page = self.0.invoices(whose.clone(), engagement_id, PAGE, token).await?;
            Ok((page.invoices, page.next_page_token))
        })
        .await
    }
}

#[tonic::async_trait]
impl pb::delivery_service_server::DeliveryService for Translated {
    async fn list_engagements(
        &self,
        request: Request<pb::ListEngagementsRequest>,
    ) -> Result<Response<pb::ListEngagementsResponse>, Status> {
        let q = request.into_inner();
        let asked = v2::ListEngagementsRequest {
            page_size: q.page_size,
            page_token: q.page_token,
            customer_id: q.customer_id,
        };
        let page = self.0.engagements(asked).await.map_err(status)?;
        Ok(Response::new(pb::ListEngagementsResponse {
            engagements: page.engagements.into_iter().map(records::engagement).collect(),
            next_page_token: page.next_page_token,
        }))
    }

    async fn get_timeline(&self, request: Request<pb::GetTimelineRequest>) -> Result<Response<pb::GetTimelineResponse>, Status> {
        let answer = self.timeline(request.into_inner()).await;
        answer.map(Response::new).map_err(status)
    }

    async fn list_unbilled_time(
        &self,
        request: Request<pb::ListUnbilledTimeRequest>,
    ) -> Result<Response<pb::ListUnbilledTimeResponse>, Status> {
        let q = request.into_inner();
        let all = self
            .0
            .all_unbilled_time(q.as_of_date, &q.engagement_id)
            .await
            .map_err(status)?;
        Ok(Response::new(pb::ListUnbilledTimeResponse {
            unbilled: all.into_iter().map(records::unbilled).collect(),
        }))
    }

    type WatchEngagementStream = BoxStream<'static, Result<pb::WatchEngagementResponse, Status>>;

    async fn watch_engagement(
        &self,
        request: Request<pb::WatchEngagementRequest>,
    ) -> Result<Response<Self::WatchEngagementStream>, Status> {
        let q = request.into_inner();
        let stream = self.0.watch(&q.engagement_id, q.after_sequence).await.map_err(status)?;
        Ok(Response::new(
            stream.map(|told| told.map(records::told).map_err(status)).boxed(),
        ))
    }
}
