//! Documents are posted once per key, whatever happens on the way.

use serde_json::{Value, json};
use strata_contract::google::r#type::Date;
use strata_contract::strata::common::v1::write_outcome::State;
use strata_contract::strata::common::v1::{BillingTiming, Money};
use strata_contract::strata::system::erp::v1 as pb;
use strata_port::ErpSystem;

use crate::stub::{Answer, Stub, created, ok, refused};

fn usd(minor_units: i64) -> Option<Money> {
    Some(Money {
        currency_code: "USD".into(),
        minor_units,
    })
}

fn invoice() -> pb::PostDocumentRequest {
    let day = |day| {
        Some(Date {
            year: 2025,
            month: 3,
            day,
        })
    };
    pb::PostDocumentRequest {
        key: "inv_1".into(),
        document: Some(pb::Document {
            kind: pb::DocumentKind::Invoice.into(),
            customer_id: "647".into(),
            legal_entity_id: "1".into(),
            contract_number: "CT-1".into(),
            period: "2025-03".into(),
            issue_date: day(30),
            due_date: day(31),
            currency_code: "USD".into(),
            lines: vec![pb::DocumentLine {
                kind: pb::LineKind::Time.into(),
                source: "time:1".into(),
                description: "Work".into(),
                project_id: "912".into(),
                net: usd(100_000),
            }],
            tax_code_id: "9".into(),
            expected_tax: usd(12_500),
            fx_rate: "1".into(),
            timing: BillingTiming::Arrears.into(),
        }),
    }
}

fn held(subtotal: &str, customer: &str) -> Value {
    let number = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    json!({"id": "20551", "externalId": "inv_1", "tranId": "INV-US01-00001", "entity": {"id": customer}, "currency": {"refName": "USD"},
        "status": {"id": "A"}, "subtotal": number(subtotal), "taxTotal": number("125.00"), "total": number("1125.00"),
        "amountRemaining": number("1125.00"), "lastModifiedDate": "2025-03-31T17:03:09Z"})
}

async fn post(answers: Vec<Answer>) -> (Stub, strata_kernel::Result<pb::PostDocumentResponse>) {
    let stub = Stub::new(answers).await;
    let answer = stub.adapter().post_document(invoice()).await;
    (stub, answer)
}

#[tokio::test]
async fn what_is_posted_is_read_back() {
    let (stub, answer) = post(vec![created("https://h/x/invoice/20551"), ok(held("1000.00", "647"))]).await;
    let answer = answer.unwrap();
    let outcome = answer.outcome.unwrap();
    assert_eq!(outcome.state(), State::Confirmed);
    assert_eq!(
        (outcome.vendor_id.as_str(), outcome.vendor_number.as_str()),
        ("20551", "INV-US01-00001")
    );
    assert_eq!(answer.posted.unwrap().gross, usd(112_500));
    let seen = stub.seen();
    assert_eq!(seen[0].line, "POST /services/rest/record/v1/invoice");
    assert_eq!(seen[0].json()["externalId"], "inv_1");
    assert!(
        seen[1]
            .line
            .starts_with("GET /services/rest/record/v1/invoice/eid:inv_1?fields=")
    );
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_nothing_is_sent_again() {
    let (stub, answer) = post(vec![Answer::Nothing]).await;
    let answer = answer.unwrap();
    assert_eq!((answer.outcome.unwrap().state(), answer.posted), (State::Unknown, None));
    assert_eq!(stub.seen().len(), 1);
    // Posted, but the answer to the question after it is lost.
    let (_, answer) = post(vec![created("/invoice/20551"), refused(400, "INVALID_PARAMETER", "x")]).await;
    assert_eq!(answer.unwrap().outcome.unwrap().state(), State::Unknown);
}

#[tokio::test]
async fn a_key_that_is_there_is_a_repeat_when_the_totals_agree() {
    let taken = || refused(400, "USER_ERROR", "This record already exists");
    let (_, answer) = post(vec![taken(), ok(held("1000.00", "647"))]).await;
    let answer = answer.unwrap();
    assert_eq!(answer.outcome.unwrap().state(), State::Confirmed);
    assert_eq!(answer.posted.unwrap().id, "20551");
    for (subtotal, customer, state, reason) in [
        ("1000.01", "647", State::Unknown, "VENDOR_UNAVAILABLE"),
        ("1000.00", "648", State::Rejected, "VENDOR_REJECTED"),
    ] {
        let (_, answer) = post(vec![taken(), ok(held(subtotal, customer))]).await;
        let outcome = answer.unwrap().outcome.unwrap();
        assert_eq!((outcome.state(), outcome.reason.as_str()), (state, reason));
    }
}

#[tokio::test]
async fn a_refusal_keeps_its_reason() {
    let none = || refused(404, "NONEXISTENT_ID", "x");
    let closed = refused(400, "USER_ERROR", "not within an open period: Mar 2025 is closed.");
    let (_, answer) = post(vec![closed, none()]).await;
    let outcome = answer.unwrap().outcome.unwrap();
    assert_eq!((outcome.state(), outcome.reason.as_str()), (State::Rejected, "PERIOD_CLOSED"));
    let (_, answer) = post(vec![refused(400, "INVALID_CONTENT", "x"), none()]).await;
    assert_eq!(answer.unwrap().outcome.unwrap().reason, "VENDOR_REJECTED");
    let (stub, answer) = post(vec![refused(503, "", "x")]).await;
    assert_eq!(answer.unwrap_err().reason, "VENDOR_UNAVAILABLE");
    assert_eq!(stub.seen().len(), 1, "a write is sent once");
}
