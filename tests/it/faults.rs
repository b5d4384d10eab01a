//! Vendors that carry a request out and lose the answer, refuse for a while, or revoke tokens: nothing is doubled, nothing lost.

use std::collections::BTreeMap;

use strata::Vendor;
use strata_contract::strata::process::billing::v1::billing_service_client::BillingServiceClient;
use strata_contract::strata::process::billing::v1::{Document, DocumentState, GetPostingSummaryRequest, ListDocumentsRequest};
use strata_sandbox::Fault;

use crate::mini::{Mini, text};

/// Hours between two looks: whatever waits for a little while is tried again.
const HOURS: [u32; 5] = [10, 12, 14, 16, 18];

/// A day passes.
async fn pass(mini: &Mini, day: &str) {
    for hour in HOURS {
        mini.until(day, hour).await;
    }
}

/// Two days of work, an invoice for them, and its payment in two parts.
pub(crate) async fn live(mini: &Mini) {
    mini.sell("CT-1").await;
    pass(mini, "2025-01-06").await;
    pass(mini, "2025-01-07").await;
    mini.work("2025-01-06", 480, "TE-1").await;
    mini.work("2025-01-07", 60, "TE-2").await;
    pass(mini, "2025-01-08").await;
    pass(mini, "2025-02-05").await;
    pass(mini, "2025-02-06").await;
    mini.pay("PY-1", 1000).await;
    pass(mini, "2025-02-07").await;
    mini.pay("PY-2", 440).await;
    pass(mini, "2025-02-08").await;
    pass(mini, "2025-02-09").await;
}

/// What came of it: records at the vendors, and postings by kind and state.
async fn result(mini: &Mini) -> (BTreeMap<&'static str, usize>, Vec<(String, String, u64)>, Vec<Document>) {
    let mut billing = BillingServiceClient::new(mini.all.installation.process.clone());
    let summary = billing
        .get_posting_summary(GetPostingSummaryRequest {})
        .await
        .unwrap()
        .into_inner();
    let postings = summary
        .counts
        .into_iter()
        .map(|count| (count.kind, count.state, count.count))
        .collect();
    let documents = billing
        .list_documents(ListDocumentsRequest::default())
        .await
        .unwrap()
        .into_inner();
    (mini.made().await, postings, documents.documents)
}

/// 9 hours at 160 dollars, posted, invoiced, earned and paid once, everywhere.
pub(crate) async fn came_out_once(mini: &Mini) {
    let (made, postings, documents) = result(mini).await;
    println!("{made:?} {postings:?}");
    for (kind, count) in [
        ("customer", 1),
        ("salesOrder", 1),
        ("job", 1),
        ("employee", 1),
        ("timeBill", 2),
        ("invoice", 1),
        ("journalEntry", 1),
    ] {
        assert_eq!(made[kind], count, "{kind}: {made:?}");
    }
    for (kind, count) in [
        ("creditMemo", 0),
        ("workspaces", 1),
        ("stories", 1),
        ("workspace_groups", 1),
        ("workspace_resources", 1),
        ("invoices", 1),
    ] {
        assert_eq!(made[kind], count, "{kind}: {made:?}");
    }
    let sent: u64 = postings.iter().map(|(_, _, count)| count).sum();
    assert_eq!(sent, 4, "{postings:?}");
    assert!(
        postings
            .iter()
            .all(|(_, state, _)| state == "CONFIRMED" || state == "RESOLVED"),
        "{postings:?}"
    );
    let [document] = documents.as_slice() else {
        panic!("{documents:?}")
    };
    assert_eq!(document.state(), DocumentState::Paid);
    assert_eq!(document.gross.as_ref().unwrap().minor_units, 144_000);
    assert_eq!(document.open.as_ref().unwrap().minor_units, 0);
    let status = mini.at.soql("SELECT Status__c FROM Invoice_Status__c").await;
    assert_eq!(status.iter().map(|row| text(&row["Status__c"])).collect::<Vec<_>>(), ["paid"]);
    let open = mini
        .exceptions()
        .await
        .into_iter()
        .filter(|exception| exception.resolve_time.is_none())
        .count();
    assert_eq!(open, 0, "{:?}", mini.exceptions().await);
}

/// Everything that only the platform writes, by vendor. The last word of an operation is whole: `customer/` is no payment.
const WRITES: [(Vendor, &str); 14] = [
    (Vendor::Salesforce, "PATCH /services/data/v66.0/sobjects/Invoice_Status__c"),
    (Vendor::KantataOx, "POST /api/v1/workspace_groups"),
    (Vendor::KantataOx, "POST /api/v1/workspaces"),
    (Vendor::KantataOx, "POST /api/v1/stories"),
    (Vendor::KantataOx, "POST /api/v1/workspace_resources"),
    (Vendor::KantataOx, "POST /api/v1/rate_cards"),
    (Vendor::KantataOx, "POST /api/v1/invoices"),
    (Vendor::KantataOx, "PUT /api/v1/invoices"),
    (Vendor::NetSuite, "PUT /services/rest/record/v1/customer/"),
    (Vendor::NetSuite, "PUT /services/rest/record/v1/salesOrder/"),
    (Vendor::NetSuite, "PUT /services/rest/record/v1/job/"),
    (Vendor::NetSuite, "POST /services/rest/record/v1/timeBill"),
    (Vendor::NetSuite, "POST /services/rest/record/v1/invoice"),
    (Vendor::NetSuite, "PUT /services/rest/record/v1/journalEntry/"),
];

/// Lives with a fault on the first writes of every kind, and counts what never struck.
async fn live_with(fault: Fault, times: u32) {
    let mini = Mini::start().await;
    for (vendor, operation) in WRITES {
        mini.arm(vendor, operation, fault, times);
    }
    live(&mini).await;
    came_out_once(&mini).await;
    let left = WRITES
        .iter()
        .filter(|(vendor, operation)| mini.all.faults[vendor].next(operation, "").is_some());
    assert_eq!(
        left.collect::<Vec<_>>(),
        Vec::<&(Vendor, &str)>::new(),
        "not sent {times} times"
    );
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_lost_once() {
    live_with(Fault::LoseAnswer, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn vendors_are_down_for_a_while() {
    live_with(Fault::Refuse(503), 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_revoked_in_the_middle_of_it() {
    live_with(Fault::ExpireTokens, 1).await;
}

/// The run that the others are measured by.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_wrong() {
    let mini = Mini::start().await;
    live(&mini).await;
    came_out_once(&mini).await;
    mini.all.stop().await.unwrap();
}
