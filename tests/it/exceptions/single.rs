//! One exception, and what people may do about it.

use super::*;

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
