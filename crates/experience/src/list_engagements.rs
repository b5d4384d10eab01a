//! Engagements with their state.

use std::collections::{BTreeSet, HashMap};

use strata_contract::strata::experience::delivery::v2 as pb;
use strata_contract::strata::master::v1::{Engagement, ListEngagementsRequest};
use strata_contract::strata::process::exception::v1::{ExceptionState, ListExceptionsRequest};
use strata_kernel::Result;

use crate::below::failed;
use crate::pages::{self, PAGE};
use crate::whose::whose;
use crate::{Delivery, names};

const FIELDS: [&str; 3] = ["page_size", "page_token", "customer_id"];
/// Legal entities that master may be asked for at a time.
const MOST_ENTITIES: usize = 100;

impl Delivery {
    /// A page of engagements from master, with what the process tier knows of them. A fixed few calls, however
    /// long the page: one to master, the open exceptions once, the mobilisations of the page. Who is confined has pages of their own
    /// engagements. The page token is master's own.
    pub(crate) async fn engagements(&self, q: pb::ListEngagementsRequest) -> Result<pb::ListEngagementsResponse> {
        let own = strata_rpc::own();
        let own_customer = own.customers.unwrap_or_default().into_iter().next();
        let request = ListEngagementsRequest {
            page_size: q.page_size,
            page_token: q.page_token,
            customer_id: Some(q.customer_id)
                .filter(|id| !id.is_empty())
                .or(own_customer)
                .unwrap_or_default(),
            legal_entity_codes: own.legal_entities.map(filter).unwrap_or_default(),
        };
        let mut client = self.to.engagements.clone();
        let page = client.list_engagements(request).await.map_err(|s| failed(s, &FIELDS))?;
        let page = page.into_inner();
        if page.engagements.is_empty() {
            return Ok(pb::ListEngagementsResponse::default());
        }
        let (mobilised, open) = futures::try_join!(self.mobilised(&page.engagements), self.open_exceptions())?;
        let engagements = page.engagements.into_iter();
        Ok(pb::ListEngagementsResponse {
            engagements: engagements
                .map(|e| {
                    let (state, open) = (mobilised.state(&e.id), open.get(&e.id).copied());
                    summary(e, state, open.unwrap_or_default())
                })
                .collect(),
            next_page_token: page.next_page_token,
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

/// Legal entities, as master is asked for them. More than it takes are not asked for: rows of others are left out behind.
fn filter(codes: BTreeSet<String>) -> Vec<String> {
    if codes.len() > MOST_ENTITIES {
        return Vec::new();
    }
    codes.into_iter().collect()
}

/// An engagement of master data, with what the process tier knows of it.
pub(crate) fn summary(e: Engagement, state: pb::MobilisationState, open: u32) -> pb::Engagement {
    let whose = whose(&e);
    let terms = e.contract.and_then(|c| c.terms).unwrap_or_default();
    pb::Engagement {
        name: names::engagement(&e.id),
        display_name: e.name,
        customer_display_name: e.customer.unwrap_or_default().name,
        contract_number: terms.contract_number,
        project_codes: e.projects.into_iter().map(|p| p.code).collect(),
        mobilisation_state: state.into(),
        open_exception_count: open,
        customer_id: whose.customer_id,
        legal_entity_code: whose.legal_entity_code,
    }
}
