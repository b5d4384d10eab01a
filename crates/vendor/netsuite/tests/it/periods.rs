//! Accounting periods of subsidiaries, and time that is posted in another than its own.

use serde_json::json;
use strata_contract::google::r#type::Date;
use strata_contract::strata::system::erp::v1 as pb;
use strata_contract::strata::system::erp::v1::PeriodState;
use strata_port::ErpSystem;

use crate::stub::{Stub, rows};

fn day(month: i32, day: i32) -> Option<Date> {
    Some(Date { year: 2025, month, day })
}

#[tokio::test]
async fn a_period_is_said_for_each_subsidiary() {
    let march = json!({"id": "7", "periodname": "Mar 2025", "startdate": "2025-03-01", "enddate": "2025-03-31", "closed": "F"});
    let quarter = json!({"id": "8", "periodname": "Q1", "startdate": "2025-01-01", "enddate": "2025-03-31", "isquarter": "T"});
    let broken = json!({"id": "9", "periodname": "Apr 2025", "startdate": "2025-04-01", "closed": "F"});
    let lock = json!({"id": "1", "period": "7", "subsidiary": "2", "complete": "T"});
    let stub = Stub::new(vec![rows(json!([quarter, march, broken])), rows(json!([lock]))]).await;
    let request = pb::ListAccountingPeriodsRequest {
        legal_entity_ids: vec!["1".into(), "2".into()],
        from_date: day(3, 5),
    };
    let answer = stub.adapter().list_accounting_periods(request).await.unwrap();
    let seen: Vec<_> = answer
        .accounting_periods
        .iter()
        .map(|period| (period.legal_entity_id.as_str(), period.name.as_str(), period.state()))
        .collect();
    assert_eq!(
        seen,
        [
            ("1", "Mar 2025", PeriodState::Open),
            ("2", "Mar 2025", PeriodState::SoftClosed)
        ]
    );
    let march = &answer.accounting_periods[0];
    assert_eq!((march.first_date, march.last_date), (day(3, 1), day(3, 31)));
    assert_eq!(
        (answer.malformed[0].vendor_id.as_str(), answer.malformed[0].field.as_str()),
        ("9", "enddate")
    );
    let seen = stub.seen();
    assert!(seen[0].sql().contains("WHERE enddate >= TO_DATE('2025-03-05', 'YYYY-MM-DD')"));
    assert!(
        seen[1]
            .sql()
            .contains("itemtype = 'PCP_LOCKALL' AND subsidiary IN ('1', '2')")
    );
}

#[tokio::test]
async fn time_is_listed_by_its_work_date_wherever_it_is_posted() {
    let row = |id: &str, posted: &str, worked: &str| json!({"id": id, "employee": "4", "customer": "12", "trandate": posted, "hours": "1:00", "custcol_work_date": worked});
    let posted = json!([
        row("3", "2025-03-03", ""),
        row("5", "2025-03-01", "2025-02-20"),
        row("8", "2025-03-09", "")
    ]);
    let worked = json!([row("4", "2025-04-01", "2025-03-04"), row("9", "2025-04-01", "2025-03-05")]);
    let stub = Stub::new(vec![rows(posted), rows(worked)]).await;
    let request = pb::ListTimePostingsRequest {
        from_date: day(3, 1),
        to_date: day(3, 31),
        after_id: "2".into(),
        page_size: 3,
    };
    let page = stub.adapter().list_time_postings(request).await.unwrap();
    // Record 5 is February's; 8 and 9 come with the next page.
    let seen: Vec<_> = page
        .time_postings
        .iter()
        .map(|row| (row.id.as_str(), row.work_date))
        .collect();
    assert_eq!(seen, [("3", day(3, 3)), ("4", day(3, 4))]);
    assert_eq!(page.next_after_id, "5");
    let queries: Vec<_> = stub.seen().iter().map(|request| request.sql()).collect();
    assert!(
        queries[0].contains("WHERE trandate >=") && queries[1].contains("WHERE custcol_work_date >="),
        "{queries:?}"
    );
}
