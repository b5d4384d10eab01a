//! The exceptions desk: what people do about what is stuck, one by one and in bulk.

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

async fn a_refused_posting_is_skipped_and_taken_up_again(mini: Mini) {
    refused(&mini, 1).await;
    let held = only(&mini).await;
    assert_eq!(
        (held.cause(), held.owner_role(), held.severity(), held.state()),
        (
            Reason::PeriodClosed,
            OwnerRole::Finance,
            Severity::Block,
            ExceptionState::Open
        )
    );
    assert_eq!((held.occurrences, held.next_step.is_empty()), (1, false));
    let quarter = Money {
        currency_code: "USD".to_owned(),
        minor_units: 4000,
    };
    assert_eq!(held.amount, Some(quarter.clone()));
    let groups = desk(&mini).group_exceptions(GroupExceptionsRequest::default()).await.unwrap();
    let groups = groups.into_inner().groups;
    assert_eq!(
        (groups.len(), groups[0].count, groups[0].cause()),
        (1, 1, Reason::PeriodClosed)
    );
    assert_eq!(groups[0].amounts, [quarter]);

    let allowed = shown(&mini, &held.id).await;
    use ExceptionAction::{Assign, Cancel, Retry, Skip};
    assert_eq!(allowed.allowed_actions().collect::<Vec<_>>(), [Retry, Skip, Cancel, Assign]);

    // Asked what it would do, it does nothing.
    let dry = SkipExceptionRequest {
        validate_only: true,
        ..skip(&held.id, "skip-1", "immaterial")
    };
    let would = desk(&mini).skip_exception(dry).await.unwrap().into_inner();
    assert_eq!(would.exception.unwrap().state(), ExceptionState::Skipped);
    assert_eq!(only(&mini).await, held);
    assert_eq!(postings(&mini, "SKIPPED").await, 0);

    let done = desk(&mini)
        .skip_exception(skip(&held.id, "skip-1", "immaterial"))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(done.effects, would.effects);
    assert_eq!((postings(&mini, "SKIPPED").await, postings(&mini, "REJECTED").await), (1, 0));
    assert_eq!(reconciled(&mini).await, (0, 1), "it is owed, and not missing");
    // The same command has the same answer, another body is a conflict.
    let again = desk(&mini)
        .skip_exception(skip(&held.id, "skip-1", "immaterial"))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(again, done);
    let other = desk(&mini).skip_exception(skip(&held.id, "skip-1", "other words")).await;
    assert_eq!(refusal(other), (Code::AlreadyExists, "IDEMPOTENCY_CONFLICT".to_owned()));
    let twice = desk(&mini).skip_exception(skip(&held.id, "skip-2", "immaterial")).await;
    assert_eq!(refusal(twice), failed("INVALID_TRANSITION"));

    // Nothing but a person takes it up again.
    close(&mini, false).await;
    mini.until("2025-01-29", 10).await;
    assert_eq!(mini.made().await["timeBill"], 0);
    desk(&mini).retry_exception(retry(&held.id, "retry-1")).await.unwrap();
    mini.settle().await;
    assert_eq!((mini.made().await["timeBill"], postings(&mini, "SKIPPED").await), (1, 0));
    let mended = shown(&mini, &held.id).await;
    assert_eq!(mended.exception.clone().unwrap().state(), ExceptionState::Resolved);
    assert!(mended.allowed_actions.is_empty());
    let history: Vec<_> = mended
        .history
        .iter()
        .map(|done| (done.action(), done.actor.as_str(), done.state_after()))
        .collect();
    assert_eq!(
        history,
        [(Retry, EVA, ExceptionState::Open), (Skip, EVA, ExceptionState::Skipped)]
    );
    assert_eq!(mended.history[1].reason, "immaterial");

    // Mended meanwhile: whoever read it before is told its state.
    let late = RetryExceptionRequest {
        etag: held.etag,
        ..retry(&held.id, "late")
    };
    let late = desk(&mini).retry_exception(late).await;
    assert!(late.as_ref().unwrap_err().message().contains("RESOLVED"), "{late:?}");
    assert_eq!(refusal(late), failed("INVALID_TRANSITION"));
    let late = desk(&mini).skip_exception(skip(&held.id, "late-2", "immaterial")).await;
    assert_eq!(refusal(late), failed("INVALID_TRANSITION"));
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_posting_is_skipped_and_taken_up_again_on_sqlite() {
    a_refused_posting_is_skipped_and_taken_up_again(Mini::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_posting_is_skipped_and_taken_up_again_on_postgres() {
    let Some(database) = Postgres::of("exceptions") else {
        return;
    };
    a_refused_posting_is_skipped_and_taken_up_again(Mini::start_on(Some(database.url())).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_posting_that_is_cancelled_is_withdrawn_for_good() {
    let mini = Mini::start().await;
    refused(&mini, 1).await;
    let held = only(&mini).await;
    desk(&mini).cancel_exception(cancel(&held.id, "cancel-1")).await.unwrap();
    assert_eq!(
        (postings(&mini, "WITHDRAWN").await, postings(&mini, "REJECTED").await),
        (1, 0)
    );
    assert_eq!(only(&mini).await.state(), ExceptionState::Cancelled);
    close(&mini, false).await;
    assert_eq!(
        refusal(desk(&mini).retry_exception(retry(&held.id, "retry-1")).await),
        failed("INVALID_TRANSITION")
    );
    mini.until("2025-01-29", 10).await;
    assert_eq!(mini.made().await["timeBill"], 0);
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn time_that_nobody_can_price_is_left_out_of_everything() {
    let mini = Mini::start().await;
    mini.sell("CT-1").await;
    mini.until(MONDAY, 10).await;
    mini.work(MONDAY, 60, "TE-FINE").await;
    let fields = json!({"custom_fields": {"Role": "astronaut", "Work Type": "regular", "Write Down Minutes": 0}});
    let odd = mini.enter(MONDAY, 60, "TE-ODD", &fields).await;
    mini.approve(MONDAY, odd, "TE-ODD").await;
    mini.settle().await;
    let held = only(&mini).await;
    assert_eq!((held.cause(), held.object_id.as_str()), (Reason::RateNotFound, "TE-ODD"));
    desk(&mini)
        .skip_exception(skip(&held.id, "skip-1", "not ours to bill"))
        .await
        .unwrap();
    mini.until("2025-01-08", 10).await;
    assert_eq!(reconciled(&mini).await, (0, 1));

    // A price comes late: what is left out stays out.
    let line = json!({"Name": "RL-2", "Line_Code__c": "RL-2", "Level__c": "standard", "Level_Key__c": "US01",
        "Role__c": "astronaut", "CurrencyIsoCode": "USD", "Hourly_Rate__c": 500, "Effective_From__c": "2024-01-01"});
    mini.at.create("Rate_Line__c", &line).await;
    mini.until("2025-02-05", 19).await;
    assert_eq!(billed(&mini).await, [16_000]);
    let mut billing = BillingServiceClient::new(mini.all.installation.process.clone());
    let unbilled = billing.list_unbilled_time(ListUnbilledTimeRequest::default()).await.unwrap();
    assert!(unbilled.into_inner().unbilled.is_empty());
    assert_eq!(
        (only(&mini).await.state(), mini.made().await["timeBill"]),
        (ExceptionState::Skipped, 1)
    );

    // Taken up again, it is billed by the next run.
    desk(&mini).retry_exception(retry(&held.id, "retry-1")).await.unwrap();
    mini.until("2025-03-05", 19).await;
    let mut documents = billed(&mini).await;
    documents.sort();
    assert_eq!(documents, [16_000, 50_000]);
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_receipt_is_edited_and_the_expense_is_billed() {
    let mini = Mini::start().await;
    mini.sell("CT-1").await;
    mini.until(MONDAY, 10).await;
    mini.spend(MONDAY, 10_000, "EX-1").await;
    mini.spend(MONDAY, 20_000, "EX-2").await;
    mini.settle().await;
    let mut open = mini.exceptions().await;
    open.sort_by(|a, b| a.object_id.cmp(&b.object_id));
    let causes: Vec<_> = open.iter().map(|held| (held.cause(), held.object_id.as_str())).collect();
    assert_eq!(causes, [(Reason::ReceiptMissing, "EX-1"), (Reason::ReceiptMissing, "EX-2")]);
    assert_eq!(open[0].amount.as_ref().unwrap().minor_units, 10_000);
    assert_eq!(shown(&mini, &open[0].id).await.allowed_edits, ["receipt"]);

    let edit = |edit| EditAndRetryExceptionRequest {
        exception_id: open[0].id.clone(),
        request_id: "edit-1".to_owned(),
        actor: EVA.to_owned(),
        reason: "the hotel sent it by mail".to_owned(),
        edit: Some(edit),
        ..EditAndRetryExceptionRequest::default()
    };
    let day = Edit::Date(DateEdit {
        date: Some(pb_date(MONDAY.parse().unwrap())),
    });
    let wrong = desk(&mini).edit_and_retry_exception(edit(day)).await;
    assert_eq!(refusal(wrong), failed("INVALID_TRANSITION"), "no day is at fault");
    let receipt = Edit::Receipt(ReceiptEdit {
        location: "DMS 2025-0117".to_owned(),
    });
    let done = desk(&mini)
        .edit_and_retry_exception(edit(receipt))
        .await
        .unwrap()
        .into_inner();
    assert!(done.effects[0].contains("DMS 2025-0117"), "{:?}", done.effects);
    desk(&mini)
        .skip_exception(skip(&open[1].id, "skip-1", "the firm bears it"))
        .await
        .unwrap();
    mini.settle().await;
    assert_eq!(
        shown(&mini, &open[0].id).await.exception.unwrap().state(),
        ExceptionState::Resolved
    );
    // The PSA is read again and again, and still knows of no receipt.
    mini.until("2025-02-05", 19).await;
    assert_eq!(billed(&mini).await, [10_000]);
    assert_eq!(
        shown(&mini, &open[0].id).await.exception.unwrap().state(),
        ExceptionState::Resolved
    );
    assert_eq!(
        shown(&mini, &open[1].id).await.exception.unwrap().state(),
        ExceptionState::Skipped
    );
    mini.all.stop().await.unwrap();
}

/// What the program prints for `exceptions ...`, with its exit code.
async fn strata(mini: &Mini, arguments: &str) -> (i32, String, String) {
    let address = mini.all.installation.addresses.of(Role::Process).unwrap();
    let arguments: Vec<String> = arguments.split_whitespace().map(str::to_owned).collect();
    let run = move || {
        let mut command = Command::new(program());
        command
            .arg("exceptions")
            .args(arguments)
            .env("STRATA_USER", EVA)
            .env("STRATA_PROCESS", address.to_string());
        command.output().unwrap()
    };
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_assigned_and_retried_at_once_and_the_same_call_goes_on_where_it_was() {
    let mini = Mini::start().await;
    refused(&mini, 60).await;
    let open = mini.exceptions().await;
    assert_eq!(open.len(), 60);
    assert!(open.is_sorted_by_key(|held| held.due_time.map(|due| (due.seconds, due.nanos))));
    let preview = |action| PreviewBulkActionRequest {
        filter: Some(ExceptionFilter {
            cause: Reason::PeriodClosed.into(),
            state: ExceptionState::Open.into(),
            ..ExceptionFilter::default()
        }),
        limit: 0,
        actor: EVA.to_owned(),
        reason: "January is open again".to_owned(),
        action: Some(action),
    };
    let frozen = desk(&mini)
        .preview_bulk_action(preview(Action::Retry(BulkRetry {})))
        .await
        .unwrap()
        .into_inner();
    assert_eq!((frozen.planned, frozen.items.len(), frozen.more), (60, 60, false));
    assert_eq!(mini.exceptions().await, open, "a preview changes nothing");

    // One is skipped after the preview.
    let changed = frozen.items[0].exception_id.clone();
    desk(&mini)
        .skip_exception(skip(&changed, "skip-1", "immaterial"))
        .await
        .unwrap();
    close(&mini, false).await;
    let apply = |request_id: &str| ApplyBulkActionRequest {
        token: frozen.token.clone(),
        request_id: request_id.to_owned(),
    };
    // Whoever calls goes away in between, again and again.
    for millis in [1, 3, 6] {
        let _ = tokio::time::timeout(Duration::from_millis(millis), desk(&mini).apply_bulk_action(apply("bulk-1"))).await;
    }
    let done = desk(&mini).apply_bulk_action(apply("bulk-1")).await.unwrap().into_inner();
    assert_eq!((done.done, done.refused, done.changed), (59, 0, 1));
    let untouched = done.items.iter().find(|item| item.exception_id == changed).unwrap();
    assert_eq!(untouched.outcome(), BulkOutcome::Changed);
    mini.settle().await;
    assert_eq!((mini.made().await["timeBill"], postings(&mini, "SKIPPED").await), (59, 1));
    for held in &open {
        let history = shown(&mini, &held.id).await.history;
        assert_eq!(history.len(), 1, "{history:?}");
    }
    let again = desk(&mini).apply_bulk_action(apply("bulk-1")).await.unwrap().into_inner();
    assert_eq!(again, done);
    let other = desk(&mini).apply_bulk_action(apply("bulk-2")).await;
    assert_eq!(refusal(other), (Code::AlreadyExists, "IDEMPOTENCY_CONFLICT".to_owned()));
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_does_what_the_desk_does() {
    let mini = Mini::start().await;
    refused(&mini, 3).await;
    let (code, table, problem) = strata(&mini, "group").await;
    println!("{table}");
    assert!(
        code == 0 && table.contains("PERIOD_CLOSED") && table.contains("120.00 USD"),
        "{table}{problem}"
    );
    let (code, list, _) = strata(&mini, "list --owner finance").await;
    println!("{list}");
    assert_eq!((code, list.lines().count()), (0, 4));
    let (code, all, _) = strata(&mini, "list --output json").await;
    let all: Value = serde_json::from_str(&all).unwrap();
    let id = all["exceptions"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(code, 0);

    let (code, out, _) = strata(&mini, &format!("skip {id} --reason immaterial --dry-run")).await;
    println!("{out}");
    assert!(
        code == 0 && out.contains("would be skipped") && out.contains("nothing was done"),
        "{out}"
    );
    assert_eq!(postings(&mini, "SKIPPED").await, 0);
    assert_eq!(strata(&mini, &format!("assign {id} --to {EVA}")).await.0, 0);
    let (code, out, _) = strata(&mini, &format!("skip {id} --reason immaterial")).await;
    println!("{out}");
    assert!(code == 0 && out.contains("is skipped"), "{out}");
    let (code, out, _) = strata(&mini, &format!("show {id}")).await;
    println!("{out}");
    assert!(code == 0 && out.contains(EVA) && out.contains("immaterial"), "{out}");
    let (code, _, problem) = strata(&mini, &format!("skip {id} --reason twice")).await;
    assert!(code == 73 && problem.contains("SKIPPED"), "{code} {problem}");

    let (code, _, problem) = strata(&mini, "retry --cause PERIOD_CLOSED --reason reopened").await;
    assert!(code == 2 && problem.contains("--yes"), "{code} {problem}");
    close(&mini, false).await;
    let (code, out, problem) = strata(&mini, "retry --cause PERIOD_CLOSED --reason reopened --yes").await;
    println!("{out}");
    assert!(code == 0 && out.contains("2 done"), "{out}{problem}");
    mini.settle().await;
    assert_eq!(mini.made().await["timeBill"], 2);
    let (code, out, _) = strata(&mini, &format!("cancel {id} --reason duplicate")).await;
    assert!(code == 0 && out.contains("is cancelled"), "{out}");
    let (code, _, _) = strata(&mini, "show exc_00000000000000000000").await;
    assert_eq!(code, 69);
    mini.all.stop().await.unwrap();
}
