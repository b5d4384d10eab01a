//! Fixed fees: what was agreed in the CRM, delivered and accepted in the PSA, and approved by finance, each by whose word it is.

use serde_json::{Value, json};
use strata::Vendor;
use strata_contract::google::r#type::Date;
use strata_contract::strata::error::v1::Reason;
use strata_contract::strata::experience::delivery::v1::GetTimelineRequest;
use strata_contract::strata::experience::delivery::v1::delivery_service_client::DeliveryServiceClient;
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

async fn story_told(mini: &Mini) -> Vec<(String, String)> {
    let request = GetTimelineRequest {
        engagement_id: mini.mobilisations().await[0].engagement_id.clone(),
        page_size: 1000,
        ..GetTimelineRequest::default()
    };
    let mut portal = DeliveryServiceClient::new(mini.all.installation.experience.clone());
    let entries = portal.get_timeline(request).await.unwrap().into_inner().entries;
    let of_milestones = entries.into_iter().filter(|entry| entry.event.starts_with("milestone"));
    of_milestones.map(|entry| (entry.event, entry.system)).collect()
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

#[tokio::test(flavor = "multi_thread")]
async fn a_milestone_goes_from_the_sale_to_the_approval() {
    let mini = Mini::start().await;
    let deal = fixed_fee(&mini).await;
    agree(&mini, "CT-1-M1", &json!({})).await;
    mini.settle().await;
    assert!(
        listed(&mini, MilestoneState::Unspecified).await.is_empty(),
        "nothing is won yet"
    );
    assert!(mini.exceptions().await.is_empty(), "and nothing is wrong with that");

    mini.win(&deal).await;
    mini.settle().await;
    let told = story(&mini).await;
    assert_eq!(
        (&told["title"], &told["due_date"], &told["billable"]),
        (&json!("delivery CT-1-M1"), &json!("2025-02-03"), &json!(false))
    );
    let planned = only(&mini).await;
    assert_eq!(
        (planned.state(), planned.psa_id.as_str()),
        (MilestoneState::Planned, told["id"].as_str().unwrap())
    );
    assert_eq!((planned.code.as_str(), planned.contract_number.as_str()), ("CT-1-M1", "CT-1"));
    assert_eq!(planned.amount.as_ref().unwrap().minor_units, 800_000);
    assert_eq!(planned.planned_date, day("2025-02-03"));
    assert_eq!(priced(&mini).await, ["CT-1-M1"]);
    let not_yet = (Code::FailedPrecondition, "INVALID_TRANSITION".to_owned());
    assert_eq!(refusal(approve(&mini, "r-1", "CT-1-M1").await), not_yet);

    mini.until(MONDAY, 10).await;
    say(&mini, "completed", None, None).await;
    assert_eq!(only(&mini).await.state(), MilestoneState::Delivered);
    assert_eq!(refusal(approve(&mini, "r-1", "CT-1-M1").await), not_yet);
    mini.until(TUESDAY, 9).await;
    say(&mini, "completed", Some(MONDAY), Some("protocol 7")).await;
    let accepted = only(&mini).await;
    assert_eq!(
        (accepted.state(), accepted.evidence.as_str()),
        (MilestoneState::Accepted, "protocol 7")
    );
    assert_eq!((accepted.accepted_date, accepted.known_date), (day(MONDAY), day(TUESDAY)));

    mini.until(WEDNESDAY, 9).await;
    let approved = approve(&mini, "r-1", "CT-1-M1").await.unwrap();
    assert_eq!(
        (approved.state(), approved.approver.as_str()),
        (MilestoneState::Approved, "cfo@firm.example")
    );
    assert_eq!((approved.approved_date, approved.billed_date), (day(WEDNESDAY), None));
    mini.until(WEDNESDAY, 17).await;
    assert_eq!(
        approve(&mini, "r-1", "CT-1-M1").await.unwrap(),
        approved,
        "a repeated command has the same answer"
    );
    assert_eq!(refusal(approve(&mini, "r-2", "CT-1-M1").await), not_yet, "approved already");
    let conflict = (Code::AlreadyExists, "IDEMPOTENCY_CONFLICT".to_owned());
    assert_eq!(refusal(approve(&mini, "r-1", "CT-1-M2").await), conflict);
    assert_eq!(refusal(approve(&mini, "r-3", "CT-1-M2").await).0, Code::NotFound);
    assert_eq!(only(&mini).await, approved);

    let system = |event: &str, system: &str| (event.to_owned(), system.to_owned());
    assert_eq!(
        story_told(&mini).await,
        [
            system("milestone created", "kantata-ox"),
            system("milestone delivered", "kantata-ox"),
            system("milestone accepted", "kantata-ox"),
            system("milestone approved", "platform"),
        ]
    );
    assert_eq!(mini.made().await["stories"], 2, "the task and the milestone");
    assert!(mini.exceptions().await.is_empty());
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acceptance_without_evidence_is_quarantined_until_it_is_mended() {
    let mini = agreed().await;
    say(&mini, "completed", Some(MONDAY), None).await;
    let open = exception(&mini).await;
    assert_eq!(
        (open.cause(), open.owner_role()),
        (Reason::VendorRecordMalformed, OwnerRole::Integration)
    );
    assert_eq!(
        (open.object_kind.as_str(), open.object_id),
        ("milestone", text(&story(&mini).await["id"]))
    );
    assert_eq!(
        (open.field.as_str(), open.state),
        ("Acceptance Evidence", ExceptionState::Open.into())
    );
    assert_eq!(only(&mini).await.state(), MilestoneState::Planned);
    assert!(approve(&mini, "r-1", "CT-1-M1").await.is_err());

    mini.until(MONDAY, 10).await;
    say(&mini, "completed", Some(MONDAY), Some("mail")).await;
    assert_eq!(exception(&mini).await.state(), ExceptionState::Resolved);
    assert_eq!(
        approve(&mini, "r-1", "CT-1-M1").await.unwrap().state(),
        MilestoneState::Approved
    );
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_is_not_yet_is_no_acceptance_before_it_comes() {
    let mini = agreed().await;
    say(&mini, "completed", Some(TUESDAY), Some("mail")).await;
    let open = exception(&mini).await;
    assert_eq!(
        (open.cause(), open.owner_role()),
        (Reason::VendorRecordMalformed, OwnerRole::Pmo)
    );
    assert_eq!(
        (open.object_kind.as_str(), open.object_id.as_str(), open.field.as_str()),
        ("milestone", "CT-1-M1", "accepted_date")
    );
    assert_eq!(only(&mini).await.state(), MilestoneState::Planned);
    assert!(approve(&mini, "r-1", "CT-1-M1").await.is_err());
    // Nobody touches it: it is looked at again from time to time.
    mini.until(TUESDAY, 9).await;
    assert_eq!(only(&mini).await.accepted_date, day(TUESDAY));
    assert_eq!(exception(&mini).await.state(), ExceptionState::Resolved);
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acceptance_can_be_taken_back_until_finance_approved_it() {
    let mini = agreed().await;
    say(&mini, "completed", Some(MONDAY), Some("mail")).await;
    assert_eq!(only(&mini).await.state(), MilestoneState::Accepted);
    mini.until(MONDAY, 10).await;
    say(&mini, "started", None, None).await;
    let back = only(&mini).await;
    assert_eq!(
        (back.state(), back.accepted_date, back.known_date),
        (MilestoneState::Planned, None, None)
    );
    assert!(back.evidence.is_empty());
    assert!(approve(&mini, "r-1", "CT-1-M1").await.is_err());

    mini.until(MONDAY, 12).await;
    say(&mini, "completed", Some(MONDAY), Some("protocol")).await;
    let approved = approve(&mini, "r-1", "CT-1-M1").await.unwrap();
    mini.until(MONDAY, 14).await;
    say(&mini, "started", None, None).await;
    let open = exception(&mini).await;
    assert_eq!(
        (open.cause(), open.owner_role()),
        (Reason::InvalidTransition, OwnerRole::Finance)
    );
    assert_eq!(open.object_id, "CT-1-M1");
    assert_eq!(only(&mini).await, approved, "what was approved stays");
    mini.until(MONDAY, 16).await;
    say(&mini, "completed", Some(MONDAY), Some("protocol")).await;
    assert_eq!(exception(&mini).await.state(), ExceptionState::Resolved);
    assert_eq!(only(&mini).await, approved);
    let events: Vec<String> = story_told(&mini).await.into_iter().map(|(event, _)| event).collect();
    assert_eq!(
        events,
        [
            "milestone created",
            "milestone accepted",
            "milestone acceptance withdrawn",
            "milestone accepted",
            "milestone approved"
        ]
    );
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn milestones_of_a_change_order_wait_for_its_signature() {
    let mini = agreed().await;
    mini.until(MONDAY, 10).await;
    agree(&mini, "CT-1-MX", &json!({"Amendment_Code__c": "AM-1", "Sequence__c": 2})).await;
    mini.settle().await;
    assert_eq!(
        (only(&mini).await.code.as_str(), priced(&mini).await),
        ("CT-1-M1", vec!["CT-1-M1".to_owned()])
    );

    mini.until(MONDAY, 12).await;
    let amendment = json!({"Name": "AM-1", "Amendment_Code__c": "AM-1", "Contract_Code__c": "CT-1", "Kind__c": "scope",
        "Status__c": "Signed", "Effective_From__c": MONDAY, "Signed_On__c": MONDAY, "CurrencyIsoCode": "USD", "Added_Value__c": 8000});
    mini.at.create("Contract_Amendment__c", &amendment).await;
    mini.settle().await;
    let all = listed(&mini, MilestoneState::Planned).await;
    let codes: Vec<&str> = all.iter().map(|milestone| milestone.code.as_str()).collect();
    assert_eq!(
        (codes, all[1].amendment_number.as_str()),
        (vec!["CT-1-M1", "CT-1-MX"], "AM-1")
    );
    assert_eq!(priced(&mini).await, ["CT-1-M1", "CT-1-MX"]);
    assert_eq!(mini.at.list("stories", &[("story_type", "milestone")]).await.len(), 2);

    // A page at a time, and never a token of another question.
    let ask = |page_token: &str, contract: &str| ListMilestonesRequest {
        page_size: 1,
        page_token: page_token.to_owned(),
        contract_number: contract.to_owned(),
        ..ListMilestonesRequest::default()
    };
    let first = desk(&mini).list_milestones(ask("", "CT-1")).await.unwrap().into_inner();
    let next = desk(&mini)
        .list_milestones(ask(&first.next_page_token, "CT-1"))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (first.milestones[0].code.as_str(), next.milestones[0].code.as_str()),
        ("CT-1-M1", "CT-1-MX")
    );
    assert!(next.next_page_token.is_empty());
    let astray = desk(&mini)
        .list_milestones(ask(&first.next_page_token, "CT-2"))
        .await
        .unwrap_err();
    assert_eq!(astray.code(), Code::InvalidArgument);
    assert!(mini.exceptions().await.is_empty());
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_milestone_in_another_currency_never_counts() {
    let mini = Mini::start().await;
    let deal = fixed_fee(&mini).await;
    // One before the contract is known, one after.
    agree(&mini, "CT-1-M1", &json!({"CurrencyIsoCode": "EUR"})).await;
    mini.settle().await;
    mini.win(&deal).await;
    mini.settle().await;
    mini.until(MONDAY, 10).await;
    agree(&mini, "CT-1-M2", &json!({"CurrencyIsoCode": "EUR"})).await;
    mini.settle().await;
    let mut open = mini.exceptions().await;
    open.sort_by(|one, other| one.object_id.cmp(&other.object_id));
    assert_eq!(open.len(), 2, "{open:?}");
    for (exception, code) in open.iter().zip(["CT-1-M1", "CT-1-M2"]) {
        assert_eq!(
            (exception.cause(), exception.owner_role()),
            (Reason::InvalidField, OwnerRole::Sales)
        );
        assert_eq!(
            (exception.object_kind.as_str(), exception.object_id.as_str()),
            ("milestone", code)
        );
    }
    assert!(listed(&mini, MilestoneState::Unspecified).await.is_empty());
    assert!(priced(&mini).await.is_empty());
    assert!(mini.at.list("stories", &[("story_type", "milestone")]).await.is_empty());

    agree(&mini, "CT-1-M3", &json!({})).await;
    mini.settle().await;
    assert_eq!(only(&mini).await.code, "CT-1-M3");
    // What is recorded is never changed, not even for the same milestone.
    let mut contracts = ContractServiceClient::new(mini.all.below.master.clone());
    let held = strata_contract::strata::common::v1::Milestone {
        code: "CT-1-M3".to_owned(),
        contract_number: "CT-1".to_owned(),
        amount: only(&mini).await.amount,
        recorded_time: Some(strata_contract::pb_instant("2025-01-06T09:00:00Z".parse().unwrap())),
        ..Default::default()
    };
    let request = PutMilestonesRequest { milestones: vec![held] };
    let refused = contracts.put_milestones(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::AlreadyExists, "{refused}");
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_makes_no_second_milestone() {
    let mini = Mini::start().await;
    let deal = fixed_fee(&mini).await;
    agree(&mini, "CT-1-M1", &json!({})).await;
    mini.win(&deal).await;
    // The task's answer and the milestone's.
    mini.arm(Vendor::KantataOx, "POST /api/v1/stories", Fault::LoseAnswer, 2);
    for hour in [10, 12, 14] {
        mini.until(MONDAY, hour).await;
    }
    assert!(
        mini.all.faults[&Vendor::KantataOx].next("POST /api/v1/stories", "").is_none(),
        "both were lost"
    );
    assert_eq!(only(&mini).await.psa_id, text(&story(&mini).await["id"]));
    assert_eq!(mini.made().await["stories"], 2);
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_version_of_an_estimate_is_kept_and_one_that_does_not_fit_is_none() {
    let mini = agreed().await;
    let workspace = text(&mini.at.list("workspaces", &[]).await[0]["id"]);
    let estimate = async |minutes: Value, recorded_on: Value| {
        let custom = json!({"EAC Minutes": minutes, "EAC Recorded On": recorded_on});
        let body = json!({"workspace": {"custom_fields": custom}});
        mini.at.put(&format!("workspaces/{workspace}"), &body).await;
        mini.settle().await;
    };
    let known = async || {
        let request = ListProjectEstimatesRequest::default();
        let answer = desk(&mini).list_project_estimates(request).await.unwrap().into_inner();
        let row = |row: strata_contract::strata::process::billing::v1::ProjectEstimate| {
            assert_eq!(row.project_code, "PR-CT-1");
            (row.eac_minutes, row.recorded_date)
        };
        answer.estimates.into_iter().map(row).collect::<Vec<_>>()
    };
    // Made before there was a project, and entered when there is one.
    estimate(json!(6000), json!("2025-01-02")).await;
    let first = (6000, day("2025-01-02"));
    assert_eq!(known().await, [first]);
    mini.until(MONDAY, 10).await;
    for (minutes, recorded_on, field) in [
        (json!(-60), json!(MONDAY), "EAC Minutes"),
        (json!(7000), json!(null), "EAC Recorded On"),
    ] {
        estimate(minutes, recorded_on).await;
        let open = exception(&mini).await;
        assert_eq!(
            (open.cause(), open.object_kind.as_str()),
            (Reason::VendorRecordMalformed, "project")
        );
        assert_eq!((open.object_id.as_str(), open.field.as_str()), (workspace.as_str(), field));
        assert_eq!((open.state(), known().await), (ExceptionState::Open, vec![first]));
    }
    mini.until(MONDAY, 12).await;
    estimate(json!(7000), json!(MONDAY)).await;
    assert_eq!(exception(&mini).await.state(), ExceptionState::Resolved);
    let second = (7000, day(MONDAY));
    assert_eq!(known().await, [first, second]);
    // Anything else that happens to the project is no version; the first one said again is.
    mini.until(MONDAY, 14).await;
    mini.at
        .put(
            &format!("workspaces/{workspace}"),
            &json!({"workspace": {"description": "touched"}}),
        )
        .await;
    mini.settle().await;
    assert_eq!(known().await, [first, second]);
    mini.until(MONDAY, 16).await;
    estimate(json!(6000), json!("2025-01-02")).await;
    assert_eq!(known().await, [first, second, first]);
    mini.all.stop().await.unwrap();
}
