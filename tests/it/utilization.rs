//! How much of people's time is worked for customers.

use strata_contract::strata::process::workforce::v1::workforce_report_service_client::WorkforceReportServiceClient;
use strata_contract::strata::process::workforce::v1::{ListUtilizationRequest, Utilization};
use strata_firm::data::{Employee, Employment};
use tonic::Code;

use crate::mini::{MONDAY, Mini};

/// Working days of January from the day of the move on: as many as before it.
const TEN_DAYS: i64 = 10 * 480;

async fn january(mini: &Mini, known: Option<&str>) -> Vec<Utilization> {
    let request = ListUtilizationRequest {
        from_period: "2025-01".into(),
        to_period: "2025-01".into(),
        known_date: known.map(|day| strata_contract::pb_date(day.parse().unwrap())),
        ..ListUtilizationRequest::default()
    };
    let mut desk = WorkforceReportServiceClient::new(mini.all.installation.process.clone());
    desk.list_utilization(request).await.unwrap().into_inner().utilization
}

fn numbers(row: &Utilization) -> (&str, i64, i64, i64, &str) {
    (
        &row.legal_entity_code,
        row.capacity_minutes,
        row.approved_minutes,
        row.billable_minutes,
        &row.billable_percent,
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_moves_within_a_month_works_in_both_companies() {
    let mini = Mini::start().await;
    mini.open_company().await;
    mini.sell("CT-1").await;
    mini.until(MONDAY, 10).await;
    mini.work(MONDAY, 480, "TE-1").await;
    mini.until("2025-01-20", 9).await;
    let person = Employee {
        id: "EM-1".into(),
        role: "consultant".into(),
        hired_on: MONDAY.parse().unwrap(),
        terminated_on: None,
        fte_percent: 100,
    };
    let job = Employment {
        employee_id: "EM-1".into(),
        legal_entity_id: "DE01".into(),
        effective_from: "2025-01-20".parse().unwrap(),
    };
    mini.stage.people.hr.change_job(&person, &job).await.unwrap();
    mini.until("2025-01-20", 12).await;
    mini.work("2025-01-20", 240, "TE-2").await;
    mini.until("2025-01-21", 9).await;
    let rows = january(&mini, None).await;
    let rows: Vec<_> = rows.iter().map(numbers).collect();
    assert_eq!(
        rows,
        [("DE01", TEN_DAYS, 240, 240, "5.0"), ("US01", TEN_DAYS, 480, 480, "10.0"),]
    );
    // What was approved later is not known yet.
    let before = january(&mini, Some("2025-01-19")).await;
    let before: Vec<_> = before.iter().map(numbers).collect();
    assert_eq!(
        before,
        [("DE01", TEN_DAYS, 0, 0, "0.0"), ("US01", TEN_DAYS, 480, 480, "10.0")]
    );
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn months_that_are_no_range_are_refused() {
    let mini = Mini::start().await;
    let mut desk = WorkforceReportServiceClient::new(mini.all.installation.process.clone());
    for (from, to) in [
        ("2025-02", "2025-01"),
        ("2020-01", "2025-01"),
        ("2025-00", "2025-01"),
        ("", "2025-01"),
    ] {
        let request = ListUtilizationRequest {
            from_period: from.into(),
            to_period: to.into(),
            ..ListUtilizationRequest::default()
        };
        let refused = desk.list_utilization(request).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{from} to {to}");
    }
    mini.all.stop().await.unwrap();
}
