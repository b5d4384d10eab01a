//! Which engagements of a page are mobilised, without a call for each.

use std::collections::HashSet;

use strata_contract::strata::master::v1::Engagement;
use strata_contract::strata::process::mobilisation::v1::{ListMobilisationsRequest, StepState};
use strata_kernel::Result;

use crate::Delivery;
use crate::below::failed;
use crate::pages::PAGE;

/// What the mobilisations say of a page of engagements.
#[derive(Debug, Default)]
pub(crate) struct Mobilised(HashSet<String>);

impl Mobilised {
    /// True when every step of the mobilisation is done.
    pub(crate) fn is_done(&self, engagement_id: &str) -> bool {
        self.0.contains(engagement_id)
    }
}

impl Delivery {
    /// Reads the mobilisations of a page of engagements: there is at most one for each, so one page of them holds all.
    pub(crate) async fn mobilised(&self, engagements: &[Engagement]) -> Result<Mobilised> {
        let request = ListMobilisationsRequest {
            page_size: PAGE,
            engagement_ids: engagements.iter().map(|engagement| engagement.id.clone()).collect(),
            ..ListMobilisationsRequest::default()
        };
        let answer = self.to.mobilisation.clone().list_mobilisations(request).await;
        let answer = answer.map_err(|s| failed(s, &[]))?.into_inner();
        let done = answer.mobilisations.into_iter().filter(|one| one.state() == StepState::Done);
        Ok(Mobilised(done.map(|one| one.engagement_id).collect()))
    }
}
