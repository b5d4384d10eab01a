//! Engagements with their state.

use std::collections::HashMap;

use strata_contract::strata::experience::delivery::v2 as pb;
use strata_contract::strata::master::v1::{Engagement, ListEngagementsRequest};
use strata_contract::strata::process::exception::v1::{ExceptionState, ListExceptionsRequest};
use strata_kernel::{Error, Result};
use strata_rpc::page;

use crate::below::failed;
use crate::pages::{self, PAGE};
use crate::{Delivery, names};

const FIELDS: [&str; 2] = ["page_size", "page_token"];
/// What our page tokens are bound to. The list has no filter of its own.
const FILTER: &str = "delivery.engagements";

impl Delivery {
    /// A page of engagements from master, with what the process tier knows of them. A fixed few calls, however
    /// long the page: one to master, the open exceptions once, the mobilisations side by side.
    pub(crate) async fn engagements(&self, page_size: i32, page_token: &str) -> Result<pb::ListEngagementsResponse> {
        let at = Place::read(page_token)?;
        let request = ListEngagementsRequest {
            page_size,
            page_token: at.engagements,
        };
        let mut client = self.to.engagements.clone();
        let page = client.list_engagements(request).await.map_err(|s| failed(s, &FIELDS))?;
        let page = page.into_inner();
        let Some(last) = page.engagements.last() else {
            return Ok(pb::ListEngagementsResponse::default());
        };
        let (mobilised, open) = futures::try_join!(
            self.mobilised(at.mobilisations, &last.id, page.engagements.len()),
            self.open_exceptions(),
        )?;
        let next = Place {
            engagements: page.next_page_token,
            mobilisations: mobilised.token.clone(),
        };
        let engagements = page.engagements.into_iter();
        Ok(pb::ListEngagementsResponse {
            engagements: engagements
                .map(|e| {
                    let (state, open) = (mobilised.state(&e.id), open.get(&e.id).copied());
                    summary(e, state, open.unwrap_or_default())
                })
                .collect(),
            next_page_token: next.write(),
        })
    }

    /// Open exceptions by engagement. Asked for once: there are far fewer of them than engagements.
    async fn open_exceptions(&self) -> Result<HashMap<String, u32>> {
        let held_up = pages::all(|page_token| {
            let mut client = self.to.exceptions.clone();
            let request = ListExceptionsRequest {
                page_size: PAGE,
                page_token,
                state: ExceptionState::Open.into(),
                ..ListExceptionsRequest::default()
            };
            async move {
                let answer = client.list_exceptions(request).await.map_err(|s| failed(s, &[]))?;
                let answer = answer.into_inner();
                let ids: Vec<String> = answer.exceptions.into_iter().map(|e| e.engagement_id).collect();
                Ok((ids, answer.next_page_token))
            }
        });
        let mut open = HashMap::new();
        for id in held_up.await? {
            *open.entry(id).or_default() += 1;
        }
        Ok(open)
    }
}

/// An engagement of master data, with what the process tier knows of it.
pub(crate) fn summary(e: Engagement, state: pb::MobilisationState, open: u32) -> pb::Engagement {
    let terms = e.contract.and_then(|c| c.terms).unwrap_or_default();
    pb::Engagement {
        name: names::engagement(&e.id),
        display_name: e.name,
        customer_display_name: e.customer.unwrap_or_default().name,
        contract_number: terms.contract_number,
        project_codes: e.projects.into_iter().map(|p| p.code).collect(),
        mobilisation_state: state.into(),
        open_exception_count: open,
    }
}

/// Where a page begins in both lists: the tokens of the tiers below, carried in ours.
#[derive(Debug, Default, PartialEq)]
struct Place {
    engagements: String,
    mobilisations: String,
}

impl Place {
    fn read(token: &str) -> Result<Self> {
        let Some(key) = page::decode(token, FILTER)? else {
            return Ok(Self::default());
        };
        // Only a token of another version of ours can be sealed and still not read.
        let other = || Error::invalid("page_token", "belongs to another version; begin again without it");
        let (length, rest) = key.split_once(':').ok_or_else(other)?;
        let middle = length.parse().map_err(|_| other())?;
        let (engagements, mobilisations) = rest.split_at_checked(middle).ok_or_else(other)?;
        Ok(Self {
            engagements: engagements.to_owned(),
            mobilisations: mobilisations.to_owned(),
        })
    }

    /// Empty at the end of the engagements, however many mobilisations there are.
    fn write(&self) -> String {
        if self.engagements.is_empty() {
            return String::new();
        }
        let length = self.engagements.len();
        page::encode(&format!("{length}:{}{}", self.engagements, self.mobilisations), FILTER)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written() {
        let place = |engagements: &str, mobilisations: &str| Place {
            engagements: engagements.to_owned(),
            mobilisations: mobilisations.to_owned(),
        };
        for written in [place("a:1", ""), place("7:", "b:2")] {
            assert_eq!(Place::read(&written.write()).unwrap(), written);
        }
        assert_eq!(place("", "b").write(), "");
        assert_eq!(Place::read("").unwrap(), Place::default());
        for bad in [
            page::encode("eng_1", "another list"),
            page::encode("9:a", FILTER),
            "?".to_owned(),
        ] {
            assert_eq!(Place::read(&bad).unwrap_err().field, "page_token");
        }
    }
}
