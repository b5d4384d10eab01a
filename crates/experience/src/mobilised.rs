//! How far the mobilisations of a page of engagements are, without a call for each.
//!
//! Both lists run by engagement id: master's engagements and the process tier's mobilisations. So they are
//! read side by side, as two sorted files are merged.

use std::collections::HashMap;

use strata_contract::strata::experience::delivery::v2::MobilisationState;
use strata_contract::strata::process::mobilisation::v1::{ListMobilisationsRequest, Mobilisation, StepState};
use strata_kernel::Result;
use strata_rpc::page;

use crate::Delivery;
use crate::below::failed;
use crate::pages::{MOST, PAGE, endless};

/// What the mobilisations say of a page of engagements.
#[derive(Debug, Default)]
pub(crate) struct Mobilised {
    states: HashMap<String, MobilisationState>,
    /// Token of the page of mobilisations at which the next page of engagements goes on.
    pub(crate) token: String,
}

impl Mobilised {
    /// How far the mobilisation of an engagement is.
    pub(crate) fn state(&self, engagement_id: &str) -> MobilisationState {
        self.states.get(engagement_id).copied().unwrap_or_default()
    }

    /// Notes a page. True when it reaches past the `last` engagement, or there is no further page.
    fn note(&mut self, page: Vec<Mobilisation>, last: &str, next: &str) -> bool {
        // The page is read again next time unless every id on it has been passed: what it holds beyond
        // `last` belongs to the next page of engagements.
        let passed = page.last().is_none_or(|m| m.engagement_id.as_str() <= last);
        for mobilisation in page {
            let state = state(Some(mobilisation.state()));
            self.states.insert(mobilisation.engagement_id, state);
        }
        if passed && !next.is_empty() {
            next.clone_into(&mut self.token);
        }
        !passed || next.is_empty()
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
    /// Reads mobilisations from `token` on until they pass the `last` engagement of a page of `count`.
    pub(crate) async fn mobilised(&self, token: String, last: &str, count: usize) -> Result<Mobilised> {
        let mut found = Mobilised {
            token,
            ..Mobilised::default()
        };
        // As many as there are engagements, or the usual page: there is a mobilisation for each.
        let page_size = i32::try_from(count.max(page::USUAL)).map_or(PAGE, |count| count.min(PAGE));
        for _ in 0..MOST {
            let request = ListMobilisationsRequest {
                page_size,
                page_token: found.token.clone(),
            };
            let answer = self.to.mobilisation.clone().list_mobilisations(request).await;
            let answer = answer.map_err(|s| failed(s, &["page_token"]))?.into_inner();
            if found.note(answer.mobilisations, last, &answer.next_page_token) {
                return Ok(found);
            }
        }
        Err(endless())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(ids: &[&str]) -> Vec<Mobilisation> {
        let one = |id: &&str| Mobilisation {
            engagement_id: (*id).to_owned(),
            state: StepState::Done.into(),
            ..Mobilisation::default()
        };
        ids.iter().map(one).collect()
    }

    #[test]
    fn a_page_that_reaches_past_is_read_again() {
        let mut found = Mobilised::default();
        assert!(!found.note(page(&["a", "b"]), "c", "after-b"));
        assert!(found.note(page(&["c", "d"]), "c", "after-d"));
        assert_eq!(found.token, "after-b");
        assert!(["a", "b", "c"].iter().all(|id| found.state(id) == MobilisationState::Done));
    }

    #[test]
    fn the_last_page_is_read_again_for_what_comes_later() {
        let mut found = Mobilised::default();
        assert!(!found.note(page(&["a"]), "c", "after-a"));
        assert!(found.note(page(&["b", "c"]), "c", ""));
        assert_eq!(found.token, "after-a");
        assert!(found.note(Vec::new(), "c", ""));
    }
}
