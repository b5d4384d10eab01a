//! What customers owe.

use strata_contract::pb_date;
use strata_contract::strata::process::billing::v1::billing_service_client::BillingServiceClient;
use strata_contract::strata::process::billing::v1::{ListReceivablesRequest, Receivable};
use tonic::Code;

use crate::mini::{MONDAY, Mini};

async fn owed(mini: &Mini) -> Vec<Receivable> {
    let mut desk = BillingServiceClient::new(mini.all.installation.process.clone());
    let answer = desk.list_receivables(ListReceivablesRequest::default()).await;
    answer.unwrap().into_inner().receivables
}

/// Customer, open and overdue in minor units.
fn numbers(row: &Receivable) -> (&str, i64, i64) {
    let minor = |amount: &Option<strata_contract::strata::common::v1::Money>| amount.as_ref().unwrap().minor_units;
    (&row.customer_name, minor(&row.open), minor(&row.overdue))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_is_owed_until_it_is_paid_and_overdue_after_its_day() {
    let mini = Mini::start().await;
    mini.sell("CT-1").await;
    mini.until(MONDAY, 10).await;
    mini.work(MONDAY, 480, "TE-1").await;
    mini.until("2025-02-05", 17).await;
    assert_eq!(owed(&mini).await, []);
    mini.until("2025-02-05", 20).await;
    assert_eq!(
        owed(&mini).await.iter().map(numbers).collect::<Vec<_>>(),
        [("Northwind", 128_000, 0)]
    );
    mini.pay("PY-1", 1000).await;
    // Due 30 days after its issue, on the 7th of March: not overdue on that day.
    mini.until("2025-03-07", 9).await;
    assert_eq!(
        owed(&mini).await.iter().map(numbers).collect::<Vec<_>>(),
        [("Northwind", 28_000, 0)]
    );
    mini.until("2025-03-08", 9).await;
    assert_eq!(
        owed(&mini).await.iter().map(numbers).collect::<Vec<_>>(),
        [("Northwind", 28_000, 28_000)]
    );
    mini.pay("PY-2", 280).await;
    mini.until("2025-03-09", 9).await;
    assert_eq!(owed(&mini).await, []);
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn another_day_than_today_is_refused() {
    let mini = Mini::start().await;
    let mut desk = BillingServiceClient::new(mini.all.installation.process.clone());
    for day in ["2025-01-05", "2025-01-07"] {
        let request = ListReceivablesRequest {
            as_of_date: Some(pb_date(day.parse().unwrap())),
        };
        let refused = desk.list_receivables(request).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument);
        assert!(refused.message().contains("today"), "{refused}");
    }
    mini.all.stop().await.unwrap();
}
