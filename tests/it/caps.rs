//! What is billed comes near a cap, and reaches it: the engagement's story says so once, and the work is billed all the same.

use serde_json::json;
use strata_contract::strata::process::mobilisation::v1::mobilisation_service_client::MobilisationServiceClient;
use strata_contract::strata::process::mobilisation::v1::{HandOff, ListHandOffsRequest};

use crate::mini::{MONDAY, Mini, text};

/// What the story says of the cap.
async fn warnings(mini: &Mini) -> Vec<HandOff> {
    let engagement_id = mini.mobilisations().await[0].engagement_id.clone();
    let request = ListHandOffsRequest {
        engagement_id,
        page_size: 200,
        page_token: String::new(),
    };
    let mut desk = MobilisationServiceClient::new(mini.all.installation.process.clone());
    let mut story = desk.list_hand_offs(request).await.unwrap().into_inner().hand_offs;
    story.retain(|told| told.detail.contains("CAP_WARNING"));
    story
}

async fn billed(mini: &Mini) -> Vec<String> {
    let rows = mini
        .at
        .suiteql("SELECT foreigntotal FROM transaction WHERE type = 'CustInvc' ORDER BY id")
        .await;
    rows.iter().map(|row| text(&row["foreigntotal"])).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_level_of_a_cap_is_told_once_and_stops_nothing() {
    let mini = Mini::start().await;
    let deal = mini
        .deal("CT-1", &json!({"Contract_Type__c": "time_capped", "Cap_Amount__c": 1600}))
        .await;
    mini.win(&deal).await;
    mini.settle().await;
    mini.until(MONDAY, 10).await;
    mini.work(MONDAY, 480, "TE-1").await;
    mini.until("2025-02-05", 19).await;
    let [near] = warnings(&mini).await.try_into().unwrap();
    assert_eq!(near.event, "cap nearly reached");
    assert!(near.detail.contains("1280.00 of at most 1600.00 USD"), "{}", near.detail);

    mini.work("2025-02-03", 180, "TE-2").await;
    mini.until("2025-03-05", 19).await;
    let told: Vec<String> = warnings(&mini).await.into_iter().map(|told| told.event).collect();
    assert_eq!(told, ["cap nearly reached", "cap reached"]);
    assert_eq!(billed(&mini).await, ["1280.00", "320.00"]);
    assert_eq!(mini.exceptions().await, []);

    // There is no room for more, so what is worked is taken off again, and nothing is new to tell.
    mini.work("2025-03-03", 60, "TE-3").await;
    mini.until("2025-04-05", 19).await;
    assert_eq!(warnings(&mini).await.len(), 2);
    assert_eq!(billed(&mini).await, ["1280.00", "320.00", "0.00"]);
    mini.all.stop().await.unwrap();
}
