//! Closing a month: frozen, drained, reconciled, signed off; late things go to the next open period.

use serde_json::json;
use strata_contract::strata::error::v1::Reason;
use strata_contract::strata::process::reconciliation::v1 as pb;
use strata_contract::strata::process::reconciliation::v1::{CloseState, LineState, PeriodClose, RepairKind};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::books::{desk, lines, reconcile, repair};
use crate::mini::{MONDAY, Mini, text};

fn begin(key: &str) -> pb::BeginCloseRequest {
    pb::BeginCloseRequest {
        request_id: key.to_owned(),
        actor: "eva@firm.example".into(),
        period: "2025-01".into(),
        ..pb::BeginCloseRequest::default()
    }
}

async fn sign(mini: &Mini, key: &str, etag: &str) -> Result<PeriodClose, Status> {
    let request = pb::SignOffCloseRequest {
        request_id: key.to_owned(),
        actor: "eva@firm.example".into(),
        period: "2025-01".into(),
        etag: etag.to_owned(),
        ..pb::SignOffCloseRequest::default()
    };
    let answer = desk(mini).sign_off_close(request).await?;
    Ok(answer.into_inner().close.unwrap())
}

async fn get(mini: &Mini) -> PeriodClose {
    let request = pb::GetCloseRequest {
        period: "2025-01".into(),
        ..pb::GetCloseRequest::default()
    };
    desk(mini).get_close(request).await.unwrap().into_inner().close.unwrap()
}

async fn freeze(mini: &Mini, key: &str) -> Result<PeriodClose, Status> {
    let answer = desk(mini).begin_close(begin(key)).await?;
    Ok(answer.into_inner().close.unwrap())
}

fn reason(refusal: &Status) -> String {
    refusal.get_error_details().error_info().unwrap().reason.clone()
}

/// One day of work, invoiced and recognised, and January is over.
async fn lived() -> Mini {
    let mini = Mini::start().await;
    mini.sell("CT-1").await;
    mini.until(MONDAY, 10).await;
    mini.work(MONDAY, 480, "TE-1").await;
    mini.until("2025-01-07", 10).await;
    for day in ["2025-02-05", "2025-02-06", "2025-02-08", "2025-02-09"] {
        mini.until(day, 19).await;
    }
    mini
}

/// Reference, day of posting, work date and original period of the time in the books.
async fn booked(mini: &Mini) -> Vec<[String; 4]> {
    let columns = ["memo", "trandate", "custcol_work_date", "custcol_original_period"];
    let query = format!("SELECT {} FROM timebill ORDER BY id", columns.join(", "));
    let rows = mini.at.suiteql(&query).await;
    rows.iter()
        .map(|row| columns.map(|name| row.get(name).map(text).unwrap_or_default()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_is_frozen_drained_signed_and_reopened() {
    let mini = lived().await;
    let first = freeze(&mini, "b-1").await.unwrap();
    assert_eq!((first.state(), first.progress.unwrap().drained), (CloseState::Frozen, false));
    // The same command is the same close; another one finds it begun.
    assert_eq!(freeze(&mini, "b-1").await.unwrap(), first);
    assert_eq!(reason(&freeze(&mini, "b-2").await.unwrap_err()), "INVALID_TRANSITION");
    assert_eq!(reason(&sign(&mini, "s-0", "").await.unwrap_err()), "CLOSE_NOT_DRAINED");
    // The passes compare it by themselves, also after a restart.
    let mini = mini.restart().await;
    mini.settle().await;
    let now = get(&mini).await;
    assert!(now.progress.unwrap().drained, "{now:?}");

    // Somebody changes the books: it is not signed until a person accepts exactly that.
    let record = &mini.at.suiteql("SELECT id FROM timebill ORDER BY id").await[0];
    mini.at
        .patch("timeBill", &text(&record["id"]), &json!({"custcol_bill_amount": 1279}))
        .await;
    reconcile(&mini).await;
    assert_eq!(reason(&sign(&mini, "s-1", "").await.unwrap_err()), "CLOSE_DIFFERS");
    let [line] = lines(&mini, LineState::Differs).await.try_into().unwrap();
    let silent = pb::ApplyRepairRequest {
        etag: String::new(),
        ..repair(&line, RepairKind::Accept, "r-0")
    };
    assert_eq!(
        desk(&mini).apply_repair(silent).await.unwrap_err().code(),
        Code::InvalidArgument
    );
    desk(&mini)
        .apply_repair(repair(&line, RepairKind::Accept, "r-1"))
        .await
        .unwrap();
    reconcile(&mini).await;
    assert_eq!(reason(&sign(&mini, "s-2", "stale").await.unwrap_err()), "ETAG_MISMATCH");
    let signed = sign(&mini, "s-3", &now.etag).await.unwrap();
    assert_eq!(
        (signed.state(), signed.signed_by.as_str(), signed.digest.len()),
        (CloseState::Signed, "eva@firm.example", 64)
    );
    assert_eq!(signed.progress.unwrap().accepted, 1);
    assert_eq!(sign(&mini, "s-3", &now.etag).await.unwrap(), signed);
    assert_eq!(reason(&sign(&mini, "s-4", "").await.unwrap_err()), "INVALID_TRANSITION");

    let reopen = pb::ReopenCloseRequest {
        request_id: "o-1".into(),
        actor: "eva@firm.example".into(),
        reason: "a late credit".into(),
        period: "2025-01".into(),
        ..pb::ReopenCloseRequest::default()
    };
    desk(&mini).reopen_close(reopen).await.unwrap();
    let open = get(&mini).await;
    assert_eq!((open.state(), open.digest.as_str()), (CloseState::Reopened, ""));
    let done: Vec<_> = open
        .history
        .iter()
        .map(|event| (event.action.as_str(), event.digest.len()))
        .collect();
    assert_eq!(done, [("BEGIN", 0), ("SIGN_OFF", 64), ("REOPEN", 0)]);
    assert_eq!(freeze(&mini, "b-3").await.unwrap().state(), CloseState::Frozen);
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_late_goes_into_the_next_open_period() {
    let mini = lived().await;
    freeze(&mini, "b-1").await.unwrap();
    mini.until("2025-02-10", 9).await;
    mini.work("2025-01-08", 60, "TE-2").await;
    mini.until("2025-02-10", 11).await;
    assert_eq!(
        booked(&mini).await,
        [["TE-1", MONDAY, "", ""], ["TE-2", "2025-02-01", "2025-01-08", "2025-01"],]
    );
    // It is January's work all the same, and its books agree.
    let found = reconcile(&mini).await;
    assert_eq!((found.differing, found.in_flight), (0, 0));
    let none = mini.exceptions().await;
    assert!(
        none.iter().all(|exception| exception.cause() != Reason::PeriodClosed),
        "{none:?}"
    );
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_and_what_is_not_over_are_refused() {
    let mini = Mini::start().await;
    mini.sell("CT-1").await;
    mini.until(MONDAY, 10).await;
    assert_eq!(reason(&freeze(&mini, "b-1").await.unwrap_err()), "INVALID_TRANSITION");
    let nowhere = pb::BeginCloseRequest {
        legal_entity_code: "XX99".into(),
        ..begin("b-2")
    };
    assert_eq!(desk(&mini).begin_close(nowhere).await.unwrap_err().code(), Code::NotFound);
    let unknown = pb::GetCloseRequest {
        period: "2025-01".into(),
        ..pb::GetCloseRequest::default()
    };
    assert_eq!(desk(&mini).get_close(unknown).await.unwrap_err().code(), Code::NotFound);
    mini.all.stop().await.unwrap();
}
