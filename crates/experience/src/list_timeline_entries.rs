//! The story of an engagement.

use strata_contract::strata::experience::delivery::v2 as pb;
use strata_contract::strata::process::mobilisation::v1::ListHandOffsRequest;
use strata_kernel::Result;

use crate::Delivery;
use crate::below::{failed, unknown_engagement};
use crate::entry::entry;
use crate::whose::Owners;

const FIELDS: [&str; 3] = ["engagement_id", "page_size", "page_token"];

impl Delivery {
    /// A page of hand-offs of an engagement that the caller may see. The page token is the process tier's own, which it bound to the engagement.
    pub(crate) async fn timeline(
        &self,
        whose: Owners,
        engagement_id: &str,
        page_size: i32,
        page_token: String,
    ) -> Result<pb::ListTimelineEntriesResponse> {
        let request = ListHandOffsRequest {
            engagement_id: engagement_id.to_owned(),
            page_size,
            page_token,
        };
        let answer = self.to.mobilisation.clone().list_hand_offs(request).await;
        let page = answer.map_err(|s| unknown_engagement(failed(s, &FIELDS)))?.into_inner();
        Ok(pb::ListTimelineEntriesResponse {
            timeline_entries: page.hand_offs.into_iter().map(entry).collect(),
            next_page_token: page.next_page_token,
            customer_id: whose.customer_id,
            legal_entity_code: whose.legal_entity_code,
        })
    }
}
