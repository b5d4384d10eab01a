//! Nobody approves what they did or proposed themselves, whatever their roles and whatever name they say.

use serde_json::json;
use strata::Role;
use strata::allinone::AllInOne;
use strata_contract::Transport;
use strata_contract::strata::process::billing::v1::billing_service_client::BillingServiceClient;
use strata_contract::strata::process::billing::v1::{ApproveMilestoneRequest, MilestoneState};
use strata_contract::strata::process::operations::v1::ListAuditEventsRequest;
use strata_contract::strata::process::operations::v1::audit_service_client::AuditServiceClient;
use strata_contract::strata::process::reconciliation::v1 as books;
use strata_contract::strata::process::reconciliation::v1::reconciliation_service_client::ReconciliationServiceClient;
use strata_contract::strata::process::workforce::v1::ListTimeEntriesRequest;
use strata_contract::strata::process::workforce::v1::workforce_report_service_client::WorkforceReportServiceClient;
use tempfile::TempDir;
use tonic::{Code, Status};

use crate::mini::{MONDAY, Mini, text};
use crate::tokens::{self, reason, signed};

/// A role that may do everything.
const ALL: &str = "administrator";

/// The platform again, for callers with tokens.
async fn guarded(mini: Mini) -> (AllInOne, Transport, TempDir) {
    let section = tokens::section(mini.folder(), &[(ALL, vec!["*".to_owned()])]);
    let (all, folder) = mini.restart_with(section).await;
    let to = strata_rpc::connect(&all.installation.addresses.of(Role::All).unwrap().to_string()).unwrap();
    (all, to, folder)
}

fn refused(status: &Status) {
    assert_eq!(
        (status.code(), reason(status)),
        (Code::PermissionDenied, "OWN_APPROVAL".to_owned())
    );
}

/// Who was refused by which policy, as the audit log has it.
async fn denied(to: &Transport, token: &str) -> (String, String) {
    let request = signed(ListAuditEventsRequest::default(), token);
    let rows = AuditServiceClient::new(to.clone()).list_audit_events(request).await;
    let rows = rows.unwrap().into_inner().audit_events;
    let denied = rows.into_iter().find(|row| row.code == "PERMISSION_DENIED").unwrap();
    (denied.subject, denied.object)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_froze_a_month_does_not_sign_it_off() {
    let mini = Mini::start().await;
    mini.until("2025-02-10", 9).await;
    let (all, to, _folder) = guarded(mini).await;
    let mut desk = ReconciliationServiceClient::new(to.clone());
    let token = |subject: &str| tokens::saying(ALL, &json!({ "sub": subject }));
    let begin = books::BeginCloseRequest {
        request_id: "b-1".into(),
        actor: "eva@firm.example".into(),
        period: "2025-01".into(),
        ..books::BeginCloseRequest::default()
    };
    let begun = desk.begin_close(signed(begin, &token("eva"))).await.unwrap().into_inner();
    assert_eq!(begun.close.unwrap().frozen_subject, "eva");
    let sign = |key: &str| books::SignOffCloseRequest {
        request_id: key.to_owned(),
        actor: "max@firm.example".into(),
        period: "2025-01".into(),
        ..books::SignOffCloseRequest::default()
    };
    refused(&desk.sign_off_close(signed(sign("s-1"), &token("eva"))).await.unwrap_err());
    let by_another = desk.sign_off_close(signed(sign("s-2"), &token("max"))).await;
    assert!(by_another.is_ok() || reason(&by_another.unwrap_err()) == "CLOSE_NOT_DRAINED");
    let expected = ("eva".to_owned(), "policy/own-approval".to_owned());
    assert_eq!(denied(&to, &token("max")).await, expected);
    all.stop().await.unwrap();
}

/// A milestone that the customer accepted, of an engagement that the firm's only consultant worked for.
async fn accepted(mini: &Mini) {
    let terms = json!({"Contract_Type__c": "fixed_fee", "Revenue_Method__c": "milestone", "Contract_Value__c": 16000});
    let deal = mini.deal("CT-1", &terms).await;
    let body = json!({"Name": "delivery", "Milestone_Code__c": "CT-1-M1", "Contract_Code__c": "CT-1", "Amount__c": 8000,
        "CurrencyIsoCode": "USD", "Planned_On__c": "2025-02-03", "Amendment_Code__c": null, "Sequence__c": 1});
    mini.at.create("Contract_Milestone__c", &body).await;
    mini.win(&deal).await;
    mini.settle().await;
    mini.until("2025-01-07", 19).await;
    let stories = mini.at.list("stories", &[]).await;
    let task = stories.iter().find(|story| story["story_type"] != "milestone");
    let task: u64 = text(&task.unwrap_or_else(|| panic!("{stories:?}"))["id"]).parse().unwrap();
    let entry = mini.enter("2025-01-07", 60, "TE-1", &json!({ "story_id": task })).await;
    mini.approve("2025-01-07", entry, "TE-1").await;
    let stories = mini.at.list("stories", &[("story_type", "milestone")]).await;
    let said = json!({"Accepted On": MONDAY, "Acceptance Evidence": "signed"});
    let body = json!({"story": {"state": "completed", "custom_fields": said}});
    mini.at.put(&format!("stories/{}", text(&stories[0]["id"])), &body).await;
    mini.settle().await;
    let exceptions = mini.exceptions().await;
    assert!(exceptions.is_empty(), "{exceptions:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_worked_for_a_milestone_does_not_let_it_be_billed() {
    let mini = Mini::start().await;
    accepted(&mini).await;
    let (all, to, _folder) = guarded(mini).await;
    let max = tokens::saying(ALL, &json!({"sub": "max", "employee": "EM-9"}));
    let request = signed(ListTimeEntriesRequest::default(), &max);
    let time = WorkforceReportServiceClient::new(to.clone()).list_time_entries(request).await;
    let worked = time.unwrap().into_inner().time_entries.remove(0).employee_number;
    let eva = tokens::saying(ALL, &json!({"sub": "eva", "employee": worked}));
    let mut desk = BillingServiceClient::new(to.clone());
    let approve = |key: &str| ApproveMilestoneRequest {
        request_id: key.to_owned(),
        milestone_code: "CT-1-M1".into(),
        approver: "max@firm.example".into(),
    };
    refused(&desk.approve_milestone(signed(approve("m-1"), &eva)).await.unwrap_err());
    let approved = desk.approve_milestone(signed(approve("m-2"), &max)).await.unwrap();
    assert_eq!(approved.into_inner().milestone.unwrap().state(), MilestoneState::Approved);
    let expected = ("eva".to_owned(), "policy/own-approval-by-employee-number".to_owned());
    assert_eq!(denied(&to, &max).await, expected);
    all.stop().await.unwrap();
}
