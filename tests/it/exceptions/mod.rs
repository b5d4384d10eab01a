//! The exceptions desk: what people do about what is stuck, one by one and in bulk.

mod bulk;
mod single;

use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use strata::Role;
use strata_contract::Transport;
use strata_contract::pb_date;
use strata_contract::strata::common::v1::Money;
use strata_contract::strata::error::v1::Reason;
use strata_contract::strata::process::billing::v1::billing_service_client::BillingServiceClient;
use strata_contract::strata::process::billing::v1::{GetPostingSummaryRequest, ListDocumentsRequest, ListUnbilledTimeRequest};
use strata_contract::strata::process::exception::v1::edit_and_retry_exception_request::Edit;
use strata_contract::strata::process::exception::v1::exception_service_client::ExceptionServiceClient;
use strata_contract::strata::process::exception::v1::preview_bulk_action_request::Action;
use strata_contract::strata::process::exception::v1::*;
use strata_contract::strata::process::reconciliation::v1::ReconcileTimeRequest;
use strata_contract::strata::process::reconciliation::v1::reconciliation_service_client::ReconciliationServiceClient;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::database::Postgres;
use crate::mini::{MONDAY, Mini};
use crate::place::program;

const EVA: &str = "eva@firm.example";

fn desk(mini: &Mini) -> ExceptionServiceClient<Transport> {
    ExceptionServiceClient::new(mini.all.installation.process.clone())
}

/// Every month is closed in the books, for time too, or opened again: what January refuses has no later month to go to.
async fn close(mini: &Mini, closed: bool) {
    let state = json!({"closed": closed, "allowNonGLChanges": false});
    for month in ["2025-01", "2025-02", "2025-03"] {
        mini.at.upsert("accountingPeriod", month, &state).await;
    }
}

async fn only(mini: &Mini) -> Exception {
    let all = mini.exceptions().await;
    let [one] = all.as_slice() else { panic!("{all:?}") };
    one.clone()
}

async fn shown(mini: &Mini, id: &str) -> GetExceptionResponse {
    let request = GetExceptionRequest {
        exception_id: id.to_owned(),
    };
    desk(mini).get_exception(request).await.unwrap().into_inner()
}

fn retry(id: &str, request_id: &str) -> RetryExceptionRequest {
    RetryExceptionRequest {
        exception_id: id.to_owned(),
        request_id: request_id.to_owned(),
        actor: EVA.to_owned(),
        ..RetryExceptionRequest::default()
    }
}

fn skip(id: &str, request_id: &str, reason: &str) -> SkipExceptionRequest {
    SkipExceptionRequest {
        exception_id: id.to_owned(),
        request_id: request_id.to_owned(),
        actor: EVA.to_owned(),
        reason: reason.to_owned(),
        ..SkipExceptionRequest::default()
    }
}

fn cancel(id: &str, request_id: &str) -> CancelExceptionRequest {
    CancelExceptionRequest {
        exception_id: id.to_owned(),
        request_id: request_id.to_owned(),
        actor: EVA.to_owned(),
        reason: "entered twice".to_owned(),
        ..CancelExceptionRequest::default()
    }
}

/// Code and reason of a refusal.
fn refusal<T: std::fmt::Debug>(answer: Result<T, Status>) -> (Code, String) {
    let status = answer.unwrap_err();
    let reason = status.get_error_details().error_info().unwrap().reason.clone();
    (status.code(), reason)
}

fn failed(reason: &str) -> (Code, String) {
    (Code::FailedPrecondition, reason.to_owned())
}

/// How many postings of time there are in a state.
async fn postings(mini: &Mini, state: &str) -> u64 {
    let mut billing = BillingServiceClient::new(mini.all.installation.process.clone());
    let answer = billing.get_posting_summary(GetPostingSummaryRequest {}).await.unwrap();
    let counts = answer.into_inner().counts.into_iter();
    counts
        .filter(|row| row.kind == "time" && row.state == state)
        .map(|row| row.count)
        .sum()
}

/// Minor units of each document.
async fn billed(mini: &Mini) -> Vec<i64> {
    let mut billing = BillingServiceClient::new(mini.all.installation.process.clone());
    let answer = billing.list_documents(ListDocumentsRequest::default()).await.unwrap();
    let documents = answer.into_inner().documents.into_iter();
    documents.map(|document| document.gross.unwrap().minor_units).collect()
}

/// The books of January as the reconciliation sees them: findings, and what is excepted.
async fn reconciled(mini: &Mini) -> (u64, u64) {
    let mut desk = ReconciliationServiceClient::new(mini.all.installation.process.clone());
    let request = ReconcileTimeRequest {
        from_date: Some(pb_date("2025-01-01".parse().unwrap())),
        to_date: Some(pb_date("2025-01-31".parse().unwrap())),
    };
    let answer = desk.reconcile_time(request).await.unwrap().into_inner();
    (answer.findings, answer.excepted)
}

/// Time that the books refuse, because its month and all later ones are closed.
async fn refused(mini: &Mini, entries: u32) {
    mini.sell("CT-1").await;
    close(mini, true).await;
    for n in 0..entries {
        let day = format!("2025-01-{:02}", 6 + n % 20);
        mini.work(&day, 15, &format!("TE-{n}")).await;
    }
    mini.until("2025-01-28", 10).await;
    assert_eq!(postings(mini, "REJECTED").await, u64::from(entries));
}
