//! What the platform made of a firm's year, asked of its own services.

use serde::Serialize;
use strata_contract::strata::experience::delivery::v2 as delivery;
use strata_contract::strata::experience::delivery::v2::delivery_service_client::DeliveryServiceClient;
use strata_contract::strata::master::v1 as master;
use strata_contract::strata::master::v1::engagement_service_client::EngagementServiceClient;
use strata_contract::strata::process::billing::v1::GetPostingSummaryRequest;
use strata_contract::strata::process::billing::v1::billing_service_client::BillingServiceClient;

use crate::installation::Installation;

/// Engagements asked for at a time.
const PAGE: i32 = 500;

/// What the platform holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Engagements: deals that were won.
    pub engagements: u64,
    /// Of those, the ones whose every step is done.
    pub mobilised: u64,
    /// Their projects.
    pub projects: u64,
    /// What was sent to the books, by kind and state.
    pub postings: Vec<PostingCount>,
    /// Resource name of one engagement, for a look at it. `None`: there is none.
    pub example_engagement: Option<String>,
}

/// Postings of one kind in one state.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PostingCount {
    /// "time" or "document".
    pub kind: String,
    /// State of the posting ledger.
    pub state: String,
    /// How many.
    pub count: u64,
}

/// Asks the experience and the process tier.
pub(super) async fn read(installation: &Installation) -> anyhow::Result<Counts> {
    let mut counts = Counts::default();
    let mut portal = DeliveryServiceClient::new(installation.experience.clone());
    let mut page_token = String::new();
    loop {
        let request = delivery::ListEngagementsRequest {
            page_size: PAGE,
            page_token,
            ..delivery::ListEngagementsRequest::default()
        };
        let page = portal.list_engagements(request).await?.into_inner();
        for engagement in page.engagements {
            counts.engagements += 1;
            let is_mobilised = engagement.mobilisation_state() == delivery::MobilisationState::Done;
            counts.mobilised += u64::from(is_mobilised);
            counts.projects += engagement.project_codes.len() as u64;
            counts.example_engagement.get_or_insert(engagement.name);
        }
        if page.next_page_token.is_empty() {
            break;
        }
        page_token = page.next_page_token;
    }
    let mut billing = BillingServiceClient::new(installation.process.clone());
    let summary = billing.get_posting_summary(GetPostingSummaryRequest {}).await?.into_inner();
    let postings = summary.counts.into_iter().map(|count| PostingCount {
        kind: count.kind,
        state: count.state,
        count: count.count,
    });
    counts.postings = postings.collect();
    counts.postings.sort();
    Ok(counts)
}

/// True when master data holds an engagement: of a firm that was lived before.
pub(super) async fn is_used(installation: &Installation) -> anyhow::Result<bool> {
    let request = master::ListEngagementsRequest {
        page_size: 1,
        ..master::ListEngagementsRequest::default()
    };
    let mut engagements = EngagementServiceClient::new(installation.master.clone());
    let page = engagements.list_engagements(request).await?.into_inner();
    Ok(!page.engagements.is_empty())
}
