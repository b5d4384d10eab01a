//! The story of an engagement.

use strata_contract::strata::experience::delivery::v1 as pb;
use strata_contract::strata::master::v1::GetEngagementRequest;
use strata_contract::strata::process::mobilisation::v1::{ListHandOffsRequest, ListHandOffsResponse};
use strata_kernel::Result;

use crate::Delivery;
use crate::below::{failed, unknown_engagement};
use crate::entry::entry;
use crate::whose::{Owners, whose};

const FIELDS: [&str; 3] = ["engagement_id", "page_size", "page_token"];

impl Delivery {
    /// A page of hand-offs; on the first page the invoices too. The page token is the process tier's own,
    /// which it bound to the engagement.
    pub(crate) async fn timeline(&self, q: pb::GetTimelineRequest) -> Result<pb::GetTimelineResponse> {
        // First, so that an unknown engagement has one answer whatever else is wrong.
        let whose = self.engagement(&q.engagement_id).await?;
        let (hand_offs, invoices) = if q.page_token.is_empty() {
            futures::try_join!(self.hand_offs(&q), self.invoices(&q.engagement_id))?
        } else {
            (self.hand_offs(&q).await?, Vec::new())
        };
        Ok(pb::GetTimelineResponse {
            entries: hand_offs.hand_offs.into_iter().map(entry).collect(),
            invoices,
            next_page_token: hand_offs.next_page_token,
            customer_id: whose.customer_id,
            legal_entity_code: whose.legal_entity_code,
        })
    }

    /// Whose the engagement is that a portal named. NOT_FOUND at `engagement_id` when there is none, ROW_DENIED when it is not the caller's.
    pub(crate) async fn engagement(&self, id: &str) -> Result<Owners> {
        let request = GetEngagementRequest {
            engagement_id: id.to_owned(),
        };
        let answer = self.to.engagements.clone().get_engagement(request).await;
        let answer = answer.map_err(|s| unknown_engagement(failed(s, &FIELDS)))?;
        let whose = whose(&answer.into_inner().engagement.unwrap_or_default());
        strata_rpc::may_read(&whose.row())?;
        Ok(whose)
    }

    async fn hand_offs(&self, q: &pb::GetTimelineRequest) -> Result<ListHandOffsResponse> {
        let request = ListHandOffsRequest {
            engagement_id: q.engagement_id.clone(),
            page_size: q.page_size,
            page_token: q.page_token.clone(),
        };
        let answer = self.to.mobilisation.clone().list_hand_offs(request).await;
        let answer = answer.map_err(|s| unknown_engagement(failed(s, &FIELDS)))?;
        Ok(answer.into_inner())
    }
}
