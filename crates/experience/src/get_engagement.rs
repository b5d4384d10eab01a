//! One engagement with its state.

use strata_contract::strata::experience::delivery::v2 as pb;
use strata_contract::strata::master::v1::{Engagement, GetEngagementRequest};
use strata_contract::strata::process::exception::v1::{ExceptionState, ListExceptionsRequest};
use strata_contract::strata::process::mobilisation::v1::{GetMobilisationRequest, Mobilisation};
use strata_kernel::{Kind, Result};

use crate::Delivery;
use crate::below::{failed, unknown_engagement};
use crate::list_engagements::summary;
use crate::mobilised;
use crate::pages::{self, PAGE};
use crate::whose::whose;

const FIELDS: [&str; 1] = ["engagement_id"];

impl Delivery {
    /// The engagement a portal named, with what the process tier knows of it.
    pub(crate) async fn one_engagement(&self, id: &str) -> Result<pb::Engagement> {
        let engagement = self.engagement(id).await?;
        let (state, open) = futures::try_join!(self.state_of(id), self.open_exceptions_of(id))?;
        Ok(summary(engagement, state, open))
    }

    /// The engagement a portal named. NOT_FOUND at `engagement_id` when there is none, ROW_DENIED when it is not the caller's.
    pub(crate) async fn engagement(&self, id: &str) -> Result<Engagement> {
        let request = GetEngagementRequest {
            engagement_id: id.to_owned(),
        };
        let answer = self.to.engagements.clone().get_engagement(request).await;
        let answer = answer.map_err(|s| unknown_engagement(failed(s, &FIELDS)))?;
        let engagement = answer.into_inner().engagement.unwrap_or_default();
        strata_rpc::may_read(&whose(&engagement).row())?;
        Ok(engagement)
    }

    /// An engagement that came into master data another way has no mobilisation.
    async fn state_of(&self, id: &str) -> Result<pb::MobilisationState> {
        let request = GetMobilisationRequest {
            engagement_id: id.to_owned(),
        };
        let answer = self.to.mobilisation.clone().get_mobilisation(request).await;
        match answer.map_err(|s| failed(s, &FIELDS)) {
            Ok(answer) => {
                let held = answer.into_inner().mobilisation;
                Ok(mobilised::state(held.as_ref().map(Mobilisation::state)))
            }
            Err(error) if error.kind == Kind::NotFound => Ok(pb::MobilisationState::Unspecified),
            Err(error) => Err(error),
        }
    }

    async fn open_exceptions_of(&self, id: &str) -> Result<u32> {
        let open = pages::all(|page_token| {
            let mut client = self.to.exceptions.clone();
            let request = ListExceptionsRequest {
                page_size: PAGE,
                page_token,
                state: ExceptionState::Open.into(),
                engagement_id: id.to_owned(),
                ..ListExceptionsRequest::default()
            };
            async move {
                let answer = client.list_exceptions(request).await.map_err(|s| failed(s, &FIELDS))?;
                let answer = answer.into_inner();
                Ok((vec![(); answer.exceptions.len()], answer.next_page_token))
            }
        });
        Ok(u32::try_from(open.await?.len()).unwrap_or(u32::MAX))
    }
}
