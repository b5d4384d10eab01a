//! The story of an engagement as it happens.

use futures::StreamExt;
use futures::stream::BoxStream;
use strata_contract::strata::experience::delivery::v2 as pb;
use strata_contract::strata::process::mobilisation::v1::{WatchHandOffsRequest, WatchHandOffsResponse};
use strata_kernel::Result;
use tonic::Status;

use crate::Delivery;
use crate::below::{failed, unknown_engagement};
use crate::entry::entry;
use crate::whose::{Owners, whose};

const FIELDS: [&str; 2] = ["engagement_id", "after_sequence"];

impl Delivery {
    /// Forwards the process tier's hand-offs.
    ///
    /// Nothing stands between the two streams, no task and no queue: a hand-off is taken from below when the
    /// portal takes one from us, so a slow portal slows its own stream only, and one that leaves drops the
    /// stream below with its own.
    pub(crate) async fn watch(
        &self,
        engagement_id: &str,
        after_sequence: u64,
    ) -> Result<BoxStream<'static, Result<pb::WatchEngagementResponse>>> {
        let whose = whose(&self.engagement(engagement_id).await?);
        let request = WatchHandOffsRequest {
            engagement_id: engagement_id.to_owned(),
            after_sequence,
        };
        let answer = self.to.mobilisation.clone().watch_hand_offs(request).await;
        let answer = answer.map_err(|s| unknown_engagement(failed(s, &FIELDS)))?;
        Ok(answer.into_inner().map(move |below| forward(below, &whose)).boxed())
    }
}

fn forward(below: Result<WatchHandOffsResponse, Status>, whose: &Owners) -> Result<pb::WatchEngagementResponse> {
    match below {
        Ok(said) => Ok(pb::WatchEngagementResponse {
            timeline_entry: said.hand_off.map(entry),
            customer_id: whose.customer_id.clone(),
            legal_entity_code: whose.legal_entity_code.clone(),
        }),
        Err(status) => Err(failed(status, &FIELDS)),
    }
}
