//! Corrections of approved time: what stands in the books is taken back, what never got there is not.

use serde_json::{Value, json};
use strata_contract::strata::error::v1::Reason;
use strata_contract::strata::process::billing::v1::billing_service_client::BillingServiceClient;
use strata_contract::strata::process::billing::v1::{ListDocumentsRequest, ListProjectActualsRequest, ListUnbilledTimeRequest};
use strata_contract::strata::process::exception::v1::ExceptionState;

use crate::mini::{MONDAY, Mini, text};

/// The custom fields of an entry: who worked, and which entry it corrects.
fn fields(role: &str, supersedes: Option<u64>) -> Value {
    let mut fields = json!({"Role": role, "Work Type": "regular", "Write Down Minutes": 0});
    if let Some(entry) = supersedes {
        fields["Supersedes Entry"] = json!(entry.to_string());
    }
    json!({ "custom_fields": fields })
}

/// Hours of each posting in the books, as the ERP prints them, in the order they were made.
async fn posted(mini: &Mini) -> Vec<String> {
    let rows = mini.at.suiteql("SELECT id, hours FROM timebill ORDER BY id").await;
    let mut rows: Vec<(u64, String)> = rows
        .iter()
        .map(|row| (text(&row["id"]).parse().unwrap(), text(&row["hours"])))
        .collect();
    rows.sort();
    rows.into_iter().map(|(_, hours)| hours).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_takes_back_what_was_posted_and_posts_its_own() {
    let mini = Mini::start().await;
    mini.sell("CT-1").await;
    mini.until(MONDAY, 10).await;
    let first = mini.enter(MONDAY, 480, "TE-1", &json!({})).await;
    mini.approve(MONDAY, first, "TE-1").await;
    mini.until(MONDAY, 12).await;
    let second = mini.enter(MONDAY, 450, "TE-1b", &fields("consultant", Some(first))).await;
    mini.approve(MONDAY, second, "TE-1b").await;
    mini.until(MONDAY, 14).await;
    let mut hours = posted(&mini).await;
    hours.sort();
    assert_eq!(hours, ["-8:00", "7:30", "8:00"]);
    let mut billing = BillingServiceClient::new(mini.all.installation.process.clone());
    let actuals = billing
        .list_project_actuals(ListProjectActualsRequest::default())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(actuals.projects[0].approved_minutes, 450);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_correction_of_time_that_nobody_could_price_is_posted_alone() {
    let mini = Mini::start().await;
    mini.sell("CT-1").await;
    mini.until(MONDAY, 10).await;
    let first = mini.enter(MONDAY, 480, "TE-1", &fields("astronaut", None)).await;
    mini.approve(MONDAY, first, "TE-1").await;
    mini.until(MONDAY, 12).await;
    let open = mini.exceptions().await;
    assert_eq!(open.len(), 1, "{open:?}");
    assert_eq!((open[0].cause(), open[0].object_id.as_str()), (Reason::RateNotFound, "TE-1"));
    assert!(posted(&mini).await.is_empty());

    let second = mini.enter(MONDAY, 480, "TE-1b", &fields("consultant", Some(first))).await;
    mini.approve(MONDAY, second, "TE-1b").await;
    // The stopped version is looked at again within a day, and finds that its place is taken.
    mini.until("2025-01-07", 12).await;
    assert_eq!(posted(&mini).await, ["8:00"]);
    let mended = mini.exceptions().await;
    assert_eq!((mended.len(), mended[0].state()), (1, ExceptionState::Resolved), "{mended:?}");

    mini.until("2025-02-05", 19).await;
    let mut billing = BillingServiceClient::new(mini.all.installation.process.clone());
    let documents = billing
        .list_documents(ListDocumentsRequest::default())
        .await
        .unwrap()
        .into_inner()
        .documents;
    assert_eq!(documents.len(), 1);
    assert_eq!(documents[0].gross.as_ref().unwrap().minor_units, 128_000);
    let unbilled = billing
        .list_unbilled_time(ListUnbilledTimeRequest::default())
        .await
        .unwrap()
        .into_inner();
    assert!(unbilled.unbilled.is_empty(), "{unbilled:?}");
}
