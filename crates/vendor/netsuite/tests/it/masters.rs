//! Upserts by our key.

use serde_json::json;
use strata_contract::strata::common::v1::write_outcome::State;
use strata_contract::strata::system::erp::v1 as pb;
use strata_port::ErpSystem;

use crate::stub::{Answer, Stub, created, ok, refused, rows};

fn customer() -> pb::PutCustomerRequest {
    pb::PutCustomerRequest {
        key: "cus/1".into(),
        name: "Northwind".into(),
        legal_entity_id: "1".into(),
        currency_code: "USD".into(),
        country_code: "US".into(),
        payment_terms_days: 30,
    }
}

async fn put(stub: &Stub) -> strata_kernel::Result<strata_contract::strata::common::v1::WriteOutcome> {
    stub.adapter()
        .put_customer(customer())
        .await
        .map(|answer| answer.outcome.unwrap())
}

#[tokio::test]
async fn a_customer_is_put_under_our_key() {
    let stub = Stub::new(vec![created("https://h/services/rest/record/v1/customer/647")]).await;
    let outcome = put(&stub).await.unwrap();
    assert_eq!((outcome.state(), outcome.vendor_id.as_str()), (State::Confirmed, "647"));
    let seen = &stub.seen()[0];
    assert_eq!(seen.line, "PUT /services/rest/record/v1/customer/eid:cus%2F1");
    assert_eq!(seen.header("x-netsuite-propertynamevalidation"), "Error");
    assert_eq!(
        seen.json(),
        json!({"companyName": "Northwind", "subsidiary": {"id": "1"}, "currency": {"refName": "USD"},
            "custentity_country": "US", "custentity_terms_days": 30})
    );
}

#[tokio::test]
async fn an_answer_without_an_address_is_looked_up() {
    let stub = Stub::new(vec![
        Answer::With(204, None, json!(null)),
        rows(json!([{"id": "647", "externalid": "cus/1"}])),
    ])
    .await;
    assert_eq!(put(&stub).await.unwrap().vendor_id, "647");
    assert!(stub.seen()[1].sql().contains("externalid IN ('cus/1')"));
}

#[tokio::test]
async fn how_a_put_can_end() {
    let lost = put(&Stub::new(vec![Answer::Nothing]).await).await.unwrap();
    assert_eq!((lost.state(), lost.reason.as_str()), (State::Unknown, "VENDOR_UNAVAILABLE"));
    let broken = put(&Stub::new(vec![refused(500, "UNEXPECTED_ERROR", "x")]).await)
        .await
        .unwrap();
    assert_eq!(broken.state(), State::Unknown);
    // A page for signing in, and a way to one.
    for page in [ok(json!("<html>")), Answer::With(302, Some("https://h/login"), json!(null))] {
        let page = put(&Stub::new(vec![page]).await).await.unwrap();
        assert_eq!(page.state(), State::Unknown);
    }
    let bad = put(&Stub::new(vec![refused(400, "INVALID_CONTENT", "x")]).await)
        .await
        .unwrap();
    assert_eq!((bad.state(), bad.reason.as_str()), (State::Rejected, "VENDOR_REJECTED"));
    let denied = put(&Stub::new(vec![refused(403, "INSUFFICIENT_PERMISSION", "x")]).await)
        .await
        .unwrap_err();
    assert_eq!(denied.reason, "VENDOR_UNAUTHENTICATED");
}

#[tokio::test]
async fn a_vendor_that_is_not_there_is_an_error_not_an_unknown() {
    let stub = Stub::new(Vec::new()).await;
    let mut nowhere = stub.clone();
    // Nothing listens on the discard port.
    nowhere.base = "http://127.0.0.1:9".into();
    let error = put(&nowhere).await.unwrap_err();
    assert_eq!(error.reason, "VENDOR_UNAVAILABLE");
}
