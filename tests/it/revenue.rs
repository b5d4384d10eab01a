//! Revenue: earned once per month and posted once, never changed, and said before it is posted.

use serde_json::{Value, json};
use strata::Vendor;
use strata_contract::google::r#type::Date;
use strata_contract::strata::common::v1::Money;
use strata_contract::strata::error::v1::Reason;
use strata_contract::strata::process::exception::v1::exception_service_client::ExceptionServiceClient;
use strata_contract::strata::process::exception::v1::{Exception, ExceptionState, OwnerRole, RetryExceptionRequest};
use strata_contract::strata::process::revenue::v1::revenue_service_client::RevenueServiceClient;
use strata_contract::strata::process::revenue::v1::{
    ContractPosition, GetContractPositionRequest, ListContractPositionsRequest, ListRevenueRequest, PreviewRevenueRequest,
    RevenueEvent, RevenueKind, RevenueMeasure, RevenuePreview, RevenueState,
};
use strata_contract::{Transport, pb_date};
use strata_sandbox::Fault;
use tonic::Code;

use crate::mini::{MONDAY, Mini, text};

fn desk(mini: &Mini) -> RevenueServiceClient<Transport> {
    RevenueServiceClient::new(mini.all.installation.process.clone())
}

fn minor(amount: Option<&Money>) -> i64 {
    amount.unwrap().minor_units
}

/// Revenue from work and fees.
async fn revenue(mini: &Mini) -> Vec<RevenueEvent> {
    let answer = desk(mini).list_revenue(ListRevenueRequest::default()).await.unwrap();
    let events = answer.into_inner().events;
    events
        .into_iter()
        .filter(|event| event.kind() == RevenueKind::Revenue)
        .collect()
}

/// Period, amount and state of each month.
async fn months(mini: &Mini) -> Vec<(String, i64, RevenueState)> {
    let events = revenue(mini).await;
    events
        .iter()
        .map(|event| (event.period.clone(), minor(event.amount.as_ref()), event.state()))
        .collect()
}

async fn position(mini: &Mini, period: &str) -> ContractPosition {
    let request = GetContractPositionRequest {
        contract_number: "CT-1".into(),
        period: period.into(),
    };
    let answer = desk(mini).get_contract_position(request).await.unwrap();
    answer.into_inner().position.unwrap()
}

async fn preview(mini: &Mini, period: &str, known: &str) -> RevenuePreview {
    let known: strata_kernel::Date = known.parse().unwrap();
    let request = PreviewRevenueRequest {
        contract_number: "CT-1".into(),
        period: period.into(),
        known_date: Some(pb_date(known)),
    };
    let answer = desk(mini).preview_revenue(request).await.unwrap();
    answer.into_inner().parts.remove(0)
}

/// Heads of the journals in the books.
async fn journals(mini: &Mini) -> Vec<Value> {
    let query = "SELECT id, externalid, trandate, custbody_period FROM transaction WHERE type = 'Journal' ORDER BY id";
    mini.at.suiteql(query).await
}

/// The month of a day is closed in the books, or opened again.
async fn close(mini: &Mini, period: &str, closed: bool) {
    mini.at.upsert("accountingPeriod", period, &json!({"closed": closed})).await;
}

async fn exceptions_of(mini: &Mini, cause: Reason) -> Vec<Exception> {
    let all = mini.exceptions().await;
    all.into_iter().filter(|exception| exception.cause() == cause).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_is_earned_once_and_what_comes_late_is_of_the_next() {
    let mini = Mini::start().await;
    mini.sell("CT-1").await;
    mini.until(MONDAY, 10).await;
    mini.work(MONDAY, 480, "TE-1").await;
    mini.until("2025-02-07", 12).await;
    let before = preview(&mini, "2025-01", "2025-02-08").await;
    assert_eq!(
        (minor(before.amount.as_ref()), before.measure()),
        (128_000, RevenueMeasure::TimeAndMaterial)
    );
    assert!(before.basis.contains("1 approved entries of 1280.00 USD"), "{}", before.basis);
    assert!(revenue(&mini).await.is_empty(), "a preview stores nothing");

    mini.until("2025-02-08", 19).await;
    let [event] = revenue(&mini).await.try_into().unwrap();
    assert_eq!(
        (
            minor(event.cumulative_before.as_ref()),
            minor(event.cumulative.as_ref()),
            minor(event.amount.as_ref())
        ),
        (0, 128_000, 128_000)
    );
    assert_eq!(
        (event.state(), event.journal_key.as_str()),
        (RevenueState::Posted, "rev:CT-1:2025-01")
    );
    assert_eq!(
        (event.basis.as_str(), event.known_date),
        (
            before.basis.as_str(),
            Some(Date {
                year: 2025,
                month: 2,
                day: 8
            })
        )
    );
    let [journal] = journals(&mini).await.try_into().unwrap();
    assert_eq!(
        [&journal["externalid"], &journal["trandate"], &journal["custbody_period"]],
        [&json!("rev:CT-1:2025-01"), &json!("2025-01-31"), &json!("2025-01")]
    );
    assert_eq!(text(&journal["id"]), event.erp_id);

    // Billed in February: at the end of January all of it was unbilled.
    let held = position(&mini, "2025-01").await;
    assert_eq!(
        (
            minor(held.cumulative_billed.as_ref()),
            minor(held.unbilled_receivable.as_ref())
        ),
        (0, 128_000)
    );

    // January is closed in the books; its late hour is February's.
    close(&mini, "2025-01", true).await;
    mini.until("2025-02-10", 9).await;
    mini.work("2025-01-07", 60, "TE-2").await;
    mini.until("2025-03-08", 19).await;
    let posted = |period: &str, amount| (period.to_owned(), amount, RevenueState::Posted);
    assert_eq!(months(&mini).await, [posted("2025-01", 128_000), posted("2025-02", 16_000)]);
    let held = position(&mini, "2025-02").await;
    assert_eq!(
        (
            minor(held.cumulative_revenue.as_ref()),
            minor(held.cumulative_billed.as_ref())
        ),
        (144_000, 128_000)
    );
    assert_eq!(
        (
            minor(held.unbilled_receivable.as_ref()),
            minor(held.contract_liability.as_ref())
        ),
        (16_000, 0)
    );
    // January as it was known at its close, and as it is known now.
    assert_eq!(
        minor(preview(&mini, "2025-01", "2025-02-08").await.cumulative.as_ref()),
        128_000
    );
    assert_eq!(
        minor(preview(&mini, "2025-01", "2025-03-08").await.cumulative.as_ref()),
        144_000
    );

    for _ in 0..3 {
        assert_eq!(mini.settle().await, 0);
    }
    assert_eq!(journals(&mini).await.len(), 2);
    let pages = ListContractPositionsRequest {
        period: "2025-02".into(),
        ..Default::default()
    };
    let listed = desk(&mini).list_contract_positions(pages).await.unwrap().into_inner();
    assert_eq!(
        (listed.positions.as_slice(), listed.next_page_token.as_str()),
        ([held].as_slice(), "")
    );
    let open = GetContractPositionRequest {
        contract_number: "CT-1".into(),
        period: "2025-03".into(),
    };
    let open = desk(&mini).get_contract_position(open).await.unwrap_err();
    assert_eq!(open.code(), Code::NotFound, "March is not closed: {open:?}");
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn months_that_nobody_closed_are_closed_one_by_one() {
    let mini = Mini::start().await;
    mini.sell("CT-1").await;
    mini.until(MONDAY, 10).await;
    mini.work(MONDAY, 480, "TE-1").await;
    mini.work("2025-02-03", 60, "TE-2").await;
    // The platform sleeps over two closing days. Both months are closed as they were known on their days.
    mini.until("2025-03-20", 12).await;
    let posted = |period: &str, amount| (period.to_owned(), amount, RevenueState::Posted);
    assert_eq!(months(&mini).await, [posted("2025-01", 128_000), posted("2025-02", 16_000)]);
    assert_eq!(journals(&mini).await.len(), 2);
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_posts_no_second_journal() {
    let mini = Mini::start().await;
    mini.sell("CT-1").await;
    mini.until(MONDAY, 10).await;
    mini.work(MONDAY, 480, "TE-1").await;
    mini.until("2025-02-08", 17).await;
    mini.arm(
        Vendor::NetSuite,
        "PUT /services/rest/record/v1/journalEntry/",
        Fault::LoseAnswer,
        1,
    );
    mini.until("2025-02-08", 19).await;
    assert_eq!(
        months(&mini).await,
        [("2025-01".to_owned(), 128_000, RevenueState::Recognised)]
    );
    assert_eq!(
        journals(&mini).await.len(),
        1,
        "it is in the books, and the platform does not know"
    );
    mini.until("2025-02-08", 20).await;
    assert_eq!(months(&mini).await, [("2025-01".to_owned(), 128_000, RevenueState::Posted)]);
    assert_eq!(journals(&mini).await.len(), 1);
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_that_was_closed_too_early_is_for_finance() {
    let mini = Mini::start().await;
    mini.sell("CT-1").await;
    mini.until(MONDAY, 10).await;
    mini.work(MONDAY, 480, "TE-1").await;
    mini.until("2025-02-08", 17).await;
    close(&mini, "2025-01", true).await;
    mini.until("2025-02-08", 19).await;
    let [stopped] = exceptions_of(&mini, Reason::PeriodClosed).await.try_into().unwrap();
    assert_eq!(
        (stopped.owner_role(), stopped.object_id.as_str()),
        (OwnerRole::Finance, "rev:CT-1:2025-01")
    );
    assert!(journals(&mini).await.is_empty());

    close(&mini, "2025-01", false).await;
    let mut exceptions = ExceptionServiceClient::new(mini.all.installation.process.clone());
    let retry = RetryExceptionRequest {
        exception_id: stopped.id.clone(),
        request_id: "again".into(),
        ..RetryExceptionRequest::default()
    };
    exceptions.retry_exception(retry).await.unwrap();
    mini.settle().await;
    assert_eq!(months(&mini).await, [("2025-01".to_owned(), 128_000, RevenueState::Posted)]);
    let [mended] = exceptions_of(&mini, Reason::PeriodClosed).await.try_into().unwrap();
    assert_eq!(mended.state(), ExceptionState::Resolved);
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_of_a_fixed_fee_need_an_estimate() {
    let mini = Mini::start().await;
    let terms = json!({"Contract_Type__c": "fixed_fee", "Revenue_Method__c": "hours_input", "Contract_Value__c": 16000});
    let deal = mini.deal("CT-1", &terms).await;
    mini.win(&deal).await;
    mini.settle().await;
    mini.until(MONDAY, 10).await;
    mini.work(MONDAY, 600, "TE-1").await;
    mini.until("2025-02-08", 19).await;
    assert_eq!(months(&mini).await, [("2025-01".to_owned(), 0, RevenueState::Nothing)]);
    assert_eq!(revenue(&mini).await[0].warning(), Reason::EacMissing);
    let [missing] = exceptions_of(&mini, Reason::EacMissing).await.try_into().unwrap();
    assert_eq!(
        (missing.owner_role(), missing.object_id.as_str(), missing.state()),
        (OwnerRole::Pmo, "CT-1", ExceptionState::Open)
    );

    estimate(&mini, 2400, "2025-02-20").await;
    mini.until("2025-03-08", 19).await;
    assert_eq!(months(&mini).await[1], ("2025-02".to_owned(), 400_000, RevenueState::Posted));
    let [mended] = exceptions_of(&mini, Reason::EacMissing).await.try_into().unwrap();
    assert_eq!(mended.state(), ExceptionState::Resolved);
    mini.all.stop().await.unwrap();
}

/// The PMO estimates the work of the only project in all.
async fn estimate(mini: &Mini, minutes: u32, on: &str) {
    let id = text(&mini.at.list("workspaces", &[]).await[0]["id"]);
    let fields = json!({"EAC Minutes": minutes, "EAC Recorded On": on});
    mini.at
        .put(&format!("workspaces/{id}"), &json!({"workspace": {"custom_fields": fields}}))
        .await;
}
