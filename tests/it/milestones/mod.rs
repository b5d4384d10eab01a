//! Fixed fees: what was agreed in the CRM, delivered and accepted in the PSA, and approved by finance, each by whose word it is.

mod life;
mod refused;

use serde_json::{Value, json};
use strata::Vendor;
use strata_contract::google::r#type::Date;
use strata_contract::strata::error::v1::Reason;
use strata_contract::strata::experience::delivery::v2::delivery_service_client::DeliveryServiceClient;
use strata_contract::strata::experience::delivery::v2::{EventType, ListTimelineEntriesRequest};
use strata_contract::strata::master::v1::contract_service_client::ContractServiceClient;
use strata_contract::strata::master::v1::{BatchGetPricingRequest, ListContractsRequest, PutMilestonesRequest};
use strata_contract::strata::process::billing::v1::billing_service_client::BillingServiceClient;
use strata_contract::strata::process::billing::v1::{
    ApproveMilestoneRequest, ListMilestonesRequest, ListProjectEstimatesRequest, Milestone, MilestoneState,
};
use strata_contract::strata::process::exception::v1::{Exception, ExceptionState, OwnerRole};
use strata_sandbox::Fault;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::mini::{Deal, MONDAY, Mini, text};

const TUESDAY: &str = "2025-01-07";
const WEDNESDAY: &str = "2025-01-08";

/// A deal at a fixed fee of 16000 dollars, not won yet.
async fn fixed_fee(mini: &Mini) -> Deal {
    let terms = json!({"Contract_Type__c": "fixed_fee", "Revenue_Method__c": "milestone", "Contract_Value__c": 16000});
    mini.deal("CT-1", &terms).await
}

/// Sales enters a milestone that is whole but for `changed` fields.
async fn agree(mini: &Mini, code: &str, changed: &Value) {
    let mut body = json!({"Name": format!("delivery {code}"), "Milestone_Code__c": code, "Contract_Code__c": "CT-1", "Amount__c": 8000,
        "CurrencyIsoCode": "USD", "Planned_On__c": "2025-02-03", "Amendment_Code__c": null, "Sequence__c": 1});
    body.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
    mini.at.create("Contract_Milestone__c", &body).await;
}

/// A running project with one milestone, CT-1-M1.
async fn agreed() -> Mini {
    let mini = Mini::start().await;
    let deal = fixed_fee(&mini).await;
    agree(&mini, "CT-1-M1", &json!({})).await;
    mini.win(&deal).await;
    mini.settle().await;
    mini
}

/// The only milestone of the PSA.
async fn story(mini: &Mini) -> Value {
    let mut stories = mini.at.list("stories", &[("story_type", "milestone")]).await;
    assert_eq!(stories.len(), 1, "{stories:?}");
    stories.remove(0)
}

/// People change the only milestone of the PSA.
async fn say(mini: &Mini, state: &str, accepted_on: Option<&str>, evidence: Option<&str>) {
    let id = text(&story(mini).await["id"]);
    let custom = json!({"Accepted On": accepted_on, "Acceptance Evidence": evidence});
    let body = json!({"story": {"state": state, "custom_fields": custom}});
    mini.at.put(&format!("stories/{id}"), &body).await;
    mini.settle().await;
}

fn desk(mini: &Mini) -> BillingServiceClient<strata_contract::Transport> {
    BillingServiceClient::new(mini.all.installation.process.clone())
}

async fn listed(mini: &Mini, state: MilestoneState) -> Vec<Milestone> {
    let request = ListMilestonesRequest {
        state: state.into(),
        ..ListMilestonesRequest::default()
    };
    desk(mini).list_milestones(request).await.unwrap().into_inner().milestones
}

/// The only milestone of the platform.
async fn only(mini: &Mini) -> Milestone {
    let mut all = listed(mini, MilestoneState::Unspecified).await;
    assert_eq!(all.len(), 1, "{all:?}");
    let one = all.remove(0);
    assert_eq!(
        listed(mini, one.state()).await,
        std::slice::from_ref(&one),
        "the filter finds what the list shows"
    );
    one
}

async fn approve(mini: &Mini, request_id: &str, code: &str) -> Result<Milestone, Status> {
    let request = ApproveMilestoneRequest {
        request_id: request_id.to_owned(),
        milestone_code: code.to_owned(),
        approver: "cfo@firm.example".to_owned(),
    };
    let answer = desk(mini).approve_milestone(request).await?;
    Ok(answer.into_inner().milestone.unwrap())
}

fn refusal(answer: Result<Milestone, Status>) -> (Code, String) {
    let status = answer.unwrap_err();
    let reason = status.get_error_details().error_info().unwrap().reason.clone();
    (status.code(), reason)
}

fn day(day: &str) -> Option<Date> {
    Some(strata_contract::pb_date(day.parse().unwrap()))
}

/// The only exception there is.
async fn exception(mini: &Mini) -> Exception {
    let mut exceptions = mini.exceptions().await;
    assert_eq!(exceptions.len(), 1, "{exceptions:?}");
    exceptions.remove(0)
}

async fn story_told(mini: &Mini) -> Vec<(EventType, String)> {
    let request = ListTimelineEntriesRequest {
        parent: format!("engagements/{}", mini.mobilisations().await[0].engagement_id),
        page_size: 1000,
        ..ListTimelineEntriesRequest::default()
    };
    let mut portal = DeliveryServiceClient::new(mini.all.installation.experience.clone());
    let page = portal.list_timeline_entries(request).await.unwrap().into_inner();
    let told = page.timeline_entries.into_iter();
    let of_milestones = told.filter(|entry| entry.r#type().as_str_name().starts_with("EVENT_TYPE_MILESTONE"));
    of_milestones
        .map(|entry| (entry.r#type(), entry.record.unwrap_or_default().system))
        .collect()
}

/// Codes of the milestones that come with the price of the only contract.
async fn priced(mini: &Mini) -> Vec<String> {
    let mut contracts = ContractServiceClient::new(mini.all.below.master.clone());
    let listed = contracts.list_contracts(ListContractsRequest::default()).await.unwrap();
    let request = BatchGetPricingRequest {
        contract_ids: listed
            .into_inner()
            .contracts
            .into_iter()
            .map(|contract| contract.id)
            .collect(),
    };
    let pricings = contracts.batch_get_pricing(request).await.unwrap().into_inner().pricings;
    pricings[0]
        .milestones
        .iter()
        .map(|milestone| milestone.code.clone())
        .collect()
}
