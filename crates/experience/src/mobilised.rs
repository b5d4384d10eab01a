//! How far the mobilisations of a page of engagements are, without a call for each.

use std::collections::HashMap;

use strata_contract::strata::experience::delivery::v2::MobilisationState;
use strata_contract::strata::master::v1::Engagement;
use strata_contract::strata::process::mobilisation::v1::{ListMobilisationsRequest, StepState};
use strata_kernel::Result;

use crate::Delivery;
use crate::below::failed;
use crate::pages::PAGE;

/// What the mobilisations say of a page of engagements.
#[derive(Debug, Default)]
pub(crate) struct Mobilised(HashMap<String, MobilisationState>);

impl Mobilised {
    /// How far the mobilisation of an engagement is.
    pub(crate) fn state(&self, engagement_id: &str) -> MobilisationState {
        self.0.get(engagement_id).copied().unwrap_or_default()
    }
}

/// The state of a mobilisation as a portal sees it. A value that a newer process tier has is not guessed.
pub(crate) fn state(of: Option<StepState>) -> MobilisationState {
    match of {
        None | Some(StepState::Unspecified) => MobilisationState::Unspecified,
        Some(StepState::Pending) => MobilisationState::Pending,
        Some(StepState::Done) => MobilisationState::Done,
        Some(StepState::Exception) => MobilisationState::Exception,
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
        let states = answer.mobilisations.into_iter().map(|one| {
            let state = state(Some(one.state()));
            (one.engagement_id, state)
        });
        Ok(Mobilised(states.collect()))
    }
}
