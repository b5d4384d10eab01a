//! The time in the books, compared with what was approved: what somebody damaged is found, has an owner, and is resolved when it is
//! mended.

use serde_json::{Value, json};
use strata_contract::strata::error::v1::Reason;
use strata_contract::strata::process::exception::v1::{Exception, ExceptionState, OwnerRole};
use strata_contract::strata::process::reconciliation::v1::reconciliation_service_client::ReconciliationServiceClient;
use strata_contract::strata::process::reconciliation::v1::{
    Finding, FindingKind, FindingState, ListFindingsRequest, ReconcileTimeRequest, ReconcileTimeResponse,
};
use strata_contract::{Transport, pb_date};
use tonic::Code;

use crate::books::{record, worked};
use crate::mini::{MONDAY, Mini, text};

fn desk(mini: &Mini) -> ReconciliationServiceClient<Transport> {
    ReconciliationServiceClient::new(mini.all.installation.process.clone())
}

fn range(from: &str, to: &str) -> ReconcileTimeRequest {
    ReconcileTimeRequest {
        from_date: Some(pb_date(from.parse().unwrap())),
        to_date: Some(pb_date(to.parse().unwrap())),
    }
}

async fn reconcile(mini: &Mini) -> ReconcileTimeResponse {
    let answer = desk(mini).reconcile_time(range("2025-01-01", "2025-02-28")).await;
    answer.unwrap().into_inner()
}

async fn findings(mini: &Mini, state: FindingState) -> Vec<Finding> {
    let request = ListFindingsRequest {
        state: state.into(),
        ..ListFindingsRequest::default()
    };
    let mut findings = desk(mini).list_findings(request).await.unwrap().into_inner().findings;
    findings.sort_by(|a, b| a.time_entry.cmp(&b.time_entry));
    findings
}

async fn tie_out(mini: &Mini, state: ExceptionState) -> Vec<Exception> {
    let mut all = mini.exceptions().await;
    all.retain(|exception| exception.cause() == Reason::TieOutDiffers && exception.state() == state);
    all.sort_by(|a, b| a.object_id.cmp(&b.object_id));
    all
}

/// A record of time as people make it.
fn by_hand(of: &Value, day: &str, hours: &str, memo: &str) -> Value {
    json!({"employee": {"id": text(&of["employee"])}, "customer": {"id": text(&of["customer"])}, "tranDate": day, "hours": hours,
        "memo": memo})
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_is_found_owned_mended_and_resolved() {
    let mini = worked().await;
    let whole = reconcile(&mini).await;
    assert_eq!((whole.entries, whole.records, whole.agreeing, whole.findings), (3, 3, 3, 0));

    let (first, second, third) = (
        record(&mini, "TE-1").await,
        record(&mini, "TE-2").await,
        record(&mini, "TE-3").await,
    );
    mini.at.delete("timeBill", &text(&first["id"])).await;
    mini.at
        .make("timeBill", &by_hand(&second, "2025-01-07", "5:00", "TE-2"))
        .await;
    mini.at
        .patch("timeBill", &text(&third["id"]), &json!({"hours": "1:30"}))
        .await;
    mini.at
        .make("timeBill", &by_hand(&second, "2025-01-07", "0:15", "phone call"))
        .await;
    let damaged = reconcile(&mini).await;
    assert_eq!(
        (
            damaged.entries,
            damaged.records,
            damaged.agreeing,
            damaged.findings,
            damaged.mended
        ),
        (3, 4, 0, 4, 0)
    );
    // Said again, nothing is found twice.
    assert_eq!(reconcile(&mini).await.findings, 4);
    let open = findings(&mini, FindingState::Open).await;
    let said: Vec<_> = open
        .iter()
        .map(|found| (found.kind(), found.time_entry.as_str(), found.psa_minutes, found.erp_minutes))
        .collect();
    assert_eq!(
        said,
        [
            (FindingKind::MissingInErp, "TE-1", 480, 0),
            (FindingKind::DuplicateInErp, "TE-2", 300, 600),
            (FindingKind::MinutesDiffer, "TE-3", 60, 90),
            (FindingKind::UnknownInErp, "phone call", 0, 15),
        ]
    );
    let told = tie_out(&mini, ExceptionState::Open).await;
    let objects: Vec<&str> = told.iter().map(|one| one.object_id.as_str()).collect();
    assert_eq!(objects[..3], ["TE-1", "TE-2", "TE-3"]);
    assert!(objects[3].starts_with("record "), "{objects:?}");
    assert!(
        told.iter()
            .all(|one| one.owner_role() == OwnerRole::Finance && one.due_time.is_some())
    );
    assert!(told[0].engagement_id.starts_with("eng_"), "{:?}", told[0]);

    mend(&mini, [&first, &second, &third]).await;
    let mended = reconcile(&mini).await;
    assert_eq!((mended.agreeing, mended.findings, mended.mended), (3, 0, 4));
    assert_eq!(tie_out(&mini, ExceptionState::Open).await, []);
    assert_eq!(tie_out(&mini, ExceptionState::Resolved).await.len(), 4);
    assert!(
        findings(&mini, FindingState::Mended)
            .await
            .iter()
            .all(|found| found.mend_time.is_some())
    );

    // It comes back when it is damaged again.
    mini.at
        .patch("timeBill", &text(&third["id"]), &json!({"hours": "2:00"}))
        .await;
    assert_eq!(reconcile(&mini).await.findings, 1);
    assert_eq!(tie_out(&mini, ExceptionState::Open).await[0].object_id, "TE-3");
    mini.all.stop().await.unwrap();
}

/// Finance puts the books right.
async fn mend(mini: &Mini, [first, second, third]: [&Value; 3]) {
    mini.at
        .upsert(
            "timeBill",
            &text(&first["externalid"]),
            &by_hand(first, MONDAY, "8:00", "TE-1"),
        )
        .await;
    let made = mini
        .at
        .suiteql("SELECT id, externalid FROM timebill WHERE trandate = '2025-01-07' ORDER BY id")
        .await;
    for record in made.iter().filter(|row| row.get("externalid").is_none()) {
        mini.at.delete("timeBill", &text(&record["id"])).await;
    }
    assert!(made.iter().any(|row| row["id"] == second["id"]));
    mini.at
        .patch("timeBill", &text(&third["id"]), &json!({"hours": "1:00"}))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_young_is_on_its_way() {
    let mini = worked().await;
    mini.until("2025-01-10", 10).await;
    mini.work("2025-01-09", 120, "TE-4").await;
    mini.settle().await;
    let record = record(&mini, "TE-4").await;
    mini.at.delete("timeBill", &text(&record["id"])).await;
    let young = reconcile(&mini).await;
    assert_eq!((young.agreeing, young.in_flight, young.findings), (3, 1, 0));
    // The allowed lag is an hour.
    mini.until("2025-01-10", 12).await;
    let old = reconcile(&mini).await;
    assert_eq!((old.agreeing, old.in_flight, old.findings), (3, 0, 1));
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_exception_stands_for_is_no_finding() {
    let mini = worked().await;
    let fields = json!({"custom_fields": {"Role": "astronaut", "Work Type": "regular", "Write Down Minutes": 0}});
    let odd = mini.enter("2025-01-08", 60, "TE-5", &fields).await;
    mini.approve("2025-01-08", odd, "TE-5").await;
    mini.until("2025-01-09", 18).await;
    let told = reconcile(&mini).await;
    assert_eq!((told.entries, told.agreeing, told.excepted, told.findings), (4, 3, 1, 0));
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn days_that_are_no_range_are_refused() {
    let mini = Mini::start().await;
    for (from, to) in [("2025-01-02", "2025-01-01"), ("2024-01-01", "2025-12-31")] {
        let refused = desk(&mini).reconcile_time(range(from, to)).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{from} to {to}");
    }
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_month_before_is_reconciled_by_itself_and_once() {
    let mini = worked().await;
    let damaged = record(&mini, "TE-2").await;
    mini.at.delete("timeBill", &text(&damaged["id"])).await;
    mini.until("2025-02-10", 17).await;
    assert_eq!(findings(&mini, FindingState::Open).await, []);
    mini.until("2025-02-10", 19).await;
    let [found] = findings(&mini, FindingState::Open).await.try_into().unwrap();
    assert_eq!((found.kind(), found.time_entry.as_str()), (FindingKind::MissingInErp, "TE-2"));
    assert_eq!(tie_out(&mini, ExceptionState::Open).await.len(), 1);
    assert_eq!(mini.settle().await, 0);
    mini.all.stop().await.unwrap();
}
