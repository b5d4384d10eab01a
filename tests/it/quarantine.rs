//! A vendor's record that does not fit is set apart and named; everything beside it goes through.

use serde_json::json;
use strata_contract::strata::error::v1::Reason;
use strata_contract::strata::process::exception::v1::{ExceptionState, OwnerRole};

use crate::mini::{MONDAY, Mini};

/// More minutes than a day has.
const ABSURD: &str = "5000";

#[tokio::test(flavor = "multi_thread")]
async fn time_that_does_not_fit_is_quarantined_until_it_is_mended() {
    let mini = Mini::start().await;
    mini.sell("CT-1").await;
    let custom =
        |minutes: &str| json!({"custom_fields": {"Role": "consultant", "Work Type": "regular", "Write Down Minutes": minutes}});
    let odd = mini.enter(MONDAY, 60, "TE-ODD", &custom(ABSURD)).await;
    mini.work(MONDAY, 120, "TE-FINE").await;
    mini.settle().await;

    let exceptions = mini.exceptions().await;
    let [exception] = exceptions.as_slice() else {
        panic!("{exceptions:?}")
    };
    assert_eq!(exception.cause(), Reason::VendorRecordMalformed);
    assert_eq!(
        (exception.object_kind.as_str(), exception.object_id.as_str()),
        ("time_entry", odd.to_string().as_str())
    );
    assert_eq!(
        (exception.owner_role(), exception.state()),
        (OwnerRole::Integration, ExceptionState::Open)
    );
    assert_eq!(exception.field, "Write Down Minutes");
    assert_eq!(mini.made().await["timeBill"], 1, "the entry beside it is posted");

    mini.until(MONDAY, 10).await;
    mini.at
        .put(&format!("time_entries/{odd}"), &json!({"time_entry": custom("0")}))
        .await;
    mini.settle().await;
    let exceptions = mini.exceptions().await;
    assert!(
        exceptions
            .iter()
            .all(|exception| exception.state() == ExceptionState::Resolved),
        "{exceptions:?}"
    );
    assert_eq!(mini.made().await["timeBill"], 1, "it is not approved yet");
    mini.approve(MONDAY, odd, "TE-ODD").await;
    mini.settle().await;
    assert_eq!(mini.made().await["timeBill"], 2);
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_that_does_not_fit_holds_up_no_sale() {
    let mini = Mini::start().await;
    let line = json!({"Name": "RL-ODD", "Line_Code__c": "RL-ODD", "Level__c": "standard", "Level_Key__c": "US01",
        "Role__c": "partner", "CurrencyIsoCode": "USD", "Hourly_Rate__c": null, "Effective_From__c": "2024-01-01"});
    mini.at.create("Rate_Line__c", &line).await;
    mini.sell("CT-1").await;
    let exceptions = mini.exceptions().await;
    let [exception] = exceptions.as_slice() else {
        panic!("{exceptions:?}")
    };
    assert_eq!(exception.cause(), Reason::VendorRecordMalformed);
    assert_eq!(
        (exception.object_kind.as_str(), exception.field.as_str()),
        ("rate_line", "Hourly_Rate__c")
    );
    let made = mini.made().await;
    assert_eq!((made["job"], made["workspaces"]), (1, 1), "{made:?}");
    mini.all.stop().await.unwrap();
}
