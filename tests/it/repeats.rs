//! A hundred callers with one key: one effect, one answer for all of them, and both digests for whoever says something else.

use std::fmt::Debug;
use std::future::Future;

use serde_json::json;
use strata_contract::strata::process::billing::v1::ApproveMilestoneRequest;
use strata_contract::strata::process::billing::v1::billing_service_client::BillingServiceClient;
use strata_contract::strata::process::exception::v1::exception_service_client::ExceptionServiceClient;
use strata_contract::strata::process::exception::v1::{GetExceptionRequest, SkipExceptionRequest};
use strata_contract::strata::process::operations::v1::PlanReplayRequest;
use strata_contract::strata::process::operations::v1::event_service_client::EventServiceClient;
use strata_contract::strata::process::reconciliation::v1::BeginCloseRequest;
use strata_contract::strata::process::reconciliation::v1::reconciliation_service_client::ReconciliationServiceClient;
use strata_contract::{Transport, pb_instant};
use tonic::{Code, Response, Status};
use tonic_types::StatusExt;

use crate::database::Postgres;
use crate::mini::{MONDAY, Mini, text};

const CALLERS: usize = 100;
const EVA: &str = "eva@firm.example";

/// All at once. What each of them was told is the same.
async fn at_once<T, F>(call: impl Fn() -> F) -> T
where
    T: Clone + PartialEq + Debug + Send + 'static,
    F: Future<Output = Result<Response<T>, Status>> + Send + 'static,
{
    let calls: Vec<_> = (0..CALLERS).map(|_| tokio::spawn(call())).collect();
    let mut first = None;
    for call in calls {
        let answer = call.await.unwrap().unwrap().into_inner();
        assert_eq!(&answer, first.get_or_insert(answer.clone()));
    }
    first.unwrap()
}

/// The same key with another body: refused, with the digest of each.
fn conflict<T: Debug>(answer: Result<T, Status>) {
    let refusal = answer.unwrap_err();
    assert_eq!(refusal.code(), Code::AlreadyExists, "{refusal:?}");
    let details = refusal.get_error_details();
    let info = details.error_info().unwrap();
    assert_eq!(info.reason, "IDEMPOTENCY_CONFLICT");
    let [held, sent] = ["held_digest", "sent_digest"].map(|name| info.metadata[name].clone());
    assert_eq!((held.len(), sent.len()), (64, 64), "SHA-256 in hex");
    assert_ne!(held, sent);
}

fn process(mini: &Mini) -> Transport {
    mini.all.installation.process.clone()
}

/// Time that the closed books refuse is skipped.
async fn of_the_exceptions_desk(mini: &Mini) {
    let state = json!({"closed": true, "allowNonGLChanges": false});
    for month in ["2025-01", "2025-02", "2025-03"] {
        mini.at.upsert("accountingPeriod", month, &state).await;
    }
    mini.work(MONDAY, 60, "TE-1").await;
    mini.until("2025-01-28", 10).await;
    let id = mini.exceptions().await[0].id.clone();
    let skip = SkipExceptionRequest {
        exception_id: id.clone(),
        request_id: "skip-1".into(),
        actor: EVA.into(),
        reason: "immaterial".into(),
        ..SkipExceptionRequest::default()
    };
    let desk = ExceptionServiceClient::new(process(mini));
    let call = || {
        let (mut desk, skip) = (desk.clone(), skip.clone());
        async move { desk.skip_exception(skip).await }
    };
    at_once(call).await;
    let mut desk = desk.clone();
    let shown = desk
        .get_exception(GetExceptionRequest { exception_id: id })
        .await
        .unwrap()
        .into_inner();
    assert_eq!(shown.history.len(), 1, "{shown:?}");
    let other = SkipExceptionRequest {
        reason: "something else".into(),
        ..skip
    };
    conflict(desk.skip_exception(other).await);
}

async fn of_the_close_of_a_month(mini: &Mini) {
    let begin = BeginCloseRequest {
        request_id: "begin-1".into(),
        actor: EVA.into(),
        period: "2024-12".into(),
        ..BeginCloseRequest::default()
    };
    let desk = ReconciliationServiceClient::new(process(mini));
    let call = || {
        let (mut desk, begin) = (desk.clone(), begin.clone());
        async move { desk.begin_close(begin).await }
    };
    at_once(call).await;
    let other = BeginCloseRequest {
        reason: "something else".into(),
        ..begin
    };
    conflict(desk.clone().begin_close(other).await);
}

async fn of_the_plans_for_events(mini: &Mini) {
    let instant = |text: &str| Some(pb_instant(text.parse().unwrap()));
    let plan = PlanReplayRequest {
        request_id: "plan-1".into(),
        consumer: "invoice-status".into(),
        from_time: instant("2025-01-01T00:00:00Z"),
        to_time: instant("2025-01-10T00:00:00Z"),
        ..PlanReplayRequest::default()
    };
    let desk = EventServiceClient::new(process(mini));
    let call = || {
        let (mut desk, plan) = (desk.clone(), plan.clone());
        async move { desk.plan_replay(plan).await }
    };
    at_once(call).await;
    let other = PlanReplayRequest {
        to_time: instant("2025-01-11T00:00:00Z"),
        ..plan
    };
    conflict(desk.clone().plan_replay(other).await);
}

/// A milestone that the customer accepted is approved.
async fn of_the_approval_of_a_milestone(mini: &Mini) {
    let terms = json!({"Contract_Type__c": "fixed_fee", "Revenue_Method__c": "milestone", "Contract_Value__c": 16000});
    let deal = mini.deal("CT-2", &terms).await;
    let body = json!({"Name": "delivery", "Milestone_Code__c": "CT-2-M1", "Contract_Code__c": "CT-2", "Amount__c": 8000,
        "CurrencyIsoCode": "USD", "Planned_On__c": "2025-02-03", "Amendment_Code__c": null, "Sequence__c": 1});
    mini.at.create("Contract_Milestone__c", &body).await;
    mini.win(&deal).await;
    mini.settle().await;
    let stories = mini.at.list("stories", &[("story_type", "milestone")]).await;
    let id = text(&stories[0]["id"]);
    let said = json!({"Accepted On": MONDAY, "Acceptance Evidence": "signed"});
    let body = json!({"story": {"state": "completed", "custom_fields": said}});
    mini.at.put(&format!("stories/{id}"), &body).await;
    mini.settle().await;
    let approve = ApproveMilestoneRequest {
        request_id: "approve-1".into(),
        milestone_code: "CT-2-M1".into(),
        approver: EVA.into(),
    };
    let desk = BillingServiceClient::new(process(mini));
    let call = || {
        let (mut desk, approve) = (desk.clone(), approve.clone());
        async move { desk.approve_milestone(approve).await }
    };
    at_once(call).await;
    let other = ApproveMilestoneRequest {
        approver: "cfo@firm.example".into(),
        ..approve
    };
    conflict(desk.clone().approve_milestone(other).await);
}

async fn a_hundred_callers_with_one_key(mini: Mini) {
    mini.sell("CT-1").await;
    of_the_approval_of_a_milestone(&mini).await;
    of_the_plans_for_events(&mini).await;
    of_the_exceptions_desk(&mini).await;
    of_the_close_of_a_month(&mini).await;
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_callers_with_one_key_have_one_effect_on_sqlite() {
    a_hundred_callers_with_one_key(Mini::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_callers_with_one_key_have_one_effect_on_postgres() {
    let Some(database) = Postgres::of("repeats") else {
        return;
    };
    a_hundred_callers_with_one_key(Mini::start_on(Some(database.url())).await).await;
}
